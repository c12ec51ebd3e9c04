"""Independent definitions of every operator, in mpmath at 50 digits: nothing here comes from the table."""

from __future__ import annotations

import mpmath
from mpmath import mp, mpf

mp.dps = 50


def _erfc_half(x):
    return mpmath.erfc(-x / mpmath.sqrt(2)) / 2


def _clip(x, a, b):
    return min(max(x, a), b)


def _selu(x):
    scale, alpha = mpf(10507009873554805) / 10**16, mpf(16732632423543772) / 10**16  # at the digits of the moment
    return scale * (x if x > 0 else alpha * mpmath.expm1(x))


# form of the row → the function it stands for
SCALAR = {
    "x + y": lambda x, y: x + y,
    "x - y": lambda x, y: x - y,
    "x * y": lambda x, y: x * y,
    "x / y": lambda x, y: x / y,
    "-x": lambda x: -x,
    "x ^ y": lambda x, y: x**y,
    "exp(x)": mpmath.exp,
    "exp2(x)": lambda x: mpf(2) ** x,
    "expm1(x)": mpmath.expm1,
    "ln(x)": mpmath.log,
    "log2(x)": lambda x: mpmath.log(x, 2),
    "log10(x)": mpmath.log10,
    "log1p(x)": mpmath.log1p,
    "log(x, y)": lambda x, y: mpmath.log(x) / mpmath.log(y),
    "sqrt(x)": mpmath.sqrt,
    "cbrt(x)": lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
    "abs(x)": abs,
    "sign(x)": mpmath.sign,
    "floor(x)": mpmath.floor,
    "ceil(x)": mpmath.ceil,
    "round(x)": mpmath.nint,
    "max(x, y)": max,
    "min(x, y)": min,
    "clip(x, a, b)": _clip,
    "where(c, a, b)": lambda c, a, b: a if c else b,
    "x < y": lambda x, y: mpf(x < y),
    "x <= y": lambda x, y: mpf(x <= y),
    "x > y": lambda x, y: mpf(x > y),
    "x >= y": lambda x, y: mpf(x >= y),
    "x == y": lambda x, y: mpf(x == y),
    "x != y": lambda x, y: mpf(x != y),
    "sin(x)": mpmath.sin,
    "cos(x)": mpmath.cos,
    "tan(x)": mpmath.tan,
    "sec(x)": mpmath.sec,
    "csc(x)": mpmath.csc,
    "cot(x)": mpmath.cot,
    "asin(x)": mpmath.asin,
    "acos(x)": mpmath.acos,
    "atan(x)": mpmath.atan,
    "asec(x)": mpmath.asec,
    "acsc(x)": mpmath.acsc,
    "acot(x)": mpmath.acot,
    "atan2(y, x)": mpmath.atan2,
    "hypot(x, y)": mpmath.hypot,
    "sinh(x)": mpmath.sinh,
    "cosh(x)": mpmath.cosh,
    "tanh(x)": mpmath.tanh,
    "sech(x)": mpmath.sech,
    "csch(x)": mpmath.csch,
    "coth(x)": mpmath.coth,
    "asinh(x)": mpmath.asinh,
    "acosh(x)": mpmath.acosh,
    "atanh(x)": mpmath.atanh,
    "asech(x)": mpmath.asech,
    "acsch(x)": mpmath.acsch,
    "acoth(x)": mpmath.acoth,
    "sigmoid(x)": lambda x: 1 / (1 + mpmath.exp(-x)),
    "logsigmoid(x)": lambda x: -mpmath.log1p(mpmath.exp(-x)),
    "softplus(x)": lambda x: mpmath.log1p(mpmath.exp(x)),
    "relu(x)": lambda x: max(x, mpf(0)),
    "leaky_relu(x)": lambda x: x if x > 0 else x * mpf(0.01),
    "leaky_relu(x, a)": lambda x, a: x if x > 0 else x * a,
    "elu(x)": lambda x: x if x > 0 else mpmath.expm1(x),
    "elu(x, a)": lambda x, a: x if x > 0 else a * mpmath.expm1(x),
    "selu(x)": _selu,
    "gelu(x)": lambda x: x * _erfc_half(x),
    "silu(x)": lambda x: x / (1 + mpmath.exp(-x)),
    "erf(x)": mpmath.erf,
    "erfc(x)": mpmath.erfc,
    "gauss(x)": lambda x: mpmath.exp(-x * x),
    "normcdf(x)": mpmath.ncdf,
    "normpdf(x)": mpmath.npdf,
    "unless(c, a, b)": lambda c, a, b: a if c else b,
    "outside(c)": lambda c: mpf(1),
    "flow(x, y)": lambda x, y: x * y,
    "gamma(x)": mpmath.gamma,
    "lgamma(x)": lambda x: mpmath.log(abs(mpmath.gamma(x))),
    "digamma(x)": mpmath.digamma,
    "polygamma(n, x)": lambda n, x: mpmath.psi(int(n), x),
    "x!": lambda x: mpmath.gamma(x + 1),
    "ones(x)": lambda x: mpf(1),
}

CONSTANT = {"pi": mpmath.pi, "e": mpmath.e}


def derivative(function, args, position):
    """Return ∂function/∂args[position] by central differences in 100 digits: no rule is used."""
    with mp.workdps(110):
        step = mpf(10) ** -30 * max(abs(mpf(args[position])), mpf(10) ** -25)

        def along(t):
            moved = [mpf(a) for a in args]
            moved[position] += t
            return function(*moved)

        # fourth order: the error is about step^4, far below 50 digits
        value = (8 * (along(step) - along(-step)) - (along(2 * step) - along(-2 * step))) / (12 * step)
    return +value


def ulps(got: float, want: mpf) -> float:
    """Return the error of got in units in the last place of the float64 nearest to want."""
    import math

    if not mpmath.isfinite(want):
        return 0.0 if not math.isfinite(got) else math.inf
    nearest = float(want)
    if got == nearest:
        return float(abs(mpf(got) - want) / mpf(math.ulp(nearest))) if nearest else 0.0
    return float(abs(mpf(got) - want) / mpf(math.ulp(nearest)))
