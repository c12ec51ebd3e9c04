"""Raw tokens of LaTeX → the tokens of latex.lark: names with their subscripts, functions, delimiters, environments.

One pass from left to right. What TeX takes as one argument (a digit, a letter, a group) stays one: \\frac12, x^2y.
"""

from __future__ import annotations

from gradcli import ops
from gradcli.errors import GradError, Source, suggest
from gradcli.light import Callable
from gradcli.syntax import Declared, Ledger, Reading
from gradcli.syntax import commands as c
from gradcli.syntax.latex_environments import EnvironmentReader
from gradcli.syntax.lexer import Token
from gradcli.syntax.names import GREEK, LETTERS, canonical
from gradcli.syntax.outside import WHAT, outside
from gradcli.wording import said

_LONGEST = max(map(len, ops.CALLS))


def words(raw: list[Token], source: Source, declared: Declared, ledger: Ledger) -> list[Token]:
    """Return the tokens of a formula in LaTeX as the grammar knows them."""
    reading = _Formula(_bare_formula(raw, source), source, declared, ledger)
    reading.walk()
    declared.heads(reading.out)
    return _functions(reading.out, declared, ledger)


def _bare_formula(raw: list[Token], source: Source) -> list[Token]:
    """Return the formula without the dollars or brackets round it, and without the point that ends a sentence."""
    marks = [t for t in raw if t.kind == "RAW_DOLLAR" or t.text in (r"\[", r"\]", r"\(", r"\)")]
    inside = [t for t in raw if t not in marks] if marks else raw
    if marks and (len(marks) != 2 or raw[0] is not marks[0] or raw[-2] is not marks[1]):
        raise GradError("syntax", said("one formula is read, and nothing beside it"), (marks[-1].start, marks[-1].end), source=source,
                        hint=said("give the part between $ and $ alone"))  # fmt: skip
    last = len(inside) - 1
    while last > 0 and (inside[last - 1].kind in ("RAW_DOT", "COMMA") or inside[last - 1].text in c.SPACING):
        last -= 1
    return [*inside[:last], inside[-1]]


