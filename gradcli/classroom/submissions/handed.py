"""What is found in one file that was handed in: answers and problems, each of a student or of nobody."""

from __future__ import annotations

from typing import NamedTuple
from unicodedata import normalize

from gradcli.classroom.marks import Problem
from gradcli.errors import GradError, Source, safe
from gradcli.limits import Limits
from gradcli.wording import said

LONGEST_NAME = 200  # of a student, a question or a target: it is repeated in every report


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


class Excerpt(Source):
    """Some lines of a file: an error in them is drawn with the number that they have there."""

    __slots__ = ("before",)

    def __init__(self, text: str, name: str, line: int) -> None:
        super().__init__(text, name)
        self.before = max(line - 1, 0)

    def line_at(self, offset: int) -> tuple[int, int, str]:
        """Return (line number in the file, column, line)."""
        number, column, line = super().line_at(offset)
        return number + self.before, column, line


class Handed:
    """What one file holds, by student; the name "" is nobody's."""

    def __init__(self, file: str, limits: Limits) -> None:
        self.file, self.limits = file, limits
        self.many = False  # it may hold the answers of many
        self.entries: dict[str, list[Entry]] = {}
        self.problems: dict[str, list[Problem]] = {}

    def student(self, name: str) -> str:
        """Return a student's name as it is kept, and remember that there is a submission of theirs."""
        name = student_name(name)
        if name:
            self.entries.setdefault(name, [])
        return name

    def problem(self, message: str, line: int, student: str = "") -> None:
        """Keep what could not be read."""
        self.problems.setdefault(student, []).append(Problem(self.file, line, message))

    def entry(self, student: str, entry: Entry) -> None:
        """Keep an answer, unless its names or its text are no such thing."""
        if max(len(entry.question), len(entry.target), len(entry.where)) > LONGEST_NAME:
            self.problem(said("a name of more than {0} characters", LONGEST_NAME), entry.line, student)
        elif entry.end - entry.start > self.limits.text:
            what = said("{0} {1}; the limit is {2}", entry.end - entry.start, said("characters"), self.limits.text)
            self.problem(what, entry.line, student)
        elif not entry.target.strip():
            self.problem(said("this answer does not say to what"), entry.line, student)
        else:
            self.entries.setdefault(student, []).append(entry)


def student_name(name: str) -> str:
    """Return one spelling of a student's name: composed letters, single spaces, nothing that hides or moves what is read."""
    return safe(" ".join(normalize("NFC", name).split()))


def told(problem: GradError) -> str:
    """Return what an error says, with its hint."""
    return said("{0}; {1}", problem.message, problem.hint) if problem.hint else problem.message


def too_many(limit: int) -> str:
    """Return what is said of a file with more answers than may be."""
    return said("more than {0} answers: nothing of this file is read; raise the limit: --limit rows={1}", limit, 10 * limit)


def is_text(text: str) -> bool:
    """Tell whether a text has neither bytes that are no UTF-8 nor half characters nor NUL in it."""
    return (text.isascii() and "\0" not in text) or not any("\ud800" <= char <= "\udfff" or char == "\0" for char in text)
