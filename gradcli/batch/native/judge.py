"""Which rows are certain, asked in the loop itself: the rules of `bounds` on the numbers that the registers hold.

What is the same for all rows is a number of Python, and costs nothing; most relative errors are. Overflow and underflow are not asked for
here: the processor notes them by itself. What is invalid becomes nan, and whatever is made of it, but for the few operators that hide it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from gradcli.batch.bounds import RULES, UNIT, Known, spread
from gradcli.batch.doubts import HIDE_NAN, LOST, MOST, Singly, of_constant
from gradcli.batch.lanes import Ref
from gradcli.batch.native.lanes import Lanes, Truths, Writer

if TYPE_CHECKING:
    from gradcli.batch.tape import Step, Tape

Amount = Any  # a number, or eight


class Judge(Singly):
    """The errors of eight rows at once, step by step behind their values."""

    unit = UNIT
    lanes: Tape

    def __init__(self, tape: Tape, write: Writer, values: dict[int, Lanes]) -> None:
        self.lanes, self._write, self._values = tape, write, values
        self._known = {place: Known(Ref(place), 0.0, 0.0) for place in tape.inputs}
        self._known |= {place: of_constant(place, *constant) for place, constant in tape.constants.items()}

    def step(self, step: Step) -> None:
        """Take note of a step, when its value is there."""
        args = [self._known[place] for place in step.args]
        if step.weights:
            self._known |= {out: Known(Ref(out), 0.0, error) for out, error in zip(step.outs, self._linear(step.weights, args))}
            return
        out = self._known[step.outs[0]] = Known(Ref(step.outs[0]), 0.0, 0.0)
        out.rel, out.abs = RULES[step.op, len(args)](self, out, *args)
        for place in step.args if step.op in HIDE_NAN else ():
            out.rel = self.choose(abs(self._values[place]) <= MOST, out.rel, math.inf)

    def sure(self) -> Truths:
        """Return of which rows the digits, and their being smooth, are certain."""
        tape = self.lanes

        def refs(places: Iterable[int]) -> list[Ref]:
            return [Ref(place) for place in dict.fromkeys(places)]

        outputs = refs(place for places in tape.outputs for place in places)
        asked = refs(tape.inputs), outputs, refs(tape.needed), refs(tape.apart), refs(tape.quiet)
        return self._write.truths(self.certain(lambda ref: self._known[ref.unit], *asked))

    # what the rules ask for

    def value(self, ref: Ref) -> Lanes:
        return self._values[ref.unit]

    def _linear(self, weights: tuple[tuple[float, ...], ...], args: list[Known]) -> list[Amount]:
        """Return bounds for the rows of a product with a matrix: its weights times the worst error, which costs one product each."""
        share, worst = (len(args) + 1) * self.unit, 0.0
        for arg in args:
            worst = self.most(worst, 1.01 * spread(self, arg) + share * self.hi(arg))
        return [worst * (1.01 * sum(map(abs, row))) + len(args) * LOST for row in weights]

    def finite(self, values: list[Lanes]) -> Truths:
        total = self._write.constant(0)
        for value in values:
            total = total.plus_product(value, 0.0)  # nan, if one is not
        return total <= 0.0

    def normal(self, k: Known) -> bool:
        return True

    def lost(self, out: Known, *args: Known) -> Amount:
        return 0.0

    def idle(self, upstream: Known, value: Known) -> bool:
        return False

    def choose(self, holds: Any, a: Amount, b: Amount) -> Amount:
        if isinstance(holds, Truths):
            return self._write.where(holds.value, self._write.lanes(a), self._write.lanes(b))
        return a if holds else b

    def most(self, a: Amount, b: Amount) -> Amount:
        if isinstance(a, Lanes) or isinstance(b, Lanes):
            return self._write.intrinsic("maximum", self._write.lanes(a), self._write.lanes(b)) if a is not b else a
        return math.inf if math.isnan(a) or math.isnan(b) else max(a, b)

    def nearest(self, a: Lanes) -> Lanes:
        return self._write.intrinsic("roundeven", a)

    def times(self, error: Amount, size: Callable[[Known], Lanes], k: Known) -> Amount:
        return error * size(k) if isinstance(error, Lanes) or error else 0.0

    def over(self, error: Amount, size: Callable[[Known], Lanes], k: Known) -> Amount:
        return error / size(k) if isinstance(error, Lanes) or error else 0.0

    def sqrt(self, a: Lanes) -> Lanes:
        return self._write.intrinsic("sqrt", a)
