"""What can be said where a value does not exist: the limit that fills a gap, or a form that has no such trouble."""

from __future__ import annotations

from gradcli.arithmetic import Doubtful, evaluate
from gradcli.circuit import Circuit
from gradcli.digits import FIRST_BITS, Engine, with_arrays
from gradcli.digits.further import Balls
from gradcli.errors import GradError
from gradcli.expr import Expr, symbol
from gradcli.light import Any
from gradcli.limits import Limits
from gradcli.nested import Given, brief, shape_of
from gradcli.notation.text import PLAIN, text
from gradcli.point import Point
from gradcli.report import FUSED
from gradcli.syntax import Program
from gradcli.wording import said


def rescue(program: Program, circuit: Circuit, bindings: dict[str, Given], limits: Limits) -> str:
    """Return a hint for a function without a value at a point: a stable rewriting, or a limit; nothing if there is neither."""
    return _rewritten(program, circuit, bindings, limits) or _limit(circuit, bindings)


def _rewritten(program: Program, circuit: Circuit, bindings: dict[str, Given], limits: Limits) -> str:
    """Return the expression in fused functions, if it has a value where the one written out has none."""
    if circuit.mode == FUSED:
        return ""
    fused = Circuit(program, {name: shape_of(given.value) for name, given in bindings.items()}, FUSED, limits)
    if fused.root is circuit.root:
        return ""
    try:
        value = Point(fused, bindings, [], [], 6).values[fused.root]
    except GradError:
        return ""
    return said("written as {0} it has a value here, {1}: try --gates fused", text(fused.root, PLAIN, limit=200), brief(value))


def _limit(circuit: Circuit, bindings: dict[str, Given]) -> str:
    """Return the limit from both sides, for a function of one number with a gap."""
    if len(bindings) != 1 or not isinstance(next(iter(bindings.values())).value, float) or circuit.shape:
        return ""
    name = next(iter(bindings))
    engine = Balls(2 * FIRST_BITS, circuit.has_arrays(), last=True)
    try:
        with engine.precision():
            low, high = _beside(circuit, engine, name, bindings)
    except Doubtful:
        return ""
    if low != high or low != low:  # noqa: PLR0124  (nan differs from itself)
        return ""
    return said("it has a gap here: from both sides it tends to {0}", brief(low))


def _beside(circuit: Circuit, engine: Engine, name: str, bindings: dict[str, Given]) -> tuple[float, float]:
    from gradcli.arithmetic.certain import UNDEFINED
    from gradcli.arithmetic.germ import Germs
    from gradcli.arithmetic.series import DOUBT, moving

    at = engine.environment(bindings)[symbol(name)]
    sides: list[float] = []
    for side in (-1, 1):
        numbers: dict[Expr, Any] = {symbol(name): moving(at, side)}
        germ = evaluate(circuit.order, numbers, with_arrays(Germs(8), circuit.has_arrays()))[circuit.root]
        if germ is UNDEFINED or germ is DOUBT:
            raise Doubtful
        sides.append(engine.read(germ.limit()))
    return sides[0], sides[1]
