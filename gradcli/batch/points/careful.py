"""CSV and TSV row by row: slow, and the judge of what a row is. Every row gives its numbers or a reason, with its line and byte."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import islice

from gradcli.batch.points.gathered import Gathered, UnreadableError
from gradcli.batch.points.layout import Layout
from gradcli.batch.points.numbers import NUMBER, as_text, number, wrong
from gradcli.batch.points.quoting import Quoting, bare, complete, line_end
from gradcli.batch.records import Read, Reject
from gradcli.wording import said

_FIRST = 100  # rows that tell which columns hold numbers


class Careful:
    """Reads rows of a table with these columns."""

    def __init__(self, columns: Sequence[str], quoting: Quoting, longest: int, sample: bytes) -> None:
        self.columns, self.quoting, self.longest = columns, quoting, longest
        self.numeric: frozenset[int] = frozenset()
        self.numeric = self.numeric_in(sample)

    def read(self, text: bytes, layout: Layout) -> Read:
        """Return all rows of a text."""
        data, gathered, line = complete(text), Gathered(layout), 1
        for start, end in self.records(data):
            self.row(data[start:end], line, start, layout, gathered)
            line += data.count(b"\n", start, end)
        return gathered.read(line - 1)

    def records(self, data: bytes) -> Iterator[tuple[int, int]]:
        """Yield where each record begins and ends; blank lines are yielded too.

        A record over several lines is none if a column of numbers would have a line end in it: then it is read again, line by line.
        """
        start, stop = 0, len(data)
        while start < len(data):
            end = line_end(data, start)
            stop = stop if start < stop else len(data)
            if data.find(b'"', start, end) >= 0:
                whole = self.quoting.end(data, start, min(stop, start + self.longest))
                if whole > end and self._broken(data[start:whole]):
                    stop = whole
                else:
                    end = whole or end
            yield start, end
            start = end

    def _broken(self, record: bytes) -> bool:
        cells = self.quoting.split(bare(record))
        return any(b"\n" in cells[place] for place in self.numeric)

    def numeric_in(self, sample: bytes) -> frozenset[int]:
        """Return the columns that hold nothing but numbers in the first rows."""
        rows = [bare(sample[start:end]) for start, end in islice(self.records(sample), _FIRST)]
        table = [cells for row in rows if len(cells := self.quoting.split(row)) == len(self.columns)]
        return frozenset(place for place, column in enumerate(zip(*table)) if all(map(NUMBER.fullmatch, column)))

    def row(self, record: bytes, line: int, byte: int, layout: Layout, gathered: Gathered) -> None:
        """Take one record: its numbers, or why there are none; nothing of a blank line."""
        row = bare(record)
        if not row.strip(b" "):
            return
        kept = [""] * len(layout.kept)
        try:
            cells = self._cells(row)
            kept = [cells[place].decode() for place in layout.kept.values()]
            gathered.add([self._number(cells[place], place) for place in layout.numbers], kept)
        except UnicodeDecodeError:
            problem = said("a cell that is copied is not UTF-8")
        except UnreadableError as unread:
            [problem] = unread.args
        else:
            return
        gathered.refuse(Reject(line, byte, problem, as_text(row)), kept)

    def _cells(self, row: bytes) -> list[bytes]:
        """Return the cells of a row, as many as the header has."""
        if len(row) >= self.longest:
            raise UnreadableError(said("a row of more than {0} bytes", self.longest))
        if b'"' in row and not self.quoting.end(row + b"\n", 0, len(row) + 1):
            self._check_quotes(row)
        cells = self.quoting.split(row)
        if len(cells) != len(self.columns):
            raise UnreadableError(said("{0} cells where the header has {1}", len(cells), len(self.columns)))
        return cells

    def _number(self, cell: bytes, place: int) -> float:
        value = number(cell)
        if not math.isfinite(value):
            raise UnreadableError(wrong(self.columns[place], cell))
        return value

    def _check_quotes(self, row: bytes) -> None:
        """Say what is wrong with the quotes of a row, if it is that."""
        separator, start = self.quoting.separator, 0
        while 0 <= start <= len(row):
            if row[start : start + 1] == b'"':
                end = closing(row, start)
                if not end:
                    raise UnreadableError(said("a quote is never closed"))
                if row[end : end + 1] not in (separator, b""):
                    raise UnreadableError(said("there is text behind a closing quote"))
                start = end + 1
            else:
                start = row.find(separator, start) + 1 or -1


def closing(row: bytes, start: int) -> int:
    """Return the place behind the quote that closes one; 0 if none does."""
    end = start + 1
    while (end := row.find(b'"', end)) >= 0:
        if row[end + 1 : end + 2] != b'"':
            return end + 1
        end += 2
    return 0
