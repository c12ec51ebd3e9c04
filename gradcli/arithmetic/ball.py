"""The kernels of the primitive operators in certified numbers (see `certain`): exact where they can be, else a ball."""

from __future__ import annotations

import operator
from collections.abc import Callable

from flint import acb, arb, fmpq

from gradcli import ops
from gradcli.arithmetic import by_formula, certain, straight
from gradcli.arithmetic.certain import HALF, ONE, UNDEFINED, UNKNOWN, ZERO, Number, Turn, ball_of, exact, is_zero, known, small
from gradcli.arithmetic.powers import cube_root, power, square_root
from gradcli.arithmetic.turns import TURNS, angle
from gradcli.errors import LIMIT, GradError
from gradcli.rules import formals, value
from gradcli.wording import said

Kernel = Callable[..., Number]
_ON_BALLS: dict[Kernel, Kernel] = {}  # what kernels do where every argument is a ball, of which most of a long tape is made
_MOST_EXPONENT = 100_000  # of a decimal: 10^9999999 would take a book to write down


def _plus(x: Number, y: Number) -> Number:
    return small(x + y) if isinstance(x, fmpq) and isinstance(y, fmpq) else x + y


_ON_BALLS[_plus] = operator.add


def _minus(x: Number, y: Number) -> Number:
    if _one(x, y):
        return ZERO
    return small(x - y) if isinstance(x, fmpq) and isinstance(y, fmpq) else x - y


def _times(x: Number, y: Number) -> Number:
    if isinstance(x, fmpq) and isinstance(y, fmpq):
        return small(x * y)
    if (is_zero(x) and y.is_finite()) or (is_zero(y) and x.is_finite()):
        return ZERO
    return x * y


_ON_BALLS[_times] = operator.mul


def _divide(x: Number, y: Number) -> Number:
    if is_zero(y):
        return UNDEFINED
    if isinstance(x, fmpq) and isinstance(y, fmpq):
        return small(x / y)
    if _one(x, y) and not x.contains(0):
        return ONE
    return ZERO if is_zero(x) and not y.contains(0) else x / y


def _log(x: Number) -> Number:
    if x <= 0:
        return UNDEFINED
    return ZERO if isinstance(x, fmpq) and x == 1 else arb(x).log()


def _log_to(base: int) -> Kernel:
    def kernel(x: Number) -> Number:
        value = _log(x)
        if value is UNDEFINED or isinstance(value, fmpq):
            return value
        value = value / arb(base).log()
        whole = (value + HALF).floor().unique_fmpz() if isinstance(x, fmpq) else None
        return fmpq(whole) if whole is not None and abs(whole) < 1000 and x == fmpq(base) ** int(whole) else value

    return kernel


def _sign(x: Number) -> Number:
    if is_zero(x):
        return ZERO
    return ONE if x > 0 else -ONE if x < 0 else UNKNOWN


def _floor(x: Number) -> Number:
    if isinstance(x, fmpq):
        return fmpq(x.floor())
    below = x.floor()
    whole = below.unique_fmpz() if x.is_finite() else None
    return below if whole is None else fmpq(whole)


def _round(x: Number) -> Number:
    above = _plus(x, HALF)
    nearest = _floor(above)
    if isinstance(above, fmpq) and above == nearest and above.p % 2:
        return nearest - 1  # a half: to the even neighbour
    return nearest


def _larger(x: Number, y: Number) -> Number:
    return x if _one(x, y) or x >= y else y if y >= x else arb(x).max(arb(y))


def _smaller(x: Number, y: Number) -> Number:
    return x if _one(x, y) or x <= y else y if y <= x else arb(x).min(arb(y))


def _where(c: Number, a: Number, b: Number) -> Number:
    if c is UNDEFINED:
        return UNDEFINED
    if isinstance(c, fmpq):
        return a if c.p else b
    if c > 0 or c < 0:
        return a
    return arb(ball_of(a)).union(arb(ball_of(b))) if known(a) and known(b) else UNKNOWN


def _flow(x: Number, y: Number) -> Number:
    if is_zero(x):
        return ZERO
    return UNDEFINED if x is UNDEFINED or y is UNDEFINED else _times(x, y)


def _truth(yes: bool, no: bool) -> Number:
    return ONE if yes else ZERO if no else UNKNOWN


def _same(x: Number, y: Number) -> Number:
    exact = isinstance(x, fmpq) and isinstance(y, fmpq)
    return _truth((exact and x == y) or _one(x, y), x < y or x > y)


