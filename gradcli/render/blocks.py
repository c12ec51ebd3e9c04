"""Node → the block that stands for it in a picture: its circle, its texts and its piece of wire, measured.

    west                                         east
      │  lane ──╮ ╭──────╮   value                │
      │         ╰─┤ sign ├───────────────●  wires leave here
      │  lane ────┤      │   gradient             │

All texts of a block stand inside it, over or under its own pieces of wire, and the wires between blocks run around
them: so no text can meet a wire. Coordinates are those of the block: its west end is 0, its axis is 0, y points down.
"""

from __future__ import annotations

import re
from math import ceil, hypot, sqrt
from typing import NamedTuple

from gradcli.errors import safe
from gradcli.nested import Nested
from gradcli.notation.text import SUPERSCRIPT
from gradcli.render.forms import Look
from gradcli.render.layout import Box
from gradcli.render.typeface import OBLIQUE, UPRIGHT, face
from gradcli.render.wiring import CONSTANT, GATE, Node, Wire, Wiring

# What a text is, how large it is written, and in which face: gradients are oblique, so that colour is not all that tells them.
STYLES = {
    "value": (13.0, UPRIGHT), "gradient": (13.0, OBLIQUE), "contribution": (10.5, OBLIQUE), "name": (14.0, UPRIGHT),
    "label": (11.0, UPRIGHT), "sign": (17.0, UPRIGHT), "word": (13.0, UPRIGHT), "shape": (10.5, UPRIGHT), "number": (12.0, UPRIGHT),
}  # fmt: skip
RADIUS = 17.0
DOT = 3.0  # radius of the dot at a fork
_STUB, _STEM, _GAP, _CLEAR = 14, 44, 7.0, 2.0
_USUAL = 76  # stems are as long as the longest of those up to here: so circles stand under one another
_LANE, _WIDE_LANE, _MARGIN = 18, 12, 8.0  # between two lanes; between three or more without texts; beyond the outermost
_ROW, _COLUMN, _BRACKET = 16.0, 10.0, 4.0
_WIDEST, _MOST_ROWS, _MOST_COLUMNS = 270.0, 5, 6  # an array that is written out


class Text(NamedTuple):
    """A line of text of a style: where it begins, has its middle, or ends, and its baseline."""

    style: str
    x: float
    y: float
    text: str
    anchor: str = "middle"


class Numbers(NamedTuple):
    """A value or a gradient: its lines of text and the brackets around them, over or under the stem."""

    texts: list[Text]
    brackets: list[tuple[float, float, float, int]]  # x, top, bottom, which way its ends point
    width: float
    height: float


class Head(NamedTuple):
    """The circle of a gate; longer than a circle where its sign or its lanes ask for it."""

    x: float
    half_width: float
    half_height: float

    def west(self, y: float) -> float:
        """Return where a lane meets it."""
        into = max(0.0, abs(y) - (self.half_height - RADIUS))
        return self.x - self.half_width + RADIUS - sqrt(RADIUS**2 - into**2)


class Block(NamedTuple):
    """What stands for a node. The stem runs along the axis, to the east end; ``slash`` is where it is struck through."""

    box: Box
    head: Head | None
    stem: tuple[float, float]
    texts: list[Text]
    value: Numbers
    gradient: Numbers
    slash: float | None
    contributions: dict[int, Text]  # by place
    fork: bool

    def entry(self, place: int) -> float:
        """Return where a wire into this place ends."""
        return self.head.west(self.box.lanes[place]) if self.head else self.stem[0]


def width(text: str, style: str) -> float:
    """Return how wide a text of a style is."""
    size, file = STYLES[style]
    return face(file).width(text, size)


def height(style: str) -> float:
    """Return how high a line of a style is, with its descenders."""
    size, file = STYLES[style]
    return (face(file).ascent + face(file).descent) * size


def under(style: str, top: float) -> float:
    """Return the baseline of a text whose upper edge is at top."""
    size, file = STYLES[style]
    return top + face(file).ascent * size


# ---- numbers ------------------------------------------------------------------------------------------------


def number(value: float, look: Look) -> str:
    """Return a number with the sign of the mathematicians."""
    text = look.numbers.number(value)
    return "−" + text[1:] if text.startswith("-") else text


def set_of(value: Nested) -> str:
    """Return the set an array is from, ℝ²ˣ³: what is written where the array itself is too large."""
    sizes = []
    while isinstance(value, list):
        sizes.append(str(len(value)).translate(SUPERSCRIPT))
        value = value[0] if value else None
    return "ℝ" + "ˣ".join(sizes)


