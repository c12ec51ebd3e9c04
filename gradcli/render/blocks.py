"""Node → the block that stands for it in a picture: its circle, its texts and its piece of wire, measured.

    west                                         east
      │  lane ──╮ ╭──────╮   value                │
      │         ╰─┤ sign ├───────────────●  wires leave here
      │  lane ────┤      │   gradient             │

All texts of a block stand inside it, over or under its own pieces of wire, and the wires between blocks run around
them: so no text can meet a wire. Coordinates are those of the block: its west end is 0, its axis is 0, y points down.
"""

from __future__ import annotations

from collections.abc import Collection
from math import ceil, hypot, sqrt
from typing import NamedTuple

from gradcli.errors import safe
from gradcli.render.forms import Look
from gradcli.render.layout import Box
from gradcli.render.legends import sign, typeset
from gradcli.render.lettering import NONE, Numbers, Text, height, middle, numbers, put, top, under, width
from gradcli.render.wiring import CONSTANT, GATE, INPUT, Node, Wiring
from gradcli.shapes import Shape

RADIUS = 17.0
_STUB, _STEM, _GAP, _CLEAR = 14.0, 44.0, 7.0, 2.0
_USUAL = 116.0  # stems, and stubs, are as long as the longest of those up to here: so circles stand under one another
_LANE, _CLOSE_LANE, _MARGIN = 18, 12, 8.0  # between two lanes; between three or more without texts; beyond the outermost


class Head(NamedTuple):
    """The circle of a gate; longer than a circle where its sign or its lanes ask for it."""

    x: float
    half_width: float
    half_height: float

    def west(self, y: float) -> float:
        """Return where a lane meets it."""
        into = max(0.0, abs(y) - (self.half_height - RADIUS))
        return self.x - self.half_width + RADIUS - sqrt(RADIUS**2 - into**2)


class Stub(NamedTuple):
    """The west side of a gate: a lane for each wire that enters, in the order of the arguments.

    ``contributions`` flow back along branches of forks. A lane with a tag begins there, at the name of an input whose wire
    is not drawn; ``tagged`` is the room for those names.
    """

    lanes: list[int]
    contributions: dict[int, Text]
    tags: dict[int, Text]
    tagged: float
    width: float


class Stem(NamedTuple):
    """The east side of a node: the wire that leaves it, with the value above and the gradient below."""

    value: Numbers
    gradient: Numbers
    length: float
    shape: Shape
    fork: bool


class Block(NamedTuple):
    """What stands for a node. The wire of the stem runs along the axis ``begin`` to ``end``; ``slash`` is where it is struck through."""

    box: Box
    head: Head | None
    texts: list[Text]
    stub: Stub
    stem: Stem
    begin: float
    end: float
    slash: float | None

    def entry(self, place: int) -> float:
        """Return where a wire into this place ends."""
        return self.head.west(self.box.lanes[place]) if self.head else self.begin


def blocks(circuit: Wiring, look: Look, tagged: Collection[int] = ()) -> list[Block]:
    """Return the block of each node of a circuit; the wires from those tagged begin in the block they lead to, with the name."""
    stems, stubs = _stems(circuit, look), _stubs(circuit, look, tagged)
    names = max((width(safe(node.name), "name") for node in circuit.nodes if node.kind == INPUT), default=0.0)
    last = len(circuit.nodes) - 1
    made = [
        _gate(node, stub, stem, index == last) if node.kind == GATE else _leaf(node, stem, names)
        for index, (node, stub, stem) in enumerate(zip(circuit.nodes, stubs, stems))
    ]
    return _aligned(made, circuit)


def _stems(circuit: Wiring, look: Look) -> list[Stem]:
    forks, output, stems = circuit.forks(), circuit.nodes[-1].name, []
    for index, node in enumerate(circuit.nodes):
        value = numbers("value", node.value, node.formula, node.name, look) if node.kind != CONSTANT else NONE
        gradient = numbers("gradient", node.upstream, node.upstream_formula, f"∂{output}/∂{node.name}", look)
        wanted = max(_STEM, max(value.width, gradient.width) + 2 * _GAP)
        stems.append(Stem(value, gradient, wanted, node.shape, index in forks))
    usual = _usual([stem.length for stem in stems])
    return [stem._replace(length=max(usual, stem.length)) for stem in stems]


