"""Parquet and Arrow files: a part is a row group, or a piece of one; or so many rows."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

from gradcli.batch.points import pages
from gradcli.batch.points.columnar import MOST_ROWS, Columnar
from gradcli.batch.points.files import Place
from gradcli.batch.records import Part
from gradcli.batch.thrift import Reader, Struct, footer
from gradcli.wording import said

_PARQUET_ROWS = 262_144  # in a part: of a larger row group, each piece costs what stands before it in the group
_ARROW_ROWS = 131_072  # a smaller part costs more to open than to read


class Parquet(Columnar):
    """A table in Parquet."""

    form = "parquet"

    def __init__(self, place: Place, size: int | None = None) -> None:
        self.size = size or _PARQUET_ROWS
        super().__init__(place)

    def _schema(self) -> dict[str, Any]:
        self.groups, self.index = self._footer()
        return dict(self.library.read_parquet_schema(self.place.path))

    def _footer(self) -> tuple[list[int], list[Struct]]:
        """Return how many rows each row group has, and what the index says of it."""
        size = self.place.stamp.size if self.place.stamp else 0
        tail = self.place.bytes_of(max(0, size - 8), 8)
        length = int.from_bytes(tail[:4], "little") + 8
        fields = Reader(footer(self.place.bytes_of(max(0, size - length), length))).struct()
        try:
            rows = [int(group[3].value) for group in fields[4].value]
            total = int(fields[3].value)
        except (KeyError, TypeError, AttributeError):
            raise ValueError(said("its index is damaged")) from None
        if min(rows, default=0) < 0 or sum(rows) != total:
            raise ValueError(said("its row groups have not as many rows as it says"))
        return rows, fields[4].value

    def _rows(self, start: int, size: int, names: Sequence[str]) -> Any:
        self._check(start, names)
        table = self.library.scan_parquet(self.place.path, glob=False, hive_partitioning=False)
        return table.slice(start, size).select(names).collect()

    def _check(self, start: int, names: Sequence[str]) -> None:
        """See that the pages from which a part is read are whole."""
        place = bisect_right(list(accumulate(self.groups)), start)
        if place == len(self.groups):
            return
        with self.place.open() as file:
            def read(start: int, size: int) -> bytes:
                file.seek(start)
                return file.read(size)

            try:
                pages.check(self.index[place], names, read)
            except (KeyError, TypeError, AttributeError):
                raise ValueError(said("its index is damaged")) from None

    @property
    def extent(self) -> int:
        """The rows of all groups."""
        return sum(self.groups)

    def parts(self) -> Iterator[Part]:
        """Yield the parts: row groups, or pieces of one."""
        number = start = 0
        for rows in self.groups:
            pieces = -(-rows // self.size)
            for piece in range(pieces):
                end = start + rows * (piece + 1) // pieces - rows * piece // pieces
                yield Part(number, start, end)
                number, start = number + 1, end


class Arrow(Columnar):
    """A table in Arrow's file format."""

    form = "arrow"

    def __init__(self, place: Place, size: int | None = None) -> None:
        self.size = size or _ARROW_ROWS
        super().__init__(place)

    def _schema(self) -> dict[str, Any]:
        self.height = int(self._scan().select(self.library.len()).collect().item())
        if self.height > MOST_ROWS * (self.bytes or 0):
            raise ValueError(said("its index speaks of more rows than it can hold"))
        return dict(self.library.read_ipc_schema(self.place.path))

    def _scan(self) -> Any:
        return self.library.scan_ipc(self.place.path, glob=False, hive_partitioning=False)

    def _rows(self, start: int, size: int, names: Sequence[str]) -> Any:
        return self._scan().slice(start, size).select(names).collect()

    @property
    def extent(self) -> int:
        """The rows."""
        return self.height

    def parts(self) -> Iterator[Part]:
        """Yield the parts: so many rows each."""
        for number, start in enumerate(range(0, self.height, self.size)):
            yield Part(number, start, min(start + self.size, self.height))
