"""Formulas for the comparator, apart from gradcli: read by Python's own parser, differentiated by a table, evaluated by mpmath.

A tree is a tuple: ("num", Fraction), ("var", name), or (operator, argument, ...). Rules are written as text, ``left -> right``, where
a b c stand for anything, n for a number, x for a variable of the function, da db for the derivatives of a and b.
"""

import ast
import random
from fractions import Fraction
from functools import cache

import mpmath
import numpy as np
from mpmath import mp

OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "^", ast.MatMult: "@",
             ast.Gt: ">", ast.GtE: ">=", ast.Lt: "<", ast.LtE: "<="}  # fmt: skip
RANK = {">": 0, ">=": 0, "<": 0, "<=": 0, "+": 1, "-": 1, "*": 2, "/": 2, "@": 2, "neg": 3, "^": 4, "num": 6, "var": 6}
ZERO, ONE = ("num", Fraction(0)), ("num", Fraction(1))


@cache
def tree(text):
    return _tree(ast.parse(text.strip(), mode="eval").body, text)


def _tree(node, text):
    if isinstance(node, ast.Constant):
        return ("num", Fraction(ast.get_source_segment(text.strip(), node)))
    if isinstance(node, ast.Name):
        return ("var", node.id)
    if isinstance(node, ast.UnaryOp):
        return ("neg", _tree(node.operand, text))
    if isinstance(node, ast.BinOp):
        return (OPERATORS[type(node.op)], _tree(node.left, text), _tree(node.right, text))
    if isinstance(node, ast.Compare):
        return (OPERATORS[type(node.ops[0])], _tree(node.left, text), _tree(node.comparators[0], text))
    if isinstance(node, ast.Attribute):
        return ("T", _tree(node.value, text))
    return (node.func.id, *(_tree(arg, text) for arg in node.args))


def show(node):
    """Return a tree in the notation of gradcli."""
    return _show(node)[0]


def _show(node):
    op = node[0]
    if op == "num":
        return _number(node[1])
    if op == "var":
        return node[1], 6
    if op == "neg":
        return f"-{_bracketed(node[1], 3)}", 3
    if op == "T":
        return f"{_bracketed(node[1], 5)}'", 5
    rank = RANK.get(op)
    if rank is None:
        return f"{op}({', '.join(map(show, node[1:]))})", 6
    left, right = (rank + 1, rank) if op == "^" else (rank, rank + 1)
    return f"{_bracketed(node[1], left)}{op if op in '^*/' else f' {op} '}{_bracketed(node[2], max(right, 4 if op == '^' else 0))}", rank


def _bracketed(node, rank):
    text, own = _show(node)
    return text if own >= rank else f"({text})"


def _number(value):
    if value < 0:
        text, rank = _number(-value)
        return (f"-{text}" if rank > 3 else f"-({text})"), 3
    if value.denominator == 1:
        return str(value.numerator), 6
    scaled = value * 10**15
    if scaled.denominator == 1:
        return f"{scaled.numerator // 10**15}.{scaled.numerator % 10**15:015d}".rstrip("0"), 6
    return f"{value.numerator}/{value.denominator}", 2


def names(node):
    return {node[1]} if node[0] == "var" else set() if node[0] == "num" else set().union(*map(names, node[1:]))


def size(node):
    return 1 if node[0] in ("num", "var") else 1 + sum(map(size, node[1:]))


def places(node, path=()):
    """Yield the path to every node under a tree."""
    yield path
    if node[0] not in ("num", "var"):
        for k, arg in enumerate(node[1:], 1):
            yield from places(arg, (*path, k))


def under(node, path):
    for k in path:
        node = node[k]
    return node


def put(node, path, new):
    return new if not path else (*node[: path[0]], put(node[path[0]], path[1:], new), *node[path[0] + 1 :])


def match(pattern, node, found):
    """Tell whether a tree has the form of a pattern, and what its names stand for."""
    op = pattern[0]
    if op == "num":
        return node == pattern
    if op == "var":
        name = pattern[1]
        if name == "n" and node[0] != "num":
            return False
        return found.setdefault(name, node) == node
    return node[0] == op and len(node) == len(pattern) and all(match(p, q, found) for p, q in zip(pattern[1:], node[1:]))


