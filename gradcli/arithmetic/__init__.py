"""What flows through the sweep. An arithmetic says what a number is and how an operator acts on its numbers.

`evaluate` is the only way a formula gets a value, in every arithmetic: the values of a point, the partials of a
rule and the pullbacks all come from it.
"""

from __future__ import annotations

from gradcli.expr import NUMBER, Expr, decimal
from gradcli.light import Callable, Protocol, TypeVar
from gradcli.ops import Op
from gradcli.rules import formals, value

V = TypeVar("V")


class Doubtful(Exception):  # noqa: N818  (it is no error: the next arithmetic tries)
    """Said by an arithmetic that cannot tell, or not to the digits asked for."""


# The comparisons, by the sign of the difference of their arguments.
BY_SIGN: dict[str, Callable[[int], bool]] = {
    "<": lambda sign: sign < 0, "<=": lambda sign: sign <= 0, ">": lambda sign: sign > 0, ">=": lambda sign: sign >= 0,
    "==": lambda sign: sign == 0, "!=": lambda sign: sign != 0,
}  # fmt: skip


class Arithmetic(Protocol[V]):
    """A number system: real numbers, arrays of them, expressions."""

    def number(self, mantissa: int, exponent: int) -> V:
        """Return mantissa · 10^exponent."""

    def apply(self, op: str, args: tuple[V, ...]) -> V:
        """Return what an operator of the table gives for these arguments."""

    def scale(self, upstream: V, local: V, value: V) -> V:
        """Return upstream × local through a node of this value."""


def evaluate(order: list[Expr], env: dict[Expr, V], arithmetic: Arithmetic[V]) -> dict[Expr, V]:
    """Complete env with the value of every node of a tape; symbols must be in it already."""
    for node in order:
        if node not in env:
            if node.op == NUMBER:
                env[node] = arithmetic.number(*decimal(node))
            else:
                env[node] = arithmetic.apply(node.op, tuple([env[arg] for arg in node.args]))
    return env


def by_formula(row: Op, args: tuple[V, ...], arithmetic: Arithmetic[V]) -> V:
    """Return the value of an operator that is written as a formula of others."""
    written = value(row)
    assert written is not None, row
    return evaluate(written.tape, dict(zip(formals(row), args)), arithmetic)[written.root]
