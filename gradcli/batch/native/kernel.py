"""The kernel of a batch as machine code: the same tape, the same questions of which rows are certain, one loop over the rows."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from itertools import chain
from typing import Any

import numpy as np

from gradcli.batch.closely import Closely
from gradcli.batch.extent import Extent
from gradcli.batch.kernel import in_spans
from gradcli.batch.lanes import Lanes
from gradcli.batch.native import Straight, compiled
from gradcli.batch.native.operators import PLUS
from gradcli.batch.tape import LINEAR, Tape
from gradcli.errors import GradError
from gradcli.wording import said

_MOST = 20_000  # steps: more take the compiler longer than NumPy takes for millions of rows
_SPAN, _BLOCK = 1 << 19, 1 << 15  # rows that are judged together; rows that are looked at one by one if one of them leaves the floats
_FEW = 1 << 10  # rows of which the columns are copied at a time, where they do not stand side by side

Column = Any


def native(tape: Tape) -> Native | None:
    """Return the kernel of a tape as machine code; None where it is not worth while, or has no machine code.

    Raises:
        GradError: if the compiler is not installed.

    """
    if find_spec("llvmlite") is None:
        raise GradError("missing-library", said("machine code needs llvmlite"), hint=said("install it: {0}", 'pip install "gradcli[jit]"'))
    lanes = Lanes(tape)
    extent = Extent(lanes)
    measured = list(dict.fromkeys(chain.from_iterable(lanes.units[unit] for unit in extent.measured)))
    steps = _Steps(tape)
    if len(steps.steps) > _MOST:
        return None
    loop = compiled(Straight(steps.steps, list(tape.inputs), steps.constants, list(chain(*tape.outputs)), measured))
    return None if loop is None else Native(lanes, extent, measured, loop)


class _Steps:
    """The steps of a tape, each with one result: a product with a matrix is a sum of products for each of its rows."""

    def __init__(self, tape: Tape) -> None:
        self.constants = {place: value for place, (value, _) in tape.constants.items()}
        self._next = tape.size
        self.steps = [one for step in tape.steps for one in self._of(*step)]

    def _of(self, op: str, args: tuple[int, ...], outs: tuple[int, ...], weights: Any) -> Iterator[tuple[str, tuple[int, ...], int]]:
        if op != LINEAR:
            yield op, args, outs[0]
            return
        for out, row in zip(outs, weights):
            total = -1
            for k, (arg, weight) in enumerate(zip(args, row)):
                factor = self._new()
                self.constants[factor] = weight
                place = out if k == len(args) - 1 else self._new()
                yield (PLUS, (total, arg, factor), place) if k else ("*", (arg, factor), place)
                total = place

    def _new(self) -> int:
        self._next += 1
        return self._next - 1


class Native:
    """A tape as machine code; it is run as a `Kernel` is."""

    def __init__(self, lanes: Lanes, extent: Extent, measured: list[int], loop: Any) -> None:
        self.lanes, self.closely, self._extent, self._loop = lanes, Closely(lanes), extent, loop
        probe = {place: k for k, place in enumerate(measured)}
        self._probes = {unit: [probe[place] for place in lanes.units[unit]] for unit in extent.measured}
        self._apart = [unit for unit in self._probes if unit in extent.apart]  # asked for in every block, the others in a span
        self._far = [unit for unit in self._probes if unit not in extent.apart]

    def run(self, columns: dict[str, Column], results: list[Column]) -> Column:
        """Write every output, as (*shape, rows), for all rows of some columns; return the rows that are not sure."""
        return in_spans(columns, results, _SPAN, self._span)

    def _span(self, columns: dict[str, Column], results: list[Column]) -> Column:
        rows, sizes = results[0].shape[-1], self._extent.sizes()
        sources = [lane for name in self.lanes.inputs.values() for lane in _side_by_side(columns[name])]
        made = [result if result.strides[-1] == 8 else np.empty(result.shape) for result in results]
        run = self._loop.on(sources, [lane for result in made for lane in result])
        all_probes = []
        for start in range(0, rows, _BLOCK):
            end = min(start + _BLOCK, rows)
            probes, well = run(start, end)
            all_probes.append(probes)
            for unit in self._apart:
                sizes.measure(unit, probes[self._probes[unit]])
            sizes.close(start, end, not well)
        whole = np.stack(all_probes, axis=1)
        for unit in self._far:
            sizes.measure(unit, whole[self._probes[unit]])
        for result, found in zip(results, made):
            if result is not found:
                np.copyto(result, found)
        doubtful = self._extent.candidates(sizes, results)
        return self.closely.settle(columns, results, doubtful) if len(doubtful) else doubtful


def _side_by_side(column: Column) -> Column:
    """Return lanes whose rows stand side by side."""
    if column.strides[-1] == 8:
        return column
    out = np.empty(column.shape)
    for start in range(0, column.shape[1], _FEW):
        out[:, start : start + _FEW] = column[:, start : start + _FEW]
    return out
