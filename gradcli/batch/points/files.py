"""The file behind a table: what it is, whether it is still the same, and where it is cut."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from hashlib import sha256
from io import FileIO, RawIOBase
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, Protocol

from gradcli.batch.points.patient import Patient
from gradcli.batch.points.quoting import LONGEST, Quoting, line_end
from gradcli.batch.records import Part
from gradcli.errors import GradError, reason
from gradcli.wording import said

if TYPE_CHECKING:
    from typing_extensions import Buffer

STDIN = "-"
_HEAD = 65_536  # bytes that tell one table from another, and how long a row is
TEXT = 1 << 22  # bytes of text in a part
ROWS = 65_536  # rows in a part of text, about
_LEAST = 1 << 16


class Stamp(NamedTuple):
    """What tells whether a file is the one it was."""

    size: int
    changed: int  # in nanoseconds


class Place:
    """Where a table is read from. Only its name and stamp travel to other processes; a stream stays here."""

    def __init__(self, name: str, stdin: BinaryIO | None = None) -> None:
        self.name, self.path = name, "" if name == STDIN else os.path.abspath(name)
        self.stream: Again | None = None
        self.stamp: Stamp | None = None
        try:
            self._look(stdin)
        except OSError as problem:
            raise GradError("cannot-read", said("cannot read {0}: {1}", name, reason(problem))) from None

    def _look(self, stdin: BinaryIO | None) -> None:
        if not self.path:
            if stdin is None and (sys.stdin is None or sys.stdin.closed):
                raise GradError("cannot-read", said("there is no standard input"))
            self.stream = Again(b"", Patient(stdin or sys.stdin.buffer))
            return
        found = os.stat(self.path)
        if stat.S_ISDIR(found.st_mode):
            raise GradError("cannot-read", said("{0} is a folder", self.name))
        if stat.S_ISREG(found.st_mode):
            self.stamp = Stamp(found.st_size, found.st_mtime_ns)
        else:  # a pipe: it can be read once
            self.stream = Again(b"", Patient(open(self.path, "rb")))  # noqa: SIM115

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "stream": None}

    def head(self) -> bytes:
        """Return the first bytes, as many as a header may have."""
        if self.stream is None:
            return self.bytes_of(0, LONGEST)
        data = self.stream.read(LONGEST)
        self.stream = Again(data, self.stream)
        return data

    def open(self) -> FileIO:
        """Open the file.

        Raises:
            GradError: if it is not the file that it was.

        """
        try:
            file = FileIO(self.path)
            found = os.fstat(file.fileno())
        except OSError as problem:
            raise GradError("cannot-read", said("cannot read {0}: {1}", self.name, reason(problem))) from None
        if Stamp(found.st_size, found.st_mtime_ns) != self.stamp:
            file.close()
            raise GradError("cannot-read", said("{0} was changed while it was read", self.name))
        return file

    def bytes_of(self, start: int, size: int) -> bytes:
        """Return some bytes of the file."""
        with self.open() as file:
            try:
                file.seek(start)
                return file.read(size)
            except OSError as problem:
                raise GradError("cannot-read", said("cannot read {0}: {1}", self.name, reason(problem))) from None

    def identity(self) -> dict[str, int | str]:
        """Return what tells this table from another: size, time of the last change, hash of the head; nothing for a pipe."""
        if self.stamp is None:
            return {}
        return {"size": self.stamp.size, "mtime_ns": self.stamp.changed, "head": sha256(self.bytes_of(0, _HEAD)).hexdigest()}


class Readable(Protocol):
    """What can be read into a place that is there already."""

    def readinto(self, room: memoryview, /) -> int | None: ...


class Again(RawIOBase, BinaryIO):
    """A stream some of which was read already."""

    def __init__(self, data: bytes, stream: BinaryIO | Patient) -> None:
        self._data, self._stream = data, stream

    def readable(self) -> bool:
        """Say that it can be read, for who asks."""
        return True

    def readinto(self, room: Buffer) -> int:
        """Read bytes into a place."""
        with memoryview(room) as place:
            data = self.read(place.nbytes)
            place[: len(data)] = data
            return len(data)

    def read(self, size: int = -1) -> bytes:
        """Return bytes, first those that were read before."""
        data, self._data = self._data[:size], self._data[size:]
        return data if len(data) == size else data + self._stream.read(size - len(data))


def part_size(sample: bytes) -> int:
    """Return how much text a part has, so that it has about as many rows as are good to compute at once."""
    rows = sample[:_HEAD].count(b"\n")
    return max(_LEAST, min(TEXT, ROWS * _HEAD // rows if rows else TEXT))


def cut(stream: Readable, begin: int, size: int, quoting: Quoting | None, keep: bool, longest: int = LONGEST) -> Iterator[Part]:
    """Yield a text in parts of about so many bytes, each whole records; where it is cut depends on the text alone.

    Args:
        stream: stands at ``begin``, which is where the first row begins.
        size: the most bytes of a part, unless one record is longer.
        quoting: how a record may go over several lines; without it, it does not.
        keep: put the bytes into the parts.
        longest: a line that is longer and does not end in its part is a part by itself; only so many of its bytes are kept.

    """
    buffer = bytearray(size + longest + 1)
    have, start, number = 0, begin, 0
    while have := _filled(stream, buffer, have, size):
        wanted = size
        if buffer.find(b"\n", 0, have) < 0 or (quoting and buffer.find(b'"', 0, have) >= 0):  # the last record may end later
            wanted = size + longest
            have = _filled(stream, buffer, have, wanted)
        data = None
        if have >= longest and buffer.find(b"\n", 0, longest) < 0:
            data = bytes(buffer[:longest]) if keep else None
            end, have = _past_the_line(stream, buffer, have)
        else:
            stop = have
            if have < wanted and buffer[have - 1] != ord("\n"):  # the text ends, and its last line has no end
                buffer[have], stop = ord("\n"), have + 1
            end = min(have, _last(buffer, stop, size, quoting if wanted > size else None, longest))  # else there is no quote in it
            data = bytes(buffer[:end]) if keep else None
            buffer[: have - end] = buffer[end:have]
            have -= end
        yield Part(number, start, start + end, data)
        number, start = number + 1, start + end


def _filled(stream: Readable, buffer: bytearray, have: int, wanted: int) -> int:
    """Read on until so many bytes are there, or no more; return how many are."""
    with memoryview(buffer) as room:
        while have < wanted and (more := stream.readinto(room[have:wanted])):
            have += more
    return have


def _last(buffer: bytearray, stop: int, size: int, quoting: Quoting | None, longest: int) -> int:
    """Return where the last record ends that ends within size; where the first ends, if that is later."""
    place, size = 0, min(size, stop)
    while True:
        mark = buffer.find(b'"', place, size) if quoting else -1
        line = max(place, buffer.rfind(b"\n", place, size if mark < 0 else mark) + 1)
        if mark < 0 and line:
            return line
        end = quoting.end(buffer, line, min(stop, line + longest)) if quoting else 0
        end = end or line_end(buffer, line, stop)
        if end > size or mark < 0:
            return line or end
        place = end


def _past_the_line(stream: Readable, buffer: bytearray, have: int) -> tuple[int, int]:
    """Return how long the first line is; what was read behind it is moved to the front, so many bytes."""
    size = 0
    while (end := buffer.find(b"\n", 0, have)) < 0:
        size, have = size + have, _filled(stream, buffer, 0, len(buffer) - 1)
        if not have:
            return size, 0
    buffer[: have - end - 1] = buffer[end + 1 : have]
    return size + end + 1, have - end - 1