def fill(pattern, found):
    if pattern[0] == "num":
        return pattern
    if pattern[0] == "var":
        return found.get(pattern[1], pattern)
    return folded((pattern[0], *(fill(arg, found) for arg in pattern[1:])))


def folded(node):
    """Compute numbers among themselves, as in n + 1."""
    if node[0] in "+-*" and all(arg[0] == "num" for arg in node[1:]):
        x, y = node[1][1], node[2][1]
        return ("num", {"+": x + y, "-": x - y, "*": x * y}[node[0]])
    return node


def rules(text):
    """Read a table of ``left -> right``."""
    return [tuple(map(tree, line.split("->"))) for line in text.strip().splitlines()]


def rewritten(node, rule, variable, rng):
    """Apply a rule at a random place where it fits; None where it fits nowhere."""
    left, right = rule
    fitting = []
    for path in places(node):
        found = {"x": ("var", variable)} if "x" not in names(left) else {}
        if match(left, under(node, path), found):
            fitting.append((path, found))
    if not fitting:
        return None
    path, found = rng.choice(fitting)
    return put(node, path, fill(right, {"x": ("var", variable), **found}))


# ---- the derivative -----------------------------------------------------------------------------------------

DERIVATIVES = dict(rules("""
    a + b -> da + db
    a - b -> da - db
    a * b -> da * b + a * db
    a / b -> (da * b - a * db) / b**2
    a ** n -> n * a**(n - 1) * da
    a ** b -> a**b * (db * log(a) + b * da / a)
    -a -> -da
    sin(a) -> cos(a) * da
    cos(a) -> -sin(a) * da
    tan(a) -> da / cos(a)**2
    asin(a) -> da / sqrt(1 - a**2)
    atan(a) -> da / (1 + a**2)
    exp(a) -> exp(a) * da
    log(a) -> da / a
    sqrt(a) -> da / (2 * sqrt(a))
    sinh(a) -> cosh(a) * da
    cosh(a) -> sinh(a) * da
    tanh(a) -> (1 - tanh(a)**2) * da
    sigmoid(a) -> sigmoid(a) * (1 - sigmoid(a)) * da
    softplus(a) -> sigmoid(a) * da
    relu(a) -> where(a > 0, 1, 0) * da
    abs(a) -> sign(a) * da
    max(a, b) -> where(a > b, da, db)
    min(a, b) -> where(a < b, da, db)
""".replace("\n    ", "\n")))  # fmt: skip


def derivative(node, variable, slip=None, at=None, path=()):
    """Return the derivative of a tree; at one place by another rule, if a slip is given."""
    if node[0] == "num" or (node[0] == "var" and node[1] != variable):
        return ZERO
    if node[0] == "var":
        return ONE
    for left, right in DERIVATIVES.items():
        found = {}
        if match(left, node, found):
            used = slip if path == at else right
            inner = {("var", f"d{name[1]}"): k for k, name in enumerate(left[1:], 1) if name[0] == "var" and name[1] != "n"}
            found |= {name[1]: derivative(node[k], variable, slip, at, (*path, k)) for name, k in inner.items()}
            return tidy(used, found)
    raise AssertionError(node)


def tidy(pattern, found):
    """Fill a pattern, without factors 1 and terms 0."""
    if pattern[0] in ("num", "var"):
        return fill(pattern, found)
    op, *args = pattern[0], *(tidy(arg, found) for arg in pattern[1:])
    if op == "*" and ZERO in args:
        return ZERO
    if op == "*" and ONE in args:
        return args[1 - args.index(ONE)]
    if op == "+" and ZERO in args:
        return args[1 - args.index(ZERO)]
    if op in ("-", "/", "^") and args[1] == (ZERO if op == "-" else ONE):
        return args[0]
    if op == "-" and args[0] == ZERO:
        return ("neg", args[1])
    if op in ("neg", "/") and args[0] == ZERO:
        return ZERO
    return folded((op, *args))


# ---- the value ----------------------------------------------------------------------------------------------


class NoValue(Exception):  # noqa: N818  (no error: a point outside the domain)
    pass


def _demand(condition):
    if not condition:
        raise NoValue


