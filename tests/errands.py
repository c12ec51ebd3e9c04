"""Small tasks for a cluster: its workers import this module."""

import os
import signal
import time
from pathlib import Path

from gradcli.errors import GradError
from gradcli.wording import said


def square(number):
    return number * number


def slowly(number):
    time.sleep(0.05)
    return number


class Once:
    """Squares a number; the first worker that comes to 7 is killed there, in the middle of it."""

    def __init__(self, mark):
        self.mark = mark

    def __call__(self, number):
        time.sleep(0.01)
        if number == 7 and not Path(self.mark).exists():
            Path(self.mark).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return square(number)


def deadly(number):
    os.kill(os.getpid(), signal.SIGKILL)


def refuse(number):
    raise GradError("refused", said("{0}: no", number), code=3)


def mistaken(number):
    return number / (number - 3)


class Counting:
    """Says in which process it is, and how often it has been called there."""

    calls = 0

    def __reduce__(self):
        return Counting, ()  # a copy has not been called

    def __call__(self, number):
        time.sleep(0.01)
        self.calls += 1
        return os.getpid(), self.calls


def mark(path):
    """Leave a mark where it was done."""
    time.sleep(0.2)
    Path(path).touch()


def payload(size):
    """Return so many bytes, as a part of a table does that is done."""
    return b"0" * size
