"""The edge tables (tests/edges) as data, and an evaluator for them in mpmath that shares no rule with gradcli.

Only the reading of a text is gradcli's. A value that does not exist is None, and None spreads; a branch not taken,
an entry not asked for and 0^0 are the exceptions that the mathematics knows. Slopes are quotients at three steps.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import mpmath
import oracles
from mpmath import mp, mpf

from gradcli import ops
from gradcli.errors import Source
from gradcli.expr import NUMBER, SYMBOL, Expr, decimal
from gradcli.limits import Limits
from gradcli.nested import Given
from gradcli.syntax.reader import read
from gradcli.values import arrays_in, parse_value

FOLDER = Path(__file__).parent / "edges"
STATUSES = ("smooth", "underflow", "overflow", "kink", "vertical", "jump", "undefined", "error")
STEPS = (45, 60, 75)  # minus the exponents of 10


class Row(NamedTuple):
    family: str
    line: int
    expression: str
    point: str
    wrt: str
    status: str
    value: str
    left: str
    right: str
    why: str

    @property
    def name(self) -> str:
        return self.wrt.partition("[")[0]

    @property
    def index(self) -> tuple[int, ...]:
        return tuple(int(i) - 1 for i in re.findall(r"\d+", self.wrt.partition("[")[2]))

    @property
    def id(self) -> str:
        return f"{self.family}:{self.line} {self.expression} at {self.point} in {self.wrt}"

    def given(self) -> dict[str, Given]:
        """Return the point, as the command line reads it."""
        words = (word.partition("=") for word in self.point.split())
        return {name: parse_value(Source(text), Limits()) for name, _, text in words}


def table() -> list[Row]:
    rows = []
    for path in sorted(FOLDER.glob("*.txt")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if line.strip() and not line.startswith("#"):
                rows.append(Row(path.stem, number, *(cell.strip() for cell in line.split(" | "))))
    return rows


def number(cell: str) -> mpf | None:
    """Return a cell as a number: an exact expression, inf, or None for a dash."""
    if cell == "-":
        return None
    text = re.sub(r"(?<![\w.])(\d+\.?\d*(?:e[+-]?\d+)?)", r"mpf('\1')", cell.replace("^", "**"))
    names = {name: getattr(mpmath, name) for name in re.findall(r"[a-z]\w*", cell) if hasattr(mpmath, name)}
    return +mpf(eval(text, {"__builtins__": {}, "mpf": mpf, **names}))


# ---- the evaluator ------------------------------------------------------------------------------------------


def digits(row: Row) -> int:
    """Return how many digits it takes: e^-1000 beside 1 takes many, and the gamma function would take minutes in them."""
    return 1400 if row.family == "far-and-tiny" and "gamma" not in row.expression and "!" not in row.expression else 450


def _zero(x: mpf) -> bool:
    return abs(x) < mpf(10) ** -int(mp.dps * 0.9)


def _snap(x: mpf) -> mpf:
    """Return the whole number that x can only be: what an irrational point leaves over is far below every step."""
    near = mpmath.nint(x)
    return near if x != near and _zero(x - near) else x


def _whole(x: mpf) -> bool:
    return _snap(x) == mpmath.nint(x)


def _power(x: mpf, y: mpf) -> mpf | None:
    x, y = _snap(x), _snap(y)
    if x == 0:
        return None if y < 0 else mpf(y == 0)
    if _whole(y):
        return x ** int(y) if abs(y) < 10**6 else mpmath.exp(y * mpmath.log(abs(x))) * (1 if x > 0 or y % 2 == 0 else -1)
    return None if x < 0 else x**y


def _pole(x: mpf) -> bool:
    return _whole(x) and x < mpf(1) / 2


def _atan2(y: mpf, x: mpf) -> mpf | None:
    y, x = _snap(y), _snap(x)
    return None if x == 0 and y == 0 else mpmath.atan2(y, x)


SPECIAL = {
    "x / y": lambda x, y: None if _zero(y) else x / y,
    "x ^ y": _power,
    "log(x, y)": lambda x, y: None if x <= 0 or y <= 0 or _zero(x) or _zero(y) or _zero(y - 1) else mpmath.log(x) / mpmath.log(y),
    "sqrt(x)": lambda x: mpf(0) if _zero(x) else None if x < 0 else mpmath.sqrt(x),
    "cbrt(x)": lambda x: mpf(0) if _zero(x) else mpmath.sign(x) * mpmath.cbrt(abs(x)),
    "acot(x)": lambda x: mpmath.pi / 2 if _zero(x) else mpmath.atan(1 / x),
    "atan2(y, x)": _atan2,
    "lgamma(x)": lambda x: None if _pole(x) else mpmath.loggamma(x) if x > 0 else mpmath.log(abs(mpmath.gamma(x))),
    "polygamma(n, x)": lambda n, x: None if not _whole(n) or n < 0 or _pole(x) else mpmath.polygamma(int(mpmath.nint(n)), x),
    "asinh(x)": lambda x: mpmath.asinh(x) if x > 0 else -mpmath.asinh(-x),
    "leaky_relu(x)": lambda x: x if x > 0 else x / 100,
}
DOMAIN = {
    "ln(x)": lambda x: x > 0 and not _zero(x),
    "log2(x)": lambda x: x > 0 and not _zero(x),
    "log10(x)": lambda x: x > 0 and not _zero(x),
    "log1p(x)": lambda x: x > -1 and not _zero(x + 1),
    "tan(x)": lambda x: not _zero(mpmath.cos(x)),
    "sec(x)": lambda x: not _zero(mpmath.cos(x)),
    "csc(x)": lambda x: not _zero(mpmath.sin(x)),
    "cot(x)": lambda x: not _zero(mpmath.sin(x)),
    "asin(x)": lambda x: abs(x) <= 1,
    "acos(x)": lambda x: abs(x) <= 1,
    "asec(x)": lambda x: abs(x) >= 1,
    "acsc(x)": lambda x: abs(x) >= 1,
    "csch(x)": lambda x: not _zero(x),
    "coth(x)": lambda x: not _zero(x),
    "acosh(x)": lambda x: x >= 1,
    "atanh(x)": lambda x: abs(x) < 1 and not _zero(1 - abs(x)),
    "asech(x)": lambda x: 0 < x <= 1 and not _zero(x),
    "acsch(x)": lambda x: not _zero(x),
    "acoth(x)": lambda x: abs(x) > 1 and not _zero(abs(x) - 1),
    "gamma(x)": lambda x: not _pole(x),
    "digamma(x)": lambda x: not _pole(x),
    "x!": lambda x: not _pole(x + 1),
}
DISCRETE = {"abs", "sign", "floor", "ceil", "round", "asin", "acos", "asec", "acsc", "acosh", "asech", *ops.COMPARISONS}


def _scalar(form: str, name: str, args: list[mpf]) -> mpf | None:
    if name in ops.COMPARISONS:
        args = [_snap(args[0] - args[1]), mpf(0)]
    elif name in DISCRETE:
        args = [_snap(a) for a in args]
    if form in DOMAIN and not DOMAIN[form](*args):
        return None
    out = (SPECIAL.get(form) or oracles.SCALAR[form])(*args)
    return None if out is None else mpf(out.real if isinstance(out, mpmath.mpc) else out)


def _each(function, args):
    """Apply a function entry by entry; numbers go with every entry."""
    longest = next((a for a in args if isinstance(a, list)), None)
    if longest is None:
        return function(args)
    deepest = max((a for a in args if isinstance(a, list)), key=lambda a: isinstance(a[0], list))
    return [_each(function, [a[i] if isinstance(a, list) and len(a) == len(deepest) else a for a in args]) for i in range(len(deepest))]


def _flat(x) -> list:
    return [y for part in x for y in _flat(part)] if isinstance(x, list) else [x]


def _matrix(x):
    return isinstance(x, list) and isinstance(x[0], list)


def _det(W):
    if len(W) == 1:
        return W[0][0]
    return sum((-1) ** j * W[0][j] * _det([[*row[:j], *row[j + 1 :]] for row in W[1:]]) for j in range(len(W)))


def _adjugate(W):
    n = len(W)
    if n == 1:
        return [[mpf(1)]]
    minor = lambda i, j: [[W[r][c] for c in range(n) if c != j] for r in range(n) if r != i]  # noqa: E731
    return [[(-1) ** (i + j) * _det(minor(j, i)) for j in range(n)] for i in range(n)]


def _inverse(W):
    d = _det(W)
    return None if _zero(d) else [[entry / d for entry in row] for row in _adjugate(W)]


def _turned(W):
    return [list(column) for column in zip(*W)]


def _inner(x, y):
    return sum(a * b for a, b in zip(x, y))


def _product(A, B):
    if _matrix(A):
        return [_product(row, B) for row in A]
    return [_inner(A, column) for column in _turned(B)] if _matrix(B) else _inner(A, B)


def _logsumexp(x):
    return mpmath.log(sum(map(mpmath.exp, x)))


def _diagonal(x):
    if _matrix(x):
        return [x[i][i] for i in range(len(x))]
    return [[x[i] if i == j else mpf(0) for j in range(len(x))] for i in range(len(x))]


def _cross(x, y):
    return [x[1] * y[2] - x[2] * y[1], x[2] * y[0] - x[0] * y[2], x[0] * y[1] - x[1] * y[0]]


def _mse(x, y):
    differences = [a - b for a, b in zip(_flat(x), _flat(y))]
    return sum(d * d for d in differences) / len(differences)


def _logdet(W):
    d = _det(W)
    return None if d <= 0 or _zero(d) else mpmath.log(d)


STRUCTURAL = {
    "sum": lambda x: sum(_flat(x)),
    "mean": lambda x: sum(_flat(x)) / len(_flat(x)),
    "prod": lambda x: mpmath.fprod(_flat(x)),
    "max": lambda x: max(_flat(x)),
    "min": lambda x: min(_flat(x)),
    "norm": lambda x: mpmath.sqrt(sum(v * v for v in _flat(x))),
    "norm1": lambda x: sum(map(abs, _flat(x))),
    "norminf": lambda x: max(map(abs, _flat(x))),
    "mse": _mse,
    "@": _product,
    "dot": _inner,
    "outer": lambda x, y: [[a * b for b in y] for a in x],
    "'": _turned,
    "cross": _cross,
    "trace": lambda W: sum(_diagonal(W)),
    "diag": _diagonal,
    "det": _det,
    "logdet": _logdet,
    "inv": _inverse,
    "adjugate": _adjugate,
    "logsumexp": _logsumexp,
    "softmax": lambda x: [mpmath.exp(v - _logsumexp(x)) for v in x],
    "log_softmax": lambda x: [v - _logsumexp(x) for v in x],
    "cross_entropy": lambda x, y: sum(b * (_logsumexp(x) - a) for a, b in zip(x, y)),
    "concat": lambda x, y: [*x, *y],
}


def _apply(node: Expr, args: list):
    if node.op == "array":
        return list(args)
    if node.op == "[]":
        if args[0] is None:
            return None
        return args[0][int(args[1]) - 1] if len(args) == 2 else args[0][int(args[1]) - 1][int(args[2]) - 1]
    if node.op == "where":
        return _each(lambda cab: None if cab[0] is None else cab[1] if cab[0] else cab[2], args)
    if node.op in STRUCTURAL and (len(args) == 1 or node.op not in ("max", "min")):
        return None if None in [v for a in args for v in _flat(a)] else STRUCTURAL[node.op](*args)
    form = next(row.form for row in ops.rows(node.op, len(args)) if not row.shape)
    return _each(lambda entries: None if None in entries else _scalar(form, node.op, entries), args)


def value(root: Expr, env: dict[str, object]):
    """Return the value of an expression, None where it has none."""
    known: dict[Expr, object] = {}

    def of(node: Expr):
        if node not in known:
            if node.op == NUMBER:
                mantissa, exponent = decimal(node)
                known[node] = mantissa * mpf(10) ** exponent
            elif node.op == SYMBOL:
                known[node] = env[str(node.leaf)]
            elif node.op in oracles.CONSTANT and not node.args:
                known[node] = +oracles.CONSTANT[node.op]
            else:
                known[node] = _apply(node, [of(arg) for arg in node.args])
        return known[node]

    return of(root)


# ---- what the evaluator finds of a row ----------------------------------------------------------------------


class Found(NamedTuple):
    status: str
    left: mpf | None
    right: mpf | None


def examine(row: Row) -> Found | None:
    """Return status and one-sided slopes of a row, or None where three quotients do not tell."""
    given = row.given()
    program = read(Source(row.expression), frozenset(given), arrays=arrays_in(given))
    assert all(item.written is not None for item in given.values())
    with mp.workdps(digits(row)):
        env = {name: value(item.written, {}) for name, item in given.items()}
        here = value(program.output, env)
        if here is None:
            return Found("error", None, None)
        start = env[row.name]
        for i in row.index:
            start = start[i]
        scale = min(mpf(1), abs(start)) if start else mpf(1)
        sides = []
        for sign in (-1, 1):
            steps = [sign * scale * mpf(10) ** -k for k in STEPS]
            there = [value(program.output, {**env, row.name: _moved(env[row.name], row.index, t)}) for t in steps]
            sides.append(_limit(here, there, steps))
        left, right = sides
        return None if "unknown" in sides else _verdict(left, right)


def _moved(x, index: tuple[int, ...], t: mpf):
    if not index:
        return x + t
    return [_moved(v, index[1:], t) if i == index[0] else v for i, v in enumerate(x)]


def _limit(here: mpf, there: list, steps: list[mpf]) -> mpf | str | None:
    if None in there:
        return None if there == [None] * 3 else "unknown"
    small = mpf(10) ** -int(mp.dps * 0.85)
    moves = [mpf(0) if abs(y - here) < small else y - here for y in there]
    a, b, c = (abs(m / t) for m, t in zip(moves, steps))
    if c == 0:
        return mpf(0)
    if abs(moves[2]) > 0.98 * abs(moves[1]) > 0.95 * abs(moves[0]):
        return "jump"
    if abs(c - b) < mpf(10) ** -14 * c:
        return moves[2] / steps[2]
    if c < b * 0.01 and b < a * 0.01:
        return mpf(0)
    if c > b * 1.05 and b > a * 1.05:
        return mpf("inf") * mpmath.sign(moves[2] / steps[2])
    return "unknown"


def _verdict(left, right) -> Found:
    shown = [None if side == "jump" else side for side in (left, right)]
    if "jump" in (left, right):
        return Found("jump", *shown)
    there = [side for side in (left, right) if side is not None]
    if not there:
        return Found("undefined", None, None)
    if all(map(mpmath.isinf, there)):
        return Found("vertical", left, right)
    if len(there) == 2 and not close(left, right):
        return Found("kink", left, right)
    slope = abs(there[0])
    if slope >= mpf(2) ** 1024 - mpf(2) ** 970:
        return Found("overflow", left, right)
    return Found("underflow" if 0 < slope <= mpf(2) ** -1075 else "smooth", left, right)


def close(x: mpf | None, y: mpf | None, digits: int = 12) -> bool:
    if x is None or y is None or mpmath.isinf(x) or mpmath.isinf(y):
        return x == y
    return abs(x - y) <= mpf(10) ** -digits * max(abs(x), abs(y))
