"""Comparing a number that was written with one that is known in balls: digit by digit, or within a tolerance.

    right to every digit written:  |answer − truth| ≤ ½ unit of the last digit,   and at least so many digits;
    or exact;   or |answer − truth| ≤ rtol·|truth|;   or the float64 nearest to the truth

There is no absolute tolerance. Every comparison is one of balls: it is certain, or it is made again with more bits.
"""

from __future__ import annotations

import math
import sys
from typing import Any, NamedTuple

from flint import arb, ctx, fmpq, fmpz

from gradcli.arithmetic import Doubtful
from gradcli.arithmetic.certain import UNDEFINED, ball_of, decimal, from_decimal, is_zero, known, to_float
from gradcli.judge.written import Decimal, Written
from gradcli.wording import said

Number = Any
EQUAL_BITS = 150  # at many points, values of two formulas that agree to so many bits are the same
EXACT_BITS = 1000  # one number is another only if it agrees to so many
FEW = said("too few digits")
FLOAT_DIGITS = (15, 16, 17)  # a decimal of so many digits is a float64 written out


class Tolerance(NamedTuple):
    """What is asked of a number: at least so many digits; or a relative difference of at most ``rtol`` (None: no such rule)."""

    digits: int = 3
    rtol: fmpq | None = None


class Match(NamedTuple):
    """Whether an answer is right, by which rule, and what is wrong with it."""

    right: bool
    rule: str
    error: str = ""
    hint: str = ""


def value_of(written: Decimal) -> fmpq:
    """Return a decimal as the rational it is."""
    return from_decimal(written.mantissa, written.exponent)


def number_of(answer: Any) -> Number:
    """Return an entry of an answer as a number, whether it was written as a decimal or computed."""
    return value_of(answer) if isinstance(answer, Decimal) else ball_of(answer)


def at_most(x: Number, y: Number) -> bool:
    """Tell whether x ≤ y, if that is certain; raise Doubtful if not."""
    if x <= y:
        return True
    if x > y:
        return False
    raise Doubtful


def difference(x: Number, y: Number) -> Number:
    """Return |x − y|."""
    return abs(ball_of(x) - ball_of(y))


