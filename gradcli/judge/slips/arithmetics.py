"""Arithmetics of people who compute with a slip: in degrees, with the other logarithm, rounding on the way.

What flows through the sweep is chosen; so these mistakes are arithmetics like any other.
"""

from __future__ import annotations

from typing import Any

from flint import arb, fmpq

from gradcli.arithmetic import Doubtful
from gradcli.arithmetic.ball import Ball
from gradcli.arithmetic.certain import UNDEFINED, ball_of, known
from gradcli.arithmetic.reachable import Reachable
from gradcli.digits import each

Number = Any
_TURNING = frozenset(("sin", "cos", "tan", "sec", "csc", "cot"))
_TURNED = frozenset(("asin", "acos", "atan", "acot", "asec", "acsc"))


class Degrees(Ball):
    """A calculator that takes angles in degrees."""

    needs = _TURNING | _TURNED

    def apply(self, op: str, args: tuple[Number, ...]) -> Number:
        """Return what an operator gives on this calculator."""
        if op in _TURNING and args[0] is not UNDEFINED:
            return _BALL.apply(op, (arb(ball_of(args[0])) * arb.pi() / 180,))
        found = _BALL.apply(op, args)
        return arb(ball_of(found)) * 180 / arb.pi() if op in _TURNED and known(found) else found


class CommonLogarithm(Ball):
    """Somebody who reads ln as the logarithm to base 10."""

    needs = frozenset(("ln",))

    def apply(self, op: str, args: tuple[Number, ...]) -> Number:
        """Return what an operator gives, the logarithms exchanged."""
        return _BALL.apply("log10" if op == "ln" else op, args)


class NaturalLogarithm(Ball):
    """Somebody who reads log10 or log2 as ln."""

    needs = frozenset(("log10", "log2"))

    def apply(self, op: str, args: tuple[Number, ...]) -> Number:
        """Return what an operator gives, the logarithms exchanged."""
        return _BALL.apply("ln" if op in self.needs else op, args)


class Rounding(Ball):
    """Somebody who rounds to so many decimals: the gates of the forward pass, or what flows back, or local gradients too."""

    def __init__(self, places: int, *, gates: bool = False, products: bool = False, locals: bool = False) -> None:
        self.gates, self.products, self.locals = gates, products, locals
        self._round = Reachable(places, rounding=True).rounded

    def apply(self, op: str, args: tuple[Number, ...]) -> Number:
        """Return the result of an operator; of a gate, rounded."""
        found = _BALL.apply(op, args)
        return self.rounded(found) if self.gates else found

    def scale(self, upstream: Number, local: Number, value: Number) -> Number:
        """Return upstream × local, rounded."""
        found = _BALL.scale(upstream, self.rounded(local) if self.locals else local, value)
        return self.rounded(found) if self.products else found

    def arrays(self) -> RoundedArrays:
        """Return the arithmetic of arrays of such numbers."""
        return RoundedArrays(self)

    def rounded(self, x: Number) -> Number:
        """Return a number rounded; a half away from 0, as in school."""
        if x is UNDEFINED or not known(x) or (isinstance(x, fmpq) and x.q == 1):
            return x
        found = self._round(x)
        if not found:
            raise Doubtful
        return found[-1] if ball_of(x) < 0 else found[0]


class RoundedArrays:
    """Arrays of somebody who rounds: a product of matrices is rounded entry by entry, not term by term."""

    def __init__(self, scalar: Rounding) -> None:
        from gradcli.arithmetic.entries import Entries

        self.scalar, self._exactly = scalar, Entries(_BALL)

    def number(self, mantissa: int, exponent: int) -> Number:
        """Return mantissa · 10^exponent."""
        return self.scalar.number(mantissa, exponent)

    def apply(self, op: str, args: tuple[Number, ...]) -> Number:
        """Return the result of an operator; of a gate, or of a product that flows back, rounded."""
        found = self._exactly.apply(op, args)
        return each(self.scalar.rounded, found) if self.scalar.gates or (self.scalar.products and op in _PRODUCTS) else found

    def scale(self, upstream: Number, local: Number, value: Number) -> Number:
        """Return upstream × local, rounded entry by entry."""
        local = each(self.scalar.rounded, local) if self.scalar.locals else local
        found = self._exactly.scale(upstream, local, value)
        return each(self.scalar.rounded, found) if self.scalar.products else found

    def whole(self, x: Number) -> int:
        """Return an index as a whole number."""
        return self.scalar.whole(x)


_PRODUCTS = frozenset(("@", "outer"))
_BALL = Ball()
