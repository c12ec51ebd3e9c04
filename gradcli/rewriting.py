"""Rewriting by rows ``pattern -> replacement``, both formulas in gradcli's own language."""

from __future__ import annotations

from gradcli.expr import SYMBOL, Expr, substitute
from gradcli.rules import formula

VARIABLES = ("x", "y", "z", "i")  # in a row these stand for any expression, the same one at each mention


class Rewriting:
    """A table of rows, read when it is first used; + and * match in either order."""

    def __init__(self, rows: str) -> None:
        self._text = rows
        self._rows: dict[str, list[tuple[Expr, Expr]]] | None = None

    def rows(self) -> dict[str, list[tuple[Expr, Expr]]]:
        """Return (pattern, replacement) by the operator of the pattern."""
        if self._rows is None:
            self._rows = {}
            for line in filter(None, map(str.strip, self._text.splitlines())):
                left, _, right = line.partition("->")
                pattern = formula(left.strip(), VARIABLES).root
                self._rows.setdefault(pattern.op, []).append((pattern, formula(right.strip(), VARIABLES).root))
        return self._rows

    def __call__(self, node: Expr) -> Expr:
        """Return what the first row that fits makes of a node, or the node itself."""
        for pattern, replacement in self.rows().get(node.op, ()):
            found = match(pattern, node)
            if found is not None:
                return substitute(replacement, found)
        return node


def match(pattern: Expr, node: Expr) -> dict[Expr, Expr] | None:
    """Return what the variables of a pattern stand for in node, or None."""
    choices: list[tuple[list[tuple[Expr, Expr]], dict[Expr, Expr]]] = [([(pattern, node)], {})]
    while choices:
        pending, found = choices.pop()
        fits = True
        while pending and fits:
            want, have = pending.pop()
            if want.op == SYMBOL:
                fits = found.setdefault(want, have) is have
            elif want.op != have.op or want.leaf != have.leaf or len(want.args) != len(have.args):
                fits = False
            else:
                if want.op in ("+", "*"):
                    crossed = [(want.args[0], have.args[1]), (want.args[1], have.args[0])]
                    choices.append(([*pending, *crossed], dict(found)))
                pending += zip(want.args, have.args)
        if fits:
            return found
    return None
