"""Results as Parquet and Arrow: a part travels as a stream of Arrow, and the library of tables puts the parts into one file.

The file is written in one place, in the order of the parts, so its bytes do not depend on who made which part.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from math import prod
from typing import TYPE_CHECKING, Any

from gradcli.batch.extra import needed, polars
from gradcli.batch.records import Output, Results
from gradcli.batch.results.typed import kept
from gradcli.batch.results.writer import STATUS, Joined, Writer, positive_zeros

if TYPE_CHECKING:
    from gradcli.batch.records import Floats


class Columnar(Writer):
    """Writes typed columns, in Parquet a row group for each part, in Arrow a record batch; an array is a list in one column."""

    binary, flat = True, False

    def __init__(self, form: str, outputs: list[Output], kept: list[str], status: bool) -> None:
        super().__init__(outputs, kept, status)
        self.form = form
        needed(form)

    def header(self) -> bytes:
        """Return nothing: a part says itself what its columns are."""
        return b""

    def empty(self) -> bytes:
        """Return a part without rows."""
        import numpy as np

        return self.render(Results({name: [] for name in self.kept}, [np.empty((*o.shape, 0)) for o in self.outputs], []))

    def render(self, results: Results) -> bytes:
        """Return a part as a stream of Arrow."""
        import pyarrow as pa

        columns = [_kept(name, results.kept[name]) for name in self.kept]
        columns += [_column(positive_zeros(numbers)) for numbers in results.outputs]
        if self.status and results.statuses is not None:
            columns.append(pa.array(results.statuses, pa.large_string()))
        names = [*self.kept, *self.names, *([STATUS] if self.status else [])]
        batch, file = pa.record_batch(columns, names), BytesIO()
        with pa.ipc.new_stream(file, batch.schema) as stream:
            stream.write_batch(batch)
        return file.getvalue()

    def joined(self) -> Joined:
        return _File(self)


def _column(numbers: Floats) -> Any:
    """Return an output, whose rows are on the last axis, as a column of numbers or lists."""
    import numpy as np
    import pyarrow as pa

    rows = numbers.transpose(-1, *range(numbers.ndim - 1))
    column = pa.array(rows.reshape(-1))
    for axis in range(rows.ndim - 1, 0, -1):
        ends = np.arange(prod(rows.shape[:axis]) + 1, dtype=np.int64) * rows.shape[axis]
        column = pa.LargeListArray.from_arrays(ends, column)
    return column


def _kept(name: str, column: Sequence[Any]) -> Any:
    """Return a column that is copied: one of a typed table keeps its kind."""
    return kept(polars(), name, column).rechunk().to_arrow()


class _File(Joined):
    """A file that the library writes, and that is fetched from it piece by piece."""

    def __init__(self, writer: Columnar) -> None:
        self.writer, self.tray = writer, _Tray()
        self.file: Any = None

    def add(self, payload: bytes) -> bytes:
        """Return what the file gets next when it gets a part."""
        import pyarrow as pa

        table = pa.ipc.open_stream(payload).read_all()
        self.file = self.file or self._begun(table.schema)
        if table.num_rows:
            self.file.write_table(table, table.num_rows)
        return self.tray.taken()

    def ending(self) -> bytes:
        """Return what stands behind the last part."""
        begun = b"" if self.file else self.add(self.writer.empty())
        self.file.close()
        return begun + self.tray.taken()

    def _begun(self, schema: Any) -> Any:
        import pyarrow as pa

        if self.writer.form == "arrow":
            return pa.ipc.new_file(self.tray, schema)
        from pyarrow import parquet

        words = [field.name for field in schema if not pa.types.is_floating(field.type)]  # floats seldom repeat
        return parquet.ParquetWriter(self.tray, schema, compression="zstd", use_dictionary=words)


class _Tray:
    """Where the library puts bytes, and we take them from. Its end is not that of the file: a run that fails just leaves it."""

    closed = False

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._place = 0

    def write(self, data: bytes) -> None:
        self._pieces.append(data)
        self._place += len(data)

    def tell(self) -> int:
        return self._place

    def flush(self) -> None:
        """Nothing is held back."""

    def taken(self) -> bytes:
        """Return what was put here since the last time."""
        data = b"".join(self._pieces)
        self._pieces.clear()
        return data
