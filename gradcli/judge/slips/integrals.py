"""Antiderivatives of what first-year homework is made of: for people who integrate where they should differentiate."""

from __future__ import annotations

from gradcli.arithmetic.symbolic import Symbolic
from gradcli.expr import ONE, ZERO, Expr, make, number, tape

# f(u) → ∫ f du; with a linear inner function u = a x + b it is divided by a.
_OF = {
    "exp": lambda u: make("exp", (u,)),
    "sin": lambda u: _do("-", make("cos", (u,))),
    "cos": lambda u: make("sin", (u,)),
    "sinh": lambda u: make("cosh", (u,)),
    "cosh": lambda u: make("sinh", (u,)),
    "sigmoid": lambda u: make("softplus", (u,)),
    "tanh": lambda u: make("ln", (make("cosh", (u,)),)),
    "ln": lambda u: _do("-", _do("*", u, make("ln", (u,))), u),
    "sqrt": lambda u: _do("*", _do("/", number(2), number(3)), _do("*", u, make("sqrt", (u,)))),
}
_symbolic = Symbolic()


def antiderivative(root: Expr, x: Expr) -> Expr | None:
    """Return an antiderivative in x, with constant 0: of sums, constant factors, powers, and functions of a·x + b; None for others."""
    slopes: dict[Expr, Expr | None] = {}  # a, of what is a·x + b; ZERO of what has no x
    found: dict[Expr, Expr | None] = {}
    for node in tape(root):
        slopes[node] = _slope(node, x, slopes)
        found[node] = _of(node, x, slopes, found)
    return found[root]


def _slope(node: Expr, x: Expr, slopes: dict[Expr, Expr | None]) -> Expr | None:
    """Return a of an inner function a·x + b; None for any other."""
    parts = [slopes[arg] for arg in node.args]
    if node is x:
        return ONE
    if all(part is ZERO for part in parts):
        return ZERO
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    if node.op in ("+", "-"):
        return _do(node.op, *known)
    if node.op == "*" and ZERO in known:
        constant, slope = (node.args[0], known[1]) if known[0] is ZERO else (node.args[1], known[0])
        return _do("*", constant, slope)
    return _do("/", known[0], node.args[1]) if node.op == "/" and known[1] is ZERO else None


def _of(node: Expr, x: Expr, slopes: dict[Expr, Expr | None], found: dict[Expr, Expr | None]) -> Expr | None:
    """Return an antiderivative of a node from those of its arguments."""
    if slopes[node] is ZERO:
        return _do("*", node, x)
    if node is x:
        return _do("/", _do("^", x, number(2)), number(2))
    free = [slopes[arg] is ZERO for arg in node.args]
    parts, inner = [found[arg] for arg in node.args], slopes[node.args[0]]
    if node.op in ("+", "-"):
        known = [part for part in parts if part is not None]
        return _do(node.op, *known) if len(known) == len(parts) else None
    if node.op == "*" and any(free):
        other = parts[1] if free[0] else parts[0]
        return None if other is None else _do("*", node.args[0] if free[0] else node.args[1], other)
    if node.op == "/" and free[1]:
        return None if parts[0] is None else _do("/", parts[0], node.args[1])
    if node.op == "/" and free[0] and (slope := slopes[node.args[1]]) is not None:
        return _do("/", _do("*", node.args[0], make("ln", (make("abs", (node.args[1],)),))), slope)
    if node.op == "^" and free[1] and inner is not None and node.args[1] is not number(-1):
        above = _do("+", node.args[1], ONE)
        return _do("/", _do("/", _do("^", node.args[0], above), above), inner)
    if node.op in _OF and inner is not None:
        return _do("/", _OF[node.op](node.args[0]), inner)
    return None


def _do(op: str, *args: Expr) -> Expr:
    return _symbolic.apply(op, args)
