"""Expression → Python with PyTorch."""

from __future__ import annotations

from gradcli.expr import Expr
from gradcli.notation.code import CLOSE, OPEN, Code, commas, name, table
from gradcli.notation.text import Template
from gradcli.ops import ATOM

__all__ = ["CLOSE", "DEFINITIONS", "OPEN", "Writer", "name"]

# What an operator is called there; $x where it is no call of its arguments in order.
WORDS = table("""
    exp(x)          torch.exp
    exp2(x)         torch.exp2
    expm1(x)        torch.expm1
    ln(x)           torch.log
    log2(x)         torch.log2
    log10(x)        torch.log10
    log1p(x)        torch.log1p
    log(x, y)       torch.log($x) / torch.log($y)
    sqrt(x)         torch.sqrt
    cbrt(x)         torch.sign($x) * torch.abs($x) ** (1 / 3)
    abs(x)          torch.abs
    sign(x)         torch.sign
    floor(x)        torch.floor
    ceil(x)         torch.ceil
    round(x)        torch.round
    max(x, y)       torch.maximum
    min(x, y)       torch.minimum
    clip(x, a, b)   torch.minimum(torch.maximum($x, $a), $b)
    where(c, a, b)  torch.where
    sin(x)          torch.sin
    cos(x)          torch.cos
    tan(x)          torch.tan
    sec(x)          1 / torch.cos($x)
    csc(x)          1 / torch.sin($x)
    cot(x)          1 / torch.tan($x)
    asin(x)         torch.asin
    acos(x)         torch.acos
    atan(x)         torch.atan
    atan2(y, x)     torch.atan2
    hypot(x, y)     torch.hypot
    sinh(x)         torch.sinh
    cosh(x)         torch.cosh
    tanh(x)         torch.tanh
    sech(x)         1 / torch.cosh($x)
    csch(x)         1 / torch.sinh($x)
    coth(x)         1 / torch.tanh($x)
    asinh(x)        torch.asinh
    acosh(x)        torch.acosh
    atanh(x)        torch.atanh
    asech(x)        torch.acosh(1 / $x)
    acsch(x)        torch.asinh(1 / $x)
    acoth(x)        torch.atanh(1 / $x)
    sigmoid(x)      torch.sigmoid
    logsigmoid(x)   torch.nn.functional.logsigmoid
    softplus(x)     softplus
    relu(x)         torch.relu
    leaky_relu(x)   torch.nn.functional.leaky_relu
    leaky_relu(x, a)  torch.where($x > 0, $x, $a * $x)
    elu(x)          torch.nn.functional.elu
    selu(x)         torch.selu
    gelu(x)         torch.nn.functional.gelu
    silu(x)         torch.nn.functional.silu
    erf(x)          torch.erf
    erfc(x)         torch.erfc
    gauss(x)        torch.exp(-($x ** 2))
    normcdf(x)      torch.erfc(-$x / math.sqrt(2)) / 2
    normpdf(x)      torch.exp(-($x ** 2) / 2) / math.sqrt(2 * math.pi)
    gamma(x)        gamma
    lgamma(x)       torch.lgamma
    digamma(x)      torch.digamma
    polygamma(n, x)  torch.polygamma(int($n), $x)
    sum(x)          torch.sum
    mean(x)         torch.mean
    prod(x)         torch.prod
    max(x)          torch.amax
    min(x)          torch.amin
    norm(x)         torch.linalg.vector_norm
    W @ x           $W @ $x
    A @ B           $A @ $B
    x @ W           $x @ $W
    x @ y           $x @ $y
    dot(x, y)       torch.dot
    outer(x, y)     torch.outer
    W'              $W.T
    cross(x, y)     torch.linalg.cross
    trace(W)        torch.trace
    diag(x)         torch.diag
    diag(W)         torch.diag
    det(W)          torch.linalg.det
    logdet(W)       torch.logdet
    inv(W)          torch.linalg.inv
    adjugate(W)     adjugate
    softmax(x)      torch.softmax($x, 0)
    log_softmax(x)  torch.log_softmax($x, 0)
    logsumexp(x)    torch.logsumexp($x, 0)
    concat(x, y)    torch.cat(($x, $y))
    flow(x, y)      flow
    centred(x, y)   $x * torch.sum($y) - $x @ $y
    exchange(x, y)  $x * torch.sum($y) - $y * torch.sum($x)
    ones(x)         torch.ones_like($x)
    eye(W)          torch.eye(len($W))
    size(x)         torch.tensor(float($x.numel()))
    others(x)       others
    pairs(x, y)     pairs
    place(y, x, i)     place
    place(y, W, i, j)  place
    place_slice(y, x, a, b)  place_slice
""")

DEFINITIONS = {
    "softplus": "def softplus(x):  # torch's own is only nearly that beyond 20\n    return torch.logaddexp(x, torch.zeros_like(x))",
    "gamma": (
        "def gamma(x):\n"
        "    sign = torch.where((x < 0) & (torch.floor(x) % 2 != 0), -1.0, 1.0)\n"
        "    return sign * torch.exp(torch.lgamma(x))"
    ),
    "adjugate": (
        "def adjugate(w):  # the transposed matrix of cofactors\n"
        "    def minor(i, j):\n"
        "        rows, columns = ([k for k in range(len(w)) if k != left] for left in (i, j))\n"
        "        return torch.linalg.det(w[rows][:, columns])\n\n"
        "    return torch.stack([torch.stack([(-1) ** (i + j) * minor(j, i) for j in range(len(w))]) for i in range(len(w))])"
    ),
    "flow": (
        "def flow(x, y):  # x * y, but 0 where x is 0: nothing flows through a branch not taken\n"
        "    return torch.where(x == 0, 0.0, x * y)"
    ),
    "others": (
        "def others(x):  # for each entry the product of all the others\n"
        "    flat = x.ravel()\n"
        "    return torch.stack([torch.prod(torch.cat((flat[:i], flat[i + 1:]))) for i in range(len(flat))]).reshape(x.shape)"
    ),
    "pairs": (
        "def pairs(x, y):  # for each entry i the sum over k of y_k times the product of all but i and k\n"
        "    flat, weights, size = x.ravel(), y.ravel(), range(x.numel())\n"
        "    sums = [sum(weights[k] * torch.prod(flat[[j for j in size if j not in (i, k)]]) for k in size if k != i) for i in size]\n"
        "    return torch.stack([torch.as_tensor(total, dtype=torch.float64) for total in sums]).reshape(x.shape)"
    ),
    "place": (
        "def place(y, x, *at):  # zeros in the shape of x, but y at this place, counted from 1\n"
        "    out = torch.zeros_like(x)\n    out[tuple(int(i) - 1 for i in at)] = y\n    return out"
    ),
    "place_slice": (
        "def place_slice(y, x, first, last):  # zeros in the shape of x, but y at first to last, counted from 1\n"
        "    out = torch.zeros_like(x)\n    out[int(first) - 1:int(last)] = y\n    return out"
    ),
}  # fmt: skip


class Writer(Code):
    """PyTorch: its functions take tensors only."""

    LIBRARY = "torch"
    WORDS = WORDS
    lifts_arguments = True

    def lift(self, text: str) -> str:
        """Return a tensor of one number."""
        return f"torch.tensor({text if '.' in text or 'e' in text else text + '.0'})"

    def array(self, node: Expr) -> Template:
        """Return a tensor made of tensors, so that gradients flow into its entries."""
        return ["torch.stack([", *commas([[(n, 1)] for n in range(len(node.args))]), "])"], ATOM
