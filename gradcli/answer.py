"""One answer: operands in, text out, in the format asked for. The options are those of `cli`."""

from __future__ import annotations

import sys

from gradcli import output
from gradcli.errors import GradError, Source, safe
from gradcli.limits import Limits
from gradcli.notation.text import NOTATIONS
from gradcli.operands import read_operands, read_value
from gradcli.render.forms import EACH, ONE, Form, Look, Part, ending, form, form_of
from gradcli.report import MODES
from gradcli.solve import CONVENTION_NAMES, OURS, Question, solve
from gradcli.wording import said


def answer(
    words: list[str],
    *,
    wrt: str = "",
    seed: str = "",
    gates: str = "folded",
    hessian: bool = False,
    order: int = 1,
    json: bool = False,
    plain: bool = False,
    csv: bool = False,
    quiet: bool = False,
    digits: int = 6,
    full: bool = False,
    color: str = "auto",
    limit: list[str] | None = None,
    strict: bool = False,
    latex: bool = False,
    notation: str = "unicode",
    at: str = "",
    question: str = "",
    certify: bool = False,
    precision: int = 0,
    verify: bool = False,
    convention: str = OURS,
    to: str = "",
    format: str = "",
    graph: bool = False,
    fragment: bool = False,
    lang: str = "",
) -> int:
    """Read the operands, solve, print in the format asked for, and return the exit code.

    Raises:
        GradError: for whatever is wrong with the words, and for a point with no answer.

    """
    chosen = _form({"json": json, "plain": plain, "csv": csv, "quiet": quiet, "graph": graph}, format, to)
    if chosen.name == "csv" and (hessian or order > 1):
        raise GradError("bad-usage", said("--csv holds the steps alone: take --json for higher derivatives"))
    if fragment and chosen.name != "tex":
        raise GradError("bad-usage", said("--fragment is a piece of LaTeX: it goes with -o FILE.tex or --format tex"))
    for option, value, allowed in (
        ("--gates", gates, MODES),
        ("--color", color, ("auto", "always", "never")),
        ("--notation", notation, NOTATIONS),
        ("--convention", convention, CONVENTION_NAMES),
    ):
        if value not in allowed:
            raise GradError("bad-usage", said("{0} {1}: there are {2}", option, value, ", ".join(allowed)))
    language, limits = output.spoken("--lang", lang), Limits.asked(limit or [])
    if "-" in words:
        output.announce_reading(language)
    found = read_operands(words, limits, latex, at)
    tasks = [task for task in found if task.question == question or not question]
    if not tasks:
        known = ", ".join(dict.fromkeys(task.question for task in found if task.question))
        raise GradError("unknown-name", said("--question {0}: there is no such question", question),
                        hint=said("there are {0}", known) if known else "")  # fmt: skip
    several = len(tasks) > 1
    if several and chosen.holds == ONE:
        raise GradError("bad-usage", said("{0} holds one question at one point", chosen.name), hint=said("choose it with --question"))
    names = [name.strip() for name in wrt.split(",")] if wrt else None
    upstream = read_value(Source(seed, "--seed"), 0, limits) if seed else None
    look = Look(
        None if full else digits, language, width=None if to else output.width(),
        color=not to and chosen.terminal and output.wants_color(color), fragment=fragment,
    )  # fmt: skip
    code, parts, written = 0, list[Part](), list[str | bytes]()
    for task in tasks:
        asked = Question(
            task.bindings, wrt=names, seed=upstream,
            gates=gates, hessian=hessian, order=order, limits=limits, strict=strict, notation=notation,
            digits=digits if chosen.people and not full else None, precision=precision or (20 if certify else None), verify=verify,
            convention=convention,
        )  # fmt: skip
        report = solve(task.program, asked)
        differs = any(second.agrees is False for found in report.opinions.values() for second in found)
        code = max(code, 3 if report.undefined or differs else 0)
        parts.append(Part(report, task.question, task.points, task.where) if several else Part(report))
        if chosen.holds == EACH:
            _write([parts.pop()], chosen, look, to, written)
        if not chosen.notes and sys.stderr is not None:
            for note in report.notes:
                print(f"{look.words('note')}: {safe(look.words.told(note))}", file=sys.stderr)
    if parts:
        _write(parts, chosen, look, to, written)
    if written:
        output.save(to, written)
    return code


def _form(flags: dict[str, bool], format: str, to: str) -> Form:
    """Return the format asked for: by a flag, by --format, or by the ending of the file; tables else."""
    wanted = {f"--{name}": name for name, given in flags.items() if given} | ({f"--format {format}": format} if format else {})
    if flags["graph"] and flags["plain"]:
        del wanted["--graph"], wanted["--plain"]
        wanted = {"--graph --plain": "narrated", **wanted}
    if len(wanted) > 1:
        raise GradError("bad-usage", said("{0} and {1} exclude each other", *list(wanted)[:2]))
    file = to if to != "-" else ""
    if not wanted:
        return form_of(file) if file else form("table")
    [(option, name)] = wanted.items()
    chosen, meant = form(name), ending(file)
    if meant not in (None, chosen, form("table")):  # .txt holds any text
        raise GradError("bad-usage", said("{0} and -o {1} name two formats", option, to), hint=said("leave one of them out"))
    return chosen


def _write(parts: list[Part], chosen: Form, look: Look, to: str, written: list[str | bytes]) -> None:
    """Write parts to standard output, or keep them for a file."""
    if to and to != "-":
        written.append(chosen.render(parts, look))
    elif chosen.terminal:
        output.show(lambda look: str(chosen.render(parts, look)), look)
    else:
        output.write(chosen.render(parts, look))
