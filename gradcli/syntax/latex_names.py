r"""Names in LaTeX: letters with their fonts, accents and subscripts, and the place in the formula where one reads."""

from __future__ import annotations

from gradcli.errors import GradError, Source
from gradcli.syntax import Declared, Ledger
from gradcli.syntax import commands as c
from gradcli.syntax.lexer import Token
from gradcli.syntax.names import GREEK
from gradcli.wording import said

_CONTENT = frozenset(("_PLUS", "_MINUS", "COMMA", "NUMBER", "RAW_LETTER", "_TIMES"))


class NameReader:
    """A place in the raw tokens of a formula, the tokens made so far, and the reading of names."""

    def __init__(self, raw: list[Token], source: Source, declared: Declared, ledger: Ledger) -> None:
        self.count = len(raw) - 1  # without the mark of the end, of which there are some, so that one may look ahead
        self.raw, self.source, self.declared, self.ledger = [*raw, *raw[-1:] * 4], source, declared, ledger
        self.at, self.out = 0, list[Token]()
        self.partner = self._partners()
        self.jump: dict[int, int] = {}  # where a part ends that has been read before its turn

    def _partners(self) -> dict[int, int]:
        pairs: dict[int, int] = {}
        stack: list[int] = []
        for place, token in enumerate(self.raw):
            if token.kind in ("LBRACE", "LSQB") or token.text in (r"\{", r"\lbrace"):
                stack.append(place)
            elif token.kind in ("RBRACE", "RSQB") or token.text in (r"\}", r"\rbrace"):
                while stack and (self.raw[stack[-1]].text in "[") != (token.text == "]"):
                    stack.pop()
                if stack:
                    pairs[stack.pop()] = place
        return pairs

    def error(self, kind: str, message: str, token: Token, hint: str = "") -> GradError:
        """Return an error that points at a token."""
        return GradError(kind, message, (token.start, token.end), source=self.source, hint=hint)

    def put(self, kind: str, token: Token, text: str | None = None) -> None:
        """Add a token of this kind where a raw one stands."""
        self.out.append(Token(kind, token.text if text is None else text, token.start, token.end))

    def content(self, token: Token) -> tuple[str, Token, bool]:
        """Return the text of a name behind its fonts and accents, its last token, and whether it is an upright word."""
        accents, word, last, depth = "", False, token, 0
        while True:
            if last.text in c.NAMES and last.kind == "RAW_COMMAND":
                text = c.NAMES[last.text]
                break
            if last.kind != "RAW_COMMAND" or last.text not in (*c.FONTS, *c.ACCENTS):
                text = last.text
                if last.kind not in ("RAW_LETTER", "NUMBER"):
                    raise self.error("syntax", said("{0} needs a name", token.text), token, said("for example {0}", f"{token.text}{{x}}"))
                text = GREEK.get(text, text)
                break
            accents = c.ACCENTS.get(last.text, "") + accents
            word = word or last.text in c.WORDS
            begin = self.at
            if self.raw[begin].kind == "LBRACE" and begin in self.partner:
                end = self.partner[begin]
                inner = self.raw[begin + 1 : end]
                if len(inner) > 1 and inner[0].text not in (*c.FONTS, *c.ACCENTS):
                    if not word or any(t.kind in ("_PLUS", "_MINUS", "COMMA", "_TIMES") for t in inner):
                        raise self.error("syntax", said("{0} stands on one letter", token.text), token,
                                         said("for example {0}", f"{token.text}{{x}}"))  # fmt: skip
                    text, self.at, last = self._flat(inner, token), end + 1, self.raw[end]
                    break
                if not inner:
                    raise self.error("syntax", said("{0} needs a name", token.text), token)
                depth += 1
                begin += 1
            last = self.raw[begin]
            self.at = begin + 1
        while depth and self.raw[self.at].kind == "RBRACE":
            last = self.raw[self.at]
            self.at, depth = self.at + 1, depth - 1
        return text + accents, last, word and len(text) > 0

    def _flat(self, inner: list[Token], token: Token) -> str:
        """Return the characters of a word or a subscript: letters, Greek letters, digits, commas and signs."""
        out = ""
        for part in inner:
            if part.kind in _CONTENT:
                out += GREEK.get(part.text, part.text)
            elif part.kind == "RAW_COMMAND" and part.text in c.NAMES:
                out += c.NAMES[part.text]
            elif part.text == r"\_":
                out += "_"
            elif part.kind == "RAW_COMMAND" and part.text in c.ACCENTS:
                out += c.ACCENTS[part.text]
            elif not (part.kind in ("LBRACE", "RBRACE", "RAW_UNDER") or part.text in c.FONTS or part.text in c.SPACING):
                raise self.error("syntax", said("this subscript is no part of a name"), token,
                                 said("letters, digits and commas are: x_{1,2}"))  # fmt: skip
        return out

    def finish_name(self, text: str, first: Token, last: Token) -> None:
        """Add the subscript to a name; one that stands behind the exponent, as in \\sigma^2_X, belongs to the name too."""
        raw, at = self.raw, self.at
        power: tuple[int, int] | None = None
        if raw[at].kind == "_POWER":
            end = self.partner.get(at + 1, at + 1) + 1
            if end < len(raw) and raw[end].kind == "RAW_UNDER":
                power, at = (at, end), end
        if raw[at].kind == "RAW_UNDER":
            begin = at + 1
            end = self.partner.get(begin, begin) + 1
            if raw[begin].kind == "$END":
                raise self.error("syntax", said("there is nothing after this"), raw[at])
            inner = raw[begin + 1 : end - 1] if begin in self.partner else raw[begin:end]
            if len(inner) == 1 and inner[0].kind == "RAW_COMMAND" and inner[0].text in c.FONTS and end in self.partner:
                inner, end = raw[end + 1 : self.partner[end]], self.partner[end] + 1
            if begin not in self.partner and inner and inner[0].kind == "NUMBER" and len(inner[0].text) > 1:
                raise self.two_digits("_", inner[0])
            sub = self._flat(inner, first)
            if not sub:
                raise self.error("syntax", said("an empty subscript"), raw[at])
            text, last = subscripted(text, sub), raw[end - 1]
            if power is None:
                self.at = end
            else:  # the exponent is read next, and what follows it is this subscript, read already
                self.jump[power[1]] = end
        self.out.append(Token("NAME", text, first.start, last.end))

    def two_digits(self, sign: str, token: Token) -> GradError:
        """Return the error for an exponent or a subscript of several digits without braces: x^12 is x^1 2 to TeX."""
        return self.error("missing-braces", said("TeX takes only the digit {0} of {1} here", token.text[0], token.text), token,
                          said("write {0}", f"{sign}{{{token.text}}}"))  # fmt: skip


def subscripted(name: str, sub: str) -> str:
    """Return a name with its subscript, as one types it: w0, x_max, W_{1,2}."""
    if sub.isdigit():
        return name + sub if name[-1:].isalpha() else f"{name}_{sub}"
    return f"{name}_{sub}" if sub.isalnum() and sub.isascii() and sub[0].isalpha() else f"{name}_{{{sub}}}"
