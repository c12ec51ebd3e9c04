"""Values as plain data: floats, and nested lists of floats, whatever arithmetic they came from."""

from __future__ import annotations

import math

from gradcli.expr import Expr
from gradcli.light import Any, Record
from gradcli.shapes import Shape
from gradcli.wording import joined, said

Value = Any  # float, or numpy.ndarray of one or two axes
Nested = Any  # float, or nested lists of floats


class Far(float):
    """A number that no float64 has in all its digits, as it is 0 or ±inf there, or subnormal; ``decimal`` has them."""

    __slots__ = ("decimal",)

    decimal: str

    def __new__(cls, nearest: float, decimal: str) -> Far:
        self = super().__new__(cls, nearest)
        self.decimal = decimal
        return self


class Undecided(float):
    """A number that could not be told at the highest precision: as a float it is nan."""

    __slots__ = ()


class Given(Record):
    """A value that someone gave: as floats, and, where it was written out, as the constant expression it is exactly."""

    value: Value
    written: Expr | None = None


def plain(value: Value) -> Nested:
    """Return a value as floats and nested lists of floats; None stays None."""
    return value if value is None or isinstance(value, (float, list)) else value.tolist()


def shape_of(value: Value) -> Shape:
    """Return the shape of a float or an array."""
    return () if isinstance(value, float) else tuple(value.shape)


def sizes(value: Nested) -> Shape:
    """Return the shape of a number or of nested lists."""
    shape: Shape = ()
    while isinstance(value, list):
        shape, value = (*shape, len(value)), value[0] if value else None
    return shape


def zeros(shape: Shape) -> Value:
    """Return zero in this shape."""
    if not shape:
        return 0.0
    import numpy as np

    return np.zeros(shape)


def units(shape: Shape) -> list[Value]:
    """Return the unit arrays of a shape, one for each entry: the seeds of a Jacobian."""
    if not shape:
        return [1.0]
    import numpy as np

    return [row.reshape(shape) for row in np.eye(math.prod(shape))]


def nest(flat: list[Nested], shape: Shape) -> Nested:
    """Return a list of as many items as a shape has entries, nested in that shape."""
    if not shape:
        return flat[0]
    return flat if len(shape) == 1 else [flat[i : i + shape[1]] for i in range(0, len(flat), shape[1])]


def leaves(value: Nested) -> list[float]:
    """Return all numbers of a nested list, in order."""
    out, stack = [], [value]
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack += reversed(item)
        else:
            out.append(item)
    return out


def finite(value: Value) -> bool:
    """Tell whether every entry is a finite number."""
    return all(isinstance(entry, Far) or math.isfinite(entry) for entry in leaves(plain(value)))


def nonzero(value: Value) -> bool:
    """Tell whether any entry is other than 0 (nan counts, and what is too small for a float64)."""
    return any(entry != 0 or isinstance(entry, Far) for entry in leaves(plain(value)))


def brief(value: Value) -> str:
    """Return a value in six digits, for a message."""
    shown = plain(value)
    if isinstance(shown, float):
        return _brief(shown)
    numbers = leaves(shown)
    first = joined(", ", map(_brief, numbers[:8]))
    return said("[{0}, and {1} more]", first, len(numbers) - 8) if len(numbers) > 8 else said("[{0}]", first)


def _brief(number: float) -> str:
    if isinstance(number, Far):
        mantissa, _, exponent = number.decimal.partition("e")
        return f"{float(mantissa):.6g}e{exponent}" if len(exponent) < 8 else said("huge")
    return f"{number:.6g}"
