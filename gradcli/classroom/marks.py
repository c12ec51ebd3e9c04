"""The plain record of a graded class: everything a report may show. Points are exact fractions."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from gradcli.judge.verdict import CORRECT, INCORRECT, INVALID, UNANSWERED, UNDECIDED, Verdict

# Grading has no exit code of its own for what a student wrote: an answer that cannot be read is one that is not right.
EXIT: dict[str, int] = {CORRECT: 0, INCORRECT: 1, INVALID: 1, UNANSWERED: 1, UNDECIDED: 3}


class Problem(NamedTuple):
    """What could not be read of a submission: where it stands (line 0: nowhere in particular), and what is wrong with it."""

    file: str
    line: int
    message: str


class Mark(NamedTuple):
    """The mark for one part of a question.

    ``where`` is the point, if its question has several; ``line`` where the answer stands in its file (0: there is none);
    ``follows`` says from which answer of the student's own, that is wrong, this one follows; it may earn points then.
    """

    question: str
    where: str
    target: str
    verdict: Verdict
    points: Fraction
    worth: Fraction
    line: int = 0
    follows: str = ""


class Sheet(NamedTuple):
    """What one student handed in: the marks in the order of the key, and what could not be read."""

    student: str
    file: str
    marks: tuple[Mark, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def points(self) -> Fraction:
        """Return the points earned."""
        return sum((mark.points for mark in self.marks), Fraction(0))

    @property
    def worth(self) -> Fraction:
        """Return the points there are."""
        return sum((mark.worth for mark in self.marks), Fraction(0))

    @property
    def verdict(self) -> str:
        """Return the gravest verdict of the sheet; one with a problem is never all correct."""
        return gravest([*(mark.verdict.verdict for mark in self.marks), *([INVALID] if self.problems else [])])


class Graded(NamedTuple):
    """A graded class: the name of the key, the sheets by student, and what could not be read and belongs to no student."""

    key: str
    sheets: tuple[Sheet, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def verdict(self) -> str:
        """Return the gravest verdict of all."""
        return gravest([*(sheet.verdict for sheet in self.sheets), *([INVALID] if self.problems else [])])

    def count(self, verdict: str) -> int:
        """Return how many marks have this verdict."""
        return sum(mark.verdict.verdict == verdict for sheet in self.sheets for mark in sheet.marks)


def gravest(verdicts: Iterable[str]) -> str:
    """Return the gravest of verdicts: those that are not right before those that nobody can tell."""
    found = set(verdicts)
    return next((kind for kind in (INCORRECT, INVALID, UNANSWERED, UNDECIDED) if kind in found), CORRECT)


def alphabetical(name: str) -> tuple[str, str]:
    """Return what names are sorted by: capitals are no letters of their own. It is the same in any locale."""
    return name.casefold(), name


def decimal(points: Fraction) -> str:
    """Return points as people write them: 3, 2.5, 0.67; never more than two places."""
    return f"{round(float(points), 2):g}" if abs(points) < 10**4 else f"{float(points):.2f}".rstrip("0").rstrip(".")
