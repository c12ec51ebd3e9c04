"""What a function does just beside a point: generalised power series in t, t → 0 from above.

    Σ c · t^p · (ln t)^q + O(t^cut),   p rational, q whole, c an exact rational or a ball

Evaluated with ``x + t`` for one variable, the series of the output gives its one-sided slope; decisions (which is larger,
which branch) are those of all small t > 0. So kinks that cancel, roots of squares and 0·√x come out as mathematics has
them, whatever the chain rule says at the point itself. Coefficients at 0 are exact; an undecidable one raises `Doubtful`.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import factorial
from typing import Any

from flint import arb, arb_series, ctx, fmpq, fmpq_series

from gradcli.arithmetic import Doubtful
from gradcli.arithmetic.ball import Ball
from gradcli.arithmetic.certain import ONE, UNDEFINED, ZERO, Number, ball_of, is_zero, known

Key = tuple[Fraction, int]  # the powers of t and of ln t

BALL = Ball()
DOUBT = object()  # what could not be told; a branch not taken may hold it
CONSTANT: Key = (Fraction(0), 0)


def _times(x: Number, y: Number) -> Number:
    return BALL.apply("*", (x, y))


def _rank(key: Key) -> tuple[Fraction, int]:
    """Order by size as t → 0: the smaller power of t is larger, then the higher power of ln t."""
    return key[0], -key[1]


class Germ:
    """Terms in order of size, without exact zeros; beyond ``cut`` nothing is known (None: there is nothing)."""

    __slots__ = ("cut", "terms")

    def __init__(self, terms: dict[Key, Number], cut: Fraction | None = None) -> None:
        balls = {key: c if key == CONSTANT else ball_of(c) for key, c in terms.items()}
        kept = {key: c for key, c in balls.items() if not (is_zero(c) or c == 0) and (cut is None or key[0] < cut)}
        if not all(map(known, kept.values())):
            raise Doubtful
        self.terms = dict(sorted(kept.items(), key=lambda item: _rank(item[0])))
        self.cut = cut

    def leading(self) -> tuple[Key, Number] | None:
        """Return the largest term; None for an exact zero."""
        for key, c in self.terms.items():
            if isinstance(c, arb) and c.contains(0):
                raise Doubtful
            return key, c
        if self.cut is None:
            return None
        raise Doubtful

    def sign(self) -> int:
        """Return the sign for all small t > 0."""
        found = self.leading()
        if found is None:
            return 0
        (_, q), c = found
        return (1 if c > 0 else -1) * (-1 if q % 2 else 1)  # ln t is negative

    def order(self) -> Fraction | None:
        """Return the power of t of the largest term, or the cut; None for an exact zero."""
        return next((key[0] for key in self.terms), self.cut)

    def limit(self) -> Number:
        """Return the value as t → 0; raise Doubtful where there is no finite one."""
        if self.cut is not None and self.cut <= 0:
            raise Doubtful
        for p, q in self.terms:
            if p < 0 or (p == 0 and q > 0):
                raise Doubtful
        return self.terms.get(CONSTANT, ZERO)

    def small(self) -> Germ:
        """Return all but the limit."""
        self.limit()
        return Germ({key: c for key, c in self.terms.items() if key != CONSTANT}, self.cut)


def constant(c: Number) -> Number:
    """Return a number as a germ that does not change."""
    return UNDEFINED if c is UNDEFINED else Germ({CONSTANT: c})


def moving(c: Number, speed: int | fmpq) -> Germ:
    """Return c + speed · t: 1 to the right, −1 to the left."""
    return Germ({CONSTANT: c, (Fraction(1), 0): fmpq(speed)})


class Ring:
    """Sums, products, powers, logarithms and Taylor series of germs, to so many powers of t."""

    def __init__(self, order: int) -> None:
        self.order = Fraction(order)

    # ---- the ring -------------------------------------------------------------------------------------------

    def cut(self, terms: dict[Key, Number], *cuts: Fraction | None) -> Germ:
        """Return a germ without the powers that are carried no further."""
        known_to = [c for c in cuts if c is not None]
        if any(p >= self.order for p, _ in terms):
            known_to.append(self.order)
        return Germ(terms, min(known_to, default=None))

    def add(self, x: Germ, y: Germ) -> Germ:
        terms = dict(x.terms)
        for key, c in y.terms.items():
            terms[key] = BALL.apply("+", (terms[key], c)) if key in terms else c
        return self.cut(terms, x.cut, y.cut)

    def scaled(self, x: Germ, c: Number) -> Germ:
        return Germ({}) if is_zero(c) else Germ({key: _times(own, c) for key, own in x.terms.items()}, x.cut)

    def subtract(self, x: Germ, y: Germ) -> Germ:
        return Germ({}) if x is y else self.add(x, self.scaled(y, -ONE))  # the same node: the same number

    def multiply(self, x: Germ, y: Germ) -> Germ:
        if not (x.terms or x.cut is not None) or not (y.terms or y.cut is not None):
            return Germ({})
        terms: dict[Key, Number] = {}
        for (p, q), a in x.terms.items():
            for (r, s), b in y.terms.items():
                key = p + r, q + s
                product = _times(a, b)
                terms[key] = BALL.apply("+", (terms[key], product)) if key in terms else product
        return self.cut(terms, *(a.cut + b.order() for a, b in ((x, y), (y, x)) if a.cut is not None))  # type: ignore[operator]

    def series(self, coefficients: Callable[[int], list[Number]], h: Germ) -> Germ:
        """Return Σ a_k h^k for a germ h that vanishes with t."""
        low = h.order()
        if low is None:
            return Germ({CONSTANT: coefficients(1)[0]})
        if low <= 0:
            raise Doubtful
        length = int(self.order / low) + 2
        total, power = Germ({}), Germ({CONSTANT: ONE})
        for a in coefficients(length):
            total = self.add(total, self.scaled(power, a))
            power = self.multiply(power, h)
        return self.cut(total.terms, total.cut, self.order)

    def split(self, x: Germ) -> tuple[Key, Number, Germ]:
        """Return p, q, c and h with x = c · t^p · (ln t)^q · (1 + h); x is not 0."""
        found = x.leading()
        assert found is not None
        (p, q), c = found
        rest = {(r - p, s - q): BALL.apply("/", (a, c)) for (r, s), a in x.terms.items() if (r, s) != (p, q)}
        return (p, q), c, Germ(rest, None if x.cut is None else x.cut - p)

    def invert(self, x: Germ) -> Any:
        if x.leading() is None:
            return UNDEFINED
        (p, q), c, h = self.split(x)
        inverse = self.series(lambda n: [ONE if k % 2 == 0 else -ONE for k in range(n)], h)
        return self.shifted(self.scaled(inverse, BALL.apply("/", (ONE, c))), -p, -q)

    def shifted(self, x: Germ, p: Fraction, q: int) -> Germ:
        return self.cut({(r + p, s + q): c for (r, s), c in x.terms.items()}, None if x.cut is None else x.cut + p)

    # ---- powers and logarithms ------------------------------------------------------------------------------

    def power(self, x: Germ, y: Germ) -> Any:
        """Return x^y: by the binomial series for a constant rational y, else e^(y ln x)."""
        exponent = y.terms.get(CONSTANT, ZERO) if y.cut is None and set(y.terms) <= {CONSTANT} else None
        if not isinstance(exponent, fmpq):
            return self._moving_power(x, y)
        r = Fraction(int(exponent.p), int(exponent.q))
        if r.denominator == 1 and 0 <= r <= 16:
            total = Germ({CONSTANT: ONE})
            for _ in range(int(r)):
                total = self.multiply(total, x)
            return total
        sign = x.sign()
        if sign == 0:
            return constant(ZERO) if r > 0 else UNDEFINED
        if sign < 0 and r.denominator != 1:
            return UNDEFINED
        (p, q), c, h = self.split(x)
        if q and r.denominator != 1:
            raise Doubtful
        front = BALL.apply("^", (c, exponent))
        return self.shifted(self.scaled(self.series(lambda n: _binomial(r, n), h), front), p * r, int(q * r))

    def _moving_power(self, x: Germ, y: Germ) -> Any:
        sign = x.sign()
        if sign < 0:
            y.small().leading()  # raises Doubtful where it may not move at all
            return UNDEFINED  # for almost all exponents
        if sign == 0:
            tends = y.sign()
            return constant(ZERO) if tends > 0 else constant(ONE) if tends == 0 else UNDEFINED
        found = self.split(x)
        if found[0] != CONSTANT and not (y.order() or Fraction(0)) > 0:
            return self._irrational(found, y)
        logarithm = self.log(x)
        return self.exp(self.multiply(y, logarithm))

    def _irrational(self, split: tuple[Key, Number, Germ], y: Germ) -> Any:
        """Return t^y for a y that is no fraction: only that it lies between the powers of neighbouring fractions."""
        (p, q), _, _ = split
        limit = arb(ball_of(y.limit()))
        if q or p <= 0:
            raise Doubtful
        low = (limit * 8).floor().unique_fmpz()
        if low is None or not limit > 1:
            raise Doubtful
        return Germ({}, p * Fraction(int(low), 8))

    def log(self, x: Germ) -> Any:
        if x.sign() <= 0:
            return UNDEFINED
        (p, q), c, h = self.split(x)
        if q:
            raise Doubtful
        one_plus = self.series(lambda n: [ZERO] + [fmpq(1 if k % 2 else -1, k) for k in range(1, n)], h)
        constant_part = Germ({CONSTANT: BALL.apply("ln", (c,)), (Fraction(0), 1): fmpq(p.numerator, p.denominator)})
        return self.add(constant_part, one_plus)

    def exp(self, x: Germ) -> Any:
        order = x.order()
        if order is not None and order < 0:
            if x.sign() < 0:
                return Germ({}, self.order)  # e^(-1/t) is smaller than any power
            raise Doubtful
        return self.taylor("exp", x)

    # ---- analytic functions ---------------------------------------------------------------------------------

    def taylor(self, name: str, x: Germ) -> Germ:
        """Return f(x) by the Taylor series of f at the limit of x."""
        at, h = x.limit(), x.small()

        def coefficients(n: int) -> list[Number]:
            if name in ("sin", "cos"):
                return _wave(name, at, n)
            if is_zero(at) and name in _EXACT:
                return padded(_EXACT[name](variable(fmpq_series, ZERO, n)).coeffs(), n)
            return padded(_ANALYTIC[name](variable(arb_series, arb(ball_of(at)), n)).coeffs(), n)

        return self.series(coefficients, h)


def _wave(name: str, at: Number, n: int) -> list[Number]:
    """Return the Taylor coefficients of sin or cos, exact where sine and cosine are."""
    sine, cosine = BALL.apply("sin", (at,)), BALL.apply("cos", (at,))
    turned = [sine, cosine, BALL.apply("-", (sine,)), BALL.apply("-", (cosine,))]
    start = 0 if name == "sin" else 1
    return [BALL.apply("/", (turned[(start + k) % 4], fmpq(factorial(k)))) for k in range(n)]


def variable(kind: Any, a: Number, n: int) -> Any:
    """Return a + x as a power series of n terms."""
    ctx.cap = max(n, 2)
    return kind([a, 1], prec=max(n, 2))


def padded(coefficients: list[Number], n: int) -> list[Number]:
    """Return n coefficients; raise Doubtful where one is not known."""
    if not all(isinstance(c, fmpq) or c.is_finite() for c in coefficients):
        raise Doubtful
    return (list(coefficients) + [ZERO] * n)[:n]


def _binomial(r: Fraction, n: int) -> list[Number]:
    out, c = [], Fraction(1)
    for k in range(n):
        out.append(fmpq(c.numerator, c.denominator))
        c = c * (r - k) / (k + 1)
    return out


_EXACT: dict[str, Callable[[Any], Any]] = {
    "exp": lambda s: s.exp(), "atan": lambda s: s.atan(), "asin": lambda s: s.asin(),
}  # fmt: skip


def log_gamma(s: Any) -> Any:
    """Return ln |Γ| of a power series."""
    if s[0] > 0:
        return s.lgamma()
    value = s.gamma()
    return value.log() if value[0] > 0 else (-value).log()


_ANALYTIC: dict[str, Callable[[Any], Any]] = {
    **_EXACT,
    "erf": lambda s: s.erf(),
    "erfc": lambda s: s.erfc(),
    "gamma": lambda s: s.gamma(),
    "lgamma": log_gamma,
}
