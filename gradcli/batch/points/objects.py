"""JSON Lines: one object a line, numbers or lists of them by name.

The first row says which columns there are, and the shapes of those with lists. Keys that no variable needs are passed over; a key that
is missing or there twice, null, a text, NaN, a list of another length is a reason not to read the row.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any

from gradcli.batch.points.files import Place, part_size
from gradcli.batch.points.gathered import Gathered, UnreadableError
from gradcli.batch.points.layout import Layout
from gradcli.batch.points.numbers import as_text
from gradcli.batch.points.quoting import LONGEST, bare, complete, line_end
from gradcli.batch.points.text import Lines
from gradcli.batch.records import Part, Read, Reject
from gradcli.limits import Limits
from gradcli.nested import leaves
from gradcli.shapes import Shape
from gradcli.wording import said

JSONL = "jsonl"
_BOM = b"\xef\xbb\xbf"
_MOST_DIGITS = 400  # of a whole number that is copied as one


class Objects(Lines):
    """A table in JSON Lines."""

    form = JSONL

    def __init__(self, place: Place, limits: Limits, size: int | None = None, longest: int = LONGEST) -> None:
        super().__init__(place)
        self.longest = longest
        head = place.head()
        self.start = len(_BOM) if head.startswith(_BOM) else 0
        data = complete(head) if len(head) < LONGEST else head
        self.columns, self.sizes = self._first(data, limits)
        self.size = size or part_size(head)

    def _first(self, data: bytes, limits: Limits) -> tuple[list[str], dict[str, Shape]]:
        """Return the keys of the first row that is an object, and the shapes of those with lists of numbers."""
        start = self.start
        while start < len(data):
            end = line_end(data, start)
            line, start = bare(data[start:end]), end
            if not line.strip():
                continue
            try:
                row = parsed(line)
            except UnreadableError:
                continue
            sizes = {name: shape for name, cell in row.items() if (shape := shape_of(cell))}
            for name, shape in sizes.items():
                limits.check("elements", math.prod(shape), said("entries in {0}", name))
            return list(row), sizes
        raise self.broken(said("none of its first lines is a JSON object"))

    def read(self, part: Part, layout: Layout) -> Read:
        """Return a part as numbers, row by row."""
        data, gathered, line = complete(self.text_of(part)), Gathered(layout), 0
        for line, (start, end) in enumerate(lines(data), 1):
            text = bare(data[start:end])
            if text.strip(b" "):
                self._row(text, line, start, layout, gathered)
        return gathered.read(line)

    def rejected(self, part: Part, reasons: dict[int, str]) -> dict[int, Reject]:
        """Return rows of a part as rejects."""
        data = complete(self.text_of(part))
        return self.refused(data, lines(data), reasons)

    def _row(self, text: bytes, line: int, byte: int, layout: Layout, gathered: Gathered) -> None:
        kept: Sequence[Any] = [None] * len(layout.kept)
        try:
            if len(text) >= self.longest:
                raise UnreadableError(said("a row of more than {0} bytes", self.longest))
            row = parsed(text)
            kept = [row.get(self.columns[place]) for place in layout.kept.values()]
            numbers: list[float] = []
            for source in layout.sources.values():
                for place in source.places:
                    name = self.columns[place]
                    if name not in row:
                        raise UnreadableError(said("there is no {0}", name))
                    numbers += entries(name, row[name], source.shape if source.nested else ())
            gathered.add(numbers, kept)
        except UnreadableError as unread:
            gathered.refuse(Reject(line, byte, unread.args[0], as_text(text)), kept)


def lines(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield where each line begins and ends."""
    start = 0
    while start < len(data):
        end = line_end(data, start)
        yield start, end
        start = end


def parsed(line: bytes) -> dict[str, Any]:
    """Return the object in a line."""
    try:
        found = _DECODER.decode(line.decode())
        if b"\\ud" in line.lower():  # half of a surrogate pair, which no text can hold
            as_json(found).encode()
    except UnicodeError:
        raise UnreadableError(said("it is not UTF-8")) from None
    except RecursionError:
        raise UnreadableError(said("it is nested too deeply")) from None
    except ValueError as problem:
        raise UnreadableError(said("it is no JSON: {0}", str(problem))) from None
    if not isinstance(found, dict):
        raise UnreadableError(said("it is no JSON object"))
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise UnreadableError(said("{0} is there twice", next(name for name in names if names.count(name) > 1)))
    return found


def _refused(word: str) -> float:
    raise UnreadableError(said("{0} is not a number", word))


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) < _MOST_DIGITS else float(digits)


_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_refused, parse_int=_whole)


def shape_of(cell: Any) -> Shape:
    """Return the shape of a list of numbers, or of lists of them of one length; () for anything else."""
    if not isinstance(cell, list) or not cell:
        return ()
    if all(map(_is_number, cell)):
        return (len(cell),)
    same = all(isinstance(row, list) and len(row) == len(cell[0]) and all(map(_is_number, row)) for row in cell)
    return (len(cell), len(cell[0])) if same and cell[0] else ()


def _is_number(cell: Any) -> bool:
    return isinstance(cell, (int, float)) and not isinstance(cell, bool)


def _as_float(cell: Any) -> float:
    """Return the number in a cell; nan if it is none, and inf if it is a whole number beyond every float64."""
    try:
        return float(cell) if _is_number(cell) else math.nan
    except OverflowError:
        return math.inf


def entries(name: str, cell: Any, shape: Shape) -> list[float]:
    """Return the numbers in a cell, which has this shape."""
    if shape and shape_of(cell) != shape:
        size = "×".join(map(str, shape))
        raise UnreadableError(said("column {0}: it is not a list of {1} numbers", name, size))
    numbers = leaves(cell) if shape else [cell]
    found = []
    for number in numbers:
        value = _as_float(number)
        if math.isnan(value):
            raise UnreadableError(said("column {0}: {1} is not a number", name, as_json(number)[:40]))
        if not math.isfinite(value):
            raise UnreadableError(said("column {0}: {1} is too large for a float64", name, as_json(number)[:40]))
        found.append(value)
    return found


def as_json(found: Any) -> str:
    """Return something as JSON in one line."""
    return _DUMP.encode(found)


_DUMP = json.JSONEncoder(ensure_ascii=False, default=str)
