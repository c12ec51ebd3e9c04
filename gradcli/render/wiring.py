"""Report → the nodes and wires of its circuit: what every picture of it draws."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict

from gradcli.light import Record
from gradcli.notation import NOTHING, Formula
from gradcli.report import Number, Report, Step
from gradcli.shapes import Shape

INPUT, CONSTANT, GATE = "input", "constant", "gate"


class Node(Record):
    """An input, a constant or a gate: what stands in it, above the wire that leaves it, and below.

    ``upstream`` is ∂f/∂node, None where no variable is reached through it; without a point ``value`` and ``upstream``
    are None and the formulas say it. ``shape`` is that of the value.
    """

    kind: str
    name: str
    sign: str
    value: Number | None
    formula: Formula
    upstream: Number | None
    upstream_formula: Formula
    shape: Shape


class Wire(Record):
    """A wire from node ``source`` into place ``position`` of gate ``target`` (both indices into the nodes).

    ``step`` is the row of the backward pass that goes along it; None where nothing flows back.
    """

    source: int
    target: int
    position: int
    step: Step | None


class Wiring(Record):
    """A circuit as a graph, its nodes in evaluation order."""

    nodes: list[Node]
    wires: list[Wire]

    def forks(self) -> set[int]:
        """Return the nodes whose value goes to more than one place."""
        seen: dict[int, int] = defaultdict(int)
        for wire in self.wires:
            seen[wire.source] += 1
        return {node for node, count in seen.items() if count > 1}

    def entering(self, target: int) -> range:
        """Return which wires lead into a node: they stand together, in the order of its arguments."""
        first = bisect_left(self.wires, target, key=lambda wire: wire.target)
        return range(first, bisect_left(self.wires, target + 1, lo=first, key=lambda wire: wire.target))


def wiring(report: Report) -> Wiring:
    """Return the circuit of a report. A constant that no row names is a node of its own at each use."""
    total = {step.of: step for step in report.backward}  # the last step of a node: its only contribution, or the sum
    if report.forward and not report.forward[-1].gate:  # the output is a variable: what reaches one reaches the other
        total |= {name: total[report.output] for name in report.forward[-1].inputs if report.output in total}
    along: dict[tuple[str, str], list[Step]] = defaultdict(list)
    for step in report.backward:
        if step.kind == "edge":
            along[step.through, step.of].append(step)
    nodes: list[Node] = []
    wires: list[Wire] = []
    place: dict[str, int] = {}
    for row in report.forward:
        sources = []
        for name in row.inputs:
            if name not in place:
                nodes.append(Node(CONSTANT, name, "", None, NOTHING, None, NOTHING, ()))
            sources.append(place.get(name, len(nodes) - 1))
        last = total.get(row.name)
        place[row.name] = len(nodes)
        nodes.append(
            Node(row.kind, row.name, row.gate, row.value, row.pretty, last.contribution if last else None,
                 last.contribution_pretty if last else NOTHING, row.shape)
        )  # fmt: skip
        for position, source in enumerate(sources):
            waiting = along[row.name, nodes[source].name]
            wires.append(Wire(source, place[row.name], position, waiting.pop(0) if waiting else None))
    return Wiring(nodes, wires)
