"""All the numbers that come of rounding, or not, to so many decimals at each step: what a person with a pencil may get.

A value is a finite set. An operator takes every combination of its arguments, and each result is kept as it is and rounded.
"""

from __future__ import annotations

from itertools import product
from typing import Any

from flint import fmpq, fmpz

from gradcli.arithmetic.ball import Ball
from gradcli.arithmetic.certain import HALF, UNDEFINED, Number, ball_of, is_zero, known

_BALL = Ball()
MOST = 48  # numbers kept of a value: those rounded first, which are few


class Reach:
    """The numbers that a value may have become: first the one that nobody rounded."""

    __slots__ = ("numbers",)

    def __init__(self, numbers: tuple[Number, ...]) -> None:
        self.numbers = numbers


class Reachable:
    """One point, a `Reach` per node, rounded to so many decimals."""

    def __init__(self, places: int) -> None:
        self.unit = fmpq(1, fmpz(10) ** places)

    def number(self, mantissa: int, exponent: int) -> Reach:
        """Return mantissa · 10^exponent: what is given is not rounded."""
        return Reach((_BALL.number(mantissa, exponent),))

    def apply(self, op: str, args: tuple[Reach, ...]) -> Reach:
        """Return what an operator may give; the same argument twice is the same number twice."""
        distinct = list(dict.fromkeys(args))
        whole: list[Number] = []
        rounded: list[fmpq] = []
        for choice in product(*(arg.numbers for arg in distinct)):
            chosen = dict(zip(distinct, choice))
            value = _BALL.apply(op, tuple([chosen[arg] for arg in args]))
            whole.append(value)
            if value is not UNDEFINED and known(value):
                rounded += self.rounded(value)
            if len(whole) > MOST * MOST:
                break
        exact = [value for value in whole if isinstance(value, fmpq)]
        others = [value for value in whole if not isinstance(value, fmpq)][: MOST // 4]
        kept = [whole[0], *dict.fromkeys([*rounded, *exact[: MOST // 2]]), *others[1 if whole[0] in others[:1] else 0 :]]
        return Reach(tuple(kept[:MOST]))

    def scale(self, upstream: Reach, local: Reach, value: Reach) -> Reach:
        """Return upstream × local; a proved 0 lets nothing through."""
        if is_zero(upstream.numbers[0]):
            return upstream
        return self.apply("*", (upstream, local))

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


def reaches(found: Reach, answer: fmpq, arithmetic: Any) -> bool:
    """Tell whether an answer is one of the numbers, or one of them rounded."""
    for number in found.numbers:
        if number is UNDEFINED or not known(number):
            continue
        if answer in arithmetic.rounded(number) or (isinstance(number, fmpq) and number == answer):
            return True
    return False


