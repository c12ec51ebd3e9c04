"""Words of a command line → the expression (or worksheet), and the values given for its names."""

from __future__ import annotations

import sys

from gradcli.errors import GradError, Source, reason
from gradcli.light import Record, re
from gradcli.limits import Limits
from gradcli.nested import Given, brief
from gradcli.ops import CONSTANTS
from gradcli.syntax import Program
from gradcli.syntax.names import NAME, canonical, loose
from gradcli.syntax.reader import read
from gradcli.values import arrays_in, load, load_point, parse_value
from gradcli.wording import joined, said

_BINDING = re.compile(rf"(?s)\s*({NAME})\s*=(?!=)(.*)")
_WORD = re.compile(rf"(?<![\w.]){NAME}(?!\s*\()")


class _Word:
    """One operand: NAME=VALUE if it has that form, with the words in its value that are not numbers."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.name, self.start = _name(text)
        value = text[self.start :]
        self.file = value.lstrip().startswith("@")
        self.stages = bool(self.name) and not self.file and _outside_brackets(";", value.rstrip("; "))

    @property
    def words(self) -> list[str]:
        """Return the names in a value: of an expression that has a name."""
        if self.file or not self.name:
            return []
        return [word for word in _names_in(self.text[self.start :]) if canonical(word) not in CONSTANTS]


def _name(text: str) -> tuple[str, int]:
    """Return the name of NAME=VALUE and where the value begins; nothing for another form."""
    left, equal, right = text.partition("=")
    name = left.strip()
    if not equal or right[:1] == "=":
        return "", 0
    if name.isalpha() or (name.isascii() and name.isidentifier()):
        return name, len(left) + 1
    found = _BINDING.fullmatch(text)
    return (found[1], found.start(2)) if found else ("", 0)


def _names_in(value: str) -> list[str]:
    """Return the words of a value that are names: none of a number, or of a list of plain ones."""
    if value.isascii() and not any(char.isalpha() or char == "_" for char in value):
        return []
    return _WORD.findall(value)


def _outside_brackets(sign: str, text: str) -> bool:
    depth = 0
    for char in text:
        depth += (char in "([") - (char in ")]")
        if char == sign and depth <= 0:
            return True
    return False


class Task(Record):
    """One thing to compute: a program at a point (None: in symbols); in a worksheet, of which question, and where."""

    program: Program
    bindings: dict[str, Given] | None
    question: str = ""
    points: float | None = None
    where: str = ""
    answers: tuple[Answered, ...] = ()


class Answered(Record):
    """An answer to be judged: to what, and where it stands."""

    target: str
    source: Source
    start: int
    end: int


_ANSWER = re.compile(rf"\s*([d∂]\s*{NAME}\s*/\s*[d∂]\s*{NAME}|{NAME})\s*=(?!=)")


def read_answers(texts: list[str], extra: list[str], limits: Limits, latex: bool = False, at: str = "") -> list[Task]:
    """Return what is to be judged: the program, its values, and the answers given beside them, or in a worksheet.

    A word with / left of its = is an answer; NAME=VALUE is a value if the expression has such a variable, else an answer.
    """
    ratios = {text for text in texts if (found := _ANSWER.match(text)) and "/" in found[1]}
    expression, others = _expression([text for text in texts if text not in ratios], _CHECK_HINT)
    if expression.text.endswith(".grad"):
        if ratios or extra:
            raise GradError("bad-usage", said("a worksheet brings its own answers"))
        return _from_worksheet(expression.text, _with_point(_values(others, limits), at, limits), limits, judged=True)
    source = _source(expression, limits)
    loaded = _with_point({}, at, limits)
    heard = {canonical(word.name) for word in others if not _like_an_answer(word.name, source.text)} | set(map(canonical, loaded))
    wide = [word for word in others if word.text[word.start :].lstrip()[:1] in ("[", "<", "@")]
    arrays = frozenset(canonical(word.name) for word in wide) | arrays_in(loaded)
    program = read(source, frozenset(heard), limits, arrays=arrays, latex=latex)
    spelt = {canonical(name) for name in program.variables} | {loose(name) for name in program.variables}
    bound = [word for word in others if canonical(word.name) in spelt or loose(word.name) in spelt]
    taken = {expression.text, *(word.text for word in bound)}
    answers = [*(text for text in texts if text not in taken), *extra]
    values = _values(bound, limits)
    values |= {name: value for name, value in loaded.items() if canonical(name) not in set(map(canonical, values))}
    if not answers:
        raise GradError("bad-usage", said("there is no answer to check"), hint=_CHECK_HINT)
    return [Task(program, values or None, answers=tuple(map(_answered, answers)))]


def read_sheet(path: str, limits: Limits) -> list[Task]:
    """Return what is to be judged in a worksheet: each question at each point, with the answers typed there.

    Raises:
        GradError: for a worksheet that cannot be read; what is wrong with an answer is left to its judge.

    """
    return _from_worksheet(path, {}, limits, judged=True)


def _like_an_answer(name: str, text: str) -> bool:
    """Tell whether a name such as dx is one that the expression does not have."""
    return name[:1] in "d∂" and len(name) > 1 and not re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)


def _answered(text: str) -> Answered:
    found = _ANSWER.match(text)
    if found is None:
        raise GradError("bad-usage", said("an answer has the form df/dx=VALUE, or q=VALUE"), (0, len(text)), source=Source(text))
    return Answered(found[1], Source(text), found.end(), len(text))


def read_operands(texts: list[str], limits: Limits, latex: bool = False, at: str = "") -> list[Task]:
    """Return what is to be computed: the program and the values given for its names; for a worksheet, one task a point.

    The order of the operands is free. NAME=VALUE is a value; whatever has another form is the expression. Where all
    have that form, as in ``"f = (x+y)*z" x=1``, the expression is the one whose right side has names in it. ``at``
    is a file with further values.
    """
    expression, bound = _expression(texts)
    values = _with_point(_values(bound, limits), at, limits)
    if expression.text.endswith(".grad"):
        return _from_worksheet(expression.text, values, limits)
    declared = frozenset(map(canonical, values))
    return [Task(read(_source(expression, limits), declared, limits, arrays=arrays_in(values), latex=latex), values or None)]


def split(texts: list[str], limits: Limits, hint: str) -> tuple[str, dict[str, Given], dict[str, str]]:
    """Return the expression among some operands, the values given beside it, and what was typed of those that are in no file.

    Raises:
        GradError: if there is not one expression; for what is no value.

    """
    expression, bound = _expression(texts, hint)
    if expression.text.endswith(".grad"):
        raise GradError("bad-usage", said("{0} is a worksheet: an expression is needed here", expression.text), hint=hint)
    typed = {word.name: word.text[word.start :].strip() for word in bound}
    return expression.text, _values(bound, limits), {name: text for name, text in typed.items() if not text.startswith("@")}


def _source(expression: _Word, limits: Limits) -> Source:
    return Source(standard_input(limits), said("standard input")) if expression.text == "-" else Source(expression.text)


def _with_point(values: dict[str, Given], at: str, limits: Limits) -> dict[str, Given]:
    """Add the values of a file; what was typed wins."""
    if not at:
        return values
    known = set(map(canonical, values))
    return values | {name: value for name, value in load_point(at, limits).items() if canonical(name) not in known}


_CHECK_HINT = said('for example: gradcli check "(x+y)*z" x=-2 y=5 z=-4 df/dx=-4; an answer is written df/dx=6, dx=6 or q=3')


_HINT = said('for example: gradcli "(x+y)*z" x=-2 y=5 z=-4')


def _expression(texts: list[str], hint: str = _HINT) -> tuple[_Word, list[_Word]]:
    """Return the one word that is the expression, and the others."""
    words = [_Word(text) for text in texts]
    free = [w for w in words if not w.name or w.stages]
    expressions = free or [w for w in words if w.words][:1] or [w for w in words if len(words) == 1]
    if len(expressions) != 1:
        what = said("there is no expression here") if not expressions else said("there are two expressions here: quote the expression")
        given = next(iter(expressions[1:]), None)
        raise GradError("bad-usage", what, (0, len(given.text)) if given else None,
                        source=Source(given.text) if given else None,
                        hint=hint)  # fmt: skip
    expression = expressions[0]
    return expression, [w for w in words if w is not expression]


def _values(bound: list[_Word], limits: Limits) -> dict[str, Given]:
    values: dict[str, Given] = {}
    keys: set[str] = set()
    for word in bound:
        source, span = Source(word.text), (0, len(word.text))
        if canonical(word.name) in keys:
            raise GradError("bound-twice", said("{0} is given two values", word.name), span, source=source)
        keys.add(canonical(word.name))
        values[word.name] = read_value(source, word.start, limits)
    return values


def read_value(source: Source, start: int, limits: Limits) -> Given:
    """Return the value that stands in a text from start on: a constant expression, or @file."""
    text = source.text[start:].strip()
    span = (start, len(source.text))
    limits.check("text", len(source.text), said("characters"), None, source)
    if text.startswith("@"):
        return load(text[1:], source, span, limits)
    if not text:
        raise GradError("not-a-number", said("there is no value here"), (start, start + 1), source=source)
    return parse_value(source, limits, start)


def standard_input(limits: Limits) -> str:
    """Return what comes in through standard input.

    Raises:
        GradError: if there is none, or it is no text.

    """
    if sys.stdin is None or sys.stdin.closed:
        raise GradError("cannot-read", said("there is no standard input"))
    return _decoded(sys.stdin.buffer.read(4 * limits.text + 4), said("standard input"))


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise GradError("not-text", said("{0} is not UTF-8 text (byte {1})", name, problem.start)) from None


def _from_worksheet(path: str, values: dict[str, Given], limits: Limits, judged: bool = False) -> list[Task]:
    """Read a worksheet, one task for each point of each question; values given outside it replace those in it."""
    from gradcli.syntax.worksheet import read_worksheet  # a one-liner needs none

    text = contents(path, limits)
    sheet = read_worksheet(Source(text, path), limits, frozenset(map(canonical, values)), arrays_in(values), judged=judged)
    given = {canonical(name): name for name in values}
    known = {canonical(name) for exercise in sheet.exercises for name in exercise.program.variables}
    strange = [name for key, name in given.items() if key not in known]
    if strange and len(sheet.exercises) > 1:
        raise GradError("unknown-name", said("{0} has a value, but no question of {1} has such a variable", strange[0], path))
    tasks = []
    for exercise in sheet.exercises:
        for place, point in enumerate(exercise.at or [{}]):
            merged = dict(values) if len(sheet.exercises) == 1 else _occurring(values, exercise.program)
            for name, (start, end) in point.items():
                if canonical(name) not in given or text[start:].lstrip().startswith("@"):
                    hint = said("give it outside: {0}={1}, or --at FILE", name, text[start:end].strip())
                    merged[name] = value_in_sheet(sheet.source, start, end, limits, hint)
            shown = {name: brief(values[given[canonical(name)]].value) if canonical(name) in given else text[start:end].strip()
                     for name, (start, end) in point.items()}  # fmt: skip
            where = joined(", ", [said("{0} = {1}", name, value) for name, value in shown.items()])
            here = where if len(exercise.at) > 1 else ""
            answers = [Answered(a.target, sheet.source, *a.span) for a in exercise.answers if (a.point or 0) == place]
            tasks.append(Task(exercise.program, merged or None, exercise.name, exercise.points, here, tuple(answers)))
    return tasks


def _occurring(values: dict[str, Given], program: Program) -> dict[str, Given]:
    """Return the values that a question asks for: one given for the whole sheet need not occur in each."""
    wanted = {canonical(name) for name in program.variables}
    return {name: value for name, value in values.items() if canonical(name) in wanted}


def value_in_sheet(source: Source, start: int, end: int, limits: Limits, hint: str = "") -> Given:
    """Return a value that stands in a worksheet, which is never one of a file: its text may be anybody's.

    Raises:
        GradError: for what is no value.

    """
    if source.text[start:].lstrip().startswith("@"):
        raise GradError("not-a-number", said("a worksheet reads no files"), (start, end), source=source, hint=hint)
    return parse_value(source, limits, start, end)


def source_of(path: str, limits: Limits) -> Source:
    """Return the text of a file, or of standard input for -, under the name it is spoken of by.

    Raises:
        GradError: if it cannot be read, is no text, or is too long.

    """
    source = Source(standard_input(limits), said("standard input")) if path == "-" else Source(contents(path, limits), path)
    limits.check("text", len(source.text), said("characters"), None, source)
    return source


def contents(path: str, limits: Limits) -> str:
    """Return the text of a file, or as much of it as shows that it is too long.

    Raises:
        GradError: if it cannot be read, or is no text.

    """
    try:
        with open(path, "rb") as file:
            return _decoded(file.read(4 * limits.text + 4), path)
    except OSError as problem:
        raise GradError("cannot-read", said("cannot read {0}: {1}", path, reason(problem))) from None
