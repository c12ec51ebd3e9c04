"""Where one answer is judged, within bounds: whatever it is, the next one has its turn."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from gradcli.arithmetic.certain import precision_kept
from gradcli.classroom.grading.follow import Origin, follow
from gradcli.classroom.key.key import Key
from gradcli.errors import Source
from gradcli.judge.check import Rules, judge
from gradcli.judge.verdict import UNDECIDED, Verdict
from gradcli.limits import Limits
from gradcli.wording import said

SECONDS = 10  # for one answer, by default: what answers of people take is a thousandth of it
_AGAIN = 1.0  # seconds until the clock strikes again, should the first stroke have been lost in a library


class Conditions(NamedTuple):
    """How a class is graded: the rules of the judge, its limits, whether what follows from a wrong answer earns points, the time."""

    rules: Rules
    limits: Limits
    latex: bool = False
    follow: bool = False
    seconds: float = SECONDS


class Answer(NamedTuple):
    """An answer to be judged: to which target at which point of which question of which key, all from 0, and its text."""

    key: int
    item: int
    place: int
    target: str
    text: str


class Chain(NamedTuple):
    """The wrong answers of one student to one question at one point, each (target, text); some may follow from others.

    The last so many of them are ``unasked``; those that are ``right``, but rounded, stand beside them.
    """

    key: int
    item: int
    place: int
    wrong: tuple[tuple[str, str], ...]
    unasked: int = 0
    right: tuple[tuple[str, str], ...] = ()


Task = Answer | Chain
Result = Any  # of an answer its Verdict; of a chain, for each of its answers from which others it follows


class TimeUp(BaseException):
    """The time for one answer is over. It is no ``Exception``: nothing on the way may take it for an error of its own."""


class Bench:
    """Judges tasks one by one. Keys are asked for by number, and may be read when they are.

    A key keeps what is found out about its questions for the answers to come. Where judging is cut short, some of that is half done,
    and a verdict would depend on who was judged before: then ``forget`` is called, and the key is read anew.
    """

    def __init__(self, key: Callable[[int], Key], conditions: Conditions, forget: Callable[[], object] = lambda: None) -> None:
        self.key, self.conditions, self.forget = key, conditions, forget

    def __call__(self, task: Task) -> Result:
        """Return the result of a task; what takes too long, or more memory than there is, has none."""
        try:
            item = self.key(task.key).items[task.item]
            with precision_kept(), alarm(self.conditions.seconds):
                if isinstance(task, Chain):
                    rules, limits, latex, *_ = self.conditions
                    return follow(item.truths[task.place], task.wrong, rules, limits, latex, task.unasked, task.right)
                return self._verdict(task)
        except TimeUp:
            self.forget()
            return stopped(task, said("it takes longer than {0} seconds to judge", f"{self.conditions.seconds:g}"))
        except (MemoryError, RecursionError):
            self.forget()
            return stopped(task, said("it takes more memory than there is to judge"))
        except Exception as problem:  # one answer that we cannot judge is no reason to leave the others
            self.forget()
            return failed(task, problem)

    def _verdict(self, task: Answer) -> Verdict:
        item = self.key(task.key).items[task.item]
        truth, elsewhere = item.truths[task.place], [other for place, other in enumerate(item.truths) if place != task.place]
        rules, limits, latex, *_ = self.conditions
        return judge(truth, task.target, Source(task.text), 0, len(task.text), rules, limits, latex, elsewhere)


def stopped(task: Task, why: str) -> Result:
    """Return the result of a task that could not be ended."""
    if isinstance(task, Chain):
        return [Origin()] * len(task.wrong)
    verdict = Verdict(UNDECIDED, error=said("undecided"), hint=why, method=said("stopped"), notes=[why])
    verdict.target, verdict.given = task.target, task.text.strip()
    return verdict


def failed(task: Task, problem: Exception) -> Result:
    """Return the result of a task at which we ourselves made a mistake."""
    if os.environ.get("GRADCLI_DEBUG"):
        raise problem
    return stopped(task, said("judging it failed, which is our mistake, please report it: {0}", type(problem).__name__))


@contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """Raise `TimeUp` inside the block when its time is over, where this system has such a clock."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def strike(*_: object) -> None:
        raise TimeUp

    before = signal.signal(signal.SIGALRM, strike)
    signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)
    try:
        yield
    finally:
        try:
            signal.setitimer(signal.ITIMER_REAL, 0)
        finally:  # also when the clock strikes right here: the next stroke would be outside, where nobody expects it
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