def same(x: Number, y: Number, bits: int = EXACT_BITS) -> bool:
    """Tell whether two numbers are one: exactly, or to so many bits; raise Doubtful while the balls are too wide to tell."""
    x, y = ball_of(x), ball_of(y)
    if isinstance(x, fmpq) and isinstance(y, fmpq):
        return bool(x == y)
    gap = arb(x) - arb(y)
    if gap > 0 or gap < 0:
        return False
    if not gap.is_finite() or abs(gap).upper() > (abs(arb(x)).upper() + abs(arb(y)).upper()) * arb(2) ** -bits:
        if abs(gap).upper() < arb(2) ** -min(ctx.prec // 2, 1200) and ctx.prec >= 1024:
            return True  # both are 0 as far as anyone can see
        raise Doubtful
    return True


def match(written: Decimal, truth: Number, tolerance: Tolerance) -> Match:
    """Compare a decimal with the truth."""
    answer = value_of(written)
    rule = said("right to every digit written, at least {0} of them unless exact", tolerance.digits)
    if tolerance.rtol is not None:
        rule = said("{0}, or within {1} of the value", rule, _short(tolerance.rtol))
    if isinstance(truth, fmpq) and truth == answer:
        return Match(True, said("exact"))
    gap = difference(answer, truth)
    half = fmpq(1, 2) * value_of(Decimal(1, written.exponent, 1))
    if at_most(gap, half):
        if written.digits >= tolerance.digits:
            return Match(True, said("right to all {0} digits written", written.digits))
        if same(answer, truth):
            return Match(True, said("exact"))
        if not _within(gap, truth, tolerance) and (written.mantissa or written.exponent < 0):  # 0 is no rounding, as 0.00 may be
            hint = said("right as far as it goes, but to {0} of the {1} digits asked for", written.digits, tolerance.digits)
            return Match(False, rule, FEW, hint)
    if _within(gap, truth, tolerance):
        return Match(True, said("within {0} of the value", _short(tolerance.rtol)))
    if written.digits in FLOAT_DIGITS and _normal(nearest := _nearest(truth)) and to_float(answer) == nearest:
        return Match(True, said("the float64 nearest to the value"))
    return Match(False, rule, *describe(answer, truth))


def match_exact(answer: Number, truth: Number, tolerance: Tolerance, rounded: bool) -> Match:
    """Compare a number that was computed in the answer, such as 1/3 or e^-1, with the truth.

    ``rounded``: decimals occur in it, so that it need be right to the digits asked for only.
    """
    if answer is UNDEFINED:
        return Match(False, "", said("no value"), said("it has no value"))
    if same(answer, truth):
        return Match(True, said("the same number"))
    gap = difference(answer, truth)
    if _within(gap, truth, tolerance):
        return Match(True, said("within {0} of the value", _short(tolerance.rtol)))
    if rounded and at_most(gap, half_unit(truth, tolerance.digits)):
        return Match(True, said("right to {0} digits", tolerance.digits))
    rule = said("right to {0} digits", tolerance.digits) if rounded else said("the same number")
    return Match(False, rule, *describe(answer, truth))


def matched(answer: Any, truth: Number, written: Written, tolerance: Tolerance) -> Match:
    """Compare one entry of an answer with the truth: a decimal by its digits, a number that is computed in the answer as it is."""
    if written.decimals is not None:
        return match(answer, truth, tolerance)
    return match_exact(answer, truth, tolerance, written.inexact)


def half_unit(truth: Number, digits: int) -> Number:
    """Return half a unit of the last of so many significant digits of a number."""
    if is_zero(truth):
        return fmpq(0)
    size = abs(ball_of(truth))
    exponent = (arb(size).log() / arb.const_log10()).mid().floor().unique_fmpz()
    if exponent is None:
        raise Doubtful
    power = int(exponent)
    power += (size >= _ten(power + 1)) - (size < _ten(power))  # beside a power of ten its logarithm cannot tell
    if not _ten(power) <= size or not size < _ten(power + 1):
        raise Doubtful
    power -= digits - 1
    return fmpq(fmpz(10) ** power, 2) if power >= 0 else fmpq(1, 2 * fmpz(10) ** -power)


def _ten(power: int) -> fmpq:
    return fmpq(fmpz(10) ** power) if power >= 0 else fmpq(1, fmpz(10) ** -power)


def _within(gap: Number, truth: Number, tolerance: Tolerance) -> bool:
    return tolerance.rtol is not None and at_most(gap, tolerance.rtol * abs(ball_of(truth)))


def _nearest(truth: Number) -> float:
    nearest = to_float(truth)
    if nearest is None:
        raise Doubtful
    return nearest


def _normal(x: float) -> bool:
    """Tell whether a float64 has all its digits: a subnormal one is nearest to numbers that differ in the first."""
    return sys.float_info.min <= abs(x) < math.inf


def _short(x: fmpq | None) -> str:
    return f"{int(x.p) / int(x.q):g}" if x is not None else ""


def describe(answer: Number, truth: Number) -> tuple[str, str]:
    """Return what is wrong with a number in a word, and a hint that does not give the value away."""
    answer, truth = ball_of(answer), ball_of(truth)
    if same_or_doubt(-answer, truth):
        return said("sign"), said("the sign is wrong")
    if is_zero(truth):
        return said("value"), said("it is 0")
    if (answer > 0 and truth < 0) or (answer < 0 and truth > 0):
        return said("sign and value"), said("the sign is wrong, and so is the size")
    if abs(arb(answer)) > abs(arb(truth)):
        return said("too large"), said("its absolute value is too large")
    return said("too small"), said("its absolute value is too small")


def same_or_doubt(x: Number, y: Number) -> bool:
    """Tell whether two numbers agree to five digits."""
    x, y = arb(x), arb(y)
    return bool(abs(x - y) <= abs(y) * fmpq(1, 20_000)) and not bool(y == 0)


def shown(x: Number, digits: int) -> str:
    """Return a number to so many digits: exactly where it is a short decimal or fraction."""
    if isinstance(x, fmpq):
        if x.q == 1 and abs(x.p) < 10**15:
            return str(x.p)
        two = int(x.q)
        while two % 2 == 0:
            two //= 2
        while two % 5 == 0:
            two //= 5
        if two == 1 and int(x.q) < 10**12 and abs(x.p) < 10**18:
            return _terminating(int(x.p), int(x.q))
        digits_of_it = decimal(x, digits) or ""
        mantissa, mark, exponent = digits_of_it.partition("e")
        short = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        return short + mark + exponent if two == 1 else digits_of_it
    if not known(x):
        return said("undefined") if x is UNDEFINED else said("undecided")
    return decimal(x, digits) or f"{float(arb(ball_of(x)).mid()):.{digits}g}"


def _terminating(p: int, q: int) -> str:
    places = 0
    while (10**places) % q:
        places += 1
    digits = str(abs(p) * 10**places // q).rjust(places + 1, "0")
    return ("-" if p < 0 else "") + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)
