"""A second opinion on a partial derivative, from the slopes that values alone show.

An opinion that cannot be had is None, with the reason; one that differs names both numbers.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from flint import arb, fmpq

from gradcli.arithmetic.certain import UNDEFINED, ZERO, decimal, precision, to_float
from gradcli.expr import Expr
from gradcli.quotients import LEAST, Along, Side, by_complex_step, by_remainders
from gradcli.report import KINDS
from gradcli.wording import joined, said

CLOSE = arb(2) ** -40  # relative; a value rounded to float64 carries 2^-53
LEAST_NORMAL, MOST = arb(2) ** -1022, arb(2) ** 1024 - arb(2) ** 970
COMPLEX, TAYLOR = said("complex step"), said("Taylor remainder")


class Claim(Protocol):
    """What is to be judged: a derivative as floats, from both sides at a kink, and what it is said to be."""

    @property
    def value(self) -> float | None: ...
    @property
    def left(self) -> float | None: ...
    @property
    def right(self) -> float | None: ...
    @property
    def status(self) -> str: ...


class Opinion(NamedTuple):
    """What the second method found; ``agrees`` is None where it cannot tell, and ``why`` says so."""

    agrees: bool | None
    method: str
    value: float | None
    error: float | None
    why: str


def second_opinion(
    order: list[Expr], root: Expr, environment: dict[Expr, Any], target: Expr, index: Any, given: Claim,
    arrays: Callable[[Any], Any] = lambda scalar: scalar,
) -> Opinion:  # fmt: skip
    """Return what the values of the operators alone say of ∂root/∂target, given as a claim.

    ``index`` is None for a number, an index tuple for one entry of an array, or an array: a direction.
    ``arrays`` makes an arithmetic of arrays out of one of numbers.
    """
    along = Along(order, root, environment, target, index, arrays)
    with precision(300):
        if along.at(ZERO)[0] is UNDEFINED:
            agrees = given.status == "undefined"
            why = said("the function has no value here")
            if not agrees:
                why = said("{0}, given as {1}, {2}", why, KINDS[given.status], _shown(given.value))
            return Opinion(agrees, TAYLOR, None, None, why)
        both = by_complex_step(along)
        if both is not None:
            return _judge(both, both, given, COMPLEX)
        left, right = by_remainders(along)
        return _judge(left, right, given, TAYLOR)


# ---- the verdict --------------------------------------------------------------------------------------------


def _shown(x: arb | float | None) -> str:
    if x is None or isinstance(x, float):
        return said("no number") if x is None else f"{x:.17g}"
    return "0" if x.is_zero() else decimal(x, 17) or x.str(5)


def _told(side: Side) -> str:
    return said("{0}: {1}", _shown(side.slope), side.why) if side.kind == "slope" else side.why


def _apart(slope: arb, other: arb, error: arb) -> arb | None:
    """Return the relative difference of two numbers; None if they are the same but for errors and rounding."""
    size, apart = abs(slope).max(abs(other)), abs(slope - other)
    return None if apart <= CLOSE * size + error + LEAST else apart / size


def _differs(side: Side, given: float) -> str:
    """Return in words how a slope differs from a given one; nothing if it does not."""
    both = said("the slope is {0}, given {1}", _shown(side.slope), _shown(given))
    if side.kind == "steep" or not math.isfinite(given):
        return "" if arb(given) == side.slope else both
    apart = _apart(side.slope, arb(given), side.error)
    return "" if apart is None else said("{0}: relative difference {1}", both, f"{float(apart.mid()):.2g}")


def _judge(left: Side, right: Side, given: Claim, method: str) -> Opinion:
    sides: dict[str, Side] = {said("left"): left, said("right"): right}
    for name, side in sides.items():
        if side.kind == "unknown":
            return Opinion(None, method, None, None, said("not reliable here, because to the {0} {1}", name, side.why))
    finite = [side for side in sides.values() if side.kind == "slope"]
    same = bool(finite) and _apart(finite[0].slope, finite[-1].slope, finite[0].error + finite[-1].error) is None
    smooth = same and len(finite) == 2
    found = left.why if left is right else joined("; ", [said("to the {0} {1}", name, _told(side)) for name, side in sides.items()])
    against = _against(sides, finite, smooth, given)
    value, error = (to_float(finite[0].slope.mid()), float(finite[0].error)) if same else (None, None)
    return Opinion(not against, method, value, error, said("{0} ({1})", against, found) if against else found)


def _against(sides: dict[str, Side], finite: list[Side], smooth: bool, given: Claim) -> str:
    """Return what speaks against a claim; nothing if nothing does."""
    kinds, value = {side.kind for side in sides.values()}, given.value
    if given.status in _WANTED:
        if not _WANTED[given.status](kinds, [abs(side.slope) for side in finite], smooth):
            if smooth:
                return said("given as {0}, but there is a derivative, {1}", KINDS[given.status], _shown(finite[0].slope))
            return said("given as {0}, but it is not", KINDS[given.status])
        return ""
    if given.status == "smooth" and kinds & {"steep", "jump"}:
        return said("given as smooth, {0}, but it is not", _shown(value))
    if given.status == "smooth":
        differing = (_differs(side, value) for side in finite) if value is not None else iter([said("no number is given")])
        return next(filter(None, differing), "") if finite else said("there is no slope to either side, given {0}", _shown(value))
    for name, side in sides.items():
        wanted = getattr(given, name)
        if wanted is not None and (told := _differs(side, wanted) if side.kind in ("slope", "steep") else side.why):
            return said("to the {0} {1}", name, told)
    ends = [side for side in sides.values() if side.kind in ("slope", "steep")]
    if value is None or not ends or any(not _differs(side, value) for side in ends):
        return "" if ends else said("given as a kink, but there is no slope to either side")
    if any(side.slope < value for side in ends) and any(side.slope > value for side in ends):
        return ""
    both = joined("; ", [_differs(side, value) for side in ends])
    return said("given {0}, which is not between the slopes: {1}", _shown(value), both)


_WANTED: dict[str, Callable[[set[str], list[arb], bool], bool]] = {
    "undefined": lambda kinds, slopes, smooth: not smooth,
    "vertical": lambda kinds, slopes, smooth: "steep" in kinds,
    "jump": lambda kinds, slopes, smooth: "jump" in kinds,
    "overflow": lambda kinds, slopes, smooth: bool(slopes) and all(slope > MOST for slope in slopes),
    "underflow": lambda kinds, slopes, smooth: bool(slopes) and all(slope < LEAST_NORMAL for slope in slopes),
}


# ---- which entries of an array ------------------------------------------------------------------------------


def chosen(shape: tuple[int, ...], most: int = 64) -> list[tuple[int, ...]]:
    """Return the indices of all entries of a shape, or of so many, evenly spread."""
    size = math.prod(shape)
    flat = range(size) if size <= most else [k * size // most for k in range(most)]
    return [tuple(k // math.prod(shape[axis + 1 :]) % shape[axis] for axis in range(len(shape))) for k in flat]


def direction(like: Any, gradient: list[float]) -> tuple[Any, float]:
    """Return a random direction d for an array and g·d, the signs such that nothing cancels in it."""
    weights, draw = like.copy(), random.Random(0)
    factors = [math.copysign(draw.randint(1, 9), g) for g in gradient]
    for k, factor in enumerate(factors):
        weights.flat[k] = fmpq(int(factor))
    return weights, math.fsum(factor * g for factor, g in zip(factors, gradient))
