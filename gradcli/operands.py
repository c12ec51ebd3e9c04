"""Words of a command line → the expression (or worksheet), and the values given for its names."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping

from gradcli.errors import GradError, Source
from gradcli.limits import Limits
from gradcli.nested import Value
from gradcli.ops import CONSTANTS
from gradcli.syntax.names import canonical
from gradcli.syntax.program import Program
from gradcli.syntax.reader import read
from gradcli.syntax.worksheet import read_worksheet
from gradcli.values import load, parse_value

_NAME = r"[^\W\d](?:\w|\{[\w,]+\})*"
_BINDING = re.compile(rf"\s*({_NAME})\s*=(?!=)(.*)", re.DOTALL)
_WORD = re.compile(rf"(?<![\w.]){_NAME}(?!\s*\()")


class _Word:
    """One operand: NAME=VALUE if it has that form, with the words in its value that are not numbers."""

    def __init__(self, text: str) -> None:
        self.text = text
        found = _BINDING.fullmatch(text)
        self.name = found[1] if found else ""
        self.start = found.start(2) if found else 0
        value = text[self.start :]
        file = value.lstrip().startswith("@")
        self.words = [] if file or not found else [w for w in _WORD.findall(value) if canonical(w) not in CONSTANTS]
        self.stages = bool(found) and not file and _outside_brackets(";", value.rstrip("; "))


def _outside_brackets(sign: str, text: str) -> bool:
    depth = 0
    for char in text:
        depth += (char in "([") - (char in ")]")
        if char == sign and depth <= 0:
            return True
    return False


def read_operands(texts: list[str], limits: Limits, latex: bool = False) -> tuple[Program, dict[str, Value] | None]:
    """Return the program and the values given for its names (None: none were given).

    The order of the operands is free. NAME=VALUE is a value; whatever has another form is the expression. Where all
    have that form, as in ``"f = (x+y)*z" x=1``, the expression is the one whose right side has names in it.
    """
    words = [_Word(text) for text in texts]
    free = [w for w in words if not w.name or w.stages]
    expressions = free or [w for w in words if w.words][:1] or [w for w in words if len(words) == 1]
    if len(expressions) != 1:
        what = "there is no expression here" if not expressions else "there are two expressions here: quote the expression"
        given = next(iter(expressions[1:]), None)
        raise GradError("bad-usage", what, (0, len(given.text)) if given else None,
                        source=Source(given.text) if given else None,
                        hint='for example: gradcli "(x+y)*z" x=-2 y=5 z=-4')  # fmt: skip
    expression = expressions[0]
    bound = [w for w in words if w is not expression]
    declared = frozenset(canonical(w.name) for w in bound)
    values = _values(bound, limits)
    if expression.text.endswith(".grad"):
        return _from_worksheet(expression.text, values, limits)
    source = Source(_stdin(limits), "standard input") if expression.text == "-" else Source(expression.text)
    return read(source, declared, limits, arrays=arrays_in(values), latex=latex), values or None


def arrays_in(values: Mapping[str, Value]) -> frozenset[str]:
    """Return the canonical names of the values that are vectors or matrices."""
    return frozenset(canonical(name) for name, value in values.items() if not isinstance(value, float))


def _values(bound: list[_Word], limits: Limits) -> dict[str, Value]:
    values: dict[str, Value] = {}
    keys: set[str] = set()
    for word in bound:
        source, span = Source(word.text), (0, len(word.text))
        if canonical(word.name) in keys:
            raise GradError("bound-twice", f"{word.name} is given two values", span, source=source)
        keys.add(canonical(word.name))
        values[word.name] = read_value(source, word.start, limits)
    return values


def read_value(source: Source, start: int, limits: Limits) -> Value:
    """Return the value that stands in a text from start on: a constant expression, or @file."""
    text = source.text[start:].strip()
    span = (start, len(source.text))
    limits.check("text", len(source.text), "characters", None, source)
    if text.startswith("@"):
        return load(text[1:], source, span, limits)
    if not text:
        raise GradError("not-a-number", "there is no value here", (start, start + 1), source=source)
    return parse_value(source, limits, start)


def _stdin(limits: Limits) -> str:
    if sys.stdin is None or sys.stdin.closed:
        raise GradError("cannot-read", "there is no standard input")
    if sys.stdin.isatty():
        print("reading the expression from the terminal; end it with Ctrl-D", file=sys.stderr)
    return _decoded(sys.stdin.buffer.read(4 * limits.text + 4), "standard input")


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise GradError("not-text", f"{name} is not UTF-8 text (byte {problem.start})") from None


def _from_worksheet(path: str, values: dict[str, Value], limits: Limits) -> tuple[Program, dict[str, Value] | None]:
    """Read a worksheet; values on the command line replace those in it."""
    try:
        with open(path, "rb") as file:
            data = file.read(4 * limits.text + 4)
    except OSError as problem:
        raise GradError("cannot-read", f"cannot read {path}: {problem.strerror or problem}") from None
    sheet = read_worksheet(Source(_decoded(data, path), path), limits, frozenset(map(canonical, values)))
    given = {canonical(name) for name in values}
    merged = dict(values)
    for name, (start, end) in sheet.at.items():
        if canonical(name) not in given:
            merged[name] = parse_value(sheet.source, limits, start, end)
    return sheet.program, merged or None
