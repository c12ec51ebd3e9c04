"""Real numbers as float64: the kernels of the primitive operators.

nan means *undefined here*; inf means *too large for a float64*. No kernel raises: which node broke, and at which
values, can be read off the tape afterwards. Kernels are those of `math` (the C library's, and CPython's own for gamma and
lgamma), save those in `special`; tests/test_operators.py measures them all.
"""

from __future__ import annotations

import math
from math import inf, isnan, nan

from gradcli import ops
from gradcli.arithmetic import by_formula
from gradcli.arithmetic.special import Kernel, cbrt, digamma, gamma, gauss, lgamma, normcdf, normpdf, polygamma, total
from gradcli.light import Callable


def _divide(x: float, y: float) -> float:
    return x / y if y else nan


def _power(x: float, y: float) -> float:
    try:
        return math.pow(x, y)
    except ValueError:
        return nan
    except OverflowError:
        return -inf if x < 0 and y % 2 == 1 else inf


def _sign(x: float) -> float:
    return x if isnan(x) else float((x > 0) - (x < 0))


def _stepwise(function: Callable[[float], int]) -> Kernel:
    return lambda x: float(function(x)) if math.isfinite(x) else x


def _larger(x: float, y: float) -> float:
    return nan if isnan(x) or isnan(y) else max(x, y)


def _smaller(x: float, y: float) -> float:
    return nan if isnan(x) or isnan(y) else min(x, y)


def _where(c: float, a: float, b: float) -> float:
    return c if isnan(c) else a if c else b


def _compare(holds: Callable[[float, float], bool]) -> Kernel:
    return lambda x, y: nan if isnan(x) or isnan(y) else float(holds(x, y))


def _atan2(y: float, x: float) -> float:
    return nan if x == 0 == y else math.atan2(y, x)


KERNELS: dict[tuple[str, int], Kernel] = {
    ("pi", 0): lambda: math.pi,
    ("e", 0): lambda: math.e,
    ("+", 2): lambda x, y: x + y,
    ("-", 2): lambda x, y: x - y,
    ("*", 2): lambda x, y: x * y,
    ("/", 2): _divide,
    ("-", 1): lambda x: -x,
    ("^", 2): _power,
    ("exp", 1): total(math.exp),
    ("expm1", 1): total(math.expm1),
    ("ln", 1): total(math.log),
    ("log2", 1): total(math.log2),
    ("log10", 1): total(math.log10),
    ("log1p", 1): total(math.log1p),
    ("sqrt", 1): total(math.sqrt),
    ("cbrt", 1): cbrt,
    ("abs", 1): abs,
    ("sign", 1): _sign,
    ("floor", 1): _stepwise(math.floor),
    ("ceil", 1): _stepwise(math.ceil),
    ("round", 1): _stepwise(round),
    ("max", 2): _larger,
    ("min", 2): _smaller,
    ("where", 3): _where,
    ("flow", 2): lambda x, y: 0.0 if x == 0 and not math.isfinite(y) else x * y,
    ("<", 2): _compare(lambda x, y: x < y),
    ("<=", 2): _compare(lambda x, y: x <= y),
    (">", 2): _compare(lambda x, y: x > y),
    (">=", 2): _compare(lambda x, y: x >= y),
    ("==", 2): _compare(lambda x, y: x == y),
    ("!=", 2): _compare(lambda x, y: x != y),
    ("sin", 1): total(math.sin),
    ("cos", 1): total(math.cos),
    ("tan", 1): total(math.tan),
    ("asin", 1): total(math.asin),
    ("acos", 1): total(math.acos),
    ("atan", 1): math.atan,
    ("atan2", 2): _atan2,
    ("hypot", 2): math.hypot,
    ("sinh", 1): total(math.sinh, sign=lambda x: x),
    ("cosh", 1): total(math.cosh),
    ("tanh", 1): math.tanh,
    ("asinh", 1): math.asinh,
    ("acosh", 1): total(math.acosh),
    ("atanh", 1): total(math.atanh),
    ("erf", 1): math.erf,
    ("erfc", 1): math.erfc,
    ("gauss", 1): gauss,
    ("normcdf", 1): normcdf,
    ("normpdf", 1): normpdf,
    ("gamma", 1): gamma,
    ("lgamma", 1): lgamma,
    ("digamma", 1): total(digamma, sign=lambda x: -x),
    ("polygamma", 2): polygamma,
    ("ones", 1): lambda x: 1.0,
}


class Real:
    """One point, one float per node."""

    def number(self, mantissa: int, exponent: int) -> float:
        """Return the float64 nearest to mantissa · 10^exponent."""
        return float(f"{mantissa}e{exponent}")

    def apply(self, op: str, args: tuple[float, ...]) -> float:
        """Return the value of an operator at these arguments; nan where undefined, inf where too large."""
        kernel = KERNELS.get((op, len(args)))
        if kernel is not None:
            return kernel(*args)
        return by_formula(ops.rows(op, len(args))[0], args, self)

    def scale(self, upstream: float, local: float, value: float) -> float:
        """Return upstream × local."""
        return upstream * local
