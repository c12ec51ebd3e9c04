"""The numbers that come of rounding to so many decimals on the way, as on slides: what a person with a pencil may get.

A value is a finite set: first the number that nobody rounded, then what rounding every gate, every local gradient
(or not) and every contribution makes of it. A half is rounded up and down.
"""

from __future__ import annotations

from itertools import product

from flint import arb, fmpq, fmpz

from gradcli.arithmetic.ball import Ball
from gradcli.arithmetic.certain import HALF, UNDEFINED, Number, ball_of, is_zero, known

_BALL = Ball()
MOST = 64  # numbers kept of a value; rounding keeps them few


class Reach:
    """The numbers that a value may have become: first the one that nobody rounded."""

    __slots__ = ("numbers",)

    def __init__(self, numbers: tuple[Number, ...]) -> None:
        self.numbers = numbers


class Reachable:
    """One point, a `Reach` per node; ``rounding``: each operator's result is rounded, as the gates of the forward pass are."""

    def __init__(self, places: int, rounding: bool) -> None:
        self.unit, self.rounding = fmpq(1, fmpz(10) ** places), rounding

    def number(self, mantissa: int, exponent: int) -> Reach:
        """Return mantissa · 10^exponent: what is given is not rounded."""
        return Reach((_BALL.number(mantissa, exponent),) * 2)

    def apply(self, op: str, args: tuple[Reach, ...]) -> Reach:
        """Return what an operator may give; the same argument twice is the same number twice."""
        exact = _BALL.apply(op, tuple([arg.numbers[0] for arg in args]))
        distinct = list(dict.fromkeys(args))
        found: dict[object, Number] = {}
        for choice in product(*(arg.numbers[1:] for arg in distinct)):
            chosen = dict(zip(distinct, choice))
            value = _BALL.apply(op, tuple([chosen[arg] for arg in args]))
            if value is UNDEFINED or not self.rounding:
                found[_apart(value)] = value
            elif known(value):
                found.update((number, number) for number in self.rounded(value))
            if len(found) >= MOST:
                break
        return Reach((exact, *found.values()))

    def scale(self, upstream: Reach, local: Reach, value: Reach) -> Reach:
        """Return upstream × local rounded, the local gradient rounded or not; a proved 0 lets nothing through."""
        if is_zero(upstream.numbers[0]):
            return upstream
        exact = _BALL.apply("flow", (upstream.numbers[0], local.numbers[0]))
        found: dict[Number, None] = {}
        for above in self._either(upstream):
            for beside in self._either(local):
                product_of = _BALL.apply("flow", (above, beside))
                if product_of is not UNDEFINED and known(product_of):
                    found.update(dict.fromkeys(self.rounded(product_of)))
        return Reach((exact, *list(found)[:MOST]))

    def _either(self, reach: Reach) -> list[Number]:
        """Return the numbers of a set, and each of them rounded."""
        out: dict[object, Number] = {}
        for number in reach.numbers[1:]:
            out[_apart(number)] = number
            if number is not UNDEFINED and known(number):
                out.update((rounded, rounded) for rounded in self.rounded(number))
        return list(out.values())[:MOST]

    def whole(self, x: Reach) -> int:
        """Return an index as a whole number."""
        return int(x.numbers[0])

    def rounded(self, value: Number) -> list[fmpq]:
        """Return a number rounded to the decimals there are; a half both ways, as people do."""
        scaled = ball_of(value) / self.unit
        above = (scaled + HALF).floor()
        nearest = above if isinstance(above, fmpz) else above.unique_fmpz()
        if nearest is None:
            return []
        down = [fmpq(nearest - 1) * self.unit] if isinstance(scaled, fmpq) and scaled + HALF == nearest else []
        return [fmpq(nearest) * self.unit, *down]


def _apart(number: Number) -> object:
    """Return by what a number is told from others: a ball has no hash, its middle has."""
    return number.mid() if isinstance(number, arb) and number.is_finite() else number if isinstance(number, fmpq) else id(number)


def reaches(found: Reach, answer: fmpq, arithmetic: Reachable) -> bool:
    """Tell whether an answer is one of the numbers, or one of them rounded."""
    for number in found.numbers:
        if number is UNDEFINED or not known(number):
            continue
        if answer in arithmetic.rounded(number) or (isinstance(number, fmpq) and number == answer):
            return True
    return False


