"""Run a tape on columns, block by block, and say which rows it is not sure about.

A block is as large as the cache likes, its intermediate columns are used again, and results are written where they belong: no
temporary has the size of the data. How much is certain is asked of all rows at once: the processor itself notes every overflow,
underflow and invalid operation, and `bounds` says how wrong the rest may be. Only where that is too little, rows are asked one by one
(`closely`).
"""

from __future__ import annotations

from collections.abc import Callable
from operator import itemgetter
from typing import Any

import numpy as np

from gradcli.batch.closely import Closely
from gradcli.batch.columns import kernel
from gradcli.batch.extent import Extent, Sizes
from gradcli.batch.lanes import WHOLE, Lanes, Ref
from gradcli.batch.tape import Tape

_CACHE = 1 << 18  # floats that are at work at a time: two megabytes, a second-level cache
_LEAST, _MOST = 1 << 10, 1 << 13  # rows of a block: shorter ones are all overhead
_SPAN = 1 << 18  # rows that are judged together

Column = Any


class Kernel:
    """A tape made ready to run: which columns each step writes, and what has to be measured on the way."""

    def __init__(self, tape: Tape) -> None:
        self.lanes = Lanes(tape)
        self.extent, self.closely = Extent(self.lanes), Closely(self.lanes)
        self.direct = self._direct()
        self.registers = _registers(self.lanes, self.direct)
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
        return in_spans(columns, results, _SPAN, self._span)

    def _span(self, columns: dict[str, Column], results: list[Column]) -> Column:
        """Run the rows of a span, block by block, and ask once which of them are certain."""
        rows, flags, sizes = results[0].shape[-1], list[object](), self.extent.sizes()
        registers = {register: np.empty((self.lanes.width(unit), self.block)) for unit, register in self.registers.items()}
        with np.errstate(all="call", call=lambda *flag: flags.append(flag)):
            for start in range(0, rows, self.block):
                end = min(start + self.block, rows)
                self._block({name: column[:, start:end] for name, column in columns.items()}, [result[:, start:end] for result in results],
                            registers, sizes)  # fmt: skip
                sizes.close(start, end, bool(flags))
                flags.clear()
        doubtful = self.extent.candidates(sizes, results)
        return self.closely.settle(columns, results, doubtful) if len(doubtful) else doubtful

    def _block(self, columns: dict[str, Column], results: list[Column], registers: dict[int, Column], sizes: Sizes) -> None:
        lanes, rows = self.lanes, results[0].shape[-1]
        at = self._constant.copy()
        for unit, name in lanes.inputs.items():
            column = columns[name] if columns[name].strides[-1] == 8 else np.ascontiguousarray(columns[name])
            self._slots.put(at, unit, column if lanes.width(unit) > 1 else column[0])
            sizes.enter(unit, column)
        for unit, register in self.registers.items():
            column = registers[register][:, :rows]
            self._slots.put(at, unit, column if lanes.width(unit) > 1 else column[0])
        for unit, k in self.direct.items():
            self._slots.put(at, unit, results[k] if lanes.width(unit) > 1 else results[k][0])
        measured = self.extent.measured
        for run, columns_of, out in self._steps:
            run(*columns_of(at))
            if out in measured:
                sizes.measure(out, at[out])
        for k, (result, refs) in enumerate(zip(results, lanes.outputs)):
            if self.direct.get(refs[0].unit) != k:
                for lane, ref in enumerate(refs):
                    np.copyto(result[lane], at[self._slots.place(ref)])


def in_spans(columns: dict[str, Column], results: list[Column], length: int, run: Callable[..., Column]) -> Column:
    """Run so many rows at a time, every variable and every output as its lanes; return the rows that are not sure."""
    rows = next(iter(columns.values())).shape[-1]
    entered = {name: column.reshape(-1, rows) for name, column in columns.items()}
    written = [result.reshape(-1, rows) for result in results]
    doubtful = [np.empty(0, dtype=np.intp)]
    for start in range(0, rows, length):
        end = min(start + length, rows)
        doubtful.append(start + run({k: v[:, start:end] for k, v in entered.items()}, [w[:, start:end] for w in written]))
    return np.concatenate(doubtful)


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


def _registers(lanes: Lanes, direct: dict[int, int]) -> dict[int, int]:
    """Give every unit that is not written where it belongs a register: that of one nobody reads any more, where there is one as wide."""
    last: dict[int, int] = {}
    for t, step in enumerate(lanes.steps):
        last.update(dict.fromkeys((*(ref.unit for ref in step.args), step.out), t))
    last.update(dict.fromkeys((ref.unit for refs in lanes.outputs for ref in refs), len(lanes.steps)))
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
