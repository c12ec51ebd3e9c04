"""Results as Parquet and Arrow: each part is a whole small file, and an index over all of them ends the large one.

Both formats find their rows by an index at the end, and take no notice of what lies between. So parts are encoded wherever they were
computed, put one behind the other as they are, and only the index is written here. The bytes do not depend on who made which part.
"""

from __future__ import annotations

import struct
from abc import abstractmethod
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from gradcli.batch import flatbuffers
from gradcli.batch.extra import needed
from gradcli.batch.records import Output, Results
from gradcli.batch.results.writer import STATUS, Index, Writer, positive_zeros
from gradcli.batch.thrift import Field, Reader, Struct, footer, written

_PARQUET, _ARROW = b"PAR1", b"ARROW1"
_ALIGNED = 64
_BLOCK = struct.Struct("<qi4xq")  # of Arrow's footer: where a message is, how long its head and its body are


class Columnar(Writer):
    """Writes typed columns; an array is a list in one."""

    binary, flat = True, False
    form = ""

    def __init__(self, outputs: list[Output], kept: list[str], status: bool) -> None:
        super().__init__(outputs, kept, status)
        needed(self.form)

    def header(self) -> bytes:
        """Return nothing: every part is a file."""
        return b""

    def empty(self) -> bytes:
        """Return a file without rows."""
        import numpy as np

        return self.render(Results({name: [] for name in self.kept}, [np.empty((*o.shape, 0)) for o in self.outputs], []))

    def table(self, results: Results) -> Any:
        """Return rows as a frame."""
        pl = needed(self.form)
        columns = [_kept(pl, name, results.kept[name]) for name in self.kept]
        for output, numbers in zip(self.outputs, results.outputs):
            kind = pl.Float64
            rows = positive_zeros(numbers).transpose(-1, *range(numbers.ndim - 1))
            for size in reversed(rows.shape[1:]):
                kind = pl.Array(kind, size)
            series = pl.Series(output.name, rows if len(rows) else [], dtype=None if len(rows) else kind)
            columns.append(series.cast(_lists(pl, numbers.ndim - 1)))
        if self.status and results.statuses is not None:
            columns.append(pl.Series(STATUS, results.statuses, dtype=pl.String))
        return pl.DataFrame(columns)

    def render(self, results: Results) -> bytes:
        """Return a part as a file of its own."""
        file = BytesIO()
        self.write(self.table(results), file)
        return file.getvalue()

    @abstractmethod
    def write(self, table: Any, file: BytesIO) -> None:
        """Write a frame as a file."""


class ParquetFile(Columnar):
    """Writes Parquet, a row group for each part."""

    form = "parquet"

    def write(self, table: Any, file: BytesIO) -> None:
        table.write_parquet(file, compression="zstd", row_group_size=max(1, table.height))

    def index(self) -> Index:
        return ParquetIndex(self)


class ArrowFile(Columnar):
    """Writes Arrow's file format, record batches for each part."""

    form = "arrow"

    def write(self, table: Any, file: BytesIO) -> None:
        table.write_ipc(file, compression="uncompressed")
        file.write(b"\0" * (-file.tell() % _ALIGNED))

    def index(self) -> Index:
        return ArrowIndex(self)


class ParquetIndex(Index):
    """The footer of a Parquet file put together from those of its parts."""

    def __init__(self, writer: Columnar) -> None:
        self.writer, self.place, self.groups, self.rows = writer, 0, list[Struct](), 0
        self.fields: Struct = {}

    def add(self, payload: bytes) -> None:
        fields = Reader(footer(payload)).struct()
        if self.fields and written({2: self.fields[2]}) != written({2: fields[2]}):
            raise ValueError("the parts have different columns")
        self.fields = self.fields or fields
        for group in fields[4].value:
            self.groups.append(moved(group, self.place))
            self.rows += group[3].value
        self.place += len(payload)

    def ending(self) -> bytes:
        if not self.fields:
            return self.writer.empty()
        fields = {**self.fields, 3: Field(self.fields[3].kind, self.rows), 4: Field(9, self.groups, 12)}
        data = written(fields)
        return data + struct.pack("<I", len(data)) + _PARQUET


def moved(group: Struct, by: int) -> Struct:
    """Return a row group that stands so many bytes further on. Its number in the file is left out, as it has 16 bits."""
    group = {number: field for number, field in group.items() if number != 7}
    chunks = []
    for chunk in group[1].value:
        chunk = _shifted(chunk, (4, 6), by)
        if chunk[2].value:
            chunk = _shifted(chunk, (2,), by)
        chunks.append({**chunk, 3: Field(12, _shifted(chunk[3].value, (9, 10, 11, 14), by))})
    return {**_shifted(group, (5,), by), 1: Field(9, chunks, 12)}


def _shifted(fields: Struct, numbers: Sequence[int], by: int) -> Struct:
    return {**fields, **{n: Field(fields[n].kind, fields[n].value + by) for n in numbers if n in fields}}


class ArrowIndex(Index):
    """The footer of an Arrow file put together from those of its parts."""

    def __init__(self, writer: Columnar) -> None:
        self.writer, self.place, self.blocks, self.footer = writer, 0, bytearray(), b""

    def add(self, payload: bytes) -> None:
        end = payload.rindex(_ARROW)
        [size] = struct.unpack("<i", payload[end - 4 : end])
        footer = payload[end - 4 - size : end - 4]
        self.footer = self.footer or footer
        vector = _batches(footer)
        for entry in range(flatbuffers.vector_size(footer, vector)):
            place, head, body = _BLOCK.unpack_from(footer, vector + 4 + entry * _BLOCK.size)
            self.blocks += _BLOCK.pack(place + self.place, head, body)
        self.place += len(payload)

    def ending(self) -> bytes:
        if not self.footer:
            return self.writer.empty().rstrip(b"\0")  # without what aligns the next part
        data = bytearray(self.footer + b"\0" * (-(len(self.footer) + 4) % 8))  # entries are aligned behind the vector's size
        place = flatbuffers.field(self.footer, flatbuffers.root(self.footer), 3)
        struct.pack_into("<I", data, place, len(data) - place)
        data += struct.pack("<I", len(self.blocks) // _BLOCK.size) + self.blocks
        end_of_stream = b"\xff\xff\xff\xff\0\0\0\0"
        return end_of_stream + bytes(data) + struct.pack("<i", len(data)) + _ARROW


def _batches(footer: bytes) -> int:
    """Return where the vector of record batches is."""
    return flatbuffers.target(footer, flatbuffers.field(footer, flatbuffers.root(footer), 3))


def _lists(pl: Any, depth: int) -> Any:
    return pl.List(_lists(pl, depth - 1)) if depth else pl.Float64


def _kept(pl: Any, name: str, column: Sequence[Any]) -> Any:
    """Return a column that is copied: one of a typed table keeps its kind, any other is text."""
    if isinstance(column, pl.Series):
        return column.alias(name)
    from gradcli.batch.results.text import texts_of

    return pl.Series(name, texts_of(column), dtype=pl.String)
