"""Report → the circuit as a picture in SVG: values above the wires, gradients below, as on the blackboard."""

from __future__ import annotations

from collections.abc import Sequence

from gradcli.errors import safe
from gradcli.render.blocks import RADIUS, Block, blocks
from gradcli.render.forms import Look, Part
from gradcli.render.layout import Line, Placed, Point, place
from gradcli.render.legends import told, whole
from gradcli.render.lettering import STYLES, Numbers, Text
from gradcli.render.typeface import FAMILY, OBLIQUE
from gradcli.render.wiring import CONSTANT, GATE, INPUT, Node, Wiring, wiring
from gradcli.report import Report

_EDGE, _DOT = 16, 3.0  # around the picture; the radius of a fork
_FEW = 24  # gates: so many inputs stand in one column at the left, as a lecture draws them; else each near its first use

_MANY, _USES, _FAR = 240, 4, 5  # nodes, and wires or columns: an input that reaches farther is written at each of its uses

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
    return file(wiring(parts[0].report), parts[0].report, look, style())


def file(circuit: Wiring, report: Report, look: Look, rules: str) -> str:
    """Return a picture that stands alone: with its style, its title, and the circuit in words."""
    inside = f"{_spoken(report, look)}<style>{rules}</style>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{drawing(circuit, look, inside=inside)}\n'


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
    those classes in it, what flows back along one branch of a fork a text of class ``contribution``. With ``tips`` a node
    tells all when pointed at.
    """
    tagged = _tagged(circuit)
    made = blocks(circuit, look, tagged)
    few = sum(node.kind == GATE for node in circuit.nodes) <= _FEW
    first = [index for index, node in enumerate(circuit.nodes) if index in tagged or (few and node.kind == INPUT)]
    drawn = {index: wire for index, wire in enumerate(circuit.wires) if wire.source not in tagged}
    placed = place([block.box for block in made], [Line(wire.source, wire.target, wire.position) for wire in drawn.values()], first)
    courses = dict(zip(drawn, placed.lines))
    wide, high = _number(placed.width + 2 * _EDGE), _number(placed.height + 2 * _EDGE)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="circuit" role="img" width="{wide}" height="{high}" '
        f'viewBox="{-_EDGE} {-_EDGE} {wide} {high}">{inside}'
    ]
    for index, wire in enumerate(circuit.wires):
        lines.append(_wire(index, circuit, made[wire.target], placed, courses.get(index), prefix))
    for index, (node, block, (x, y)) in enumerate(zip(circuit.nodes, made, placed.boxes)):
        tip = f"<title>{_escaped(told(circuit, index, look))}</title>" if tips else ""
        lines.append(
            f'<g id="{prefix}n{index}" class="node {node.kind}" transform="translate({_number(x)} {_number(y)})">'
            f"{tip}{_node(node, block, prefix, circuit.entering(index))}</g>"
        )
    return "\n".join([*lines, "</svg>"])


def _tagged(circuit: Wiring) -> set[int]:
    """Return the inputs whose wires would run through a large circuit: each use is marked with the name instead."""
    if sum(node.kind == GATE for node in circuit.nodes) <= _FEW:
        return set()
    count = len(circuit.nodes)
    early, late = [0] * count, [0] * count  # columns from the inputs, and from the output
    for wire in circuit.wires:  # in the order of evaluation
        early[wire.target] = max(early[wire.target], early[wire.source] + 1)
    for wire in reversed(circuit.wires):
        late[wire.source] = max(late[wire.source], late[wire.target] + 1)
    uses: dict[int, list[int]] = {}
    for wire in circuit.wires:
        uses.setdefault(wire.source, []).append(wire.target)

    def far(targets: list[int], column: list[int]) -> bool:
        return max(column[t] for t in targets) - min(column[t] for t in targets) > _FAR

    def reaches(targets: list[int]) -> bool:
        return (count > _MANY and len(targets) >= _USES) or far(targets, early) or far(targets, late)

    return {node for node in circuit.forks() if circuit.nodes[node].kind != GATE and reaches(uses[node])}


# ---- pieces -------------------------------------------------------------------------------------------------


def _wire(index: int, circuit: Wiring, target: Block, placed: Placed, course: list[Point] | None, prefix: str) -> str:
    wire = circuit.wires[index]
    source = circuit.nodes[wire.source]
    x, y = placed.boxes[wire.target]
    if course is None:
        course = [(x + target.stub.tags[wire.position].x + 4, y + target.box.lanes[wire.position])]
    start, *rest = (f"{_number(x)} {_number(y)}" for x, y in course)
    still = wire.step is None and source.upstream is not None and circuit.nodes[wire.target].sign != ""
    kind = "wire" + (" array" if source.shape else "") + (" still" if still else "")
    return (
        f'<path id="{prefix}w{index}" class="{kind}" data-from="{prefix}n{wire.source}" data-to="{prefix}n{wire.target}" '
        f'd="M{start}{"C" if rest else ""}{" ".join(rest)}H{_number(x + target.entry(wire.position))}"/>'
    )


def _node(node: Node, block: Block, prefix: str, wires: range) -> str:
    begin, end = _number(block.begin), _number(block.end)
    parts = [f'<path class="{"stem array" if node.shape else "stem"}" d="M{begin} 0H{end}"/>']
    if block.slash is not None:
        parts.append(f'<path class="slash" d="M{_number(block.slash - 2.5)} 5l5 -10"/>')
    if block.stem.fork:
        parts.append(f'<circle class="fork" cx="{end}" r="{_number(_DOT)}"/>')
    if block.head:
        parts.append(_head(block.head.x, block.head.half_width, block.head.half_height))
    parts += [_text(text) for text in [*block.texts, *block.stub.tags.values()]]
    parts += [_numbers("value", block.stem.value), _numbers("gradient", block.stem.gradient)]
    parts += [_text(text, f' data-wire="{prefix}w{wires[at]}"') for at, text in block.stub.contributions.items()]
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


def _spoken(report: Report, look: Look) -> str:
    """Return the title of a picture and what it shows, in words."""
    reading = f"{report.output} = {report.reading}" if report.reading else report.output
    told = [look.words("Circuit: inputs at the left, output at the right; above each wire its value, below it the gradient.")]
    rows = [(row.name, row.value) for row in report.forward if row.kind != CONSTANT]
    told += [f"{name} = {text};" for name, value in rows for text in whole(value, look)]
    told += [
        f"∂{report.output}/∂{p.name} = {text};" for p in report.partials.values()
        for text in whole(p.value, look) or [p.pretty] if text
    ]  # fmt: skip
    paper = f'<rect class="paper" x="-{_EDGE}" y="-{_EDGE}" width="100%" height="100%"/>'
    return f"<title>{_escaped(reading)}</title><desc>{_escaped(' '.join(told))}</desc>{paper}"


def _escaped(text: str) -> str:
    """Return text for XML and HTML alike, without a character that either has no place for."""
    clean = "\n".join(map(safe, text.split("\n")))
    return clean.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;").replace("'", "&#39;")


def _number(value: float) -> str:
    """Return a coordinate: two decimals at most, and no minus before 0."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
