"""Worksheets: each question of one at each of its points is a task, with the answers that stand there."""

from __future__ import annotations

from gradcli.errors import GradError, Source
from gradcli.light import Record
from gradcli.limits import Limits
from gradcli.nested import Given, brief
from gradcli.operands import Task
from gradcli.syntax import Program
from gradcli.syntax.names import canonical
from gradcli.syntax.worksheet import read_worksheet
from gradcli.values import arrays_in, parse_value
from gradcli.values.files import contents
from gradcli.wording import joined, said


class Answered(Record):
    """An answer to be judged: to what, and where it stands."""

    target: str
    source: Source
    start: int
    end: int


def read_sheet(path: str, limits: Limits) -> list[Task]:
    """Return what is to be judged in a worksheet: each question at each point, with the answers typed there.

    Raises:
        GradError: for a worksheet that cannot be read; what is wrong with an answer is left to its judge.

    """
    return from_worksheet(path, {}, limits, judged=True)


def from_worksheet(path: str, values: dict[str, Given], limits: Limits, judged: bool = False) -> list[Task]:
    """Read a worksheet, one task for each point of each question; values given outside it replace those in it."""
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
