"""Answers in a CSV table, a row each: student, question, target, answer, and at which point; read as a stream.

A row that cannot be read stops no other: a quote that is never closed costs the row it stands in, not the rest of the file.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import NamedTuple

from gradcli.classroom.submissions.handed import Entry, Excerpt, Handed, is_text, too_many
from gradcli.wording import said

COLUMNS = ("student", "question", "target", "answer", "at")
_NEEDED = ("student", "target", "answer")
_DELIMITERS = ",;\t"
_MOST_LINES = 20  # of one row: an answer may be written over some lines, in quotes


class Row(NamedTuple):
    """A row of a table: its cells (None: they cannot be told), and the text they stand in, with its first line."""

    cells: list[str] | None
    text: str
    line: int


def header(line: str) -> tuple[str, list[str]] | None:
    """Return the delimiter of a table and its columns, if this is its first line."""
    for delimiter in _DELIMITERS:
        cells = _cells(line, delimiter)
        names = [cell.strip().lower() for cell in cells or []]
        if sum(name in names for name in _NEEDED) >= 2:
            return delimiter, names
    return None


def read_table(lines: Iterator[str], handed: Handed) -> None:
    """Read the answers of a table."""
    first = next(lines, "")
    found = header(first.removeprefix("\ufeff").rstrip("\r\n"))
    problem = _unfit(found[1]) if found else said("the first line does not name the columns {0}", ", ".join(COLUMNS))
    if found is None or problem:
        handed.problem(problem, 1)
        return
    delimiter, names = found
    place = {name: names.index(name) for name in COLUMNS if name in names}
    limit, count = handed.limits.rows, 0
    for row in rows(lines, delimiter, len(names), handed.limits.text):
        if not row.text.strip(delimiter + " \t\r\n\""):
            continue
        count += 1
        if count > limit:
            handed.entries.clear()
            handed.problems.clear()
            handed.problem(too_many(limit), row.line)
            return
        _read(row, place, len(names), delimiter, handed)


def _unfit(names: list[str]) -> str:
    """Return what is wrong with the columns."""
    missing = [name for name in _NEEDED if name not in names]
    twice = [name for name in COLUMNS if names.count(name) > 1]
    if missing:
        return said("there is no column {0}", missing[0])
    return said("there are two columns {0}", twice[0]) if twice else ""


def _read(row: Row, place: dict[str, int], width: int, delimiter: str, handed: Handed) -> None:
    if row.cells is None or not is_text(row.text):
        what = said("the quotes of this row do not match") if row.cells is None else said("this line is not UTF-8 text")
        handed.problem(what, row.line, handed.student(_owner(row.text.split(delimiter), place)))
        return
    given = {name: row.cells[at].strip() for name, at in place.items() if at < len(row.cells)}
    student = handed.student(given.get("student", ""))
    spare = row.cells[width:]
    if len(row.cells) < width or any(cell.strip() for cell in spare):
        handed.problem(said("this row has {0} cells, the first line {1}", len(row.cells), width), row.line, student)
        return
    if not student:
        handed.problem(said("this row does not say whose answer it is"), row.line)
        return
    answer, excerpt = given["answer"], Excerpt(row.text, handed.file, row.line)
    start = _where(row.text, row.cells, place["answer"], delimiter)
    if start < 0:
        excerpt, start = Excerpt(answer, handed.file, row.line), 0
    entry = Entry(given.get("question", ""), given["target"], excerpt, start, start + len(answer), row.line, given.get("at", ""))
    handed.entry(student, entry)


def _owner(pieces: list[str], place: dict[str, int]) -> str:
    """Return whose a row is that cannot be read, where that can be told all the same."""
    before = pieces[: place["student"] + 1]
    sound = len(before) > place["student"] and is_text(before[-1]) and not any('"' in piece for piece in before)
    return before[-1] if sound else ""


def _where(text: str, cells: list[str], place: int, delimiter: str) -> int:
    """Return where a cell stands in the text of its row as it is; -1 where it is not written so there."""
    answer, position = cells[place].strip(), 0
    for cell in cells[:place]:
        found = text.find(cell.strip(), position)
        position = text.find(delimiter, found + len(cell.strip())) + 1
        if found < 0 or not position:
            return -1
    return text.find(answer, position)


def rows(lines: Iterator[str], delimiter: str, width: int, longest: int) -> Iterator[Row]:
    """Return the rows of a table behind its first line; an answer in quotes may go over some lines, as long as none is a row by itself."""
    waiting: list[str] = []
    number = 1
    while (line := waiting.pop(0) if waiting else next(lines, None)) is not None:
        number += 1
        text, ahead = line.rstrip("\r\n"), list[str]()
        cells = _cells(text, delimiter)
        while cells is None and len(ahead) < _MOST_LINES and len(text) < longest:
            following = waiting.pop(0) if waiting else next(lines, None)
            if following is None:
                break
            ahead.append(following)
            if following.count(delimiter) >= width - 1:
                break
            text += "\n" + following.rstrip("\r\n")
            cells = _cells(text, delimiter)
        if cells is None:  # the quote is never closed: the rows behind it are rows of their own
            waiting[:0] = ahead
            yield Row(None, line.rstrip("\r\n"), number)
        else:
            yield Row(cells, text, number)
            number += len(ahead)


def _cells(text: str, delimiter: str) -> list[str] | None:
    """Return the cells of a row; None where its quotes do not match."""
    if '"' not in text:
        return text.split(delimiter)
    try:
        found = list(csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return found[0] if len(found) == 1 else None