def _rows(value: Nested, look: Look) -> list[list[str]]:
    """Return an array as rows of cells: a vector as one line; what would be too large as the set it is from."""
    if not isinstance(value, list):
        return [[number(value, look)]]
    if value and not isinstance(value[0], list):
        line = "[" + ", ".join(number(entry, look) for entry in value) + "]"
        return [[line if len(value) <= _MOST_COLUMNS else set_of(value)]]
    if not value or isinstance(value[0][0], list) or len(value) > _MOST_ROWS or len(value[0]) > _MOST_COLUMNS:
        return [[set_of(value)]]
    return [[number(entry, look) for entry in row] for row in value]


_NONE = Numbers([], [], 0.0, 0.0)


def _numbers(style: str, value: Nested, formula: str, instead: str, look: Look) -> Numbers:
    """Return a value or, without one, its formula; where that is too long, what stands for it."""
    rows = [[safe(formula)]] if value is None else _rows(value, look)
    if not rows[0][0]:
        return _NONE
    if len(rows[0]) == 1 and width(rows[0][0], style) > _WIDEST and (value is None or isinstance(value, list)):
        rows = [[instead if value is None else set_of(value)]]
    if len(rows) == 1 and len(rows[0]) == 1:
        return Numbers([Text(style, 0.0, 0.0, rows[0][0])], [], width(rows[0][0], style), height(style))
    widths = [max(width(cell, style) for cell in column) for column in zip(*rows)]
    inside = sum(widths) + _COLUMN * (len(widths) - 1)
    if inside > _WIDEST:
        return _numbers(style, None, set_of(value), "", look)
    total, tall = inside + 2 * (_BRACKET + 2), len(rows) * _ROW + 2
    texts, right = list[Text](), -inside / 2 - _COLUMN
    for index, wide in enumerate(widths):
        right += _COLUMN + wide
        texts += [Text(style, right, row * _ROW, cells[index], "end") for row, cells in enumerate(rows)]
    return Numbers(texts, [(-total / 2, 0.0, tall, 1), (total / 2, 0.0, tall, -1)], total, tall)


def _at(block: Numbers, style: str, x: float, top: float) -> Numbers:
    """Return a value moved to its place: its middle, and its upper edge."""
    shift = top + (1 if block.brackets else 0) + (_ROW - height(style) if block.brackets else 0) / 2
    texts = [text._replace(x=x + text.x, y=under(style, shift + text.y)) for text in block.texts]
    return block._replace(texts=texts, brackets=[(x + at, top + a, top + b, way) for at, a, b, way in block.brackets])


# ---- blocks -------------------------------------------------------------------------------------------------


def sign(text: str) -> str:
    """Return the sign of a gate as a book prints it: x², ×(−1)."""
    power = re.fullmatch(r"(.*)\^\(?(-?\d+)\)?", text)
    return power[1] + power[2].translate(SUPERSCRIPT) if power else text.replace("-", "−")


def blocks(circuit: Wiring, look: Look) -> list[Block]:
    """Return the block of each node of a circuit."""
    output, forks = circuit.nodes[-1].name, circuit.forks()
    wires: dict[int, list[Wire]] = {}
    for wire in circuit.wires:
        wires.setdefault(wire.target, []).append(wire)
    drawn = []
    for node in circuit.nodes:
        value = _numbers("value", node.value, node.formula, node.name, look) if node.kind != CONSTANT else _NONE
        gradient = _numbers("gradient", node.upstream, node.upstream_formula, f"∂{output}/∂{node.name}", look)
        drawn.append((value, gradient))
    wanted = [max(value.width, gradient.width) + 2 * _GAP for value, gradient in drawn]
    usual = max((wide for wide in wanted if wide <= _USUAL), default=_STEM)
    names = max((width(safe(node.name), "name") for node in circuit.nodes if node.kind not in (GATE, CONSTANT)), default=0)
    made = []
    for index, node in enumerate(circuit.nodes):
        stem = max(_STEM, usual, wanted[index])
        fork = index in forks
        if node.kind == GATE:
            made.append(_gate(node, *drawn[index], wires.get(index, []), stem, fork, index == len(circuit.nodes) - 1, look, forks))
        else:
            made.append(_leaf(node, *drawn[index], names, stem, fork))
    return made


