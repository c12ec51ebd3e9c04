"""What can be said of each partial at a point: its status, its number by convention, and why."""

from __future__ import annotations

import math

from gradcli.expr import Expr
from gradcli.nested import Far, Nested, Undecided, Value, leaves
from gradcli.point import Hit, Point
from gradcli.report import KINK, OVERFLOW, RANK, SMOOTH, UNDECIDED, UNDERFLOW
from gradcli.wording import said


class Status:
    """The status of a partial, the number shown (None in an entry without one), its slopes and what caused it."""

    __slots__ = ("cause", "entries", "left", "note", "right", "status", "value")

    def __init__(self, status: str, value: Nested, entries: list[str] | None = None) -> None:
        self.status, self.value, self.entries = status, value, entries
        self.left: Nested = None
        self.right: Nested = None
        self.cause = self.note = ""


def judged(point: Point, target: Expr, swept: Nested, seed: Value | None) -> Status:
    """Return the status of the partial in a target, given what the sweep says; swept is nested as output × target."""
    hits = _suspects(point, target)
    if not hits:
        return _far(swept)
    from gradcli.statuses.beside import beside

    return beside(point, target, hits, swept, seed)


def _suspects(point: Point, target: Expr) -> list[Hit]:
    """Return the places above a target where the chain rule may say too little.

    A kink through which nothing flows is none: f changes there by less than in proportion.
    """
    return [hit for hit in point.hits if (hit.felt or hit.kind != KINK) and point.made_of(hit.node, target)]


def _far(swept: Nested) -> Status:
    """Return the status of a smooth partial: whether it fits a float64, and whether it could be told."""
    entries = [fits(number) for number in leaves(swept)]
    worst = max(entries, key=RANK.index)
    status = Status(worst, None if worst == UNDECIDED else swept, entries)
    if worst in FAR:
        status.note = FAR[worst]
    if worst == UNDECIDED:
        status.note = said("its digits could not be told with the bits there are")
    return status


def fits(number: float | None) -> str:
    """Return the status of a smooth number: whether it is known, and a float64 holds it."""
    if isinstance(number, Undecided):
        return UNDECIDED
    return SMOOTH if not isinstance(number, Far) or 0 < abs(number) < math.inf else OVERFLOW if number else UNDERFLOW


FAR = {OVERFLOW: said("larger than any float64, where it would be inf"), UNDERFLOW: said("smaller than any float64, where it would be 0")}


def decimals(value: Nested) -> Nested:
    """Return the digits of the entries that no float64 has all of; None where there are none."""
    if not any(isinstance(number, Far) for number in leaves(value)):
        return None
    if isinstance(value, list):
        return [decimals(item) for item in value]
    return value.decimal