def _one(x: Number, y: Number) -> bool:
    """Tell whether two numbers are one: the same node, hence equal however little is known of it."""
    return x is y and known(x)


def _other(x: Number, y: Number) -> Number:
    same = _same(x, y)
    return ONE - same if isinstance(same, fmpq) else same


def _inside(function: Kernel, low: int | None, high: int | None, *, open_ends: bool = False) -> Kernel:
    """Return a kernel for a function that is defined from low to high only."""

    def kernel(x: Number) -> Number:
        outside = (low is not None and (x <= low if open_ends else x < low)) or (
            high is not None and (x >= high if open_ends else x > high)
        )
        return UNDEFINED if outside else function(arb(x))

    return kernel


def _from_zero(function: Kernel, at_zero: Number = ZERO) -> Kernel:
    """Return a kernel for a function with an exact value at 0."""

    def kernel(x: Number) -> Number:
        return at_zero if is_zero(x) else function(arb(x))

    _ON_BALLS[kernel] = function
    return kernel


def _pole(x: Number) -> bool:
    return isinstance(x, fmpq) and x.q == 1 and x.p <= 0


def _off_poles(function: Callable[[arb], Number]) -> Kernel:
    return lambda x: UNDEFINED if _pole(x) else function(arb(x))


def _gamma(x: arb) -> Number:
    return exact(x.gamma())


def _lgamma(x: arb) -> Number:
    if x > 0:
        return exact(x.lgamma())
    return (arb.pi() / abs(x.sin_pi())).log() - (1 - x).lgamma()  # DLMF 5.5.3


def _polygamma(n: Number, x: Number) -> Number:
    if not (isinstance(n, fmpq) and n.q == 1 and 0 <= n.p <= 100) or _pole(x):
        return UNDEFINED
    return acb(arb(x)).polygamma(int(n.p)).real


def _sigmoid(x: arb) -> arb:
    if x < 0:
        small = x.exp()
        return small / (1 + small)
    return 1 / (1 + (-x).exp())


def _atan2(y: Number, x: Number) -> Number:
    if is_zero(x) and is_zero(y):
        return UNDEFINED
    return ZERO if is_zero(y) and x > 0 else arb.atan2(arb(y), arb(x))


_asin, _acos = _inside(lambda x: exact(x.asin()), -1, 1), _inside(lambda x: exact(x.acos()), -1, 1)
_atan = _from_zero(arb.atan)

KERNELS: dict[tuple[str, int], Kernel] = {
    ("pi", 0): lambda: Turn(ONE),
    ("e", 0): arb.const_e,
    ("+", 2): _plus,
    ("-", 2): _minus,
    ("*", 2): _times,
    ("/", 2): _divide,
    ("-", 1): lambda x: -x,
    ("^", 2): power,
    ("exp", 1): _from_zero(arb.exp, ONE),
    ("expm1", 1): _from_zero(arb.expm1),
    ("ln", 1): _log,
    ("log2", 1): _log_to(2),
    ("log10", 1): _log_to(10),
    ("log1p", 1): lambda x: UNDEFINED if x <= -1 else ZERO if is_zero(x) else arb(x).log1p(),
    ("sqrt", 1): square_root,
    ("cbrt", 1): cube_root,
    ("abs", 1): abs,
    ("sign", 1): _sign,
    ("floor", 1): _floor,
    ("ceil", 1): lambda x: -_floor(-x),
    ("round", 1): _round,
    ("max", 2): _larger,
    ("min", 2): _smaller,
    ("<", 2): lambda x, y: _truth(x < y, _one(x, y) or x >= y),
    ("<=", 2): lambda x, y: _truth(_one(x, y) or x <= y, x > y),
    (">", 2): lambda x, y: _truth(x > y, _one(x, y) or x <= y),
    (">=", 2): lambda x, y: _truth(_one(x, y) or x >= y, x < y),
    ("==", 2): _same,
    ("!=", 2): _other,
    ("sin", 1): _from_zero(arb.sin),
    ("cos", 1): _from_zero(arb.cos, ONE),
    ("tan", 1): _from_zero(arb.tan),
    ("asin", 1): lambda x: angle("asin", x) or _asin(x),
    ("acos", 1): lambda x: angle("acos", x) or _acos(x),
    ("atan", 1): lambda x: angle("atan", x) or _atan(x),
    ("atan2", 2): _atan2,
    ("hypot", 2): lambda x, y: square_root(_plus(_times(x, x), _times(y, y))),
    ("sinh", 1): _from_zero(arb.sinh),
    ("cosh", 1): _from_zero(arb.cosh, ONE),
    ("tanh", 1): _from_zero(arb.tanh),
    ("sech", 1): _from_zero(arb.sech, ONE),  # it and the sigmoid are formulas in the table, and shorter in Arb
    ("sigmoid", 1): _from_zero(_sigmoid, HALF),
    ("asinh", 1): _from_zero(arb.asinh),
    ("acosh", 1): _inside(lambda x: exact(x.acosh()), 1, None),
    ("atanh", 1): _inside(lambda x: exact(x.atanh()), -1, 1, open_ends=True),
    ("erf", 1): _from_zero(arb.erf),
    ("erfc", 1): _from_zero(arb.erfc, ONE),
    ("gauss", 1): _from_zero(lambda x: (-(x * x)).exp(), ONE),
    ("normcdf", 1): _from_zero(lambda x: (-x / arb(2).sqrt()).erfc() / 2, HALF),
    ("normpdf", 1): lambda x: (-(arb(x) ** 2) / 2).exp() / (2 * arb.pi()).sqrt(),
    ("gamma", 1): _off_poles(_gamma),
    ("lgamma", 1): _off_poles(_lgamma),
    ("digamma", 1): _off_poles(arb.digamma),
    ("polygamma", 2): _polygamma,
    ("ones", 1): lambda x: ONE,
}
_PLAIN = frozenset((arb, fmpq))
LAZY: dict[tuple[str, int], Kernel] = {("where", 3): _where, ("flow", 2): _flow}  # an argument may be without a value


