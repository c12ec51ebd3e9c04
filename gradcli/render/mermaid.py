"""Report → the circuit as a Mermaid flowchart, which GitHub, GitLab and many editors draw in Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gradcli.errors import safe
from gradcli.render.forms import Look, Part
from gradcli.render.legends import lines_of, sign
from gradcli.render.wiring import CONSTANT, GATE, Node, wiring

_HARMLESS = re.compile(r"[A-Za-z0-9 .,=/:^]|[^\x00-\x7f]")  # all else could mean something, to Mermaid, HTML or Markdown
_BRACKETS = {GATE: ("(", ")"), CONSTANT: ("[", "]")}


def render(parts: Sequence[Part], look: Look) -> str:
    """Return the circuit of a report as a flowchart: values and gradients in the nodes, contributions at the wires of forks."""
    circuit = wiring(parts[0].report)
    output, forks = circuit.nodes[-1].name, circuit.forks()
    lines = ["flowchart LR"]
    for index, node in enumerate(circuit.nodes):
        left, right = _BRACKETS.get(node.kind, ("([", "])"))
        text = "<br/>".join(map(_escaped, _inscription(node, output, look)))
        lines.append(f'    n{index}{left}"{text}"{right}')
    for wire in circuit.wires:
        back = lines_of(wire.step.contribution, wire.step.contribution_pretty, look) if wire.step and wire.source in forks else []
        label = f'|"{"<br/>".join(map(_escaped, back))}"|' if back else ""
        lines.append(f"    n{wire.source} -->{label} n{wire.target}")
    return "\n".join(lines) + "\n"


def _inscription(node: Node, output: str, look: Look) -> list[str]:
    """Return the lines of a node: its sign, its value, its gradient."""
    if node.kind == CONSTANT:
        return [node.name.replace("-", "−")]
    shape = f" ({'×'.join(map(str, node.shape))})" if node.shape else ""
    lines = [sign(node)] if node.kind == GATE else []
    lines += _equation(node.name + shape, lines_of(node.value, node.formula, look))
    gradient = lines_of(node.upstream, node.upstream_formula, look)
    return lines + (_equation(f"∂{output}/∂{node.name}", gradient) if gradient else [])


def _equation(left: str, right: list[str]) -> list[str]:
    if not right:
        return [left]
    if right[0].startswith("ℝ"):
        return [f"{left} ∈ {right[0]}"]
    return [f"{left} = {right[0]}"] if len(right) == 1 else [f"{left} =", *right]


def _escaped(text: str) -> str:
    """Return text with every sign that Mermaid might read as its own as an entity, whose number it writes between # and ;."""
    return "".join(c if _HARMLESS.match(c) else f"#{ord(c)};" for c in safe(text))
