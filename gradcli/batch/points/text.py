"""CSV and TSV: a header of names, then rows of cells.

The separator of CSV is a comma, or a semicolon where the header has one and no comma; a first line ``sep=;``, as spreadsheets write it,
says it outright. A blank line is no row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gradcli.batch.points.careful import Careful
from gradcli.batch.points.fast import fast
from gradcli.batch.points.files import Place, cut, part_size
from gradcli.batch.points.layout import Layout
from gradcli.batch.points.numbers import NUMBER, as_text
from gradcli.batch.points.points import Points
from gradcli.batch.points.quoting import LONGEST, Quoting, bare, complete, line_end
from gradcli.batch.records import Part, Read, Reject
from gradcli.wording import said

CSV, TSV = "csv", "tsv"
_SEP = re.compile(rb"sep=([,;\t|])\r?\n", re.IGNORECASE)
_BOM = b"\xef\xbb\xbf"


class Lines(Points):
    """A table whose rows are lines of text."""

    start = 0  # of the first row
    size = longest = LONGEST
    quoting: Quoting | None = None

    def parts(self) -> Iterator[Part]:
        """Yield the parts, cut at the ends of records."""
        if self.place.stream is not None:
            self.place.stream.read(self.start)
            yield from cut(self.place.stream, self.start, self.size, self.quoting, True, self.longest)
            return
        with self.place.open() as file:
            file.seek(self.start)
            yield from cut(file, self.start, self.size, self.quoting, False, self.longest)

    def text_of(self, part: Part) -> bytes:
        """Return the text of a part; of a line that is too long, its beginning."""
        if part.data is not None:
            return part.data
        size = part.end - part.start
        data = self.place.bytes_of(part.start, size if size <= max(self.size, self.longest) else self.longest)
        return data

    @staticmethod
    def refused(data: bytes, records: Iterator[tuple[int, int]], reasons: dict[int, str]) -> dict[int, Reject]:
        """Return rows, which stand at these places, as rejects."""
        rejects, row, line = {}, 0, 1
        for start, end in records:
            text = bare(data[start:end])
            if not text.strip(b" "):
                line += 1
                continue
            if row in reasons:
                rejects[row] = Reject(line, start, reasons[row], as_text(text))
            row, line = row + 1, line + data.count(b"\n", start, end)
        return rejects


class Text(Lines):
    """A table in CSV or TSV."""

    def __init__(self, place: Place, form: str, size: int | None = None, longest: int = LONGEST) -> None:
        super().__init__(place)
        self.form, self.sizes, self.longest = form, {}, longest
        head = place.head()
        if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise self.broken(said("it is UTF-16; UTF-8 is wanted"))
        self.quoting = self._read_header(complete(head) if len(head) < LONGEST else head)
        self.size = size or part_size(head[self.start :])
        self._careful = Careful(self.columns, self.quoting, self.longest, complete(head[self.start :]))

    def _read_header(self, head: bytes) -> Quoting:
        """Find the separator, the columns and where the first row begins; return how the rows are written."""
        start = len(_BOM) if head.startswith(_BOM) else 0
        said_outright = _SEP.match(head, start)
        self.separator = b"\t" if self.form == TSV else b","
        if said_outright:
            self.separator, start = said_outright[1], said_outright.end()
        while start < len(head) and not bare(head[start : line_end(head, start)]).strip(b" "):
            start = line_end(head, start)
        line = bare(head[start : line_end(head, start)])
        if not line:
            raise self.broken(said("it is empty; its first line names the columns"))
        if self.form == CSV and not said_outright and b"," not in line and b";" in line:
            self.separator = b";"
        any_number = Quoting(self.separator)
        self.start = any_number.end(head, start, len(head))
        if not self.start:
            raise self.broken(said("a quote in the header is never closed") if b"\n" in head else said("its first line has no end"))
        header = bare(head[start : self.start])
        if b"\r" in header or b"\0" in header:
            raise self.broken(said("its lines end with CR alone; LF or CRLF is wanted") if b"\0" not in header else said("it is no text"))
        cells = any_number.split(header)
        if all(map(NUMBER.fullmatch, cells)):
            raise self.broken(said("its first line is numbers; it must name the columns"))
        try:
            self.columns = [cell.decode().strip() for cell in cells]
        except UnicodeDecodeError:
            raise self.broken(said("its first line is not UTF-8")) from None
        self.header_lines = head.count(b"\n", 0, self.start)
        return Quoting(self.separator, len(cells))

    def read(self, part: Part, layout: Layout) -> Read:
        """Return a part as numbers: fast where it is plain, else row by row."""
        text = self.text_of(part)
        return fast(text, layout, self._careful) or self._careful.read(text, layout)

    def rejected(self, part: Part, reasons: dict[int, str]) -> dict[int, Reject]:
        """Return rows of a part as rejects."""
        data = complete(self.text_of(part))
        return self.refused(data, self._careful.records(data), reasons)
