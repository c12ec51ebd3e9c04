"""Certified numbers: exact rationals while that is possible, else balls of python-flint's Arb; to floats, and to digits.

A ball holds the true result for any numbers inside its operands (Johansson, *Arb: efficient arbitrary-precision
midpoint-radius interval arithmetic*, 2017). A number here is one of five things:

* an ``fmpq``: exact, as the decimals of the source are; sums, products and whole powers of them stay exact;
* a `Turn`: a rational multiple of π, exact (see `turns`);
* an ``arb``: a ball that contains the value;
* ``UNDEFINED``: proved to have no value (``ln(-1)``);
* a ball that is nan: not known at this precision. Whoever needs it asks again with more bits.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from flint import arb, ctx, fmpq, fmpz

from gradcli.wording import said

Number = Any  # fmpq, arb or UNDEFINED


class Undefined:
    """What an operator gives where it is proved to have no value."""

    def __repr__(self) -> str:
        return "UNDEFINED"


class Turn:
    """A rational multiple of π, other than 0."""

    __slots__ = ("share",)

    def __init__(self, share: fmpq) -> None:
        self.share = share

    def __gt__(self, other: Any) -> bool:
        return bool(self.ball() > other)

    def __lt__(self, other: Any) -> bool:
        return bool(self.ball() < other)

    def ball(self) -> arb:
        """Return the ball around it."""
        return arb.pi() * self.share


UNDEFINED = Undefined()
UNKNOWN = arb.nan()
ZERO, ONE, HALF = fmpq(0), fmpq(1), fmpq(1, 2)
_FAR = 2_000  # powers of ten that are not written out
_LEAST, _MOST = 1e-300, 1e300  # between them Arb rounds to float64 as Python does
MOST_BITS = 4096  # of an exact rational: beyond, its ball is as good


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Compute with so many bits inside the block."""
    before = ctx.prec
    ctx.prec = bits
    try:
        yield
    finally:
        ctx.prec = before


def precision_kept() -> AbstractContextManager[None]:
    """Have the precision behind the block be that before it, wherever the block is cut short."""
    return precision(ctx.prec)


# ---- what a number is ---------------------------------------------------------------------------------------


def known(x: Number) -> bool:
    """Tell whether a number has a value, and it is a finite ball."""
    return isinstance(x, (fmpq, Turn)) or (x is not UNDEFINED and bool(x.is_finite()))


def sound(x: Number) -> bool | None:
    """Tell whether a number has a finite value; None if that is not known yet."""
    kind = type(x)
    if (kind is arb and x.is_finite()) or kind is fmpq or kind is Turn:
        return True
    return False if x is UNDEFINED else None


def ball_of(x: Number) -> Number:
    """Return a number as a ball, if it is a multiple of π; any other as it is."""
    return x.ball() if isinstance(x, Turn) else x


def is_zero(x: Number) -> bool:
    """Tell whether a number is proved to be 0."""
    return isinstance(x, fmpq) and not x


def exact(x: arb) -> Number:
    """Return an exact ball of reasonable size as the rational it is, so that zeros and ties can be proved."""
    if x.is_exact() and x.is_finite():
        mantissa, exponent = x.man_exp()
        if -MOST_BITS < exponent < MOST_BITS and mantissa.height_bits() < MOST_BITS:
            return fmpq(mantissa) * 2**exponent if exponent >= 0 else fmpq(mantissa, fmpz(1) << -exponent)
    return x


def small(x: fmpq) -> Number:
    """Return a rational as it is, or as a ball where it has grown too long."""
    return x if x.height_bits() < MOST_BITS else arb(x)


# ---- conversions --------------------------------------------------------------------------------------------


def from_float(x: float) -> Number:
    """Return a float64 as the rational it is; nan is UNDEFINED."""
    if math.isnan(x):
        return UNDEFINED
    return fmpq(*x.as_integer_ratio()) if math.isfinite(x) else arb(x)


