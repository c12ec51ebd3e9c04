"""Sums over marks: points by question, the means of a class, and which slips were made most often. Points are exact fractions."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import NamedTuple

from gradcli.classroom.marks import Graded, Sheet


class Score(NamedTuple):
    """Points earned, and what there was to earn."""

    points: Fraction
    worth: Fraction


class Slips(NamedTuple):
    """How many students made the same slip, or one at the same step, in the same part of a question."""

    count: int
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


def slips(graded: Graded, says: dict[int, str]) -> list[Slips]:
    """Return the slips that were made, the most frequent first; ``says`` has, by the identity of a mark, what may be said of it."""
    first: dict[tuple[str, str, str, str], int] = {}
    found: Counter[tuple[str, str, str, str]] = Counter()
    for sheet in graded.sheets:
        for mark in sheet.marks:
            if says.get(id(mark)):
                key = (says[id(mark)], mark.question, mark.where, mark.target)
                first.setdefault(key, len(first))
                found[key] += 1
    ordered = sorted(found, key=lambda key: (-found[key], first[key]))
    return [Slips(found[key], *key) for key in ordered]
