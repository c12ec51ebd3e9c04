"""The engines beside the first: exact rationals and balls; and floats as they come, for arrays too large to be certified."""

from __future__ import annotations

import math

from gradcli.arithmetic import Doubtful
from gradcli.digits import Engine, Number, each, floats, with_arrays
from gradcli.expr import Expr
from gradcli.light import AbstractContextManager, Any, Iterator, Mapping
from gradcli.nested import Far, Undecided, Value, finite
from gradcli.wording import said

LEAST_NORMAL = 2.0**-1022  # a float64 below has fewer digits
SETTLED_BITS = 500  # relative: a number known so well lies on the border of two float64s, and either is right


class Plain(Engine):
    """Floats as they come, for arrays too large to be certified."""

    method: str = said("float64")

    def __init__(self) -> None:
        from gradcli.arithmetic.array import Array

        self.arithmetic = Array()

    def sound(self, number: Number) -> bool:
        """Tell whether every entry is a finite number."""
        return finite(number)

    def without_value(self, order: list[Expr], numbers: Mapping[Expr, Number]) -> Iterator[Expr]:
        """Yield the nodes that are no finite number."""
        return (node for node in order if not finite(numbers[node]))


class Balls(Engine):
    """Exact rationals and balls of so many bits; the last engine reads `Undecided` where it cannot tell."""

    def __init__(self, bits: int, arrays: bool, last: bool) -> None:
        from gradcli.arithmetic import certain
        from gradcli.arithmetic.ball import BALL

        self.bits, self.last, self._certain = bits, last, certain
        self.method = said("balls at {0} bits", bits)
        self.arithmetic = with_arrays(BALL, arrays)

    def precision(self) -> AbstractContextManager[None]:
        """Compute with the bits of this engine inside the block."""
        return self._certain.precision(self.bits)

    def lift(self, value: Value) -> Number:
        """Return floats as the rationals they are."""
        return each(self._certain.from_float, value)

    def read(self, number: Number) -> Value:
        """Return the float64 nearest to a number, or to each entry."""
        return floats(self._read, number)

    def sound(self, number: Number) -> bool:
        """Tell whether every entry is a finite number; raise Doubtful where that is not known."""
        known: bool | None = self._certain.sound(number)
        if known is None and hasattr(number, "ndim"):
            return all(map(self.sound, number.ravel()))
        if known is None and not self.last:
            raise Doubtful
        return finite(self._read(number)) if known is None else known

    def without_value(self, order: list[Expr], numbers: Mapping[Expr, Number]) -> Iterator[Expr]:
        """Yield the nodes that are no finite number, or that could not be told; raise Doubtful where that is not known yet."""
        sound = self._certain.sound
        for node in order:
            number = numbers[node]
            # At last, what is known too little to be read counts as lacking.
            if not (finite(self.read(number)) if self.last else sound(number) or self.sound(number)):
                yield node

    def decimals(self, number: Number, digits: int) -> Any:
        """Return a number to so many digits, as text; an array as nested lists."""
        shown = each(lambda entry: self._decimal(entry, digits), number)
        return shown if isinstance(shown, str) else shown.tolist()

    def _decimal(self, number: Number, digits: int) -> str:
        if number is self._certain.UNDEFINED:
            return "undefined"
        shown = self._certain.decimal(number, digits)
        if shown is None and self.last:
            return self._certain.around_zero(number) or "undecided"
        if shown is None:
            raise Doubtful
        return shown

    def _read(self, number: Number) -> float:
        ball = self._certain
        nearest: float | None = ball.to_float(number)
        if nearest is None:
            if not self.last:
                raise Doubtful
            if number.is_nan() is False and not number.is_finite():
                return math.inf  # beyond the exponents that balls have
            told = ball.known(number) and number.rel_accuracy_bits() > SETTLED_BITS
            return float(number.mid()) if told else Undecided("nan")
        if math.isinf(nearest) or (abs(nearest) < LEAST_NORMAL and not ball.is_zero(number)):
            decimal = ball.decimal(number, 17)
            if decimal is None and not self.last:
                raise Doubtful
            return nearest + 0.0 if decimal is None else Far(nearest, decimal)
        return nearest + 0.0
