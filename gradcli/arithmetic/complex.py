"""Numbers a complex step beside a point: what an analytic function does there tells its derivative, without a rule.

    f'(x) = Im f(x + ih)/h + O(h²)        (Squire & Trapp 1998)

A number that does not depend on what is moved is a number of `ball`. One that does is a `Stepped`: its value at the
point, which decides every branch, and its analytic continuation beside it. Where the point lies on a kink, a step, a
branch point or a cut, there is no continuation: the number then says so, and whoever is made of it says so too.
"""

from __future__ import annotations

from collections.abc import Callable

from flint import acb, arb, fmpq

from gradcli import ops
from gradcli.arithmetic import ball, by_formula
from gradcli.arithmetic.ball import Ball
from gradcli.arithmetic.certain import HALF, ONE, UNDEFINED, UNKNOWN, ZERO, Number, ball_of, is_zero, known
from gradcli.wording import said

Inside = Callable[..., bool]


class Stepped:
    """The value at the point, ``here``; the one beside it, ``there``; or the ``edge`` because of which there is none."""

    __slots__ = ("edge", "here", "there")

    def __init__(self, here: Number, there: acb, edge: str = "") -> None:
        self.here, self.there, self.edge = here, there, edge


NOWHERE = acb(arb.nan())


def _continued(x: Number) -> acb:
    return x.there if isinstance(x, Stepped) else acb(arb(ball_of(x)))


def _value(x: Number) -> Number:
    return x.here if isinstance(x, Stepped) else x


def _real(x: Number) -> Number:
    """Return the value at the point for tests and kernels that know nothing of multiples of π: their balls."""
    return ball_of(_value(x))


def _off(x: Number, edge: Number = ZERO) -> bool:
    """Tell whether two real numbers are proved to differ."""
    return bool(x > edge or x < edge)


def _off_whole(x: Number) -> bool:
    return x.q != 1 if isinstance(x, fmpq) else bool(x.is_finite()) and not x.contains_integer()


# ---- analytic operators: a continuation, and where on the real line it holds ---------------------------------


def _power(args: tuple[Number, ...]) -> acb:
    x, y = args
    if isinstance(y, fmpq) and y.q == 1:
        return _continued(x) ** int(y.p)
    return (_continued(x).log() * _continued(y)).exp()


def _power_inside(args: tuple[Number, ...]) -> bool:
    x, y = args
    return (isinstance(y, fmpq) and y.q == 1) or bool(_value(x) > 0)


def _cube_root(args: tuple[Number, ...]) -> acb:
    z = _continued(args[0])
    return z.root(3) if _value(args[0]) > 0 else -((-z).root(3))


def _atan2(args: tuple[Number, ...]) -> acb:
    """Return the angle by the one quotient of the two whose divisor is not near 0: no cut passes the real line there."""
    y, x = map(_continued, args)
    if _value(args[1]) > 0:
        return (y / x).atan()
    half = acb.pi() / 2
    return (half if _value(args[0]) > 0 else -half) - (x / y).atan()


def _lgamma(args: tuple[Number, ...]) -> acb:
    """Return ln |Γ|, continued: for x < 0 by reflection, ln(π/|sin πx|) - ln Γ(1 - x) (DLMF 5.5.3)."""
    z, x = _continued(args[0]), _real(args[0])
    if x > 0:
        return z.lgamma()
    sine = z.sin_pi()
    return (acb.pi() / (sine if arb(x).sin_pi() > 0 else -sine)).log() - (1 - z).lgamma()


def _polygamma(args: tuple[Number, ...]) -> acb:
    return _continued(args[1]).polygamma(int(args[0].p))


def _analytic(function: Callable[..., acb], inside: Inside = lambda *values: True) -> ball.Kernel:
    """Return a kernel for a function of complex numbers, and a test of the real ones whether it is analytic there."""
    return _of_args(lambda args: function(*map(_continued, args)), lambda args: inside(*map(_real, args)))


def _of_args(function: Callable[[tuple[Number, ...]], acb], inside: Callable[[tuple[Number, ...]], bool]) -> ball.Kernel:
    def kernel(here: Number, *args: Number) -> Number | None:
        return Stepped(here, function(args)) if inside(args) else None

    return kernel


# ---- operators that decide: the value at the point chooses the branch, unless it is at its edge ---------------


def _abs(here: Number, x: Stepped) -> Number | None:
    return Stepped(here, x.there if x.here > 0 else -x.there) if _off(x.here) else None


def _constant(off: Inside) -> ball.Kernel:
    """Return a kernel for a step function: constant, where the point is off its steps."""
    return lambda here, *args: here if off(*map(_real, args)) else None


def _larger(here: Number, x: Number, y: Number) -> Number | None:
    return x if _value(x) > _value(y) else y if _value(y) > _value(x) else None


def _smaller(here: Number, x: Number, y: Number) -> Number | None:
    return x if _value(x) < _value(y) else y if _value(y) < _value(x) else None


