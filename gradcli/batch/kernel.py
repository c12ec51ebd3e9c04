"""Run a tape on columns, block by block, and say which rows it is not sure about.

A block is as large as the cache likes, its intermediate columns are used again, and results are written where they belong: no
temporary has the size of the data. How much is certain is asked of all rows at once: the processor itself notes every overflow,
underflow and invalid operation, and `bounds` says how wrong the rest may be as long as sizes stay in a range (`blockwise`). Only the
rows for which that says too little are asked one by one (`closely`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from operator import itemgetter
from typing import Any

import numpy as np

from gradcli.batch.blockwise import Blocks, Doubts
from gradcli.batch.closely import Closely
from gradcli.batch.columns import kernel
from gradcli.batch.extent import Sizes
from gradcli.batch.lanes import WHOLE, Lanes, Ref
from gradcli.batch.tape import Tape

_CACHE = 1 << 18  # floats that are at work at a time: two megabytes, a second-level cache
_LEAST, _MOST = 1 << 10, 1 << 13  # rows of a block: shorter ones are all overhead
_SPAN = 1 << 20  # rows after which sizes are measured anew: one far away does not make all that follow doubtful
_FEW = 1 << 9

Column = Any


class Kernel:
    """A tape made ready to run: which columns each step writes, and what has to be measured on the way."""

    def __init__(self, tape: Tape) -> None:
        self.lanes = Lanes(tape)
        self.blocks, self.closely = Blocks(self.lanes), Closely(self.lanes)
        self.direct = self._direct()
        self.registers = _registers(self.lanes, self.direct, self.blocks.kept)
        self._slots = _Slots(self.lanes)
        self._constant: list[Column] = self._slots.empty()
        for unit, (value, _) in self.lanes.constants.items():
            self._slots.put(self._constant, unit, value)
        self._steps = [(kernel(step), self._slots.of(step.args, step.out), step.out) for step in self.lanes.steps]
        widths = {register: self.lanes.width(unit) for unit, register in self.registers.items()}
        at_work = sum(widths.values()) + sum(map(self.lanes.width, self.lanes.inputs)) + sum(map(len, self.lanes.outputs))
        self.block = 1 << (max(_LEAST, min(_MOST, _CACHE // max(1, at_work))).bit_length() - 1)

    def _direct(self) -> dict[int, int]:
        """Return the units that are an output as they stand, and which: they are written where they belong."""
        found: dict[int, int] = {}
        made = {step.out for step in self.lanes.steps}
        for k, refs in enumerate(self.lanes.outputs):
            unit = refs[0].unit
            if unit in made and unit not in found and refs == self.lanes.every(unit):
                found[unit] = k
        return found

    def run(self, columns: dict[str, Column], results: list[Column]) -> Column:
        """Write every output, as (*shape, rows), for all rows of some columns; return the rows that are not sure."""
        return settled(self.closely, columns, results, self._doubtful)

    def _doubtful(self, columns: dict[str, Column], results: list[Column]) -> list[Column]:
        """Run all rows, block by block; return the places of those in doubt."""
        rows, flags, found = results[0].shape[-1], list[object](), list[Column]()
        registers = {register: np.empty((self.lanes.width(unit), self.block)) for unit, register in self.registers.items()}
        doubts: Doubts | None = None
        with np.errstate(all="call", call=lambda *flag: flags.append(flag)):
            for start in range(0, rows, self.block):
                end = min(start + self.block, rows)
                flags.clear()
                at, sizes = self._block({name: column[:, start:end] for name, column in columns.items()},
                                        [result[:, start:end] for result in results], registers)  # fmt: skip
                if start % _SPAN == 0:
                    doubts = None
                if flags or sizes is None:
                    found.append(np.arange(start, end))
                    continue
                if doubts is None or not sizes.within(doubts.sizes):
                    doubts = self.blocks.doubts(sizes.widened(doubts.sizes if doubts else None))
                found.append(start + doubts.rows(at.__getitem__, end - start))
        return found

    def _block(self, columns: dict[str, Column], results: list[Column], registers: dict[int, Column]) -> tuple[list[Column], Sizes | None]:
        """Run a block; return its columns, and their sizes if all that comes in is finite."""
        lanes, rows = self.lanes, results[0].shape[-1]
        at, sizes = self._constant.copy(), Sizes({}, {})
        for unit, name in lanes.inputs.items():
            column = columns[name] if columns[name].strides[-1] == 8 else copied(columns[name], np.empty(columns[name].shape))
            self._slots.put(at, unit, column if lanes.width(unit) > 1 else column[0])
        for unit, register in self.registers.items():
            column = registers[register][:, :rows]
            self._slots.put(at, unit, column if lanes.width(unit) > 1 else column[0])
        for unit, k in self.direct.items():
            self._slots.put(at, unit, results[k] if lanes.width(unit) > 1 else results[k][0])
        for unit in lanes.inputs:
            self.blocks.measure(sizes, unit, at[unit])
        finite = all(math.isfinite(sizes.hi[unit]) if unit in sizes.hi else _is_finite(at[unit]) for unit in lanes.inputs)
        for run, columns_of, out in self._steps:
            run(*columns_of(at))
            self.blocks.measure(sizes, out, at[out])
        for k, (result, refs) in enumerate(zip(results, lanes.outputs)):
            if self.direct.get(refs[0].unit) != k:
                for lane, ref in enumerate(refs):
                    np.copyto(result[lane], at[self._slots.place(ref)])
        return at, sizes if finite else None


def _is_finite(column: Column) -> bool:
    """Tell whether all numbers are finite: their sum is, or the sum of their squares, which is the quickest."""
    return math.isfinite(column.dot(column) if column.ndim == 1 else column.sum())


def copied(column: Column, out: Column) -> Column:
    """Copy lanes to where their rows stand side by side; a few rows at a time, so that both places fit the first cache."""
    for start in range(0, column.shape[1], _FEW):
        out[:, start : start + _FEW] = column[:, start : start + _FEW]
    return out


def settled(closely: Closely, columns: dict[str, Column], results: list[Column], doubtful: Callable[..., list[Column]]) -> Column:
    """Run all rows, every variable and every output as its lanes, and look closely at those in doubt; return the rows that are not sure."""
    rows = next(iter(columns.values())).shape[-1]
    entered = {name: column.reshape(-1, rows) for name, column in columns.items()}
    written = [result.reshape(-1, rows) for result in results]
    found = np.concatenate([np.empty(0, dtype=np.intp), *doubtful(entered, written)])
    return closely.settle(entered, written, found) if len(found) else found


class _Slots:
    """A flat list of columns: the units, and the lanes of those that have several."""

    def __init__(self, lanes: Lanes) -> None:
        self.lanes = lanes
        self._first: dict[int, int] = {}
        self._many = len(lanes.units)
        read = [*(step.args for step in lanes.steps), *lanes.outputs]
        refs = [*(ref for several in read for ref in several), *lanes.apart, *lanes.quiet]
        for unit in dict.fromkeys(ref.unit for ref in refs if ref.lane != WHOLE):
            self._first[unit] = self._many
            self._many += lanes.width(unit)

    def empty(self) -> list[Column]:
        return [None] * self._many

    def place(self, ref: Ref) -> int:
        return ref.unit if ref.lane == WHOLE else self._first[ref.unit] + ref.lane

    def put(self, at: list[Column], unit: int, column: Column) -> None:
        at[unit] = column
        if unit in self._first:
            first = self._first[unit]
            at[first : first + self.lanes.width(unit)] = list(column)

    def of(self, args: tuple[Ref, ...], out: int) -> Any:
        return itemgetter(*map(self.place, args), out)


def _registers(lanes: Lanes, direct: dict[int, int], kept: set[int]) -> dict[int, int]:
    """Give every unit that is not written where it belongs a register: that of one nobody reads any more, where there is one as wide.

    Those that are ``kept`` are read again at the end.
    """
    last: dict[int, int] = {}
    for t, step in enumerate(lanes.steps):
        last.update(dict.fromkeys((*(ref.unit for ref in step.args), step.out), t))
    last.update(dict.fromkeys((*kept, *(ref.unit for refs in lanes.outputs for ref in refs)), len(lanes.steps)))
    register: dict[int, int] = {}
    free: dict[int, list[int]] = {}
    many = 0
    for t, step in enumerate(lanes.steps):
        width = lanes.width(step.out)
        if step.out not in direct:
            if not free.get(width):
                free[width] = [many]
                many += 1
            register[step.out] = free[width].pop()
        for unit in {*(ref.unit for ref in step.args), step.out}:
            if last[unit] == t and unit in register:
                free.setdefault(lanes.width(unit), []).append(register[unit])
    return register
