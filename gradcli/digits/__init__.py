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
from gradcli.light import AbstractContextManager, Any, Callable, Iterable, Iterator, Mapping, TypeVar, nullcontext
from gradcli.nested import Given, Value
from gradcli.wording import said

T = TypeVar("T")
Number = Any  # of the engine's arithmetic

FIRST_BITS, MOST_BITS = 128, 4096


def each(function: Callable[[Any], Any], value: Any) -> Any:
    """Apply a function to a number, or to every entry of an array."""
    if not hasattr(value, "ndim"):
        return function(value)
    from gradcli.arithmetic.entries import mapped

    return mapped(function, value)


def _entries(value: Any) -> Iterable[Any]:
    entries: Iterable[Any] = value.ravel() if hasattr(value, "ndim") else (value,)
    return entries


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

    def read_edges(self, sweep: Sweep[Number]) -> list[Edge[Value]]:
        """Return the edges of a sweep with every number read."""
        out = []
        for edge in sweep.edges:
            local = None if edge.local is None else self.read(edge.local)
            upstream, contribution = self.read(edge.upstream), self.read(edge.contribution)
            out.append(Edge(edge.node, edge.position, edge.row, upstream, local, contribution, edge.summed))
        return out

    def precision(self) -> AbstractContextManager[None]:
        """Compute with the bits of this engine inside the block."""
        return nullcontext()

    # ---- what is asked of numbers that nobody reads ---------------------------------------------------------

    def sound(self, number: Number) -> bool:
        """Tell whether every entry is a finite number; raise Doubtful where that is not known."""
        return True

    def vanishes(self, number: Number) -> bool:
        """Tell whether every entry is 0 for certain."""
        return all(entry == 0 for entry in _entries(number))

    def without_value(self, order: list[Expr], numbers: Mapping[Expr, Number]) -> Iterator[Expr]:
        """Yield the nodes that are no finite number; raise Doubtful where that is not known."""
        return iter(())


class Floats(Engine):
    """Floats with a running error bound; ``digits`` are to be shown, or all (None): then only floats that are exact will do."""

    method = said("float64, with an error bound that covers the digits shown")

    def __init__(self, digits: int | None, arrays: bool) -> None:
        from gradcli.arithmetic.running import EXACT, RUNNING

        self.arithmetic, self.digits = with_arrays(EXACT if digits is None else RUNNING, arrays), digits

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

    def vanishes(self, number: Number) -> bool:
        """Tell whether every entry is 0 for certain."""
        return all(entry == (0.0, 0.0) for entry in _entries(number))


def _shown(value: float, digits: int) -> str:
    return f"{value:.{digits - 1}e}"


def settled(compute: Callable[[Engine], T], engines: Iterator[Engine]) -> tuple[T, Engine]:
    """Return what the first engine computes whose digits are certain, and that engine."""
    for engine in engines:
        try:
            with engine.precision():
                return compute(engine), engine
        except Doubtful:
            continue
    raise AssertionError("the last engine reads everything")


def balls(arrays: bool, most: int = MOST_BITS) -> Iterator[Engine]:
    """Yield balls of ever more bits."""
    from gradcli.digits.further import Balls

    bits = FIRST_BITS
    while bits < most:
        yield Balls(bits, arrays, last=False)
        bits *= 2
    yield Balls(bits, arrays, last=True)


def engines(arrays: bool, digits: int | None, heavy: bool) -> Iterator[Engine]:
    """Yield the engines in the order in which they are tried."""
    if heavy:
        from gradcli.digits.further import Plain

        yield Plain()
        return
    yield Floats(digits, arrays)
    yield from balls(arrays)
