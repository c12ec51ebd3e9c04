"""Parquet and Arrow files: a part is a row group, or a piece of one; or so many rows."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

from gradcli.batch.points.columnar import Columnar, shortest
from gradcli.batch.points.files import Place
from gradcli.batch.points.pieces import Pieces
from gradcli.batch.records import Part
from gradcli.wording import said

_PARQUET_ROWS = 65_536  # in a part: the sooner the first is done, the sooner it is written
_ARROW_ROWS = 131_072  # a smaller part costs more to open than to read
_BUFFER = 1 << 20  # bytes of a column that are read at once


class Parquet(Columnar):
    """A table in Parquet."""

    form = "parquet"

    def __init__(self, place: Place, size: int | None = None) -> None:
        self.size, self._pieces = size or _PARQUET_ROWS, Pieces()
        super().__init__(place)

    def _schema(self) -> Any:
        from pyarrow import parquet

        with self.place.open() as file:
            table = parquet.ParquetFile(file)
            self.index = table.metadata
            schema = table.schema_arrow
        self.groups = [self.index.row_group(number).num_rows for number in range(self.index.num_row_groups)]
        if min(self.groups, default=0) < 0 or sum(self.groups) != self.index.num_rows:
            raise ValueError(said("its row groups have not as many rows as it says"))
        return schema

    def _table(self, start: int, size: int, names: Sequence[str]) -> Any:
        import pyarrow as pa

        ends = list(accumulate(self.groups))
        group = bisect_right(ends, start)
        if group == len(ends):
            return self.kinds.empty_table().select(names)
        self.place.open().close()
        piece = (start - ends[group] + self.groups[group]) // self.size
        found = self._pieces.taken((group, *names), piece, -(-self.groups[group] // self.size), lambda: self._batches(group, names))
        schema = pa.schema([self.kinds.field(name) for name in names])
        return pa.Table.from_batches([found] if found else [], schema).slice(0, size)

    def _batches(self, group: int, names: Sequence[str]) -> Iterator[Any]:
        """Yield a row group in pieces."""
        from pyarrow import parquet

        with self.place.open() as file:
            table = parquet.ParquetFile(file, metadata=self.index, buffer_size=_BUFFER)
            yield from table.iter_batches(self.size, row_groups=[group], columns=names, use_threads=False)

    @property
    def extent(self) -> int:
        """The rows of all groups."""
        return sum(self.groups)

    def parts(self) -> Iterator[Part]:
        """Yield the parts: row groups, or pieces of one."""
        number = start = 0
        for rows in self.groups:
            for first in range(0, rows, self.size):
                yield Part(number, start + first, start + min(first + self.size, rows))
                number += 1
            start += rows


class Arrow(Columnar):
    """A table in Arrow's file format."""

    form = "arrow"

    def __init__(self, place: Place, size: int | None = None) -> None:
        self.size = size or _ARROW_ROWS
        super().__init__(place)

    def _schema(self) -> Any:
        with self._opened() as file:
            schema = file.schema
        with self._opened(shortest(schema)) as file:
            batches = [file.get_batch(number) for number in range(file.num_record_batches)]
        for batch in batches:
            batch.validate(full=True)
        self.ends: list[int] = list(accumulate(batch.num_rows for batch in batches))
        return schema

    def _opened(self, columns: Sequence[int] = ()) -> Any:
        import pyarrow as pa

        self.place.open().close()
        options = pa.ipc.IpcReadOptions(included_fields=list(columns), use_threads=False)
        return pa.ipc.open_file(pa.memory_map(self.place.path), options=options)

    def _table(self, start: int, size: int, names: Sequence[str]) -> Any:
        import pyarrow as pa

        first, last = bisect_right(self.ends, start), bisect_right(self.ends, start + size - 1)
        with self._opened(self._places(names)) as file:
            batches = [file.get_batch(number) for number in range(first, min(last + 1, len(self.ends)))]
            table = pa.Table.from_batches(batches, file.schema)
            return table.slice(start - (self.ends[first - 1] if first else 0), size).select(names)

    @property
    def extent(self) -> int:
        """The rows."""
        return self.ends[-1] if self.ends else 0

    def parts(self) -> Iterator[Part]:
        """Yield the parts: so many rows each."""
        for number, start in enumerate(range(0, self.extent, self.size)):
            yield Part(number, start, min(start + self.size, self.extent))
