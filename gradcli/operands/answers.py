"""Words of ``gradcli check``: the expression, the values given for its names, and the answers to be judged."""

from __future__ import annotations

from gradcli.errors import GradError, Source
from gradcli.light import re
from gradcli.limits import Limits
from gradcli.operands import Task, expression_among, source_in, values_in, with_point
from gradcli.operands.sheets import Answered, from_worksheet
from gradcli.syntax.names import NAME, canonical, loose
from gradcli.syntax.reader import read
from gradcli.values import arrays_in
from gradcli.wording import said

_ANSWER = re.compile(rf"\s*([d∂]\s*{NAME}\s*/\s*[d∂]\s*{NAME}|{NAME})\s*=(?!=)")
_HINT = said('for example: gradcli check "(x+y)*z" x=-2 y=5 z=-4 df/dx=-4; an answer is written df/dx=6, dx=6 or q=3')


def read_answers(texts: list[str], extra: list[str], limits: Limits, latex: bool = False, at: str = "") -> list[Task]:
    """Return what is to be judged: the program, its values, and the answers given beside them, or in a worksheet.

    A word with / left of its = is an answer; NAME=VALUE is a value if the expression has such a variable, else an answer.
    """
    ratios = {text for text in texts if (found := _ANSWER.match(text)) and "/" in found[1]}
    expression, others = expression_among([text for text in texts if text not in ratios], _HINT)
    if expression.text.endswith(".grad"):
        if ratios or extra:
            raise GradError("bad-usage", said("a worksheet brings its own answers"))
        return from_worksheet(expression.text, with_point(values_in(others, limits), at, limits), limits, judged=True)
    source = source_in(expression, limits)
    loaded = with_point({}, at, limits)
    heard = {canonical(word.name) for word in others if not _like_an_answer(word.name, source.text)} | set(map(canonical, loaded))
    wide = [word for word in others if word.text[word.start :].lstrip()[:1] in ("[", "<", "@")]
    arrays = frozenset(canonical(word.name) for word in wide) | arrays_in(loaded)
    program = read(source, frozenset(heard), limits, arrays=arrays, latex=latex)
    spelt = {canonical(name) for name in program.variables} | {loose(name) for name in program.variables}
    bound = [word for word in others if canonical(word.name) in spelt or loose(word.name) in spelt]
    taken = {expression.text, *(word.text for word in bound)}
    answers = [*(text for text in texts if text not in taken), *extra]
    values = values_in(bound, limits)
    values |= {name: value for name, value in loaded.items() if canonical(name) not in set(map(canonical, values))}
    if not answers:
        raise GradError("bad-usage", said("there is no answer to check"), hint=_HINT)
    return [Task(program, values or None, answers=tuple(map(_answered, answers)))]


def _like_an_answer(name: str, text: str) -> bool:
    """Tell whether a name such as dx is one that the expression does not have."""
    return name[:1] in "d∂" and len(name) > 1 and not re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)


def _answered(text: str) -> Answered:
    found = _ANSWER.match(text)
    if found is None:
        raise GradError("bad-usage", said("an answer has the form df/dx=VALUE, or q=VALUE"), (0, len(text)), source=Source(text))
    return Answered(found[1], Source(text), found.end(), len(text))
