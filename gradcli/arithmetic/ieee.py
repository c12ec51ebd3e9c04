"""Floats and arrays as the frameworks compute: IEEE 754 to the letter. 1/0 is inf, ln 0 is -inf, 0·inf is nan, and on it goes.

Where `array` says nan for *undefined*, the standard has a rule; only those operators differ here.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gradcli.arithmetic.array import Array, Value

IEEE: dict[tuple[str, int], Callable[..., Value]] = {
    ("/", 2): np.divide, ("^", 2): np.power, ("atan2", 2): np.arctan2, ("atanh", 1): np.arctanh,
    ("ln", 1): np.log, ("log2", 1): np.log2, ("log10", 1): np.log10, ("log1p", 1): np.log1p,
    ("flow", 2): np.multiply, ("where", 3): lambda c, a, b: np.where(np.not_equal(c, 0), a, b),
    ("<", 2): np.less, ("<=", 2): np.less_equal, (">", 2): np.greater, (">=", 2): np.greater_equal,
    ("==", 2): np.equal, ("!=", 2): np.not_equal,
}  # fmt: skip


class Ieee(Array):
    """One point, a float or an array of floats per node, with the infinities and nans of the standard."""

    def apply(self, op: str, args: tuple[Value, ...]) -> Value:
        """Return the value of an operator at these arguments; a comparison with nan does not hold, a branch is only selected."""
        kernel = IEEE.get((op, len(args)))
        if kernel is None:
            with np.errstate(all="ignore"):
                return super().apply(op, args)
        with np.errstate(all="ignore"):
            return _plain(kernel(*args))

    def scale(self, upstream: Value, local: Value, value: Value) -> Value:
        """Return upstream × local, nan where 0 meets inf."""
        with np.errstate(all="ignore"):
            return _plain(np.multiply(upstream, local))


def _plain(value: Value) -> Value:
    found = np.asarray(value, dtype=np.float64)
    return found if found.ndim else float(found)
