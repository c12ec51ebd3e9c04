"""How far a long run has come: a bar on standard error, where that is a terminal, once it has taken a while."""

from __future__ import annotations

import os
import sys
import time
from typing import Any, Self

from gradcli.wording import Language

_PATIENCE = 1.0  # seconds until there is something to show
_PAUSE = 0.1  # seconds between two looks at it


class Progress:
    """A context in which tasks are counted; at its end the bar is gone."""

    def __init__(self, words: Language) -> None:
        self.words = words
        self.total = self.count = 0
        self.wanted = sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") not in ("dumb", "unknown")
        self._since = self._shown = time.monotonic()
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def expect(self, tasks: int) -> None:
        """Add tasks to those there are."""
        self.total += tasks

    def done(self, tasks: int = 1) -> None:
        """Count tasks that are done."""
        self.count += tasks
        now = time.monotonic()
        if not self.wanted or now - self._since < _PATIENCE or now - self._shown < _PAUSE:
            return
        self._shown = now
        if self._bar is None:
            self._start()
        self._bar.update(self._task, completed=self.count, total=self.total or None, description=self.description())
        self._bar.refresh()

    def description(self) -> str:
        """Return what stands in front of the bar."""
        return self.words("judging")

    def columns(self) -> list[Any]:
        """Return what stands behind the description: the bar, and how many tasks are done."""
        from rich.progress import BarColumn, MofNCompleteColumn, TimeRemainingColumn

        return [BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()]

    def _start(self) -> None:
        """Draw the bar for the first time. It has no thread of its own: processes are started while it is there."""
        from rich.console import Console
        from rich.progress import Progress as Bar
        from rich.progress import TextColumn

        columns = [TextColumn("{task.description}", markup=False), *self.columns()]
        self._bar = Bar(*columns, console=Console(file=sys.stderr), transient=True, auto_refresh=False)
        self._task = self._bar.add_task(self.description(), total=self.total or None, completed=self.count)
        self._bar.start()


class Flow(Progress):
    """A progress whose tasks are bytes or rows of a table; it shows how many rows they had, and how fast they pass."""

    def __init__(self, words: Language) -> None:
        super().__init__(words)
        self.rows = 0

    def rate(self) -> int:
        """Return the rows per second so far."""
        return round(self.rows / max(time.monotonic() - self._since, 1e-9))

    def description(self) -> str:
        """Return the rows so far."""
        return self.words("{0} rows, {1} a second", self.rows, self.rate())

    def columns(self) -> list[Any]:
        """Return the bar, and how much of the table is done."""
        from rich.progress import BarColumn, TaskProgressColumn, TimeRemainingColumn

        return [BarColumn(), TaskProgressColumn("{task.percentage:>3.0f}%", markup=False), TimeRemainingColumn()]
