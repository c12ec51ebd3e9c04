"""A graded class → CSV (RFC 4180), one row a part: for spreadsheets and gradebooks.

A spreadsheet takes a cell that begins with ``= + - @`` for a formula, and runs what a student wrote. Such a cell of text gets an
apostrophe before it, unless it is a number, as -4 is; so does a text that begins with an apostrophe of its own: who wants the
text takes one away. Control characters are spelt out, as in ``\\x1b``: a row is a line. What could not be read has a row of its
own, without question and points, with its file and line.
"""

from __future__ import annotations

import re
from csv import writer
from io import StringIO

from gradcli.classroom.marks import Graded
from gradcli.render.forms import Look
from gradcli.render.grades.logs import harmless
from gradcli.render.grades.told import number, problems, tell

HEADER = ("student", "question", "at", "target", "answer", "verdict", "points", "worth", "why", "step", "slip", "expected", "file", "line")
_NUMBER = re.compile(r"[-+]?(?:\d++\.?\d*+|\.\d++)(?:[eE][-+]?\d++)?", re.ASCII)


def render(graded: Graded, look: Look, reveal: str) -> str:
    """Return a class as rows, student by student."""
    file = StringIO()
    rows = writer(file, lineterminator="\n")
    rows.writerow(HEADER)
    for sheet in graded.sheets:
        for told in tell(sheet, reveal):
            mark, seen = told.mark, told.seen
            found = seen["diagnosis"] or {"step": None, "kind": None}
            cells = [sheet.student, mark.question, mark.where, mark.target, seen["given"], seen["verdict"]]
            points = [number(mark.points), number(mark.worth)]
            behind = [told.why, found["step"], found["kind"], seen["expected"], sheet.file]
            rows.writerow([*map(cell, cells), *points, *map(cell, behind), mark.line or ""])
    for student, problem in problems(graded):
        why = [cell(problem.message), "", "", "", cell(problem.file), problem.line or ""]
        rows.writerow([cell(student), "", "", "", "", "invalid", "", "", *why])
    return file.getvalue()


def cell(text: str | None) -> str:
    """Return a text as a cell that no spreadsheet computes."""
    clean = harmless(text or "")
    return f"'{clean}" if clean[:1] in tuple("=+-@'") and not _NUMBER.fullmatch(clean) else clean
