"""The primitive operators on columns of numbers, with NumPy: each writes its result into a column that is given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gradcli.arithmetic.real import KERNELS as FLOAT
from gradcli.batch.lanes import Wide
from gradcli.batch.tape import LINEAR, THROUGH

_ALONE = 1 << 17  # products that a library of matrices does without threads of its own, which would be in the way of ours

Column = Any  # of float64, or of long doubles; or a number
Kernel = Callable[..., Any]  # (*arguments, out)


def _where(c: Column, a: Column, b: Column, out: Column) -> None:
    np.copyto(out, np.where(c, a, b))


def _through(upstream: Column, local: Column, value: Column, out: Column) -> None:
    np.multiply(upstream, local, out=out)
    idle = np.equal(upstream, 0)
    if idle.any():
        out[idle & ~np.isfinite(value)] = 0.0


def _flow(x: Column, y: Column, out: Column) -> None:
    np.copyto(out, np.where(np.equal(x, 0) & ~np.isfinite(y), 0.0, np.multiply(x, y)))


def _in_turn(kernel: Callable[..., float]) -> Kernel:
    """Return a kernel that takes the rows one after another, for what NumPy does not have."""

    def run(*columns: Column) -> None:
        *args, out = columns
        out[...] = np.frompyfunc(kernel, len(args), 1)(*args)

    return run


def _compare(ufunc: Any) -> Kernel:
    """Return a kernel that gives 1 and 0: written as truths first, since a ufunc that casts as it goes is slower."""

    def run(x: Column, y: Column, out: Column) -> None:
        out[...] = ufunc(x, y)

    return run


def _named(ufunc: Any) -> Kernel:
    """Return a kernel of a ufunc that takes ``out`` by its name only."""
    return lambda x, y, out: ufunc(x, y, out=out)


_OURS: dict[tuple[str, int], Kernel] = {
    ("+", 2): np.add, ("-", 2): np.subtract, ("*", 2): np.multiply, ("/", 2): np.divide, ("-", 1): np.negative, ("^", 2): np.power,
    ("exp", 1): np.exp, ("expm1", 1): np.expm1, ("ln", 1): np.log, ("log2", 1): np.log2, ("log10", 1): np.log10, ("log1p", 1): np.log1p,
    ("sqrt", 1): np.sqrt, ("cbrt", 1): np.cbrt, ("abs", 1): np.absolute, ("sign", 1): np.sign, ("floor", 1): np.floor, ("ceil", 1): np.ceil,
    ("round", 1): np.rint, ("sin", 1): np.sin, ("cos", 1): np.cos, ("tan", 1): np.tan, ("asin", 1): np.arcsin, ("acos", 1): np.arccos,
    ("atan", 1): np.arctan, ("atan2", 2): np.arctan2, ("hypot", 2): np.hypot, ("sinh", 1): np.sinh, ("cosh", 1): np.cosh,
    ("tanh", 1): np.tanh, ("asinh", 1): np.arcsinh, ("acosh", 1): np.arccosh, ("atanh", 1): np.arctanh,
    ("<", 2): _compare(np.less), ("<=", 2): _compare(np.less_equal), (">", 2): _compare(np.greater), (">=", 2): _compare(np.greater_equal),
    ("==", 2): _compare(np.equal), ("!=", 2): _compare(np.not_equal), ("max", 2): _named(np.maximum), ("min", 2): _named(np.minimum),
    ("where", 3): _where, (THROUGH, 3): _through, ("flow", 2): _flow, ("ones", 1): lambda x, out: out.fill(1.0),
}  # fmt: skip
_KERNELS: dict[tuple[str, int], Kernel] = {**{key: _in_turn(kernel) for key, kernel in FLOAT.items() if key[1]}, **_OURS}


def kernel(step: Wide) -> Kernel:
    """Return what does a step: called with its arguments and then the column, or the lanes, for its result."""
    if step.op != LINEAR:
        return _KERNELS[step.op, len(step.args)]
    weights, few = step.weights, max(1, _ALONE // step.weights.size)

    def run(*columns: Column) -> None:
        *args, out = columns
        into = np.atleast_2d(out)
        rows = into.shape[-1]
        x = np.atleast_2d(args[0]) if len(args) == 1 else np.stack([np.broadcast_to(arg, (rows,)) for arg in args])
        for start in range(0, rows, few):
            np.matmul(weights, x[:, start : start + few], out=into[:, start : start + few])

    return run


def is_native(step: Wide) -> bool:
    """Tell whether NumPy itself has an operator, and so has it for long doubles too."""
    return step.op == LINEAR or (step.op, len(step.args)) in _OURS
