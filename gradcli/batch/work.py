"""One part of a table, done: read, computed at once, what is doubtful settled row by row, written out as bytes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from gradcli.batch.function import Function
from gradcli.batch.points import Layout, Points
from gradcli.batch.recipe import Recipe
from gradcli.batch.records import Counts, Done, Part, Read, Reject, Results, Settled
from gradcli.batch.results import Writer
from gradcli.workers import Workers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

REJECT, NAN, STOP = ON_ERROR = ("reject", "nan", "stop")
PATIENCE = 0.2  # seconds of settling rows in this process, after which others help
_CHUNK = 64  # rows that are settled by another process at a time

# What is said of a row whose partials differ: the first of these that one of them has.
_SEVERITY = ("undefined", "undecided", "jump", "vertical", "kink", "overflow", "underflow", "smooth")
_WITHOUT = ("undefined", "undecided", "jump", "vertical")  # a partial that does not exist, or is not known
_UNREADABLE, _SMOOTH, _KINK = "unreadable", "smooth", "kink"


_engine = threading.RLock()  # nodes are interned, and the engine of single points keeps what it has found: one thread at a time


class _Ready(threading.local):
    """The function of this thread: a kernel works in memory of its own."""

    def __init__(self, recipe: Recipe) -> None:
        with _engine:
            self.function = recipe.function()


class Settler:
    """Settles rows one by one. It travels as its recipe."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self._ready: _Ready | None = None

    def __reduce__(self) -> tuple[type[Settler], tuple[Recipe]]:
        return Settler, (self.recipe,)

    @property
    def function(self) -> Function:
        """The function, made ready at its first use in a thread."""
        if self._ready is None:
            with _engine:
                self._ready = self._ready or _Ready(self.recipe)
        return self._ready.function

    def __call__(self, points: Sequence[dict[str, Any]]) -> list[Settled]:
        """Return each point by the engine of single points."""
        function = self.function
        with _engine:
            return [function.settle(point) for point in points]


class Work:
    """Turns a part into what the output gets of it: the same bytes wherever it is done. It travels without its helpers."""

    def __init__(
        self, recipe: Recipe, points: Points, layout: Layout, writer: Writer, on_error: str = REJECT, status: bool = False,
        helpers: Workers | None = None,
    ) -> None:  # fmt: skip
        self._parts = (recipe, points, layout, writer, on_error, status)
        self.points, self.layout, self.writer, self.on_error, self.status = points, layout, writer, on_error, status
        self.settler, self.helpers, self._turn = Settler(recipe), helpers, threading.Lock()

    def __reduce__(self) -> tuple[Callable[..., Work], tuple[Any, ...]]:
        return Work, self._parts

    def __call__(self, part: Part) -> Done:
        """Return a part, finished."""
        import numpy as np

        found = self.points.read(part, self.layout)
        outputs, doubtful = self.settler.function.block(found.columns)
        settled = self._settled(found, doubtful)
        for row, one in settled.items():
            for output, result in zip(outputs, one.results):
                output[..., row] = result
        good = np.asarray(found.good)
        status = {int(good[row]): _worst(one) for row, one in settled.items()}
        without = {int(good[row]): one.problem for row, one in settled.items() if one.problem}
        lost = sorted([*found.unread, *without])
        rejects = self._rejects(part, found, without) if self.on_error != NAN else []
        results = self._rows(found, outputs, status, lost)
        written = found.rows if self.on_error == NAN else found.rows - len(lost)
        whole = [status[row] for row in status.keys() - without.keys()]
        counts = Counts(
            found.rows, written, len(lost), len(settled), sum(each == _KINK for each in whole), sum(each in _WITHOUT for each in whole)
        )
        return Done(part.number, self.writer.render(results) if written else b"", rejects, counts, found.lines)

    def _settled(self, found: Read, doubtful: NDArray[np.intp]) -> dict[int, Settled]:
        """Return what the engine of single points says of these rows; equal ones are asked once."""
        places: dict[bytes, list[int]] = {}
        for row in doubtful.tolist():
            places.setdefault(b"".join(column[..., row].tobytes() for column in found.columns.values()), []).append(row)
        asked = [{name: column[..., same[0]] for name, column in found.columns.items()} for same in places.values()]
        return {row: one for same, one in zip(places.values(), self._answers(asked)) for row in same}

    def _answers(self, asked: list[dict[str, Any]]) -> list[Settled]:
        """Settle points: here, or with helpers where that takes long. The numbers do not depend on who does it."""
        answers: list[Settled] = []
        until = time.monotonic() + PATIENCE
        while len(answers) < len(asked) and (self.helpers is None or time.monotonic() < until):
            answers += self.settler(asked[len(answers) : len(answers) + 1])
        if self.helpers is not None and len(answers) < len(asked):
            chunks = [asked[start : start + _CHUNK] for start in range(len(answers), len(asked), _CHUNK)]
            with self._turn:
                for some in self.helpers.results(self.settler, chunks, len(chunks)):
                    answers += some
        return answers

    def _rejects(self, part: Part, found: Read, without: dict[int, str]) -> list[Reject]:
        """Return the rows that get no line in the output, in their order."""
        told = found.unread | (self.points.rejected(part, without) if without else {})
        return [told[row] for row in sorted(told)]

    def _rows(self, found: Read, outputs: list[NDArray[np.float64]], status: dict[int, str], lost: list[int]) -> Results:
        """Return the rows that get a line: all of them, or those with a value."""
        import numpy as np

        statuses = [_SMOOTH] * found.rows if self.status else None
        for row, word in {**dict.fromkeys(found.unread, _UNREADABLE), **status}.items() if statuses else ():
            statuses[row] = word
        if not lost:
            return Results(found.kept, outputs, statuses)
        if self.on_error == NAN:
            full = [np.full((*output.shape[:-1], found.rows), np.nan) for output in outputs]
            for whole, output in zip(full, outputs):
                whole[..., found.good] = output
            return Results(found.kept, full, statuses)
        gone = set(lost)
        stay = [row for row in range(found.rows) if row not in gone]
        good = np.isin(found.good, stay)
        kept = {name: [column[row] for row in stay] for name, column in found.kept.items()}
        return Results(kept, [output[..., good] for output in outputs], statuses and [statuses[row] for row in stay])


def _worst(settled: Settled) -> str:
    """Return the one word on a row: what is worst of its partials."""
    return next((each for each in _SEVERITY if each in settled.statuses), _SEVERITY[0] if settled.problem else _SMOOTH)
