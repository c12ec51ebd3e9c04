"""The kernel of a batch as machine code: the same tape, the same rules for which rows are certain, one loop over the rows."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np

from gradcli.batch.closely import Closely
from gradcli.batch.kernel import by_lane, copied, settled
from gradcli.batch.lanes import Lanes
from gradcli.batch.native import compiled
from gradcli.batch.tape import Tape
from gradcli.errors import GradError
from gradcli.wording import said

_MOST = 6_000  # operations: more take the compiler longer than NumPy takes for millions of rows
_BLOCK = 1 << 15  # rows at a time

Column = Any


def native(tape: Tape) -> Native | None:
    """Return the kernel of a tape as machine code; None where it is not worth while, or has no machine code.

    Raises:
        GradError: if the compiler is not installed.

    """
    if find_spec("llvmlite") is None:
        raise GradError("missing-library", said("machine code needs llvmlite"), hint=said("install it: {0}", 'pip install "gradcli[jit]"'))
    if sum(max(1, len(step.weights)) * len(step.args) for step in tape.steps) > _MOST:
        return None
    loop = compiled(tape)
    return None if loop is None else Native(Lanes(tape), loop)


class Native:
    """A tape as machine code; it is run as a `Kernel` is."""

    def __init__(self, lanes: Lanes, loop: Any) -> None:
        self.lanes, self.closely, self._loop = lanes, Closely(lanes), loop

    def run(self, columns: dict[str, Column], results: list[Column]) -> Column:
        """Write every output, as (*shape, rows), for all rows of some columns; return the rows that are not sure."""
        entered, written = by_lane(columns, results)
        sources = [_Beside(entered[name]) for name in self.lanes.inputs.values()]
        targets = [_Beside(result) for result in written]

        def doubtful(start: int, end: int) -> Column | None:
            for source in sources:
                source.enter(start, end)
            entering, leaving = ([lane for one in each for lane in one.block(start, end)] for each in (sources, targets))
            sure, believed = self._loop.on(entering, leaving)()
            for target in targets:
                target.leave(start, end)
            return np.flatnonzero(~sure) if believed else None

        return settled(self.closely, entered, written, _BLOCK, doubtful)


class _Beside:
    """Lanes whose rows stand side by side in memory: their own, or those of a copy of a block."""

    def __init__(self, column: Column) -> None:
        self.column = column
        self.copy = None if column.strides[-1] == 8 else np.empty((len(column), _BLOCK))

    def block(self, start: int, end: int) -> Column:
        return self.column[:, start:end] if self.copy is None else self.copy[:, : end - start]

    def enter(self, start: int, end: int) -> None:
        if self.copy is not None:
            copied(self.column[:, start:end], self.block(start, end))

    def leave(self, start: int, end: int) -> None:
        if self.copy is not None:
            self.column[:, start:end] = self.copy[:, : end - start]