def _log(x):
    _demand(x > 0)
    return mpmath.log(x)


def _sqrt(x):
    _demand(x >= 0)
    return mpmath.sqrt(x)


def _over(x, y):
    if not isinstance(y, np.ndarray):
        _demand(y != 0)
    return x / y


def _power(x, y):
    if isinstance(x, np.ndarray):
        return x ** int(y)
    if y == int(y):
        _demand(x != 0 or y >= 0)
        return x ** int(y)
    _demand(x > 0 or (x == 0 and y > 0))
    return x**y


def _asin(x):
    _demand(-1 <= x <= 1)
    return mpmath.asin(x)


SCALAR = {
    "sin": mpmath.sin, "cos": mpmath.cos, "tan": mpmath.tan, "asin": _asin, "atan": mpmath.atan, "exp": mpmath.exp, "log": _log,
    "log2": lambda x: _log(x) / mpmath.log(2), "log10": lambda x: _log(x) / mpmath.log(10), "log1p": lambda x: _log(1 + x),
    "expm1": lambda x: mpmath.exp(x) - 1, "sqrt": _sqrt, "sinh": mpmath.sinh, "cosh": mpmath.cosh, "tanh": mpmath.tanh,
    "sec": lambda x: 1 / mpmath.cos(x), "csc": lambda x: _over(1, mpmath.sin(x)), "cot": lambda x: _over(mpmath.cos(x), mpmath.sin(x)),
    "sech": lambda x: 1 / mpmath.cosh(x), "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)), "softplus": lambda x: mpmath.log(1 + mpmath.exp(x)),
    "relu": lambda x: max(x, 0 * x), "abs": abs, "sign": mpmath.sign, "max": max, "min": min, "T": lambda x: x.T,
    "where": lambda c, a, b: a if c else b, "hypot": mpmath.hypot,
    "+": lambda x, y: x + y, "-": lambda x, y: x - y, "*": lambda x, y: x * y, "/": _over, "^": _power, "neg": lambda x: -x,
    ">": lambda x, y: x > y, ">=": lambda x, y: x >= y, "<": lambda x, y: x < y, "<=": lambda x, y: x <= y,
}  # fmt: skip
WHOLE = {
    "@": lambda x, y: x @ y, "sum": np.sum, "mean": lambda x: np.sum(x) / mp.mpf(x.size), "T": lambda x: x.T,
    "norm": lambda x: mpmath.sqrt(np.sum(x * x)), "outer": np.outer,
    "softmax": lambda x: _each(mpmath.exp, x) / np.sum(_each(mpmath.exp, x)), "logsumexp": lambda x: mpmath.log(np.sum(_each(mpmath.exp, x))),
}  # fmt: skip


def _each(function, *args):
    return np.vectorize(function, otypes=[object])(*args)


def value(node, at):
    """Return the value of a tree at a point, in mpmath; raise NoValue where it has none among the real numbers."""
    op = node[0]
    if op == "num":
        return mp.mpf(node[1].numerator) / node[1].denominator
    if op == "var":
        return at[node[1]]
    if op == "where":
        return value(node[2] if value(node[1], at) else node[3], at)
    args = [value(arg, at) for arg in node[1:]]
    if op in WHOLE:
        return WHOLE[op](*args)
    if op in ("+", "-", "*", "/", "^", "neg") or not any(isinstance(arg, np.ndarray) for arg in args):
        return SCALAR[op](*args)
    return _each(SCALAR[op], *args)


BOXES = (1, 3, 10, 0.1, 100, 1e-4)


def point(shapes, seed, k):
    """Return the k-th random point: dyadic numbers of several boxes, of both signs."""
    rng = random.Random(f"{seed} {k}")
    box = Fraction(BOXES[k % len(BOXES)])

    def draw():
        size = Fraction(rng.randrange(1, 1 << 20), 1 << 20) * box
        number = size if k % 4 == 3 or rng.random() < 0.5 else -size
        return mp.mpf(number.numerator) / number.denominator

    def drawn(shape):
        if not shape:
            return draw()
        out = np.empty(shape, dtype=object)
        for index in np.ndindex(*shape):
            out[index] = draw()
        return out

    return {name: drawn(shape) for name, shape in shapes.items()}
