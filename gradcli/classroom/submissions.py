"""What students hand in: worksheets, TOML, JSON, CSV, folders and standard input → answers, and what cannot be read."""

from __future__ import annotations

from typing import NamedTuple

from gradcli.classroom.marks import Problem
from gradcli.errors import Source


class Entry(NamedTuple):
    """One answer of a student: to which question and target, where its text stands, and in which line of its file.

    ``where`` says at which point of the question, if the student says so: its number from 1, or the values as in ``x = 1, y = 2``.
    """

    question: str
    target: str
    source: Source
    start: int
    end: int
    line: int
    where: str = ""


class Submission(NamedTuple):
    """What one student handed in, from one file."""

    student: str
    file: str
    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...] = ()
