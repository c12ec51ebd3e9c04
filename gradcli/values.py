"""What stands right of = in NAME=VALUE: a number, a constant expression, a vector, a matrix, or @file."""

from __future__ import annotations

import math
import os

from gradcli.arithmetic import evaluate
from gradcli.errors import GradError, Source, reason
from gradcli.expr import Expr, as_float, make, number, symbols, tape
from gradcli.light import TYPE_CHECKING, Mapping, re
from gradcli.limits import Limits
from gradcli.nested import Given, Value
from gradcli.shapes import Shapes
from gradcli.syntax import Declared
from gradcli.syntax.names import NAME, canonical
from gradcli.syntax.parsing import is_latex
from gradcli.syntax.reader import Reader
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



# ---- files --------------------------------------------------------------------------------------------------

_NUMBER = re.compile(r"[ \t]*+[-+]?(?:[0-9]++\.?[0-9]*+|\.[0-9]++)(?:[eE][-+]?[0-9]++)?[ \t]*+")


_BYTES_PER_ENTRY = 64  # no format needs more for a number; a larger file is refused before it is read


def load(path: str, source: Source, span: tuple[int, int], limits: Limits) -> Given:
    """Return the value in a .csv, .json or .npy file. A pickle inside .npy is refused, never loaded."""
    ending = path.rpartition(".")[2].lower()
    reader = {"csv": _csv, "json": _json, "npy": _npy}.get(ending)
    if reader is None:
        raise GradError("unknown-format", said("cannot read {0}: its ending is not .csv, .json or .npy", path), span, source=source)
    try:
        limits.check("elements", os.path.getsize(path) // _BYTES_PER_ENTRY, said("entries or more"), span, source)
        value = reader(path)
    except OSError as problem:
        raise GradError("cannot-read", said("cannot read {0}: {1}", path, reason(problem)), span, source=source) from None
    except GradError:
        raise
    except Exception as problem:  # the readers of these formats raise whatever they like
        raise GradError("not-a-number", said("{0}: {1}", path, reason(problem)), span, source=source) from None
    if not isinstance(value, float):
        limits.check("elements", int(value.size), said("entries"), span, source)
    return Given(checked(value, source, span))


def load_point(path: str, limits: Limits) -> dict[str, Given]:
    """Return the values by name in a .json or .toml file: numbers, and lists of them."""
    ending = path.rpartition(".")[2].lower()
    if ending not in ("json", "toml"):
        raise GradError("unknown-format", said("cannot read {0}: a point is a .json or .toml file", path))
    try:
        limits.check("elements", os.path.getsize(path) // _BYTES_PER_ENTRY, said("entries or more"))
        data = _document(path, ending)
    except OSError as problem:
        raise GradError("cannot-read", said("cannot read {0}: {1}", path, reason(problem))) from None
    except (ValueError, RecursionError) as problem:
        raise GradError("not-a-number", said("{0}: {1}", path, reason(problem))) from None
    if not isinstance(data, dict):
        raise GradError("not-a-number", said("{0}: a point is an object of names and values", path),
                        hint=said("for example {0}", '{"x": -2, "y": 5}'))  # fmt: skip
    limits.check("names", len(data), said("names"))
    out: dict[str, Given] = {}
    for name, given in data.items():
        if not re.fullmatch(NAME, name):
            raise GradError("not-a-number", said("{0}: {1} is not a name", path, repr(name)))
        if canonical(name) in map(canonical, out):
            raise GradError("bound-twice", said("{0}: {1} is given two values", path, name))
        out[name] = from_python(name, given)
    return out


def _document(path: str, ending: str) -> object:
    if ending == "toml":
        import tomllib

        with open(path, "rb") as file:
            return tomllib.load(file)
    import json

    with open(path, encoding="utf-8-sig") as text:
        return json.load(text, parse_constant=_refuse, object_pairs_hook=_once)


def _refuse(word: str) -> float:
    raise ValueError(said("{0} is not a number", word))


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    out: dict[str, object] = {}
    for name, given in pairs:
        if name in out:
            raise ValueError(said("{0} is given two values", name))
        out[name] = given
    return out


def _csv(path: str) -> Value:
    import csv

    rows = []
    with open(path, newline="", encoding="utf-8-sig") as file:
        lines = csv.reader(file, strict=True)
        try:
            for row in lines:
                for cell in row:
                    if not _NUMBER.fullmatch(cell):
                        raise ValueError(said("line {0}: {1} is not a number", lines.line_num, repr(cell)))
                if row:
                    rows.append([float(cell) for cell in row])
        except csv.Error as problem:
            raise ValueError(said("line {0}: {1}", lines.line_num, str(problem))) from None
    if len({len(row) for row in rows}) != 1:
        raise ValueError(said("its rows have different lengths") if rows else said("it is empty"))
    return _array(rows[0] if len(rows) == 1 else [r[0] for r in rows] if len(rows[0]) == 1 else rows)


def _json(path: str) -> Value:
    import json

    with open(path, encoding="utf-8-sig") as file:
        data = json.load(file, parse_constant=_refuse)
    stack = [data]
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack += item
        elif isinstance(item, bool) or not isinstance(item, (int, float)):
            raise ValueError(said("{0} is not a number", repr(item)))
    return float(data) if not isinstance(data, list) else _array(data)


def _npy(path: str) -> Value:
    import numpy as np

    data = np.load(path, allow_pickle=False)
    if not isinstance(data, np.ndarray) or data.dtype.kind not in "iuf":
        raise ValueError(said("it does not hold an array of numbers"))
    return float(data) if data.ndim == 0 else data.astype(np.float64)


def _array(rows: object) -> Value:
    import numpy as np

    return np.array(rows, dtype=np.float64)
