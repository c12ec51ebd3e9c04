"""What the names of a text are: declared by a value, by a head, by a stage, or only seen standing alone."""

from __future__ import annotations

from gradcli.syntax.lexer import Token
from gradcli.syntax.names import canonical


class Declared:
    """Canonical names: ``variables`` (bound, formal, or a stage), own ``functions``, and what is ``seen`` alone.

    ``arrays`` are the variables whose values are vectors or matrices. With ``rule`` the text is a formula of the table,
    where nothing is guessed.
    """

    __slots__ = ("arrays", "functions", "rule", "seen", "variables")

    def __init__(self, variables: frozenset[str], arrays: frozenset[str] = frozenset(), rule: bool = False) -> None:
        self.variables, self.functions, self.seen = set(variables), set[str](), set[str]()
        self.arrays, self.rule = arrays, rule

    def heads(self, tokens: list[Token]) -> None:
        """Learn the names that statements define: q in ``q = …``; g and its formal argument in ``g(u) = …``."""
        begin: int | None = 0  # where this statement begins; None behind its first =
        for place, token in enumerate(tokens):
            if token.kind in ("_SEP", "$END"):
                begin = place + 1
            elif token.kind == "_EQUAL" and begin is not None:
                self._head(tokens[begin:place])
                begin = None

    def _head(self, left: list[Token]) -> None:
        kinds = [t.kind for t in left]
        if kinds == ["NAME"]:
            self.variables.add(canonical(left[0].text))
        elif kinds[:2] == ["NAME", "LPAR"] and kinds[-1] == "RPAR" and set(kinds[2:-1:2]) == {"NAME"} and set(kinds[3:-1:2]) <= {"COMMA"}:
            self.functions.add(canonical(left[0].text))
            self.variables.update(canonical(t.text) for t in left[2:-1:2])

    def known(self, text: str) -> bool:
        """Tell whether a word is a variable as it stands."""
        return canonical(text) in self.variables
