"""Rational functions, compared exactly: as quotients of polynomials with rational coefficients."""

from __future__ import annotations

from typing import Any

from flint import Ordering, fmpq_mpoly_ctx

from gradcli.arithmetic.certain import from_decimal
from gradcli.expr import NUMBER, SYMBOL, Expr, decimal, integer, tape

_MOST_TERMS = 3_000  # of a product of two polynomials: beyond, sampling is as good and much faster
_RATIONAL = {NUMBER, SYMBOL, "+", "-", "*", "/", "^"}
_MOST_NODES, _MOST_POWER, _MOST_EXPONENT = 400, 40, 60


class TooLarge(Exception):  # noqa: N818  (no error: sampling is tried instead)
    """Said where the polynomials would grow out of hand, or the formula is no rational function."""


def equal(one: Expr, two: Expr) -> bool | None:
    """Tell whether two formulas are the same rational function; None where they are none, or too large a one."""
    order = tape(one, two)
    if len(order) > _MOST_NODES or not _RATIONAL.issuperset([node.op for node in order]):
        return None
    names = sorted({str(node.leaf) for node in order if node.op == SYMBOL})
    try:
        context = fmpq_mpoly_ctx.get(tuple(f"v{k}" for k in range(max(len(names), 1))), Ordering.degrevlex)
        variables = dict(zip(names, context.gens()))
        (a, b), (c, d) = (_quotient(root, variables, context) for root in (one, two))
        return bool(_product(a, d) == _product(c, b))
    except TooLarge:
        return None


def _quotient(root: Expr, variables: dict[str, Any], context: Any) -> tuple[Any, Any]:
    """Return numerator and denominator."""
    unit = context.constant(1)
    out: dict[Expr, tuple[Any, Any]] = {}
    for node in tape(root):
        args = [out[arg] for arg in node.args]
        if node.op == SYMBOL:
            out[node] = variables[str(node.leaf)], unit
        elif node.op == NUMBER:
            mantissa, exponent = decimal(node)
            if abs(exponent) > _MOST_EXPONENT:
                raise TooLarge
            out[node] = context.constant(from_decimal(mantissa, exponent)), unit
        else:
            out[node] = _applied(node, args, unit)
    return out[root]


def _applied(node: Expr, args: list[tuple[Any, Any]], unit: Any) -> tuple[Any, Any]:
    if node.op == "-" and len(args) == 1:
        return -args[0][0], args[0][1]
    if len(args) != 2:
        raise TooLarge
    (a, b), (c, d) = args
    if node.op in ("+", "-"):
        if b == d:
            return (a + c if node.op == "+" else a - c), b
        left, right = _product(a, d), _product(c, b)
        return (left + right if node.op == "+" else left - right), _product(b, d)
    if node.op == "*":
        return _product(a, c), _product(b, d)
    if node.op == "/":
        if c == 0:
            raise TooLarge  # without a value anywhere
        return _product(a, d), _product(b, c)
    power = _whole(node.args[1])
    if node.op != "^" or power is None or abs(power) > _MOST_POWER:
        raise TooLarge
    if power < 0 and a == 0:
        raise TooLarge
    base = (a, b) if power >= 0 else (b, a)
    return _power(base[0], abs(power), unit), _power(base[1], abs(power), unit)


def _whole(node: Expr) -> int | None:
    if node.op == "-" and len(node.args) == 1:
        inner = integer(node.args[0])
        return None if inner is None else -inner
    return integer(node)


def _product(x: Any, y: Any) -> Any:
    if len(x) * len(y) > _MOST_TERMS:
        raise TooLarge
    return x * y


def _power(x: Any, n: int, unit: Any) -> Any:
    total = unit
    for _ in range(n):
        total = _product(total, x)
    return total
