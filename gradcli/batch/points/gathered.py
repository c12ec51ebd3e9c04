"""Rows that were read one by one, put together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gradcli.batch.points.layout import Layout
from gradcli.batch.records import Read, Reject
from gradcli.shapes import Shape

if TYPE_CHECKING:
    from gradcli.batch.records import Floats


def shaped(flat: Floats, shape: Shape) -> Floats:
    """Return the entries of a variable, row by row of the table, as (*shape, rows)."""
    import numpy as np

    return np.ascontiguousarray(flat.reshape(-1, *shape).transpose(*range(1, len(shape) + 1), 0))


class UnreadableError(Exception):
    """Why a row gives no numbers."""


class Gathered:
    """Rows as they come: each has its numbers, or a reason."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.good: list[int] = []
        self.numbers: list[Sequence[float]] = []
        self.unread: dict[int, Reject] = {}
        self.kept: list[Sequence[Any]] = []
        self.rows = 0

    def add(self, numbers: Sequence[float], kept: Sequence[Any]) -> None:
        """Take a row: the numbers of all variables, one after another, and the cells that are copied."""
        self.good.append(self.rows)
        self.numbers.append(numbers)
        self.kept.append(kept)
        self.rows += 1

    def refuse(self, reject: Reject, kept: Sequence[Any]) -> None:
        """Take a row that cannot be read; what can be copied of it is."""
        self.unread[self.rows] = reject
        self.kept.append(kept)
        self.rows += 1

    def read(self, lines: int) -> Read:
        """Return them all."""
        import numpy as np

        shapes = self.layout.varying
        sizes = [int(np.prod(shape)) for shape in shapes.values()]
        table = np.array(self.numbers, dtype=np.float64).reshape(len(self.good), sum(sizes))
        columns, start = {}, 0
        for (name, shape), size in zip(shapes.items(), sizes):
            columns[name] = shaped(table[:, start : start + size], shape)
            start += size
        kept: dict[str, Sequence[Any]] = {name: [row[place] for row in self.kept] for place, name in enumerate(self.layout.kept)}
        return Read(self.rows, lines, np.array(self.good, dtype=np.intp), columns, kept, self.unread)
