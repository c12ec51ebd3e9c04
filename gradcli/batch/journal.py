"""The journal of a run: of what it is, and how far its drafts are right, so that it can be gone on with.

    OUT.gradcli-part       the rows so far          ─┐
    REJECTS.gradcli-part   the rejects so far       ─┴─ a line of the journal for each part that is in both
    OUT.gradcli-journal    the journal
    OUT.gradcli-whole      of Parquet and Arrow: the file that is made of the rows so far; who goes on makes it again

A part is written to the drafts first, then to the journal, so that what the journal says is there is there; what is beyond it in a
draft is cut off by who goes on. Each line has the checksums of its part: where the whole machine stops, the journal may have been kept
and the drafts not. When all is there the drafts are renamed; a last line says that this has begun, so that it can be finished.
"""

from __future__ import annotations

import contextlib
import json
import os
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from gradcli.batch.drafts import Draft, append, opened, told
from gradcli.batch.records import Counts
from gradcli.errors import GradError
from gradcli.wording import joined, said

JOURNAL = ".gradcli-journal"
_BLOCK = 1 << 15  # bytes that are summed up
_SCHEMA, _RENAMING = "gradcli/journal/1", "renaming"
_TO_SAY = {"version": said("the version of gradcli"), "input": said("the table of points"), "expression": said("the expression"),
           "constants": said("the constants")}  # fmt: skip


class Far(NamedTuple):
    """How far a run is: the parts that are done, the bytes in both drafts, the lines of the source, and what became of its rows."""

    parts: int
    size: int
    rejected: int
    lines: int
    counts: Counts


class Entry(NamedTuple):
    """A line of the journal: how far the run is after a part, and the checksums of what was written of it."""

    far: Far
    crc: int
    rejects_crc: int


def entry(far: Far, payload: bytes, rejects: bytes) -> Entry:
    """Return the line on a part of which this was written."""
    return Entry(far, _checksum(payload), _checksum(rejects))


def _checksum(data: bytes) -> int:
    """Return CRC-32; of much data, of the sum of its blocks and of the rest, which takes a fifth of the time.

    One block that is lost or changed is always noticed, several as surely as by CRC-32; two that change places are not: no disk does that.
    """
    if len(data) < _BLOCK:
        return zlib.crc32(data)
    import numpy as np

    whole = len(data) // _BLOCK * _BLOCK
    blocks = np.frombuffer(data, np.uint64, whole // 8).reshape(-1, _BLOCK // 8)
    return zlib.crc32(data[whole:], zlib.crc32(np.add.reduce(blocks)))


class Journal:
    """The file. While it is open, no other run writes to the same output."""

    def __init__(self, name: str) -> None:
        self.said_name, self.name = name, os.path.realpath(name) + JOURNAL
        self.held = False  # it is ours to go on with, or to remove
        self._file = -1
        self._ends: list[int] = []  # of the lines there are

    def open(self, identity: Mapping[str, object], resume: bool) -> tuple[list[Entry], bool]:
        """Return what an earlier run of the same has done, part by part, and whether it was about to rename its drafts.

        Raises:
            GradError: if the journal is of another run, or of one that is going on.

        """
        with told(self.said_name):
            self._file = opened(self.name)
            self._lock()
            lines = self._lines() if resume else []
            if lines:
                _same(identity, lines[0])
                self.held = True
                return [_entry(line) for line in lines[1:] if _RENAMING not in line], _RENAMING in lines[-1]
            self.held = True
            os.ftruncate(self._file, 0)
            os.lseek(self._file, 0, os.SEEK_SET)
            self._ends.clear()
            self._add({"schema": _SCHEMA, **identity})
        return [], False

    @property
    def parts(self) -> int:
        """How many parts the journal has."""
        return max(0, len(self._ends) - 1)

    def cut(self, entries: int) -> None:
        """Forget what follows so many parts."""
        with told(self.said_name):
            del self._ends[entries + 1 :]
            os.ftruncate(self._file, self._ends[entries])
            os.lseek(self._file, 0, os.SEEK_END)

    def add(self, line: Entry) -> None:
        """Say that a part is in the drafts."""
        with told(self.said_name):
            self._add({**line.far._asdict(), "counts": list(line.far.counts), "crc32": line.crc, "rejects_crc32": line.rejects_crc})

    def renaming(self) -> None:
        """Say that the drafts are whole, and take their names now."""
        with told(self.said_name):
            self._add({_RENAMING: True})
            os.fsync(self._file)

    def close(self) -> None:
        """Close the journal, and leave it where it is."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def remove(self) -> None:
        """Remove the journal: nothing is left to be done."""
        with contextlib.suppress(OSError):
            os.unlink(self.name)
        self.close()

    def _add(self, content: Mapping[str, object]) -> None:
        line = json.dumps(content).encode() + b"\n"
        append(self._file, line)
        self._ends.append(len(line) + (self._ends[-1] if self._ends else 0))

    def _lines(self) -> list[dict[str, Any]]:
        """Return the lines as far as they are whole, and remember where each ends."""
        data, found = b"", []
        while more := os.read(self._file, 1 << 20):
            data += more
        for line in data.split(b"\n")[:-1]:
            try:
                content = json.JSONDecoder().decode(line.decode("ascii"))
            except ValueError:
                break
            if not isinstance(content, dict):
                break
            found.append(content)
            self._ends.append(len(line) + 1 + (self._ends[-1] if self._ends else 0))
        return found

    def _lock(self) -> None:
        """Refuse an output that another run is writing; where the system has no locks, nothing is refused."""
        try:
            import fcntl
        except ImportError:
            return
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise GradError("cannot-write", said("{0} is being written by another run", self.said_name)) from None


def intact(entries: list[Entry], beginning: bytes, rejects_beginning: bytes, out: Draft, rejects: Draft) -> Iterator[bytes]:
    """Yield the beginning and the parts in a draft, as far as it and that of the rejects are as the journal says."""
    with contextlib.suppress(GradError):
        pieces = out.pieces([len(beginning), *(line.far.size for line in entries)])
        told_of = rejects.pieces([len(rejects_beginning), *(line.far.rejected for line in entries)])
        wanted = [(_checksum(beginning), _checksum(rejects_beginning)), *((line.crc, line.rejects_crc) for line in entries)]
        for piece, rejected, crcs in zip(pieces, told_of, wanted):
            if (_checksum(piece), _checksum(rejected)) != crcs:
                return
            yield piece


def _entry(line: dict[str, Any]) -> Entry:
    far = Far(line["parts"], line["size"], line["rejected"], line["lines"], Counts(*line["counts"]))
    return Entry(far, line["crc32"], line["rejects_crc32"])


def _same(identity: Mapping[str, object], first: dict[str, Any]) -> None:
    """See that a journal is of this run."""
    written = json.JSONDecoder().decode(json.dumps(identity))
    differs = [name for name in written if first.get(name) != written[name]]
    if differs or first.get("schema") != _SCHEMA:
        what = joined(", ", [_TO_SAY.get(name, name) for name in differs or ["version"]])
        raise GradError("another-run", said("the run that was interrupted was another one; what differs: {0}", what),
                        hint=said("give the same command again, or begin anew without --resume"))  # fmt: skip
