"""Status of a partial where the point meets a kink: its one-sided slopes, found beside the point, not at it.

    right = lim (f(x + t) − f(x)) / t,   left = lim (f(x) − f(x − t)) / t,   t → 0 from above

f(x ± t) is evaluated with germs (arithmetic/germ), so that what cancels cancels. Clarke's subgradients in one variable
are the numbers between the two slopes (Clarke, *Optimization and Nonsmooth Analysis*, 1983, §2.1).
"""

from __future__ import annotations

import math

from gradcli.arithmetic import Doubtful, evaluate
from gradcli.digits import Engine, each, with_arrays
from gradcli.digits.further import Balls
from gradcli.expr import Expr, tape
from gradcli.light import Any, Record
from gradcli.nested import Index, Value, indices
from gradcli.point import Point
from gradcli.report import JUMP, KINK, SMOOTH, UNDECIDED, UNDEFINED, VERTICAL

MOST_BITS = 1024  # for slopes: what is not told by then lies on an edge that no digit decides
_ORDERS = {128: 6, 256: 12}  # powers of t carried along; beyond, 24
MOST_WORK = 400_000  # operations on germs, about two seconds

class Slopes(Record):
    """What happens beside the point in one entry: the slopes (None: f has no value there), and the status they make."""

    status: str
    left: float | None = None
    right: float | None = None

    def nearest(self, swept: float) -> float:
        """Return the number to print: the swept one if it lies between the slopes, else the one of them nearest to 0."""
        ends = [slope for slope in (self.left, self.right) if slope is not None]
        low, high = min(ends), max(ends)
        return swept if low <= swept <= high else min(max(0.0, low), high)


_STEP = "step"  # on this side f does not tend to its value


def slopes(point: Point, target: Expr, seed: Value | None) -> dict[tuple[Index, Index], Slopes] | None:
    """Return the slopes of every entry of the output (of their sum with a seed) in every entry of a target.

    None where the arrays are too large to go around each of their entries.
    """
    shape, outputs = point.circuit.shapes.of(target), point.circuit.shape
    entries = indices(shape)
    if point.circuit.work() * 2 * len(entries) > MOST_WORK:
        return None
    found, _ = point.certified(lambda engine: _around(point, engine, target, entries, seed), MOST_BITS)
    return {(out, index): found[index][out] for index in entries for out in ([()] if seed is not None else indices(outputs))}


def in_direction(point: Point, target: Expr, direction: list[Any]) -> tuple[float, float]:
    """Return the slopes of a number in a direction of an array, given by as many weights as it has entries: left and right."""

    def compute(engine: Engine) -> tuple[float, float]:
        assert isinstance(engine, Balls)
        here = _here(point, engine, target)
        sides = [_side(point, engine, target, here, direction, side, None)[()] for side in (-1, 1)]
        if any(side is None or side is _STEP for side in sides):
            raise Doubtful
        return tuple(side if isinstance(side, float) else float(engine.read(side)) for side in sides)  # type: ignore[return-value]

    return point.certified(compute, MOST_BITS)[0]


def _around(point: Point, engine: Engine, target: Expr, entries: list[Index], seed: Value | None) -> dict[Index, dict[Index, Slopes]]:
    assert isinstance(engine, Balls)
    here = _here(point, engine, target)
    places = [()] if seed is not None else indices(point.circuit.shape)
    out: dict[Index, dict[Index, Slopes]] = {}
    for index in entries:
        sides: list[dict[Index, Any]] = []
        for side in (-1, 1):
            try:
                sides.append(_side(point, engine, target, here, index, side, seed))
            except Doubtful:
                if not engine.last:
                    raise
                sides.append({})
        out[index] = {key: _judged(sides[0].get(key, UNDECIDED), sides[1].get(key, UNDECIDED), engine) for key in places}
    return out


def _here(point: Point, engine: Balls, target: Expr) -> tuple[dict[Expr, Any], Any, Any]:
    """Return the values of the variables, of a target, and of the output."""
    environment = engine.environment(point.bindings)
    at_target = point.numbers(engine, tape(target))[target]
    return environment, at_target, point.numbers(engine, point.circuit.order)[point.circuit.root]


