"""Five frameworks of automatic differentiation: which call of each computes a row of the table, and its gradient.

A framework is imported when it is first asked. `gradient` walks the tape of an expression and calls the framework's own
functions, so that nothing of gradcli's differentiation takes part.
"""

from __future__ import annotations

import operator
from importlib import import_module, metadata
from types import SimpleNamespace

from gradcli import ops
from gradcli.circuit import Circuit
from gradcli.errors import Source
from gradcli.expr import NUMBER, as_float, integer, symbol
from gradcli.limits import Limits
from gradcli.report import FOLDED
from gradcli.syntax.reader import read

PACKAGES = {"torch": "torch", "jax": "jax", "tensorflow": "tensorflow-cpu", "autograd": "autograd", "casadi": "casadi"}
OPERATORS = {
    "x + y": operator.add, "x - y": operator.sub, "x * y": operator.mul, "x / y": operator.truediv, "-x": operator.neg,
    "x ^ y": operator.pow, "x < y": operator.lt, "x <= y": operator.le, "x > y": operator.gt, "x >= y": operator.ge,
}  # fmt: skip
SAME = "exp expm1 log2 log10 log1p sqrt abs sign floor ceil round sin cos tan sinh cosh tanh".split()


def installed(name):
    """Return the installed version of a framework, without its build, or None."""
    try:
        return metadata.version(PACKAGES[name]).split("+")[0]
    except metadata.PackageNotFoundError:
        return None


def circuit(text, at):
    """Return the circuit of an expression at a point: its tape, its shapes and its variables."""
    sizes = {name: (len(value),) if isinstance(value, list) and not isinstance(value[0], list) else
             (len(value), len(value[0])) if isinstance(value, list) else () for name, value in at.items()}  # fmt: skip
    return Circuit(read(Source(text), frozenset(at), arrays=frozenset(n for n, s in sizes.items() if s)), sizes, FOLDED, Limits())


def gradient(name, text, at):
    """Return what a framework gives for the partials of an expression: a number or nested list for each variable."""
    return framework(name).gradient(lambda values: _value(name, circuit(text, at), values), at)


def _value(name, made, values):
    env = {symbol(variable): value for variable, value in values.items()}
    for node in made.order:
        if node.op == NUMBER:
            env[node] = as_float(node) if integer(node) is None else integer(node)
        elif node.args:
            env[node] = framework(name).functions[made.shapes.row_of(node).form](*[env[arg] for arg in node.args])
    return env[made.root]


def framework(name):
    """Return the functions of a framework by row, and its gradient."""
    if name not in _made:
        _made[name] = SimpleNamespace(**dict(zip(("functions", "gradient"), _MAKERS[name]())))
    return _made[name]


def _elementwise(module, **renamed):
    """Return the functions of a module that go by the name in the table, or by another one."""
    names = {name: name for name in SAME} | renamed
    rows = {row.form: row.name for row in ops.TABLE if row.shape is None and len(row.formals) == 1}
    return OPERATORS | {form: getattr(module, names[op]) for form, op in rows.items() if op in names}


def _torch():
    torch = import_module("torch")
    f = torch.nn.functional

    def tensors(function):
        return lambda *args: function(*[torch.as_tensor(arg, dtype=None if torch.is_tensor(arg) else torch.float64) for arg in args])

    def gradient(function, at):
        x = {name: torch.tensor(value, dtype=torch.float64, requires_grad=True) for name, value in at.items()}
        out = function(x)
        grads = torch.autograd.grad(out, list(x.values()), allow_unused=True, materialize_grads=True) if out.requires_grad else None
        return {name: (torch.zeros_like(x[name]) if grads is None else grads[i]).tolist() for i, name in enumerate(x)}

    return _elementwise(
        torch, ln="log", exp2="exp2", asin="asin", acos="acos", atan="atan", asinh="asinh", acosh="acosh", atanh="atanh", erf="erf",
        sigmoid="sigmoid", relu="relu", lgamma="lgamma", digamma="digamma",
    ) | {
        "where(c, a, b)": lambda c, a, b: torch.where(c, tensors(torch.clone)(a), tensors(torch.clone)(b)),
        "max(x, y)": tensors(torch.maximum), "min(x, y)": tensors(torch.minimum), "clip(x, a, b)": torch.clamp,
        "hypot(x, y)": tensors(torch.hypot), "atan2(y, x)": tensors(torch.atan2), "leaky_relu(x)": f.leaky_relu, "elu(x)": f.elu,
        "elu(x, a)": f.elu, "leaky_relu(x, a)": f.leaky_relu, "selu(x)": f.selu, "softplus(x)": f.softplus, "logsigmoid(x)": f.logsigmoid,
        "gelu(x)": f.gelu, "silu(x)": f.silu, "sum(x)": torch.sum, "mean(x)": torch.mean, "prod(x)": torch.prod,
        "max(x)": torch.amax, "min(x)": torch.amin, "norm(x)": torch.linalg.norm, "norm(x, 1)": lambda x: torch.linalg.vector_norm(x, 1),
        "norm(x, inf)": lambda x: torch.linalg.vector_norm(x, torch.inf), "det(W)": torch.linalg.det, "logdet(W)": torch.logdet,
        "logsumexp(x)": lambda x: torch.logsumexp(x, 0), "x[i]": lambda x, i: x[i - 1], "x @ y": torch.dot,
    }, gradient  # fmt: skip


