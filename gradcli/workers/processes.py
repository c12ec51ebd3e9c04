"""Worker processes, for functions that spend their time in Python. One that dies is replaced, and its task done again."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from typing import TYPE_CHECKING, Any, TypeVar

from gradcli.errors import BUG, GradError
from gradcli.wording import said

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

T = TypeVar("T")
R = TypeVar("R")

TRIES = 3  # processes that may end at one task before it is given up
_FUNCTION, _TASK, _DONE, _FAILED = "function", "task", "done", "failed"


class _Worker:
    """A process, the line to it, the function it has, and the number of the task it is at."""

    def __init__(self) -> None:
        from multiprocessing import get_context

        context = get_context("spawn")
        self.line, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(target=_work, args=(theirs,), daemon=True)
        self.function: object = None
        self.task: int | None = None
        with _uninterrupted():
            self.process.start()
        theirs.close()

    def begin(self, function: Callable[[Any], Any], number: int, task: object) -> None:
        """Hand the process a task, and the function if it has another."""
        self.task = number
        with contextlib.suppress(OSError):  # it has died: that is heard when it should answer
            if self.function is not function:
                self.line.send((_FUNCTION, function))
                self.function = function
            self.line.send((_TASK, task))

    def end(self) -> None:
        """End the process, whatever it does."""
        self.process.kill()
        self.process.join()
        self.line.close()


class Processes:
    """So many processes, each started when there is work for it. One caller at a time; anyone may close them."""

    def __init__(self, count: int) -> None:
        self.count, self.closed = count, False
        self._workers: list[_Worker] = []

    def results(self, function: Callable[[T], R], tasks: Iterable[T], ahead: int) -> Iterator[R]:
        """Yield the function of each task, in the order of the tasks. The function and the tasks must be such as can be sent.

        Raises:
            GradError: if process after process ends at a task.
            CancelledError: if the workers are closed meanwhile.

        """
        source, taken, due = iter(tasks), 0, 0
        under_way: dict[int, T] = {}
        waiting: deque[int] = deque()
        done: dict[int, tuple[str, Any]] = {}
        deaths: dict[int, int] = {}
        try:
            while True:
                while taken - due < max(ahead, 1):
                    for task in source:
                        under_way[taken] = task
                        waiting.append(taken)
                        taken += 1
                        break
                    else:
                        break
                if due in done:
                    what, answer = done.pop(due)
                    due += 1
                    if what == _FAILED:  # told in its turn: what comes before it has been taken
                        raise answer
                    yield answer
                    continue
                if due == taken:
                    return
                self._hand_out(function, waiting, under_way)
                for number, heard in self._heard(deaths, waiting):
                    done[number] = heard
                    del under_way[number]
        finally:
            for worker in [worker for worker in self._workers if worker.task is not None]:  # what it is at, nobody wants any more
                self._workers.remove(worker)
                worker.end()

    def close(self) -> None:
        """End the processes, whatever they do."""
        self.closed = True
        for worker in list(self._workers):
            worker.process.kill()  # whoever waits for it hears of it; the line is theirs
            worker.process.join()

    def _hand_out(self, function: Callable[[T], Any], waiting: deque[int], tasks: dict[int, T]) -> None:
        """Give every worker that is free a task; start one where none is."""
        while waiting:
            if self.closed:
                raise CancelledError
            free = next((worker for worker in self._workers if worker.task is None), None)
            if free is None:
                if len(self._workers) >= self.count:
                    return
                free = _Worker()
                self._workers.append(free)
            number = waiting.popleft()
            free.begin(function, number, tasks[number])

    def _heard(self, deaths: dict[int, int], waiting: deque[int]) -> Iterator[tuple[int, tuple[str, Any]]]:
        """Wait until someone has something to say; yield that, and put back the tasks of those who have died."""
        from multiprocessing.connection import Connection, wait

        busy = {worker.line: worker for worker in self._workers if worker.task is not None}
        for line in wait(list(busy), timeout=0.5):
            assert isinstance(line, Connection)
            worker = busy[line]
            assert worker.task is not None
            try:
                heard = line.recv()
            except (EOFError, OSError):
                if self.closed:
                    raise CancelledError from None
                self._bury(worker, deaths, waiting)
                continue
            yield worker.task, heard
            worker.task = None

    def _bury(self, worker: _Worker, deaths: dict[int, int], waiting: deque[int]) -> None:
        assert worker.task is not None
        waiting.appendleft(worker.task)
        deaths[worker.task] = deaths.get(worker.task, 0) + 1
        self._workers.remove(worker)
        worker.end()
        if deaths[worker.task] == TRIES:
            hint = said("work in one: --jobs 1")
            raise GradError("no-workers", said("process after process ends at the same task, for want of memory perhaps"), hint=hint)


def _work(line: Connection) -> None:
    """Do what comes in until the line is closed. This is what runs in a process of its own."""
    if not os.environ.get("GRADCLI_DEBUG"):  # a library that ends the process says so; who waits says it better
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    function: Any = None
    with contextlib.suppress(EOFError, OSError):
        while True:
            what, received = line.recv()
            if what == _FUNCTION:
                function = received
            else:
                line.send_bytes(_answer(function, received))


def _answer(function: Callable[[Any], Any], task: object) -> bytes:
    """Return what is to be said of a task, packed; that it failed, if it did or its result cannot be packed."""
    try:
        return pickle.dumps((_DONE, function(task)), pickle.HIGHEST_PROTOCOL)
    except GradError as problem:
        return pickle.dumps((_FAILED, problem))
    except Exception as problem:
        return pickle.dumps((_FAILED, GradError("bug", f"{type(problem).__name__}: {problem}", code=BUG)))


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let what is started inside never hear of Ctrl-C, which is for the one who waits. A mask is inherited, and any thread may set it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
