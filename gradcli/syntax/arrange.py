"""Tokens → tokens as the grammars know them: what a bar, a bracket, a function is in its place.

One pass with a stack of open brackets, for plain notation and LaTeX alike. It decides by what stands before (an operand
or a sign) and by one look ahead, so that the grammars are LALR(1) without a conflict:

* ``|`` opens where an operand is expected, or where none of its kind is open; else it closes;
* ``<`` opens a vector where an operand is expected; ``[`` close behind an operand is an index;
* a function before its bracket is a CALL, also as in sin^2(x);
* behind a function without brackets, a number before one symbol is a COEFFICIENT: sin 2x, sin 2 pi x.
"""

from __future__ import annotations

from gradcli import ops
from gradcli.errors import GradError, Source, suggest
from gradcli.light import re
from gradcli.syntax import Declared, Ledger, Reading
from gradcli.syntax.lexer import Token
from gradcli.syntax.names import LETTERS, canonical
from gradcli.wording import said

CLOSES = {
    "RPAR": "LPAR", "RSQB": "LSQB", "RBRACE": "LBRACE", "_RBAR": "_LBAR", "_RNORM": "_LNORM", "_RANGLE": "_LANGLE", "_RFLOOR": "_LFLOOR",
    "_RCEIL": "_LCEIL", "_END": "_BEGIN",
}  # fmt: skip
OPENS = frozenset((*CLOSES.values(), "_INDEX"))
ENDS = frozenset((
    "NAME", "NUMBER", "RPAR", "RSQB", "RBRACE", "_PRIME", "BANG", "_RBAR", "_RNORM", "_RANGLE", "_RFLOOR", "_RCEIL", "_END",
))  # fmt: skip
_SYMBOLS = frozenset(("NAME", "ROOT", "_SQRT", "_FRAC", "RAW_BAR", "_LBAR"))
_FRACTIONS = ("_FRAC", "_CFRAC")
_SCALED = {"_FRAC": "_CFRAC", "_SQRT": "_CSQRT"}
# What is the same in every place, and what is, unless it stands behind one of those that tell, or before a bracket.
_DULL = frozenset((
    "_TIMES", "_DOT", "_CROSS", "_DOT_TIMES", "_OVER", "_AT", "_POWER", "_EQUAL", "_SEP", "_RAISED", "_SUB", "$END", "COMMA", "COLON",
    "BANG", "LPAR", "RPAR", "LBRACE", "RBRACE", "RSQB",
))  # fmt: skip
_USUAL, _TELLING = frozenset(("NAME", "NUMBER", "_PLUS", "_MINUS")), frozenset(("NUMBER", "_SEP"))
_BARS = {"RAW_BAR": ("_LBAR", "_RBAR"), "RAW_NORM": ("_LNORM", "_RNORM")}


def arrange(raw: list[Token], source: Source, declared: Declared, ledger: Ledger, indices: bool = True) -> list[Token]:
    """Return the tokens with their final kinds; ``indices``: a [ close behind an operand is one."""
    return _Arrangement(raw, source, declared, ledger, indices).tokens()


