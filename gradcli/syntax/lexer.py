"""Text → raw tokens, by the terminals of a grammar; what each word is in its place is decided in `arrange`."""

from __future__ import annotations

from gradcli.errors import GradError, Source
from gradcli.light import Record, re
from gradcli.syntax.outside import WHAT, outside
from gradcli.syntax.tables import tables
from gradcli.wording import said


class Token(Record):
    """A word of the text: its terminal, its characters, where it stands."""

    kind: str
    text: str
    start: int
    end: int


class _Lexer:
    def __init__(self, grammar: str) -> None:
        table = tables(grammar)
        self.match = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in table["terminals"])).match
        self.ignore = frozenset(table["ignore"])


_lexers: dict[str, _Lexer] = {}


def tokens(grammar: str, source: Source, start: int = 0, end: int | None = None) -> list[Token]:
    """Return the raw tokens of source.text[start:end] and the mark of the end."""
    lexer = _lexers.get(grammar) or _lexers.setdefault(grammar, _Lexer(grammar))
    out: list[Token] = []
    text, match, ignore, position = source.text, lexer.match, lexer.ignore, start
    end = len(text) if end is None else end
    while position < end:
        found = match(text, position, end)
        if found is None:
            raise _strange_character(source, position)
        kind = found.lastgroup
        assert kind is not None
        stop = found.end()
        if kind not in ignore:
            out.append(Token(kind, found.group(), position, stop))
        position = stop
    out.append(Token("$END", "", end, end))
    return out


# What people type or paste that is not in the language, and what to write instead.
_INSTEAD = {
    "\\": said("this is LaTeX inside plain notation: with --latex the whole is read as LaTeX"),
    "$": said("with --latex the whole is read as LaTeX"), "%": said("write 0.52 for 52 percent"),
    "°": said("write the angle in radians, as in pi*x/180"),
    **dict.fromkeys("“”\"„«»", said("leave the quotes out")), **dict.fromkeys("‘’", said("a transpose is written x'")),
    "∑": said(r"write the sum out, or in LaTeX: \sum_{i=1}^{3} x_i"), "∏": said(r"write the product out, or in LaTeX: \prod_{i=1}^{3} x_i"),
    "±": said("write two expressions, one with + and one with -"), **dict.fromkeys("½¼¾⅓⅔", said("write a fraction, as in (1/2)")),
    "…": said("write everything out"),
    **dict.fromkeys("–—‐‑⁒", said("for a minus sign write -")), "'": said("a transpose stands behind its vector or matrix: x'"),
}  # fmt: skip
_LOOK_ALIKE = dict(zip("АВЕЗКМНОРСТУХаеорсухіѕјɑ", "ABE3KMHOPCTYXaeopcyxisja"))


def _strange_character(source: Source, position: int) -> GradError:
    from unicodedata import name

    char, span = source.text[position], (position, position + 1)
    hint = _INSTEAD.get(char, "")
    if char in WHAT:
        return outside(WHAT[char], span, source, hint)
    if char in _LOOK_ALIKE:
        hint = said("it only looks like {0}: type the Latin letter", _LOOK_ALIKE[char])
    shown = char if char.isprintable() else ""
    named = f"{shown} U+{ord(char):04X} {name(char, '')}".rstrip()
    message = said("this character is not in the language: {0}", named)
    return GradError("unknown-character", message, span, source=source, hint=hint)
