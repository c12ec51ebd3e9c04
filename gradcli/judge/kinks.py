"""Kinks of formulas: the pairs of numbers whose order decides one, and points close by, on both sides.

Between two kinks a formula may be another one on a piece too narrow for random points: a piece is entered by bisection to its edge.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

from flint import fmpq

from gradcli.arithmetic.certain import UNDEFINED, ball_of, known, precision
from gradcli.expr import SYMBOL, ZERO, Expr
from gradcli.judge.agreement import entries
from gradcli.nested import indices

Gap = tuple[Expr, Expr]  # a kink is where both are equal
Point = dict[str, Any]
Values = Callable[[Point], dict[Expr, Any]]

_AT_ZERO = ("abs", "sign", "relu", "leaky_relu", "elu", "selu")
_BETWEEN = ("max", "min", "<", "<=", ">", ">=")
BITS, HALVINGS, MOST_KINKS, MOST_TRIES = 128, 40, 24, 24
_SIZES = [*sorted(range(-20, 34), key=abs), 40, 60, 100, 200, 400, 700]  # powers of 2: where the other side of a kink is looked for


def gaps(order: list[Expr]) -> list[Gap]:
    """Return the pairs that decide the kinks of a tape; those of constants are none."""
    moving: set[Expr] = set()
    found: list[Gap] = []
    for node in order:
        if node.op == SYMBOL or not moving.isdisjoint(node.args):
            moving.add(node)
            found += _of(node)
    return list(dict.fromkeys(found))


def _of(node: Expr) -> list[Gap]:
    if node.op in _AT_ZERO:
        return [(node.args[0], ZERO)]
    if node.op in _BETWEEN and len(node.args) == 2:
        return [(node.args[0], node.args[1])]
    if node.op == "clip":
        return [(node.args[0], node.args[1]), (node.args[0], node.args[2])]
    return []


def pairs(gap: Gap, numbers: dict[Expr, Any]) -> list[tuple[Any, Any]]:
    """Return the numbers of both sides entry by entry; a number beside an array is repeated."""
    left, right = (entries(numbers[side]) for side in gap)
    size = max(len(left), len(right))
    return list(zip(left * size if len(left) == 1 else left, right * size if len(right) == 1 else right))


def signs(gap: Gap, numbers: dict[Expr, Any]) -> tuple[int, ...]:
    """Return on which side of a kink each entry is; 0 where that is not known."""
    return tuple([_sign(x, y) for x, y in pairs(gap, numbers)])


def tied(gap: Gap, numbers: dict[Expr, Any]) -> bool:
    """Tell whether a point lies on a kink: what holds there alone says nothing about the functions."""
    return any(isinstance(x, fmpq) and isinstance(y, fmpq) and x == y for x, y in pairs(gap, numbers))


def _sign(x: Any, y: Any) -> int:
    if x is UNDEFINED or y is UNDEFINED or not (known(x) and known(y)):
        return 0
    x, y = ball_of(x), ball_of(y)
    return 1 if x > y else -1 if x < y else 0


def points_beside(
    found: list[Gap], values: Values, known: list[Point], usable: Callable[[Point], bool], rng: random.Random
) -> Iterator[Point]:
    """Yield points of either side of every kink, and close by it, as far as a search from the points known finds them."""
    with precision(BITS):
        sides = [{gap: signs(gap, numbers) for gap in found} for numbers in map(values, known)]
    kinks = [(gap, k) for gap in found for k in range(len(sides[0][gap]) if sides else 0)]
    for gap, k in kinks[:MOST_KINKS]:

        def side(point: Point, gap: Gap = gap, k: int = k) -> int:
            with precision(BITS):
                return signs(gap, values(point))[k]

        above = [point for point, seen in zip(known, sides) if seen[gap][k] > 0]
        below = [point for point, seen in zip(known, sides) if seen[gap][k] < 0]
        for own, sign in ((above, 1), (below, -1)):
            if not own and (other := _searched(side, sign, known, usable, rng)):
                own.append(other)
                yield other
        for end in (0, -1) if above and below else ():
            yield from _bisected(side, above[end], below[end])
        for own, sign in ((above, 1), (below, -1)):
            yield from _calmed(side, sign, own[-1:], rng)


def _calmed(side: Callable[[Point], int], sign: int, start: list[Point], rng: random.Random) -> Iterator[Point]:
    """Yield points on the same side with small numbers elsewhere: far out, formulas may be too large or too small to be compared."""
    for point in start:
        for k in range(8):
            kept = [name for place, name in enumerate(point) if place == k or (k >= len(point) and rng.random() < 0.5)]
            calm = {name: value if name in kept else _of_size(value, -2, rng) for name, value in point.items()}
            if kept and side(calm) == sign:
                yield calm


def _searched(
    side: Callable[[Point], int], sign: int, known: list[Point], usable: Callable[[Point], bool], rng: random.Random
) -> Point | None:
    """Look for a point on one side of a kink: all variables moved to some size, or one of them."""
    tries = 0
    for size in _SIZES:
        for alone in (False, True):
            start = rng.choice(known)
            names = [rng.choice(list(start))] if alone and start else list(start)
            point = {name: _of_size(value, size, rng) if name in names else value for name, value in start.items()}
            if side(point) == sign:
                if usable(point):
                    return point
                tries += 1
                if tries == MOST_TRIES:
                    return None
    return None


def _of_size(value: Any, size: int, rng: random.Random) -> Any:
    def drawn() -> fmpq:
        return fmpq(2) ** size * fmpq(rng.randrange(2049, 6144), 4096) * rng.choice((1, -1))

    if not hasattr(value, "ndim"):
        return drawn()
    out = value.copy()
    for index in indices(value.shape):
        out[index] = drawn()
    return out


def _bisected(side: Callable[[Point], int], above: Point, below: Point) -> Iterator[Point]:
    """Yield two points close to each other, on the two sides of a kink."""
    for _ in range(HALVINGS):
        for share in (fmpq(1, 2), fmpq(7, 16)):
            middle = {name: value + (below[name] - value) * share for name, value in above.items()}
            if sign := side(middle):
                break
        if sign > 0:
            above = middle
        elif sign < 0:
            below = middle
        else:
            return
    for point, other in ((above, below), (below, above)):
        short = {name: _short(value, other[name]) for name, value in point.items()}
        yield short if side(short) == side(point) else point


def _short(value: Any, other: Any) -> Any:
    """Return a number with fewer digits for one beside another: it may have to be shown."""
    distance = abs(value - other) if not hasattr(value, "ndim") else 0
    if not distance:
        return value
    scale = fmpq(1)
    while scale * distance < 4:
        scale *= 10
    return fmpq((value * scale + fmpq(1, 2)).floor()) / scale