class _Arrangement:
    def __init__(self, raw: list[Token], source: Source, declared: Declared, ledger: Ledger, indices: bool) -> None:
        self.raw, self.source, self.declared, self.ledger, self.indices = raw, source, declared, ledger, indices
        self.out: list[Token] = []
        self.opened: list[str] = []
        self.bars = [0]  # how many pairs of bars have been closed at each depth
        self.bare_at = -1  # the place where the argument of a function without brackets may begin
        self.ends = _bracket_ends(raw) if any(token[0] == "FUNCTION" for token in raw) else {}

    def tokens(self) -> list[Token]:
        """Go through the tokens once."""
        raw, out, last = self.raw, self.out, ""
        for place, token in enumerate(raw):
            raw_kind = token[0]
            if place != self.bare_at and (
                raw_kind in _DULL or (raw_kind in _USUAL and last not in _TELLING and raw[place + 1][0] != "LPAR")
            ):
                kind = raw_kind
            else:
                kind = self._kind(place, token)
            if kind in OPENS:
                self.opened.append(kind)
                self.bars.append(0)
            elif kind in CLOSES and self.opened:
                self.opened.pop()
                self.bars.pop()
                self.bars[-1] += kind in ("_RBAR", "_RNORM")
            out.append(token if kind == raw_kind else token._replace(kind=kind))
            last = kind
        return out

    @property
    def previous(self) -> Token | None:
        """Return the token before this one."""
        return self.out[-1] if self.out else None

    def _kind(self, place: int, token: Token) -> str:
        kind, after = token.kind, self.raw[min(place + 1, len(self.raw) - 1)]
        if kind in _BARS:
            return self._bar(token)
        if kind == "COMPARE":
            return self._angle(token)
        if kind == "LSQB" and self.indices:
            return self._bracket(token)
        if kind == "FUNCTION":
            return self._function(place, token)
        if place == self.bare_at:
            return self._coefficient(place, token, after)
        if kind == "NUMBER":
            self._refuse_two_numbers(token, after)
        if kind == "NAME" and not self.declared.rule:
            self._look_at_name(token, after)
        if not self.declared.rule:
            self._refuse(token, after)
        return kind

    def _behind_operand(self) -> bool:
        return bool(self.out) and self.out[-1].kind in ENDS

    def _bar(self, token: Token) -> str:
        opening, closing = _BARS[token.kind]
        behind, before = self._behind_operand(), self.previous
        if behind and self.opened and self.opened[-1] == opening:
            return closing
        if behind and self.bars[-1] and before is not None and before.kind not in ("_RBAR", "_RNORM"):
            self.ledger.add(Reading("bars", (token.start, token.end), words=said("the beginning of a new pair of bars")))
        return opening

    def _angle(self, token: Token) -> str:
        if token.text == "<" and not self._behind_operand():
            return "_LANGLE"
        if token.text == ">" and self._behind_operand() and self.opened and self.opened[-1] == "_LANGLE":
            return "_RANGLE"
        return token.kind

    def _bracket(self, token: Token) -> str:
        before = self.previous
        if before is None or before.kind not in ("NAME", "RPAR", "RSQB", "_PRIME", "BANG"):
            return token.kind
        if before.end == token.start:
            return "_INDEX"
        if before.kind == "NAME" and canonical(before.text) in self.declared.arrays:
            words = said("the beginning of an entry of {0}, as in {0}[1]", before.text)
            self.ledger.add(Reading("brackets", (before.start, token.end), words=words))
            return "_INDEX"
        return token.kind

    def _function(self, place: int, token: Token) -> str:
        after = _behind_script(self.raw, place + 1, self.ends)
        if self.raw[after].kind == "LPAR":
            return "CALL"
        if canonical(token.text) in self.declared.functions:
            raise GradError(
                "missing-argument", said("{0} is a function: it needs an argument in brackets", token.text), (token.start, token.end),
                source=self.source, hint=said("for example {0}", f"{token.text}(x)"),
            )  # fmt: skip
        self.bare_at = after
        return token.kind

    def _coefficient(self, place: int, token: Token, after: Token) -> str:
        """Tell whether a number goes on into one symbol: 2 in sin 2x, and in LaTeX \\frac12 in \\sin\\frac12 x."""
        if token.kind in _SCALED:
            end = _numeric(self.raw, place, self.ends, self.declared)
            if end and self.raw[end].kind in _SYMBOLS:
                self.bare_at = end
                return _SCALED[token.kind]
        elif _is_number(token, self.declared) and after.kind in _SYMBOLS:
            self.bare_at = place + 1
            return "COEFFICIENT"
        return token.kind

    def _refuse_two_numbers(self, token: Token, after: Token) -> None:
        before = self.previous
        if before is not None and before.kind == "NUMBER" and not _may_touch(self.out, after):
            raise GradError(
                "missing-operator", said("an operator is missing between {0} and {1}", before.text, token.text), (token.start, token.end),
                source=self.source, hint=said("for a product write {0}*{1}", before.text, token.text),
            )  # fmt: skip

    def _look_at_name(self, token: Token, after: Token) -> None:
        before = self.previous
        if token.text == "x" and before is not None and before.kind == after.kind == "NUMBER":
            self.ledger.add(Reading("times", (token.start, token.end), words=said("the variable x, not as the sign ×")))
        if after.kind == "LPAR" and not self.declared.known(token.text):
            _product_or_call(token, self.source, self.declared, self.ledger)

    def _refuse(self, token: Token, after: Token) -> None:
        """Refuse f'(x), and a line that begins with a sign: it may go on from the line before."""
        before, span = self.previous, (token.start, token.end)
        if token.kind == "_PRIME" and after.kind == "LPAR" and before is not None and before.kind == "NAME":
            from gradcli.syntax.outside import outside

            hint = said("the derivatives are what it computes: write the function")
            raise outside(said("a derivative written with '"), span, self.source, hint)
        if token.kind in ("_PLUS", "_MINUS") and before is not None and before.kind == "_SEP" and "\n" in before.text:
            raise GradError("syntax", said("a line begins with a sign: does it go on from the line before?"), span, source=self.source,
                            hint=said("write the sum on one line"))  # fmt: skip


