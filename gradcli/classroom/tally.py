"""Sums over marks: points by question, the means of a class, and which slips were made most often. Points are exact fractions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from gradcli.classroom.marks import Mark, Sheet


class Score(NamedTuple):
    """Points earned, and what there was to earn."""

    points: Fraction
    worth: Fraction


class Slip(NamedTuple):
    """A slip, or a step at which one was made, and how many made it in the same part of a question."""

    times: int
    says: str
    question: str
    where: str
    target: str


def questions(sheets: tuple[Sheet, ...]) -> list[str]:
    """Return the names of the questions, in the order of the key."""
    return list(dict.fromkeys(mark.question for sheet in sheets for mark in sheet.marks))


def scores(sheet: Sheet) -> dict[str, Score]:
    """Return the points of a student by question."""
    found: dict[str, Score] = {}
    for mark in sheet.marks:
        before = found.get(mark.question, Score(Fraction(0), Fraction(0)))
        found[mark.question] = Score(before.points + mark.points, before.worth + mark.worth)
    return found


def mean(points: list[Fraction]) -> Fraction:
    """Return the mean of points; 0 of none."""
    return sum(points, Fraction(0)) / max(len(points), 1)


def slips(made: Iterable[tuple[str, Mark]]) -> list[Slip]:
    """Return what was said of marks, by how many it was said of in each part; the most frequent first."""
    found = Counter((says, mark.question, mark.where, mark.target) for says, mark in made)
    return [Slip(times, *part) for part, times in found.most_common()]
