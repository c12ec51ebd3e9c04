"""Pieces of what can only be read from its beginning: who asks for one, reads on from the piece before it.

Those who ask are threads, and ask about in order. Whatever they do, a piece is what it is: at worst it is read from the beginning again.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from threading import Lock
from typing import Any

_OPEN = 3  # that are under way at once
_PASSED = 2  # pieces of each that are kept for who asks late

Begin = Callable[[], Iterator[Any]]


class Pieces:
    """What is under way. It does not travel."""

    def __init__(self) -> None:
        self._lock, self._open = Lock(), dict[Hashable, _Reading]()

    def __reduce__(self) -> tuple[type[Pieces], tuple[()]]:
        return Pieces, ()

    def taken(self, name: Hashable, number: int, count: int, begin: Begin) -> Any:
        """Return a piece, from 0, of so many; None if it is not there.

        Args:
            name: what it is a piece of.
            number: which one.
            count: how many there are.
            begin: yields all of them in order.

        """
        if count == 1:
            return next(begin(), None)
        with self._lock:
            reading = self._open.setdefault(name, _Reading())
            while len(self._open) > _OPEN:
                del self._open[next(iter(self._open))]
        try:
            return reading.taken(number, begin)
        finally:
            if reading.over(count):
                with self._lock:
                    self._open.pop(name, None)


class _Reading:
    """How far one of them was read."""

    def __init__(self) -> None:
        self.next, self._pieces = 0, iter(())
        self._lock, self._passed = Lock(), dict[int, Any]()

    def over(self, count: int) -> bool:
        return self.next in (0, count) and not self._passed

    def taken(self, number: int, begin: Begin) -> Any:
        with self._lock:
            if number in self._passed:
                return self._passed.pop(number)
            if number < self.next or not self.next:
                self.next, self._pieces = 0, begin()
            try:
                while True:
                    piece = next(self._pieces, None)
                    self.next += 1
                    if self.next > number:
                        return piece
                    self._passed[self.next - 1] = piece
                    while len(self._passed) > _PASSED:
                        del self._passed[next(iter(self._passed))]
            except BaseException:
                self.next = 0
                raise
