"""Expression → Python with SymPy: numbers are exact, arrays are matrices, a vector is a column."""

from __future__ import annotations

import re

from gradcli.errors import GradError
from gradcli.expr import NUMBER, Expr, decimal, integer
from gradcli.notation import plain_number
from gradcli.notation.code import CLOSE, OPEN, Code, commas, name, no_code, table
from gradcli.notation.text import Piece, Template
from gradcli.ops import ATOM, COMPARISONS
from gradcli.shapes import Shape
from gradcli.wording import said

__all__ = ["CLOSE", "DEFINITIONS", "OPEN", "Writer", "name"]

# What an operator is called there; $x where it is no call of its arguments in order.
WORDS = table("""
    exp(x)          sympy.exp
    exp2(x)         2 ** $x
    expm1(x)        sympy.exp($x) - 1
    ln(x)           sympy.log
    log2(x)         sympy.log($x) / sympy.log(2)
    log10(x)        sympy.log($x) / sympy.log(10)
    log1p(x)        sympy.log(1 + $x)
    log(x, y)       sympy.log($x) / sympy.log($y)
    sqrt(x)         sympy.sqrt
    cbrt(x)         cbrt
    abs(x)          absolute
    sign(x)         sign
    max(x, y)       larger
    min(x, y)       smaller
    where(c, a, b)  sympy.Piecewise
    sin(x)          sympy.sin
    cos(x)          sympy.cos
    tan(x)          sympy.tan
    sec(x)          sympy.sec
    csc(x)          sympy.csc
    cot(x)          sympy.cot
    asin(x)         sympy.asin
    acos(x)         sympy.acos
    atan(x)         sympy.atan
    asec(x)         sympy.acos(1 / $x)
    acsc(x)         sympy.asin(1 / $x)
    acot(x)         sympy.atan(1 / $x)
    atan2(y, x)     sympy.atan2
    hypot(x, y)     sympy.sqrt($x ** 2 + $y ** 2)
    sinh(x)         sympy.sinh
    cosh(x)         sympy.cosh
    tanh(x)         sympy.tanh
    sech(x)         1 / sympy.cosh($x)
    csch(x)         1 / sympy.sinh($x)
    coth(x)         1 / sympy.tanh($x)
    asinh(x)        sympy.asinh
    acosh(x)        sympy.acosh
    atanh(x)        sympy.atanh
    asech(x)        sympy.acosh(1 / $x)
    acsch(x)        sympy.asinh(1 / $x)
    acoth(x)        sympy.atanh(1 / $x)
    sigmoid(x)      1 / (1 + sympy.exp(-$x))
    logsigmoid(x)   -sympy.log(1 + sympy.exp(-$x))
    softplus(x)     sympy.log(1 + sympy.exp($x))
    erf(x)          sympy.erf
    erfc(x)         sympy.erfc
    gauss(x)        sympy.exp(-($x ** 2))
    normcdf(x)      sympy.erfc(-$x / sympy.sqrt(2)) / 2
    normpdf(x)      sympy.exp(-($x ** 2) / 2) / sympy.sqrt(2 * sympy.pi)
    gamma(x)        sympy.gamma
    lgamma(x)       sympy.log(absolute(sympy.gamma($x)))
    digamma(x)      sympy.digamma
    polygamma(n, x)  sympy.polygamma
    x!              sympy.gamma($x + 1)
    sum(x)          total
    mean(x)         total($x) / size($x)
    prod(x)         sympy.prod(entries($x))
    max(x)          largest
    min(x)          -largest(-$x)
    norm(x)         sympy.sqrt(total(each(lambda a: a ** 2, $x)))
    norm(x, 1)      total(each(absolute, $x))
    norm(x, inf)    largest(each(absolute, $x))
    mse(x, y)       total(each(lambda a, b: (a - b) ** 2, $x, $y)) / max(size($x), size($y))
    W @ x           $W * $x
    A @ B           $A * $B
    x @ W           ($x.T * $W).T
    x @ y           ($x.T * $y)[0]
    dot(x, y)       ($x.T * $y)[0]
    outer(x, y)     $x * $y.T
    W'              $W.T
    cross(x, y)     $x.cross($y)
    trace(W)        $W.trace()
    diag(x)         sympy.diag(*$x)
    diag(W)         $W.diagonal().T
    det(W)          $W.det()
    logdet(W)       sympy.log($W.det())
    inv(W)          $W.inv()
    adjugate(W)     $W.adjugate()
    softmax(x)      each(sympy.exp, $x) / total(each(sympy.exp, $x))
    log_softmax(x)  each(lambda a, b: a - b, $x, logsumexp($x))
    logsumexp(x)    logsumexp
    cross_entropy(x, y)  -($y.T * each(lambda a, b: a - b, $x, logsumexp($x)))[0]
    concat(x, y)    sympy.Matrix.vstack
    flow(x, y)      $x * $y
    centred(x, y)   $x * total($y) - sympy.ones(*$x.shape) * ($x.T * $y)[0]
    exchange(x, y)  $x * total($y) - $y * total($x)
    ones(x)         each(lambda a: sympy.Integer(1), $x)
    eye(W)          sympy.eye($W.rows)
    size(x)         size
    others(x)       others
    pairs(x, y)     pairs
    place(y, x, i)     place
    place(y, W, i, j)  place_in_matrix
    place_slice(y, x, a, b)  place_slice
""")

