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

_CACHE = 1 << 21  # floats that are at work at a time: 16 megabytes, a third-level cache
_LEAST, _MOST = 1 << 10, 1 << 16  # rows of a block: with short ones, threads wait for each other before and behind each operation
_SPAN = 1 << 20  # rows after which sizes are measured anew: one far away does not make all that follow doubtful
_PATIENCE = 32  # pieces of a block that were looked at for nothing
_FEW = 1 << 9  # rows that are copied, or looked at, for themselves

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
        entered, written = by_lane(columns, results)
        registers = {register: np.empty((self.lanes.width(unit), self.block)) for unit, register in self.registers.items()}
        flags, judged = set[str](), dict[int, Doubts]()
        bearable = {"invalid value"} if self.blocks.branching else set[str]()

        def doubtful(start: int, end: int) -> Column | None:
            flags.clear()
            at, sizes = self._block({name: column[:, start:end] for name, column in entered.items()},
                                    [result[:, start:end] for result in written], registers)  # fmt: skip
            if sizes is None or not flags <= bearable:
                return None
            invalid = bool(flags)
            span = start // _SPAN
            if span not in judged or not sizes.within(judged[span].sizes):
                judged[span] = Doubts(self.blocks, sizes.widened(judged[span].sizes if span in judged else None))
            return judged[span].rows(at.__getitem__, end - start, invalid)

        with np.errstate(all="call", call=lambda kind, _: flags.add(kind)):
            return settled(self.closely, entered, written, self.block, doubtful)

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
        told = {} if self.blocks.branching else sizes.hi
        finite = all(math.isfinite(told[unit]) if unit in told else _is_finite(at[unit]) for unit in lanes.inputs)
        for run, columns_of, out in self._steps:
            run(*columns_of(at))
            self.blocks.measure(sizes, out, at[out])
        for k, (result, refs) in enumerate(zip(results, lanes.outputs)):
            if self.direct.get(refs[0].unit) != k:
                for lane, ref in enumerate(refs):
                    np.copyto(result[lane], at[self._slots.place(ref)])
        return at, sizes if finite else None


def _is_finite(column: Column) -> bool:
    """Tell whether all numbers are finite: then so is their sum, if it is not out of reach."""
    return math.isfinite(np.add.reduce(column, axis=None))


def copied(column: Column, out: Column) -> Column:
    """Copy lanes to where their rows stand side by side; a few rows at a time, so that both places fit the first cache."""
    for start in range(0, column.shape[1], _FEW):
        out[:, start : start + _FEW] = column[:, start : start + _FEW]
    return out


def by_lane(columns: dict[str, Column], results: list[Column]) -> tuple[dict[str, Column], list[Column]]:
    """Return every variable and every output as its lanes."""
    rows = results[0].shape[-1]
    return {name: column.reshape(-1, rows) for name, column in columns.items()}, [result.reshape(-1, rows) for result in results]


def settled(
    closely: Closely, columns: dict[str, Column], results: list[Column], size: int, doubtful: Callable[[int, int], Column | None]
) -> Column:
    """Run all rows, so many at a time; return those that are not sure.

    ``doubtful`` runs some and returns which of them are in doubt; None if a number has left the floats on the way, in whichever row: then
    it is asked again for a few at a time, as long as that helps. At rows in doubt we look closely.
    """
    found, waiting = [np.empty(0, dtype=np.intp)], _cut(0, results[0].shape[-1], size)
    helped = 0  # how many pieces more were done than were not
    while waiting:
        start, end = waiting.pop()
        places = doubtful(start, end)
        few = end - start <= _FEW
        helped += few * (1 if places is not None else -1)
        if places is None and not few and helped > -_PATIENCE:
            waiting += _cut(start, end, _FEW)
        else:
            found.append(np.arange(start, end) if places is None else start + places)
    left = np.concatenate(found)
    return closely.settle(columns, results, left) if len(left) else left


def _cut(start: int, end: int, size: int) -> list[tuple[int, int]]:
    """Return pieces, the last first."""
    return [(place, min(place + size, end)) for place in range(start, end, size)][::-1]


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