def _side(
    point: Point, engine: Balls, target: Expr, here: tuple[dict[Expr, Any], Any, Any],
    index: Index | list[Any], side: int, seed: Value | None,
) -> dict[Index, Any]:  # fmt: skip
    """Return the slope of each entry of the output on one side; index is that of the entry that moves, or a weight for each."""
    from gradcli.arithmetic.ball import Ball
    from gradcli.arithmetic.germ import Germs
    from gradcli.arithmetic.series import constant, moving

    environment, at_target, at_root = here
    germs = Germs(_ORDERS.get(engine.bits, 24))
    arithmetic = with_arrays(germs, point.arrays)
    numbers = {node: each(constant, value) for node, value in environment.items()}
    moved = each(constant, at_target)
    if isinstance(index, list):
        for place, weight in zip(indices(at_target.shape), index):
            moved[place] = moving(at_target[place], weight * side)
    elif index:
        moved[index] = moving(at_target[index], side)
    else:
        moved = moving(at_target, side)
    numbers[target] = moved
    order = tape(point.circuit.root, known={target})
    root = evaluate(order, numbers, arithmetic)[point.circuit.root]
    if seed is not None and hasattr(root, "ndim"):
        weights = engine.lift(seed)
        root = _weighed(germs, root, weights)
        at_root = _weighed(Ball(), at_root, weights, plain=True)
    if not hasattr(root, "ndim"):
        return {(): _slope(root, at_root, side)}
    return {key: _slope(root[key], at_root[key], side) for key in indices(root.shape)}


def _weighed(scalar: Any, root: Any, weights: Any, plain: bool = False) -> Any:
    """Return Σ weight · entry."""
    from gradcli.arithmetic.series import constant

    total = scalar.number(0, 0)
    for weight, entry in zip(weights.ravel(), root.ravel()):
        total = scalar.apply("+", (total, scalar.apply("*", (weight if plain else constant(weight), entry))))
    return total


def _slope(germ: Any, value: Any, side: int) -> Any:
    """Return the slope on a side: a number, ±inf, None where f has no value there, or a step."""
    from gradcli.arithmetic.ball import Ball
    from gradcli.arithmetic.certain import UNDEFINED as NOWHERE
    from gradcli.arithmetic.certain import ZERO
    from gradcli.arithmetic.series import CONSTANT, DOUBT

    if germ is NOWHERE:
        return None
    if germ is DOUBT or (germ.cut is not None and germ.cut <= 1 and not germ.terms):
        raise Doubtful
    gap = Ball().apply("-", (germ.terms.get(CONSTANT, ZERO), value))
    if gap > 0 or gap < 0:
        return _STEP
    for (p, q), c in germ.terms.items():
        if (p, q) == CONSTANT:
            continue
        if p < 0 or (p == 0 and q > 0):
            return _STEP
        if p < 1 or (p == 1 and q > 0):
            if not (c > 0 or c < 0):
                raise Doubtful
            return math.inf * side * (1 if c > 0 else -1) * (-1 if q % 2 else 1)
        return c * side if (p, q) == (1, 0) else ZERO
    if germ.cut is not None and germ.cut <= 1:
        raise Doubtful
    return ZERO


def _judged(left: Any, right: Any, engine: Engine) -> Slopes:
    """Return the status that two slopes make."""
    if UNDECIDED in (left, right):
        return Slopes(UNDECIDED)
    shown = [None if side is None or side is _STEP else side if isinstance(side, float) else engine.read(side) for side in (left, right)]
    if _STEP in (left, right):
        return Slopes(JUMP, *shown)
    sides = [side for side in (left, right) if side is not None]
    if not sides:
        return Slopes(UNDEFINED)
    steep = [isinstance(side, float) for side in sides]
    if all(steep):
        return Slopes(VERTICAL, *shown)
    if any(steep):
        return Slopes(KINK, *shown)
    if len(sides) == 2 and (sides[0] > sides[1] or sides[0] < sides[1]):
        return Slopes(KINK, *shown)
    return Slopes(SMOOTH, *shown)
