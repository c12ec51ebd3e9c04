"""Vectors and matrices of any numbers: the structural operators by their definitions, entry by entry.

Made of the scalar operators alone, so that every arithmetic on numbers (balls, germs, errors that run along) has arrays at once.
Nothing here is arranged for speed or against rounding: the numbers themselves see to their digits.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from itertools import product
from typing import Any, Protocol

import numpy as np

from gradcli import ops
from gradcli.arithmetic import by_formula

Number = Any
Entry = Any  # a number, or a numpy array of numbers (dtype object)


class Scalar(Protocol):
    """An arithmetic on numbers."""

    def number(self, mantissa: int, exponent: int) -> Number: ...
    def apply(self, op: str, args: tuple[Number, ...]) -> Number: ...
    def scale(self, upstream: Number, local: Number, value: Number) -> Number: ...
    def whole(self, x: Number) -> int: ...


def array_of(entries: list[Entry]) -> Any:
    """Return a vector of numbers, or a matrix of rows, whatever the numbers are."""
    if isinstance(entries[0], np.ndarray):
        return np.stack(entries)
    out = np.empty(len(entries), dtype=object)
    for index, entry in enumerate(entries):  # one by one: a number may be a pair, which NumPy would take apart
        out[index] = entry
    return out


def mapped(function: Callable[..., Number], *args: Entry) -> Any:
    """Apply a function of numbers entry by entry; a number beside an array is repeated."""
    shape = next(arg.shape for arg in args if isinstance(arg, np.ndarray))
    flat = [arg.ravel() if isinstance(arg, np.ndarray) else [arg] * int(np.prod(shape)) for arg in args]
    return array_of([function(*entries) for entries in zip(*flat)]).reshape(shape)


class Entries:
    """One point, a number or an array of numbers per node, over a scalar arithmetic."""

    def __init__(self, scalar: Scalar) -> None:
        self.scalar = scalar

    def number(self, mantissa: int, exponent: int) -> Number:
        """Return mantissa · 10^exponent."""
        return self.scalar.number(mantissa, exponent)

    def apply(self, op: str, args: tuple[Entry, ...]) -> Entry:
        """Return the value of an operator at these arguments."""
        if op == "array":
            return array_of(list(args))
        structural = _STRUCTURAL.get((op, len(args)))
        if structural is not None:
            return structural(_Numbers(self.scalar), *args)
        row = ops.rows(op, len(args))[0]
        if row.shape is not None:  # of arrays, and of a number too: mean(3) is sum(3)/size(3)
            return by_formula(row, args, self)
        if not any(isinstance(arg, np.ndarray) for arg in args):
            return self.scalar.apply(op, args)
        return mapped(lambda *entries: self.scalar.apply(op, entries), *args)

    def scale(self, upstream: Entry, local: Entry, value: Entry) -> Entry:
        """Return upstream × local, entry by entry."""
        if any(isinstance(arg, np.ndarray) for arg in (upstream, local, value)):
            return mapped(self.scalar.scale, upstream, local, value)
        return self.scalar.scale(upstream, local, value)

    def whole(self, x: Number) -> int:
        """Return an index as a whole number."""
        return self.scalar.whole(x)


class _Numbers:
    """A scalar arithmetic, with its operators by name."""

    def __init__(self, scalar: Scalar) -> None:
        self.do, self.number, self.whole = scalar.apply, scalar.number, scalar.whole
        self.zero, self.one = scalar.number(0, 0), scalar.number(1, 0)

    def integer(self, n: int) -> Number:
        return self.number(n, 0)

    def add(self, x: Number, y: Number) -> Number:
        return self.do("+", (x, y))

    def sub(self, x: Number, y: Number) -> Number:
        return self.do("-", (x, y))

    def mul(self, x: Number, y: Number) -> Number:
        return self.do("*", (x, y))

    def sum(self, entries: Any) -> Number:
        return reduce(self.add, entries) if len(entries) else self.zero

    def prod(self, entries: Any) -> Number:
        return reduce(self.mul, entries) if len(entries) else self.one

    def dot(self, x: Any, y: Any) -> Number:
        return self.sum([self.mul(a, b) for a, b in zip(x, y)])


def _flat(x: Entry) -> list[Number]:
    return list(x.ravel()) if isinstance(x, np.ndarray) else [x]


def _norm(a: _Numbers, x: Entry) -> Number:
    return a.do("sqrt", (a.dot(_flat(x), _flat(x)),))


def _matmul(a: _Numbers, x: Any, y: Any) -> Entry:
    if x.ndim == 1 and y.ndim == 1:
        return a.dot(x, y)
    if y.ndim == 1:
        return array_of([a.dot(row, y) for row in x])
    if x.ndim == 1:
        return array_of([a.dot(x, column) for column in y.T])
    return array_of([array_of([a.dot(row, column) for column in y.T]) for row in x])


def _outer(a: _Numbers, x: Any, y: Any) -> Any:
    return array_of([array_of([a.mul(u, v) for v in y]) for u in x])


def _cross(a: _Numbers, x: Any, y: Any) -> Any:
    return array_of([a.sub(a.mul(x[i], y[j]), a.mul(x[j], y[i])) for i, j in ((1, 2), (2, 0), (0, 1))])


def _diag(a: _Numbers, x: Any) -> Any:
    if x.ndim == 2:
        return array_of([x[i, i] for i in range(len(x))])
    return array_of([array_of([x[i] if i == j else a.zero for j in range(len(x))]) for i in range(len(x))])


def _eye(a: _Numbers, w: Any) -> Any:
    return _diag(a, array_of([a.one] * len(w)))


def _determinant_and_adjugate(a: _Numbers, w: Any) -> tuple[Number, Any]:
    """Return det W and adj W by the method of Faddeev and Le Verrier, which divides by whole numbers only."""
    n, step, negative = len(w), _eye(a, w), a.zero
    for k in range(1, n + 1):
        through = _matmul(a, w, step)
        negative = a.do("/", (a.sum(_diag(a, through)), a.integer(k)))  # minus the next coefficient of det(λ - W)
        if k == n:
            if n % 2:
                return negative, step
            return a.do("-", (negative,)), mapped(lambda entry: a.do("-", (entry,)), step)
        step = mapped(a.sub, through, _diag(a, array_of([negative] * n)))
    raise AssertionError(w)


def _adjugate_pullback(a: _Numbers, w: Any, y: Any) -> Any:
    """Return the gradient of Σ y_ij adj(W)_ij: second minors, each with the sign of its rows and columns."""
    n = range(len(w))
    out = np.empty(w.shape, dtype=object)
    for k, m in product(n, n):
        terms = []
        for i, j in product(n, n):  # adj(W)_ij is the signed minor without row j and column i
            if j == k or i == m:
                continue
            rows, columns = [r for r in n if r not in (j, k)], [c for c in n if c not in (i, m)]
            minor = _determinant_and_adjugate(a, w[np.ix_(rows, columns)])[0] if rows else a.one
            odd = (i + j + k - (k > j) + m - (m > i)) % 2
            term = a.mul(y[i, j], minor)
            terms.append(a.do("-", (term,)) if odd else term)
        out[k, m] = a.sum(terms)
    return out


def _inverse(a: _Numbers, w: Any) -> Any:
    determinant, adjugate = _determinant_and_adjugate(a, w)
    return mapped(lambda entry: a.do("/", (entry, determinant)), adjugate)


def _logsumexp(a: _Numbers, x: Any) -> Number:
    return a.do("ln", (a.sum([a.do("exp", (entry,)) for entry in x]),))


def _softmax(a: _Numbers, x: Any) -> Any:
    powers = [a.do("exp", (entry,)) for entry in x]
    total = a.sum(powers)
    return array_of([a.do("/", (power, total)) for power in powers])


def _log_softmax(a: _Numbers, x: Any) -> Any:
    total = _logsumexp(a, x)
    return array_of([a.sub(entry, total) for entry in x])


def _shaped(entries: list[Number], like: Entry) -> Entry:
    return array_of(entries).reshape(like.shape) if isinstance(like, np.ndarray) else entries[0]


def _others(a: _Numbers, x: Entry) -> Entry:
    flat = _flat(x)
    return _shaped([a.prod(flat[:i] + flat[i + 1 :]) for i in range(len(flat))], x)


def _pairs(a: _Numbers, x: Entry, y: Entry) -> Entry:
    flat, weight, n = _flat(x), _flat(y), range(len(_flat(x)))
    return _shaped([a.sum([a.mul(weight[k], _without(a, flat, i, k)) for k in n if k != i]) for i in n], x)


def _pairs_pullback(a: _Numbers, x: Entry, y: Entry, z: Entry) -> Entry:
    flat, u, v, n = _flat(x), _flat(y), _flat(z), range(len(_flat(x)))

    def term(i: int, k: int, j: int) -> Number:
        return a.mul(a.mul(v[i], u[k]), _without(a, flat, i, k, j))

    return _shaped([a.sum([term(i, k, j) for i in n for k in n if len({i, j, k}) == 3]) for j in n], x)


def _without(a: _Numbers, flat: list[Number], *leave: int) -> Number:
    return a.prod([entry for i, entry in enumerate(flat) if i not in leave])


def _centred(a: _Numbers, x: Any, y: Any) -> Any:
    return array_of([a.sum([a.mul(weight, a.sub(own, other)) for weight, other in zip(y, x)]) for own in x])


def _exchange(a: _Numbers, x: Any, y: Any) -> Any:
    return array_of([a.sum([a.sub(a.mul(own, v), a.mul(mine, u)) for u, v in zip(x, y)]) for own, mine in zip(x, y)])


def _index(a: _Numbers, x: Any, *at: Number) -> Entry:
    return x[tuple(a.whole(i) - 1 for i in at)]


def _slice(a: _Numbers, x: Any, first: Number, last: Number) -> Any:
    return x[a.whole(first) - 1 : a.whole(last)]


def _zeros(a: _Numbers, like: Any) -> Any:
    return mapped(lambda entry: a.zero, like)


def _place(a: _Numbers, y: Entry, x: Any, *at: Number) -> Any:
    out = _zeros(a, x)
    out[tuple(a.whole(i) - 1 for i in at)] = y
    return out


def _place_slice(a: _Numbers, y: Entry, x: Any, first: Number, last: Number) -> Any:
    out = _zeros(a, x)
    out[a.whole(first) - 1 : a.whole(last)] = y
    return out


_STRUCTURAL: dict[tuple[str, int], Callable[..., Entry]] = {
    ("sum", 1): lambda a, x: a.sum(_flat(x)),
    ("prod", 1): lambda a, x: a.prod(_flat(x)),
    ("max", 1): lambda a, x: reduce(lambda u, v: a.do("max", (u, v)), _flat(x)),
    ("min", 1): lambda a, x: reduce(lambda u, v: a.do("min", (u, v)), _flat(x)),
    ("norm", 1): _norm,
    ("@", 2): _matmul,
    ("outer", 2): _outer,
    ("'", 1): lambda a, x: x.T,
    ("cross", 2): _cross,
    ("trace", 1): lambda a, x: a.sum(_diag(a, x)),
    ("diag", 1): _diag,
    ("det", 1): lambda a, w: _determinant_and_adjugate(a, w)[0],
    ("logdet", 1): lambda a, w: a.do("ln", (_determinant_and_adjugate(a, w)[0],)),
    ("inv", 1): _inverse,
    ("adjugate", 1): lambda a, w: _determinant_and_adjugate(a, w)[1],
    ("adjugate_pullback", 2): _adjugate_pullback,
    ("centred", 2): _centred,
    ("exchange", 2): _exchange,
    ("softmax", 1): _softmax,
    ("log_softmax", 1): _log_softmax,
    ("logsumexp", 1): _logsumexp,
    ("[]", 2): _index,
    ("[]", 3): _index,
    ("[:]", 3): _slice,
    ("concat", 2): lambda a, x, y: np.concatenate((x, y)),
    ("eye", 1): _eye,
    ("size", 1): lambda a, x: a.integer(len(_flat(x))),
    ("others", 1): _others,
    ("pairs", 2): _pairs,
    ("pairs_pullback", 3): _pairs_pullback,
    ("place", 3): _place,
    ("place", 4): _place,
    ("place_slice", 4): _place_slice,
}
