"""JSON and TOML as they were written: every value with its digits and its place in the text, and no key forgotten.

Python's own reader of JSON gives no places, keeps the last of two equal keys, and recurses; so JSON is read here, with a stack.
"""

from __future__ import annotations

import re
from io import BytesIO, StringIO
from typing import Any, NamedTuple

from gradcli.errors import GradError, Source, reason
from gradcli.limits import Limits
from gradcli.wording import recognised, said

TEXT, NUMBER, LIST, TABLE, WORD = "text", "number", "list", "table", "word"


class Node(NamedTuple):
    """A value of a document: a text, a number as it is written, a list, a table as its keys and values, or a word such as null.

    ``start`` is where it stands; -1 where that is not known.
    """

    kind: str
    value: Any
    start: int
    end: int


# ---- JSON ---------------------------------------------------------------------------------------------------

_TOKEN = re.compile(
    r"""[ \t\n\r]*(?:
        (?P<sign>[{}\[\],:])
      | (?P<text>"[^"\\\x00-\x1f]*(?:\\.[^"\\\x00-\x1f]*)*")
      | (?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)(?![\w.+-])
      | (?P<word>true|false|null|NaN|-?Infinity)\b
    )""",
    re.VERBOSE,
)
# A key with a text or a number behind it, and the sign behind that: nearly all of a document is made of these.
_MEMBER = re.compile(
    r"""[ \t\n\r]*"([^"\\\x00-\x1f]*)"[ \t\n\r]*:[ \t\n\r]*
        (?:"([^"\\\x00-\x1f]*)"|(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?))[ \t\n\r]*([,}])""",
    re.VERBOSE,
)
_INK = re.compile(r"[^ \t\n\r]")
_CLOSES = {"]": LIST, "}": TABLE}


class _Open(NamedTuple):
    """A list or a table that is not closed yet."""

    kind: str
    items: list[Any]
    start: int


def read_json(text: str, name: str, limits: Limits) -> Node:
    """Return a JSON text as nodes.

    Raises:
        GradError: where it is none; the span is the place.

    """
    source = Source(text, name)
    stack: list[_Open] = []
    keys: list[str] = []
    position, state = 0, "value"
    while True:
        if state in ("first", "key") and (member := _MEMBER.match(text, position)):
            name, given, number, sign = member.groups()
            start, end = member.span(2 if number is None else 3)
            stack[-1].items.append((name, Node(TEXT, given, start - 1, end + 1) if number is None else Node(NUMBER, number, start, end)))
            state, position = ("key", member.end()) if sign == "," else ("after", member.end() - 1)
            continue
        found = _TOKEN.match(text, position)
        if found is None:
            at = _behind_space(text, position)
            what = said("this is no JSON") if at < len(text) else said("the JSON ends too early")
            raise GradError("syntax", what, (at, at + 1), source=source)
        kind = found.lastgroup or ""
        written, start, position = found[kind], found.start(kind), found.end()
        node: Node | None = None
        if state in ("value", "item") and kind != "sign":
            node = Node(kind, _unescaped(written, start, source) if kind == TEXT else written, start, position)
        elif state in ("value", "item") and written in "[{":
            stack.append(_Open(LIST if written == "[" else TABLE, [], start))
            limits.check("depth", len(stack), said("lists and tables inside one another"), (start, position), source)
            state = "item" if written == "[" else "first"
            continue
        elif state in ("first", "key") and kind == TEXT:
            keys.append(_unescaped(written, start, source))
            state = "colon"
            continue
        elif (state, written) == ("colon", ":"):
            state = "value"
            continue
        elif (state, written) == ("after", ","):
            state = "value" if stack[-1].kind == LIST else "key"
            continue
        elif written in _CLOSES and state in ("after", "item", "first") and stack[-1].kind == _CLOSES[written]:
            done = stack.pop()
            node = Node(done.kind, done.items, done.start, position)
        if node is None:
            raise GradError("syntax", said("{0} cannot stand here", written), (start, position), source=source)
        if not stack:
            if (rest := _behind_space(text, position)) < len(text):
                raise GradError("syntax", said("something stands behind the end of the JSON"), (rest, rest + 1), source=source)
            return node
        stack[-1].items.append(node if stack[-1].kind == LIST else (keys.pop(), node))
        state = "after"


