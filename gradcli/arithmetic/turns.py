"""Rational multiples of π, kept exact: sin(π) is 0, cos(π/2) is 0, tan(π/2) has no value, and it can be proved."""

from __future__ import annotations

from collections.abc import Callable

from flint import arb, fmpq

from gradcli.arithmetic.certain import ONE, UNDEFINED, ZERO, Number, Turn, exact


def _made(share: fmpq) -> Number:
    return Turn(share) if share.p else ZERO


def _sum(x: Number, y: Number) -> Number | None:
    return _made(x.share + y.share) if isinstance(x, Turn) and isinstance(y, Turn) else x if y == 0 else y if x == 0 else None


def _difference(x: Number, y: Number) -> Number | None:
    return _made(x.share - y.share) if isinstance(x, Turn) and isinstance(y, Turn) else x if y == 0 else None


def _product(x: Number, y: Number) -> Number | None:
    if isinstance(x, fmpq) and isinstance(y, Turn):
        return _made(x * y.share)
    return _made(x.share * y) if isinstance(x, Turn) and isinstance(y, fmpq) else None


def _quotient(x: Number, y: Number) -> Number | None:
    if isinstance(x, Turn):
        if isinstance(y, Turn):
            return x.share / y.share
        return _made(x.share / y) if isinstance(y, fmpq) and y.p else UNDEFINED if y == 0 else None
    return None


def _sine(x: Turn) -> Number:
    return exact(arb.sin_pi_fmpq(x.share))


def _cosine(x: Turn) -> Number:
    return exact(arb.cos_pi_fmpq(x.share))


def _tangent(x: Turn) -> Number:
    if 2 * x.share.p % x.share.q == 0 and x.share.q == 2:
        return UNDEFINED
    if x.share.q == 1:
        return ZERO
    if x.share.q == 4:
        return ONE if x.share.p % 4 == 1 else -ONE
    return arb.sin_pi_fmpq(x.share) / arb.cos_pi_fmpq(x.share)


def _by_share(kernel: Callable[[Number, Number], Number]) -> Callable[[Number, Number], Number | None]:
    return lambda x, y: kernel(x.share, y.share) if isinstance(x, Turn) and isinstance(y, Turn) else None


# What is exact on them; None from a kernel, or no kernel: their balls will do.
TURNS: dict[tuple[str, int], Callable[..., Number | None]] = {
    ("+", 2): _sum,
    ("-", 2): _difference,
    ("*", 2): _product,
    ("flow", 2): _product,
    ("/", 2): _quotient,
    ("-", 1): lambda x: Turn(-x.share),
    ("abs", 1): lambda x: Turn(abs(x.share)),
    ("sin", 1): _sine,
    ("cos", 1): _cosine,
    ("tan", 1): _tangent,
    ("==", 2): _by_share(lambda x, y: ONE if x == y else ZERO),
    ("max", 2): _by_share(lambda x, y: Turn(max(x, y))),
    ("min", 2): _by_share(lambda x, y: Turn(min(x, y))),
}
_ANGLES = {
    "asin": {(1, 2): (1, 6), (1, 1): (1, 2), (-1, 2): (-1, 6), (-1, 1): (-1, 2)},
    "acos": {(0, 1): (1, 2), (1, 2): (1, 3), (-1, 2): (2, 3), (-1, 1): (1, 1)},
    "atan": {(1, 1): (1, 4), (-1, 1): (-1, 4)},
}


def angle(op: str, x: Number) -> Number | None:
    """Return asin, acos or atan of a rational if it is a multiple of π that everyone knows."""
    if op not in _ANGLES or not isinstance(x, fmpq):
        return None
    found = _ANGLES[op].get((int(x.p), int(x.q)))
    return None if found is None else Turn(fmpq(*found))
