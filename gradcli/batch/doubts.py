"""Which rows are certain: asked of all of them at once, then of those that are left, then of these with longer floats.

A row is certain if ten digits of everything it gives are, and if it is clearly no kink, no jump and no edge of a condition.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gradcli.batch.bounds import RULES, UNIT, Bound, Known, relative
from gradcli.batch.columns import is_native, kernel
from gradcli.batch.lanes import WHOLE, Lanes, Ref
from gradcli.batch.tape import LINEAR

DIGITS = 1e-10  # what a number may be off, relatively: ten digits are right; of most numbers all
_AT_A_TIME = 1 << 14  # rows that are looked at closely
LONG = np.longdouble if np.finfo(np.longdouble).eps < 1e-18 else None  # 64 bits of digits on x86; elsewhere there may be none

Column = Any


def _errors(lanes: Lanes, scale: Any) -> dict[int, Known]:
    """Return what is known of every unit."""
    known = {unit: _of_constant(unit, *constant) for unit, constant in lanes.constants.items()}
    known |= {unit: Known(Ref(unit), 0.0, 0.0) for unit in lanes.inputs}
    for step in lanes.steps:
        args = [scale.pick(known[ref.unit], ref) for ref in step.args]
        out = known[step.out] = Known(Ref(step.out), 0.0, 0.0)
        if step.op == LINEAR:
            out.rel, out.abs = 0.0, scale.linear(np.abs(step.weights), args)
        else:
            out.rel, out.abs = RULES[step.op, len(args)](scale, out, *args)
    return known


def _of_constant(unit: int, value: Any, bound: Any) -> Known:
    """Return what is known of a constant, or of a column of them: the worst."""
    exact = not np.any(bound)
    return Known(Ref(unit), 0.0 if exact else float(np.max(bound / np.maximum(np.abs(value), 1e-300))), 0.0)


# ---- all rows at once ---------------------------------------------------------------------------------------


class Sizes:
    """The least and the greatest |value| in some units, over the rows so far; and blocks of rows that have to be looked at."""

    def __init__(self, least: set[int], most: set[int], apart: set[int]) -> None:
        self.lo, self.hi = dict.fromkeys(least, math.inf), dict.fromkeys(most, 0.0)
        self.nearest: list[tuple[int, int, dict[int, float]]] = []  # of each block: how near it comes to what must be apart
        self.flagged: list[tuple[int, int]] = []
        self._apart, self._near, self._finite = apart, dict[int, float](), True

    def enter(self, unit: int, column: Column) -> None:
        """Note whether all that comes in is finite, and its size."""
        for lane in column:
            self._finite = self._finite and math.isfinite(lane.dot(lane))
        if unit in self.lo or unit in self.hi:
            self.measure(unit, column)

    def measure(self, unit: int, column: Column) -> None:
        """Note the size of a unit."""
        size = np.absolute(column)
        if unit in self.hi:
            most = float(size.max())
            self.hi[unit] = most if not most <= self.hi[unit] else self.hi[unit]  # nan stays
        if unit in self.lo:
            least = float(size.min())
            self.lo[unit] = least if not least >= self.lo[unit] else self.lo[unit]
            if unit in self._apart:
                self._near[unit] = least

    def close(self, start: int, end: int, flagged: bool) -> None:
        """End a block."""
        if flagged or not self._finite:
            self.flagged.append((start, end))
        elif self._apart:
            self.nearest.append((start, end, self._near))
        self._near, self._finite = {}, True


class Extent:
    """The errors of a whole span of rows, by the sizes that hold for all of them."""

    unit = UNIT

    def __init__(self, lanes: Lanes) -> None:
        self.lanes = lanes
        self.wanted = list(dict.fromkeys(ref.unit for refs in lanes.outputs for ref in refs))
        self.apart, self.quiet = {ref.unit for ref in lanes.apart}, {ref.unit for ref in lanes.quiet}
        self._sizes: Sizes | None = None
        self._asked: tuple[set[int], set[int]] = set(), set()
        known = _errors(lanes, self)  # without sizes: to find out which are asked for
        for unit in self.wanted:
            self.over(known[unit].abs, self.lo, known[unit])
        least, most = (asked - set(lanes.constants) for asked in self._asked)
        self._least, self._most = least | (self.apart - set(lanes.constants)), most | (self.quiet - set(lanes.constants))
        self.measured = self._least | self._most

    def sizes(self) -> Sizes:
        """Return a record of sizes for a span of rows."""
        return Sizes(self._least, self._most, self.apart)

    def candidates(self, sizes: Sizes, results: list[Column]) -> Column:
        """Return the rows that these sizes leave in doubt."""
        self._sizes = sizes
        known = _errors(self.lanes, self)
        rows = results[0].shape[-1]
        doubt = np.zeros(rows, dtype=bool)
        for start, end in sizes.flagged:
            doubt[start:end] = True
        if any(known[unit].abs or known[unit].rel or self.hi(known[unit]) for unit in self.quiet):
            return np.arange(rows)
        for start, end, nearest in sizes.nearest:
            if any(not nearest.get(unit, self.lo(known[unit])) > known[unit].abs for unit in self.apart):
                doubt[start:end] = True
        for result, refs in zip(results, self.lanes.outputs):
            for lane, ref in enumerate(refs):
                error = known[ref.unit]
                if not error.rel < DIGITS / 2 or not error.abs < math.inf:
                    return np.arange(rows)
                if not self.over(error.abs, self.lo, error) <= DIGITS / 2:
                    doubt |= ~(np.absolute(result[lane]) * (DIGITS / 2) >= error.abs)
        return np.flatnonzero(doubt)

    # what the rules ask for

    def pick(self, known: Known, ref: Ref) -> Known:
        return known

    def linear(self, weights: Column, args: list[Known]) -> float:
        terms = len(weights[0])
        error: float = max(1.01 * self._spread(arg) + (terms + 1) * self.unit * self.hi(arg) for arg in args)
        return error * float(weights.sum(axis=1).max())

    def _spread(self, k: Known) -> float:
        return self.times(k.rel, self.hi, k) + float(k.abs)

    def lo(self, k: Known) -> float:
        if k.ref.unit in self.lanes.constants:
            return float(np.min(np.abs(self.lanes.constants[k.ref.unit][0])))
        if self._sizes is None:
            self._asked[0].add(k.ref.unit)
            return 1.0
        return self._sizes.lo.get(k.ref.unit, 0.0)

    def hi(self, k: Known) -> float:
        if k.ref.unit in self.lanes.constants:
            return float(np.max(np.abs(self.lanes.constants[k.ref.unit][0])))
        if self._sizes is None:
            self._asked[1].add(k.ref.unit)
            return 1.0
        return self._sizes.hi.get(k.ref.unit, math.inf)

    def sign(self, k: Known) -> int:
        return self.lanes.sign[k.ref.unit]

    def floor(self, k: Known) -> float:
        return 0.0 if self.sign(k) > 0 else -self.hi(k)

    def rounding(self, out: Known) -> float:
        return 0.0 if self.lanes.whole[out.ref.unit] else self.unit

    def lost(self, out: Known, *args: Known) -> float:
        return 0.0  # the processor would have said so

    def most(self, a: float, b: float) -> float:
        return max(a, b)

    def choose(self, holds: bool, a: float, b: float) -> float:
        return a if holds else b

    def times(self, error: float, size: Callable[[Known], float], k: Known) -> float:
        return error * size(k) if error else 0.0

    def over(self, error: float, size: Callable[[Known], float], k: Known) -> float:
        if not error:
            return 0.0
        below = size(k)
        return error / below if below else math.inf

    def exp(self, a: float) -> float:
        return math.exp(a) if a < 709 else math.inf

    def sqrt(self, a: float) -> float:
        return math.sqrt(a)

    def decided(self, k: Known) -> bool:
        return not k.abs or self.lo(k) > k.abs

    def branch(self, out: Known, c: Known, a: Known, b: Known) -> Bound:
        return (max(a.rel, b.rel), max(a.abs, b.abs)) if not c.abs and not c.rel else (math.inf, 0.0)


# ---- row by row ---------------------------------------------------------------------------------------------


class Closely:
    """Looks at rows in doubt: each for itself, and then with longer floats."""

    def __init__(self, lanes: Lanes) -> None:
        self.lanes = lanes
        self.longer = LONG is not None and all(map(is_native, lanes.steps))

    def settle(self, columns: dict[str, Column], results: list[Column], rows: Column) -> Column:
        """Return which of some rows remain in doubt; write the results of those that longer floats make certain."""
        left: list[Column] = []
        with np.errstate(all="ignore"):
            for start in range(0, len(rows), _AT_A_TIME):
                some = rows[start : start + _AT_A_TIME]
                doubt = some[Rows(self.lanes, {name: column[:, some] for name, column in columns.items()}, np.float64).unsure()]
                if self.longer and len(doubt):
                    close = Rows(self.lanes, {name: column[:, doubt] for name, column in columns.items()}, LONG)
                    unsure = close.unsure()
                    for result, refs in zip(results, self.lanes.outputs):
                        for lane, ref in enumerate(refs):
                            result[lane, doubt[~unsure]] = close.value(ref)[~unsure]
                    doubt = doubt[unsure]
                left.append(doubt)
        return np.concatenate(left)


class Rows:
    """The errors of some rows, each for itself, in floats of some length."""

    def __init__(self, lanes: Lanes, inputs: dict[str, Column], floats: Any) -> None:
        self.lanes, self.floats = lanes, floats
        self.rows = next(iter(inputs.values())).shape[-1]
        self.unit = UNIT * float(np.finfo(floats).eps / np.finfo(np.float64).eps)
        self.at: list[Column] = [None] * len(lanes.units)
        for unit, (value, _) in lanes.constants.items():
            self.at[unit] = np.broadcast_to(np.asarray(value, dtype=floats), self._shape(unit))
        for unit, name in lanes.inputs.items():
            self.at[unit] = np.asarray(inputs[name] if lanes.width(unit) > 1 else inputs[name][0], dtype=floats)
        for step in lanes.steps:
            self.at[step.out] = np.empty(self._shape(step.out), dtype=floats)
            kernel(step)(*map(self.value, step.args), self.at[step.out])

    def _shape(self, unit: int) -> tuple[int, ...]:
        width = self.lanes.width(unit)
        return (width, self.rows) if width > 1 else (self.rows,)

    def value(self, ref: Ref) -> Column:
        """Return the column of an argument, or its lanes."""
        return self.at[ref.unit] if ref.lane == WHOLE else self.at[ref.unit][ref.lane]

    def unsure(self) -> Column:
        """Return of each row whether its digits, or its being smooth, are not certain."""
        known = _errors(self.lanes, self)
        unsure = np.zeros(self.rows, dtype=bool)
        for unit in self.lanes.inputs:
            unsure |= self._any(~np.isfinite(self.at[unit]))
        for refs in self.lanes.outputs:
            for ref in refs:
                unsure |= ~(relative(self, self.pick(known[ref.unit], ref)) <= DIGITS) | ~np.isfinite(self.value(ref).astype(np.float64))
        for ref in self.lanes.apart:
            unsure |= ~(np.absolute(self.value(ref)) > self.pick(known[ref.unit], ref).abs)
        for ref in self.lanes.quiet:
            error = self.pick(known[ref.unit], ref)
            unsure |= (self.value(ref) != 0) | (error.abs + error.rel > 0)
        return unsure

    def _any(self, lanes: Column) -> Column:
        return lanes.any(axis=0) if lanes.ndim > 1 else lanes

    # what the rules ask for

    def pick(self, known: Known, ref: Ref) -> Known:
        if ref.lane == WHOLE:
            return known
        rel, absolute = (error[ref.lane] if np.ndim(error) > 1 else error for error in (known.rel, known.abs))
        return Known(ref, rel, absolute)

    def linear(self, weights: Column, args: list[Known]) -> Column:
        spreads = [1.01 * self._spread(arg) + (len(weights[0]) + 1) * self.unit * self.hi(arg) for arg in args]
        return weights @ (spreads[0] if len(spreads) == 1 and len(weights[0]) > 1 else np.stack(spreads))

    def _spread(self, k: Known) -> Column:
        return np.broadcast_to(self.times(k.rel, self.hi, k) + k.abs, np.shape(self.value(k.ref)))

    def lo(self, k: Known) -> Column:
        return np.absolute(self.value(k.ref))

    hi = lo

    def sign(self, k: Known) -> int:
        return self.lanes.sign[k.ref.unit]

    def floor(self, k: Known) -> Column:
        return self.value(k.ref)

    def rounding(self, out: Known) -> float:
        return 0.0 if self.lanes.whole[out.ref.unit] else self.unit

    def lost(self, out: Known, *args: Known) -> Column:
        small = np.absolute(self.value(out.ref)) < 1e-290
        for arg in args:
            small = small & (self.value(arg.ref) != 0)
        return np.where(small, 1e-322, 0.0)

    def most(self, a: Column, b: Column) -> Column:
        return np.maximum(a, b)

    def choose(self, holds: Column, a: Column, b: Column) -> Column:
        return np.where(holds, a, b)

    def times(self, error: Column, size: Callable[[Known], Column], k: Known) -> Column:
        return np.where(np.equal(error, 0), 0.0, error * size(k))

    def over(self, error: Column, size: Callable[[Known], Column], k: Known) -> Column:
        return np.where(np.equal(error, 0), 0.0, error / size(k))

    def exp(self, a: Column) -> Column:
        return np.exp(a)

    def sqrt(self, a: Column) -> Column:
        return np.sqrt(a)

    def decided(self, k: Known) -> Column:
        return np.equal(k.abs, 0) | (self.lo(k) > k.abs)

    def branch(self, out: Known, c: Known, a: Known, b: Known) -> Bound:
        told, taken = np.equal(c.abs, 0) & np.equal(c.rel, 0), self.value(c.ref) != 0
        gap = np.where(told, 0.0, np.absolute(self.value(a.ref) - self.value(b.ref)))
        rel = np.where(told, np.where(taken, a.rel, b.rel), np.maximum(a.rel, b.rel))
        return rel, np.where(told, np.where(taken, a.abs, b.abs), np.maximum(a.abs, b.abs)) + gap