def from_decimal(mantissa: int, exponent: int) -> fmpq:
    """Return mantissa · 10^exponent, exactly."""
    ten = fmpz(10) ** abs(exponent)
    return fmpq(mantissa) * ten if exponent >= 0 else fmpq(mantissa, ten)


def _scaled(mantissa: int, exponent: int) -> float:
    """Return the float64 nearest to mantissa · 2^exponent; ±inf where it is too large."""
    size = mantissa.bit_length() + exponent
    if not mantissa or size < -1080:
        return 0.0
    if size > 1030:
        return math.inf if mantissa > 0 else -math.inf
    return _ratio(mantissa << exponent, 1) if exponent >= 0 else _ratio(mantissa, 1 << -exponent)


def _ratio(numerator: int, denominator: int) -> float:
    try:
        return numerator / denominator  # Python rounds the quotient of two whole numbers correctly
    except OverflowError:
        return math.inf if numerator > 0 else -math.inf


def to_float(x: Number) -> float | None:
    """Return the one float64 that a number rounds to; nan if it is UNDEFINED; None if it is not known yet."""
    if x is UNDEFINED:
        return math.nan
    if isinstance(x, fmpq):
        return _ratio(int(x.p), int(x.q))
    x = ball_of(x)
    if not x.is_finite():
        return None
    low, high = float(x.lower()), float(x.upper())
    if low == high and _LEAST < abs(low) < _MOST:
        return low
    low, high = (_scaled(*map(int, end.man_exp())) for end in (x.lower(), x.upper()))
    return high if low == high else None


def decimal(x: Number, digits: int) -> str | None:
    """Return a number rounded to so many significant digits, in plain or scientific form; None if they are not known yet.

    A ball around 0 gives a power of ten that it is smaller than.
    """
    if is_zero(x):
        return "0"
    x = ball_of(x)
    ball = arb(x)
    if not ball.is_finite() or ball.contains(0):
        return None
    with precision(ctx.prec + 64):
        power = abs(ball).log() / arb.const_log10()
        if not power.is_finite():
            return None
        exponent = int(power.mid().floor().unique_fmpz() or 0)
        for guess in (exponent, exponent + 1, exponent - 1):  # the next one where all figures are 9
            if abs(guess) < _FAR:
                scaled = abs(ball if not isinstance(x, fmpq) else x) * _ten(digits - 1 - guess)
            else:
                scaled = ((power - guess + digits - 1) * arb.const_log10()).exp()
            whole = (scaled + HALF).floor()
            whole = whole if isinstance(whole, fmpz) else whole.unique_fmpz()
            if whole is not None and 10 ** (digits - 1) <= int(whole) < 10**digits:
                return _written(str(int(whole)), guess, bool(ball < 0))
    return None


def around_zero(x: Number) -> str | None:
    """Return how small a ball around 0 is, in words; None for any other."""
    if not known(x) or isinstance(x, fmpq) or not x.contains(0):
        return None
    places = int(-(abs(x).upper().log() / arb.const_log10()).upper().ceil().unique_fmpz() or 0)
    return said("0, to {0} decimal places", places)


def _ten(exponent: int) -> Number:
    return fmpq(fmpz(10) ** exponent) if exponent >= 0 else fmpq(1, fmpz(10) ** -exponent)


def _written(figures: str, exponent: int, negative: bool) -> str:
    sign = "-" if negative else ""
    if -5 <= exponent < len(figures):
        whole = figures[: exponent + 1] if exponent >= 0 else "0"
        rest = figures[exponent + 1 :] if exponent >= 0 else "0" * (-exponent - 1) + figures
        return f"{sign}{whole}.{rest}" if rest else f"{sign}{whole}"
    return f"{sign}{figures[0]}.{figures[1:]}e{exponent}" if len(figures) > 1 else f"{sign}{figures}e{exponent}"
