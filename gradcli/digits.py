"""Digits that are right: floats with a running error bound where that covers what is shown, else balls, ever finer.

    |computed − true| ≤ bound   →   the same digits;   else 128, 256, … bits, until the float64 nearest to every number is unique

A computation is a function of an `Engine`: it evaluates in the engine's arithmetic and reads what it will show.
Reading raises `Doubtful` where the digits are not certain, and the next engine tries.
"""

from __future__ import annotations

import math

from gradcli.arithmetic import Arithmetic, Doubtful, evaluate
from gradcli.backward import Edge, Sweep
from gradcli.expr import Expr, symbol, tape
from gradcli.light import AbstractContextManager, Any, Callable, Iterator, TypeVar
from gradcli.nested import Far, Given, Undecided, Value
from gradcli.wording import said

T = TypeVar("T")
Number = Any  # of the engine's arithmetic

FIRST_BITS, MOST_BITS = 128, 4096
LEAST_NORMAL = 2.0**-1022  # a float64 below has fewer digits
SETTLED_BITS = 500  # relative: a number known so well lies on the border of two float64s, and either is right


def each(function: Callable[[Any], Any], value: Any) -> Any:
    """Apply a function to a number, or to every entry of an array."""
    if not hasattr(value, "ndim"):
        return function(value)
    from gradcli.arithmetic.entries import mapped

    return mapped(function, value)


def floats(function: Callable[[Any], float], value: Any) -> Value:
    """Apply a function that gives floats; their array is one of float64 where all fit."""
    read = each(function, value)
    if hasattr(read, "ndim") and all(type(entry) is float for entry in read.ravel()):
        return read.astype(float)
    return read


def with_arrays(scalar: Any, arrays: bool) -> Any:
    """Return an arithmetic on numbers, or on arrays of them."""
    if not arrays:
        return scalar
    from gradcli.arithmetic.entries import Entries

    return Entries(scalar)


class Engine:
    """An arithmetic, how values enter it, and how numbers are read from it."""

    method: str
    arithmetic: Arithmetic[Any]

    def environment(self, bindings: dict[str, Given]) -> dict[Expr, Number]:
        """Return the values of the variables in this arithmetic, those written out as exactly as they were."""
        out = {}
        for name, given in bindings.items():
            exact = None if given.written is None else evaluate(tape(given.written), {}, self.arithmetic)[given.written]
            out[symbol(name)] = self.lift(given.value) if exact is None else exact
        return out

    def lift(self, value: Value) -> Number:
        """Return floats as numbers of this arithmetic."""
        return value

    def read(self, number: Number) -> Value:
        """Return a number as it may be shown; raise Doubtful where its digits are not certain."""
        return number

    def glance(self, number: Number) -> Value:
        """Return a number that nothing depends on, as well as it is known."""
        try:
            return self.read(number)
        except Doubtful:
            return math.nan

    def read_sweep(self, sweep: Sweep[Number]) -> Sweep[Value]:
        """Return a sweep with every number read."""
        out: Sweep[Value] = Sweep()
        out.adjoint = {node: self.read(number) for node, number in sweep.adjoint.items()}
        for edge in sweep.edges:
            local = None if edge.local is None else self.read(edge.local)
            upstream, contribution = out.adjoint[edge.node], self.read(edge.contribution)
            out.edges.append(Edge(edge.node, edge.position, edge.row, upstream, local, contribution, edge.summed))
        return out


class Plain(Engine):
    """Floats as they come, for arrays too large to be certified."""

    method: str = said("float64")

    def __init__(self) -> None:
        from gradcli.arithmetic.array import Array

        self.arithmetic = Array()


class Floats(Engine):
    """Floats with a running error bound; ``digits`` are to be shown (None: all)."""

    method = said("float64, with an error bound that covers the digits shown")

    def __init__(self, digits: int | None, arrays: bool) -> None:
        from gradcli.arithmetic.running import Running

        self.arithmetic, self.digits = with_arrays(Running(), arrays), digits

    def lift(self, value: Value) -> Number:
        """Return floats as exact."""
        return each(lambda entry: (entry, 0.0), value)

    def read(self, number: Number) -> Value:
        """Return the floats, if their bounds cover the digits that are shown."""
        return floats(self._read, number)

    def _read(self, number: tuple[float, float]) -> float:
        value, bound = number
        if bound and (self.digits is None or _shown(value - bound, self.digits) != _shown(value + bound, self.digits)):
            raise Doubtful
        return float(value)


def _shown(value: float, digits: int) -> str:
    return f"{value:.{digits - 1}e}"


class Balls(Engine):
    """Exact rationals and balls of so many bits; the last engine reads `Undecided` where it cannot tell."""

    def __init__(self, bits: int, arrays: bool, last: bool) -> None:
        from gradcli.arithmetic import certain
        from gradcli.arithmetic.ball import Ball

        self.bits, self.last, self._certain = bits, last, certain
        self.method = said("balls at {0} bits", bits)
        self.arithmetic = with_arrays(Ball(), arrays)

    def precision(self) -> AbstractContextManager[None]:
        """Compute with the bits of this engine inside the block."""
        return self._certain.precision(self.bits)

    def lift(self, value: Value) -> Number:
        """Return floats as the rationals they are."""
        return each(self._certain.from_float, value)

    def read(self, number: Number) -> Value:
        """Return the float64 nearest to a number, or to each entry."""
        return floats(self._read, number)

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


def settled(compute: Callable[[Engine], T], engines: Iterator[Engine]) -> tuple[T, Engine]:
    """Return what the first engine computes whose digits are certain, and that engine."""
    for engine in engines:
        try:
            if not isinstance(engine, Balls):
                return compute(engine), engine
            with engine.precision():
                return compute(engine), engine
        except Doubtful:
            continue
    raise AssertionError("the last engine reads everything")


def balls(arrays: bool, most: int = MOST_BITS) -> Iterator[Engine]:
    """Yield balls of ever more bits."""
    bits = FIRST_BITS
    while bits < most:
        yield Balls(bits, arrays, last=False)
        bits *= 2
    yield Balls(bits, arrays, last=True)


def engines(arrays: bool, digits: int | None, heavy: bool) -> Iterator[Engine]:
    """Yield the engines in the order in which they are tried."""
    if heavy:
        yield Plain()
        return
    yield Floats(digits, arrays)
    yield from balls(arrays)
