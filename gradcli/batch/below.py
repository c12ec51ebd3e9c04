"""What the libraries below us are asked for before a long run: they are made for one large task, and here are many small ones."""

from __future__ import annotations

import os
from contextlib import suppress

_NUMPY = ("OPENBLAS_NUM_THREADS", "1")  # each worker is at a core already, and to start more takes NumPy a third of its time to load

# Of mallopt(3): pieces of up to 32 MiB are cut from one heap, and 256 MiB of it are kept for what comes next. To give the memory of each
# part back and to ask for it again costs a fault for every page, and a heap for every thread holds what others need.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_HEAP = ((_TRIM_THRESHOLD, 1 << 28), (_MMAP_THRESHOLD, 1 << 25), (_ARENA_MAX, 1))


def prepare() -> None:
    """Ask for it, before they are loaded, where there is such a thing to ask for; what the environment says of NumPy holds."""
    import ctypes

    os.environ.setdefault(*_NUMPY)
    with suppress(AttributeError, OSError, TypeError):  # another C library
        mallopt = ctypes.CDLL(None).mallopt
        for option, value in _HEAP:
            mallopt(option, value)
