"""Report → the circuit as a DOT file that any Graphviz draws."""

from __future__ import annotations

from collections.abc import Sequence

from gradcli.errors import safe
from gradcli.render.forms import Look, Part
from gradcli.render.legends import lines_of, sign, told
from gradcli.render.svg import COLORS
from gradcli.render.wiring import CONSTANT, GATE, Node, wiring

_VALUE, _GRADIENT, _MUTED, _INK = (COLORS[name][0] for name in ("value", "gradient", "muted", "ink"))
_SHAPES = {GATE: 'shape=box, style="rounded,filled", fillcolor="#f1f5f9"', CONSTANT: "shape=plaintext"}


def render(parts: Sequence[Part], look: Look) -> str:
    """Return the circuit of a report in the language DOT: a node for each value, an edge for each wire."""
    circuit = wiring(parts[0].report)
    forks = circuit.forks()
    lines = [
        "digraph circuit {",
        "    rankdir=LR;",
        f'    node [fontname="DejaVu Sans", fontsize=12, fontcolor="{_INK}", color="{_MUTED}", shape=plaintext];',
        f'    edge [fontname="DejaVu Sans", fontsize=10, fontcolor="{_GRADIENT}", color="{_MUTED}", arrowsize=0.6];',
    ]
    for index, node in enumerate(circuit.nodes):
        look_of = f", {_SHAPES[node.kind]}" if node.kind in _SHAPES else ""
        lines.append(f"    n{index} [label=<{_label(node, look)}>, tooltip={_quoted(told(circuit, index, look))}{look_of}];")
    for wire in circuit.wires:
        back = lines_of(wire.step.contribution, wire.step.contribution_pretty, look) if wire.step and wire.source in forks else []
        label = f" [label={_quoted(chr(10).join(back))}]" if back else ""
        lines.append(f"    n{wire.source} -> n{wire.target}{label};")
    return "\n".join([*lines, "}\n"])


def _label(node: Node, look: Look) -> str:
    """Return what stands in a node: its sign, its name, its value, its gradient, its shape."""
    name = _escaped(safe(node.name))
    head = f"<B>{_escaped(sign(node))}</B>  {name}" if node.kind == GATE else name
    lines = [head if node.kind == CONSTANT else f"<B>{name}</B>" if node.kind != GATE else head]
    if node.shape:
        lines[0] += f' <FONT POINT-SIZE="9" COLOR="{_MUTED}">{"×".join(map(str, node.shape))}</FONT>'
    if node.kind != CONSTANT:
        lines += [f'<FONT COLOR="{_VALUE}">{_escaped(line)}</FONT>' for line in lines_of(node.value, node.formula, look)]
    gradient = lines_of(node.upstream, node.upstream_formula, look)
    lines += [f'<FONT COLOR="{_GRADIENT}"><I>{_escaped(line)}</I></FONT>' for line in gradient]
    return "<BR/>".join(lines)


def _escaped(text: str) -> str:
    """Return text for a label like HTML, where a backslash is nothing special."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _quoted(text: str) -> str:
    """Return text as a DOT string: in it, Graphviz reads \\n and \\N as commands, and & as the beginning of an entity."""
    plain = text.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{plain}"'