def _behind_space(text: str, position: int) -> int:
    found = _INK.search(text, position)
    return found.start() if found else len(text)


def _unescaped(written: str, start: int, source: Source) -> str:
    if "\\" not in written:
        return written[1:-1]
    import json

    try:
        return str(json.load(StringIO(written)))
    except ValueError:
        raise GradError("syntax", said("this is no JSON"), (start, start + len(written)), source=source) from None


# ---- TOML ---------------------------------------------------------------------------------------------------

_NAME = r"(?:\"(?:[^\"\\]|\\.)*\"|'[^']*'|[\w-]+)"
_HEADER = re.compile(rf"[ \t]*(\[\[?)[ \t]*({_NAME}(?:[ \t]*\.[ \t]*{_NAME})*)[ \t]*\]")
_KEY = re.compile(rf"[ \t]*({_NAME}(?:[ \t]*\.[ \t]*{_NAME})*)[ \t]*=")
_MOST_TABLES = 64  # one inside another: the reader of the library recurses
_LONG = re.compile(rf"(?<![\w\"'\\-])(?:{_NAME}[ \t]*\.[ \t]*){{{_MOST_TABLES}}}")
_AT_LINE = (said("{0} (at line {1}, column {2})"), said("{0} (at end of document)"))

Path = tuple[str | int, ...]


class _Number(str):
    """A number of a TOML text, with the digits it was written with."""


def read_toml(text: str, name: str, limits: Limits) -> Node:
    """Return a TOML text as nodes; the library that reads it tells no places, so that they are looked for line by line.

    Raises:
        GradError: where it is none; the span is the place, as far as it is known.

    """
    import tomllib

    source = Source(text, name)
    if found := _LONG.search(text):  # the library takes time that grows with the square of them
        raise GradError("too-deep", said("too many names in a row, parted by dots"), found.span(), source=source)
    try:
        data = tomllib.load(BytesIO(text.encode()), parse_float=_Number)
    except (ValueError, RecursionError) as problem:
        message = said("too many brackets") if isinstance(problem, RecursionError) else recognised(reason(problem), _AT_LINE)
        found = re.search(r"at line (\d+)", str(problem))
        start = sum(len(line) + 1 for line in text.split("\n")[: int(found[1]) - 1]) if found else len(text.rstrip())
        raise GradError("syntax", said("this is no TOML: {0}", message), (start, start + 1), source=source) from None
    return _node(data, (), _places(text), -1)


def _places(text: str) -> dict[Path, int]:
    """Return where the value of each key begins."""
    places: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    start = 0
    for line in text.split("\n"):
        if found := _HEADER.match(line):
            table = ()
            names = _names(found[2])
            for depth, part in enumerate(names, 1):
                table += (part,)
                if depth == len(names) and found[1] == "[[":
                    counts[table] = counts.get(table, -1) + 1
                if table in counts:
                    table += (counts[table],)
            places.setdefault(table, start)
        elif found := _KEY.match(line):
            places.setdefault(table + tuple(_names(found[1])), start + found.end())
        start += len(line) + 1
    return places


def _names(written: str) -> list[str]:
    return [part[1:-1] if part[0] in "\"'" else part for part in re.findall(_NAME, written)]


def _node(value: object, path: Path, places: dict[Path, int], above: int) -> Node:
    start = places.get(path, above)
    if len(path) > _MOST_TABLES:
        raise GradError("too-deep", said("too many brackets"))
    if isinstance(value, dict):
        return Node(TABLE, [(str(key), _node(item, (*path, key), places, start)) for key, item in value.items()], start, -1)
    if isinstance(value, list):
        items = [_node(item, (*path, number), places, start) for number, item in enumerate(value)]
        return Node(LIST, items, start, -1)
    if isinstance(value, _Number) and value.lstrip("+-") != "nan":
        kind, written = NUMBER, value.replace("_", "")
    elif isinstance(value, int) and not isinstance(value, bool):
        kind, written = NUMBER, str(value)
    elif isinstance(value, str) and not isinstance(value, _Number):
        kind, written = TEXT, value
    else:
        kind, written = WORD, str(value).lower()
    return Node(kind, written, start, -1)
