"""Exact coefficients, for display."""

from __future__ import annotations

from math import gcd

from gradcli.expr import Expr, decimal, make, number

MOST_DIGITS = 30


class Ratio:
    """An exact coefficient: num / den; ``written`` if a decimal fraction such as 0.5 was in it."""

    __slots__ = ("den", "num", "written")

    def __init__(self, num: int, den: int = 1, written: bool = False) -> None:
        common = gcd(num, den) or 1
        if den < 0:
            common = -common
        self.num, self.den, self.written = num // common, den // common, written

    def __mul__(self, other: Ratio) -> Ratio:
        return Ratio(self.num * other.num, self.den * other.den, self.written or other.written)

    def __add__(self, other: Ratio) -> Ratio:
        return Ratio(self.num * other.den + other.num * self.den, self.den * other.den, self.written or other.written)

    def power(self, n: int) -> Ratio:
        return Ratio(self.num**n, self.den**n, self.written) if n >= 0 else Ratio(self.den, self.num, self.written).power(-n)


def ratio_of(node: Expr) -> Ratio | None:
    """Return a number as a ratio, if it is of reasonable size."""
    mantissa, exponent = decimal(node)
    if abs(exponent) > MOST_DIGITS or abs(mantissa) > 10**MOST_DIGITS:
        return None
    return Ratio(mantissa * 10**exponent) if exponent >= 0 else Ratio(mantissa, 10**-exponent, True)


def number_of(ratio: Ratio) -> Expr:
    """Return the coefficient as a decimal where one was written and it is one, else as a fraction."""
    den, places = ratio.den, 0
    if ratio.written:
        while den > 1 and places < MOST_DIGITS and 10**places % den:
            places += 1
        if 10**places % den == 0:
            return number(ratio.num * (10**places // den), -places)
    return number(ratio.num) if den == 1 else make("/", (number(ratio.num), number(den)))
