"""Values and texts in files: .csv, .json, .npy and .toml; and the text of an expression, from a file or standard input."""

from __future__ import annotations

import os
import sys

from gradcli.errors import GradError, Source, reason
from gradcli.light import re
from gradcli.limits import Limits
from gradcli.nested import Given, Value
from gradcli.syntax.names import NAME, canonical
from gradcli.values import checked, from_python
from gradcli.wording import said

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


# ---- texts --------------------------------------------------------------------------------------------------


def standard_input(limits: Limits) -> str:
    """Return what comes in through standard input.

    Raises:
        GradError: if there is none, or it is no text.

    """
    if sys.stdin is None or sys.stdin.closed:
        raise GradError("cannot-read", said("there is no standard input"))
    return _decoded(sys.stdin.buffer.read(4 * limits.text + 4), said("standard input"))


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise GradError("not-text", said("{0} is not UTF-8 text (byte {1})", name, problem.start)) from None


def source_of(path: str, limits: Limits) -> Source:
    """Return the text of a file, or of standard input for -, under the name it is spoken of by.

    Raises:
        GradError: if it cannot be read, is no text, or is too long.

    """
    source = Source(standard_input(limits), said("standard input")) if path == "-" else Source(contents(path, limits), path)
    limits.check("text", len(source.text), said("characters"), None, source)
    return source


def contents(path: str, limits: Limits) -> str:
    """Return the text of a file, or as much of it as shows that it is too long.

    Raises:
        GradError: if it cannot be read, or is no text.

    """
    try:
        with open(path, "rb") as file:
            return _decoded(file.read(4 * limits.text + 4), path)
    except OSError as problem:
        raise GradError("cannot-read", said("cannot read {0}: {1}", path, reason(problem))) from None
