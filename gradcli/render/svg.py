"""Report → the circuit as a picture in SVG: values above the wires, gradients below, as on the blackboard."""

from __future__ import annotations

from collections.abc import Sequence

from gradcli.errors import safe
from gradcli.render.blocks import DOT, RADIUS, STYLES, Block, Numbers, Text, blocks
from gradcli.render.forms import Look, Part
from gradcli.render.layout import Line, Placed, place
from gradcli.render.typeface import FAMILY, OBLIQUE
from gradcli.render.wiring import CONSTANT, GATE, INPUT, Node, Wire, Wiring, wiring
from gradcli.report import Report

_EDGE = 16  # around the picture
_FEW = 24  # gates: so many inputs stand in one column at the left, as a lecture draws them; else each near its first use

# Blue and vermilion: apart for every kind of colour-blindness, and as greys, too. On paper and on a dark page.
COLORS = {
    "paper": ("#ffffff", "#14181d"),
    "ink": ("#1b1f24", "#e8ebee"),
    "value": ("#0b4a85", "#8cc8ff"),
    "gradient": ("#b8430a", "#ffa869"),
    "muted": ("#5c6670", "#a3adb8"),
    "wire": ("#5c6670", "#93a0ad"),
    "gate": ("#f1f5f9", "#222a33"),
}
_RULES = f"""
.circuit text {{ font-family: "{FAMILY}", Verdana, sans-serif; fill: currentColor; }}
.circuit .shape, .circuit .label, .circuit .number {{ color: var(--muted); }}
.circuit .name, .circuit .sign, .circuit .word {{ color: var(--ink); }}
.circuit .value {{ color: var(--value); }}
.circuit .gradient, .circuit .contribution {{ color: var(--gradient); }}
{{sizes}}
.circuit .wire, .circuit .stem, .circuit .slash {{ fill: none; stroke: var(--wire); stroke-width: 1.5; stroke-linecap: round; }}
.circuit .array {{ stroke-width: 2.75; }}
.circuit .still {{ stroke-dasharray: 2 3; }}
.circuit .bracket {{ fill: none; stroke: currentColor; stroke-width: 1.2; }}
.circuit .head {{ fill: var(--gate); stroke: var(--ink); stroke-width: 1.5; }}
.circuit .fork {{ fill: var(--wire); }}
.circuit .paper {{ fill: var(--paper); }}
"""


def render(parts: Sequence[Part], look: Look) -> str:
    """Return the circuit of a report as a file of its own, light or dark as its reader has it."""
    return file(parts[0].report, look, style())


