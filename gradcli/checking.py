"""``gradcli check``: answers in, verdicts out. The options are those of `cli`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gradcli import output
from gradcli.errors import GradError
from gradcli.limits import Limits
from gradcli.operands import Task
from gradcli.operands.answers import read_answers
from gradcli.wording import said

if TYPE_CHECKING:
    from gradcli.judge.check import Rules

REVEAL = ("verdict", "where", "hint", "all")


def check(
    words: list[str],
    *,
    answer: list[str] | None = None,
    rtol: str = "",
    digits: int = 3,
    kink: str = "any",
    domain: str = "note",
    rounded: int | None = None,
    reveal: str = "all",
    json: bool = False,
    plain: bool = False,
    color: str = "auto",
    limit: list[str] | None = None,
    latex: bool = False,
    at: str = "",
    question: str = "",
    lang: str = "",
) -> int:
    """Read the operands, judge every answer, print the verdicts, and return the exit code.

    Raises:
        GradError: for what is wrong with the question or the options; an answer that cannot be read is a verdict.

    """
    from gradcli.judge.check import judge
    from gradcli.judge.truth import Truth
    from gradcli.judge.verdict import EXIT, Verdict, overall

    rules = rules_of(rtol, digits, kink, domain, rounded, reveal)
    if json and plain:
        raise GradError("bad-usage", said("--json and --plain exclude each other"))
    language = output.spoken("--lang", lang)
    limits = Limits.asked(limit or [])
    if "-" in words:
        output.announce_reading(language)
    found = read_answers(words, answer or [], limits, latex, at)
    tasks = [task for task in found if task.question == question or not question]
    if not tasks:
        raise GradError("unknown-name", said("--question {0}: there is no such question", question))
    tasks = [task for task in tasks if task.answers]
    if not tasks:
        raise GradError("bad-usage", said("there is no answer to check here"))
    judged: list[tuple[Task, Verdict]] = []
    truths = [Truth(task.program, task.bindings, limits) for task in tasks]
    for task, truth in zip(tasks, truths):
        others = [other for one, other in zip(tasks, truths) if one.program is task.program and other is not truth]
        for given in task.answers:
            judged.append((task, judge(truth, given.target, given.source, given.start, given.end, rules, limits, latex, others)))
    verdict = overall(verdict for _, verdict in judged)
    if json:
        from gradcli.render.verdicts import document

        output.write(document(judged, verdict, reveal))
    elif plain:
        from gradcli.render.verdicts import lines

        output.write(lines(judged, reveal))
    else:
        from gradcli.render.forms import Look
        from gradcli.render.verdict_table import render

        look = Look(words=language, width=output.width(), color=output.wants_color(color))
        output.show(lambda look: render(judged, verdict, reveal, look), look)
    return EXIT[verdict]


def rules_of(rtol: str, digits: int, kink: str, domain: str, rounded: int | None, reveal: str) -> Rules:
    """Return the rules that options ask for.

    Raises:
        GradError: for an option that has no such value.

    """
    from gradcli.judge.check import ANY, NOTE, STRICT, Rules
    from gradcli.judge.numbers import Tolerance

    for option, value, allowed in (("--kink", kink, (ANY, STRICT)), ("--domain", domain, (NOTE, STRICT)), ("--reveal", reveal, REVEAL)):
        if value not in allowed:
            raise GradError("bad-usage", said("{0} {1}: there are {2}", option, value, ", ".join(allowed)))
    return Rules(Tolerance(digits, _ratio(rtol)), kink, domain, rounded)


def _ratio(text: str) -> Any:
    """Return a tolerance as an exact rational; nothing for none."""
    from gradcli.arithmetic.certain import from_decimal

    if not text:
        return None
    found = re.fullmatch(r"(\d*)\.?(\d*)(?:[eE]([-+]?\d{1,3}))?", text, re.ASCII)
    if not found or not (found[1] or found[2]):
        raise GradError("bad-usage", said("--rtol {0}: a relative tolerance is a number such as 1e-6", text))
    digits, exponent = int(found[1] + found[2]), int(found[3] or 0) - len(found[2])
    ratio = from_decimal(digits, exponent)
    if not 0 <= ratio < 1:
        raise GradError("bad-usage", said("--rtol {0}: a relative tolerance lies between 0 and 1", text))
    return ratio
