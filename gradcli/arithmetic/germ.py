"""The kernels of the primitive operators on germs (see `series`): what a function does just beside a point."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import arb, arb_series, fmpq

from gradcli import ops
from gradcli.arithmetic import BY_SIGN, Doubtful, by_formula
from gradcli.arithmetic.certain import HALF, ONE, UNDEFINED, ZERO, Number, ball_of, known
from gradcli.arithmetic.series import BALL, CONSTANT, DOUBT, Germ, Ring, constant, log_gamma, padded, variable


def _absolute(a: Ring, x: Germ) -> Germ:
    return x if x.sign() >= 0 else a.scaled(x, -ONE)


def _floor(a: Ring, x: Germ) -> Germ:
    limit = x.limit()
    whole = BALL.apply("floor", (limit,))
    if not isinstance(whole, fmpq):
        raise Doubtful
    if not isinstance(limit, fmpq) or limit != whole:
        return Germ({CONSTANT: whole})
    return Germ({CONSTANT: whole - 1 if x.small().sign() < 0 else whole})


def _ceil(a: Ring, x: Germ) -> Germ:
    return a.scaled(_floor(a, a.scaled(x, -ONE)), -ONE)


def _round(a: Ring, x: Germ) -> Germ:
    if x.small().leading() is None:
        return Germ({CONSTANT: BALL.apply("round", (x.limit(),))})
    return _floor(a, a.add(x, Germ({CONSTANT: HALF})))


def _compare(holds: Callable[[int], bool]) -> Callable[[Ring, Germ, Germ], Germ]:
    return lambda a, x, y: Germ({CONSTANT: ONE if holds(a.subtract(x, y).sign()) else ZERO})


def _divide(a: Ring, x: Germ, y: Germ) -> Any:
    inverse = a.invert(y)
    if inverse is UNDEFINED:
        return UNDEFINED
    share = _share(x, y)
    return a.multiply(x, inverse) if share is None else Germ({CONSTANT: share})


def _share(x: Germ, y: Germ) -> Number | None:
    """Return x/y where that is seen to be a number: no series would end there."""
    if x is y:  # the same node: the same germ
        return ONE
    if x.cut is not None or y.cut is not None or x.terms.keys() != y.terms.keys():
        return None
    if not all(isinstance(c, fmpq) for germ in (x, y) for c in germ.terms.values()):
        return None
    shares = [c / y.terms[key] for key, c in x.terms.items()]
    return shares[0] if shares and all(share == shares[0] for share in shares) else None


def _root(n: int) -> Callable[[Ring, Germ], Any]:
    return lambda a, x: a.power(x, Germ({CONSTANT: fmpq(1, n)}))


def _cube_root(a: Ring, x: Germ) -> Germ:
    root = _root(3)(a, _absolute(a, x))
    return root if x.sign() >= 0 else a.scaled(root, -ONE)


def _pi(share: fmpq) -> Germ:
    return Germ({CONSTANT: arb.pi() * share})


def _atan(a: Ring, x: Germ) -> Germ:
    order = x.order()
    if order is not None and order < 0:
        return a.subtract(_pi(HALF * x.sign()), a.taylor("atan", a.invert(x)))
    return a.taylor("atan", x)


def _atan2(a: Ring, y: Germ, x: Germ) -> Any:
    above, right = y.sign(), x.sign()
    if above == 0 == right:
        return UNDEFINED
    steep = right == 0 or (above != 0 and y.order() < x.order())  # type: ignore[operator]
    if steep:
        return a.subtract(_pi(HALF * above), a.taylor("atan", _divide(a, x, y)))
    angle = a.taylor("atan", _divide(a, y, x))
    return angle if right > 0 else a.add(angle, _pi(ONE if above >= 0 else -ONE))


def _cosine_side(a: Ring, x: Germ) -> Any:
    one = Germ({CONSTANT: ONE})
    return _root(2)(a, a.multiply(a.subtract(one, x), a.add(one, x)))


def _asin(a: Ring, x: Germ) -> Any:
    if BALL.apply("abs", (x.limit(),)) < 1:
        return a.taylor("asin", x)
    side = _cosine_side(a, x)
    return UNDEFINED if side is UNDEFINED else _atan2(a, x, side)


def _acos(a: Ring, x: Germ) -> Any:
    side = _cosine_side(a, x)
    return UNDEFINED if side is UNDEFINED else _atan2(a, side, x)


def _asinh(a: Ring, x: Germ) -> Any:
    if x.sign() < 0:  # no cancellation
        return a.scaled(_asinh(a, a.scaled(x, -ONE)), -ONE)
    return a.log(a.add(x, _root(2)(a, a.add(a.multiply(x, x), Germ({CONSTANT: ONE})))))


def _acosh(a: Ring, x: Germ) -> Any:
    one = Germ({CONSTANT: ONE})
    side = _root(2)(a, a.multiply(a.subtract(x, one), a.add(x, one)))
    return UNDEFINED if side is UNDEFINED or x.sign() < 0 else a.log(a.add(x, side))


def _atanh(a: Ring, x: Germ) -> Any:
    one = Germ({CONSTANT: ONE})
    above, below = a.log(a.add(one, x)), a.log(a.subtract(one, x))
    return UNDEFINED if UNDEFINED in (above, below) else a.scaled(a.subtract(above, below), HALF)


def _hyperbolic(sign: fmpq) -> Callable[[Ring, Germ], Germ]:
    return lambda a, x: a.scaled(a.add(a.exp(x), a.scaled(a.exp(a.scaled(x, -ONE)), sign)), HALF)


def _log_to(base: int) -> Callable[[Ring, Germ], Any]:
    def kernel(a: Ring, x: Germ) -> Any:
        value = a.log(x)
        return UNDEFINED if value is UNDEFINED else a.scaled(value, 1 / arb(base).log())

    return kernel


def _normal(a: Ring, x: Germ) -> Germ:
    return a.scaled(a.taylor("erfc", a.scaled(x, -1 / arb(2).sqrt())), HALF)


def _density(a: Ring, x: Germ) -> Any:
    return a.scaled(a.exp(a.scaled(a.multiply(x, x), -HALF)), 1 / (2 * arb.pi()).sqrt())


def _off_poles(name: str) -> Callable[[Ring, Germ], Any]:
    def kernel(a: Ring, x: Germ) -> Any:
        limit = x.limit()
        if isinstance(limit, fmpq) and limit.q == 1 and limit.p <= 0:
            return UNDEFINED if x.small().leading() is None else _doubtful()
        return a.taylor(name, x)

    return kernel


def _doubtful() -> Any:
    raise Doubtful


def _polygamma(a: Ring, n: Germ, x: Germ) -> Any:
    """Return ψ⁽ⁿ⁾, the derivative of order n + 1 of ln Γ, from the Taylor coefficients of ln Γ; of whole orders only."""
    whole = n.limit()
    if n.small().leading() is not None or not (isinstance(whole, fmpq) and whole.q == 1 and 0 <= whole.p <= 100):
        return UNDEFINED
    order, limit = int(whole.p) + 1, x.limit()
    if isinstance(limit, fmpq) and limit.q == 1 and limit.p <= 0:
        return UNDEFINED

    def coefficients(length: int) -> list[Number]:
        derived = log_gamma(variable(arb_series, arb(ball_of(limit)), length + order))
        for _ in range(order):
            derived = derived.derivative()
        return padded(derived.coeffs(), length)

    return a.series(coefficients, x.small())


_KERNELS: dict[tuple[str, int], Callable[..., Any]] = {
    ("pi", 0): lambda a: Germ({CONSTANT: BALL.apply("pi", ())}),
    ("e", 0): lambda a: Germ({CONSTANT: arb.const_e()}),
    ("+", 2): Ring.add,
    ("-", 2): Ring.subtract,
    ("*", 2): Ring.multiply,
    ("flow", 2): Ring.multiply,
    ("/", 2): _divide,
    ("-", 1): lambda a, x: a.scaled(x, -ONE),
    ("^", 2): Ring.power,
    ("exp", 1): Ring.exp,
    ("expm1", 1): lambda a, x: a.subtract(a.exp(x), Germ({CONSTANT: ONE})),
    ("ln", 1): Ring.log,
    ("log2", 1): _log_to(2),
    ("log10", 1): _log_to(10),
    ("log1p", 1): lambda a, x: a.log(a.add(x, Germ({CONSTANT: ONE}))),
    ("sqrt", 1): _root(2),
    ("cbrt", 1): _cube_root,
    ("abs", 1): _absolute,
    ("sign", 1): lambda a, x: Germ({CONSTANT: fmpq(x.sign())}),
    ("floor", 1): _floor,
    ("ceil", 1): _ceil,
    ("round", 1): _round,
    ("max", 2): lambda a, x, y: x if a.subtract(x, y).sign() >= 0 else y,
    ("min", 2): lambda a, x, y: x if a.subtract(x, y).sign() <= 0 else y,
    **{(op, 2): _compare(holds) for op, holds in BY_SIGN.items()},
    ("sin", 1): lambda a, x: a.taylor("sin", x),
    ("cos", 1): lambda a, x: a.taylor("cos", x),
    ("tan", 1): lambda a, x: _divide(a, a.taylor("sin", x), a.taylor("cos", x)),
    ("asin", 1): _asin,
    ("acos", 1): _acos,
    ("atan", 1): _atan,
    ("atan2", 2): _atan2,
    ("hypot", 2): lambda a, x, y: _root(2)(a, a.add(a.multiply(x, x), a.multiply(y, y))),
    ("sinh", 1): _hyperbolic(-ONE),
    ("cosh", 1): _hyperbolic(ONE),
    ("tanh", 1): lambda a, x: _divide(a, _hyperbolic(-ONE)(a, x), _hyperbolic(ONE)(a, x)),
    ("asinh", 1): _asinh,
    ("acosh", 1): _acosh,
    ("atanh", 1): _atanh,
    ("erf", 1): lambda a, x: a.taylor("erf", x),
    ("erfc", 1): lambda a, x: a.taylor("erfc", x),
    ("gauss", 1): lambda a, x: a.exp(a.scaled(a.multiply(x, x), -ONE)),
    ("normcdf", 1): _normal,
    ("normpdf", 1): _density,
    ("gamma", 1): _off_poles("gamma"),
    ("lgamma", 1): _off_poles("lgamma"),
    ("digamma", 1): lambda a, x: _polygamma(a, constant(ZERO), x),
    ("polygamma", 2): _polygamma,
    ("ones", 1): lambda a, x: Germ({CONSTANT: ONE}),
}


class Germs(Ring):
    """One point and a direction, a germ per node."""

    def number(self, mantissa: int, exponent: int) -> Germ:
        """Return mantissa · 10^exponent."""
        return Germ({CONSTANT: BALL.number(mantissa, exponent)})

    def apply(self, op: str, args: tuple[Any, ...]) -> Any:
        """Return the germ of an operator; UNDEFINED where it has no value for small t > 0."""
        key = op, len(args)
        kernel = _KERNELS.get(key)
        try:
            if key == ("where", 3) and isinstance(args[0], Germ):
                return args[1] if args[0].sign() else args[2]
            if kernel is None and key != ("where", 3):
                return by_formula(ops.rows(*key)[0], args, self)
            for lacking in (UNDEFINED, DOUBT):
                if any(arg is lacking for arg in args):
                    return lacking
            assert kernel is not None
            still = [arg.terms.get(CONSTANT, ZERO) for arg in args if arg.cut is None and arg.terms.keys() <= {CONSTANT}]
            if len(still) == len(args) and (known(exact := BALL.apply(op, tuple(still))) or exact is UNDEFINED):
                return constant(exact)  # nothing moves: as exact as numbers are
            return kernel(self, *args)
        except Doubtful:
            return DOUBT

    def scale(self, upstream: Any, local: Any, value: Any) -> Any:
        """Return upstream × local."""
        return self.apply("*", (upstream, local))

    def whole(self, x: Germ) -> int:
        """Return an index as a whole number."""
        return int(x.limit())
