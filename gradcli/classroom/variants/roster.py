"""A class: who is in it, from a CSV file with a column for the students, or from a plain list of names."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from unicodedata import normalize

from gradcli.errors import GradError, Source, safe
from gradcli.wording import said

_COLUMNS = ("student", "id", "name")  # where the students are; the first of these that there is
_LONGEST = 200


def read_roster(source: Source) -> list[str]:
    """Return the students of a class in order of their names: of a CSV file the column student, id or name, else one a line.

    Raises:
        GradError: for a name that occurs twice, is missing, or could not stand in a worksheet, with its line.

    """
    lines: dict[str, int] = {}
    for line, given in _names(source):
        name = normalize("NFC", " ".join(given.split()))
        what = (
            said("there is no name in this line") if not name
            else said("a name has no # and no control characters") if "#" in name or safe(name) != name
            else said("a name has at most {0} characters", _LONGEST) if len(name) > _LONGEST
            else said("{0} stands here and in line {1}", name, lines[name]) if name in lines
            else ""
        )  # fmt: skip
        if what:
            raise GradError("bad-roster", what, _place(source, line), source=source)
        lines[name] = line
    if not lines:
        raise GradError("empty-input", said("there are no students in {0}", source.name or ""))
    return sorted(lines)


def _names(source: Source) -> Iterator[tuple[int, str]]:
    """Yield the line of each student and the name there."""
    filled = [(number, line) for number, line in enumerate(source.text.splitlines(), 1) if line.strip()]
    first = filled[0][1] if filled else ""
    between = max(",;\t", key=first.count)
    header = [cell.strip().strip('"').casefold() for cell in first.split(between)]
    column = next((header.index(name) for name in _COLUMNS if name in header), -1)
    if column < 0 and between in first:
        raise GradError("bad-roster", said("there is no column student, id or name here"), _place(source, filled[0][0]), source=source)
    if column < 0:
        yield from filled
        return
    rows = csv.reader(StringIO(source.text, newline=""), delimiter=between, strict=True)
    try:
        heading = True
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            if not heading:
                yield rows.line_num, row[column] if column < len(row) else ""
            heading = False
    except csv.Error as problem:
        raise GradError("bad-roster", said("this is no CSV: {0}", str(problem)), _place(source, rows.line_num), source=source) from None


def _place(source: Source, line: int) -> tuple[int, int]:
    """Return where a line of a text stands, counted as `Source.line_at` does."""
    start = 0
    for _ in range(line - 1):
        start = source.text.find("\n", start) + 1 or start
    end = source.text.find("\n", start)
    return start, max(start + 1, len(source.text) if end < 0 else end)
