"""How wrong a float may be: one rule for each operator, for a whole block of rows at once, or row by row.

    |computed − true| ≤ rel · |computed| + abs

A rule gives (rel, abs) of the result from those of the arguments. For a block they are two numbers that hold for all of its rows,
and lo and hi are the least and the greatest |value| in it; row by row they are columns, and lo = hi = |value|. So the block is judged
in the time of a few rows, and only where that says too little the rows are. The errors of + − · ÷ √ are those of IEEE 754; NumPy's
functions are right to 4 units in the last place (its own tests; ours measure them again). Terms of second order are covered by the
slack in UNIT and by the factors that are rounded up. Source: Higham, *Accuracy and Stability of Numerical Algorithms* (2002),
chapters 2 and 3.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol

from gradcli.batch.lanes import Ref
from gradcli.batch.tape import THROUGH

Amount = Any  # a float for a block, a column for its rows

UNIT = 1.13e-16  # the error of one operation on float64: 2^-53, and a little
ULPS = 8  # units that a function may be off: 4 in the last place
WIDE = 0.25  # a relative error for which linear rules hold no more
NARROW = 0.01  # and for which terms of second order are still small
FAR = 700.0  # beyond it e^x leaves the floats


class Known:
    """What is known of a value: its errors, and by way of its `Scale` how large it is."""

    __slots__ = ("abs", "ref", "rel")

    def __init__(self, ref: Ref, rel: Amount, absolute: Amount) -> None:
        self.ref, self.rel, self.abs = ref, rel, absolute


class Scale(Protocol):
    """Where rules look for sizes: a block of rows, or each row. ``unit`` is the error of one operation."""

    unit: float

    def lo(self, k: Known) -> Amount: ...
    def hi(self, k: Known) -> Amount: ...
    def sign(self, k: Known) -> int: ...
    def floor(self, k: Known) -> Amount: ...  # of the value itself, from below
    def above(self, k: Known) -> Any: ...  # it is known to be above 0
    def broken(self, k: Known, error: Amount) -> Any: ...  # with this error it is known to be no whole number
    def rounding(self, out: Known) -> float: ...  # the error of a sum or product; none among small whole numbers
    def lost(self, out: Known, *args: Known) -> Amount: ...  # where the result underflows; nothing if an argument is 0
    def idle(self, upstream: Known, value: Known) -> Any: ...  # nothing flows into a node without a value
    def most(self, a: Amount, b: Amount) -> Amount: ...
    def choose(self, holds: Any, a: Amount, b: Amount) -> Amount: ...
    def times(self, error: Amount, size: Callable[[Known], Amount], k: Known) -> Amount: ...
    def over(self, error: Amount, size: Callable[[Known], Amount], k: Known) -> Amount: ...
    def sqrt(self, a: Amount) -> Amount: ...
    def decided(self, k: Known) -> Any: ...
    def branch(self, out: Known, c: Known, a: Known, b: Known) -> Bound: ...


Bound = tuple[Amount, Amount]
Rule = Callable[..., Bound]


def spread(s: Scale, a: Known) -> Amount:
    """Return a bound of the error itself."""
    return _told_of(s, s.times(a.rel, s.hi, a) + a.abs)


def relative(s: Scale, a: Known) -> Amount:
    """Return a bound of the relative error."""
    return _told_of(s, a.rel + s.over(a.abs, s.lo, a))


def _told_of(s: Scale, error: Amount) -> Amount:
    """Return a bound that is a number: where infinities met zeros nothing is known."""
    return s.choose(error < math.inf, error, math.inf)


def _add(s: Scale, out: Known, a: Known, b: Known, turned: int = 1) -> Bound:
    if s.sign(a) and s.sign(a) == turned * s.sign(b):
        return s.most(a.rel, b.rel) + s.rounding(out), a.abs + b.abs
    return s.rounding(out), spread(s, a) + spread(s, b)


def _subtract(s: Scale, out: Known, a: Known, b: Known) -> Bound:
    return _add(s, out, a, b, -1)


def _multiply(s: Scale, out: Known, a: Known, b: Known) -> Bound:
    error = 1.01 * (s.times(a.abs, s.hi, b) + s.times(b.abs, s.hi, a)) + a.abs * b.abs
    rel = a.rel + b.rel
    return s.choose(rel < NARROW, rel + rel * rel + s.rounding(out), math.inf), error + s.lost(out, a, b)


def _through(s: Scale, out: Known, upstream: Known, local: Known, value: Known) -> Bound:
    idle = s.idle(upstream, value)
    rel, absolute = _multiply(s, out, upstream, local)
    return s.choose(idle, 0.0, rel), s.choose(idle, 0.0, absolute)


def _divide(s: Scale, out: Known, a: Known, b: Known) -> Bound:
    below = relative(s, b)
    rel = a.rel + 1.4 * below
    return s.choose(rel < WIDE, rel + rel * rel + s.unit, math.inf), 1.4 * s.over(a.abs, s.lo, b) + s.lost(out, a)


def _same(s: Scale, out: Known, a: Known) -> Bound:
    return a.rel, a.abs


def _sqrt(s: Scale, out: Known, a: Known) -> Bound:
    error = relative(s, a)
    return s.choose(error < WIDE, 0.6 * error + s.unit, math.inf), 0.0


def _cbrt(s: Scale, out: Known, a: Known) -> Bound:
    error = relative(s, a)
    return s.choose(error < WIDE, 0.5 * error + ULPS * s.unit, math.inf), 0.0


def _exp(s: Scale, out: Known, a: Known) -> Bound:
    error = spread(s, a)
    return s.choose(error < WIDE, 1.2 * error + ULPS * s.unit, math.inf), s.lost(out)


def _logarithm(factor: float) -> Rule:
    def rule(s: Scale, out: Known, a: Known) -> Bound:
        error = relative(s, a)
        return s.choose(error < WIDE, ULPS * s.unit, math.inf), factor * error

    return rule


def _lipschitz(constant: float) -> Rule:
    """Return the rule of a function that grows nowhere faster than ``constant``."""

    def rule(s: Scale, out: Known, *args: Known) -> Bound:
        error: Amount = 0.0
        for a in args:
            error = error + spread(s, a)
        return ULPS * s.unit, constant * error + s.lost(out, *args)

    return rule


def _steep(slope: Callable[[Scale, Known, Known], Amount]) -> Rule:
    """Return the rule of a function whose slope near its argument is no more than this."""

    def rule(s: Scale, out: Known, a: Known) -> Bound:
        error = spread(s, a)
        slopes = s.choose(error > 0, slope(s, out, a), 0.0)
        return s.choose(error < WIDE, ULPS * s.unit, math.inf), s.choose(error > 0, 1.4 * error * slopes, 0.0) + s.lost(out, a)

    return rule


def _inverse_of(s: Scale, room: Amount, error: Amount) -> Amount:
    """Return 1/room, or no bound at all where there is hardly any room."""
    return s.choose(room > 8 * error + 1e-12, 1.2 / s.choose(room > 0, room, 1.0), math.inf)


def _inverse_root_of(s: Scale, room: Amount, error: Amount) -> Amount:
    """Return 1/√room, or no bound at all where the edge of the domain is within reach of the error."""
    return s.choose(room > 8 * error, 1.2 / s.sqrt(s.choose(room > 0, room, 1.0)), math.inf)


def _slope_log1p(s: Scale, out: Known, a: Known) -> Amount:
    return _inverse_of(s, 1 + s.floor(a), spread(s, a))


def _slope_asin(s: Scale, out: Known, a: Known) -> Amount:
    return _inverse_root_of(s, 1 - s.hi(a), spread(s, a))


def _slope_atanh(s: Scale, out: Known, a: Known) -> Amount:
    return _inverse_of(s, 1 - s.hi(a), spread(s, a))


def _slope_acosh(s: Scale, out: Known, a: Known) -> Amount:
    return _inverse_root_of(s, s.lo(a) - 1, spread(s, a))


def _slope_tan(s: Scale, out: Known, a: Known) -> Amount:
    steep = 1 + s.hi(out) * s.hi(out)
    return s.choose(spread(s, a) * steep < 0.1, 1.5 * steep, math.inf)


def _growing(s: Scale, out: Known, a: Known) -> Amount:
    return s.hi(out) + 1  # e^x, sinh x and cosh x, of e^x - 1, cosh x and sinh x


def _power(s: Scale, out: Known, x: Known, y: Known) -> Bound:
    base, exponent = relative(s, x), spread(s, y)
    size = s.most(_log(s, s.hi(x)), _log(s, s.lo(x)))
    error = s.times(1.16 * base, s.hi, y) + s.choose(exponent > 0, exponent * size, 0.0)
    has_value = s.above(x) | (exponent <= 0) | s.broken(y, exponent)  # 2 is not 2.0000000001 for a negative base, nor is 0
    return s.choose((error < WIDE) & (base < WIDE) & has_value, 1.2 * error + ULPS * s.unit, math.inf), s.lost(out)


def _log(s: Scale, size: Amount) -> Amount:
    """Return a bound of |ln size| for a size of the floats that is not 0."""
    return s.choose((size > 0.3) & (size < 3), 1.6, 750.0)


def _winner(s: Scale, out: Known, a: Known, b: Known) -> Bound:
    return s.most(a.rel, b.rel), s.most(a.abs, b.abs)


def _angle(s: Scale, out: Known, y: Known, x: Known) -> Bound:
    room, error = s.most(s.lo(x), s.lo(y)), spread(s, x) + spread(s, y)
    clear = (s.sign(x) > 0) | (s.floor(x) > 2 * spread(s, x)) | (s.lo(y) > 2 * spread(s, y))  # of the jump where y is 0, left of 0
    return ULPS * s.unit, s.choose((room > 4 * error) & clear, 1.5 * error / s.choose(room > 0, room, 1.0), math.inf)


def _told(s: Scale, out: Known, a: Known, *zero: Known) -> Bound:
    """Return the rule of what jumps at 0: no error where the sign of the argument is certain."""
    return 0.0, s.choose(s.decided(a), 0.0, math.inf)


def _exact(s: Scale, out: Known, *args: Known) -> Bound:
    """Return the rule of what is right for exact arguments, and of which nothing is known for others."""
    bound: Amount = 0.0
    for a in args:
        bound = bound + s.choose(a.rel + a.abs <= 0, 0.0, math.inf)
    return bound, 0.0


_RIGHT_OF, _SPECIAL = 0.4, 60  # the gamma function and its kin: where their slopes are simple, and units they may be off


def _gamma(s: Scale, out: Known, a: Known) -> Bound:
    return _SPECIAL * s.unit + s.choose(spread(s, a) > 0, 1.2 * spread(s, a) * _digamma_size(s, a), 0.0), s.lost(out)


def _lgamma(s: Scale, out: Known, a: Known) -> Bound:
    return _SPECIAL * s.unit, s.choose(spread(s, a) > 0, 1.2 * spread(s, a) * _digamma_size(s, a), 0.0) + s.lost(out)


def _digamma(s: Scale, out: Known, a: Known) -> Bound:
    size = _digamma_size(s, a)
    return _SPECIAL * s.unit, s.choose(spread(s, a) > 0, 1.2 * spread(s, a) * size * size, 0.0) + s.lost(out)


def _digamma_size(s: Scale, a: Known) -> Amount:
    """Return a bound of |ψ|: 1/x + x, right of 0.4; its square is one of ψ'."""
    x = s.floor(a)
    known = x > _RIGHT_OF
    return s.choose(known, 1 / s.choose(known, x, 1.0) + x, math.inf)


