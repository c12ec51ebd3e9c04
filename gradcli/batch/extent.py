"""Many rows at once: sizes that hold for all of them, and what the rules say by these."""

from __future__ import annotations

import math
from collections.abc import Callable
from copy import copy
from typing import Any

import numpy as np

from gradcli.batch.bounds import UNIT, Bound, Known
from gradcli.batch.columns import is_native
from gradcli.batch.doubts import HALF, LOST, TINY, Seen
from gradcli.batch.lanes import Lanes, Ref, Wide

Column = Any
_LOGARITHMS = ("ln", "log2", "log10")
_AT_MOST_ONE = ("sin", "cos", "tanh", "erf", "gauss", "normpdf", "normcdf")
_LARGE = 1e307  # sums below are floats
_ROOM = 1.02  # how much larger or smaller sizes may get till the rules are asked again
_NO_STEP = Wide("", (), -1)


class Sizes:
    """The greatest and the least |value| of some units, over some rows."""

    def __init__(self, most: dict[int, float], least: dict[int, float]) -> None:
        self.hi, self.lo = most, least

    def within(self, others: Sizes) -> bool:
        """Tell whether what holds for these others holds here; nan does not."""
        far = all(size <= others.hi[unit] for unit, size in self.hi.items())
        return far and all(size >= others.lo[unit] for unit, size in self.lo.items())

    def widened(self, others: Sizes | None) -> Sizes:
        """Return sizes for these rows, for others, and for some to come."""
        if others is None:
            return Sizes({u: _ROOM * size for u, size in self.hi.items()}, {u: size / _ROOM for u, size in self.lo.items()})
        hi = {u: others.hi[u] if size <= others.hi[u] else _ROOM * size for u, size in self.hi.items()}
        return Sizes(hi, {u: others.lo[u] if size >= others.lo[u] else size / _ROOM for u, size in self.lo.items()})


def is_product(step: Wide) -> bool:
    """Tell whether a step is as certain as the factors it is made of."""
    return step.op == "*" or (step.op == "-" and len(step.args) == 1)


class Extent(Seen):
    """The scale of many rows: one number for all of them. Without sizes it notes of which units they are asked for."""

    unit = UNIT
    lanes: Lanes

    def __init__(self, lanes: Lanes) -> None:
        self.lanes = lanes
        self.sizes: Sizes | None = None
        self.asked_hi, self.asked_lo = set[int](), set[int]()  # the units of which the size is asked for
        self._made = {step.out: step for step in lanes.steps}
        self._logged = {step.args[0].unit for step in lanes.steps if step.op in _LOGARITHMS}  # what is not above 0 has been noted
        self._scaled = self._of_others()
        self._silent = {step.out for step in lanes.steps if not is_native(step)}

    def of(self, sizes: Sizes) -> Extent:
        """Return the scale of rows of such sizes."""
        found = copy(self)  # what is seen of the tape is seen once
        found.sizes = sizes
        return found

    def _of_others(self) -> set[int]:
        """Return the units whose sizes are told by others that are looked at: products with what came in."""
        entered, found = {*self.lanes.inputs, *self.lanes.constants}, set[int]()
        for step in self.lanes.steps:
            others = [ref.unit for ref in step.args if ref.unit not in entered]
            if (is_product(step) or step.op == "abs") and len(others) <= 1 and found.isdisjoint(others):
                found.add(step.out)
        return found

    # what the rules ask for

    def pick(self, known: Known, ref: Ref) -> Known:
        return known

    def linear(self, weights: Column, rounded: bool, args: list[Known]) -> float:
        terms, most = len(weights[0]), float(weights.sum(axis=1).max())
        if not max(map(self.hi, args)) * most < _LARGE:  # what overflows in the threads of a product of matrices nobody notes
            return math.inf
        error: float = max(1.01 * self._spread(arg) + (terms + 1) * self.unit * self.hi(arg) for arg in args)
        return error * most + terms * LOST

    def _spread(self, k: Known) -> float:
        return self.times(k.rel, self.hi, k) + float(k.abs)

    def lo(self, k: Known) -> float:
        unit = k.ref.unit
        if unit in self.lanes.constants:
            return float(np.min(np.abs(self.lanes.constants[unit][0])))
        if self.sizes is not None:
            return self.sizes.lo.get(unit, 0.0)
        self.asked_lo.add(unit)
        return 1.0

    def hi(self, k: Known) -> float:
        return self._hi(k.ref.unit)

    def _hi(self, unit: int) -> float:
        """Return the size of a unit; where one of its argument, and perhaps of what came in, says nearly as much, it is not looked at."""
        if unit in self.lanes.constants:
            return float(np.max(np.abs(self.lanes.constants[unit][0])))
        step = self._made.get(unit, _NO_STEP)
        if step.op in _AT_MOST_ONE:
            return 1.01
        if unit in self._scaled:
            return 1.01 * math.prod(self._hi(ref.unit) for ref in step.args)
        if self.sizes is not None:
            return self.sizes.hi.get(unit, math.inf)
        self.asked_hi.add(unit)
        return 1.0

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

    def sqrt(self, a: float) -> float:
        return math.sqrt(a)

    def decided(self, k: Known) -> bool:
        return bool(k.rel < HALF and (not k.abs or self.lo(k) > 2 * k.abs))

    def branch(self, out: Known, c: Known, a: Known, b: Known) -> Bound:
        return (max(a.rel, b.rel), max(a.abs, b.abs)) if not c.abs and not c.rel else (math.inf, 0.0)
