"""One question at one point, in one arithmetic: its numbers, and what a change on one edge makes of a partial.

    the sweep is linear:   ∂f/∂x changes by the sweep of (changed contribution − contribution) from where it flows to

So a slip at one gate costs a sweep of what lies below that gate, and needs no second gradient engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

from gradcli.arithmetic import Arithmetic, evaluate
from gradcli.backward import Edge, along, backward, scope
from gradcli.circuit import Circuit
from gradcli.expr import Expr, tape
from gradcli.rules import OUT, Rule, formals

V = TypeVar("V")
Place = tuple[Expr, int]  # an edge: from a node to its argument at a position


class Scene(Generic[V]):
    """The values of all nodes, and the sweep from one seed to everything that can be asked about."""

    def __init__(
        self, circuit: Circuit, order: list[Expr], values: dict[Expr, V], seed: V, arithmetic: Arithmetic[V], targets: list[Expr],
        instead: Mapping[str, tuple[str | None, ...]] = {},
    ) -> None:
        self.circuit, self.order, self.values = circuit, order, values
        self.arithmetic, self.shapes, self.targets = arithmetic, circuit.shapes, targets
        self.sweep = backward(order, values, targets, seed, arithmetic, circuit.shapes, instead)
        self.edges: dict[Place, Edge[V]] = {(edge.node, edge.position): edge for edge in self.sweep.edges}
        self._below: dict[Expr, list[Expr]] = {}
        self._inside = set(order)

    # ---- arithmetic by name ---------------------------------------------------------------------------------

    def number(self, mantissa: int, exponent: int = 0) -> V:
        """Return mantissa · 10^exponent."""
        return self.arithmetic.number(mantissa, exponent)

    def times(self, x: V, y: V) -> V:
        """Return x · y."""
        return self.arithmetic.apply("*", (x, y))

    def plus(self, x: V | None, y: V | None) -> V | None:
        """Return x + y; None is 0 in any shape."""
        if x is None or y is None:
            return y if x is None else x
        return self.arithmetic.apply("+", (x, y))

    def minus(self, x: V) -> V:
        """Return −x."""
        return self.arithmetic.apply("-", (x,))

    def ones(self, node: Expr) -> V:
        """Return 1 in the shape of a node."""
        return self.arithmetic.apply("ones", (self.values[node],)) if self.shapes.of(node) else self.number(1)

    # ---- the sweep, changed ---------------------------------------------------------------------------------

    def partial(self, target: Expr) -> V | None:
        """Return the partial in a target; None is 0."""
        return self.sweep.adjoint.get(target)

    def through(self, node: Expr, upstream: V, target: Expr) -> V | None:
        """Return what an upstream gradient at a node contributes to the partial in a target."""
        if node is target:
            return upstream
        if node not in self._below:
            self._below[node] = [part for part in tape(node) if part in self._inside]
        return backward(self._below[node], self.values, [target], upstream, self.arithmetic, self.shapes).adjoint.get(target)

    def slope(self, node: Expr, target: Expr) -> V | None:
        """Return the derivative of a number in a target; None is 0."""
        return self.through(node, self.number(1), target)

    def changed(self, contributions: Mapping[Place, V | None], target: Expr) -> V | None:
        """Return the partial in a target if other contributions flow along these edges (None: nothing)."""
        total = self.partial(target)
        for place, made in contributions.items():
            edge = self.edges[place]
            change = self.plus(made, self.minus(edge.contribution))
            assert change is not None
            total = self.plus(total, self.through(edge.arg, change, target))
        return total

    def contribution(self, place: Place, wanted: Rule, upstream: V | None = None, summing: bool = True) -> V:
        """Return what would flow along an edge by another rule, from another upstream gradient, or not summed."""
        edge = self.edges[place]
        way = along(edge.row, edge.position, wanted, self.arithmetic)
        made: V = way(edge.upstream if upstream is None else upstream, scope(edge.node, edge.row, self.values))[1]
        return self.arithmetic.apply("sum", (made,)) if summing and edge.summed else made

    # ---- the forward pass, changed --------------------------------------------------------------------------

    def misread(self, node: Expr, wrong: Rule, target: Expr) -> V:
        """Return the value of a target if a node is computed by another formula of its arguments."""
        row = self.shapes.row_of(node)
        env = dict(zip((*formals(row), OUT), scope(node, row, self.values)))
        known = {part: value for part, value in self.values.items() if not part.args}
        known[node] = evaluate(wrong.tape, env, self.arithmetic)[wrong.root]
        return evaluate(tape(target), known, self.arithmetic)[target]
