"""Second and higher derivatives: the gradient is an expression, and is differentiated again."""

from __future__ import annotations

from gradcli.backward import backward, gradient
from gradcli.circuit import Circuit
from gradcli.digits import Engine
from gradcli.errors import GradError
from gradcli.expr import ONE, Expr, tape
from gradcli.nested import Nested, finite, nest, plain, units, zeros
from gradcli.notation import NOTHING, Formula
from gradcli.point import Point
from gradcli.report import WITHOUT_NUMBER, Partial
from gradcli.shapes import Shape, words
from gradcli.wording import said


def hessian(circuit: Circuit, point: Point | None, targets: list[Expr], statuses: dict[Expr, str]) -> dict[str, dict[str, Partial]]:
    """Return ∂²f/∂a∂b for all pairs of targets, by name; each of the shape of a followed by that of b."""
    if circuit.shape:
        raise GradError("bad-usage", said("--hessian needs a number as output; this is a {0}", words(circuit.shape)))
    first = gradient(circuit.root, circuit.order, targets, ONE, circuit.shapes)
    return {
        circuit.name(row): {circuit.name(column): _second(circuit, point, first[row], row, column, statuses) for column in targets}
        for row in targets
    }


def _second(circuit: Circuit, point: Point | None, first: Expr, row: Expr, column: Expr, statuses: dict[Expr, str]) -> Partial:
    name = f"{circuit.name(row)},{circuit.name(column)}"
    order, shape = tape(first), circuit.shapes.of(first)
    formula, pretty = "", NOTHING
    if not shape:
        second = gradient(first, order, [column], ONE, circuit.shapes)[column]
        formula, pretty = circuit.written(second), circuit.pretty(second)
    value = None if point is None else _jacobian(circuit, point, first, order, column, circuit.shapes.of(row))
    return _partial(name, value, formula, pretty, circuit.shapes.of(column), statuses.get(row, "smooth"))


def _partial(name: str, value: Nested, formula: str, pretty: Formula, shape: Shape, status: str) -> Partial:
    if value is not None and not finite(value):
        status = "undefined"
    return Partial(name, None if status in WITHOUT_NUMBER else value, shape, status, lambda: (formula, pretty, NOTHING))


def _jacobian(circuit: Circuit, point: Point, first: Expr, order: list[Expr], column: Expr, rows: Shape) -> Nested:
    """Return ∂first/∂column as a nested list of shape rows × column."""
    nothing = zeros(circuit.shapes.of(column))

    def compute(engine: Engine) -> list[Nested]:
        numbers, seeds = point.numbers(engine, order), units(circuit.shapes.of(first))
        sweeps = [backward(order, numbers, [column], engine.lift(seed), engine.arithmetic, circuit.shapes) for seed in seeds]
        return [plain(engine.read(sweep.adjoint[column]) if column in sweep.adjoint else nothing) for sweep in sweeps]

    entries, _ = point.settled(compute)
    if not circuit.shapes.of(first) and rows:  # a gradient that is the number 0 for every entry
        entries *= len(units(rows))
    return nest(entries, rows)


def _value(point: Point, formula: Expr) -> float:
    return float(point.settled(lambda engine: engine.read(point.numbers(engine, tape(formula))[formula]))[0])


def orders(circuit: Circuit, point: Point | None, target: Expr, highest: int, statuses: dict[Expr, str]) -> list[Partial]:
    """Return the derivatives of order 1 to highest in one variable."""
    if circuit.shape or circuit.shapes.of(target):
        raise GradError("bad-usage", said("--order needs a number as output, and a variable that is a number"))
    out, current = [], circuit.root
    for n in range(1, highest + 1):
        current = gradient(current, tape(current), [target], ONE, circuit.shapes)[target]
        size = len(tape(current))
        circuit.limits.check("nodes", size, said("operations in the derivative of order {0}", n))
        value = None
        if point is not None:
            value = _value(point, current)
        out.append(_partial(str(n), value, circuit.written(current), circuit.pretty(current), (), statuses.get(target, "smooth")))
    return out
