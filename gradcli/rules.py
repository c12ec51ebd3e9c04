"""The formulas of the table, read by gradcli's own grammar, each on its first use; and rows ``pattern -> replacement`` of formulas."""

from __future__ import annotations

from gradcli.errors import NO_VERDICT, GradError, Source
from gradcli.expr import SYMBOL, Expr, number, substitute, symbol, tape
from gradcli.light import TYPE_CHECKING, cache
from gradcli.limits import Limits
from gradcli.ops import UNWRITTEN, Op
from gradcli.syntax import Declared
from gradcli.syntax.reader import Reader
from gradcli.wording import said

if TYPE_CHECKING:
    from collections.abc import Mapping

OUT, UPSTREAM, POSITION = symbol("out"), symbol("g"), symbol("i")


class Rule:
    """A formula of a row: its expression, and that expression's tape."""

    __slots__ = ("root", "tape")

    def __init__(self, root: Expr) -> None:
        self.root, self.tape = root, tape(root)


@cache
def formula(text: str, formals: tuple[str, ...]) -> Rule:
    """Return the expression of a formula over formal arguments, ``out``, ``g`` and ``i``."""
    if text in formals or text.isdecimal():  # the rules of sums and products, which need no grammar
        return Rule(symbol(text) if text in formals else number(int(text)))
    reader = Reader(Source(text), Declared(frozenset((*formals, "out", "g", "i")), rule=True), Limits())
    reader.read()
    return Rule(reader.program.output)


@cache
def formals(row: Op) -> tuple[Expr, ...]:
    """Return the formal arguments of a row, as symbols."""
    return tuple(symbol(name) for name in row.formals)


def rule(row: Op, position: int, instead: Mapping[str, tuple[str | None, ...]] = {}) -> Rule | None:
    """Return the partial or pullback of a row in its argument at position; None if nothing flows there.

    ``instead`` holds rules, by the form of a row, that take the place of its own.
    """
    text = instead.get(row.form, row.rules)[0 if row.name == "array" else position]
    if text == UNWRITTEN:
        raise GradError("no-rule", said("{0} is differentiated no further", row.form), code=NO_VERDICT,
                        hint=said("write the product or the determinant out, entry by entry"))  # fmt: skip
    return None if text is None else formula(text, row.formals)


def value(row: Op) -> Rule | None:
    """Return the value of a row that is no primitive, as a formula of its arguments."""
    return None if row.value is None else formula(row.value, row.formals)


def condition(row: Op) -> Rule | None:
    """Return a formula that is 1 where a row has a kink or a jump, else 0."""
    text = row.kink or row.jump
    return None if text is None else formula(f"where({text}, 1, 0)", row.formals)


# ---- rewriting ----------------------------------------------------------------------------------------------

VARIABLES = ("x", "y", "z", "i")  # in a row these stand for any expression, the same one at each mention


class Rewriting:
    """A table of rows, each read when its operator is first met; + and * match in either order."""

    def __init__(self, rows: str) -> None:
        self.lines = [line.strip() for line in rows.strip().splitlines()]
        self._rows: dict[str, list[tuple[Expr, Expr]]] = {}

    def rows(self, op: str) -> list[tuple[Expr, Expr]]:
        """Return (pattern, replacement) of the rows with a pattern of this operator.

        Only lines that name it are read: the grammar takes as long for all of them as a start for everything else.
        """
        if op not in self._rows:
            named = op if op.isidentifier() else op[0]  # x[i] names [], and x[a:b] names [:]
            parts = [line.partition("->") for line in self.lines]
            read = [(formula(left.strip(), VARIABLES).root, right.strip()) for left, _, right in parts if named in left]
            self._rows[op] = [(pattern, formula(right, VARIABLES).root) for pattern, right in read if pattern.op == op]
        return self._rows[op]

    def __call__(self, node: Expr) -> Expr:
        """Return what the first row that fits makes of a node, or the node itself."""
        for pattern, replacement in self.rows(node.op):
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