def _may_touch(before: list[Token], after: Token) -> bool:
    """Tell whether two numbers may stand side by side: the digits of \\frac12, and the base of a power, as in 3 2^x."""
    return after.kind in ("_POWER", "_RAISED") or (len(before) > 1 and before[-2].kind in _FRACTIONS)


def _numeric(raw: list[Token], place: int, ends: dict[int, int], declared: Declared) -> int:
    """Return the place behind a fraction or root of numbers alone, as in \\sin\\frac12 x; 0 if there is none."""
    end = place + 1
    for _ in range(2 if raw[place].kind == "_FRAC" else 1):
        end = ends.get(end, end + 1)
    inside = raw[place + 1 : end]
    plain = all(t.kind in ("LBRACE", "RBRACE", "_OVER") or _is_number(t, declared) for t in inside)
    return end if plain and end < len(raw) else 0


def _is_number(token: Token, declared: Declared) -> bool:
    return token.kind == "NUMBER" or (token.kind == "NAME" and canonical(token.text) == "pi" and not declared.known(token.text))


def _bracket_ends(raw: list[Token]) -> dict[int, int]:
    """Return, for every round or curly bracket that opens, the place behind its partner."""
    ends: dict[int, int] = {}
    stack: list[int] = []
    for place, token in enumerate(raw):
        if token.kind in ("LBRACE", "LPAR"):
            stack.append(place)
        elif token.kind in ("RBRACE", "RPAR") and stack:
            ends[stack.pop()] = place + 1
    return ends


def _behind_script(raw: list[Token], place: int, ends: dict[int, int]) -> int:
    """Return the place behind the power or base of a function: that of the bracket in sin^2(x)."""
    last = len(raw) - 1
    if raw[place].kind not in ("_POWER", "_SUB"):
        return place
    place = min(place + 1, last)
    if raw[place].kind == "_MINUS":
        place = min(place + 1, last)
    return min(ends.get(place, place + 1), last)


def _product_or_call(name: Token, source: Source, declared: Declared, ledger: Ledger) -> None:
    """Read z(x + y) as a product, with a note; f(x) and word(x) look like functions that nobody knows."""
    key, span = canonical(name.text), (name.start, name.end)
    from gradcli.syntax.outside import WHAT, outside

    if key in WHAT:
        raise outside(WHAT[key], span, source)
    if key in ops.CONSTANTS:
        return
    stem = re.split(r"[^A-Za-z]", key)[0]  # i of i0, lambert of lambert_w
    if (len(stem) > 1 and stem not in LETTERS) or (stem in ("f", "g", "h", "F", "G", "H") and key == stem):
        hint = suggest(key, [*ops.CALLS, *declared.functions]) or said("define it first: {0}(u) = …; or write {0}*(…)", name.text)
        raise GradError("unknown-function", said("there is no function called {0}", name.text), span, source=source, hint=hint)
    ledger.add(Reading("product", span, words=said("a factor, {0}*(…), and no function", name.text)))
