"""A graded class → annotations of GitHub Actions: workflow commands, one a line, read from the standard output of a step.

Of each kind GitHub shows ten a step, and drops the others without a word: so the notice that sums all up comes first, and where
there are more than ten errors (or warnings) the first of them says how many, and where all are found. Escaped as the runner reads
it: ``%``, carriage returns and line feeds in data, ``:`` and ``,`` in properties, too.
"""

from __future__ import annotations

from typing import NamedTuple

from gradcli.classroom.marks import Graded, Sheet, decimal
from gradcli.judge.verdict import CORRECT, UNDECIDED
from gradcli.render.forms import Look
from gradcli.render.grades.logs import harmless
from gradcli.render.grades.told import answered, problems, students, tell, total

_SHOWN = 10  # of a kind, by GitHub
_ERROR, _WARNING = "error", "warning"
_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = _DATA | {":": "%3A", ",": "%2C"}


class Annotation(NamedTuple):
    """A remark at a line of a file (0: of the file)."""

    kind: str
    file: str
    line: int
    title: str
    message: str


def render(graded: Graded, look: Look, reveal: str) -> str:
    """Return the annotations of a class, what sums it up first."""
    found = [Annotation(_ERROR, p.file, p.line, student or "cannot be read", p.message) for student, p in problems(graded)]
    found += [annotation for sheet in graded.sheets for annotation in _of_a_student(sheet, reveal)]
    lines = [Annotation("notice", "", 0, graded.key, _sum(graded))]
    for kind, what in ((_ERROR, "not right"), (_WARNING, "undecided")):
        alike = [annotation for annotation in found if annotation.kind == kind]
        if len(alike) > _SHOWN:
            more = f"{len(alike)} annotations say what is {what}: the first {_SHOWN - 1} follow, and the other reports have all"
            alike = [Annotation(kind, "", 0, graded.key, more), *alike[: _SHOWN - 1]]
        lines += alike
    return "".join(map(_command, lines))


def _of_a_student(sheet: Sheet, reveal: str) -> list[Annotation]:
    found = []
    for told in tell(sheet, reveal):
        mark, verdict = told.mark, told.mark.verdict.verdict
        if verdict == CORRECT or not answered(mark):
            continue
        title = f"{sheet.student}: question {mark.question}" + (f", at {mark.where}" if mark.where else "")
        message = f"{told.answer} is {verdict}" + (f": {told.why}" if told.why else "")
        found.append(Annotation(_WARNING if verdict == UNDECIDED else _ERROR, sheet.file, mark.line, title, message))
    missing = [f"{mark.target} (question {mark.question})" for mark in sheet.marks if not answered(mark)]
    if missing:
        found.append(Annotation(_ERROR, sheet.file, 0, sheet.student, f"unanswered: {', '.join(missing)}"))
    return found


def _sum(graded: Graded) -> str:
    marks = [mark for sheet in graded.sheets for mark in sheet.marks]
    points, worth = total(mark.points for mark in marks), total(mark.worth for mark in marks)
    return f"{students(len(graded.sheets))}: {graded.count(CORRECT)} of {len(marks)} right, {decimal(points)} of {decimal(worth)} points"


def _command(annotation: Annotation) -> str:
    properties = [("file", annotation.file)] if annotation.file else []
    properties += [("line", str(annotation.line))] if annotation.file and annotation.line else []
    properties += [("title", annotation.title)]
    said = ",".join(f"{name}={_escaped(harmless(text), _PROPERTY)}" for name, text in properties if text)
    return f"::{annotation.kind} {said}::{_escaped(harmless(annotation.message), _DATA)}\n"


def _escaped(text: str, signs: dict[str, str]) -> str:
    return "".join(signs.get(char, char) for char in text)
