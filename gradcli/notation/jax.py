"""Expression → Python with JAX: NumPy's words, and what JAX has beyond them."""

from __future__ import annotations

from gradcli.expr import Expr
from gradcli.notation import numpy
from gradcli.notation.code import CLOSE, OPEN, Code, borrowed, floats, name, table
from gradcli.notation.text import Template

__all__ = ["CLOSE", "DEFINITIONS", "OPEN", "Writer", "name"]

OWN = table("""
    sigmoid(x)      jax.nn.sigmoid
    logsigmoid(x)   jax.nn.log_sigmoid
    softplus(x)     jax.nn.softplus
    relu(x)         jax.nn.relu
    leaky_relu(x)   jax.nn.leaky_relu
    leaky_relu(x, a)  jnp.where($x > 0, $x, $a * $x)
    elu(x)          jax.nn.elu
    elu(x, a)       jax.nn.elu
    selu(x)         jax.nn.selu
    gelu(x)         jax.nn.gelu($x, approximate=False)
    silu(x)         jax.nn.silu
    softmax(x)      jax.nn.softmax
    log_softmax(x)  jax.nn.log_softmax
    logsumexp(x)    jax.nn.logsumexp
    erf(x)          jax.scipy.special.erf
    erfc(x)         jax.scipy.special.erfc
    normcdf(x)      jax.scipy.special.erfc(-$x / math.sqrt(2)) / 2
    gamma(x)        jax.scipy.special.gamma
    lgamma(x)       jax.scipy.special.gammaln
    digamma(x)      jax.scipy.special.digamma
    polygamma(n, x)  jax.scipy.special.polygamma
    size(x)         jnp.float64(jnp.size($x))
    norm(x)         jnp.sqrt(jnp.sum($x ** 2))
""")
WORDS = borrowed(numpy.WORDS, "jnp") | OWN

DEFINITIONS = borrowed(numpy.DEFINITIONS, "jnp", "adjugate", "flow", "others") | {
    "pairs": (
        "def pairs(x, y):  # for each entry i the sum over k of y_k times the product of all but i and k\n"
        "    flat, weights = x.ravel(), y.ravel()\n"
        "    return jnp.array([sum(weights[k] * jnp.prod(jnp.delete(flat, jnp.array([i, k]), assume_unique_indices=True))"
        " for k in range(x.size) if k != i) for i in range(x.size)]).reshape(x.shape)"
    ),
    "place": (
        "def place(y, x, *at):  # zeros in the shape of x, but y at this place, counted from 1\n"
        "    return jnp.zeros_like(x).at[tuple(int(i) - 1 for i in at)].set(y)"
    ),
    "place_slice": (
        "def place_slice(y, x, first, last):  # zeros in the shape of x, but y at first to last, counted from 1\n"
        "    return jnp.zeros_like(x).at[int(first) - 1:int(last)].set(y)"
    ),
}  # fmt: skip


class Writer(Code):
    """JAX: plain numbers go everywhere."""

    LIBRARY = "jax"
    WORDS = WORDS

    def lift(self, text: str) -> str:
        """Return an array of one number."""
        return f"jnp.float64({text})"

    def array(self, node: Expr) -> Template:
        """Return an array of floats."""
        return floats(node, "jnp")