class Ball:
    """One point, an exact rational or a ball per node, at the precision of the context."""

    def number(self, mantissa: int, exponent: int) -> Number:
        """Return mantissa · 10^exponent, exactly."""
        if abs(exponent) > _MOST_EXPONENT:
            raise GradError("too-large", said("the exponent {0} is beyond what certified arithmetic writes out", exponent), code=LIMIT)
        return certain.from_decimal(mantissa, exponent)

    def apply(self, op: str, args: tuple[Number, ...]) -> Number:
        """Return the value of an operator at these arguments: a ball around it, or UNDEFINED where that is proved."""
        key = op, len(args)
        if any(type(arg) is Turn for arg in args):
            found = TURNS[key](*args) if key in TURNS and UNDEFINED not in args else None
            if found is not None or op == "where":
                return _where(*args) if found is None else found
            if key in KERNELS or key in LAZY:  # a formula's own operators see for themselves
                args = tuple([ball_of(arg) for arg in args])
        kernel = KERNELS.get(key)
        if kernel is not None:
            return UNDEFINED if any(arg is UNDEFINED for arg in args) else kernel(*args)
        lazy = LAZY.get((op, len(args)))
        return by_formula(ops.rows(op, len(args))[0], args, self) if lazy is None else lazy(*args)

    def kernel(self, op: str, arity: int) -> Kernel | None:
        """Return the kernel of an operator, which leaves to `apply` what is no plain number; None where `apply` does it all."""
        key, apply, row = (op, arity), self.apply, ops.rows(op, arity)
        kernel = KERNELS.get(key)
        if type(self).apply is not Ball.apply or key in LAZY or not 1 <= arity <= 2:
            return None
        if kernel is None:
            written = value(row[0]) if row else None
            if written is None:
                return None
            run = straight(written, formals(row[0]), self)
            return lambda *args: run(args)
        on_balls = _ON_BALLS.get(kernel, kernel)
        if arity == 1:
            return lambda x: on_balls(x) if type(x) is arb else kernel(x) if type(x) is fmpq else apply(op, (x,))
        if on_balls is not kernel:
            return lambda x, y: (
                on_balls(x, y) if type(x) is arb and type(y) is arb
                else kernel(x, y) if type(x) in _PLAIN and type(y) in _PLAIN else apply(op, (x, y))
            )  # fmt: skip
        return lambda x, y: kernel(x, y) if type(x) in _PLAIN and type(y) in _PLAIN else apply(op, (x, y))

    def scale(self, upstream: Number, local: Number, value: Number) -> Number:
        """Return upstream × local; a proved 0 lets nothing through, not even what has no value."""
        if type(upstream) is arb and (type(local) is arb or (type(local) is fmpq and local)):
            return upstream * local
        plain = type(upstream) in _PLAIN and type(local) in _PLAIN
        return _flow(upstream, local) if plain else self.apply("flow", (upstream, local))

    def whole(self, x: Number) -> int:
        """Return an index as a whole number."""
        return int(x)


BALL = Ball()
