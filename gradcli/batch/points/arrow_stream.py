"""Arrow's stream format: messages one after another, a part each, so that a pipe is read without an end in sight."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO, FileIO
from typing import Any, BinaryIO, NamedTuple

from gradcli.batch import flatbuffers
from gradcli.batch.extra import needed
from gradcli.batch.points.columnar import MOST_ROWS, Columnar
from gradcli.batch.points.files import Again, Place
from gradcli.batch.points.points import Points
from gradcli.batch.records import Part
from gradcli.wording import said

_CONTINUED, _END = b"\xff\xff\xff\xff", b"\xff\xff\xff\xff\0\0\0\0"
_SCHEMA, _DICTIONARY, _ROWS = 1, 2, 3
_LONGEST_HEAD, _LONGEST = 1 << 26, 1 << 32  # bytes of a message in a pipe


class Message(NamedTuple):
    """A message: what it is, and its bytes."""

    kind: int
    data: bytes


class ArrowStream(Columnar):
    """A table in Arrow's stream format. A record batch is read whole."""

    form = "arrow"

    def __init__(self, place: Place) -> None:
        Points.__init__(self, place)
        self.library = needed(self.form)
        self._describe()

    def _schema(self) -> dict[str, Any]:
        stream = self.place.stream or self.place.open()
        self.prefix, self.start, first = b"", 0, b""
        for message in messages(stream, self.bytes or _LONGEST):
            if message.kind == _ROWS:
                first = message.data
                break
            self.prefix += message.data
            self.start += len(message.data)
        if self.place.stream is not None:
            self.place.stream = Again(first, stream)
        else:
            stream.close()
        self.first = first
        return dict(self._table(b"", None).schema)

    def _table(self, message: bytes, names: Sequence[str] | None) -> Any:
        return self.library.read_ipc_stream(BytesIO(self.prefix + message + _END), columns=None if names is None else list(names))

    def _rows(self, start: int, size: int, names: Sequence[str]) -> Any:
        return self._table(self.first, names).slice(start, size)

    def _bytes(self, part: Part) -> bytes:
        return self.place.bytes_of(part.start, part.end - part.start) if part.data is None else part.data

    def _frame(self, part: Part, names: Sequence[str]) -> Any:
        return self._table(self._bytes(part), names)

    def _size(self, part: Part) -> int:
        """Return how many rows a record batch says it has, if it can hold them."""
        head = self._bytes(part)[8:]
        try:
            batch = flatbuffers.target(head, flatbuffers.field(head, flatbuffers.root(head), 2))
            rows = flatbuffers.whole(head, flatbuffers.field(head, batch, 0))
        except ValueError:
            return 1
        return rows if 0 <= rows <= MOST_ROWS * len(head) else 1

    def __getstate__(self) -> dict[str, object]:
        return {**super().__getstate__(), "first": b""}

    def parts(self) -> Iterator[Part]:
        """Yield the record batches."""
        with_bytes = self.place.stream is not None
        stream = self.place.stream or self.place.open()
        start, number = self.start, 0
        if not with_bytes:
            stream.seek(start)
        try:
            for message in messages(stream, self.bytes or _LONGEST):
                if message.kind != _ROWS:
                    raise self.broken(said("its dictionaries change on the way; save it in Arrow's file format"))
                yield Part(number, start, start + len(message.data), message.data if with_bytes else None)
                number, start = number + 1, start + len(message.data)
        except ValueError as problem:
            raise self.broken(said("it cannot be read as {0}: {1}", self.form, str(problem))) from None
        finally:
            if not with_bytes:
                stream.close()


def messages(stream: BinaryIO | FileIO, most: int) -> Iterator[Message]:
    """Yield the messages of a stream up to its end, none of which has more than so many bytes."""
    while True:
        head = stream.read(8)
        if head in (b"", _END):
            return
        size = int.from_bytes(head[4:], "little")
        if head[:4] != _CONTINUED or len(head) < 8 or size > _LONGEST_HEAD:
            raise ValueError(said("a message does not begin as one of Arrow"))
        meta = stream.read(size)
        table = flatbuffers.root(meta)
        kind_at, body_at = flatbuffers.field(meta, table, 1), flatbuffers.field(meta, table, 3)
        body = flatbuffers.whole(meta, body_at) if body_at else 0
        if not kind_at or not 0 <= body <= most:
            raise ValueError(said("a message does not begin as one of Arrow"))
        data = stream.read(body)
        if len(data) < body:
            raise ValueError(said("it ends too early"))
        yield Message(flatbuffers.byte(meta, kind_at), head + meta + data)
