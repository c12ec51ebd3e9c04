"""Text → raw tokens, by the terminals of a grammar; what each word is in its place is decided in `arrange`."""

from __future__ import annotations

from gradcli.errors import GradError, Source
from gradcli.light import Callable, Iterator, Record, re
from gradcli.syntax.tables import NOWHERE, tables
from gradcli.wording import said


class Token(Record):
    """A word of the text: its terminal, its characters, where it stands."""

    kind: str
    text: str
    start: int
    end: int


SHORT = 2_000  # characters; to cut a longer text, loading re pays
Cut = Callable[[str, int, int], Iterator[tuple[str, int]]]


class Cutter:
    """Two ways to cut a text that find the same: by the automaton, which is there at once, and by re, which is faster."""

    def __init__(self, grammar: str) -> None:
        self.table = tables(grammar)
        self.ignore = frozenset(self.table["ignore"])
        self._match: Callable[[str, int, int], re.Match[str] | None] | None = None
        self._classes = _Classes(self.table["automaton"]["ranges"]) if self.table["automaton"] else None

    def ways(self) -> list[Cut]:
        """Return how a text can be cut into (terminal, where it ends), until no terminal fits: for short texts first."""
        return [self._by_automaton, self._by_expression] if self.table["automaton"] else [self._by_expression]

    def _by_expression(self, text: str, start: int, end: int) -> Iterator[tuple[str, int]]:
        if self._match is None:
            self._match = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in self.table["terminals"])).match
        match, position = self._match, start
        while found := match(text, position, end):
            position = found.end()
            yield found.lastgroup or "", position
            if position == end:
                return

    def _by_automaton(self, text: str, start: int, end: int) -> Iterator[tuple[str, int]]:
        automaton, classes = self.table["automaton"], self._classes
        assert automaton is not None
        assert classes is not None
        begin, moves, accepts = automaton["begin"], automaton["moves"], automaton["accepts"]
        position = start
        while position < end:
            state = begin[classes[text[position - 1]] if position else -1]
            kind, stop = "", position
            for place in range(position, end):
                state = moves[state][classes[text[place]]]
                if state == NOWHERE:
                    break
                if accepts[state]:
                    kind, stop = accepts[state], place + 1
            if not kind:
                return
            yield kind, stop
            position = stop


class _Classes(dict[str, int]):
    """The class of each character, found when it is first met."""

    def __init__(self, ranges: list[tuple[int, int]]) -> None:
        super().__init__()
        self._ranges = ranges

    def __missing__(self, char: str) -> int:
        code = ord(char)
        return self.setdefault(char, next(kind for first, kind in reversed(self._ranges) if first <= code))


_lexers: dict[str, Cutter] = {}


def tokens(grammar: str, source: Source, start: int = 0, end: int | None = None) -> list[Token]:
    """Return the raw tokens of source.text[start:end] and the mark of the end."""
    lexer = _lexers.get(grammar) or _lexers.setdefault(grammar, Cutter(grammar))
    out: list[Token] = []
    text, ignore, position = source.text, lexer.ignore, start
    end = len(text) if end is None else end
    for kind, stop in lexer.ways()[0 if end - start <= SHORT else -1](text, start, end):
        if kind not in ignore:
            out.append(Token(kind, text[position:stop], position, stop))
        position = stop
    if position < end:
        raise _strange_character(source, position)
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

    from gradcli.syntax.outside import WHAT, outside

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
