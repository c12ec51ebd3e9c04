"""Worksheets (.grad): questions, each with its function, its points, what is asked and the answers expected there, in one file."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

from gradcli.errors import GradError, Source, Span, suggest
from gradcli.limits import Limits
from gradcli.syntax import Declared, Program
from gradcli.syntax.lalr import Tree, parse
from gradcli.syntax.lexer import tokens
from gradcli.syntax.marking import Marking, marking
from gradcli.syntax.names import NAME, canonical
from gradcli.syntax.reader import Reader, is_latex
from gradcli.wording import said

_PARTIAL = re.compile(rf"[d∂]\s*({NAME})\s*/\s*[d∂]\s*({NAME})")
_ASKED = re.compile(r"\s*([^\s\[\]=](?:[^\[\]=]*[^\s\[\]=])?)\s*(?:\[([^\[\]]*)\])?\s*")  # what is asked, and its points


class Answer(NamedTuple):
    """An expected answer: ``q`` or ``df/dq``, where its value stands, and at which point of its question (None: at any)."""

    target: str
    span: Span
    point: int | None


class Asked(NamedTuple):
    """What a key asks for: of which target, where it stands, its own points if it has any, and at which point (None: at each)."""

    target: str
    span: Span
    worth: Fraction | None
    point: int | None
_LOOSE_POINTS = re.compile(r"([0-9][0-9./]*)\s*(?:points?|pts?\b|marks?)\b.*", re.IGNORECASE)  # in the name of a question: no name is so
_ROUND_POINTS = re.compile(r"\(\s*([0-9][0-9./]*)\s*(?:points?|pts?|marks?)\s*\)", re.IGNORECASE)
_KEYWORDS = ("student", "question", "ask", "answer", "vary")
_FIRST_WORD = re.compile(r"([a-zA-Z]{3,10}):?\s+\w")


class Exercise:
    """One question: its name and marking, the text beside it, its program, its points as places of text, its answers and what is asked."""

    def __init__(self, name: str = "", marked: Marking | None = None, span: Span = (0, 0)) -> None:
        self.name, self.marking, self.span = name, marked or Marking(), span
        self.prose: list[str] = []
        self.statements: list[Span] = []
        self.at: list[dict[str, Span]] = []
        self.answers: list[Answer] = []
        self.asked: list[Asked] = []
        self.vary: dict[str, Span] = {}
        self.program: Program

    @property
    def points(self) -> float | None:
        """Return what the question is worth, as it is shown."""
        return None if self.marking.points is None else float(self.marking.points)

    @property
    def started(self) -> bool:
        """Tell whether anything to compute stands in it."""
        return bool(self.statements or self.at or self.answers or self.asked or self.vary)


class Worksheet:
    """A source, its questions, and whose it is; a sheet without a question line is one question."""

    def __init__(self, source: Source, exercises: list[Exercise], student: str = "") -> None:
        self.source, self.exercises, self.student = source, exercises, student


def read_worksheet(
    source: Source, limits: Limits, declared: frozenset[str] = frozenset(), arrays: frozenset[str] = frozenset(), *, judged: bool = False
) -> Worksheet:
    """Return what a worksheet says; errors point at file, line and column.

    With ``judged`` the answers are left to be read one by one: one that cannot be read does not stop the others.
    """
    limits.check("text", len(source.text), said("characters"), None, source)
    exercises, student = [Exercise()], ""
    try:
        lines = parse("worksheet", tokens("worksheet", source), source, limits.depth).children
    except GradError as problem:
        if problem.span and source.text.startswith("[", problem.span[0]):  # behind question 1
            problem.hint = said("this [ is never closed")
        raise
    for line in lines:
        assert isinstance(line, Tree)
        if line.kind == "student":
            student = student or student_of(source.text[line.start : line.end])
        else:
            _LINES[line.kind](source, exercises, line, limits, judged)
    if not exercises[0].started and len(exercises) > 1:
        before = exercises.pop(0).prose
        exercises[0].prose[:0] = before
    for exercise in exercises:
        if not exercise.statements:
            what = said("question {0} has no expression", exercise.name) if exercise.name else said("this worksheet has no expression")
            if source.name and not source.text.strip():  # there is no line to draw, which would say where it is
                what = said("there is no expression in {0}", source.name)
            raise GradError("empty-input", what, exercise.span if exercise.name else (0, 1), source=source)
        _read(exercise, source, limits, declared, arrays, judged)
    return Worksheet(source, exercises, student)


# ---- one line -----------------------------------------------------------------------------------------------


def _question(source: Source, exercises: list[Exercise], line: Tree, limits: Limits, judged: bool) -> None:
    name, heading, title = question_of(source.text[line.start : line.end])
    span = line.start, line.start + len(title)
    if any(exercise.name == name for exercise in exercises):
        raise GradError("defined-twice", said("question {0} occurs twice", name), span, source=source)
    bracket = line.start + len(title) + 1
    if found := _LOOSE_POINTS.search(name) or _ROUND_POINTS.search(title):
        start = source.text.index(found[0], line.start)
        raise GradError("syntax", said("points stand in square brackets, at the end of the line"), (start, start + len(found[0])),
                        source=source, hint=said("write [{0} points]", found[1]))  # fmt: skip
    marked = marking(source, bracket, line.end - 1) if bracket < line.end else None
    exercises.append(Exercise(name, marked, span))
    exercises[-1].prose += [heading] if heading else []


def question_of(line: str) -> tuple[str, str, str]:
    """Return the name of a question line, its heading, and all of it before the bracket."""
    title = line.partition("[")[0]
    name, _, heading = (part.strip() for part in title[len("question") :].partition(":"))
    return name, heading, title


def student_of(line: str) -> str:
    """Return the name in a student line."""
    return " ".join(line[len("student") :].removeprefix(":").split())


def _at(source: Source, exercises: list[Exercise], line: Tree, limits: Limits, judged: bool) -> None:
    """Read values: of the same point as the line before while its names are new, and nothing is asked or answered there yet."""
    exercise = exercises[-1]
    pairs: dict[str, tuple[str, Span]] = {}
    for name, span in pairs_in(source, *line.children[0][2:4]):
        if canonical(name) in pairs:
            raise GradError("bound-twice", said("{0} is given two values", name), span, source=source)
        pairs[canonical(name)] = name, span
    point = exercise.at[-1] if exercise.at else None
    last = len(exercise.at) - 1
    closed = last in [answer.point for answer in exercise.answers[-1:]] + [asked.point for asked in exercise.asked[-1:]]
    if point is None or closed or not pairs.keys().isdisjoint(map(canonical, point)):
        point = {}
        exercise.at.append(point)
    point.update(pairs.values())
    limits.check("names", len(point), said("names"), (line.start, line.end), source)


def _answer(source: Source, exercises: list[Exercise], line: Tree, limits: Limits, judged: bool) -> None:
    exercise = exercises[-1]
    for target, span in pairs_in(source, *line.children[0][2:4], judged):
        exercise.answers.append(Answer(target, span, len(exercise.at) - 1 if exercise.at else None))


def _ask(source: Source, exercises: list[Exercise], line: Tree, limits: Limits, judged: bool) -> None:
    exercise = exercises[-1]
    for start, end in parts_in(source.text, *line.children[0][2:4]):
        found = _ASKED.fullmatch(source.text, start, end)
        if found is None:
            start += len(source.text[start:end]) - len(source.text[start:end].lstrip())
            raise GradError("syntax", said("this is nothing to ask for"), (start, max(end, start + 1)), source=source,
                            hint=said("write what is asked, parted by commas: ask q, df/dx [2 points]"))  # fmt: skip
        worth = marking(source, *found.span(2), of_question=False).points if found[2] is not None else None
        exercise.asked.append(Asked(found[1], found.span(1), worth, len(exercise.at) - 1 if exercise.at else None))


def _vary(source: Source, exercises: list[Exercise], line: Tree, limits: Limits, judged: bool) -> None:
    """Read from which numbers a variant of the question takes its own, as in ``x = -5 .. 5, w = -1 .. 1 by 0.1``."""
    ranges = exercises[-1].vary
    known = set(map(canonical, ranges))
    for name, span in pairs_in(source, *line.children[0][2:4]):
        if canonical(name) in known:
            raise GradError("bound-twice", said("{0} is varied twice", name), span, source=source)
        known.add(canonical(name))
        ranges[name] = span


def _prose(source: Source, exercises: list[Exercise], line: Tree, limits: Limits, judged: bool) -> None:
    exercises[-1].prose.append(source.text[line.start : line.end].removeprefix(">").strip())


def _statement(source: Source, exercises: list[Exercise], line: Tree, limits: Limits, judged: bool) -> None:
    exercises[-1].statements.append((line.start, line.end))


_LINES = {
    "question": _question, "at": _at, "answer": _answer, "ask": _ask, "vary": _vary, "prose": _prose, "statement": _statement,
}  # fmt: skip


def pairs_in(source: Source, start: int, end: int, empty: bool = False) -> list[tuple[str, Span]]:
    """Return the names and the places of the values of ``x = -2, y = [1, 2]``; with ``empty`` a value may be missing.

    Raises:
        GradError: for a part that is no NAME = VALUE.

    """
    pairs: list[tuple[str, Span]] = []
    for begin, position in parts_in(source.text, start, end):
        equal = source.text.find("=", begin, position)
        name = source.text[begin:equal].strip() if equal >= 0 else ""
        given = source.text[equal + 1 : position]
        if equal >= 0 and not empty and "=" in re.sub("[<>=!]=", "", given):
            raise GradError("syntax", said("two values stand side by side"), (begin, position), source=source,
                            hint=said("part them by a comma: x = 1, y = 2"))  # fmt: skip
        if not name or not (given.strip() or empty):
            raise GradError("syntax", said("this needs the form NAME = VALUE"), (begin, max(position, begin + 1)), source=source,
                            hint=said("a decimal point is a point, and values are parted by commas") if pairs else "")  # fmt: skip
        value = equal + 1 + len(given) - len(given.lstrip())
        pairs.append((name, (value, position)))
    return pairs


def parts_in(text: str, start: int, end: int) -> list[Span]:
    """Return the parts of a text between its commas and semicolons outside brackets."""
    parts: list[Span] = []
    depth, begin = 0, start
    for position in range(start, end + 1):
        char = text[position] if position < end else ","
        depth += (char in "([{") - (char in ")]}")
        if char in ",;" and (depth <= 0 or position == end):
            parts.append((begin, position))
            begin = position + 1
    return parts


# ---- one question -------------------------------------------------------------------------------------------


def _read(
    exercise: Exercise, source: Source, limits: Limits, declared: frozenset[str], arrays: frozenset[str], judged: bool
) -> None:
    bound = {canonical(name) for point in exercise.at for name in point}
    wide = {
        canonical(name)
        for point in exercise.at
        for name, (start, _) in point.items()
        if source.text[start:].lstrip()[:1] in ("[", "<", "\\")
    }
    names = Declared(declared | bound, arrays | wide)
    reader = Reader(source, names, limits)
    for start, end in exercise.statements:
        line, before = source.text[start:end], len(reader.ledger.readings)
        try:
            reader.read(start, end, latex=is_latex(line))
        except GradError as problem:
            problem.hint = _keyword_meant(line) or problem.hint
            raise
        strangers = [r for r in reader.ledger.readings[before:] if r.kind == "kept"]
        first = strangers[0].span if strangers else (0, 0)
        if len(strangers) > 1 or (strangers and (first[1] - start == len(line.rstrip()) or (first[0] == start and _keyword_meant(line)))):
            span = start, start + len(line.rstrip())
            raise GradError("not-an-expression", said("these words are no expression: nothing declares them"), span,
                            source=source, hint=_keyword_meant(line) or said("text between questions begins with >"))  # fmt: skip
    exercise.program = reader.finish()
    targets = _targets(exercise.program)
    for answer in [] if judged else exercise.answers:
        _check(answer, source, exercise.program, targets)
        inner = Reader(source, Declared(frozenset(names.variables) | set(targets), names.arrays), limits)
        inner.read(*answer.span, latex=is_latex(source.text[slice(*answer.span)]))


def _keyword_meant(line: str) -> str:
    """Return the hint for a line that is no expression and begins with what is nearly a keyword, as in ``askk df/dx``."""
    first = _FIRST_WORD.match(line)
    return suggest(first[1].lower(), [*_KEYWORDS]) if first and first[1].lower() not in _KEYWORDS else ""


def _targets(program: Program) -> dict[str, str]:
    names = [*program.variables, *program.stage_nodes, program.output_name or "f"]
    return {canonical(name): name for name in names}


def _check(answer: Answer, source: Source, program: Program, targets: dict[str, str]) -> None:
    """Refuse an answer to something that is not asked: a name that is neither a variable nor a stage."""
    found = _PARTIAL.fullmatch(answer.target)
    start = source.text.rfind(answer.target, 0, answer.span[0])
    parts = [found[1], found[2]] if found else [answer.target]
    for name in parts:
        if canonical(name) not in targets:
            known = ", ".join(targets.values())
            shown = name if len(name) < 40 else f"{name[:30]}…"
            nearest = suggest(name, [*targets.values()]) or said("there are {0}; a gradient is written df/dx", known)
            raise GradError("unknown-name", said("there is nothing called {0} to answer", shown), (start, start + len(answer.target)),
                            source=source, hint=nearest)  # fmt: skip
    if found and canonical(found[1]) != canonical(program.output_name or "f"):
        output = program.output_name or "f"
        raise GradError("unknown-name", said("gradients are of {0}, the last line", output), (start, start + len(answer.target)),
                        source=source, hint=said("write d{0}/d{1}", output, found[2]))  # fmt: skip
