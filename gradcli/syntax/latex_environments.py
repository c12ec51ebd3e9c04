r"""Environments of LaTeX: matrices, cases, and lines of an align, which are statements."""

from __future__ import annotations

from gradcli.errors import Source, suggest
from gradcli.syntax import Declared, Ledger
from gradcli.syntax import commands as c
from gradcli.syntax.latex_names import NameReader
from gradcli.syntax.lexer import Token
from gradcli.wording import said


class EnvironmentReader(NameReader):
    r"""Knows which environments are open: there \\ ends a row and & a cell."""

    def __init__(self, raw: list[Token], source: Source, declared: Declared, ledger: Ledger) -> None:
        super().__init__(raw, source, declared, ledger)
        self.environments: list[str] = []

    def environment(self, token: Token) -> None:
        r"""Read \begin or \\end with the name behind it."""
        if self.raw[self.at].kind != "LBRACE" or self.at not in self.partner:
            what = said("{0} needs the name of an environment", token.text)
            raise self.error("syntax", what, token, said("for example {0}", r"\begin{pmatrix}"))
        end = self.partner[self.at]
        name = "".join(t.text for t in self.raw[self.at + 1 : end])
        self.at = end + 1
        if name == "array" and token.text == r"\begin" and self.raw[self.at].kind == "LBRACE" and self.at in self.partner:
            self.at = self.partner[self.at] + 1  # the columns of an array
        if name in c.LINES:
            self.environments.append(name) if token.text == r"\begin" else self._leave(token)
        elif name in c.MATRICES or name in c.CASES:
            if token.text == r"\begin":
                self.put("_BEGIN" if name in c.MATRICES else "_CASES", token, rf"\begin{{{name}}}")
                self.environments.append(name)
            else:
                self._leave(token)
                self.put("_END", token, rf"\end{{{name}}}")
        elif name in ("vmatrix", "Vmatrix"):
            raise self.error(
                "unknown-command", said("the environment {0} is not read here", name), token,
                said(r"a determinant is written \det\begin{pmatrix}…"),
            )
        else:
            known = [*c.MATRICES, *c.CASES, *c.LINES]
            raise self.error("unknown-command", said("the environment {0} is not read here", name), token, suggest(name, known))

    def _leave(self, token: Token) -> None:
        if not self.environments:
            raise self.error("unmatched-bracket", said(r"this \end has no \begin before it"), token)
        self.environments.pop()

    def line_end(self, token: Token) -> None:
        r"""Read \\: the end of a row, or of a statement that does not go on with a sign."""
        inside = self.environments and self.environments[-1] not in c.LINES
        while self.out and self.out[-1].kind == "COMMA":
            self.out.pop()
        rest = [t for t in self.raw[self.at : self.at + 6] if t.kind != "RAW_CELL" and t.text not in c.SPACING]
        if (not inside and rest and rest[0].kind in ("_PLUS", "_MINUS", "_TIMES")) or rest[0].text in (r"\cdot", r"\times"):
            return  # the line goes on from the one before
        self.put("_ROW" if inside else "_SEP", token)

    def cell(self, token: Token) -> None:
        """Read &: the end of a cell, of a case's value, or nothing in an align."""
        if not self.environments or self.environments[-1] in c.LINES:
            return
        while self.out and self.out[-1].kind == "COMMA":
            self.out.pop()
        if self.environments[-1] not in c.CASES:
            self.put("_CELL", token)
            return
        text = self.raw[self.at]
        word = ""
        if text.text in c.WORDS and self.raw[self.at + 1].kind == "LBRACE" and self.at + 1 in self.partner:
            end = self.partner[self.at + 1]
            word = "".join(t.text for t in self.raw[self.at + 2 : end]).strip(".,").lower()
            if word in ("if", "for", "when", "otherwise", "else", "если", "иначе"):
                self.at = end + 1
        self.put("_OTHERWISE" if word in ("otherwise", "else", "иначе") else "_CELL", token)
