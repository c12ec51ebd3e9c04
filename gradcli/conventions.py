"""What five frameworks answer where an operator has no derivative, as rules that take the place of those in `ops`.

A convention holds a rule for each row in which the framework differs from ours; it is the same derivative wherever there is one. A rule
that mentions ``g`` gives the contribution itself: a framework that selects (``where(x > 0, g, 0)``) has 0 where one that
multiplies (``where(x > 0, 1, 0)``) has nan, if inf flows in. None: nothing flows, where ours multiplies by 0.

Only what a node's own arguments decide can be said here. CasADi rewrites x/x, sqrt(x)^2, sqrt(x*x), 0*x and the like while it
differentiates, keeps the derivative inside a branch, and takes the maximum of a vector two entries at a time; JAX has a rule
of its own for powers that are whole numbers written out. tests/test_conventions.py marks these. No overflow and no loss of
digits is imitated: not a framework's tanh'(20) = 0. Where a framework raises an exception, at the determinant of a singular
matrix, the answer here is nan.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from gradcli.arithmetic import evaluate
from gradcli.arithmetic.array import Value
from gradcli.arithmetic.ieee import Ieee
from gradcli.backward import backward
from gradcli.expr import Expr
from gradcli.shapes import Shapes

Rules = tuple[str | None, ...]


class Convention(NamedTuple):
    """The rules of one framework: by the form of a row of `ops.TABLE`, what replaces its partials or pullbacks."""

    name: str
    library: str
    version: str
    about: str
    partials: dict[str, Rules]


# Jumps: all five let nothing flow (CasADi has no round).
_STEPS: dict[str, Rules] = {"sign(x)": (None,), "floor(x)": (None,), "ceil(x)": (None,), "round(x)": (None,)}
_SELECT: Rules = (None, "where(c, g, 0)", "where(c, 0, g)")

# Minimum after maximum, each sharing a tie: 1/2 at a bound, 1/4 where both bounds meet.
_ABOVE, _TIED = "where(x > a, 1, where(x == a, 0.5, 0))", "where(max(x, a) < b, 1, where(max(x, a) == b, 0.5, 0))"
_SHARED: Rules = (f"{_ABOVE} * {_TIED}", f"(1 - {_ABOVE}) * {_TIED}", f"1 - {_TIED}")
_HALF: Rules = ("where(x > 0, 1, where(x == 0, 0.5, 0))",)
_RADIUS: Rules = ("x / out", "y / out")
_NORM: Rules = ("g / out * x",)
_INVERSE: Rules = ("g * out * inv(W)'",)
_LN = "out * ln(where(x == 0, 1, x))"

TORCH = Convention("torch", "PyTorch", "2.13.0", "least norm for most; a bound of clip lets everything through", {
    **_STEPS,
    "where(c, a, b)": _SELECT,
    "relu(x)": ("where(x > 0, g, 0)",),
    "max(x, y)": ("where(x > y, g, where(x == y, g / 2, 0))", "where(y > x, g, where(x == y, g / 2, 0))"),
    "min(x, y)": ("where(x < y, g, where(x == y, g / 2, 0))", "where(y < x, g, where(x == y, g / 2, 0))"),
    "clip(x, a, b)": ("where(x >= a, where(x <= b, g, 0), 0)", "where(x < a, where(a < b, g, 0), 0)",
                      "where(max(x, a) > b, g, 0)"),
    "x ^ y": ("where(y == 0, 0, g * (y * x^(y - 1)))", "where(abs(x) + where(y >= 0, 0, 1) == 0, 0, g * (out * ln(x)))"),
    "hypot(x, y)": _RADIUS,
    "atan2(y, x)": tuple(f"where(hypot(x, y) == 0, 0, {v}/hypot(x, y)/hypot(x, y))" for v in ("x", "-y")),
    "selu(x)": ("1.0507009873554805 * where(x > 0, 1, 1.6732632423543772 * exp(x))",),
    "norm(x)": ("g * where(out == 0, 0, x / out)",),
    "lgamma(x)": ("where(x == 0, -1/x, digamma(x))",),
    "det(W)": ("where(out == 0, 0, g * adjugate(W)')",),
})  # fmt: skip

JAX = Convention("jax", "JAX with x64", "0.10.2", "abs slopes up at 0; composites where torch has a rule of its own", {
    **_STEPS,
    "where(c, a, b)": _SELECT,
    "abs(x)": ("where(x >= 0, 1, -1)",),
    "relu(x)": ("where(x > 0, g, 0)",),
    "leaky_relu(x)": ("where(x >= 0, 1, 0.01)",),
    "leaky_relu(x, a)": ("where(x >= 0, 1, a)", "where(x >= 0, 0, g * x)"),
    "selu(x)": ("1.0507009873554805 * where(x > 0, 1, 1.6732632423543772 * exp(x))",),
    "clip(x, a, b)": _SHARED,
    "x ^ y": ("y * x^(y - 1)", _LN),
    "hypot(x, y)": ("where(out == 0, 0.5, x / out)", "where(out == 0, 0.5, y / out)"),
    "norm(x)": _NORM,
    "norm(x, 1)": ("g * where(x >= 0, 1, -1)",),
    # The maximum starts from 0, with which a vector of zeros ties.
    "norm(x, inf)": ("g * where(x >= 0, 1, -1) * where(abs(x) == out, 1, 0) / sum(where(abs(x) == out, 1, 0)) * where(out == 0, 0.5, 1)",),
})  # fmt: skip

TENSORFLOW = Convention("tensorflow", "TensorFlow", "2.21.0", "a tie goes to the first argument; a root passes no 0 on as nan", {
    **_STEPS,
    "where(c, a, b)": _SELECT,
    "sqrt(x)": ("where(g == 0, 0, g / (2 * out))",),
    "max(x, y)": ("where(x >= y, g, 0)", "where(x >= y, 0, g)"),
    "min(x, y)": ("where(x <= y, g, 0)", "where(x <= y, 0, g)"),
    "clip(x, a, b)": ("where(x < a, 0, where(x > b, 0, g))", "where(x < a, g, 0)", "where(x < a, 0, where(x > b, g, 0))"),
    "x ^ y": ("y * x^(y - 1)", "out * where(x > 0, ln(x), 0)"),
    "norm(x)": ("where(g == 0, 0, g / out) * x",),
    "det(W)": _INVERSE,
})  # fmt: skip

AUTOGRAD = Convention("autograd", "HIPS autograd", "1.9.1", "relu is maximum(x, 0), and a tie is shared", {
    **_STEPS,
    "where(c, a, b)": _SELECT,
    "relu(x)": _HALF,
    "x ^ y": ("y * x^where(y == 0, 1, y - 1)", _LN),
    "norm(x)": _NORM,
    "prod(x)": ("g * out / x",),
    "det(W)": _INVERSE,
})  # fmt: skip

CASADI = Convention("casadi", "CasADi (SX)", "3.8.2", "relu is fmax(x, 0), and a tie is shared", {
    **_STEPS,
    "where(c, a, b)": _SELECT,
    "relu(x)": _HALF,
    "clip(x, a, b)": _SHARED,
    "x ^ y": ("y * x^(y - 1)", "out * ln(x)"),
    "hypot(x, y)": _RADIUS,
    "norm(x)": _NORM,
})  # fmt: skip

OURS = Convention("min-norm", "gradcli", "", "the subgradient of least norm; ties are shared equally", {})

CONVENTIONS = {convention.name: convention for convention in (OURS, TORCH, JAX, TENSORFLOW, AUTOGRAD, CASADI)}


def conventional(
    order: list[Expr], environment: Mapping[Expr, Value], targets: list[Expr], seed: Value, shapes: Shapes, convention: Convention
) -> dict[Expr, Value]:
    """Return what a framework gives for the gradient: IEEE arithmetic, and its own rules in the one sweep."""
    arithmetic = Ieee()
    values = evaluate(order, dict(environment), arithmetic)
    sweep = backward(order, values, targets, seed, arithmetic, shapes, convention.partials)
    ones = {target: arithmetic.apply("ones", (values[target],)) for target in targets}
    return {target: sweep.adjoint.get(target, arithmetic.apply("-", (one, one))) for target, one in ones.items()}