def _polygamma(s: Scale, out: Known, n: Known, x: Known) -> Bound:
    bound, _ = _exact(s, out, n, x)
    return bound + _SPECIAL * s.unit, s.lost(out)


def _where(s: Scale, out: Known, c: Known, a: Known, b: Known) -> Bound:
    return s.branch(out, c, a, b)


RULES: dict[tuple[str, int], Rule] = {
    ("+", 2): _add, ("-", 2): _subtract, ("*", 2): _multiply, ("/", 2): _divide, ("-", 1): _same, ("abs", 1): _same,
    ("flow", 2): _multiply, (THROUGH, 3): _through,
    ("sqrt", 1): _sqrt, ("cbrt", 1): _cbrt, ("exp", 1): _exp, ("^", 2): _power,
    ("ln", 1): _logarithm(1.2), ("log2", 1): _logarithm(1.74), ("log10", 1): _logarithm(0.53),
    ("expm1", 1): _steep(_growing), ("sinh", 1): _steep(_growing), ("cosh", 1): _steep(_growing),
    ("log1p", 1): _steep(_slope_log1p), ("asin", 1): _steep(_slope_asin), ("acos", 1): _steep(_slope_asin),
    ("atanh", 1): _steep(_slope_atanh), ("acosh", 1): _steep(_slope_acosh), ("tan", 1): _steep(_slope_tan),
    ("sin", 1): _lipschitz(1), ("cos", 1): _lipschitz(1), ("atan", 1): _lipschitz(1), ("tanh", 1): _lipschitz(1),
    ("asinh", 1): _lipschitz(1), ("hypot", 2): _lipschitz(1), ("erf", 1): _lipschitz(1.2), ("erfc", 1): _lipschitz(1.2),
    ("gauss", 1): _lipschitz(1), ("normcdf", 1): _lipschitz(0.5), ("normpdf", 1): _lipschitz(0.3), ("atan2", 2): _angle,
    ("max", 2): _winner, ("min", 2): _winner, ("where", 3): _where, ("sign", 1): _told,
    **{(op, 2): _told for op in ("<", "<=", ">", ">=", "==", "!=")},
    ("floor", 1): _exact, ("ceil", 1): _exact, ("round", 1): _exact, ("ones", 1): lambda s, out, a: (0.0, 0.0),
    ("gamma", 1): _gamma, ("lgamma", 1): _lgamma, ("digamma", 1): _digamma, ("polygamma", 2): _polygamma,
}  # fmt: skip
