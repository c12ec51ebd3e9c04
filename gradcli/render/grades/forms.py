"""The table of reports on a class: which module writes each, and which endings of a file's name mean it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from os.path import sep
from typing import Any, NamedTuple

from gradcli.classroom.marks import Graded
from gradcli.errors import GradError, suggest
from gradcli.render.forms import Look, by_ending, endings
from gradcli.wording import said


class Report(NamedTuple):
    """A report on a class. ``render(graded, look, reveal)`` of its module gives its text.

    ``people`` read it: its words are in --lang; else it is for programs, in English. ``terminal``: its characters and colours are
    those of the terminal. ``folder``: there is one file for each student; ``pages`` gives the texts by name of the file.
    ``single``: the platform grades one student a run, and more are refused. ``asks``: the platform wants to read again what it
    said in the environment.
    """

    name: str
    module: str
    endings: tuple[str, ...] = ()
    people: bool = False
    terminal: bool = False
    folder: bool = False
    single: bool = False
    asks: bool = False

    def render(self, graded: Graded, look: Look, reveal: str, environment: Mapping[str, str] | None = None) -> str:
        """Return a class in this format; ``environment`` is that of the process, where a platform says which run this is.

        Raises:
            GradError: if the platform grades one student a run, and there are more.

        """
        if self.single and len(graded.sheets) > 1:
            raise GradError("bad-usage", said("--report {0}: it is of one student, and here are {1}", self.name, len(graded.sheets)),
                            hint=said("grade each submission in a run of its own"))  # fmt: skip
        said_by_the_platform = (environment or {},) if self.asks else ()
        text: str = self._module().render(graded, look, reveal, *said_by_the_platform)
        return text

    def pages(self, graded: Graded, look: Look, reveal: str) -> dict[str, str]:
        """Return the texts of a folder by the names of its files."""
        texts: dict[str, str] = self._module().pages(graded, look, reveal)
        return texts

    def _module(self) -> Any:
        return import_module(f"gradcli.render.grades.{self.module}")


REPORTS = (
    Report("table",       "table",       (".txt",),             people=True,  terminal=True),
    Report("plain",       "plain"),
    Report("json",        "json",        (".json",)),
    Report("csv",         "csv",         (".csv",)),
    Report("junit",       "junit",       (".xml",)),
    Report("gradescope",  "gradescope",                         single=True),
    Report("prairielearn", "prairielearn",                      single=True),
    Report("classroom50", "classroom50",                        single=True, asks=True),
    Report("github",      "github"),
    Report("summary",     "summary",     (".md", ".markdown"),  people=True),
    Report("markdown",    "markdown",                           people=True,  folder=True),
)  # fmt: skip
_ALIASES = {"txt": "table", "xml": "junit", "annotations": "github", "md": "summary", "feedback": "markdown"}


def report(name: str) -> Report:
    """Return a report by its name.

    Raises:
        GradError: if there is no such report.

    """
    wanted = _ALIASES.get(name, name)
    for row in REPORTS:
        if row.name == wanted:
            return row
    known = [row.name for row in REPORTS]
    raise GradError("bad-usage", said("there is no report {0}: there are {1}", name, ", ".join(known)), hint=suggest(name, known))


def report_of(file: str) -> Report:
    """Return the report that the ending of a file's name means; a folder's, which ends in a slash, is feedback to each student.

    Raises:
        GradError: if the ending means none.

    """
    if file.endswith(("/", sep)):
        return next(row for row in REPORTS if row.folder)
    found = by_ending(REPORTS, file)
    if found is not None:
        return found
    raise GradError("bad-usage", said("-o {0}: this ending names no report", file),
                    hint=said("the endings are {0}; --report NAME={1} says it outright", endings(REPORTS), file))  # fmt: skip
