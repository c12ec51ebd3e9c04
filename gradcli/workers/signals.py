"""Another answer to a signal, for a while."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def answered(number: int, handler: Callable[..., Any] | signal.Handlers) -> Iterator[None]:
    """Let a handler answer a signal inside the block; in a thread other than the main one, which gets none, nothing changes."""
    try:
        before = signal.signal(number, handler)
    except ValueError:
        yield
        return
    try:
        yield
    finally:
        signal.signal(number, before)
