"""A mark in words: what every report says of it, as far as it may be shown."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, NamedTuple

from gradcli.classroom.marks import Graded, Mark, Problem, Sheet
from gradcli.classroom.tally import Score
from gradcli.errors import draw
from gradcli.judge.verdict import CORRECT, UNANSWERED
from gradcli.render.verdicts import remark, shown, slip
from gradcli.wording import Language, Said, joined, said


class Told(NamedTuple):
    """A mark as it may be shown: ``seen`` field by field, ``why`` in one line."""

    mark: Mark
    seen: dict[str, Any]
    why: Said

    @property
    def answer(self) -> str:
        """Return the answer with its target, as it is written in a worksheet; the target alone where there is none."""
        return f"{self.mark.target} = {self.seen['given']}" if answered(self.mark) else self.mark.target

    @property
    def verdict(self) -> str:
        """Return the verdict with its reason."""
        return f"{self.seen['verdict']}: {self.why}" if self.why else str(self.seen["verdict"])

    def drawings(self, words: Language | None = None, file: str = "") -> list[str]:
        """Return the lines of the drawing of an answer that cannot be read, of this file, or else of its notes."""
        words = words or Language()
        problem, noted = self.mark.verdict.problem, words("note")
        notes = [draw(problem, words)] if problem else [f"{noted}: {self.mark.target}: {words.told(n)}" for n in self.seen["notes"]]
        lines = [line for note in notes for line in note.split("\n")]
        if problem and file and self.mark.line:
            lines.insert(1, f"  --> {file}:{self.mark.line}")
        return lines

    @property
    def score(self) -> Score:
        """Return the points earned, and what there was to earn."""
        return Score(self.mark.points, self.mark.worth)

    @property
    def passed(self) -> bool:
        """Tell whether a platform that has no word for the points should show this as passed."""
        return self.mark.verdict.verdict == CORRECT or self.mark.points >= self.mark.worth > 0


def answered(mark: Mark) -> bool:
    """Tell whether there is an answer."""
    return mark.verdict.verdict != UNANSWERED


def told(mark: Mark, reveal: str) -> Told:
    """Return what may be said of a mark. From which answer it follows says where the mistake is: not before ``where``."""
    seen = shown(mark.verdict, reveal)
    parts: list[str] = [remark(seen)]
    if mark.follows and reveal != "verdict":
        parts.append(said("it follows from {0}", mark.follows))
    return Told(mark, seen, joined("; ", [part for part in parts if part]))


def tell(sheet: Sheet, reveal: str) -> list[Told]:
    """Return what may be said of each mark of a student."""
    return [told(mark, reveal) for mark in sheet.marks]


def problems(graded: Graded) -> list[tuple[str, Problem]]:
    """Return what could not be read, with the student it belongs to: first what belongs to none."""
    of_students = [(sheet.student, problem) for sheet in graded.sheets for problem in sheet.problems]
    return [*(("", problem) for problem in graded.problems), *of_students]


def made(graded: Graded, reveal: str) -> list[tuple[str, Mark]]:
    """Return the marks with a diagnosis, as far as it may be shown, and what it says."""
    every = (one for sheet in graded.sheets for one in tell(sheet, reveal))
    return [(slip(one.seen["diagnosis"]), one.mark) for one in every if slip(one.seen["diagnosis"])]


def spot(problem: Problem) -> str:
    """Return where something stands, as compilers say it: file, or file and line."""
    return f"{problem.file}:{problem.line}" if problem.line else problem.file


def number(points: Fraction) -> int | float:
    """Return points as a number for programs: whole, or to six places, which no sum of them shows."""
    return int(points) if points.denominator == 1 else round(float(points), 6)


def total(points: Iterable[Fraction]) -> Fraction:
    """Return the sum of points."""
    return sum(points, Fraction(0))


def students(count: int) -> Said:
    """Return how many students there are, in words."""
    return said("1 student") if count == 1 else said("{0} students", count)
