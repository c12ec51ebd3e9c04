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
    if x not in tape(root):
        return _do("*", root, x)
    if root is x:
        return _do("/", _do("^", x, number(2)), number(2))
    if root.op == "-" and len(root.args) == 1:
        inner = antiderivative(root.args[0], x)
        return None if inner is None else _do("-", inner)
    if root.op in ("+", "-"):
        parts = [antiderivative(arg, x) for arg in root.args]
        return None if parts[0] is None or parts[1] is None else _do(root.op, parts[0], parts[1])
    free = [x not in tape(arg) for arg in root.args]
    if root.op == "*" and any(free):
        constant, other = root.args if free[0] else root.args[::-1]
        inner = antiderivative(other, x)
        return None if inner is None else _do("*", constant, inner)
    if root.op == "/" and free[1]:
        inner = antiderivative(root.args[0], x)
        return None if inner is None else _do("/", inner, root.args[1])
    if root.op == "/" and free[0] and (slope := _slope(root.args[1], x)) is not None:
        return _do("/", _do("*", root.args[0], make("ln", (make("abs", (root.args[1],)),))), slope)
    if root.op == "^" and free[1] and (slope := _slope(root.args[0], x)) is not None and root.args[1] is not number(-1):
        above = _do("+", root.args[1], ONE)
        return _do("/", _do("/", _do("^", root.args[0], above), above), slope)
    if root.op in _OF and (slope := _slope(root.args[0], x)) is not None:
        return _do("/", _OF[root.op](root.args[0]), slope)
    return None


def _slope(inner: Expr, x: Expr) -> Expr | None:
    """Return a of an inner function a·x + b; None for any other."""
    if inner is x:
        return ONE
    if x not in tape(inner):
        return ZERO
    parts = [_slope(arg, x) for arg in inner.args]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    if inner.op in ("+", "-"):
        return _do(inner.op, *known)
    if inner.op == "*" and ZERO in known:
        constant, slope = (inner.args[0], known[1]) if known[0] is ZERO else (inner.args[1], known[0])
        return _do("*", constant, slope)
    if inner.op == "/" and known[1] is ZERO:
        return _do("/", known[0], inner.args[1])
    return None


def _do(op: str, *args: Expr) -> Expr:
    return _symbolic.apply(op, args)
