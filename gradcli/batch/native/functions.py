"""Elementary functions of eight numbers at once: the argument is reduced until its Taylor series is short.

    e^x    = 2^k e^r                        x = k ln 2 + r,   |r| ≤ ln 2 / 2
    ln x   = k ln 2 + 2 artanh s            x = 2^k (1+s)/(1-s),   √½ ≤ x/2^k < √2
    sin x  = ± sin r  or  ± cos r           x = k π/2 + r,    |r| ≤ π/4

The constants are known to twice the precision and more, in pieces, and a product with the first piece is subtracted with one rounding, so
that nothing is lost where they cancel (Cody & Waite, *Software manual for the elementary functions*, 1980). All errors are below 4 units in
the last place, most below 1.5 (tests/test_native.py measures them against mpmath). The same instructions run on every machine, so that the
bits are the same. Arguments too large for this, and functions without a row here, are left to the C library, one number at a time.
"""

from __future__ import annotations

from math import factorial, inf, pi, sqrt
from typing import Any

from gradcli.batch.native.lanes import Lanes

LN2 = (float.fromhex("0x1.62e42fefa39efp-1"), float.fromhex("0x1.abc9e3b39803fp-56"))
HALF_PI = (float.fromhex("0x1.921fb54442d18p+0"), float.fromhex("0x1.1a62633145c07p-54"), float.fromhex("-0x1.f1976b7ed8fbcp-110"))
LG2 = (float.fromhex("0x1.34413509f79ffp-2"), float.fromhex("-0x1.9dc1da994fd21p-59"))
LOG2_E, LOG10_E = float.fromhex("0x1.71547652b82fep+0"), float.fromhex("0x1.bcb7b1526e50ep-2")
ROOT_HALF = (float.fromhex("0x1.6a09e667f3bcdp-1"), float.fromhex("-0x1.bdd3413b26456p-55"))
MAGIC = 1.5 * 2.0**52  # added to a number, it leaves its nearest whole number in the last bits
EXPONENT, ONE = 52, 1023 << 52  # where the exponent of a float64 stands, and the bits of 1.0
SMALLEST, LARGEST = 2.0**-1022, 2.0**20  # of the normal numbers; of the angles that three pieces of π/2 reduce

