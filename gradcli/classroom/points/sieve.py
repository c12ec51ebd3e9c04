"""The results of the slips of a question as formulas, in floats: many points are looked at, and few of them are any good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gradcli.arithmetic import evaluate
from gradcli.arithmetic.real import Real
from gradcli.classroom.points.watch import SOFT, Watch, known
from gradcli.errors import GradError
from gradcli.expr import ZERO, Expr, symbol, tape
from gradcli.judge.agreement import entries
from gradcli.judge.kinks import gaps
from gradcli.judge.slips.slip import Slip
from gradcli.nested import Given

_NEAR = 1.1e-2  # two numbers that may be one when they are rounded to three digits
_SAME = 1e-9
_MOST_NODES = 20_000


class Sieve:
    """The slips of all parts asked at a point. ``whole`` says that nothing is left out: else `rest` are those that have no formula.

    Where there are kinks nothing is sieved: on one side of them a slip may be none.
    """

    def __init__(self, watches: Sequence[Watch]) -> None:
        self.rest: dict[str, list[Slip]] = {}
        self._parts: list[tuple[Expr, list[tuple[Expr, bool]]]] = []
        self.usable = bool(watches) and not any(watch.truth.circuit.shape or gaps(watch.truth.circuit.order) for watch in watches)
        roots: dict[Expr, None] = {}
        for watch in watches if self.usable else ():
            symbolic = watch.slips.symbolic()
            right = symbolic[0].partial(watch.asked.node) if watch.asked.partial else symbolic[0].values[watch.asked.node]
            made: list[tuple[Expr, bool]] = []
            for slip in watch.made:
                if known(slip) in watch.hidden:
                    continue
                formula = self._formula(slip, symbolic)
                if formula is None:
                    self.rest.setdefault(watch.target, []).append(slip)
                else:
                    made.append((formula, slip.kind in SOFT))
            self._parts.append((right or ZERO, made))
            roots |= dict.fromkeys([right or ZERO, *(formula for formula, _ in made)])
        self._order = tape(*roots)
        self._first = tape(*(right for right, _ in self._parts))
        self._arithmetic: Any = Real()
        if any(watch.slips.arrays for watch in watches):
            from gradcli.arithmetic.array import Array

            self._arithmetic = Array()
        self.usable = self.usable and len(self._order) <= _MOST_NODES

    def _formula(self, slip: Slip, symbolic: Sequence[Any]) -> Expr | None:
        """Return what a slip makes, as a formula; None where it has none, or no short one."""
        if slip.numbers is not None and slip.kind != "variables-swapped":
            return None
        try:
            found: Expr | None = slip.result(symbolic[slip.circuit])
        except (GradError, KeyError, AssertionError):
            return None
        return ZERO if found is None else found

    def passes(self, point: Mapping[str, Given], largest: float, smallest: float) -> bool:
        """Tell whether a point deserves a closer look: its results have a good size, and no slip of weight comes near them."""
        return not self.usable or self.luck(point, largest, smallest) is not None

    def luck(self, point: Mapping[str, Given], largest: float, smallest: float) -> int | None:
        """Return how many slips of no weight give the right number; None where one of weight nearly does, or a number is ill-sized."""
        values: dict[Expr, Any] = {symbol(name): given.value for name, given in point.items()}
        evaluate(self._first, values, self._arithmetic)
        for right, _ in self._parts:
            if not all(number == 0 or smallest <= abs(number) <= largest for number in entries(values[right])):
                return None  # as most points of a neuron are, where its sigmoid is flat
        evaluate(self._order, values, self._arithmetic)
        found = 0
        for right, made in self._parts:
            true = entries(values[right])
            for formula, soft in made:
                if _close(entries(values[formula]), true, _SAME if soft else _NEAR):
                    if not soft:
                        return None
                    found += 1
        return found


def _close(made: Sequence[float], true: Sequence[float], within: float) -> bool:
    if len(made) != len(true):  # a number stands for an array of it
        made = list(made) * len(true) if len(made) == 1 else made
    return len(made) == len(true) and all(abs(x - y) <= within * abs(y) for x, y in zip(made, true))
