"""A pipe that is waited for in turns, so that Ctrl-C is heard while nothing comes.

A read that waits is interrupted by a signal only if the system gives the signal to the thread that reads, and if nobody has asked that
reads go on: the library of tables does ask, and has threads of its own. Between two turns Python looks for itself.
"""

from __future__ import annotations

import select
from typing import BinaryIO

_TURN = 0.2  # seconds


class Patient:
    """A stream of bytes; what is no pipe, and has no number with the system, is read as it is."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream  # which closes what is in it when it is gone
        self._raw = getattr(stream, "raw", stream)  # what a buffer holds, nobody could wait for
        try:
            self._number = self._raw.fileno()
        except OSError:
            self._number = -1

    def read(self, size: int) -> bytes:
        """Read so many bytes, or all there are."""
        found = bytearray()
        while len(found) < size:
            self._wait()
            more = self._raw.read(size - len(found))
            if not more:
                break
            found += more
        return bytes(found)

    def _wait(self) -> None:
        try:
            while self._number >= 0 and not select.select([self._number], [], [], _TURN)[0]:
                pass
        except (OSError, ValueError):  # of a kind that cannot be waited for
            self._number = -1