def file(report: Report, look: Look, rules: str) -> str:
    """Return a picture that stands alone: with its style, its title, and the circuit in words."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{drawing(wiring(report), look, inside=_spoken(report, look) + f"<style>{rules}</style>")}\n'


def style(color: int | None = None, scope: str = ".circuit") -> str:
    """Return the style of pictures: light and dark as the reader has it, from scope on, or with one of both colours written out."""
    sizes = "\n".join(
        f".circuit text.{name} {{ font-size: {_number(size)}px;{' font-style: oblique;' if file == OBLIQUE else ''} }}"
        for name, (size, file) in STYLES.items()
    )
    rules = _RULES.replace("{sizes}", sizes).replace("{{", "{").replace("}}", "}")
    if color is not None:
        for name, pair in COLORS.items():
            rules = rules.replace(f"var(--{name})", pair[color])
        return rules
    light, dark = (" ".join(f"--{name}: {pair[index]};" for name, pair in COLORS.items()) for index in (0, 1))
    return (
        f"\n{scope} {{ color-scheme: light dark; {light} }}\n@media screen and (prefers-color-scheme: dark) {{ {scope} {{ {dark} }} }}"
        + rules
    )


def drawing(circuit: Wiring, look: Look, prefix: str = "", inside: str = "", *, tips: bool = True) -> str:
    """Return the ``svg`` element of a circuit, in classes and without colours: those of `style` are to be put beside it.

    Node i is the group ``{prefix}n{i}``, wire i the path ``{prefix}w{i}``. A node's value and gradient are groups of
    those classes in it, what flows back along one branch of a fork a text of class ``contribution``. With ``tips`` a node tells all when pointed at.
    """
    made = blocks(circuit, look)
    few = sum(node.kind == GATE for node in circuit.nodes) <= _FEW
    first = [index for index, node in enumerate(circuit.nodes) if node.kind == INPUT] if few else []
    placed = place([block.box for block in made], [Line(wire.source, wire.target, wire.position) for wire in circuit.wires], first)
    wide, high = _number(placed.width + 2 * _EDGE), _number(placed.height + 2 * _EDGE)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="circuit" role="img" width="{wide}" height="{high}" '
        f'viewBox="{-_EDGE} {-_EDGE} {wide} {high}">{inside}'
    ]
    lines += [_wire(index, circuit, made, placed, prefix) for index in range(len(circuit.wires))]
    for index, (node, block, (x, y)) in enumerate(zip(circuit.nodes, made, placed.boxes)):
        lines.append(
            f'<g id="{prefix}n{index}" class="node {node.kind}" transform="translate({_number(x)} {_number(y)})">'
            f"{f'<title>{_escaped(_told(circuit, index, look))}</title>' if tips else ''}{_node(node, block, circuit.wires, index, prefix)}</g>"
        )
    return "\n".join([*lines, "</svg>"])


# ---- pieces -------------------------------------------------------------------------------------------------


def _wire(index: int, circuit: Wiring, made: list[Block], placed: Placed, prefix: str) -> str:
    wire, course = circuit.wires[index], placed.lines[index]
    source, target = circuit.nodes[wire.source], made[wire.target]
    x = placed.boxes[wire.target][0] + target.entry(wire.position)
    start, *rest = (f"{_number(x)} {_number(y)}" for x, y in course)
    kind = "wire" + (" array" if source.shape else "") + (" still" if wire.step is None and source.kind != CONSTANT else "")
    return (
        f'<path id="{prefix}w{index}" class="{kind}" data-from="{prefix}n{wire.source}" data-to="{prefix}n{wire.target}" '
        f'd="M{start}C{" ".join(rest)}H{_number(x)}"/>'
    )


def _node(node: Node, block: Block, wires: list[Wire], index: int, prefix: str) -> str:
    begin, end = map(_number, block.stem)
    parts = [f'<path class="{"stem array" if node.shape else "stem"}" d="M{begin} 0H{end}"/>']
    if block.slash is not None:
        parts.append(f'<path class="slash" d="M{_number(block.slash - 2.5)} 5l5 -10"/>')
    if block.fork:
        parts.append(f'<circle class="fork" cx="{end}" r="{_number(DOT)}"/>')
    if block.head:
        parts.append(_head(block.head.x, block.head.half_width, block.head.half_height))
    parts += [_text(text) for text in block.texts]
    parts += [_numbers("value", block.value), _numbers("gradient", block.gradient)]
    names = {wire.position: number for number, wire in enumerate(wires) if wire.target == index}
    parts += [_text(text, f' data-wire="{prefix}w{names[at]}"') for at, text in block.contributions.items()]
    return "".join(parts)


def _head(x: float, half_width: float, half_height: float) -> str:
    if half_width == half_height == RADIUS:
        return f'<circle class="head" cx="{_number(x)}" r="{_number(RADIUS)}"/>'
    return (
        f'<rect class="head" x="{_number(x - half_width)}" y="{_number(-half_height)}" width="{_number(2 * half_width)}" '
        f'height="{_number(2 * half_height)}" rx="{_number(RADIUS)}"/>'
    )


def _numbers(kind: str, block: Numbers) -> str:
    """Return a value or a gradient as a group, empty where there is none."""
    if not block.texts:
        return ""
    brackets = "".join(
        f'<path class="bracket" d="M{_number(x + 4 * way)} {_number(top)}h{-4 * way}V{_number(bottom)}h{4 * way}"/>'
        for x, top, bottom, way in block.brackets
    )
    return f'<g class="{kind}">{"".join(map(_text, block.texts))}{brackets}</g>'


def _text(text: Text, more: str = "") -> str:
    return (
        f'<text class="{text.style}" x="{_number(text.x)}" y="{_number(text.y)}" text-anchor="{text.anchor}"{more}>'
        f"{_escaped(text.text)}</text>"
    )


# ---- words --------------------------------------------------------------------------------------------------


def _told(circuit: Wiring, index: int, look: Look) -> str:
    """Return what a node says when it is pointed at: its formula and value, its gradient, its local gradients, all in full."""
    node, output = circuit.nodes[index], circuit.nodes[-1].name
    told = [" = ".join([node.name, *_texts(node.formula if node.kind == GATE else ""), *_lines(node.value, look)])]
    told += [f"∂{output}/∂{node.name} = {text}" for text in _lines(node.upstream, look) or _texts(node.upstream_formula)]
    for wire in circuit.wires:
        if wire.target == index and wire.step is not None and wire.step.local_pretty and not wire.step.pullback:
            local = [wire.step.local_pretty, *_lines(wire.step.local, look)]
            told.append(f"∂{node.name}/∂{circuit.nodes[wire.source].name} = " + " = ".join(dict.fromkeys(local)))
    return "\n".join(told)


def _lines(value: object, look: Look) -> list[str]:
    return [] if value is None else ["".join(look.numbers.lines(value))]


def _texts(text: str) -> list[str]:
    return [text] if text else []


def _spoken(report: Report, look: Look) -> str:
    """Return the title of a picture and what it shows, in words."""
    reading = f"{report.output} = {report.reading}" if report.reading else report.output
    told = [look.words("Circuit: inputs at the left, output at the right; above each wire its value, below it the gradient.")]
    rows = [(row.name, row.value) for row in report.forward if row.kind != CONSTANT]
    told += [f"{name} = {text};" for name, value in rows for text in _lines(value, look)]
    told += [
        f"∂{report.output}/∂{p.name} = {text};" for p in report.partials.values() for text in _lines(p.value, look) or _texts(p.pretty)
    ]
    return f'<title>{_escaped(reading)}</title><desc>{_escaped(" ".join(told))}</desc><rect class="paper" x="-{_EDGE}" y="-{_EDGE}" width="100%" height="100%"/>'


def _escaped(text: str) -> str:
    """Return text for XML and HTML alike, without a character that either has no place for."""
    clean = "\n".join(map(safe, text.split("\n")))
    return clean.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;").replace("'", "&#39;")


def _number(value: float) -> str:
    """Return a coordinate: two decimals at most, and no minus before 0."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
