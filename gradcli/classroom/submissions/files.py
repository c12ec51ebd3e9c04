"""What students hand in: worksheets, TOML, JSON, CSV, folders and standard input → answers, and what cannot be read.

Nothing is lost and nothing is chosen silently: every answer of a file is an `Entry` or part of a `Problem`. A file that cannot be
read stops no other, and a line that cannot be read no other of its file.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from io import StringIO, TextIOWrapper
from typing import IO, NamedTuple

from gradcli.classroom.marks import Problem, alphabetical
from gradcli.classroom.submissions.documents import read_document
from gradcli.classroom.submissions.handed import Entry, Handed, is_text, told
from gradcli.classroom.submissions.located import read_json, read_toml
from gradcli.classroom.submissions.sheets import read_sheet
from gradcli.classroom.submissions.tables import header, read_table
from gradcli.errors import GradError, reason, safe
from gradcli.limits import Limits
from gradcli.wording import said

__all__ = ["Entry", "Submission", "read_submissions"]

ENDINGS = (".grad", ".toml", ".json", ".csv")
_STDIN = "-"
_JSON, _JSON_SURELY = re.compile(r"\s*[\[{]"), re.compile(r"\s*(?:\{\s*\"|\[\s*\{)")
_TOML = re.compile(r"^[ \t]*(?:\[\[?[ \t]*answers[ \t]*[.\]]|answers[ \t]*[.=])", re.MULTILINE)
_PER_ROW = 256  # bytes a row of a table or an answer of a document may have on average, before the file is refused


class Submission(NamedTuple):
    """What one student handed in, and the first file that it is in."""

    student: str
    file: str
    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...] = ()


class _File(NamedTuple):
    """A file to be read: how it is called in reports, and by which name its student goes where it names none."""

    path: str
    shown: str
    student: str


def read_submissions(paths: Iterable[str], limits: Limits, but: Iterable[str] = ()) -> tuple[list[Submission], list[Problem]]:
    """Return the submissions in files, in folders and in standard input (``-``), by student, and the problems that are nobody's.

    ``but`` are files that are left out wherever they are found, as a key among the submissions is.
    """
    files, problems = _files(paths, {os.path.realpath(path) for path in but if path != _STDIN})
    handed_in: dict[str, list[Handed]] = {}
    for file in files:
        handed = Handed(file.shown, limits)
        _read(file, handed, limits)
        if not any(handed.entries.values()) and not handed.problems:
            owner = next(iter(handed.entries), "") or ("" if handed.many else handed.student(file.student))
            handed.problem(said("there is no answer in this file"), 0, owner)
        problems += handed.problems.pop("", [])
        for student in sorted({*handed.entries, *handed.problems}):
            handed_in.setdefault(student, []).append(handed)
    return [_submission(student, handed_in[student]) for student in sorted(handed_in, key=alphabetical)], sorted(problems)


def _submission(student: str, found: list[Handed]) -> Submission:
    """Return what one student handed in; if in two files, both count, and that it is so is a problem."""
    entries = [entry for handed in found for entry in handed.entries.get(student, [])]
    problems = [problem for handed in found for problem in handed.problems.get(student, [])]
    problems += [Problem(handed.file, 0, said("{0} handed in {1} too", student, found[0].file)) for handed in found[1:]]
    return Submission(student, found[0].file, tuple(entries), tuple(problems))


# ---- which files --------------------------------------------------------------------------------------------


def _files(paths: Iterable[str], left_out: set[str]) -> tuple[list[_File], list[Problem]]:
    """Return the files, each once, in an order of their own; of a folder those with a known ending, hidden ones and links left out."""
    found: dict[str, _File] = {}
    problems: list[Problem] = []
    for path in sorted(set(paths)):
        if path == _STDIN:
            found[_STDIN] = _File(_STDIN, said("standard input"), "stdin")
        elif os.path.isdir(path):
            inside = [_File(inner, safe(inner), os.path.splitext(os.path.relpath(inner, path))[0]) for inner in _inside(path, problems)]
            if not inside:
                problems.append(Problem(safe(path), 0, said("there is no submission in this folder: none ends in {0}", " ".join(ENDINGS))))
            for file in inside:
                found.setdefault(os.path.realpath(file.path), file)
        else:
            file = _File(path, safe(path), os.path.splitext(os.path.basename(path))[0])
            found.setdefault(os.path.realpath(path), file)
    return [file for real, file in sorted(found.items(), key=lambda pair: pair[1].shown) if real not in left_out], problems


def _inside(folder: str, problems: list[Problem]) -> Iterator[str]:
    """Yield the submissions of a folder and of those in it."""

    def unreadable(problem: OSError) -> None:
        name = safe(str(problem.filename or folder))
        problems.append(Problem(name, 0, reason(problem)))

    yield from (path for path in _under(folder, unreadable) if _is_submission(path))


def _under(folder: str, unreadable: Callable[[OSError], object] | None = None) -> Iterator[str]:
    """Yield what is in a folder and in those in it, in order; nothing hidden. A link to a folder is not followed: it could lead outside."""
    for at, folders, names in os.walk(folder, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (os.path.join(at, name) for name in sorted(names) if not name.startswith("."))


def _is_submission(path: str) -> bool:
    """Tell whether what is found in a folder is read: a file with a known ending, no link, which could lead outside, and no pipe."""
    return path.lower().endswith(ENDINGS) and os.path.isfile(path) and not os.path.islink(path)


def passed_over(paths: Iterable[str]) -> list[str]:
    """Return what is in folders and is not read, for its ending or as a link: so that nothing is missed in silence."""
    return [safe(path) for folder in sorted(set(paths)) for path in _under(folder) if not _is_submission(path)]


# ---- one file -----------------------------------------------------------------------------------------------


def _read(file: _File, handed: Handed, limits: Limits) -> None:
    """Read a file by its ending; one without a known ending by what it looks like."""
    try:
        if file.path == _STDIN:
            if sys.stdin is None or sys.stdin.closed:
                raise GradError("cannot-read", said("there is no standard input"))
            _parse(file, _opened(sys.stdin.buffer), handed, limits)
            return
        with open(file.path, "rb") as stream:
            _parse(file, _opened(stream), handed, limits)
    except OSError as problem:
        handed.problem(reason(problem), 0)
    except GradError as problem:
        line = problem.source.line_at(problem.span[0])[0] if problem.source and problem.span else 0
        handed.entries.clear()
        handed.problem(told(problem), line, "" if handed.many else handed.student(file.student))


def _opened(stream: IO[bytes]) -> TextIOWrapper:
    """Return a file as text whose bytes that are no UTF-8 are kept as half characters: so the line with them can be told."""
    return TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline=None)


def _parse(file: _File, stream: TextIOWrapper, handed: Handed, limits: Limits) -> None:
    ending = os.path.splitext(file.path)[1].lower()
    most = _PER_ROW * limits.rows
    try:
        if ending == ".csv":
            handed.many = True
            read_table(_lines(stream, limits.text, most), handed)
            return
        text = stream.read(max(most, limits.text) + 1 if ending not in (".grad", ".toml") else limits.text + 1)
    finally:
        stream.detach()
    ending = ending if ending in (".json", ".toml") else _looks_like(text, ending)
    handed.many = ending == ".csv" or (ending == ".json" and text.lstrip()[:1] == "[")
    if ending == ".csv":
        read_table(_lines(StringIO(text), limits.text, most), handed)
        return
    if ending != ".json":
        limits.check("text", len(text), said("characters or more"))
    elif len(text) > most:
        raise GradError("too-long", said("{0} {1}; the limit is {2}", len(text), said("characters or more"), most))
    if ending == ".grad":
        read_sheet(text, handed, file.student)
        return
    if not is_text(text):
        bad = next(place for place, char in enumerate(text) if not is_text(char))
        raise GradError("not-text", said("line {0} is not UTF-8 text", text.count("\n", 0, bad) + 1))
    root = (read_json if ending == ".json" else read_toml)(text, file.shown, limits)
    read_document(root, text, handed, file.student)


def _looks_like(text: str, ending: str) -> str:
    """Return the ending of what a text looks like: one that is called a worksheet may be something else too."""
    if (_JSON_SURELY if ending == ".grad" else _JSON).match(text):
        return ".json"
    return ".toml" if _TOML.search(text) else ".csv" if header(text.partition("\n")[0]) else ".grad"


def _lines(stream: IO[str], longest: int, most: int) -> Iterator[str]:
    """Yield the lines of a table; of one that is longer than an answer may be, pieces, and each is a row that cannot be read."""
    taken = 0
    while line := stream.readline(4 * longest):
        taken += len(line)
        if taken > most:
            raise GradError("too-long", said("{0} {1}; the limit is {2}", taken, said("characters or more"), most))
        yield line
