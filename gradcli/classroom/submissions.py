"""What students hand in: worksheets, TOML, JSON, CSV, folders and standard input → answers, and what cannot be read."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import NamedTuple

from gradcli.classroom.marks import Problem
from gradcli.errors import GradError, Source, safe
from gradcli.limits import Limits
from gradcli.operands import contents
from gradcli.syntax.names import NAME
from gradcli.wording import said


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


_ANSWER = re.compile(rf"([d∂]\s*{NAME}\s*/\s*[d∂]\s*{NAME}|{NAME})\s*=(?!=)([^,\n]*)")


def read_submissions(paths: Iterable[str], limits: Limits) -> tuple[list[Submission], list[Problem]]:
    """Return the submissions in files, and what could not be read and belongs to no student."""
    out: list[Submission] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            source = Source(contents(path, limits), path)
        except GradError as problem:
            problems.append(Problem(safe(path), 0, problem.message))
            continue
        student, question, where, entries = os.path.basename(path).rpartition(".")[0], "", "", []
        offset = 0
        for number, line in enumerate(source.text.split("\n"), 1):
            if line.startswith("student "):
                student = line[8:].strip()
            elif line.startswith("question "):
                question, where = re.split(r"[\[:#]", line[9:])[0].strip(), ""
            elif line.startswith("at "):
                where = line[3:].partition("#")[0].strip()
            elif line.startswith("answer "):
                for found in _ANSWER.finditer(source.text, offset, offset + len(line)):
                    entries.append(Entry(question, found[1], source, *found.span(2), number, where))
            offset += len(line) + 1
        out.append(Submission(safe(student), safe(path), tuple(entries)))
    return sorted(out), problems
