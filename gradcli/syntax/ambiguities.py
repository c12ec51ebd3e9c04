"""Which concrete trees were read by a rule that a person might not share: a look at each node and its children.

A look is at most as deep as the right edge of a factor, so the whole costs no more than the reading itself.
"""

from __future__ import annotations

from gradcli.expr import NUMBER
from gradcli.ops import CONSTANTS
from gradcli.syntax.lalr import Tree
from gradcli.syntax.lexer import Token

_PRODUCTS = frozenset(("multiply", "cdot", "times", "juxtapose", "divide", "entrywise", "matmul"))
_RIGHT_EDGE = frozenset((*_PRODUCTS, "negate", "plus", "coefficient"))
_APPLIED = frozenset(("apply", "apply_power", "apply_base"))
_FUNCTIONS = frozenset((*_APPLIED, "call", "call_power", "call_base"))
_POWERS = frozenset(("power", "script"))
DOUBTFUL = frozenset((*_PRODUCTS, *_POWERS, *_APPLIED, "negate", "factorial", "root"))


def ambiguity(part: Tree) -> str:
    """Return the kind of reading that a node needs a note for, or nothing."""
    kind, children = part.kind, part.children
    first = _tree(children[0]) if children else None
    last = _tree(children[-1]) if children else None
    if kind in _PRODUCTS and first is not None and last is not None:
        if first.kind == "divide" and kind in ("juxtapose", "divide"):
            return "slash"  # 1/2x, a/b/c
        if _ends_bare(first) and last.kind not in _FUNCTIONS:
            return "argument"  # sin x y, ln 2*x, sin x/2
        if kind == "divide" and _to_the_first(first):
            return "exponent"  # x^1/2
        if kind == "juxtapose" and _power_of_a_number(first, touching=first.end == last.start):
            return "exponent"  # e^2x
        if kind == "juxtapose" and first.kind == "name" and last.kind == "array":
            return "brackets"  # E[X], read as a product
    elif kind in _POWERS and last is not None and last.kind in ("group", "array", "angle") and _is_raised(last) and _is_variable(first):
        return "raised"  # x^{(i)}, read as a power
    elif kind == "negate" and last is not None and last.kind in _POWERS:
        return "sign"  # -x^2
    elif kind in _POWERS and last is not None and last.kind == "power":
        return "tower"  # x^y^z
    elif kind in _APPLIED and last is not None and _power_inside(last):
        return "power"  # sin x^2
    elif kind == "factorial" and first is not None and first.kind == "factorial":
        return "factorial"  # x!!
    elif kind == "root" and last is not None and last.kind in _POWERS:
        return "power"
    return ""


def _tree(part: Tree | Token) -> Tree | None:
    return part if isinstance(part, Tree) else None


def _is_raised(exponent: Tree) -> bool:
    """Tell whether an exponent has brackets inside its braces, or others than round ones: x^{(i)}, a^{[l]}."""
    inner = exponent.children[0]
    return exponent.kind != "group" or (isinstance(inner, Tree) and inner.kind in ("group", "array", "angle"))


def _is_variable(part: Tree | None) -> bool:
    return part is not None and part.kind == "name" and not _constant(part)


def _right_end(part: Tree) -> Tree | None:
    """Return the last factor of a product."""
    here: Tree | None = part
    while here is not None and here.kind in _RIGHT_EDGE:
        here = _tree(here.children[-1])
    return here


def _ends_bare(part: Tree) -> bool:
    """Tell whether a product ends in a function without brackets, whose argument might go on."""
    here = _right_end(part)
    return here is not None and (here.kind in _APPLIED or here.kind == "root") and not _closed(here)


def _closed(applied: Tree) -> bool:
    """Tell whether an argument has an end one can see, as in \\sin{x} or \\ln|x|."""
    argument = _tree(applied.children[-1])
    return argument is not None and argument.kind in ("group", "bars", "norm", "sqrt", "frac", "array", "floor", "ceil")


def _power_inside(argument: Tree) -> bool:
    while argument.kind == "coefficient":
        inner = _tree(argument.children[-1])
        assert inner is not None
        argument = inner
    return argument.kind in _POWERS


def _power_of_a_number(part: Tree, touching: bool) -> bool:
    """Tell whether a product ends in a number to a power that might go on: 2^3x, e^-2x; e^xy where nothing is between."""
    here = _right_end(part)
    if here is None or here.kind != "power":
        return False
    base, exponent = (_tree(c) for c in here.children)
    if exponent is not None and exponent.kind == "negate":
        exponent = _tree(exponent.children[0])
    if exponent is None or base is None or not _constant(base):
        return False
    return exponent.kind == "number" or (touching and exponent.kind == "name")


def _to_the_first(part: Tree) -> bool:
    """Tell whether a dividend is something to the power 1, which nobody writes: x^1/2 may be a root."""
    here = _right_end(part)
    exponent = _tree(here.children[-1]) if here is not None and here.kind == "power" else None
    token = exponent.children[0] if exponent is not None and exponent.kind == "number" else None
    return isinstance(token, Token) and token.text == "1"


def _constant(base: Tree) -> bool:
    token = base.children[0]
    return base.kind == NUMBER or (base.kind == "name" and isinstance(token, Token) and token.text in CONSTANTS)
