"""Floats with a running error bound: |computed − true| ≤ bound, for the numbers that were written, not their nearest floats.

The rounding error of + − · ÷ √ is computed, not estimated (Dekker 1971; Ogita, Rump & Oishi 2005), so that it is 0
wherever the result is exact; that of any other function is a few units in the last place, and what it makes of
the errors of its arguments is bounded by its own partials from the table. Where a bound says too little (overflow, a
decision on the edge, a singularity within reach) it raises `Doubtful`: then only balls will do.
"""

from __future__ import annotations

import math

from gradcli import ops
from gradcli.arithmetic import BY_SIGN, Doubtful, by_formula, evaluate
from gradcli.arithmetic.real import KERNELS as FLOAT
from gradcli.arithmetic.real import Real
from gradcli.light import Callable
from gradcli.rules import OUT, formals, rule

Pair = tuple[float, float]  # value, bound
Kernel = Callable[..., Pair]

_REAL = Real()
_TINY, _HUGE = 1e-280, 1e280  # between them products have an exact error term
_UP = 1 + 1e-12  # the bounds are floats too: this covers their own rounding
_CHANGE = 4.0  # how much a partial may change within the error of its argument
_ULPS = 4  # of a function of the C library, tested against mpmath
_WORSE = {"gamma": 40, "lgamma": 40, "digamma": 20, "polygamma": 60}  # and these only right of this point
_RIGHT_OF = 0.5
_EXACT_AT_ZERO = ("exp", "cos", "cosh", "erfc", "gauss", "normcdf")  # 1 or ½ there
_ZERO_AT_ONE = ("ln", "log2", "log10", "acos", "acosh", "lgamma")  # 0 there; a 0 of any other, but at 0, has underflowed


def _pair(value: float, bound: float) -> Pair:
    if not (math.isfinite(value) and bound < _HUGE):
        raise Doubtful
    return value, bound * _UP


def _two_sum(x: float, y: float) -> Pair:
    """Return x + y rounded, and its rounding error, exactly (Knuth)."""
    total = x + y
    part = total - x
    return total, (x - (total - part)) + (y - part)


def _two_product(x: float, y: float) -> Pair:
    """Return x·y rounded, and its rounding error, exactly (Dekker 1971)."""
    value = x * y
    if value == 0 and (x == 0 or y == 0):
        return 0.0, 0.0
    if not (_TINY < abs(value) < _HUGE and abs(x) < _HUGE and abs(y) < _HUGE):
        raise Doubtful
    a = 134217729.0 * x
    a -= a - x
    b = 134217729.0 * y
    b -= b - y
    c, d = x - a, y - b
    return value, ((a * b - value) + a * d + c * b) + c * d


def _bound(x: float, y: float) -> float:
    """Return x·y rounded up where it underflows: a bound is 0 only where there is no error."""
    return x * y + 5e-324 if x and y else 0.0


def _add(x: Pair, y: Pair) -> Pair:
    value, error = _two_sum(x[0], y[0])
    return _pair(value, abs(error) + x[1] + y[1])


def _negative(x: Pair) -> Pair:
    return -x[0], x[1]


def _multiply(x: Pair, y: Pair) -> Pair:
    (a, da), (b, db) = x, y
    value, error = _two_product(a, b)
    return _pair(value, abs(error) + _bound(abs(a), db) + _bound(abs(b), da) + _bound(da, db))


def _divide(x: Pair, y: Pair) -> Pair:
    (a, da), (b, db) = x, y
    if abs(b) <= 2 * db:
        raise Doubtful
    if a == 0 == da:
        return 0.0, 0.0
    value = a / b
    if abs(value) < _TINY:
        raise Doubtful
    back, error = _two_product(value, b)
    return _pair(value, _bound(abs((a - back) - error) + da + _bound(abs(value), db), 1 / (abs(b) - db)))


def _square_root(x: Pair) -> Pair:
    a, da = x
    if a == 0 == da:
        return 0.0, 0.0
    if a <= 2 * da or a < _TINY:
        raise Doubtful
    value = math.sqrt(a)
    back, error = _two_product(value, value)
    return _pair(value, _bound(abs((a - back) - error) + da, 1 / value))


def _power(x: Pair, y: Pair) -> Pair:
    (a, da), (n, dn) = x, y
    if da or dn or not 0 <= n <= 64 or n != int(n):
        return _function("^", x, y)
    if n == 2:
        return _multiply(x, x)
    value = FLOAT["^", 2](a, n)
    if math.isfinite(value):
        (p, q), (r, s) = a.as_integer_ratio(), value.as_integer_ratio()
        if p ** int(n) * s == r * q ** int(n):
            return value, 0.0
    return _function("^", x, y)


def _function(op: str, *args: Pair) -> Pair:
    """Return a function of the C library: some ulps, and what its partials make of the errors of its arguments."""
    at = [value for value, _ in args]
    value = FLOAT[op, len(args)](*at)
    if op in _WORSE and at[-1] < _RIGHT_OF:
        raise Doubtful
    exact = not any(error for _, error in args) and (
        (op in _EXACT_AT_ZERO and not any(at)) if value else (not at[0] or op in _ZERO_AT_ONE)
    )
    if op == "^" and value == 0 and at[0]:
        raise Doubtful
    if not math.isfinite(value) or (abs(value) < _TINY and not exact):
        raise Doubtful
    total = 0.0 if exact else _WORSE.get(op, _ULPS) * math.ulp(value)
    row = ops.rows(op, len(args))[0]
    for position, (_, error) in enumerate(args):
        if error:
            total += _bound(error, _steepest(row, position, at, error))
    return _pair(value, total)


