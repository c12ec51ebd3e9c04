"""Expression → Python with PyTorch: NumPy's words where they are the same, and its own."""

from __future__ import annotations

from gradcli.expr import Expr
from gradcli.notation import numpy
from gradcli.notation.code import CLOSE, OPEN, Code, borrowed, commas, name, table
from gradcli.notation.text import Template
from gradcli.ops import ATOM

__all__ = ["CLOSE", "DEFINITIONS", "OPEN", "Writer", "name"]

OWN = table("""
    cbrt(x)         torch.sign($x) * torch.abs($x) ** (1 / 3)
    asin(x)         torch.asin
    acos(x)         torch.acos
    atan(x)         torch.atan
    atan2(y, x)     torch.atan2
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
    normcdf(x)      torch.erfc(-$x / math.sqrt(2)) / 2
    lgamma(x)       torch.lgamma
    digamma(x)      torch.digamma
    polygamma(n, x)  torch.polygamma(int($n), $x)
    max(x)          torch.amax
    min(x)          torch.amin
    norm(x)         torch.linalg.vector_norm
    dot(x, y)       torch.dot
    cross(x, y)     torch.linalg.cross
    logdet(W)       torch.logdet
    softmax(x)      torch.softmax($x, 0)
    log_softmax(x)  torch.log_softmax($x, 0)
    logsumexp(x)    torch.logsumexp($x, 0)
    concat(x, y)    torch.cat(($x, $y))
    size(x)         torch.tensor(float($x.numel()))
""")
WORDS = borrowed(numpy.WORDS, "torch") | OWN

DEFINITIONS = borrowed(numpy.DEFINITIONS, "torch", "flow", "place", "place_slice") | {
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
