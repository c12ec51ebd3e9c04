"""Special functions of a real number that `math` lacks, or has with too few digits. Imports no mathematics but `math`.

As in `real`, nan means undefined and inf too large; tests/test_operators.py measures the errors. Formulas: the
Digital Library of Mathematical Functions (DLMF), by number.
"""

from __future__ import annotations

import math
from math import copysign, inf, isnan, nan

from gradcli.light import Callable, cache

Kernel = Callable[..., float]


def total(function: Kernel, sign: Callable[[float], float] = lambda x: 1.0) -> Kernel:
    """Make a function of `math` total: nan outside its domain, a signed inf where it overflows."""

    def kernel(*args: float) -> float:
        try:
            return function(*args)
        except ValueError:
            return nan
        except OverflowError:
            return copysign(inf, sign(args[-1]))

    return kernel


def gauss(x: float) -> float:
    """Return e^(-x²), the square taken exactly: its rounding error alone would cost x² ulps (Dekker 1971)."""
    if not abs(x) < 40:
        return x if isnan(x) else 0.0
    square, rest = _product(x, x)
    return math.exp(-square) * (1 - rest)


def _product(x: float, y: float) -> tuple[float, float]:
    """Return x·y as a sum of two floats, exactly (Dekker 1971)."""
    (a, b), (c, d) = ((high := 134217729.0 * v - (134217729.0 * v - v), v - high) for v in (x, y))
    product = x * y
    return product, ((a * c - product) + a * d + b * c) + b * d


def cbrt(x: float) -> float:
    """Return the real cube root: that of the C library, which may be 3 ulps off, and one step of Newton's with x − r³ exact to 2 floats."""
    root = math.cbrt(x)
    if not 1e-200 < abs(x) < 1e200:
        return root
    square, rest = _product(root, root)
    cube, more = _product(square, root)
    return root - ((cube - x) + (more + rest * root)) / (3 * square)


_ROOT_HALF = 0.7071067811865476, -4.833646656726457e-17  # 1/√2 as a sum of two floats
_ROOT_TWO_PI = math.sqrt(2 * math.pi)


def normpdf(x: float) -> float:
    """Return e^(-x²/2) / √(2π), the square taken exactly."""
    if not abs(x) < 40:
        return x if isnan(x) else 0.0
    square, rest = _product(x, x)
    return math.exp(-square / 2) * (1 - rest / 2) / _ROOT_TWO_PI


def normcdf(x: float) -> float:
    """Return Φ(x) = erfc(-x/√2)/2, corrected for the rounding of x/√2, which costs x² ulps in the tail."""
    if not abs(x) < 40:
        return x if isnan(x) else float(x > 0)
    product, rest = _product(-x, _ROOT_HALF[0])
    error = rest - x * _ROOT_HALF[1]
    return math.erfc(product) / 2 - gauss(product) * error / math.sqrt(math.pi)


# Bernoulli numbers B_2, B_4, … B_24: the coefficients of the asymptotic series of ln Γ (DLMF 5.11.1, 24.2.2).
_BERNOULLI = (
    1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798, -174611 / 330,
    854513 / 138, -236364091 / 2730,
)  # fmt: skip
_ROOT_HIGH, _ROOT_LOW = 1.4616321449683622, 9.549995429965697e-17  # the positive zero of ψ, as a sum of two floats


def digamma(x: float) -> float:
    """Return ψ(x): reflection below ½, recurrence up to 10, then the asymptotic series (DLMF 5.5.4, 5.11.2)."""
    if not math.isfinite(x):
        return nan if x < 0 else x
    if x <= 0 and x == math.floor(x):
        return nan
    if x < 0.5:
        return digamma(1 - x) - math.pi / math.tan(math.pi * math.remainder(x, 1))
    if 1 < x < 4:
        return _digamma_near_root(x)
    terms = []
    while x < 10:
        terms.append(-1 / x)
        x += 1
    terms += [math.log(x), -0.5 / x]
    terms += [-b / (2 * k) * x ** (-2 * k) for k, b in enumerate(_BERNOULLI, 1)]
    return math.fsum(terms)


