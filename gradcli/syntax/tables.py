"""Find the tables of a grammar: the kept ones, or fresh ones from Lark where the grammar has changed since."""

from __future__ import annotations

from pathlib import Path
from zlib import crc32

from gradcli.light import TypedDict

GRAMMARS = ("plain", "latex", "worksheet")


class Tables(TypedDict):
    """The LALR tables of one grammar (see `build.make_tables`)."""

    checksum: int
    terminals: list[tuple[str, str]]
    ignore: list[str]
    rules: list[tuple[str, int, str | None, tuple[int, ...]]]
    states: list[dict[str, int]]
    start: int
    end: int


def grammar_text(grammar: str) -> str:
    """Return the text of ``grammar/<grammar>.lark``.

    A checkout and an editable install have the folder beside the package, a wheel has it inside. Beside comes
    first: an editable install may leave a stale copy inside.
    """
    package = Path(__file__).parents[1]
    for folder in (package.parent / "grammar", package / "grammar"):
        file = folder / f"{grammar}.lark"
        if file.is_file():
            return file.read_text(encoding="utf-8")
    raise FileNotFoundError(f"grammar/{grammar}.lark is neither beside nor inside the package")


_loaded: dict[str, Tables] = {}


def tables(grammar: str) -> Tables:
    """Return the tables of a grammar, from ``generated.py`` while it is current."""
    if grammar not in _loaded:
        kept: Tables | None
        try:
            from gradcli.syntax import generated

            kept = getattr(generated, grammar.upper())
        except (ImportError, AttributeError):
            kept = None
        if kept is None or kept["checksum"] != crc32(grammar_text(grammar).encode()):
            from gradcli.syntax.build import make_tables

            kept = make_tables(grammar)
        _loaded[grammar] = kept
    return _loaded[grammar]
