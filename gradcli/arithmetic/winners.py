"""Balls that write down who wins: which argument of a maximum, which side of a step, which answer of a comparison."""

from __future__ import annotations

from flint import fmpq

from gradcli.arithmetic.ball import Ball
from gradcli.arithmetic.certain import HALF, UNDEFINED, ZERO, Number, ball_of, is_zero
from gradcli.ops import COMPARISONS

TIE = 0  # neither wins, or nobody can tell
Winner = int | str


def _order(x: Number, y: Number) -> int:
    return 1 if x > y else -1 if x < y else TIE


def _step(x: Number, whole: Number) -> Winner:
    """Return the step of a floor that x is on; at its very edge, neither step is meant."""
    return TIE if not isinstance(whole, fmpq) or is_zero(ball_of(x) - whole) else str(whole)


class Winners(Ball):
    """A `Ball` that keeps the winner of every decision, in order of evaluation."""

    def __init__(self) -> None:
        self.seen: list[Winner] = []

    def apply(self, op: str, args: tuple[Number, ...]) -> Number:
        """Return the value of an operator at these arguments, and note what it decided."""
        value = super().apply(op, args)
        if op in _DECIDING and len(args) == _DECIDING[op] and not any(arg is UNDEFINED for arg in args):
            self.seen.append(self._winner(op, args, value))
        return value

    def _winner(self, op: str, args: tuple[Number, ...], value: Number) -> Winner:
        if op in ("abs", "sign"):
            return _order(args[0], ZERO)
        if op in ("floor", "ceil"):
            return _step(args[0], super().apply("floor", args))
        if op == "round":
            above = super().apply("+", (args[0], HALF))
            return _step(above, super().apply("floor", (above,)))
        return _order(*args)


_DECIDING = {"abs": 1, "sign": 1, "floor": 1, "ceil": 1, "round": 1, "max": 2, "min": 2, **dict.fromkeys(COMPARISONS, 2)}
