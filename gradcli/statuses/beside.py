"""What can be said of a partial where the chain rule may say too little: by the slopes beside the point."""

from __future__ import annotations

from gradcli.expr import Expr
from gradcli.nested import Nested, Value, indices, leaves, nest
from gradcli.notation.text import UNICODE, text
from gradcli.ops import COMPARISONS
from gradcli.point import BROKEN, EDGE, Hit, Point
from gradcli.report import JUMP, KINK, RANK, SMOOTH, UNDECIDED, UNDEFINED, VERTICAL, WITHOUT_NUMBER
from gradcli.slopes import Slopes, slopes
from gradcli.statuses import FAR, Status, fits
from gradcli.wording import said


def beside(point: Point, target: Expr, hits: list[Hit], swept: Nested, seed: Value | None) -> Status:
    """Return the status of the partial in a target that these hits may be felt in, given what the sweep says."""
    output = () if seed is not None else point.circuit.shape
    found = slopes(point, target, seed)
    if found is None:
        return _unexplored(point, target, hits, swept)
    keys = [(out, index) for out in indices(output) for index in indices(point.circuit.shapes.of(target))]
    around = [found[key] for key in keys]
    numbers = [
        None if one.status in WITHOUT_NUMBER else one.nearest(number) for one, number in zip(around, leaves(swept))
    ]  # fmt: skip
    entries = [fits(number) if one.status == SMOOTH else one.status for one, number in zip(around, numbers)]
    worst = max(entries, key=RANK.index)
    status = Status(worst, _nested(point, target, output, numbers), entries)
    status.left = _nested(point, target, output, [one.left for one in around])
    status.right = _nested(point, target, output, [one.right for one in around])
    blamed = next((hit for hit in hits if hit.kind == (JUMP if worst == JUMP else KINK)), hits[0])
    status.cause = _shown(point, blamed)
    status.note = _note(point, target, status, around, blamed, swept)
    return status


def _unexplored(point: Point, target: Expr, hits: list[Hit], swept: Nested) -> Status:
    kinds = {hit.kind for hit in hits}
    status = Status(UNDEFINED if BROKEN in kinds else JUMP if JUMP in kinds else KINK, swept)
    if status.status in WITHOUT_NUMBER:
        status.value = None
    status.cause = _shown(point, hits[0])
    status.note = said("{0} has {1} here; with so many entries the slopes are not looked for", status.cause, _KINDS[hits[0].kind])
    return status


_KINDS = {KINK: said("a kink"), JUMP: said("a jump"), EDGE: said("an edge"), BROKEN: said("no local gradient")}


def _nested(point: Point, target: Expr, output: tuple[int, ...], flat: list[float | None]) -> Nested:
    """Nest numbers in the shape of the output followed by that of the target."""
    inner = point.circuit.shapes.of(target)
    size = len(indices(inner))
    return nest([nest(flat[i : i + size], inner) for i in range(0, len(flat), size)], output)


def _shown(point: Point, hit: Hit) -> str:
    circuit = point.circuit
    shown = text(hit.node, UNICODE, circuit.names, circuit.shapes, opened=hit.node)
    return f"{circuit.name(hit.node)} = {shown}" if hit.node.op not in COMPARISONS else shown


def _note(point: Point, target: Expr, status: Status, around: list[Slopes], hit: Hit, swept: Nested) -> str:
    """Say in words what happens beside the point; nothing where the chain rule is right as it stands."""
    cause, at = status.cause, point.at(hit.node, point.circuit.names)
    where = said(" at {0}", at) if at else ""
    one = around[0] if len(around) == 1 else None
    sides = said(": slope {0} on the left, {1} on the right", _slope(one.left), _slope(one.right)) if one else ""
    if status.status in FAR:
        return FAR[status.status]
    if status.status == SMOOTH:
        changed = any(slope != number for slope, number in zip(leaves(status.value), leaves(swept)))
        if one and None in (one.left, one.right):
            there = _slope(around[0].nearest(0.0))
            return said("{0} has values on one side of this point only: the slope there is {1}", point.circuit.output, there)
        return said("the slopes on both sides agree, though {0} has {1}{2}", cause, _KINDS[hit.kind], where) if changed else ""
    if hit.kind == EDGE and status.status == KINK:
        return said("the condition {0} is at its edge here{1}; the gradient is that of the branch taken", cause, sides)
    if status.status == KINK:
        return said("{0} has {1}{2}{3}; any number between is a subgradient", cause, _KINDS[hit.kind], where, sides)
    if status.status == JUMP:
        if hit.kind == JUMP:
            return said("{0} jumps{1}: there is no gradient", cause, where)
        return said("{0} jumps here, at {1}", point.circuit.output, cause)
    if status.status == VERTICAL:
        return said("{0} makes the slope infinite{1}{2}", cause, where, sides)
    if status.status == UNDECIDED:
        return said("whether {0} has {1}{2} could not be told: the slopes are unknown", cause, _KINDS[hit.kind], where)
    return said("{0} has no values beside this point in this direction, because of {1}{2}", point.circuit.output, cause, where)


def _slope(slope: float | None) -> str:
    if slope is None:
        return said("none")
    return ("∞" if slope > 0 else "-∞") if slope in (float("inf"), float("-inf")) else f"{slope:.6g}"