DEFINITIONS = {
    "absolute": "def absolute(x):  # pieces, which sympy differentiates without fuss\n    return sympy.Piecewise((-x, x < 0), (x, True))",
    "sign": "def sign(x):\n    return sympy.Piecewise((-1, x < 0), (1, x > 0), (0, True))",
    "cbrt": "def cbrt(x):\n    return sympy.Piecewise((-((-x) ** sympy.Rational(1, 3)), x < 0), (x ** sympy.Rational(1, 3), True))",
    "larger": "def larger(x, y):\n    return sympy.Piecewise((x, x >= y), (y, True))",
    "smaller": "def smaller(x, y):\n    return sympy.Piecewise((x, x <= y), (y, True))",
    "each": (
        "def each(rule, *arguments):  # entry by entry; a number is repeated\n"
        "    arrays = [a for a in arguments if isinstance(a, sympy.MatrixBase)]\n"
        "    if not arrays:\n        return rule(*arguments)\n"
        "    at = lambda a, i, j: a[i, j] if isinstance(a, sympy.MatrixBase) else a\n"
        "    return sympy.Matrix(*arrays[0].shape, lambda i, j: rule(*(at(a, i, j) for a in arguments)))"
    ),
    "entries": "def entries(x):\n    return list(x) if isinstance(x, (list, sympy.MatrixBase)) else [x]",
    "total": "def total(x):\n    return sympy.Add(*entries(x))",
    "size": "def size(x):\n    return sympy.Integer(len(entries(x)))",
    "largest": (
        "def largest(x):\n    first, *rest = entries(x)\n"
        "    for entry in rest:\n        first = larger(first, entry)\n    return first"
    ),
    "logsumexp": "def logsumexp(x):\n    return sympy.log(total(each(sympy.exp, x)))",
    "others": (
        "def others(x):  # for each entry the product of all the others\n"
        "    flat = entries(x)\n"
        "    return sympy.Matrix(*x.shape, [sympy.prod(flat[:i] + flat[i + 1:]) for i in range(len(flat))])"
    ),
    "pairs": (
        "def pairs(x, y):  # for each entry i the sum over k of y_k times the product of all but i and k\n"
        "    flat, weights, n = entries(x), entries(y), range(len(x))\n"
        "    rest = lambda *out: sympy.prod(flat[j] for j in n if j not in out)\n"
        "    return sympy.Matrix(*x.shape, [sympy.Add(*(weights[k] * rest(i, k) for k in n if k != i)) for i in n])"
    ),
    "place": (
        "def place(y, x, i):  # zeros in the shape of x, but y at this place (of a matrix, in this row), counted from 1\n"
        "    out = sympy.zeros(*x.shape)\n"
        "    out[int(i) - 1, :] = y.T if isinstance(y, sympy.MatrixBase) else sympy.Matrix([y])\n    return out"
    ),
    "place_in_matrix": (
        "def place_in_matrix(y, x, i, j):  # zeros in the shape of x, but y in row i and column j, counted from 1\n"
        "    out = sympy.zeros(*x.shape)\n    out[int(i) - 1, int(j) - 1] = y\n    return out"
    ),
    "place_slice": (
        "def place_slice(y, x, first, last):  # zeros in the shape of x, but y at first to last, counted from 1\n"
        "    out = sympy.zeros(*x.shape)\n    out[int(first) - 1:int(last), :] = y\n    return out"
    ),
}  # fmt: skip
_RELATIONS = {"==": "sympy.Eq(", "!=": "sympy.Ne("}
_SMOOTH_ONLY = ("floor(x)", "ceil(x)", "round(x)")  # sympy has them, but leaves their derivative standing as it is


