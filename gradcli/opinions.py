"""A second opinion on every partial of a report: the entries of arrays one by one, at most so many."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

from gradcli.digits import with_arrays
from gradcli.digits.further import Balls
from gradcli.expr import Expr, make, symbol, tape
from gradcli.nested import Value, indices, leaves
from gradcli.point import Point
from gradcli.report import Partial, Second

MOST_PAIRS = 64  # of an output entry and a variable entry, evenly chosen
_BITS = 20_000  # of values written as roots and the like: finer than any step


class _Claim(NamedTuple):
    """One entry of a partial, as floats."""

    value: float | None
    left: float | None
    right: float | None
    status: str


def opinions(point: Point, target: Expr, partial: Partial, seed: Value | None) -> list[Second]:
    """Return what the values of the operators alone say of each entry of a partial."""
    from gradcli.arithmetic.certain import precision
    from gradcli.verify import chosen, second_opinion

    root, inner = point.circuit.root, point.circuit.shapes.of(target)
    outer = () if seed is not None else point.circuit.shape
    engine = Balls(_BITS, point.arrays, last=True)
    with precision(_BITS):
        environment = engine.environment(point.bindings)
    arrays = functools.partial(with_arrays, arrays=point.arrays)
    pairs = [(out, index) for out in indices(outer) for index in indices(inner)]
    wanted = [k for (k,) in chosen((len(pairs),), MOST_PAIRS)]
    found = []
    for k in wanted:
        out, index = pairs[k]
        weights = seed if seed is not None else _unit(outer, out)
        function, known = _summed(root, weights, engine, environment)
        opinion = second_opinion(tape(function), function, known, target, index or None, _claim(partial, k), arrays)
        place = [i + 1 for i in (*out, *index)]
        found.append(Second(place, opinion.agrees, opinion.method, opinion.value, opinion.why))
    return found


def _unit(shape: tuple[int, ...], at: tuple[int, ...]) -> Value | None:
    if not shape:
        return None
    import numpy as np

    unit = np.zeros(shape)
    unit[at] = 1.0
    return unit


def _summed(root: Expr, weights: Value | None, engine: Balls, environment: dict[Expr, Any]) -> tuple[Expr, dict[Expr, Any]]:
    """Return the number that is differentiated: the output, or the sum of its entries times their weights."""
    if weights is None or isinstance(weights, float):
        return root, environment
    seed = symbol("seed")
    return make("sum", (make("*", (root, seed)),)), {**environment, seed: engine.lift(weights)}


def _claim(partial: Partial, k: int) -> _Claim:
    """Return the k-th entry of a partial, in the order of the output, then of the variable."""
    def entry(value: Any) -> Any:
        return None if value is None else leaves(value)[k]

    status = partial.status if partial.entries is None else partial.entries[k]
    return _Claim(entry(partial.value), entry(partial.left), entry(partial.right), status)
