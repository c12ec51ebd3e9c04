"""What stands right of = in NAME=VALUE: a number, a constant expression, a vector or a matrix; or, in `files`, @file."""

from __future__ import annotations

import math

from gradcli.arithmetic import evaluate
from gradcli.errors import GradError, Source
from gradcli.expr import Expr, as_float, make, number, symbols, tape
from gradcli.light import TYPE_CHECKING, Mapping
from gradcli.limits import Limits
from gradcli.nested import Given, Value
from gradcli.shapes import Shapes
from gradcli.syntax import Declared
from gradcli.syntax.names import canonical
from gradcli.syntax.reader import Reader, is_latex
from gradcli.wording import said

if TYPE_CHECKING:
    from gradcli.arithmetic.real import Real

_FORMS = said("a value is a number such as -2, 1/3 or 1e-3, or a list such as [1, 2] or [[1, 2], [3, 4]]")


def parse_value(source: Source, limits: Limits, start: int = 0, end: int | None = None) -> Given:
    """Return the value of a constant expression such as -2, 1/3, [5, 6] or [[1, 2], [3, 4]]."""
    simple = _decimal(source.text[start:end].strip(" "))
    if simple is not None:
        return Given(as_float(simple), simple)
    from gradcli.syntax.brackets import grouping

    try:
        reader = Reader(source, Declared(frozenset()), limits)
        tree = reader.read(start, end, latex=is_latex(source.text[start:end]))
        program = reader.finish()
    except GradError as error:
        if error.kind not in ("syntax", "missing-operator", "unknown-character", "comparison", "equation", "unused"):
            raise
        raise GradError("not-a-number", said("this is not a number: {0}", error.message), error.span, source=source, hint=_FORMS) from None
    if program.statements != 1 or program.output_name is not None:
        raise GradError("not-a-number", said("this is more than a value"), (start, len(source.text) if end is None else end),
                        source=source, hint=_FORMS)  # fmt: skip
    unknown = symbols(program.output)
    span = program.spans[unknown[0]][0] if unknown else (start, len(source.text) if end is None else end)
    if unknown:
        raise GradError("not-a-number", said("{0} is not a number", unknown[0].leaf), span, source=source, hint=_FORMS)
    root = make("array", (program.output,)) if grouping(tree.children[0]) else program.output  # [5] is a vector here
    shapes = Shapes({}, limits, program.spans, source)
    shapes.of(root)
    order = tape(root)
    value = evaluate(order, {}, arithmetic_for(shapes, order))[root]
    return Given(checked(value, source, span), root)


_DIGITS = 18  # and a point, of a decimal that is read as it stands: every limit has room for it, and so has a float64


def _decimal(text: str) -> Expr | None:
    """Return a decimal such as -2 or 0.5 as the number it is: what the grammar makes of it too, which most values need not wait for."""
    digits = text.removeprefix("-")
    whole, point, fraction = digits.partition(".")
    if not digits.isascii() or len(digits) > _DIGITS or not whole.isdigit() or not (fraction.isdigit() or not point):
        return None
    mantissa = int(whole + fraction)
    return number(-mantissa if text[0] == "-" else mantissa, -len(fraction))


def arithmetic_for(shapes: Shapes, order: list[Expr]) -> Real:
    """Return the float64 arithmetic: with NumPy only where it is needed."""
    from gradcli.arithmetic.real import Real

    if not any(shapes.of(node) or (node.args and shapes.row_of(node).shape) for node in order):
        return Real()
    from gradcli.arithmetic.array import Array

    return Array()


def checked(value: Value, source: Source, span: tuple[int, int] | None = None) -> Value:
    """Return a value that is finite in every entry and has at most two axes, or raise a GradError."""
    if isinstance(value, float):
        if not math.isfinite(value):
            raise GradError("not-a-number", said("this is not a finite number"), span, source=source)
        return value
    import numpy as np

    if value.ndim > 2 or value.size == 0 or value.dtype != np.float64:
        raise GradError("not-a-number", said("a value is a number, a vector or a matrix of numbers"), span, source=source)
    if not np.isfinite(value).all():
        raise GradError("not-a-number", said("an entry is not a finite number"), span, source=source)
    return value


def arrays_in(values: Mapping[str, Given]) -> frozenset[str]:
    """Return the canonical names of the values that are vectors or matrices."""
    return frozenset(canonical(name) for name, value in values.items() if not isinstance(value.value, float))


def from_python(name: str, given: object) -> Given:
    """Return a Python number, nested list or NumPy array as a value."""
    source = Source(f"{name}={given!r}"[:200])
    if isinstance(given, (bool, str, bytes)):
        raise GradError("not-a-number", said("{0} is not a number: {1}", name, repr(given)), source=source)
    if isinstance(given, (int, float)):
        return Given(checked(float(given), source))
    import numpy as np

    try:
        array = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise GradError("not-a-number", said("{0} is neither a number nor a list of rows of one length", name), source=source) from None
    return Given(checked(float(array) if array.ndim == 0 else array, source))
