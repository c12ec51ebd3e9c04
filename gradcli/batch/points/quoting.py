"""Where a record of CSV or TSV ends, and its cells.

    "a cell with , or a line end or "" in it",plain,5" wide

A record is as many cells as the header has, up to a line end; a cell in quotes may hold separators, line ends and doubled quotes.
What is no record is one line: a quote that is never closed, text behind a closing quote, too few cells cost that line alone, and
reading goes on with the next. Lines end with LF or CRLF.
"""

from __future__ import annotations

import re
from functools import lru_cache

LONGEST = 1 << 20  # bytes of a record: a quote that is open for longer is never closed
_QUOTED = rb'"(?:[^"]++|"")*+"'


class Quoting:
    """The records of a table with a separator and so many cells a row; without a number of cells, any."""

    def __init__(self, separator: bytes, cells: int | None = None) -> None:
        self.separator, self.cells = separator, cells
        self._record, self._cell = _patterns(separator, cells)

    def end(self, data: bytes | bytearray, start: int, stop: int) -> int:
        """Return where the record ends that begins at start, behind its line end; 0 if there is none before stop."""
        found = self._record.match(data, start, stop)
        return found.end() if found else 0

    def split(self, record: bytes) -> list[bytes]:
        """Return the cells of a record without its line end, quotes taken off."""
        if b'"' not in record:
            return record.split(self.separator)
        return [cell[1:-1].replace(b'""', b'"') if cell[:1] == b'"' else cell for cell in self._cell.findall(self.separator + record)]


@lru_cache(maxsize=16)
def _patterns(separator: bytes, cells: int | None) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    mark = re.escape(separator)
    cell = _QUOTED + rb"|[^\"\n" + mark + rb"][^\n" + mark + rb"]*+|"
    count = b"*+" if cells is None else b"{%d}+" % (cells - 1)
    record = rb"(?>" + cell + rb")(?:" + mark + rb"(?>" + cell + rb"))" + count + rb"\r?\n"
    return re.compile(record), re.compile(mark + rb"(" + cell + rb")")


def complete(data: bytes) -> bytes:
    """Return text whose last line has its end."""
    return data if data.endswith(b"\n") or not data else data + b"\n"


def line_end(data: bytes | bytearray, start: int, stop: int | None = None) -> int:
    """Return the place behind the end of a line."""
    stop = len(data) if stop is None else stop
    return data.find(b"\n", start, stop) + 1 or stop


def bare(line: bytes) -> bytes:
    """Return a line or a record without its line end."""
    return line.removesuffix(b"\n").removesuffix(b"\r")