def _digamma_near_root(x: float) -> float:
    """Return ψ(x) as (x − x₀) Σ 1/((n + x)(n + x₀)): no cancellation at its zero x₀ (from DLMF 5.7.6)."""
    total, n = [], 0
    while n < 12:
        total.append(1 / ((n + x) * (n + _ROOT_HIGH)))
        n += 1
    # The rest of the sum is (ψ(N + x) − ψ(N + x₀)) / (x − x₀), taken term by term in differences of powers.
    a, b = n + x, n + _ROOT_HIGH
    step = (x - _ROOT_HIGH) - _ROOT_LOW
    if step == 0:
        return 0.0
    total.append(math.log1p(step / b) / step)
    total.append(0.5 / (a * b))
    for k, bernoulli in enumerate(_BERNOULLI[:8], 1):
        power = 2 * k
        ratio = sum(a ** -(j + 1) * b ** -(power - j) for j in range(power))
        total.append(bernoulli / power * ratio)
    return step * math.fsum(total)


def polygamma(n: float, x: float) -> float:
    """Return ψ⁽ⁿ⁾(x), inf with its sign where that is too large."""
    try:
        return _polygamma(n, x)
    except OverflowError:  # near 0, where it is (-1)^(n + 1) n! / x^(n + 1)
        return inf if n % 2 or x < 0 else -inf


def _polygamma(n: float, x: float) -> float:
    """Return ψ⁽ⁿ⁾(x): recurrence up to 20 + n, then the asymptotic series (DLMF 5.15.5, 5.15.8)."""
    order = int(n) if 0 <= n <= 100 and n == math.floor(n) else -1
    if order < 0 or not math.isfinite(x) or (x <= 0 and x == math.floor(x)):
        return nan
    if order == 0:
        return digamma(x)
    if x < -1000:
        return nan  # the recurrence would take long; the reflection formula needs the n-th derivative of cot
    sign, factorial = (-1.0) ** (order + 1), math.gamma(order + 1)
    terms = []
    while x < 20 + order:
        terms.append(factorial * x ** -(order + 1))
        x += 1
    terms += [factorial / order * x**-order, factorial / 2 * x ** -(order + 1)]
    for k, bernoulli in enumerate(_BERNOULLI, 1):
        rising = math.exp(math.lgamma(2 * k + order) - math.lgamma(2 * k + 1)) if order > 4 else _rising(k, order)
        terms.append(bernoulli * rising * x ** -(2 * k + order))
    return sign * math.fsum(terms)


def _rising(k: int, order: int) -> float:
    """Return (2k + n − 1)! / (2k)!."""
    return float(math.prod(range(2 * k + 1, 2 * k + order)))


def gamma(x: float) -> float:
    """Return Γ(x): between ½ and 8, where `math.gamma` is some ulps off, as Γ(1 + t) (1 + t) (2 + t) …, t = x − a whole number."""
    if not 0.5 < x < 8 or x == math.floor(x):
        return _gamma_elsewhere(x)
    whole = round(x)
    t = x - whole
    return math.exp(math.fsum(_log_gamma(t))) * math.prod(j + t for j in range(1, whole))


_gamma_elsewhere = total(math.gamma)


def lgamma(x: float) -> float:
    """Return ln |Γ(x)|: between ½ and 10, where `math.lgamma` loses digits, by a series at the nearest whole number."""
    return _lgamma_near(x, round(x)) if 0.5 < x < 10 else _lgamma_elsewhere(x)


_lgamma_elsewhere = total(math.lgamma)
_EULER = 0.5772156649015329


def _lgamma_near(x: float, whole: int) -> float:
    """Return ln Γ(1 + t) + Σ ln(j + t), j < whole, t = x − whole."""
    t = x - whole
    terms = [math.log1p(t)] if whole > 1 else []
    terms += [math.log(j + t) for j in range(2, whole)]
    return math.fsum(terms + _log_gamma(t))


def _log_gamma(t: float) -> list[float]:
    """Return the terms of ln Γ(1 + t) = Σ (−1)^k ζ(k)/k t^k − γt for |t| ≤ ½ (DLMF 5.7.3)."""
    terms, power = [-_EULER * t], t
    for k in range(2, 56):
        power *= -t
        terms.append(-power * _zeta(k) / k)
    return terms


@cache
def _zeta(k: int) -> float:
    """Return ζ(k) for k ≥ 2 by Euler–Maclaurin summation."""
    n = 12
    head = [j**-k for j in range(1, n)]
    tail = [n ** (1 - k) / (k - 1), 0.5 * n**-k]
    rising = float(k)
    for j, bernoulli in enumerate(_BERNOULLI[:6], 1):
        tail.append(bernoulli / math.factorial(2 * j) * rising * n ** (1 - k - 2 * j))
        rising *= (k + 2 * j - 1) * (k + 2 * j)
    return math.fsum(head + tail)
