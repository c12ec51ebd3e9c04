"""Judging on a cluster: the same results as here, in the order of the tasks.

Whoever works there judges in a process of its own, as `crowd` does here: an answer that takes too long, or ends the process, does
there what it does here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from multiprocessing import current_process
from threading import local

from gradcli.classroom.grading.bench import Result, Task
from gradcli.classroom.grading.crowd import Crowd, Recipe
from gradcli.workers import Workers

PACKET = 100  # tasks that travel together, at most: a fraction of a second of work, which is many times what the way costs
_ROUNDS = 4  # packets for each worker, at least: so all end together


class Judge:
    """Judges packets of tasks wherever it is sent, for each thread in a process that it starts there; when it is gone, so are these."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe, self._own = recipe, local()

    def __reduce__(self) -> tuple[type[Judge], tuple[Recipe]]:
        return Judge, (self.recipe,)

    def __call__(self, tasks: Sequence[Task]) -> list[Result]:
        """Return the results of some tasks."""
        if not hasattr(self._own, "crowd"):
            current_process().daemon = False  # a worker of dask is one, and such may start no process
            self._own.crowd = Crowd(self.recipe, 1)
        crowd: Crowd = self._own.crowd
        return crowd(tasks)


class Elsewhere:
    """Workers who judge tasks, so many at once. ``done`` hears how many are judged."""

    def __init__(self, workers: Workers, places: int, recipe: Recipe, done: Callable[[int], None] = lambda _: None) -> None:
        self.workers, self.places, self.done = workers, places, done
        self._judge = Judge(recipe)

    def __call__(self, tasks: Sequence[Task]) -> list[Result]:
        """Judge tasks; the results stand in the order of the tasks."""
        results: list[Result] = []
        handed_out = list(packets(tasks, self.places))
        for found in self.workers.results(self._judge, handed_out, len(handed_out)):
            results += found
            self.done(len(found))
        return results


def packets(tasks: Sequence[Task], places: int) -> Iterator[Sequence[Task]]:
    """Yield the tasks in packets, smaller towards the end."""
    begun = 0
    while begun < len(tasks):
        size = max(1, min(PACKET, (len(tasks) - begun) // (_ROUNDS * places)))
        yield tasks[begun : begun + size]
        begun += size