class _Formula(EnvironmentReader):
    """Goes through the raw tokens once, from left to right."""

    def __init__(self, raw: list[Token], source: Source, declared: Declared, ledger: Ledger) -> None:
        super().__init__(raw, source, declared, ledger)
        self.closers: dict[int, str] = {}  # places of brackets that close a function's argument as if round

    def walk(self) -> None:
        """Go through the raw tokens once."""
        raw = self.raw
        while self.at < self.count:
            self.at = self.jump.pop(self.at, self.at)
            if self.at >= self.count:
                break
            token, place = raw[self.at], self.at
            self.at += 1
            if place in self.closers:
                self.put(self.closers[place], token)
            elif token.kind in _READERS:
                _READERS[token.kind](self, token)
            elif token.kind in ("RAW_BAR", "RAW_NORM"):
                self.put(self._side(token.kind), token)
            elif token.kind in ("LBRACE", "LSQB") and self._after_function():
                self._argument(token, place) if token.kind == "LSQB" else self.put("LBRACE", token)
            elif token.kind in ("RAW_DOT", "RAW_DOLLAR"):
                if not (token.kind == "RAW_DOT" and raw[place - 1].text in (r"\left", r"\right")):
                    raise self.error("syntax", said("{0} cannot stand here", token.text), token)
            else:
                self.out.append(token)
        self.out.append(raw[-1])

    # ---- commands -------------------------------------------------------------------------------------------

    def _command(self, token: Token) -> None:
        text = token.text
        if text in c.SPACING or text in c.WRAPPERS:
            if text == r"\mathbin" and [t.kind for t in self.raw[self.at : self.at + 3]] == ["LBRACE", "_AT", "RBRACE"]:
                self.put("_AT", self.raw[self.at + 1])  # the matrix product, as it is written where nobody knows the shapes
                self.at += 3
            return
        if text in c.NAMES or text in c.ACCENTS or text in c.FONTS:
            self._name_or_function(token)
        elif text in c.FUNCTIONS:
            self.put("FUNCTION", token, c.FUNCTIONS[text])
            self._limits_of_max(token)
        elif text in (r"\begin", r"\end"):
            self.environment(token)
        elif text == r"\\":
            self.line_end(token)
        elif text in c.SIGNS:
            self._sign(token)
        elif text in (r"\cdots", r"\ldots", r"\dots", r"\vdots", r"\ddots"):
            raise self.error("outside", said("dots are outside this tool"), token, said("write everything out"))
        elif text in WHAT:
            raise outside(WHAT[text], (token.start, token.end), self.source)
        elif not self._glued(token):
            shown = text if len(text) < 40 else said("{0}… of {1} letters", text[:30], len(text))
            raise self.error("unknown-command", said("{0} is not a command that is read here", shown), token,
                             suggest(text, c.KNOWN) or said(r"a function of your own is written \operatorname{name}(x)"))  # fmt: skip

    def _glued(self, token: Token) -> bool:
        """Read a delimiter that has run into the letter after it, \\lvertx: no command begins like this, so a note will do."""
        for size in range(len(token.text) - 1, 4, -1):
            if token.text[:size] in c.SIGNS and "vert" in token.text[:size] and size + 1 == len(token.text):
                self.ledger.add(Reading("glued", (token.start, token.end), words=f"{token.text[:size]} {token.text[size:]}"))
                self._sign(token._replace(text=token.text[:size], end=token.start + size))
                self._letters(Token("RAW_LETTER", token.text[size:], token.start + size, token.end))
                return True
        return False

    def _sign(self, token: Token) -> None:
        kind = c.SIGNS[token.text]
        if token.text == r"\circ" and self.out and self.out[-1].kind == "_POWER":
            raise outside(said("a unit"), (token.start, token.end), self.source, said(r"write the angle in radians, as in \pi x/180"))
        if token.text == r"\infty":
            if self.out and self.out[-1].kind in ("_SUB", "LBRACE") and any(t.kind == "_SUB" for t in self.out[-2:]):
                self.put("NAME", token, "inf")
                return
            raise outside("infinity", (token.start, token.end), self.source)
        if kind in ("RAW_BAR", "RAW_NORM"):
            kind = self._side(kind)
        if kind == "_FRAC":
            self._refuse_derivative(token)
        if kind == "LBRACE" and self._after_function():
            self._argument(token, self.at - 1)
            return
        if kind == "BIG":
            self.put(kind, token)
            self._bounds(token)
            return
        self.put(kind, token, c.COMPARISONS.get(token.text))

    def _side(self, kind: str) -> str:
        """Return whether a bar opens or closes, where \\left or \\right says so."""
        before = self.raw[self.at - 2].text if self.at > 1 else ""
        if before in (r"\left", r"\mleft", r"\bigl", r"\Bigl", r"\biggl"):
            return "_LBAR" if kind == "RAW_BAR" else "_LNORM"
        if before in (r"\right", r"\mright", r"\bigr", r"\Bigr", r"\biggr"):
            return "_RBAR" if kind == "RAW_BAR" else "_RNORM"
        return kind

    def _refuse_derivative(self, token: Token) -> None:
        """Refuse \\frac{d}{dx} and \\frac{dy}{dx}: derivatives, not products of letters."""
        above, below = self.at, self.partner.get(self.at, self.at) + 1
        braced = self.raw[above].kind == self.raw[below].kind == "LBRACE" and self.partner.get(below, 0) > below + 2
        if braced and self.raw[above + 1].text == self.raw[below + 1].text == "d" and not self.declared.known("d"):
            raise outside(said("a derivative inside an expression"), (token.start, self.raw[below].end), self.source)

    def _after_function(self) -> bool:
        return bool(self.out) and self.out[-1].kind == "FUNCTION"

    def _argument(self, token: Token, place: int) -> None:
        """Read a curly or square bracket that is written round a function's argument as a round one: \\max\\{0, x\\}."""
        self.put("LPAR", token)
        if place in self.partner:
            self.closers[self.partner[place]] = "RPAR"

    def _limits_of_max(self, token: Token) -> None:
        if token.text in (r"\max", r"\min") and self.raw[self.at].kind == "RAW_UNDER":
            raise outside(said("an extreme over an index"), (token.start, token.end), self.source, said(r"write \max(x_1, x_2, x_3)"))

    def _bounds(self, token: Token) -> None:
        """Put the bounds of a sum in order: {i = 1} {3}, whichever stands first."""
        parts: dict[str, tuple[int, int]] = {}
        while self.raw[self.at].kind in ("RAW_UNDER", "_POWER") or self.raw[self.at].text == r"\limits":
            kind, begin = self.raw[self.at].kind, self.at + 1
            end = self.partner.get(begin, begin) + 1
            if kind != "RAW_COMMAND":
                parts[kind] = (begin, end)
            self.at = end if kind != "RAW_COMMAND" else begin
        under, over = (self.raw[slice(*parts.get(kind, (0, 0)))] for kind in ("RAW_UNDER", "_POWER"))
        under, over = ([t for t in part if t.kind not in ("LBRACE", "RBRACE")] for part in (under, over))
        if [t.kind for t in under if t.kind != "_MINUS"] != ["RAW_LETTER", "_EQUAL", "NUMBER"] or [
            t.kind for t in over if t.kind != "_MINUS"
        ] != ["NUMBER"]:
            raise self.error(
                "endless-sum", said("{0} needs both bounds, written as numbers", token.text), token,
                said("for example {0}", rf"{token.text}_{{i=1}}^{{3}} x_i"),
            )
        for part in (under, over):
            self.out.append(Token("LBRACE", "{", part[0].start, part[0].start))
            self.out += [t._replace(kind="NAME") if t.kind == "RAW_LETTER" else t for t in part]
            self.out.append(Token("RBRACE", "}", part[-1].end, part[-1].end))

    # ---- names and functions --------------------------------------------------------------------------------

    def _letters(self, token: Token) -> None:
        """Read a letter with its subscript; letters that spell a function before a bracket are one: cos(x)."""
        run = [token]
        while (
            len(run) < _LONGEST
            and self.raw[self.at + len(run) - 1].kind == "RAW_LETTER"
            and self.raw[self.at + len(run) - 1].start == run[-1].end
        ):
            run.append(self.raw[self.at + len(run) - 1])
        word = "".join(t.text for t in run)
        for size in range(len(word), 1, -1):
            key = word[:size]
            if (
                key in ops.CALLS
                and (size > 2 or key == "ln")
                and key not in LETTERS
                and any(t.text not in self.declared.variables for t in run[:size])
            ):
                self.out.append(Token("RAW_WORD", key, token.start, run[size - 1].end))
                self.at += size - 1
                return
        self.finish_name(GREEK.get(token.text, token.text), token, token)

    def _name_or_function(self, token: Token) -> None:
        """Read a Greek letter, an accent or font with what it stands on, or an upright word: a name or a function."""
        text, last, word = self.content(token)
        lower = text.lower()
        if word and lower in ("d", "i") and token.text in (r"\mathrm", r"\text"):
            what = said("an integral or a derivative") if lower == "d" else said("the imaginary unit")
            raise outside(what, (token.start, last.end), self.source)
        if word and not self.declared.known(text) and (lower in ops.CALLS or text in ops.CALLS) and lower not in LETTERS:
            self.out.append(Token("FUNCTION", text if text in ops.CALLS else lower, token.start, last.end))
            return
        if word and text in WHAT:
            raise outside(WHAT[text], (token.start, last.end), self.source)
        self.finish_name(text, token, last)

    # ---- numbers, exponents, subscripts ---------------------------------------------------------------------

    def _number(self, token: Token) -> None:
        """Split the digits of \\frac12; an exponent of several digits without braces is refused: x^12 is x^1 2 to TeX."""
        before = self.out[-1].kind if self.out else ""
        if before in ("_POWER", "_SUB") and len(token.text) > 1:
            raise self.two_digits("^" if before == "_POWER" else "_", token)
        second = self._second_argument()
        if (before in ("_FRAC", "_SQRT") or second) and len(token.text) > 1:
            if before == "_FRAC" and len(token.text) == 2 and token.text.isdigit():
                self.out.append(Token("NUMBER", token.text[0], token.start, token.start + 1))
                self.out.append(Token("NUMBER", token.text[1], token.start + 1, token.end))
                return
            raise self.error(
                "missing-braces",
                said("TeX takes only the digit {0} of {1}", token.text[0], token.text),
                token,
                said("write braces round what belongs together"),
            )
        self.out.append(token)

    def _second_argument(self) -> bool:
        """Tell whether the second argument of \\frac comes next, its first one being a single token."""
        return len(self.out) > 1 and self.out[-2].kind == "_FRAC" and self.out[-1].kind in ("NUMBER", "NAME")

    def _power(self, token: Token) -> None:
        """Read ^; ^T, ^\\top and ^{\\intercal} are the transpose, unless T is a variable."""
        begin = self.at
        end = self.partner.get(begin, begin) + 1
        inner = self.raw[begin + 1 : end - 1] if begin in self.partner else self.raw[begin:end]
        words_ = [t.text for t in inner if t.kind not in ("LBRACE", "RBRACE")]
        if " ".join(words_) in c.TRANSPOSES and not ("T" in words_ and self.declared.known("T")):
            if words_[-1:] == ["T"] and words_[0] in c.FONTS and begin not in self.partner and end in self.partner:
                end = self.partner[end] + 1
            self.put("_PRIME", token, "^T")
            self.at = end
        elif (
            len(words_) == 1
            and words_[0] in c.FONTS
            and end in self.partner
            and [t.text for t in self.raw[end + 1 : self.partner[end]]] == ["T"]
        ):
            self.put("_PRIME", token, "^T")
            self.at = self.partner[end] + 1
        else:
            self.out.append(token)

    def _under(self, token: Token) -> None:
        """Read a subscript that stands behind no name: of a logarithm, of a norm, of a bracket."""
        before = self.out[-1].kind if self.out else ""
        if before in ("FUNCTION", "_RNORM", "RAW_NORM", "RAW_WORD"):
            self.put("_SUB", token)
        elif before in ("RBRACE", "RPAR", "RSQB", "_END", "_PRIME"):
            self.put("_ENTRY", token)
        else:
            raise self.error("syntax", said("there is no name before this subscript"), token)


_READERS: dict[str, Callable[[_Formula, Token], None]] = {
    "RAW_COMMAND": _Formula._command, "RAW_LETTER": _Formula._letters, "NUMBER": _Formula._number, "RAW_UNDER": _Formula._under,
    "_POWER": _Formula._power, "RAW_CELL": _Formula.cell,
}  # fmt: skip


def _functions(tokens: list[Token], declared: Declared, ledger: Ledger) -> list[Token]:
    """Tell the functions among the names: those of the author, Greek ones before a bracket, and words like cos."""
    out: list[Token] = []
    for place, token in enumerate(tokens):
        key = canonical(token.text)
        called = place + 1 < len(tokens) and tokens[place + 1].kind == "LPAR"
        if token.kind == "RAW_WORD":
            if key not in declared.functions:
                words = said("the function {0}, and no product of letters", token.text)
                ledger.add(Reading("split", (token.start, token.end), words=words))
            out.append(token._replace(kind="FUNCTION"))
        elif (
            token.kind == "NAME"
            and called
            and (key in declared.functions or (key in ops.CALLS and key in LETTERS and key != "gamma" and key not in declared.variables))
        ):
            out.append(token._replace(kind="FUNCTION"))
        else:
            out.append(token)
    return out
