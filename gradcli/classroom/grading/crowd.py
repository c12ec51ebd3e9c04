"""Judging in several processes: the same results as in one, in the order of the tasks, whatever happens to a process.

Each worker reads the keys itself and is handed tasks in small packets; it answers task by task. One that dies, or is silent for
too long, has failed at the first task it has not answered: that one is reported, if it has died at it twice, the rest goes to a new
worker.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import lru_cache
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from multiprocessing.reduction import ForkingPickler
from typing import NamedTuple

from gradcli.classroom.grading.bench import Bench, Conditions, Result, Task, failed, stopped
from gradcli.classroom.key.key import Key, read_key
from gradcli.errors import GradError, Source
from gradcli.wording import said
from gradcli.workers.signals import answered

MEMORY = 4 << 30  # bytes of addresses for one worker, where the system counts them
PACKET = 20  # tasks handed to a worker at once
KEYS = 8  # kept by a worker, where each student has an own one
_FALSE_STARTS = 3  # processes in a row that end before they are ready
_GRACE = 10.0  # seconds beyond the time of an answer until a worker that says nothing is given up
_START = 60.0  # seconds until it must have read the keys


class Recipe(NamedTuple):
    """What a worker needs to judge: the texts of the keys, and the conditions."""

    keys: tuple[Source, ...]
    conditions: Conditions

    def bench(self, ready: Sequence[Key] = ()) -> Bench:
        """Return a bench that reads a key when it is asked for, if it is none of those that have been read already."""
        known = dict(enumerate(ready))

        @lru_cache(KEYS)
        def key(number: int) -> Key:
            rules, limits, latex, *_ = self.conditions
            return read_key(self.keys[number], limits, rules, latex)

        def forget() -> None:
            known.clear()
            key.cache_clear()

        return Bench(lambda number: known.get(number) or key(number), self.conditions, forget)


class _Worker:
    """A process, the line to it, and the tasks it has not answered yet."""

    def __init__(self, recipe: Recipe) -> None:
        context = get_context("spawn")
        self.line, theirs = context.Pipe()
        self.tasks: deque[int] = deque()
        self.heard, self.started = time.monotonic(), False
        self.process: BaseProcess = context.Process(target=work, args=(theirs, recipe), daemon=True)
        with answered(signal.SIGINT, signal.SIG_IGN):
            self.process.start()
        theirs.close()

    def silent(self, patience: float) -> bool:
        """Tell whether nothing has been heard for too long."""
        return time.monotonic() - self.heard > (patience if self.started else patience + _START)

    def end(self) -> None:
        """End the process, whatever it does."""
        self.line.close()
        self.process.kill()
        self.process.join()


class Crowd:
    """So many processes that judge tasks; a context, at whose end they are gone. ``done`` hears of every task that is judged."""

    def __init__(self, recipe: Recipe, jobs: int, done: Callable[[], None] = lambda: None) -> None:
        self.recipe, self.jobs, self.done = recipe, jobs, done
        self.patience = recipe.conditions.seconds + _GRACE
        self._workers: list[_Worker] = []
        self._false_starts = 0
        self._tried: set[Task] = set()  # at which a process has ended

    def __enter__(self) -> Crowd:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.end()
        self._workers.clear()

    def __call__(self, tasks: Sequence[Task]) -> list[Result]:
        """Judge tasks; the results stand in the order of the tasks."""
        results: dict[int, Result] = {}
        waiting = deque(range(len(tasks)))
        while len(results) < len(tasks):
            while len(self._workers) < min(self.jobs, len(waiting) + sum(bool(worker.tasks) for worker in self._workers)):
                self._workers.append(_Worker(self.recipe))
            for worker in self._workers:
                if waiting and not worker.tasks:
                    self._hand_out(worker, waiting, tasks)
            self._listen(tasks, results, waiting)
        return [results[number] for number in range(len(tasks))]

    def _hand_out(self, worker: _Worker, waiting: deque[int], tasks: Sequence[Task]) -> None:
        """Give a worker a packet for one key, smaller towards the end, so that all end together."""
        size, key = max(1, min(PACKET, len(waiting) // (2 * self.jobs))), tasks[waiting[0]].key
        while waiting and len(worker.tasks) < size and tasks[waiting[0]].key == key:
            worker.tasks.append(waiting.popleft())
        worker.heard = time.monotonic()
        with contextlib.suppress(OSError):  # it has died: `_listen` hears of it
            worker.line.send([tasks[number] for number in worker.tasks])

    def _listen(self, tasks: Sequence[Task], results: dict[int, Result], waiting: deque[int]) -> None:
        """Take in what the workers have to say, and replace those that have died."""
        lines = {worker.line: worker for worker in self._workers if worker.tasks}
        for line in wait(list(lines), timeout=0.5):
            assert isinstance(line, Connection)
            worker = lines.pop(line)
            try:
                result = line.recv()
            except (EOFError, OSError):
                self._bury(worker, said("judging it ended the process, for want of memory perhaps"), tasks, results, waiting, again=True)
                continue
            worker.heard = time.monotonic()
            if not worker.started:  # the first thing it says is that it is ready
                worker.started, self._false_starts = True, 0
            else:
                results[worker.tasks.popleft()] = result
                self.done()
        for worker in lines.values():
            if worker.silent(self.patience):
                why = said("it takes longer than {0} seconds to judge", f"{self.recipe.conditions.seconds:g}")
                self._bury(worker, why, tasks, results, waiting)

    def _bury(
        self, worker: _Worker, why: str, tasks: Sequence[Task], results: dict[int, Result], waiting: deque[int], again: bool = False
    ) -> None:
        """Report the task at which a worker failed, and leave the rest of its packet to others.

        ``again``: the task has a second try first. Where memory is scarce, the system ends whom it likes.
        """
        if worker.started:
            number = worker.tasks[0]
            if again and tasks[number] not in self._tried:
                self._tried.add(tasks[number])
            else:
                worker.tasks.popleft()
                results[number] = stopped(tasks[number], why)
                self.done()
        else:
            self._false_starts += 1
        waiting.extendleft(reversed(worker.tasks))
        self._workers.remove(worker)
        worker.end()
        if self._false_starts == _FALSE_STARTS:
            raise GradError("no-workers", said("processes to judge in cannot be started here"), hint=said("judge in one: --jobs 1"))


def work(line: Connection, recipe: Recipe) -> None:
    """Judge what comes in until the line is closed. This is what runs in a process of its own."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one who waits for us
    _modestly()
    if not os.environ.get("GRADCLI_DEBUG"):  # a library that ends the process says so; who waits says it better
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    bench = recipe.bench()
    bench.key(0)
    with contextlib.suppress(EOFError, OSError):
        line.send(None)
        while True:
            for task in line.recv():
                line.send(_packed(bench(task), task))


def _packed(result: Result, task: Task) -> Result:
    """Return a result that can be sent; that it cannot is a bug of ours, and no reason to leave the other answers."""
    try:
        ForkingPickler.dumps(result)
    except Exception as problem:
        return failed(task, problem)
    return result


def _modestly() -> None:
    """Have this process refused more memory than its share, where the system can."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY if most == resource.RLIM_INFINITY else min(MEMORY, most), most))
