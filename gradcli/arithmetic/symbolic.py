"""Expressions as numbers: the same sweep then writes the gradient as an expression, which can be swept again.

Only what is true for every value, undefined ones included, is shortened here (1·x, x + 0, arithmetic on decimals,
a condition between two numbers), because second derivatives are evaluated from what this builds. Shortening for
the eye is `simplify`'s.
"""

from __future__ import annotations

from gradcli.expr import NUMBER, ONE, ZERO, Expr, decimal, make, number
from gradcli.light import Iterable

_MOST_DIGITS = 40  # exact arithmetic on literals stops growing here


class Symbolic:
    """Every value is an `Expr`.

    Where there are branches (``branching``), the product along an edge is the one that lets nothing flow through a
    branch not taken, even where that has no value.
    """

    def __init__(self, branching: bool = False) -> None:
        self.product = "flow" if branching else "*"

    @classmethod
    def over(cls, order: Iterable[Expr]) -> Symbolic:
        """Return the arithmetic in which a tape is swept: with branches, if there are any in it."""
        return cls(any(node.op in ("where", "flow") for node in order))

    def number(self, mantissa: int, exponent: int) -> Expr:
        """Return the number mantissa · 10^exponent."""
        return number(mantissa, exponent)

    def apply(self, op: str, args: tuple[Expr, ...]) -> Expr:
        """Return the expression of an operator at these arguments."""
        if op in ("*", "flow") and ONE in args:
            return args[0] if args[1] is ONE else args[1]
        if op == "+" and ZERO in args:
            return args[0] if args[1] is ZERO else args[1]
        if (op == "-" and len(args) == 2 and args[1] is ZERO) or (op in ("/", "^") and args[1] is ONE):
            return args[0]
        if op == "where" and args[0].op == NUMBER:
            return args[2] if args[0] is ZERO else args[1]
        if args and all(arg.op == NUMBER for arg in args):
            return _exact(op, args) or make(op, args)
        return make(op, args)

    def scale(self, upstream: Expr, local: Expr, value: Expr) -> Expr:
        """Return upstream × local."""
        return self.apply(self.product, (upstream, local))


def _exact(op: str, args: tuple[Expr, ...]) -> Expr | None:
    """Return a sum, difference, product, negative or comparison of decimals, or None."""
    if op == "-" and len(args) == 1:
        mantissa, exponent = decimal(args[0])
        return number(-mantissa, exponent)
    if len(args) != 2:
        return None
    (a, i), (b, j) = decimal(args[0]), decimal(args[1])
    if max(abs(i), abs(j)) > _MOST_DIGITS or max(abs(a), abs(b)) > 10**_MOST_DIGITS:
        return None
    if op in ("*", "flow"):
        return number(a * b, i + j)
    low = min(i, j)
    x, y = a * 10 ** (i - low), b * 10 ** (j - low)
    if op == "+":
        return number(x + y, low)
    if op == "-":
        return number(x - y, low)
    holds = {"<": x < y, "<=": x <= y, ">": x > y, ">=": x >= y, "==": x == y, "!=": x != y}.get(op)
    return None if holds is None else (ONE if holds else ZERO)