class Writer(Code):
    """SymPy: exact numbers; what is done entry by entry is said so."""

    LIBRARY = "sympy"
    WORDS = WORDS
    CONSTANT = {"pi": "sympy.pi", "e": "sympy.E"}  # noqa: RUF012

    def operator(self, node: Expr) -> Template:
        """Return an operator; on arrays, entry by entry, where SymPy's own sign would mean something else."""
        row = self.row(node)
        if row.form == "x[i]" and self.shapes and len(self.shapes.of(node.args[0])) == 2:
            return [(0, ATOM), ".row(", *self.index(node.args[1], 1), ").T"], ATOM
        if row.form in _SMOOTH_ONLY:
            raise no_code(row, self.LIBRARY)
        sizes = [self.shapes.of(arg) for arg in node.args] if self.shapes else []
        if row.shape is not None or not any(sizes) or _as_a_matrix(row.form, sizes):
            return self.call(row) if node.op == "@" else super().operator(node)
        pieces, _ = super().operator(node)
        arrays = [n for n, arg in enumerate(node.args) if arg.op != NUMBER]
        letter = {n: "abc"[k] for k, n in enumerate(arrays)}
        inside = "".join(p if isinstance(p, str) else letter.get(p[0]) or self.number(node.args[p[0]]) for p in pieces)
        word = inside.removesuffix(f"({', '.join(letter.values())})")
        rule = word if word.isidentifier() or re.fullmatch(r"sympy\.\w+", word) else f"lambda {', '.join(letter.values())}: {inside}"
        return [f"each({rule}", *[p for n in arrays for p in (", ", (n, 0))], ")"], ATOM

    def number(self, node: Expr) -> str:
        """Return a number exactly."""
        whole = integer(node)
        mantissa, exponent = decimal(node)
        if abs(exponent) > 5000:
            raise GradError("no-code", said("{0} is too far out to be written exactly", plain_number(mantissa, exponent)))
        return str(whole) if whole is not None else f"sympy.Rational('{plain_number(mantissa, exponent)}')"

    def lift(self, text: str) -> str:
        """Return an exact number of SymPy."""
        return f"sympy.Integer({text})" if text.lstrip("-").isdigit() else text

    def comparison(self, op: str) -> Template:
        """Return a relation."""
        if op in _RELATIONS:
            return [_RELATIONS[op], (0, 0), ", ", (1, 0), ")"], ATOM
        return super().comparison(op)

    def where(self, node: Expr) -> Template:
        """Return a choice in pieces."""
        test: list[Piece] = [(0, 0)] if node.args[0].op in COMPARISONS else ["sympy.Ne(", (0, 0), ", 0)"]
        return ["sympy.Piecewise((", (1, 0), ", ", *test, "), (", (2, 0), ", True))"], ATOM

    def slice(self, node: Expr) -> list[Piece]:
        """Return the rows first:last, with all columns."""
        return [*super().slice(node), ", :"]

    def array(self, node: Expr) -> Template:
        """Return a column of numbers, or a matrix of rows."""
        columns = [[(n, 1)] for n in range(len(node.args))]
        if self.shapes and self.shapes.of(node.args[0]):
            return ["sympy.Matrix.hstack(", *commas(columns), ").T"], ATOM
        return ["sympy.Matrix([", *commas(columns), "])"], ATOM


def _as_a_matrix(form: str, sizes: list[Shape]) -> bool:
    """Tell whether the sign means for matrices of these shapes what it means entry by entry."""
    if form in ("x + y", "x - y"):
        return all(sizes)
    if form in ("x * y", "flow(x, y)"):
        return not all(sizes)
    return form == "-x" or (form == "x / y" and not sizes[1])
