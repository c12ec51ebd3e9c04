"""Rows in doubt, each for itself: first in floats, then in longer ones, where the machine has them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gradcli.batch.bounds import UNIT, Known
from gradcli.batch.columns import Kernel, is_native, kernel
from gradcli.batch.doubts import LOST, MOST, NORMAL, TINY, Singly, errors
from gradcli.batch.lanes import WHOLE, Lanes, Ref

LONG = np.longdouble if np.finfo(np.longdouble).eps < 1e-18 else None  # 64 bits of digits on x86; elsewhere there may be none
_AT_A_TIME = 1 << 12  # rows: columns that fit a cache, and that the allocator need not ask the system for
_NUMBERS = 1 << 22  # values at a time: all of a tape are kept, and about as many bounds

Column = Any


class Closely:
    """Looks at rows in doubt: each for itself, and then with longer floats."""

    def __init__(self, lanes: Lanes) -> None:
        self.lanes, self.kernels = lanes, [kernel(step) for step in lanes.steps]
        self._rows_at_a_time = max(1, min(_AT_A_TIME, _NUMBERS // sum(map(len, lanes.units))))
        self.longer = LONG is not None and all(map(is_native, lanes.steps))

    def settle(self, columns: dict[str, Column], results: list[Column], rows: Column) -> Column:
        """Return which of some rows remain in doubt; write the results of those that longer floats make certain."""
        left: list[Column] = []
        with np.errstate(all="ignore"):
            for start in range(0, len(rows), self._rows_at_a_time):
                some = rows[start : start + self._rows_at_a_time]
                doubt = some[~self._rows(columns, some, np.float64).sure()]
                if self.longer and len(doubt):
                    close = self._rows(columns, doubt, LONG)
                    sure = close.sure()
                    for result, refs in zip(results, self.lanes.outputs):
                        for lane, ref in enumerate(refs):
                            result[lane, doubt[sure]] = close.value(ref)[sure]
                    doubt = doubt[~sure]
                left.append(doubt)
        return np.concatenate(left)

    def _rows(self, columns: dict[str, Column], places: Column, floats: Any) -> Rows:
        return Rows(self.lanes, self.kernels, {name: column[:, places] for name, column in columns.items()}, floats)


class Rows(Singly):
    """The errors of some rows, each for itself, in floats of some length."""

    lanes: Lanes

    def __init__(self, lanes: Lanes, kernels: list[Kernel], inputs: dict[str, Column], floats: Any) -> None:
        self.lanes, self.floats = lanes, floats
        self.rows = next(iter(inputs.values())).shape[-1]
        self.unit = UNIT * float(np.finfo(floats).eps / np.finfo(np.float64).eps)
        self.at: list[Column] = [None] * len(lanes.units)
        for unit, (value, _) in lanes.constants.items():
            self.at[unit] = np.broadcast_to(np.asarray(value, dtype=floats), self._shape(unit))
        for unit, name in lanes.inputs.items():
            self.at[unit] = np.asarray(inputs[name] if lanes.width(unit) > 1 else inputs[name][0], dtype=floats)
        for run, step in zip(kernels, lanes.steps):
            self.at[step.out] = np.empty(self._shape(step.out), dtype=floats)
            run(*map(self.value, step.args), self.at[step.out])

    def _shape(self, unit: int) -> tuple[int, ...]:
        width = self.lanes.width(unit)
        return (width, self.rows) if width > 1 else (self.rows,)

    def value(self, ref: Ref) -> Column:
        """Return the column of an argument, or its lanes."""
        return self.at[ref.unit] if ref.lane == WHOLE else self.at[ref.unit][ref.lane]

    def sure(self) -> Column:
        """Return of which rows the digits, and their being smooth, are certain."""
        lanes, known = self.lanes, errors(self.lanes, self)
        inputs = [ref for unit in lanes.inputs for ref in lanes.every(unit)]
        outputs = [ref for refs in lanes.outputs for ref in refs]
        return self.certain(lambda ref: self.pick(known[ref.unit], ref), inputs, outputs, lanes.needed, lanes.apart, lanes.quiet)

    # what the rules ask for

    def pick(self, known: Known, ref: Ref) -> Known:
        if ref.lane == WHOLE:
            return known
        rel, absolute = (error[ref.lane] if np.ndim(error) > 1 else error for error in (known.rel, known.abs))
        return Known(ref, rel, absolute)

    def linear(self, weights: Column, rounded: bool, args: list[Known]) -> Column:
        share = len(weights[0]) * self.unit + UNIT * rounded  # to a float64, however long the floats are
        spreads = np.vstack([1.01 * self._spread(arg) + share * self.hi(arg) for arg in args])
        lost = LOST * ((weights > 0) @ (spreads > 0).astype(float))
        found = weights @ spreads + lost
        return found if len(found) > 1 else found[0]

    def _spread(self, k: Known) -> Column:
        return np.broadcast_to(self.times(k.rel, self.hi, k) + k.abs, np.shape(self.value(k.ref)))

    def lost(self, out: Known, *args: Known) -> Column:
        small = np.absolute(self.value(out.ref)) < TINY
        if not small.any():
            return 0.0
        for arg in args:
            small = small & ((self.value(arg.ref) != 0) | np.not_equal(arg.abs, 0))
        return np.where(small, LOST, 0.0)

    def idle(self, upstream: Known, value: Known) -> Column:
        return (self.value(upstream.ref) == 0) & ~np.isfinite(self.value(value.ref))

    def finite(self, values: list[Column]) -> Column:
        found = np.ones(self.rows, dtype=bool)
        for value in values:
            found &= np.absolute(value) <= MOST
        return found

    def normal(self, k: Known) -> Column:
        return (self.lo(k) >= NORMAL) | (self.lo(k) <= 0)

    def checked(self, out: Known) -> Column:
        return self.choose(np.isfinite(self.value(out.ref)), out.rel, math.inf)

    def most(self, a: Column, b: Column) -> Column:
        return np.maximum(a, b)

    def nearest(self, a: Column) -> Column:
        return np.rint(a)

    def choose(self, holds: Column, a: Column, b: Column) -> Column:
        if np.all(holds):  # as nearly always; what is the same for all rows stays one number
            return a
        return np.where(holds, a, b) if np.any(holds) else b

    def times(self, error: Column, size: Callable[[Known], Column], k: Known) -> Column:
        return self._but_zero(error, error * size(k)) if np.any(error) else 0.0

    def over(self, error: Column, size: Callable[[Known], Column], k: Known) -> Column:
        return self._but_zero(error, error / size(k)) if np.any(error) else 0.0

    def _but_zero(self, error: Column, found: Column) -> Column:
        return np.where(np.equal(error, 0), 0.0, found) if np.isnan(found).any() else found

    def sqrt(self, a: Column) -> Column:
        return np.sqrt(a)
