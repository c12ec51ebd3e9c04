"""The table of output formats: which module writes each, and which file endings mean it."""

from __future__ import annotations

from os.path import splitext

from gradcli.errors import GradError
from gradcli.light import TYPE_CHECKING, Iterable, Record, Sequence, TypeVar, import_module
from gradcli.report import Report
from gradcli.wording import Language, said

if TYPE_CHECKING:
    from typing import Protocol

    from gradcli.render.numbers import Format

    class HasEndings(Protocol):
        """A row of a table of formats."""

        @property
        def endings(self) -> tuple[str, ...]: ...



Row = TypeVar("Row", bound="HasEndings")
EACH, SHEET, ONE = "each", "sheet", "one"


class Part(Record):
    """One report of a worksheet: of which question, for how many points, and at which point; alone, of none."""

    report: Report
    question: str = ""
    points: float | None = None
    where: str = ""


class Look:
    """How an output looks: its digits (None: all), its language, and what the terminal can show."""

    __slots__ = ("ascii_only", "color", "digits", "fragment", "width", "words")

    def __init__(
        self,
        digits: int | None = 6,
        words: Language | None = None,
        *,
        width: int | None = None,
        color: bool = False,
        ascii_only: bool = False,
        fragment: bool = False,
    ) -> None:
        self.digits, self.words = digits, words or Language()
        self.width, self.color, self.ascii_only, self.fragment = width, color, ascii_only, fragment

    def be_ascii(self) -> None:
        """Keep to ASCII, which no other language than English is written in."""
        self.ascii_only, self.words = True, Language()

    @property
    def numbers(self) -> Format:
        """Return how numbers are written."""
        from gradcli.render.numbers import Format  # formats for programs have none

        return Format(self.digits, self.words)


class Form(Record):
    """An output format. ``render(parts, look)`` of its module gives its text, or its bytes.

    ``holds``: a worksheet is written part by part (EACH), as one document (SHEET), or not at all (ONE report).
    ``people`` read it: its numbers have --digits, its words are in --lang. Else it is for programs, in full precision.
    ``notes`` of the report are part of it, or else go to standard error.
    """

    name: str
    module: str
    endings: tuple[str, ...] = ()
    holds: str = ONE
    people: bool = True
    terminal: bool = False  # its characters and colours are those of the terminal
    binary: bool = False
    notes: bool = True
    function: str = "render"

    def render(self, parts: Sequence[Part], look: Look) -> str | bytes:
        """Return parts in this format."""
        text: str | bytes = getattr(import_module(f"gradcli.render.{self.module}"), self.function)(parts, look)
        return text


FORMS = (
    Form("table",    "table",              (".txt",),             EACH,  terminal=True),
    Form("graph",    "terminal.graph",     (),                    EACH,  terminal=True),
    Form("narrated", "terminal.narrated",  (),                    EACH),
    Form("plain",    "lines",              (),                    EACH,  people=False, notes=False),
    Form("quiet",    "lines",              (),                    EACH,  people=False, notes=False, function="render_partials"),
    Form("json",     "json",               (".json",),            SHEET, people=False),
    Form("csv",      "csv",                (".csv",),             ONE,   people=False, notes=False),
    Form("svg",      "picture.svg",        (".svg",),             ONE,   notes=False),
    Form("png",      "picture.png",        (".png",),             ONE,   notes=False, binary=True),
    Form("dot",      "picture.dot",        (".dot", ".gv"),       ONE,   notes=False),
    Form("mermaid",  "picture.mermaid",    (".mmd", ".mermaid"),  ONE,   notes=False),
    Form("html",     "page.html",          (".html", ".htm"),     SHEET),
    Form("markdown", "solution.markdown",  (".md", ".markdown"),  SHEET),
    Form("tex",      "solution.tex",       (".tex",),             SHEET),
    Form("numpy",    "script.numpy",       (),                    ONE,   people=False),
    Form("torch",    "script.torch",       (),                    ONE,   people=False),
    Form("jax",      "script.jax",         (),                    ONE,   people=False),
    Form("sympy",    "script.sympy",       (),                    ONE,   people=False),
)  # fmt: skip
_ALIASES = {"txt": "table", "mmd": "mermaid", "md": "markdown", "latex": "tex", "page": "html"}


def form(name: str) -> Form:
    """Return a format by its name.

    Raises:
        GradError: if there is no such format.

    """
    wanted = _ALIASES.get(name, name)
    for row in FORMS:
        if row.name == wanted:
            return row
    raise GradError("bad-usage", said("--format {0}: there are {1}", name, ", ".join(row.name for row in FORMS)))


def by_ending(rows: Iterable[Row], file: str) -> Row | None:
    """Return the row of a table of formats that the ending of a file's name means, if it means one."""
    suffix = splitext(file)[1].lower()
    return next((row for row in rows if suffix in row.endings), None)


def endings(rows: Iterable[Row]) -> str:
    """Return the endings there are in a table of formats, the first of each, for a hint."""
    return ", ".join(suffix for row in rows for suffix in row.endings[:1])


def ending(file: str) -> Form | None:
    """Return the format that the ending of a file's name means, if it means one."""
    return by_ending(FORMS, file)


def form_of(file: str) -> Form:
    """Return the format that the ending of a file's name means.

    Raises:
        GradError: if the ending means none.

    """
    found = ending(file)
    if found is not None:
        return found
    raise GradError("bad-usage", said("-o {0}: this ending names no format", file),
                    hint=said("the endings are {0}; --format NAME says it outright", endings(FORMS)))  # fmt: skip
