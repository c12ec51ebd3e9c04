"""The backward pass as rows: local gradient × upstream gradient = contribution, and a sum after each fork."""

from __future__ import annotations

from gradcli import gates
from gradcli.backward import Edge, Sweep
from gradcli.circuit import Circuit
from gradcli.expr import ONE, Expr, symbol
from gradcli.light import Any, Sequence
from gradcli.nested import Nested, nest, plain, zeros
from gradcli.notation.text import PLAIN, text
from gradcli.point import Point, Shown
from gradcli.report import Step


class Steps:
    """Writes the rows of the sweeps of one circuit: one sweep, or one for each entry of an array output.

    Without a point the sweep ran on expressions, and the rows hold formulas in place of numbers.
    """

    def __init__(self, circuit: Circuit, point: Point | None, sweeps: Sequence[Sweep[Any] | Shown], jacobian: bool) -> None:
        self.circuit, self.point, self.sweeps, self.jacobian = circuit, point, sweeps, jacobian

    def rows(self) -> list[Step]:
        """Return the rows in the order in which backpropagation visits the edges."""
        edges = [(i, edge) for i, edge in enumerate(self.sweeps[0].edges) if not self._dead(edge)]
        left: dict[Expr, int] = {}
        for _, edge in edges:
            left[edge.arg] = left.get(edge.arg, 0) + 1
        counts = dict(left)
        root = self.circuit.root
        rows = [Step("seed", self.circuit.output, **self._contribution([s.adjoint[root] for s in self.sweeps]))]
        for index, edge in edges:
            rows.append(self._edge(edge, [sweep.edges[index] for sweep in self.sweeps]))
            left[edge.arg] -= 1
            if counts[edge.arg] > 1 and not left[edge.arg]:
                total = self._contribution([sweep.adjoint[edge.arg] for sweep in self.sweeps])
                rows.append(Step("sum", self.circuit.name(edge.arg), count=counts[edge.arg], **total))
        return rows

    def gather(self, target: Expr) -> Nested:
        """Return the adjoint of a node: with a Jacobian, nested in the shape of the output."""
        missing = zeros(self.circuit.shapes.of(target))
        return self._gather([sweep.adjoint.get(target, missing) for sweep in self.sweeps])

    def _gather(self, parts: list[Any]) -> Nested:
        return nest([plain(p) for p in parts], self.circuit.shape) if self.jacobian else plain(parts[0])

    def _dead(self, edge: Edge[Any]) -> bool:
        """Tell whether an edge leads into a branch not taken."""
        return self.point is not None and bool(edge.arg.args) and edge.arg not in self.point.used

    def _contribution(self, parts: list[Any]) -> dict[str, Any]:
        if self.point is not None:
            return {"contribution": self._gather(parts)}
        formula = parts[0]
        if not self.circuit.readable:  # a formula in each row of a long table: nobody reads them, and they cost its square
            return {}
        return {"contribution_formula": self.circuit.written(formula), "contribution_pretty": self.circuit.pretty(formula)}

    def _edge(self, edge: Edge[Any], same: list[Edge[Any]]) -> Step:
        circuit, node, arg = self.circuit, edge.node, edge.arg
        step = Step(
            "edge", circuit.name(arg), through=circuit.name(node), gate=gates.label(node, circuit.mode),
            summed=edge.summed, **self._contribution([e.contribution for e in same]),
        )  # fmt: skip
        if self.point is not None:
            step.local, step.upstream = plain(edge.local), self._gather([e.upstream for e in same])
        elif circuit.readable:
            step.upstream_formula, step.upstream_pretty = circuit.written(edge.upstream), circuit.pretty(edge.upstream)
        if edge.row.shape is None:
            formula = circuit.local(node, edge.position, ONE)
            step.local_formula = text(formula, PLAIN)
            step.local_pretty = circuit.formula(formula)
        else:
            self._structural(step, edge)
        return step

    def _structural(self, step: Step, edge: Edge[Any]) -> None:
        """Write the pullback, with the upstream gradient under its own name, and both index forms."""
        circuit, node = self.circuit, edge.node
        here, there = circuit.shapes.of(node), circuit.shapes.of(edge.arg)
        out = {circuit.itself(node): circuit.name(node)}
        unit = circuit.unit(here)
        step.local_pretty = circuit.indexed(circuit.local(node, edge.position, unit), there, unit, out)
        upstream = symbol(f"∂{circuit.output}/∂{circuit.name(node)}")
        circuit.shapes.shape[upstream] = here
        pulled = circuit.local(node, edge.position, upstream)
        step.local_formula = text(pulled, PLAIN, {upstream: circuit.free("g", "upstream"), **out})
        step.pullback = circuit.formula(pulled, out)
        if self.point is not None:
            step.contribution_pretty = circuit.indexed(pulled, there, names=out)
