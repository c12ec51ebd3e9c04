"""A long text cut into words and what stands between them, and a code for each: where the codes are equal, so is the reading.

Words stand at odd places, the rest at even ones. The code of what stands between is itself; that of a word is what it may be:
a declared name, a free one, a number, or itself where its meaning hangs on its letters (a function, a constant, 1).
"""

from __future__ import annotations

from gradcli import ops
from gradcli.light import re
from gradcli.syntax import Declared
from gradcli.syntax.names import canonical
from gradcli.syntax.outside import UNITS, WHAT
from gradcli.syntax.tables import tables
from gradcli.syntax.words import INFIX_WORDS, SIMPLE

# Codes of words. No letter may be one: it would be taken for a constant of that name.
DECLARED, FREE, ONE, NUMERAL = "a name", "a free name", "1", "a number"
IRREGULAR = "?"  # what the grammar has to look at each time
_WORD, _SIGNED = r"([\w.]+)", r"([\w.]+(?:(?<=[0-9.][eE])[-+][0-9]+)?)"
_BLANK = " \t\r\f\u00a0\u2005\u2009\u202f"
_BETWEEN = re.compile(rf"[{_BLANK};\n=+\-−*/÷^(),!'@·⋅×⊙∘√∛{{}}<>≤≥≠:]*+")
_CUT = re.compile(rf"[;\n][;\n{_BLANK}]*")


class UnevenError(Exception):
    """Raised for a text that is left to the ordinary way: what stands in it may part statements, or is wrong."""


def pieces(text: str) -> list[str]:
    """Return what stands before the first word, the first word, what stands behind it, and so on to the end."""
    signed = any(sign in text for sign in ("e-", "e+", "E-", "E+"))  # 1e-3 is one word; to look out for it everywhere takes half the time
    return re.compile(_SIGNED if signed else _WORD, re.ASCII if text.isascii() else 0).split(text)


def seams(between: set[str]) -> dict[str, tuple[int, int]]:
    """Return, of all that stands between words, where one statement ends and the next one begins.

    Raises:
        UnevenError: for what has a meaning across statements (comments, square brackets, bars), or none.

    """
    out = {}
    for piece in between:
        if not _BETWEEN.fullmatch(piece):
            raise UnevenError
        cuts = list(_CUT.finditer(piece))
        if len(cuts) > 1 or (cuts and "\n" in cuts[0][0] and piece[cuts[0].end() :][:1] in ("+", "-", "−")):
            raise UnevenError
        if cuts:
            out[piece] = cuts[0].span()
    return out


def is_head(piece: str) -> bool:
    """Tell whether a word before this piece is what a statement defines."""
    left = piece.lstrip(_BLANK)
    return left[:1] == "=" != left[1:2] or left[:2] == ":="


class Codes(dict[str, str]):
    """The code of each piece, found when it is met first."""

    def __init__(self, declared: Declared, bound: frozenset[str]) -> None:
        super().__init__()
        self.declared, self.bound = declared, bound
        patterns = dict(tables("plain")["terminals"])
        self.name, self.number = re.compile(patterns["NAME"]).fullmatch, re.compile(patterns["NUMBER"]).fullmatch

    def __missing__(self, piece: str) -> str:
        code = self[piece] = self._word(piece) if piece[:1].isalnum() or piece[:1] in ("_", ".") else piece
        return code

    def learn(self, names: list[str]) -> None:
        """Learn the names that statements define."""
        usual = {name for name in names if name.isalnum() and name.isascii() and name[0].isalpha()}.difference(ops.CONSTANTS)
        self.update(dict.fromkeys(usual, DECLARED))
        self.declared.variables |= usual
        self.declared.variables.update(map(canonical, set(names) - usual))

    def _word(self, word: str) -> str:
        if self.number(word):
            return ONE if word == ONE else NUMERAL  # x^1/2 may be meant as a root
        key, declared = canonical(word), self.declared
        if not self.name(word) or key in declared.functions or (key in ops.CONSTANTS and key in self.bound):
            return IRREGULAR
        if key in declared.variables:
            return DECLARED
        if key in ops.CONSTANTS:
            return word
        if key in ops.CALLS:
            return IRREGULAR if any(row.literals for row in ops.CALLS[key]) else word
        rare = key in WHAT or key in UNITS or key in INFIX_WORDS or word[0] in "dT" or word.count("_") > 1 or word.startswith("log_")
        return IRREGULAR if rare or key == "i" or not SIMPLE.fullmatch(word) else FREE