EXP = [1 / factorial(n) for n in range(2, 14)]
ARTANH = [2 / n for n in range(3, 23, 2)]
SIN = [(-1) ** (n // 2) / factorial(n) for n in range(3, 19, 2)]
COS = [(-1) ** (n // 2) / factorial(n) for n in range(4, 18, 2)]


def _nearest(x: Lanes, unit: float) -> tuple[Lanes, Any]:
    """Return the whole number that is nearest to x·unit, as a number and as bits."""
    moved = x.writer.constant(MAGIC).plus_product(x, unit)
    return moved - MAGIC, x.writer.builder.sub(moved.bits(), x.writer.constant(MAGIC).bits())


def _power_of_two(x: Lanes, k: Any) -> Lanes:
    builder, integer = x.writer.builder, x.writer.integer
    return x.from_bits(builder.add(builder.shl(k, integer(EXPONENT)), integer(ONE)))


def _split(x: Lanes) -> tuple[Lanes, Lanes, Any]:
    """Return k as a number, e^r - 1 and k as bits, where x = k ln 2 + r."""
    k, bits = _nearest(x, LOG2_E)
    r = x.plus_product(-k, LN2[0]).plus_product(-k, LN2[1])
    return k, r.plus_product(r * r, r.series(*EXP)), bits


def _times(x: Lanes, k: Any) -> Lanes:
    """Return x·2^k in two halves, so that it may end among the subnormal numbers."""
    builder = x.writer.builder
    half = builder.ashr(k, x.writer.integer(1))
    return x * _power_of_two(x, half) * _power_of_two(x, builder.sub(k, half))


def _within(x: Lanes, low: float, high: float) -> Lanes:
    write = x.writer
    x = write.where(x.compare(">", high), write.constant(high), x)
    return write.where(x.compare("<", low), write.constant(low), x)


def exp(x: Lanes) -> Lanes:
    """Return e^x."""
    _, grown, bits = _split(_within(x, -750, 712))
    return _times(grown + 1, bits)


def expm1(x: Lanes) -> Lanes:
    """Return e^x - 1: 2^k (e^r - 1) + (2^k - 1)."""
    write = x.writer
    _, grown, bits = _split(_within(x, -45, 712))
    scale = _power_of_two(x, bits)
    small = (scale - 1).plus_product(scale, grown)
    return write.intrinsic("copysign", write.where(x.compare(">", 40), _times(grown + 1, bits), small), x)


def _mantissa(x: Lanes) -> tuple[Lanes, Lanes]:
    """Return k and m with x = 2^k m and √½ ≤ m < √2, for a normal x > 0."""
    write, builder = x.writer, x.writer.builder
    root = write.constant(sqrt(0.5)).bits()
    apart = builder.sub(x.bits(), root)
    m = x.from_bits(builder.add(builder.and_(apart, write.integer((1 << EXPONENT) - 1)), root))
    return Lanes(write, builder.sitofp(builder.ashr(apart, write.integer(EXPONENT)), write.real)), m


def _ln1p(f: Lanes, small: Lanes | float = 0.0) -> Lanes:
    """Return ln(1 + f) + small, with s = f/(2 + f): f - (f²/2 - s (f²/2 + 2s²/3 + 2s⁴/5 + …) - small)."""
    s, half = f / (f + 2), f * f * 0.5
    z = s * s
    return f - (half - (s * (half + z * z.series(*ARTANH)) + small))


def _outside(x: Lanes, low: float, high: float = inf) -> Any:
    """Return where x is not in low … high, or nan; there the C library is asked."""
    builder = x.writer.builder
    return builder.not_(builder.and_(x.compare(">=", low), x.compare("<", high)))


def ln(x: Lanes) -> Lanes:
    """Return the natural logarithm."""
    k, m = _mantissa(x)
    return x.writer.rarely(_outside(x, SMALLEST), _ln1p(m - 1, k * LN2[1]).plus_product(k, LN2[0]), lambda: x.writer.each("log", x))


def log2(x: Lanes) -> Lanes:
    """Return the logarithm to base 2."""
    k, m = _mantissa(x)
    return x.writer.rarely(_outside(x, SMALLEST), k.plus_product(_ln1p(m - 1), LOG2_E), lambda: x.writer.each("log2", x))


def log10(x: Lanes) -> Lanes:
    """Return the logarithm to base 10."""
    k, m = _mantissa(x)
    found = (k * LG2[1]).plus_product(_ln1p(m - 1), LOG10_E).plus_product(k, LG2[0])
    return x.writer.rarely(_outside(x, SMALLEST), found, lambda: x.writer.each("log10", x))


def log1p(x: Lanes) -> Lanes:
    """Return ln(1 + x): of u, the float64 nearest to 1 + x, and what that rounding lost, over u."""
    write = x.writer
    u = x + 1
    k, m = _mantissa(u)
    grown = u - 1
    lost = (1 - (u - grown)) + (x - grown)
    near = k.compare("==", 0)
    f, rest = write.where(near, x, m - 1), write.where(near, write.constant(0), lost / u)
    found = write.intrinsic("copysign", _ln1p(f, rest.plus_product(k, LN2[1])).plus_product(k, LN2[0]), x)
    return write.rarely(_outside(x, -1 + 2.0**-52, 2.0**1000), found, lambda: write.each("log1p", x))


def _turn(x: Lanes) -> tuple[Lanes, Lanes, Any]:
    """Return sin r, cos r and k as bits, where x = k π/2 + r."""
    k, bits = _nearest(x, 1 / HALF_PI[0])
    r = x.plus_product(-k, HALF_PI[0]).plus_product(-k, HALF_PI[1]).plus_product(-k, HALF_PI[2])
    z = r * r
    half = z * 0.5
    near = 1 - half
    return r.plus_product(r * z, z.series(*SIN)), near + ((1 - near - half).plus_product(z * z, z.series(*COS))), bits


def _has(x: Lanes, bits: Any, one: int) -> Any:
    builder = x.writer.builder
    return builder.icmp_signed("!=", builder.and_(bits, x.writer.integer(one)), x.writer.integer(0))


def _signed(x: Lanes, negative: Any) -> Lanes:
    return x.writer.where(negative, -x, x)


def _far(x: Lanes) -> Any:
    return _outside(abs(x), 0.0, LARGEST)


def sin(x: Lanes) -> Lanes:
    """Return the sine."""
    write = x.writer
    sine, cosine, k = _turn(x)
    found = _signed(write.where(_has(x, k, 1), cosine, sine), _has(x, k, 2))
    found = write.where(x.compare("==", 0), x, found)
    return write.rarely(_far(x), found, lambda: write.each("sin", x))


def cos(x: Lanes) -> Lanes:
    """Return the cosine."""
    write = x.writer
    sine, cosine, k = _turn(x)
    after = write.builder.add(k, write.integer(1))
    found = _signed(write.where(_has(x, k, 1), sine, cosine), _has(x, after, 2))
    return write.rarely(_far(x), found, lambda: write.each("cos", x))


def tan(x: Lanes) -> Lanes:
    """Return the tangent."""
    write = x.writer
    sine, cosine, k = _turn(x)
    odd = _has(x, k, 1)
    found = write.where(odd, -cosine, sine) / write.where(odd, sine, cosine)
    found = write.where(x.compare("==", 0), x, found)
    return write.rarely(_far(x), found, lambda: write.each("tan", x))


def tanh(x: Lanes) -> Lanes:
    """Return the hyperbolic tangent: e/(e + 2) with e = e^2|x| - 1."""
    grown = expm1(_within(abs(x), 0, 22) * 2)
    return x.writer.intrinsic("copysign", grown / (grown + 2), x)


def sinh(x: Lanes) -> Lanes:
    """Return the hyperbolic sine: (e + e/(e + 1))/2 with e = e^|x| - 1."""
    write, grown = x.writer, expm1(abs(x))
    found = write.intrinsic("copysign", (grown + grown / (grown + 1)) * 0.5, x)
    return write.rarely(_outside(abs(x), 0.0, 709), found, lambda: write.each("sinh", x))


def cosh(x: Lanes) -> Lanes:
    """Return the hyperbolic cosine: (e + 1/e)/2 with e = e^|x|."""
    write, grown = x.writer, exp(abs(x))
    return write.rarely(_outside(abs(x), 0.0, 709), (grown + 1 / grown) * 0.5, lambda: write.each("cosh", x))


def _bell(x: Lanes, half: float) -> Lanes:
    """Return e^(-half·x²): what the rounding of x² lost is a factor of its own."""
    x = _within(abs(x), 0, 40)
    square = x * x
    grown = exp(square * -half)
    return grown.plus_product(grown, (-square).plus_product(x, x) * -half)


def gauss(x: Lanes) -> Lanes:
    """Return e^(-x²)."""
    return _bell(x, 1.0)


def normpdf(x: Lanes) -> Lanes:
    """Return the density of the normal law."""
    return _bell(x, 0.5) * (1 / sqrt(2 * pi))


def normcdf(x: Lanes) -> Lanes:
    """Return the distribution function of the normal law: erfc(y)/2 with y = -x/√2, and what the rounding of y lost times its slope."""
    x = _within(x, -40, 40)
    y = x * -ROOT_HALF[0]
    lost = (-y).plus_product(x, -ROOT_HALF[0]) - x * ROOT_HALF[1]
    return (x.writer.each("erfc", y) * 0.5).plus_product(lost * -(1 / sqrt(pi)), gauss(y))


def power(x: Lanes, n: int) -> Lanes:
    """Return x to a small whole number, by products."""
    if n < 0:
        return power(1 / x, -n)
    half = power(x, n // 2) if n > 1 else x
    return x.writer.constant(1) if n == 0 else x if n == 1 else half * half * x if n % 2 else half * half
