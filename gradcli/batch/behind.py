"""What is done while the run goes on: one thing after another, by a thread of its own that is there if there is something to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor


class Behind:
    """The thread. One thing is under way at most, so that nothing piles up; what it raises is heard with the next one."""

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None
        self._under_way: Future[None] | None = None

    def do(self, task: Callable[[], None]) -> None:
        """Begin with something, when what is under way is done."""
        from concurrent.futures import ThreadPoolExecutor

        self.wait()
        self._pool = self._pool or ThreadPoolExecutor(1, "behind")
        self._under_way = self._pool.submit(task)

    def wait(self) -> None:
        """Wait until nothing is under way."""
        under_way, self._under_way = self._under_way, None
        if under_way is not None:
            under_way.result()

    def close(self) -> None:
        """End when what is under way is done, however that ends."""
        if self._pool is not None:
            self._pool.shutdown()
        self._pool = self._under_way = None
