"""Vectors and matrices of float64, with NumPy: the structural operators. Imported only when an array appears.

Elementwise operators run the kernels of `real` on every entry, so that an entry of an array and the same number
alone give the same bits.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcli import ops
from gradcli.arithmetic import by_formula
from gradcli.arithmetic.real import KERNELS, Real

Value = Any  # float or NDArray[float64]; NumPy's own functions take and give both
Floats = NDArray[np.float64]


def _softmax(x: Floats) -> Floats:
    powers = np.exp(x - x.max())
    return np.asarray(powers / math.fsum(powers))


def _tail(x: Floats) -> float:
    """Return ln Σ e^(x_i − max x), the maximum itself taken out of the sum so that tiny others are not lost."""
    others = np.delete(x, x.argmax()) - x.max()
    return math.log1p(math.fsum(np.exp(others)))


def _logsumexp(x: Floats) -> float:
    return float(x.max()) + _tail(x)


def _log_softmax(x: Floats) -> Floats:
    return np.asarray((x - x.max()) - _tail(x))


def _sum(x: Floats) -> float:
    try:
        return math.fsum(x.flat)
    except OverflowError:
        return float(np.sum(x))


def _adjugate(w: Any) -> Any:
    """Return det(W) W⁻¹ from the singular values, so that a singular W is no exception (Stewart 1998)."""
    if len(w) == 2:
        return np.array([[w[1, 1], -w[0, 1]], [-w[1, 0], w[0, 0]]])
    u, s, vh = np.linalg.svd(w)
    turn = np.linalg.det(u) * np.linalg.det(vh)  # ±1, or for a complex matrix of modulus 1
    return (turn if np.iscomplexobj(w) else round(float(turn))) * (vh.conj().T * _others(s)) @ u.conj().T


def _adjugate_pullback(w: Floats, y: Floats) -> Floats:
    """Return the gradient of sum(Y * adjugate(W)): the coefficient of t in adjugate(W + t Yᵀ)ᵀ, a polynomial in t.

    Taken at roots of unity, scaled to the size of W, so that a singular W is no exception.
    """
    n = len(w)
    size = float(np.abs(w).max()) / (float(np.abs(y).max()) or 1.0) or 1.0
    roots = np.exp(2j * np.pi * np.arange(n) / n)
    total = sum(_adjugate(w + root * size * y.T).T / root for root in roots)
    return np.asarray(np.real(total) / (n * size))


def _centred(x: Floats, y: Floats) -> Floats:
    if len(x) > _PAIRWISE:
        return np.asarray(x * y.sum() - x @ y)
    return np.array([math.fsum(y * (entry - x)) for entry in x])


def _exchange(x: Floats, y: Floats) -> Floats:
    if len(x) > _PAIRWISE:
        return np.asarray(x * y.sum() - y * x.sum())
    return np.array([math.fsum(np.concatenate((a * y, -b * x))) for a, b in zip(x, y)])


_PAIRWISE = 2_000  # beyond this many entries n² differences cost more than the digits they save


def _det(w: Floats) -> float:
    if len(w) == 2:  # exact in the small case that people check by hand
        return float(w[0, 0] * w[1, 1] - w[0, 1] * w[1, 0])
    return float(np.linalg.det(w))


def _logdet(w: Floats) -> float:
    sign, value = np.linalg.slogdet(w)
    return float(value) if sign > 0 else math.nan


def _inv(w: Floats) -> Floats:
    if not np.isfinite(w).all() or np.linalg.cond(w) * len(w) > 1 / np.finfo(float).eps:
        return np.full_like(w, math.nan)  # singular to working precision: no digit would be right
    return np.asarray(np.linalg.inv(w))


def _others(x: Floats) -> Floats:
    """Return for each entry the product of all the others, by prefix and suffix products: no division by 0."""
    flat = x.ravel()
    before = np.concatenate(([1.0], np.cumprod(flat)[:-1]))
    after = np.concatenate((np.cumprod(flat[::-1])[:-1][::-1], [1.0]))
    return (before * after).reshape(x.shape)


def _without(flat: Floats, *leave: int) -> float:
    return math.prod(float(v) for i, v in enumerate(flat) if i not in leave)


def _pairs(x: Floats, y: Floats) -> Floats:
    flat, weight = x.ravel(), y.ravel()
    if flat.all():  # no zero to go around
        ratios = weight / flat
        return np.asarray(_others(x) * (ratios.sum() - ratios).reshape(x.shape))
    n = range(len(flat))
    return np.array([sum(weight[k] * _without(flat, i, k) for k in n if k != i) for i in n]).reshape(x.shape)


def _pairs_pullback(x: Floats, y: Floats, z: Floats) -> Floats:
    flat, a, b = x.ravel(), y.ravel(), z.ravel()
    n = range(len(flat))
    sums = [
        sum(b[i] * a[k] * _without(flat, i, k, j) for i in n for k in n if i != k and j not in (i, k)) for j in n
    ]  # fmt: skip
    return np.array(sums).reshape(x.shape)


def _place(y: Value, x: Floats, *at: float) -> Floats:
    out = np.zeros_like(x)
    out[tuple(int(i) - 1 for i in at)] = y
    return out


def _place_slice(y: Value, x: Floats, first: float, last: float) -> Floats:
    out = np.zeros_like(x)
    out[int(first) - 1 : int(last)] = y
    return out


def _where(c: Value, a: Value, b: Value) -> Floats:
    return np.where(np.isnan(c), math.nan, np.where(c, a, b))


STRUCTURAL: dict[tuple[str, int], Callable[..., Value]] = {
    ("sum", 1): _sum,
    ("prod", 1): np.prod,
    ("max", 1): np.max,
    ("min", 1): np.min,
    ("norm", 1): lambda x: math.hypot(*x.flat),
    ("@", 2): np.matmul,
    ("outer", 2): np.outer,
    ("'", 1): np.transpose,
    ("cross", 2): np.cross,
    ("trace", 1): np.trace,
    ("diag", 1): np.diag,
    ("det", 1): _det,
    ("logdet", 1): _logdet,
    ("inv", 1): _inv,
    ("adjugate", 1): _adjugate,
    ("adjugate_pullback", 2): _adjugate_pullback,
    ("centred", 2): _centred,
    ("exchange", 2): _exchange,
    ("softmax", 1): _softmax,
    ("log_softmax", 1): _log_softmax,
    ("logsumexp", 1): _logsumexp,
    ("[]", 2): lambda x, i: x[int(i) - 1],
    ("[]", 3): lambda x, i, j: x[int(i) - 1, int(j) - 1],
    ("[:]", 3): lambda x, first, last: x[int(first) - 1 : int(last)],
    ("concat", 2): lambda x, y: np.concatenate((x, y)),
    ("eye", 1): lambda w: np.eye(len(w)),
    ("size", 1): lambda x: float(np.size(x)),
    ("others", 1): _others,
    ("pairs", 2): _pairs,
    ("pairs_pullback", 3): _pairs_pullback,
    ("place", 3): _place,
    ("place", 4): _place,
    ("place_slice", 4): _place_slice,
}

# NumPy has the same IEEE operation for these, so that running it on whole arrays changes no bit.
_EXACT: dict[tuple[str, int], Callable[..., Value]] = {
    ("+", 2): np.add, ("-", 2): np.subtract, ("*", 2): np.multiply, ("-", 1): np.negative, ("abs", 1): np.abs,
    ("ones", 1): np.ones_like, ("where", 3): _where,
}  # fmt: skip


class Array(Real):
    """One point, a float or an array of floats per node."""

    def apply(self, op: str, args: tuple[Value, ...]) -> Value:
        """Return the value of an operator at these arguments, as `Real.apply` does, entry by entry."""
        key = (op, len(args))
        if op == "array":
            return np.array(args)
        if key in STRUCTURAL and (key not in KERNELS):
            with np.errstate(all="ignore"):
                try:
                    return _plain(STRUCTURAL[key](*_with_arrays(op, args)))
                except (np.linalg.LinAlgError, ValueError, OverflowError):  # an entry is nan or inf
                    return math.nan if op in ("det", "logdet", "logsumexp", "sum", "norm") else np.full_like(args[0], math.nan)
        if not any(isinstance(arg, np.ndarray) for arg in args):
            return super().apply(op, args)
        if key in _EXACT:
            with np.errstate(all="ignore"):
                return _EXACT[key](*args)
        if key in KERNELS:
            with np.errstate(all="ignore"):
                return np.asarray(np.frompyfunc(KERNELS[key], len(args), 1)(*args), dtype=np.float64)
        return by_formula(ops.rows(op, len(args))[0], args, self)

    def scale(self, upstream: Value, local: Value, value: Value) -> Value:
        """Return upstream × local; 0 in an entry without a value that nothing flows into: a branch not taken there."""
        with np.errstate(all="ignore"):
            return _plain(np.where((np.equal(upstream, 0)) & ~np.isfinite(value), 0.0, upstream * local))


def _with_arrays(op: str, args: tuple[Value, ...]) -> tuple[Value, ...]:
    """A number counts as an array of one entry where all entries are summed, counted or compared."""
    return tuple(np.asarray(a) for a in args) if len(args) == 1 or op in ("pairs", "pairs_pullback") else args


def _plain(value: Value) -> Value:
    return value if isinstance(value, np.ndarray) and value.ndim else float(value)
