"""What travels between those who read, compute and write: plain records, so that a thread, a process or a machine may do a part.

    source ──▶ Part ──▶ Read ──▶ Block ──▶ Results ──▶ Done ──▶ output
               where    columns  numbers   rows         bytes

Arrays keep the rows on their last axis: a column of numbers has shape (rows,), one of vectors (n, rows).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Places = NDArray[np.intp]


class Part(NamedTuple):
    """A piece of a table of points: bytes of a text, or rows of a binary file. ``data`` holds it where it cannot be read again."""

    number: int  # from 0, in the order of the table
    start: int
    end: int
    data: bytes | None = None


class Reject(NamedTuple):
    """A row without a result: where it stands, why, and as what. Lines and bytes count from the start of its part until it is committed."""

    line: int  # of a text from 1; of a binary file the row
    byte: int  # 0 in a binary file
    reason: str
    text: str  # the row as it stands


class Read(NamedTuple):
    """A part as numbers."""

    rows: int  # all that are there
    lines: int  # how many lines they take, so that the next part knows its place
    good: Places  # which of the rows were read
    columns: dict[str, Floats]  # by variable: (*shape, good rows)
    kept: dict[str, Sequence[Any]]  # columns that are copied, of all rows
    unread: dict[int, Reject]  # by row


class Output(NamedTuple):
    """One of the things a row gets: the value, or a partial."""

    name: str  # f, or df/dx
    of: str  # the variable; empty for the value
    shape: tuple[int, ...]  # of the output, followed by that of the variable


class Block(NamedTuple):
    """What a kernel makes of some rows: every output as (*shape, rows), and the rows whose digits it is not sure about."""

    results: list[Floats]
    doubtful: Places


class Settled(NamedTuple):
    """One row, done by the engine of single points. Without a value, ``problem`` says why, and the results are nan."""

    results: list[Any]
    statuses: list[str]  # of the partials
    problem: str = ""


class Results(NamedTuple):
    """The rows of a part that get a line in the output."""

    kept: dict[str, Sequence[Any]]
    outputs: list[Floats]
    statuses: Sequence[str] | None


class Counts(NamedTuple):
    """What became of some rows."""

    rows: int = 0
    written: int = 0
    rejected: int = 0
    settled: int = 0  # by balls, or at a kink
    kinks: int = 0
    missing: int = 0  # rows with a partial that does not exist

    def plus(self, other: Counts) -> Counts:
        """Return both together."""
        return Counts(*(a + b for a, b in zip(self, other)))


class Done(NamedTuple):
    """A part, finished: the bytes that the output gets, and what became of its rows."""

    number: int
    payload: bytes
    rejects: list[Reject]
    counts: Counts
    lines: int
