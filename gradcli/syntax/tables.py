"""Find the tables of a grammar: the kept ones, or fresh ones from Lark where the grammar has changed since."""

from __future__ import annotations

from os.path import dirname, getmtime, isfile, join

from gradcli.light import TYPE_CHECKING, import_module

GRAMMARS = ("plain", "latex", "worksheet")
NOWHERE = 255  # in an automaton: no terminal goes on like this
_PACKAGE = dirname(dirname(__file__))

if TYPE_CHECKING:
    from typing import TypedDict

    class Automaton(TypedDict):
        """The terminals of a grammar as a deterministic automaton (see `automaton.automaton`)."""

        ranges: list[tuple[int, int]]
        begin: tuple[int, ...]
        moves: list[bytes]
        accepts: tuple[str, ...]

    class Tables(TypedDict):
        """The tables of one grammar (see `build.make_tables`)."""

        checksum: int
        terminals: list[tuple[str, str]]
        automaton: Automaton | None
        ignore: list[str]
        rules: list[tuple[str, int, str | None, tuple[int, ...]]]
        states: list[str]
        start: int
        end: int


def grammar_text(grammar: str) -> str:
    """Return the text of ``grammar/<grammar>.lark``.

    A checkout and an editable install have the folder beside the package, a wheel has it inside. Beside comes
    first: an editable install may leave a stale copy inside.
    """
    for folder in (dirname(_PACKAGE), _PACKAGE):
        file = join(folder, "grammar", f"{grammar}.lark")
        if isfile(file):
            with open(file, encoding="utf-8") as opened:
                return opened.read()
    raise FileNotFoundError(f"grammar/{grammar}.lark is neither beside nor inside the package")


def kept_in(grammar: str) -> str:
    """Return the file that keeps the tables of a grammar."""
    return join(_PACKAGE, "syntax", f"{grammar}_tables.py")


def checksum(text: str) -> int:
    """Return a number that tells one text of a grammar from another, and loads nothing: the text itself, modulo a prime."""
    return int.from_bytes(text.encode()) % (2**61 - 1)


_loaded: dict[str, Tables] = {}


def tables(grammar: str) -> Tables:
    """Return the tables of a grammar, from its ``…_tables.py`` while they are current."""
    if grammar not in _loaded:
        kept: Tables | None
        try:
            kept = import_module(f"gradcli.syntax.{grammar}_tables").TABLES
        except (ImportError, AttributeError):
            kept = None
        if kept is None or (_may_be_stale(grammar) and kept["checksum"] != checksum(grammar_text(grammar))):
            from gradcli.syntax.build import make_tables

            kept = make_tables(grammar)
        _loaded[grammar] = kept
    return _loaded[grammar]


def _may_be_stale(grammar: str) -> bool:
    """Tell whether a grammar is newer than its tables: only beside the package can it be edited, so a wheel does not look.

    The time of a file is the first sign alone, as a checkout writes its files in any order; the checksum decides.
    """
    try:
        return getmtime(join(dirname(_PACKAGE), "grammar", f"{grammar}.lark")) >= getmtime(kept_in(grammar))
    except OSError:
        return False
