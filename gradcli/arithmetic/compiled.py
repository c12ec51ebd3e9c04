"""A formula in certified numbers, made ready once and run at many points: kernels, and the places of their arguments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from gradcli import ops
from gradcli.arithmetic import by_formula, evaluate
from gradcli.arithmetic.ball import KERNELS, LAZY, Ball
from gradcli.arithmetic.certain import UNDEFINED, Number, Turn
from gradcli.arithmetic.turns import TURNS
from gradcli.expr import NUMBER, SYMBOL, Expr, decimal, make, number, tape

_BALL = Ball()


def has_arrays(order: list[Expr]) -> bool:
    """Tell whether an array may occur in a tape whose symbols are numbers: it is made by an operator with a shape of its own."""
    return any(node.args and ops.rows(node.op, len(node.args))[0].shape is not None for node in order)


class _Unfolding:
    """Expressions in which operators that are written as formulas of others are written out."""

    def number(self, mantissa: int, exponent: int) -> Expr:
        return number(mantissa, exponent)

    def apply(self, op: str, args: tuple[Expr, ...]) -> Expr:
        key = op, len(args)
        if key in KERNELS or key in LAZY or key in TURNS:
            return make(op, args)
        return by_formula(ops.rows(*key)[0], args, self)

    def scale(self, upstream: Expr, local: Expr, value: Expr) -> Expr:
        return make("flow", (upstream, local))


class Compiled:
    """Formulas of numbers, as a list of steps; `wanted` are the nodes whose values are told."""

    def __init__(self, wanted: Iterable[Expr]) -> None:
        self.wanted = list(dict.fromkeys(wanted))
        order = tape(*self.wanted)
        unfolded = evaluate(order, {node: node for node in order if node.op == SYMBOL}, _Unfolding())
        steps = tape(*(unfolded[node] for node in self.wanted))
        place = {node: k for k, node in enumerate(steps)}
        self._places = [place[unfolded[node]] for node in self.wanted]
        self._start: list[Number] = [None] * len(steps)
        self._symbols: list[tuple[int, str]] = []
        self._steps: list[tuple[int, Callable[..., Number] | None, str, list[int]]] = []
        for node, k in place.items():
            if node.op == NUMBER:
                self._start[k] = _BALL.number(*decimal(node))
            elif node.op == SYMBOL:
                self._symbols.append((k, str(node.leaf)))
            else:
                self._steps.append((k, KERNELS.get((node.op, len(node.args))), node.op, [place[arg] for arg in node.args]))

    def __call__(self, point: Mapping[str, Number]) -> dict[Expr, Number]:
        """Return the values of what is wanted at a point, at the precision of the context."""
        values = self._start.copy()
        for k, name in self._symbols:
            values[k] = point[name]
        for k, kernel, op, places in self._steps:
            args = [values[place] for place in places]
            plain = kernel is not None
            for arg in args:
                if arg is UNDEFINED or type(arg) is Turn:
                    plain = False
            values[k] = kernel(*args) if plain and kernel else _BALL.apply(op, tuple(args))
        return {node: values[place] for node, place in zip(self.wanted, self._places)}
