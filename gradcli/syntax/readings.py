"""The ledger: what was read by a rule of ours that a person might not share."""

from __future__ import annotations

from gradcli.errors import Span
from gradcli.expr import Expr
from gradcli.light import Record


class Reading(Record):
    """One entry: of which kind, where it stands, and how it was read: a node, or words."""

    kind: str
    span: Span
    node: Expr | None = None
    words: str = ""


class Ledger:
    """The readings of one text, each kind once a place: of nested ones (a/b/c/d) the whole counts."""

    def __init__(self) -> None:
        self.readings: list[Reading] = []

    def add(self, reading: Reading) -> None:
        """Enter a reading; it replaces those of its kind that begin at the same place, which are parts of it."""
        start, end = reading.span
        while (
            self.readings
            and self.readings[-1].kind == reading.kind
            and start <= self.readings[-1].span[0]
            and self.readings[-1].span[1] <= end
        ):
            self.readings.pop()
        self.readings.append(reading)
