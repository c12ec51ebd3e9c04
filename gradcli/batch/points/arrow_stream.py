"""Arrow's stream format: messages one after another, a part each, so that a pipe is read without an end in sight."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from gradcli.batch.extra import needed
from gradcli.batch.points.columnar import Columnar, brief, failures, shortest
from gradcli.batch.points.files import Place
from gradcli.batch.points.points import Points
from gradcli.batch.records import Part
from gradcli.wording import said

_ROWS = "record batch"


class ArrowStream(Columnar):
    """A table in Arrow's stream format. A record batch is read whole."""

    form = "arrow"

    def __init__(self, place: Place) -> None:
        Points.__init__(self, place)
        needed(self.form)
        self._describe()

    def _schema(self) -> Any:
        """Read up to the first rows; what stands before them goes with every part."""
        import pyarrow as pa

        self.read_on, self.head, self.prefix = self._messages(), list[Any](), b""
        for message in self.read_on:
            self.head.append(message)
            if message.type == _ROWS:
                break
            self.prefix += _bytes(message)
        return pa.ipc.open_stream(self.prefix).schema

    def _messages(self) -> Iterator[Any]:
        """Yield the messages from the first."""
        import pyarrow as pa

        with pa.PythonFile(self.place.stream or self.place.open(), "r") as file:
            yield from pa.ipc.MessageReader.open_stream(file)

    def _batch(self, message: bytes, columns: Sequence[int]) -> Any:
        import pyarrow as pa

        options = pa.ipc.IpcReadOptions(included_fields=list(columns), use_threads=False)
        return pa.ipc.open_stream(self.prefix + message, options=options).read_all()

    def _table(self, start: int, size: int, names: Sequence[str]) -> Any:
        first = b"".join(_bytes(message) for message in self.head if message.type == _ROWS)
        return self._batch(first, self._places(names)).slice(start, size)

    def _data(self, part: Part) -> bytes:
        return self.place.bytes_of(part.start, part.end - part.start) if part.data is None else part.data

    def _whole(self, part: Part, names: Sequence[str]) -> Any:
        return self._batch(self._data(part), self._places(names)).select(names)

    def _size(self, part: Part) -> int:
        """Return how many rows a record batch has, by the shortest column; one, if that is damaged too."""
        try:
            table = self._batch(self._data(part), shortest(self.kinds))
            table.validate(full=True)
        except failures():
            return 1
        return int(table.num_rows)

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "read_on": None, "head": []}

    def parts(self) -> Iterator[Part]:
        """Yield the record batches."""
        with_bytes = self.place.stream is not None
        start = number = 0
        try:
            for message in chain(self.head, self.read_on) if with_bytes else self._messages():
                data = _bytes(message)
                if message.type == _ROWS:
                    yield Part(number, start, start + len(data), data if with_bytes else None)
                    number += 1
                elif number:
                    raise self.broken(said("its dictionaries change on the way; save it in Arrow's file format"))
                start += len(data)
        except failures() as problem:
            raise self.broken(said("it cannot be read as {0}: {1}", self.form, brief(problem))) from None


def _bytes(message: Any) -> bytes:
    data: bytes = message.serialize().to_pybytes()
    return data
