"""All rows of a span at once: sizes that hold for every row, and the rows that they leave in doubt."""

from __future__ import annotations

import math
from collections.abc import Callable
from copy import copy
from typing import Any

import numpy as np

from gradcli.batch.bounds import UNIT, Bound, Known
from gradcli.batch.columns import is_native
from gradcli.batch.doubts import DIGITS, HALF, LOST, TINY, Seen, errors
from gradcli.batch.lanes import Lanes, Ref

Column = Any
_LOGARITHMS = ("ln", "log2", "log10")
_LARGE = 1e307  # sums below are floats


class Sizes:
    """The least and the greatest |value| in some units, over the rows so far; and blocks of rows that have to be looked at."""

    def __init__(self, least: set[int], most: set[int], apart: set[int]) -> None:
        self.lo, self.hi = dict.fromkeys(least, math.inf), dict.fromkeys(most, 0.0)
        self.nearest: list[tuple[int, int, dict[int, float]]] = []  # of each block: how near it comes to what must be apart
        self.flagged: list[tuple[int, int]] = []
        self._apart, self._near, self._finite = apart, dict[int, float](), True

    def enter(self, unit: int, column: Column) -> None:
        """Note whether all that comes in is finite, and its size."""
        total = column[0].dot(column[0]) if len(column) == 1 else column.sum()  # a product is the quickest, but of one lane only
        self._finite = self._finite and math.isfinite(total)
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


class Extent(Seen):
    """The errors of a whole span of rows, by the sizes that hold for all of them."""

    unit = UNIT

    def __init__(self, lanes: Lanes) -> None:
        self.lanes = lanes
        self.wanted = list(dict.fromkeys(ref.unit for refs in lanes.outputs for ref in refs))
        self.apart, self.quiet = {ref.unit for ref in lanes.apart}, {ref.unit for ref in lanes.quiet}
        self._logged = {step.args[0].unit for step in lanes.steps if step.op in _LOGARITHMS}  # what is not above 0 has been noted
        self._silent = {step.out for step in lanes.steps if not is_native(step)}
        self._sizes: Sizes | None = None
        self._asked: tuple[set[int], set[int]] = set(), set()
        known = errors(lanes, self)  # without sizes: to find out which are asked for
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
        asked = copy(self)  # threads share the extent of a kernel, each with sizes of its own
        asked._sizes = sizes
        return asked._candidates(sizes, results)

    def _candidates(self, sizes: Sizes, results: list[Column]) -> Column:
        known = errors(self.lanes, self)
        rows = results[0].shape[-1]
        doubt = np.zeros(rows, dtype=bool)
        for start, end in sizes.flagged:
            doubt[start:end] = True
        if any(not known[unit].rel < math.inf for unit in self.lanes.needed):
            return np.arange(rows)
        if any(known[unit].abs or known[unit].rel or self.hi(known[unit]) for unit in self.quiet):
            return np.arange(rows)
        for start, end, nearest in sizes.nearest:
            if any(not nearest.get(unit, self.lo(known[unit])) > 2 * known[unit].abs or not known[unit].rel < HALF for unit in self.apart):
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
        terms, most = len(weights[0]), float(weights.sum(axis=1).max())
        if not max(map(self.hi, args)) * most < _LARGE:  # what overflows in the threads of a product of matrices nobody notes
            return math.inf
        error: float = max(1.01 * self._spread(arg) + (terms + 1) * self.unit * self.hi(arg) for arg in args)
        return error * most + terms * LOST

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

    def floor(self, k: Known) -> float:
        return 0.0 if self.sign(k) > 0 else -self.hi(k)

    def above(self, k: Known) -> bool:
        return k.ref.unit in self._logged or (self.sign(k) > 0 and self.lo(k) > 0)

    def broken(self, k: Known, error: float) -> bool:
        value = self.lanes.constants.get(k.ref.unit, (0.0, 0.0))[0]
        return bool(np.all(np.abs(value - np.rint(value)) > error))

    def lost(self, out: Known, *args: Known) -> float:
        if out.ref.unit not in self._silent:
            return 0.0  # the processor would have said so
        return 0.0 if self.lo(out) > TINY and self.hi(out) < math.inf else math.inf

    def idle(self, upstream: Known, value: Known) -> bool:
        return False

    def checked(self, out: Known) -> float:
        rel: float = out.rel
        return rel

    def most(self, a: float, b: float) -> float:
        return math.inf if math.isnan(a) or math.isnan(b) else max(a, b)

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
        return bool(k.rel < HALF and (not k.abs or self.lo(k) > 2 * k.abs))

    def branch(self, out: Known, c: Known, a: Known, b: Known) -> Bound:
        return (max(a.rel, b.rel), max(a.abs, b.abs)) if not c.abs and not c.rel else (math.inf, 0.0)