def _jax():
    jax = import_module("jax")
    jax.config.update("jax_enable_x64", True)
    np, f = jax.numpy, jax.nn

    def gradient(function, at):
        grads = jax.grad(function)({name: np.array(value, dtype=float) for name, value in at.items()})
        return {name: grads[name].tolist() for name in at}

    return _elementwise(
        np, ln="log", exp2="exp2", cbrt="cbrt", asin="asin", acos="acos", atan="atan", asinh="asinh", acosh="acosh", atanh="atanh",
    ) | {
        "where(c, a, b)": np.where, "max(x, y)": np.maximum, "min(x, y)": np.minimum, "clip(x, a, b)": np.clip, "hypot(x, y)": np.hypot,
        "atan2(y, x)": np.arctan2, "relu(x)": f.relu, "leaky_relu(x)": f.leaky_relu, "leaky_relu(x, a)": f.leaky_relu, "elu(x)": f.elu,
        "elu(x, a)": f.elu, "selu(x)": f.selu, "softplus(x)": f.softplus, "logsigmoid(x)": f.log_sigmoid, "sigmoid(x)": f.sigmoid,
        "gelu(x)": lambda x: f.gelu(x, approximate=False), "silu(x)": f.silu, "erf(x)": jax.scipy.special.erf, "lgamma(x)": jax.scipy.special.gammaln,
        "sum(x)": np.sum, "mean(x)": np.mean, "prod(x)": np.prod, "max(x)": np.max, "min(x)": np.min, "norm(x)": np.linalg.norm,
        "norm(x, 1)": lambda x: np.linalg.norm(x, 1), "norm(x, inf)": lambda x: np.linalg.norm(x, np.inf), "det(W)": np.linalg.det,
        "logsumexp(x)": jax.scipy.special.logsumexp, "x[i]": lambda x, i: x[i - 1], "x @ y": np.dot,
    }, gradient  # fmt: skip


def _tensorflow():
    tf = import_module("tensorflow")

    def gradient(function, at):
        x = {name: tf.Variable(value, dtype=tf.float64) for name, value in at.items()}
        with tf.GradientTape() as taken:
            out = function(x)
        grads = taken.gradient(out, list(x.values()), unconnected_gradients=tf.UnconnectedGradients.ZERO)
        return {name: grad.numpy().tolist() for name, grad in zip(x, grads)}

    def tensor(value):
        return tf.convert_to_tensor(value, dtype=tf.float64)

    names = {name: name for name in "exp sqrt abs sign floor round sin cos tan sinh cosh tanh asin acos atan asinh acosh atanh sigmoid".split()}
    rows = {row.form: row.name for row in ops.TABLE if row.shape is None and len(row.formals) == 1}
    return OPERATORS | {form: getattr(tf, names[op]) for form, op in rows.items() if op in names} | {
        "ln(x)": tf.math.log, "log1p(x)": tf.math.log1p, "expm1(x)": tf.math.expm1, "ceil(x)": tf.math.ceil, "erf(x)": tf.math.erf,
        "lgamma(x)": tf.math.lgamma, "where(c, a, b)": lambda c, a, b: tf.where(c, tensor(a), tensor(b)),
        "max(x, y)": lambda x, y: tf.maximum(tensor(x), tensor(y)), "min(x, y)": lambda x, y: tf.minimum(tensor(x), tensor(y)),
        "clip(x, a, b)": lambda x, a, b: tf.clip_by_value(x, tensor(a), tensor(b)), "atan2(y, x)": tf.atan2, "relu(x)": tf.nn.relu,
        "leaky_relu(x)": lambda x: tf.nn.leaky_relu(x, 0.01), "leaky_relu(x, a)": tf.nn.leaky_relu, "elu(x)": tf.nn.elu, "selu(x)": tf.nn.selu,
        "softplus(x)": tf.nn.softplus, "logsigmoid(x)": tf.math.log_sigmoid, "gelu(x)": tf.nn.gelu, "silu(x)": tf.nn.silu,
        "sum(x)": tf.reduce_sum, "mean(x)": tf.reduce_mean, "prod(x)": tf.reduce_prod, "max(x)": tf.reduce_max, "min(x)": tf.reduce_min,
        "norm(x)": tf.norm, "norm(x, 1)": lambda x: tf.norm(x, ord=1), "norm(x, inf)": lambda x: tf.norm(x, ord=float("inf")),
        "det(W)": tf.linalg.det, "logsumexp(x)": tf.reduce_logsumexp, "x[i]": lambda x, i: x[i - 1], "x @ y": lambda x, y: tf.tensordot(x, y, 1),
    }, gradient  # fmt: skip