def _where(c: Number, a: Number, b: Number) -> Number:
    """Return the branch taken; it carries the edge that its condition is at."""
    test = _value(c)
    if test is UNDEFINED:
        return UNDEFINED
    if not isinstance(test, fmpq) and not _off(test):
        return Stepped(UNKNOWN, NOWHERE, said("a condition is not decided at this precision"))
    taken = b if is_zero(test) else a
    if isinstance(c, Stepped) and taken is not UNDEFINED and (c.edge or is_zero(test)):
        return Stepped(_value(taken), NOWHERE, c.edge or said("a condition is at its edge"))
    return taken


def _flow(x: Number, y: Number) -> Number:
    if is_zero(x):
        return ZERO
    if not isinstance(x, Stepped) or not is_zero(x.here) or known(_value(y)):
        return Complex().apply("*", (x, y))
    return Stepped(ZERO, NOWHERE, said("a branch is not taken at this point only"))


KERNELS: dict[tuple[str, int], ball.Kernel] = {
    ("+", 2): _analytic(lambda x, y: x + y),
    ("-", 2): _analytic(lambda x, y: x - y),
    ("*", 2): _analytic(lambda x, y: x * y),
    ("/", 2): _analytic(lambda x, y: x / y),
    ("-", 1): _analytic(lambda x: -x),
    ("^", 2): _of_args(_power, _power_inside),
    ("exp", 1): _analytic(acb.exp),
    ("expm1", 1): _analytic(acb.expm1),
    ("ln", 1): _analytic(acb.log),
    ("log2", 1): _analytic(lambda x: x.log() / arb(2).log()),
    ("log10", 1): _analytic(lambda x: x.log() / arb(10).log()),
    ("log1p", 1): _analytic(acb.log1p),
    ("sqrt", 1): _analytic(acb.sqrt, lambda x: x > 0),
    ("cbrt", 1): _of_args(_cube_root, lambda args: _off(_value(args[0]))),
    ("abs", 1): _abs,
    ("sign", 1): _constant(_off),
    ("floor", 1): _constant(_off_whole),
    ("ceil", 1): _constant(_off_whole),
    ("round", 1): _constant(lambda x: _off_whole(x + HALF)),
    ("max", 2): _larger,
    ("min", 2): _smaller,
    **{(name, 2): _constant(_off) for name in ops.COMPARISONS},
    ("sin", 1): _analytic(acb.sin),
    ("cos", 1): _analytic(acb.cos),
    ("tan", 1): _analytic(acb.tan),
    ("asin", 1): _analytic(acb.asin, lambda x: -1 < x < 1),
    ("acos", 1): _analytic(acb.acos, lambda x: -1 < x < 1),
    ("atan", 1): _analytic(acb.atan),
    ("atan2", 2): _of_args(_atan2, lambda args: bool(_value(args[1]) > 0) or _off(_value(args[0]))),
    ("hypot", 2): _analytic(lambda x, y: (x * x + y * y).sqrt(), lambda x, y: _off(x) or _off(y)),
    ("sinh", 1): _analytic(acb.sinh),
    ("cosh", 1): _analytic(acb.cosh),
    ("tanh", 1): _analytic(acb.tanh),
    ("asinh", 1): _analytic(acb.asinh),
    ("acosh", 1): _analytic(acb.acosh, lambda x: x > 1),
    ("atanh", 1): _analytic(acb.atanh, lambda x: -1 < x < 1),
    ("erf", 1): _analytic(acb.erf),
    ("erfc", 1): _analytic(acb.erfc),
    ("gauss", 1): _analytic(lambda x: (-(x * x)).exp()),
    ("normcdf", 1): _analytic(lambda x: (-x / arb(2).sqrt()).erfc() / 2),
    ("normpdf", 1): _analytic(lambda x: (-(x * x) / 2).exp() / (2 * arb.pi()).sqrt()),
    ("gamma", 1): _analytic(acb.gamma),
    ("lgamma", 1): _of_args(_lgamma, lambda args: _real(args[0]) > 0 or _off_whole(_real(args[0]))),
    ("digamma", 1): _analytic(acb.digamma),
    ("polygamma", 2): _of_args(_polygamma, lambda args: not isinstance(args[0], Stepped)),
    ("ones", 1): lambda here, x: ONE,
}
CONSTANTS = (("pi", 0), ("e", 0))  # nothing to continue
LAZY: dict[tuple[str, int], ball.Kernel] = {("where", 3): _where, ("flow", 2): _flow}


class Complex(Ball):
    """One point and one complex step beside it, at the precision of the context."""

    def apply(self, op: str, args: tuple[Number, ...]) -> Number:
        """Return the value of an operator at these arguments: continued beside the point, or with the edge it is at."""
        key = (op, len(args))
        if key in LAZY:
            return LAZY[key](*args)
        if key not in KERNELS and key not in CONSTANTS:
            return by_formula(ops.rows(*key)[0], args, self)
        here = super().apply(op, tuple(map(_value, args)))
        moved = [arg for arg in args if isinstance(arg, Stepped)]
        if here is UNDEFINED or not moved:
            return here
        edge = next((arg.edge for arg in moved if arg.edge), "")
        result = None if edge else KERNELS[key](here, *args)
        return Stepped(here, NOWHERE, edge or said("{0} is not analytic here", op)) if result is None else result

    def scale(self, upstream: Number, local: Number, value: Number) -> Number:
        """Return upstream × local; a proved 0 lets nothing through."""
        return _flow(upstream, local)
