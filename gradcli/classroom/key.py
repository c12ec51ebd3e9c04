"""The key of a homework: a worksheet with what is asked and what it is worth; the right answers are computed from it."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from gradcli.judge.truth import Truth


class Part(NamedTuple):
    """One thing asked of a question: of which target (``df/dx``, ``q``), at which of its points (from 0), and what it is worth."""

    target: str
    place: int
    worth: Fraction


class Item(NamedTuple):
    """One question: its truth at each point (one in symbols where there is no point), what is asked, how points are given.

    ``wheres`` are the points in words, as in ``x = -2, y = 5, z = -4``; ``whole`` says all or nothing; ``follow`` that an answer
    that follows from the student's own wrong one earns its points.
    """

    name: str
    truths: tuple[Truth, ...]
    wheres: tuple[str, ...]
    parts: tuple[Part, ...]
    whole: bool = False
    follow: bool = False

    @property
    def worth(self) -> Fraction:
        """Return the points of the question."""
        return sum((part.worth for part in self.parts), Fraction(0))


class Key(NamedTuple):
    """A key: the name of its file, and its questions in order."""

    name: str
    items: tuple[Item, ...]