def _leaf(node: Node, value: Numbers, gradient: Numbers, names: float, stem: float, fork: bool) -> Block:
    """Return an input: its name, then its wire; or a constant, whose name is its number."""
    constant = node.kind == CONSTANT
    style, text = ("number", safe(node.name).replace("-", "−")) if constant else ("name", safe(node.name))
    start = ceil(width(text, style) if constant else names) + 2
    texts = [Text(style, start, _middle(style), text, "end")]
    return _finished([], texts, None, start + 5, value, gradient, start + 5, 12 if constant else stem, node, fork, {}, "")


def _gate(
    node: Node, value: Numbers, gradient: Numbers, wires: list[Wire], stem: float, fork: bool, last: bool, look: Look, forks: set[int]
) -> Block:  # fmt: skip
    contributions = {}
    for wire in wires:
        if wire.source in forks and wire.step is not None:
            found = _numbers("contribution", wire.step.contribution, wire.step.contribution_pretty, "", look)
            if len(found.texts) == 1:
                contributions[wire.position] = found.texts[0]
    pitch = _LANE if contributions or len(wires) < 3 else _WIDE_LANE
    lanes = [round(pitch * (2 * place - len(wires) + 1) / 2) for place in range(len(wires))]
    text = sign(safe(node.sign)) or "="
    style = "sign" if len(text) == 1 else "word"
    wide, tall = width(text, style), height(style)
    round_ = hypot(wide, tall) / 2 <= RADIUS
    half_width = RADIUS if round_ else wide / 2 + _MARGIN
    half_height = max(RADIUS, lanes[-1] + _MARGIN) if lanes else RADIUS
    label = "" if last else safe(node.name)
    stub = max([_STUB, *(width(c.text, "contribution") + _GAP + 2 for c in contributions.values())])
    column = max(2 * half_width, width(label, "label"))
    head = Head(stub + column / 2, half_width, half_height)
    texts = [Text(style, head.x, _middle(style), text)]
    if label:
        texts.append(Text("label", head.x, under("label", -half_height - 1 - height("label")), label))
    placed = {
        place: c._replace(x=(stub - 2) / 2, y=under("contribution", lanes[place] + 1.5)) for place, c in contributions.items()
    }  # fmt: skip
    return _finished(
        lanes, texts, head, head.x + half_width, value, gradient, stub + column, stem, node, fork, placed, safe(node.name) if last else ""
    )


def _finished(
    lanes: list[int], texts: list[Text], head: Head | None, begin: float, value: Numbers, gradient: Numbers, left: float, stem: float,
    node: Node, fork: bool, contributions: dict[int, Text], name: str,
) -> Block:  # fmt: skip
    """Return a block: value and gradient at the stem, the slash of an array, the name of the output, and the size of it all."""
    middle, end, slash = left + stem / 2, left + stem, None
    clear = _CLEAR + 1.5 if node.shape else _CLEAR  # the wire of an array is thicker
    value = _at(value, "value", middle, -clear - value.height)
    gradient = _at(gradient, "gradient", middle, clear)
    if node.shape:
        shape = "×".join(map(str, node.shape))
        slash = end + 4
        texts.append(Text("shape", end + 8, under("shape", -_CLEAR - 1 - height("shape")), shape, "start"))
        end += 10 + width(shape, "shape")
    stop = end
    if name:
        texts.append(Text("name", end + 6, _middle("name"), name, "start"))
    right = _even(end + (8 + width(name, "name") if name else 0))
    tops = [value.height + clear, *(_top(text) for text in texts), (head.half_height if head else 0) + 2, -min(lanes, default=0) + 4]
    bottoms = [gradient.height + clear, (head.half_height if head else 0) + 2, max(lanes, default=0) + 4]
    bottoms += [text.y + 3 for text in contributions.values()] + [text.y + 4 for text in texts]
    box = Box(right, _even(max(tops) + 1), _even(max(bottoms) + 1), tuple(lanes))
    return Block(box, head, (begin, stop if name else right), texts, value, gradient, slash, contributions, fork)


def _top(text: Text) -> float:
    size, file = STYLES[text.style]
    return face(file).ascent * size - text.y


def _even(size: float) -> int:
    """Return a size no smaller whose half is whole: so every coordinate is."""
    return 2 * ceil(size / 2)


def _middle(style: str) -> float:
    """Return the baseline of a text whose capitals stand in the middle of the axis."""
    return round(0.36 * STYLES[style][0], 1)
