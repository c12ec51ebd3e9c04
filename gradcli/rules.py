"""The formulas of the table, read by gradcli's own grammar, each on its first use."""

from __future__ import annotations

from gradcli.errors import NO_VERDICT, GradError, Source
from gradcli.expr import Expr, symbol, tape
from gradcli.light import TYPE_CHECKING, cache
from gradcli.limits import Limits
from gradcli.ops import UNWRITTEN, Op
from gradcli.syntax.declared import Declared
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
