"""Who does the work: a function of many tasks is computed here, in threads, in processes, or by a cluster.

Whoever does it, the results come in the order of the tasks, and only so many tasks are under way at once. A task is done by a pure
function: it may be done again, where a process has died at it.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future

T = TypeVar("T")
R = TypeVar("R")


class Workers(Protocol):
    """Those who work; they are gone when closed."""

    def results(self, function: Callable[[T], R], tasks: Iterable[T], ahead: int) -> Iterator[R]:
        """Yield the function of each task, in the order of the tasks, of which at most so many are under way or waiting to be taken."""

    def close(self) -> None:
        """End, whatever is under way."""


class Here:
    """The one who asks does the work, task by task."""

    def results(self, function: Callable[[T], R], tasks: Iterable[T], ahead: int) -> Iterator[R]:
        """Yield the function of each task."""
        return map(function, tasks)

    def close(self) -> None:
        """There is nothing to end."""


class Threads:
    """So many threads, for functions that spend their time outside Python."""

    def __init__(self, count: int) -> None:
        from concurrent.futures import ThreadPoolExecutor  # it brings logging: not for those who only ask how many cores there are

        self._pool = ThreadPoolExecutor(count, "worker")

    def results(self, function: Callable[[T], R], tasks: Iterable[T], ahead: int) -> Iterator[R]:
        """Yield the function of each task, in the order of the tasks."""
        waiting: deque[Future[R]] = deque()
        try:
            for task in tasks:
                waiting.append(self._pool.submit(function, task))
                if len(waiting) >= ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()

    def close(self) -> None:
        """End when the tasks that have begun are done."""
        self._pool.shutdown(cancel_futures=True)


def cores() -> int:
    """Return how many tasks this process may keep busy at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