def _stubs(circuit: Wiring, look: Look, tagged: Collection[int]) -> list[Stub]:
    forks, stubs = circuit.forks(), []
    for index in range(len(circuit.nodes)):
        wires = [circuit.wires[at] for at in circuit.entering(index)]
        found = {
            wire.position: numbers("contribution", wire.step.contribution, wire.step.contribution_pretty, "", look)
            for wire in wires if wire.source in forks and wire.step is not None
        }  # fmt: skip
        lines = {place: block.texts[0] for place, block in found.items() if len(block.texts) == 1 and block.texts[0].text}
        pitch = _LANE if lines or len(wires) < 3 else _CLOSE_LANE
        lanes = [round(pitch * (2 * place - len(wires) + 1) / 2) for place in range(len(wires))]
        names = {wire.position: safe(circuit.nodes[wire.source].name) for wire in wires if wire.source in tagged}
        room = max((width(name, "label") + 6 for name in names.values()), default=0.0)
        tags = {place: Text("label", room - 4, lanes[place] + 4, name, "end") for place, name in names.items()}
        wanted = max((width(text.text, "contribution") + _GAP + 2 for text in lines.values()), default=_STUB)
        stubs.append(Stub(lanes, lines, tags, room, room + max(_STUB, wanted)))
    usual = _usual([stub.width for stub in stubs if stub.contributions])
    stubs = [stub._replace(width=max(usual, stub.width)) if stub.contributions else stub for stub in stubs]
    return [stub._replace(contributions=_under_lanes(stub)) for stub in stubs]


def _under_lanes(stub: Stub) -> dict[int, Text]:
    """Return the contributions, each under its lane and next to its gate."""
    return {
        place: text._replace(x=stub.width - 4, y=under("contribution", stub.lanes[place] + 1.5), anchor="end")
        for place, text in stub.contributions.items()
    }


def _usual(lengths: list[float]) -> float:
    return max((length for length in lengths if length <= _USUAL), default=0.0)


def _leaf(node: Node, stem: Stem, names: float) -> Block:
    """Return an input: its name, then its wire; or a constant, whose name is its number."""
    constant = node.kind == CONSTANT
    style, text = ("number", typeset(node.name)) if constant else ("name", safe(node.name))
    start = ceil(width(text, style) if constant else names) + 2.0
    stem = stem._replace(length=12.0) if constant else stem
    return _block([Text(style, start, middle(style), text, "end")], None, Stub([], {}, {}, 0.0, start + 5), stem, start + 5)


def _gate(node: Node, stub: Stub, stem: Stem, last: bool) -> Block:
    """Return a gate: its circle with the sign in it, its name above, and its wire; the name of the output stands at the end."""
    text, name = sign(node), safe(node.name)
    style = "sign" if len(text) == 1 else "word"
    wide = width(text, style)
    half_width = RADIUS if hypot(wide, height(style)) / 2 <= RADIUS else wide / 2 + _MARGIN
    half_height = max(RADIUS, max(stub.lanes, default=0) + _MARGIN)
    column = max(2 * half_width, 0.0 if last else width(name, "label"))
    head = Head(stub.width + column / 2, half_width, half_height)
    texts = [Text(style, head.x, middle(style), text)]
    if not last:
        texts.append(Text("label", head.x, under("label", -half_height - 1 - height("label")), name))
    return _block(texts, head, stub, stem, stub.width + column, name if last else "")


def _block(texts: list[Text], head: Head | None, stub: Stub, stem: Stem, west: float, name: str = "") -> Block:
    """Return a block: its stem from west on, the slash of an array, a name at the end, and the size of it all."""
    end, slash = west + stem.length, None
    clear = _CLEAR + 1.5 if stem.shape else _CLEAR  # the wire of an array is thicker
    value = put(stem.value, "value", west + stem.length / 2, -clear - stem.value.height)
    gradient = put(stem.gradient, "gradient", west + stem.length / 2, clear)
    if stem.shape:
        shape = "×".join(map(str, stem.shape))
        texts.append(Text("shape", end + 8, under("shape", -_CLEAR - 1 - height("shape")), shape, "start"))
        slash = end + 4
        end += 10 + width(shape, "shape")
    right = _even(end + (8 + width(name, "name") if name else 0))
    if name:
        texts.append(Text("name", end + 6, middle("name"), name, "start"))
    reach = head.half_height if head else 0.0
    above = max(value.height + clear, reach, *map(top, texts)) + 1
    below = max(gradient.height + clear, reach, *(text.y + 4 for text in [*texts, *stub.contributions.values()])) + 1
    box = Box(right, _even(above), _even(below), tuple(stub.lanes))
    begin = head.x + head.half_width if head else west
    return Block(box, head, texts, stub, stem._replace(value=value, gradient=gradient), begin, end if name else right, slash)


def _aligned(made: list[Block], circuit: Wiring) -> list[Block]:
    """Return the blocks with those of the inputs as wide as the widest: their names stand under one another."""
    inputs = [block.box.width for block, node in zip(made, circuit.nodes) if node.kind == INPUT]
    usual = max((wide for wide in inputs if wide < 2 * min(inputs)), default=0)
    return [
        block._replace(box=block.box._replace(width=usual), end=usual) if node.kind == INPUT and block.box.width < usual else block
        for block, node in zip(made, circuit.nodes)
    ]


def _even(size: float) -> int:
    """Return a size no smaller whose half is whole: so every coordinate is."""
    return 2 * ceil(size / 2)
