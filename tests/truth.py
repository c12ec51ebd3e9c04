"""Value and partials of any expression of numbers, from mpmath's values alone: digits are raised until two agree.

No rule of differentiation is used: a partial is a central difference (f(x + h) − f(x − h)) / 2h with h = 10^(−digits/3)·|x|, so that
its own error is of the order of h². One-sided differences tell a kink. The operators are those of `oracles`, their domains those of
`edge_tables`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import edge_tables
import mpmath
import oracles
from mpmath import mp, mpf

from gradcli import ops
from gradcli.expr import NUMBER, SYMBOL, Expr, decimal, tape

LEVELS = (120, 180, 330, 700)  # digits
AGREE = 50  # digits in which two levels must agree


class Beyond(Exception):  # noqa: N818
    """A number that mpmath would take minutes for."""


class Slope(NamedTuple):
    """A partial, or the one-sided slopes of a kink (None: no value on that side)."""

    smooth: mpf | None
    left: mpf | None
    right: mpf | None


_GROWING = (
    "exp", "exp2", "expm1", "sinh", "cosh", "tanh", "sech", "csch", "coth", "sigmoid", "softplus", "logsigmoid", "silu", "elu", "selu",
)  # fmt: skip
_BELL = ("gauss", "normpdf", "normcdf", "gelu", "erf", "erfc")
_FACTORIAL = ("gamma", "lgamma", "digamma", "polygamma", "!")
_CIRCULAR = ("sin", "cos", "tan", "sec", "csc", "cot")


def _bounded(node: Expr, args: list[mpf]) -> None:
    size = max(map(abs, args))
    if node.op == "^" and args[0]:
        size = abs(args[1] * mpmath.log(abs(args[0])))
    small = 1e6 if node.op in (*_GROWING, "^") else 2e3 if node.op in _BELL else 3e4 if node.op in _FACTORIAL else None
    if (small is not None and size > small) or (node.op in _CIRCULAR and size > mpf(10) ** 400):
        raise Beyond
    if node.op == "polygamma" and abs(args[0]) > 6:
        raise Beyond


def value(order: list[Expr], at: dict[str, Fraction], shift: tuple[str, mpf] | None = None) -> mpf | None:
    """Return the value of a tape's last node at the digits of the moment, one variable shifted; None where it has none."""
    known: dict[Expr, mpf | None] = {}
    for node in order:
        if node.op == NUMBER:
            mantissa, exponent = decimal(node)
            known[node] = mantissa * mpf(10) ** exponent
        elif node.op == SYMBOL:
            exact = at[str(node.leaf)]
            known[node] = mpf(exact.numerator) / exact.denominator + (shift[1] if shift and shift[0] == node.leaf else 0)
        elif not node.args:
            known[node] = +oracles.CONSTANT[node.op]
        else:
            args = [known[arg] for arg in node.args]
            if node.op == "where":
                known[node] = None if args[0] is None else args[1] if args[0] else args[2]
            elif None in args:
                known[node] = None
            else:
                _bounded(node, args)
                if node.op in edge_tables.DISCRETE:
                    for x in [args[0] - args[1]] if node.op in ops.COMPARISONS else args:
                        if edge_tables._snap(x) != x:
                            raise Beyond  # 0, or something smaller than all digits
                form = next(row.form for row in ops.rows(node.op, len(args)) if not row.shape)
                known[node] = edge_tables._scalar(form, node.op, args)
    return known[order[-1]]


def agree(x: mpf | None, y: mpf | None, digits: int = AGREE) -> bool:
    """Tell whether two numbers have so many digits in common."""
    return x is y or (x is not None and y is not None and abs(x - y) <= mpf(10) ** -digits * max(abs(x), abs(y)))


def _levels(order: list[Expr], at: dict[str, Fraction], patient: bool) -> list[int]:
    """Return the digits to try: enough for the sizes that are written, and with patience for e^-1000 beside 1."""
    sizes = [len(str(max(abs(x.numerator), x.denominator))) for x in at.values()]
    sizes += [sum(map(abs, (len(str(decimal(node)[0])), decimal(node)[1]))) for node in order if node.op == NUMBER]
    room = min(2 * max(sizes), 1500) if max(sizes) > 25 else 0
    return [digits + room for digits in ((1200, 3000) if patient else LEVELS)]


def _nothing(x: mpf, digits: int) -> bool:
    """Tell whether a number is what rounding leaves over of 0."""
    return abs(x) < mpf(10) ** (-digits // 4)


def settled_value(root: Expr, at: dict[str, Fraction], patient: bool = False) -> mpf | None:
    """Return the value of an expression in at least 50 digits, None where it has none."""
    order, last, first = tape(root), None, True
    for digits in _levels(order, at, patient):
        with mp.workdps(digits):
            found = value(order, at)
            if not first and agree(found, last):
                return found
            last, first = found, False
    if last is not None and _nothing(last, digits):
        return mpf(0)
    raise Beyond


def slope(root: Expr, at: dict[str, Fraction], name: str, patient: bool = False) -> Slope:
    """Return the partial in a variable in at least 50 digits, or the slopes on both sides where they differ."""
    order, last = tape(root), None
    for digits in _levels(order, at, patient):
        with mp.workdps(digits):
            start = abs(mpf(at[name].numerator) / at[name].denominator)
            step = (start or 1) * mpf(10) ** (-digits // 3)
            below, here, above = (value(order, at, (name, t)) for t in (-step, mpf(0), step))
            left, right = (None if below is None else (here - below) / step), (None if above is None else (above - here) / step)
            smooth = None if None in (left, right) else (above - below) / (2 * step)
            found = Slope(smooth, left, right)
            if last is not None and smooth is not None and agree(left, right, digits // 12) and agree(smooth, last.smooth):
                return found
            if last is not None and agree(left, last.left, 15) and agree(right, last.right, 15) and not agree(left, right, 10):
                return Slope(None, left, right)
            last = found
    if None not in found and all(_nothing(side, digits) for side in found):
        return Slope(mpf(0), mpf(0), mpf(0))
    raise Beyond
