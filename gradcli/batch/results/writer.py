"""What writes a table of results: the names of its columns, and how parts become one file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING

from gradcli.batch.records import Output, Results
from gradcli.errors import GradError
from gradcli.wording import said

if TYPE_CHECKING:
    from gradcli.batch.records import Floats

STATUS = "status"


class Writer(ABC):
    """Renders results. Holds names alone, so that it may travel to another thread, process or machine.

    A file is ``header()``, then what ``joined()`` makes of each rendered part, in order, then its ending. So an interrupted run goes
    on by adding the parts there are to a new one.
    """

    binary = False  # nothing that a terminal should show, and a file is not its parts as they are
    flat = True  # an array takes a column for each entry; else it is a list in one

    def __init__(self, outputs: list[Output], kept: list[str], status: bool) -> None:
        self.outputs, self.kept, self.status = outputs, kept, status
        self.names = [name for output in outputs for name in (self.entries(output) if self.flat else [output.name])]
        columns = [*kept, *self.names, *([STATUS] if status else [])]
        for name in columns:
            if columns.count(name) > 1:
                raise GradError("doubled-column", said("two columns of the output would be called {0}", name))

    def entries(self, output: Output) -> list[str]:
        """Return the names of the entries of an output: df_1/dx_2, row by row."""
        value = self.outputs[0]
        if not output.of:
            return [output.name + index for index in _indices(output.shape)]
        rank = len(value.shape)
        of = [output.of + index for index in _indices(output.shape[rank:])]
        return [f"d{value.name}{index}/d{name}" for index in _indices(value.shape) for name in of]

    @abstractmethod
    def header(self) -> bytes:
        """Return what stands before the rows."""

    @abstractmethod
    def render(self, results: Results) -> bytes:
        """Return the rows of a part. Depends on its argument alone, and may run anywhere."""

    def joined(self) -> Joined:
        """Return what puts rendered parts into a file, one behind the other."""
        return Joined()


class Joined:
    """A file that gets its parts in order: a text is its parts as they are. What it returns goes to a stream that never goes back."""

    def add(self, payload: bytes) -> bytes:
        """Return what the file gets next when it gets a part."""
        return payload

    def ending(self) -> bytes:
        """Return what stands behind the last part."""
        return b""


def positive_zeros(column: Floats) -> Floats:
    """Return numbers with 0.0 for -0.0, as every output of ours has it. They stay where they are."""
    import numpy as np

    with np.errstate(invalid="ignore"):
        return np.add(column, 0.0, out=column)


def _indices(shape: Sequence[int]) -> list[str]:
    """Return the indices of a shape as they stand behind a name: _1, _2 of a vector, _1_1, _1_2 of a matrix."""
    found = [""]
    for size in shape:
        found = [f"{index}_{k}" for index in found for k in range(1, size + 1)]
    return found if prod(shape) else []