def _autograd():
    np, grad = import_module("autograd.numpy"), import_module("autograd").grad

    def gradient(function, at):
        x = {name: np.array(value, dtype=float) for name, value in at.items()}
        with np.errstate(all="ignore"):
            return {name: np.asarray(found).tolist() for name, found in grad(function)(x).items()}

    return _elementwise(
        np, ln="log", exp2="exp2", asin="arcsin", acos="arccos", atan="arctan", asinh="arcsinh", acosh="arccosh", atanh="arctanh",
    ) | {
        "where(c, a, b)": np.where, "max(x, y)": np.maximum, "min(x, y)": np.minimum, "clip(x, a, b)": np.clip, "atan2(y, x)": np.arctan2,
        "relu(x)": lambda x: np.maximum(x, 0.0), "leaky_relu(x)": lambda x: np.where(x > 0, x, 0.01 * x),
        "elu(x)": lambda x: np.where(x > 0, x, np.expm1(x)), "sum(x)": np.sum, "mean(x)": np.mean, "prod(x)": np.prod, "max(x)": np.max, "min(x)": np.min,
        "norm(x)": np.linalg.norm, "norm(x, 1)": lambda x: np.sum(np.abs(x)), "det(W)": np.linalg.det, "x[i]": lambda x, i: x[i - 1], "x @ y": np.dot,
    }, gradient  # fmt: skip


def _casadi():
    ca = import_module("casadi")

    def gradient(function, at):
        x = {name: ca.SX.sym(name, *ca.DM(value).shape) for name, value in at.items()}
        grads = ca.Function("grads", list(x.values()), [ca.gradient(function(x), of) for of in x.values()])(*map(ca.DM, at.values()))
        grads = grads if isinstance(grads, tuple) else (grads,)
        return {name: _listed(grad.full().tolist(), at[name]) for name, grad in zip(x, grads)}

    renamed = dict(ln="log", abs="fabs", asin="asin", acos="acos", atan="atan", asinh="asinh", acosh="acosh", atanh="atanh", erf="erf")
    functions = OPERATORS | {
        row.form: getattr(ca, {**{name: name for name in SAME}, **renamed}[row.name])
        for row in ops.TABLE if row.shape is None and len(row.formals) == 1 and row.name in {*SAME, *renamed} - {"log2", "round"}
    }  # fmt: skip
    return functions | {
        "where(c, a, b)": ca.if_else, "max(x, y)": ca.fmax, "min(x, y)": ca.fmin, "clip(x, a, b)": lambda x, a, b: ca.fmin(ca.fmax(x, a), b),
        "hypot(x, y)": ca.hypot, "atan2(y, x)": ca.atan2, "relu(x)": lambda x: ca.fmax(x, 0),
        "leaky_relu(x)": lambda x: ca.if_else(x > 0, x, 0.01 * x), "elu(x)": lambda x: ca.if_else(x > 0, x, ca.expm1(x)),
        "sum(x)": ca.sum1, "max(x)": ca.mmax, "min(x)": ca.mmin, "norm(x)": ca.norm_2, "norm(x, 1)": ca.norm_1,
        "norm(x, inf)": ca.norm_inf, "det(W)": ca.det, "x[i]": lambda x, i: x[i - 1], "x @ y": ca.dot, "logsumexp(x)": ca.logsumexp,
    }, gradient  # fmt: skip


def _listed(rows, like):
    """Return a matrix in the shape of a value."""
    return rows[0][0] if not isinstance(like, list) else rows if isinstance(like[0], list) else [row[0] for row in rows]


_MAKERS = {"torch": _torch, "jax": _jax, "tensorflow": _tensorflow, "autograd": _autograd, "casadi": _casadi}
_made: dict[str, SimpleNamespace] = {}
