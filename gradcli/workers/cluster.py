"""The workers of a dask cluster: the same results as here, in the order of the tasks, whatever happens to a worker.

    tasks ──▶ at most ``ahead`` on their way ──▶ results in order       the function travels once, the tasks are small

A task whose worker dies is done by another one. Tasks are pure, so that this changes nothing; and all machines have the same
versions and the same kind of processor, so that the digits are the same wherever a task is done.

What travels is pickled, here and there: a scheduler is trusted like the machine itself.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice, takewhile
from typing import Any, NamedTuple, TypeVar
from uuid import uuid4

from gradcli.errors import BUG, GradError, safe
from gradcli.wording import said
from gradcli.workers.alike import compare, facts, looks
from gradcli.workers.scheduler import address_of, dask, gone, nobody, reachable, unhelpful, workers_of

T = TypeVar("T")
R = TypeVar("R")

PATIENCE = 10.0  # seconds until there must be a scheduler and a worker
DESERTED = 60.0  # seconds without any worker until a run is given up
_TOGETHER = 8  # results fetched at once: what there is room for here
_FETCHED = 20.0  # seconds until they should have come
_LOOK = 1.0  # seconds between two looks at whether there are workers


class Cluster:
    """The workers of the scheduler at an address; a context, at whose end the connection is closed.

    Args:
        scheduler: its address, as in ``tcp://10.0.0.1:8786``, or the ``.json`` file that it writes.
        patience: seconds until there must be a scheduler, and a worker.
        deserted: seconds without any worker until a run is given up.

    Raises:
        GradError: if there is no scheduler or no worker, or a worker could give other digits than this machine.

    """

    def __init__(self, scheduler: str, patience: float = PATIENCE, deserted: float = DESERTED) -> None:
        self._dask = dask()
        self.address, self.deserted = address_of(scheduler), deserted
        workers = workers_of(self.address, patience)
        self.places = sum(workers.values())  # tasks that are done at once
        straight = reachable(next(iter(workers)))  # else the scheduler passes on what they give
        try:
            self._client = self._dask.Client(
                self.address, timeout=patience, set_as_default=False, name="gradcli", direct_to_workers=straight
            )  # fmt: skip
        except (OSError, ImportError) as problem:
            raise nobody(self.address) from problem
        try:
            self._alike()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def results(self, function: Callable[[T], R], tasks: Iterable[T], ahead: int) -> Iterator[R]:
        """Yield the function of each task, in the order of the tasks, of which at most so many are under way or waiting to be taken.

        Raises:
            GradError: if the scheduler or all workers have gone, worker after worker ends at a task, or the function raises one.

        """
        name = f"gradcli-{uuid4().hex}"
        shared = self._client.submit(_itself, function, key=f"{name}-function")
        self._await(shared)
        rest, begun = iter(tasks), 0
        waiting: deque[Any] = deque()  # futures
        ready: deque[R | _Failed] = deque()
        try:
            while True:
                if more := list(islice(rest, max(ahead, 1) - len(waiting) - len(ready))):
                    keys = [(name, begun + k) for k in range(len(more))]
                    waiting += self._client.map(_turn, more, key=keys, function=shared, name=name, known=facts())
                    begun += len(more)
                if not ready:
                    if not waiting:
                        return
                    ready += self._first(waiting)
                answer = ready.popleft()
                if isinstance(answer, _Failed):
                    raise answer.problem
                yield answer
        finally:
            waiting.clear()  # what nobody waits for, the scheduler drops
            with contextlib.suppress(Exception):  # the scheduler may have gone
                self._client.sync(partial(self._client.run, _forget, name, on_error="ignore", asynchronous=True), callback_timeout=_LOOK)

    def sees(self, paths: Sequence[str]) -> None:
        """Check that every worker sees these files as they are here.

        Raises:
            GradError: naming the worker and the file.

        """
        here = looks([os.path.abspath(path) for path in paths])
        for worker, found in self._client.run(looks, list(here), on_error="return").items():
            for path, look in here.items():
                seen = None if isinstance(found, Exception) else found[path]
                if seen != look:
                    pattern = said("{0} does not see {1}") if seen is None else said("{0} sees another {1}")
                    hint = said("let all machines see it at this path, or read it from standard input: what is read there is sent to them")
                    raise GradError("not-shared", said(pattern, worker, safe(path)), hint=hint)

    def close(self) -> None:
        """Leave the cluster: what it has not begun, it will not do. Nothing here waits for it."""
        with contextlib.suppress(Exception):
            self._client.close(timeout=2)

    # ---- while it runs --------------------------------------------------------------------------------------

    def _first(self, waiting: deque[Any]) -> list[Any]:
        """Wait for the first task; return its result, and those of some behind it that are done too, and take them off."""
        seconds = _FETCHED
        while True:
            self._await(waiting[0])
            done = list(takewhile(lambda future: future.status == "finished", islice(waiting, _TOGETHER)))
            try:
                answers = self._client.sync(partial(self._client.gather, done, asynchronous=True), callback_timeout=seconds)
            except self._dask.TimeoutError:  # a worker has died with them, so that they are done again; or the way is slow
                seconds *= 2
                continue
            except Exception as problem:  # whatever the connection raises when it breaks: the tasks themselves were done
                raise gone(self.address) from problem
            for _ in done:
                waiting.popleft()
            return list(answers)

    def _await(self, future: Any) -> None:
        """Wait until a task is done, while there is somebody who may do it."""
        last = time.monotonic()  # when there was a worker
        while not future.done():
            try:
                with self._client.as_current():
                    self._dask.wait([future], timeout=_LOOK)
            except self._dask.TimeoutError:
                if self._there_are_workers():
                    last = time.monotonic()
                elif time.monotonic() - last > self.deserted:
                    raise GradError("no-workers", said("the scheduler at {0} has no workers any more", self.address)) from None
            except self._dask.CancelledError:
                break
        if future.status == "error":
            cause = future.exception()
            if isinstance(cause, self._dask.scheduler.KilledWorker):
                raise GradError("no-workers", said("worker after worker ends at the same task, for want of memory perhaps"))
            raise unhelpful(cause, said("the cluster"))
        if future.status != "finished":
            raise gone(self.address)

    def _there_are_workers(self) -> bool:
        try:
            return bool(self._client.nthreads())
        except Exception as problem:  # whatever the connection raises when it breaks
            raise gone(self.address) from problem

    def _alike(self) -> None:
        """Check that nobody could give other digits than this machine, and that the scheduler can read what it passes on."""
        try:
            self._client.run_on_scheduler(facts)
        except Exception as problem:  # whatever it raises there
            raise unhelpful(problem, said("the scheduler")) from problem
        for worker, found in self._client.run(facts, on_error="return").items():
            if isinstance(found, Exception):
                raise unhelpful(found, worker)
            compare(facts(), found, worker)


# ---- on a worker ------------------------------------------------------------------------------------------------


class _Failed(NamedTuple):
    """What a task gives that cannot be done."""

    problem: GradError


def _itself(function: Callable[[T], R]) -> Callable[[T], R]:
    """Return a function, which so is at hand on a worker for all tasks to come, and can be had again when the worker dies."""
    return function


_functions: dict[str, Any] = {}  # of this worker, by run: dask drops a copy between two tasks, and a function may own a process
_MOST = 4  # runs at once: one whose client has died never says that it is over


def _forget(name: str) -> None:
    """Give up the function of a run, on a worker."""
    _functions.pop(name, None)


def _turn(task: T, function: Callable[[T], R], name: str, known: dict[str, str]) -> R | _Failed:
    """Do a task, on a worker, by the copy of the function that came first."""
    own: Callable[[T], R] = _functions.setdefault(name, function)
    for other in list(_functions)[:-_MOST]:
        _functions.pop(other, None)
    try:
        compare(known, facts(), said("a worker"))  # one that has come later
        return own(task)
    except GradError as problem:
        return _Failed(problem)
    except Exception as problem:
        return _Failed(GradError("bug", f"{type(problem).__name__}: {problem}", code=BUG))
