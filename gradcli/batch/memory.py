"""Memory for results that is used again when nobody holds the results any more.

The system clears every page of memory that it gives, which takes longer than a simple gradient does. So a function keeps the arrays
of its last answer, and writes the next one there, but only if they cannot be seen any more: Python counts who refers to them, and an array
that shares their memory refers to them too. Where Python does not count so, there are new arrays each time.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from gradcli.shapes import Shape

_MOST = 1 << 28  # bytes: more are given back
_ALONE = 3  # who refers to an array that only we hold: the list of arrays, the name in the loop, and the question itself


class Memory:
    """The arrays of the last answer."""

    def __init__(self) -> None:
        self._last: list[list[Any]] = []  # none, or one answer
        self._counted = sys.implementation.name == "cpython" and getattr(sys, "_is_gil_enabled", lambda: True)()

    def arrays(self, shapes: list[Shape]) -> list[Any]:
        """Return arrays of float64 of these shapes, with anything in them."""
        last = self._last.pop() if self._last else []
        if [array.shape for array in last] != shapes or not all(sys.getrefcount(array) == _ALONE for array in last):
            last = [np.empty(shape) for shape in shapes]
        return last

    def keep(self, arrays: list[Any]) -> None:
        """Take note of the arrays of an answer."""
        if self._counted and sum(array.nbytes for array in arrays) <= _MOST:
            self._last[:] = [arrays]
