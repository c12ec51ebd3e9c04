"""What makes a row doubtful, and the errors of all units of a tape, by the rules of `bounds`.

A row is certain if nine digits of everything it gives are, if all it is made of has a value, and if it is clearly no kink, no jump and no
edge of a condition.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

import numpy as np

from gradcli.arithmetic import BY_SIGN
from gradcli.batch.bounds import RULES, Amount, Bound, Known
from gradcli.batch.lanes import Lanes, Ref
from gradcli.batch.tape import LINEAR

DIGITS = 1e-9  # what a number may be off, relatively: nine digits are right; of most numbers all
TINY, LOST = 1e-290, 1e-322  # below, results may underflow; and what is lost then
HALF = 0.5  # a relative error that leaves the sign certain
HIDE_NAN = ("^", *BY_SIGN)  # nan^0 is 1, nan > 0 is 0: of all others nan becomes nan, but of a branch not taken
NORMAL, MOST = 2.0**-1022, float(np.finfo(np.float64).max)  # below, a float64 has fewer digits; above, there is none


class Signed(Protocol):
    """What can be said of each unit before any row is known."""

    @property
    def sign(self) -> Sequence[int]: ...
    @property
    def whole(self) -> Sequence[bool]: ...


class Seen:
    """What rules know of a tape without looking at a row; ``unit`` is the error of one operation."""

    lanes: Signed
    unit: float

    def sign(self, k: Known) -> int:
        return self.lanes.sign[k.ref.unit]

    def rounding(self, out: Known) -> float:
        return 0.0 if self.lanes.whole[out.ref.unit] else self.unit


class Singly(Seen):
    """The scale of rows that are judged each for itself: lo = hi = |value|.

    An amount is whatever holds a number for each of some rows and has Python's operators: a column, or a register of a loop.
    """

    @abstractmethod
    def value(self, ref: Ref) -> Amount:
        """Return what was computed for an argument."""

    @abstractmethod
    def choose(self, holds: Any, a: Amount, b: Amount) -> Amount:
        """Return a where something holds, else b."""

    @abstractmethod
    def most(self, a: Amount, b: Amount) -> Amount:
        """Return the larger."""

    @abstractmethod
    def nearest(self, a: Amount) -> Amount:
        """Return the nearest whole number."""

    @abstractmethod
    def finite(self, values: list[Amount]) -> Any:
        """Return of which rows all these values are finite."""

    @abstractmethod
    def normal(self, k: Known) -> Any:
        """Return of which rows a value has all digits that a float64 has, as far as that is not noted elsewhere."""

    def lo(self, k: Known) -> Amount:
        return abs(self.value(k.ref))

    hi = lo

    def floor(self, k: Known) -> Amount:
        return self.value(k.ref)

    def above(self, k: Known) -> Any:
        return self.value(k.ref) > 0

    def broken(self, k: Known, error: Amount) -> Any:
        value = self.value(k.ref)
        return abs(value - self.nearest(value)) > error

    def decided(self, k: Known) -> Any:
        return (k.rel < HALF) & ((k.abs <= 0) | (self.lo(k) > 2 * k.abs))

    def branch(self, out: Known, c: Known, a: Known, b: Known) -> Bound:
        told, taken = (c.abs <= 0) & (c.rel <= 0), self.lo(c) > 0
        gap = self.choose(told, 0.0, abs(self.value(a.ref) - self.value(b.ref)))
        rel, absolute = (self.choose(told, self.choose(taken, x, y), self.most(x, y)) for x, y in ((a.rel, b.rel), (a.abs, b.abs)))
        return rel, absolute + gap

    def certain(
        self, known: Callable[[Ref], Known], inputs: Iterable[Ref], outputs: Iterable[Ref], needed: Iterable[Ref], apart: Iterable[Ref],
        quiet: Iterable[Ref],
    ) -> Any:  # fmt: skip
        """Return of which rows all digits, and their being smooth, are certain."""
        leaving, needing = list(map(known, outputs)), list(map(known, needed))
        sure = self.finite([self.value(ref) for ref in (*inputs, *(each.ref for each in (*leaving, *needing)))])
        for each in leaving:
            sure = sure & (each.rel <= DIGITS / 10) & self.normal(each)
            if not isinstance(each.abs, float) or each.abs:
                sure = sure & (self.lo(each) >= each.abs * (1.12 / DIGITS))  # written so that nothing underflows
        for each in needing:
            sure = sure & (each.rel < math.inf)
        for each in map(known, apart):
            sure = sure & self.decided(each) & (self.lo(each) > 0)
        for each in map(known, quiet):
            sure = sure & (self.lo(each) <= 0) & (each.abs + each.rel <= 0)
        return sure


def errors(lanes: Lanes, scale: Any) -> dict[int, Known]:
    """Return what is known of every unit."""
    known = {unit: of_constant(unit, *constant) for unit, constant in lanes.constants.items()}
    known |= {unit: Known(Ref(unit), 0.0, 0.0) for unit in lanes.inputs}
    for step in lanes.steps:
        args = [scale.pick(known[ref.unit], ref) for ref in step.args]
        out = known[step.out] = Known(Ref(step.out), 0.0, 0.0)
        if step.op == LINEAR:
            out.rel, out.abs = 0.0, scale.linear(np.abs(step.weights), step.rounded, args)
        else:
            out.rel, out.abs = RULES[step.op, len(args)](scale, out, *args)
        out.rel = scale.checked(out)
    return known


def of_constant(unit: int, value: Any, bound: Any) -> Known:
    """Return what is known of a constant, or of a column of them: the worst."""
    if not np.any(bound):
        return Known(Ref(unit), 0.0, 0.0)
    if not (np.isfinite(value).all() and np.isfinite(bound).all()):
        return Known(Ref(unit), math.inf, 0.0)
    far = np.abs(value) > 8 * bound  # of a number near 0 only the error itself says something
    rel = np.where(far, bound, 0) / np.where(far, np.abs(value), 1)
    return Known(Ref(unit), float(np.max(rel)), float(np.max(np.where(far, 0, bound))))
