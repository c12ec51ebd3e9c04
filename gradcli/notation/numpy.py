"""Expression → Python with NumPy."""

from __future__ import annotations

from gradcli.expr import Expr
from gradcli.notation.code import CLOSE, OPEN, Code, floats, name, table
from gradcli.notation.text import Template

__all__ = ["CLOSE", "DEFINITIONS", "OPEN", "Writer", "name"]

# What an operator is called there; $x where it is no call of its arguments in order.
WORDS = table("""
    exp(x)          np.exp
    exp2(x)         np.exp2
    expm1(x)        np.expm1
    ln(x)           np.log
    log2(x)         np.log2
    log10(x)        np.log10
    log1p(x)        np.log1p
    log(x, y)       np.log($x) / np.log($y)
    sqrt(x)         np.sqrt
    cbrt(x)         np.cbrt
    abs(x)          np.abs
    sign(x)         np.sign
    floor(x)        np.floor
    ceil(x)         np.ceil
    round(x)        np.round
    max(x, y)       np.maximum
    min(x, y)       np.minimum
    clip(x, a, b)   np.minimum(np.maximum($x, $a), $b)
    where(c, a, b)  np.where
    sin(x)          np.sin
    cos(x)          np.cos
    tan(x)          np.tan
    sec(x)          1 / np.cos($x)
    csc(x)          1 / np.sin($x)
    cot(x)          1 / np.tan($x)
    asin(x)         np.arcsin
    acos(x)         np.arccos
    atan(x)         np.arctan
    atan2(y, x)     np.arctan2
    hypot(x, y)     np.hypot
    sinh(x)         np.sinh
    cosh(x)         np.cosh
    tanh(x)         np.tanh
    sech(x)         1 / np.cosh($x)
    csch(x)         1 / np.sinh($x)
    coth(x)         1 / np.tanh($x)
    asinh(x)        np.arcsinh
    acosh(x)        np.arccosh
    atanh(x)        np.arctanh
    asech(x)        np.arccosh(1 / $x)
    acsch(x)        np.arcsinh(1 / $x)
    acoth(x)        np.arctanh(1 / $x)
    sigmoid(x)      1 / (1 + np.exp(-$x))
    softplus(x)     np.logaddexp(0, $x)
    logsigmoid(x)   -np.logaddexp(0, -$x)
    relu(x)         np.maximum($x, 0)
    erf(x)          erf
    erfc(x)         erfc
    gauss(x)        np.exp(-($x ** 2))
    normcdf(x)      normcdf
    normpdf(x)      np.exp(-($x ** 2) / 2) / math.sqrt(2 * math.pi)
    gamma(x)        gamma
    lgamma(x)       lgamma
    sum(x)          np.sum
    mean(x)         np.mean
    prod(x)         np.prod
    max(x)          np.max
    min(x)          np.min
    norm(x)         np.sqrt(np.sum($x ** 2))
    W @ x           $W @ $x
    A @ B           $A @ $B
    x @ W           $x @ $W
    x @ y           $x @ $y
    dot(x, y)       $x @ $y
    outer(x, y)     np.outer
    W'              $W.T
    cross(x, y)     np.cross
    trace(W)        np.trace
    diag(x)         np.diag
    diag(W)         np.diag
    det(W)          np.linalg.det
    logdet(W)       np.linalg.slogdet($W)[1]
    inv(W)          np.linalg.inv
    adjugate(W)     adjugate
    softmax(x)      softmax
    log_softmax(x)  log_softmax
    logsumexp(x)    logsumexp
    concat(x, y)    np.concatenate(($x, $y))
    flow(x, y)      flow
    centred(x, y)   $x * np.sum($y) - $x @ $y
    exchange(x, y)  $x * np.sum($y) - $y * np.sum($x)
    ones(x)         np.ones_like($x)
    eye(W)          np.eye(len($W))
    size(x)         np.size
    others(x)       others
    pairs(x, y)     pairs
    place(y, x, i)     place
    place(y, W, i, j)  place
    place_slice(y, x, a, b)  place_slice
""")

DEFINITIONS = {
    "erf": "erf = np.vectorize(math.erf, otypes=[float])",
    "erfc": "erfc = np.vectorize(math.erfc, otypes=[float])",
    "gamma": "gamma = np.vectorize(math.gamma, otypes=[float])",
    "lgamma": "lgamma = np.vectorize(math.lgamma, otypes=[float])",
    "normcdf": "def normcdf(x):\n    return np.vectorize(math.erfc, otypes=[float])(-x / math.sqrt(2)) / 2",
    "softmax": "def softmax(x):\n    powers = np.exp(x - np.max(x))\n    return powers / np.sum(powers)",
    "logsumexp": "def logsumexp(x):\n    return np.max(x) + np.log(np.sum(np.exp(x - np.max(x))))",
    "log_softmax": "def log_softmax(x):\n    return x - logsumexp(x)",
    "adjugate": (
        "def adjugate(w):  # the transposed matrix of cofactors\n"
        "    def minor(i, j):\n"
        "        return np.linalg.det(np.delete(np.delete(w, i, 0), j, 1))\n\n"
        "    return np.array([[(-1) ** (i + j) * minor(j, i) for j in range(len(w))] for i in range(len(w))])"
    ),
    "flow": (
        "def flow(x, y):  # x * y, but 0 where x is 0: nothing flows through a branch not taken\n"
        "    return np.where(x == 0, 0.0, x * y)"
    ),
    "others": (
        "def others(x):  # for each entry the product of all the others\n"
        "    return np.array([np.prod(np.delete(x.ravel(), i)) for i in range(x.size)]).reshape(x.shape)"
    ),
    "pairs": (
        "def pairs(x, y):  # for each entry i the sum over k of y_k times the product of all but i and k\n"
        "    x, y, shape = x.ravel(), y.ravel(), x.shape\n"
        "    return np.array([sum(y[k] * np.prod(np.delete(x, [i, k])) for k in range(x.size) if k != i)"
        " for i in range(x.size)]).reshape(shape)"
    ),
    "place": (
        "def place(y, x, *at):  # zeros in the shape of x, but y at this place, counted from 1\n"
        "    out = np.zeros_like(x)\n    out[tuple(int(i) - 1 for i in at)] = y\n    return out"
    ),
    "place_slice": (
        "def place_slice(y, x, first, last):  # zeros in the shape of x, but y at first to last, counted from 1\n"
        "    out = np.zeros_like(x)\n    out[int(first) - 1:int(last)] = y\n    return out"
    ),
}  # fmt: skip


class Writer(Code):
    """NumPy: plain numbers go everywhere."""

    LIBRARY = "numpy"
    WORDS = WORDS

    def lift(self, text: str) -> str:
        """Return a float64, which knows division by zero and roots of negative numbers."""
        return f"np.float64({text})"

    def array(self, node: Expr) -> Template:
        """Return an array of floats."""
        return floats(node, "np")