def _steepest(row: ops.Op, position: int, at: list[float], error: float) -> float:
    """Return a bound of a partial within the error of its argument."""
    wanted = rule(row, position)
    if wanted is None:
        raise Doubtful
    found = []
    for shift in (-error, 0.0, error):
        point = list(at)
        point[position] += shift
        env = dict(zip(formals(row), point))
        env[OUT] = FLOAT[row.name, len(at)](*point)
        found.append(abs(evaluate(wanted.tape, env, _REAL)[wanted.root]))
    most, least = max(found), min(found)
    if not math.isfinite(most) or (most > _CHANGE * least and most > 2 * error):
        raise Doubtful
    return 2 * most + error


def _absolute(x: Pair) -> Pair:
    return abs(x[0]), x[1]


def _decided(x: Pair, y: Pair) -> int:
    """Return the sign of x − y, if it is certain."""
    if x is y:  # the same node: the same number
        return 0
    gap, reach = x[0] - y[0], x[1] + y[1]
    if abs(gap) > reach * _UP + math.ulp(gap):
        return 1 if gap > 0 else -1
    if reach == 0 and x[0] == y[0]:
        return 0
    if reach == 0:
        return 1 if gap > 0 else -1
    raise Doubtful


def _compare(holds: Callable[[int], bool]) -> Kernel:
    return lambda x, y: (1.0 if holds(_decided(x, y)) else 0.0, 0.0)


def _sign(x: Pair) -> Pair:
    return float(_decided(x, (0.0, 0.0))), 0.0


def _stepwise(op: str) -> Kernel:
    kernel = FLOAT[op, 1]

    def step(x: Pair) -> Pair:
        value, error = x
        low, high = (kernel(math.nextafter(value + e, e * math.inf)) if e else kernel(value) for e in (-error, error))
        if low != high or not math.isfinite(low) or abs(low) > 2**52:
            raise Doubtful
        return low, 0.0

    return step


def _flow(x: Pair, y: Pair) -> Pair:
    return (0.0, 0.0) if x == (0.0, 0.0) else _multiply(x, y)


def _constant(value: float) -> Kernel:
    return lambda: (value, math.ulp(value) / 2)


_KERNELS: dict[tuple[str, int], Kernel] = {
    ("pi", 0): _constant(math.pi),
    ("e", 0): _constant(math.e),
    ("+", 2): _add,
    ("-", 2): lambda x, y: (0.0, 0.0) if x is y else _add(x, _negative(y)),  # the same node: the same number
    ("*", 2): _multiply,
    ("/", 2): _divide,
    ("-", 1): _negative,
    ("^", 2): _power,
    ("sqrt", 1): _square_root,
    ("abs", 1): _absolute,
    ("sign", 1): _sign,
    ("floor", 1): _stepwise("floor"),
    ("ceil", 1): _stepwise("ceil"),
    ("round", 1): _stepwise("round"),
    ("max", 2): lambda x, y: x if _decided(x, y) >= 0 else y,
    ("min", 2): lambda x, y: x if _decided(x, y) <= 0 else y,
    ("where", 3): lambda c, a, b: a if _decided(c, (0.0, 0.0)) else b,
    ("flow", 2): _flow,
    **{(op, 2): _compare(holds) for op, holds in BY_SIGN.items()},
    ("ones", 1): lambda x: (1.0, 0.0),
}


class Running:
    """One point, a float and a bound of its error per node."""

    def number(self, mantissa: int, exponent: int) -> Pair:
        """Return the float64 nearest to mantissa · 10^exponent, and how far it is from it."""
        value = float(f"{mantissa}e{exponent}")
        if exponent >= 0 and abs(mantissa) <= 2**53 and exponent <= 22 and abs(value) <= 2**53:
            return value, 0.0
        if exponent < -400 or not math.isfinite(value) or (value == 0 and mantissa):
            raise Doubtful
        top, bottom = value.as_integer_ratio()
        exact = top * 10**-exponent == mantissa * bottom if exponent < 0 else top == mantissa * 10**exponent * bottom
        return value, 0.0 if exact else math.ulp(value) / 2

    def apply(self, op: str, args: tuple[Pair, ...]) -> Pair:
        """Return the value of an operator at these arguments, and a bound of its error."""
        key = op, len(args)
        kernel = _KERNELS.get(key)
        if kernel is not None:
            return kernel(*args)
        if key in FLOAT:
            return _function(op, *args)
        return by_formula(ops.rows(*key)[0], args, self)

    def kernel(self, op: str, arity: int) -> Kernel | None:
        """Return the kernel of an operator; None where there is none."""
        return _KERNELS.get((op, arity))

    def scale(self, upstream: Pair, local: Pair, value: Pair) -> Pair:
        """Return upstream × local."""
        return _flow(upstream, local)

    def whole(self, x: Pair) -> int:
        """Return an index as a whole number."""
        return int(x[0])


class Exact(Running):
    """Floats without an error, for who wants all digits: at the first that is rounded it gives up."""

    def number(self, mantissa: int, exponent: int) -> Pair:
        """Return mantissa · 10^exponent, if that is a float64."""
        return _exactly(super().number(mantissa, exponent))

    def apply(self, op: str, args: tuple[Pair, ...]) -> Pair:
        """Return the value of an operator at these arguments, if that is a float64."""
        return _exactly(super().apply(op, args))

    def kernel(self, op: str, arity: int) -> Kernel | None:
        """Return the kernel of an operator; None where there is none."""
        kernel = super().kernel(op, arity)
        return kernel and (lambda *args: _exactly(kernel(*args)))

    def scale(self, upstream: Pair, local: Pair, value: Pair) -> Pair:
        """Return upstream × local, if that is a float64."""
        return _exactly(super().scale(upstream, local, value))


def _exactly(found: Pair) -> Pair:
    if found[1]:
        raise Doubtful
    return found


RUNNING, EXACT = Running(), Exact()
