"""The circuit in the terminal (--graph): what is drawn is the circuit, at any width, in Unicode and in ASCII."""

import re
import time
from collections import Counter
from functools import cache

import pytest
from conftest import ROOT, run_here, run_there
from hypothesis import given
from hypothesis import strategies as st

import gradcli
from gradcli.errors import columns
from gradcli.notation import NOTHING
from gradcli.render.forms import Look, Part
from gradcli.render.glyphs import to_ascii
from gradcli.render.numbers import Format
from gradcli.render.terminal.canvas import Canvas
from gradcli.render.terminal.drawing import Downwards, Drawing
from gradcli.render.terminal.graph import render
from gradcli.render.terminal.inscriptions import Inscription, Inscriptions
from gradcli.render.terminal.score import Score
from gradcli.render.terminal.tree import tree
from gradcli.render.wiring import Node, Wire, Wiring, wiring
from gradcli.wording import language

NEURON = ("1/(1+e^{-(w0x0+w1x1+w2)})", {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3})


def graph(expression, values=None, *, width=80, ascii_only=False, color=False, **options):
    report = gradcli.grad(expression, values, **options)
    return render([Part(report)], Look(width=width, ascii_only=ascii_only, color=color))


# ---- reading a drawing: a tracer that knows wires, and nothing of how they were laid -----------------------------

LEFT, RIGHT, UP, DOWN = (0, -1), (0, 1), (-1, 0), (1, 0)
GLYPHS = {
    "─": {LEFT, RIGHT}, "│": {UP, DOWN}, "┐": {LEFT, DOWN}, "┘": {LEFT, UP}, "┌": {RIGHT, DOWN}, "└": {RIGHT, UP},
    "┬": {LEFT, RIGHT, DOWN}, "┴": {LEFT, RIGHT, UP}, "┤": {LEFT, UP, DOWN}, "├": {RIGHT, UP, DOWN},
}  # fmt: skip
VALUE = re.compile(r" [─-]+ \S+")
GATE = re.compile(r"\((?:\[ \]|[^\s()]+(?:\([^\s()]+\))?)\)")


class Picture:
    """The characters of a drawing, and the names that were found in it."""

    def __init__(self, lines, inputs, gates, downwards):
        self.cells = {(row, column): char for row, line in enumerate(lines) for column, char in enumerate(line) if char != " "}
        self.downwards = downwards
        self.enters: dict[tuple[int, int], str] = {}  # the cell where the wire into a gate arrives
        self.leaves: dict[str, tuple[int, int]] = {}  # the cell where the wire out of a node begins
        for row, line in enumerate(lines):
            for name in inputs:
                for found in re.finditer(rf"(?<![\w(]){name}(?![\w(])(?! =)", line):
                    middle = found.start() + len(name) // 2
                    self.leaves[name] = (row + 1, middle) if downwards else (row, VALUE.match(line, found.end()).end() + 1)
            for name in gates:
                for found in re.finditer(rf"(?<!\w){name} = (\S+)", line):
                    if downwards:
                        sign = next(gate for gate in GATE.finditer(lines[row - 1]) if gate.start() <= found.start() - 2 < gate.end())
                        self.enters[row - 1, sign.start() + len(sign[0]) // 2] = name
                        self.leaves[name] = (row, found.start() - 2)
                    else:
                        sign = [gate for gate in GATE.finditer(line) if gate.end() < found.start()][-1]
                        self.enters[row, sign.start()] = name
                        self.leaves[name] = (row, found.end() + 1)

    def ways(self, cell):
        """Return the sides where the wire in a cell goes on; in ASCII a corner is a +, and its neighbours tell."""
        char = self.cells[cell]
        if char in GLYPHS:
            return GLYPHS[char]
        if char == "-":
            return {LEFT, RIGHT}
        if char == "|":
            return {UP, DOWN}
        assert char in "+o●", f"no wire at {cell}: {char}"
        sides = {LEFT: "-+o", RIGHT: "-+o", UP: "|+o", DOWN: "|+o"} if char in "+o" else {
            side: "".join(glyph for glyph, ways in GLYPHS.items() if (-side[0], -side[1]) in ways) + "●" for side in (LEFT, RIGHT, UP, DOWN)
        }  # fmt: skip
        found = {side for side, chars in sides.items() if self.at(cell, side) not in self.enters and self.cells.get(self.at(cell, side), " ") in chars}
        return found | {side for side in (RIGHT, DOWN) if self.at(cell, side) in self.enters and side == (DOWN if self.downwards else RIGHT)}

    @staticmethod
    def at(cell, side):
        return cell[0] + side[0], cell[1] + side[1]

    def follow(self, name):
        """Return the gates that the wire out of a node arrives at, and where it came to their bars; it never runs back."""
        forwards, backwards = (DOWN, UP) if self.downwards else (RIGHT, LEFT)
        arrived, stack, dots = [], [(self.leaves[name], forwards, None)], set()
        while stack:
            cell, heading, came = stack.pop()
            if cell in self.enters and heading == forwards:
                arrived.append((self.enters[cell], came))
                continue
            if cell not in self.cells:
                assert cell == self.leaves[name], f"the wire out of {name} ends in nothing at {cell}"
                continue
            ways = self.ways(cell)
            dots |= {cell} if self.cells[cell] in "o●" else set()
            if ways == {UP, DOWN} and heading in (LEFT, RIGHT):  # crossed by an upright wire
                stack.append((self.at(cell, heading), heading, came))
                continue
            assert (-heading[0], -heading[1]) in ways, f"a wire of {name} runs against {self.cells[cell]} at {cell}"
            for side in ways - {(-heading[0], -heading[1]), backwards}:
                aside = cell[1] if self.downwards else cell[0]
                stack.append((self.at(cell, side), side, aside if heading == forwards and side != forwards else came))
        assert len(dots) == bool(dots) or len(arrived) > len(dots)
        assert bool(dots) == (len(arrived) > 1), f"{name} forks where there is a dot, and nowhere else"
        return arrived


def read_back(circuit, lines, downwards):
    """Compare the wires of a drawing with those of the circuit: none missing, none too many, in their order."""
    used = {wire.source for wire in circuit.wires}
    names = [node.name for node in circuit.nodes]
    picture = Picture(lines, [n.name for n in circuit.nodes if n.kind != "gate"], [n.name for n in circuit.nodes if n.kind == "gate"], downwards)
    assert set(picture.leaves) == set(names), "every node is drawn"
    found = {name: picture.follow(name) for index, name in enumerate(names) if index in used}
    drawn = Counter((source, target) for source, arrived in found.items() for target, _ in arrived)
    assert drawn == Counter((names[wire.source], names[wire.target]) for wire in circuit.wires)
    for index, node in enumerate(circuit.nodes):
        if node.sign not in ("+", "×"):
            into = [names[w.source] for w in sorted(circuit.wires, key=lambda w: w.position) if w.target == index]
            came = sorted((where, source) for source, arrived in found.items() for target, where in arrived if target == node.name)
            if len(into) > 1:
                assert [source for _, source in came] == into, f"the wires into {node.name} stand in their order"


def drawings(circuit, *, late=False):
    """Yield the drawings of a circuit in both directions and both alphabets, every gate with its name."""
    for ascii_only in (False, True):
        clean = to_ascii if ascii_only else str
        texts = [
            Inscription(node.name if node.kind != "gate" else clean(f"({node.sign or '='})"), node.name if node.kind == "gate" else "",
                        Format(3).number(node.value), "" if node.upstream is None else Format(3).number(node.upstream))
            for node in circuit.nodes
        ]  # fmt: skip
        for kind in (Drawing, Downwards):
            canvas = Canvas(ascii_only, False)
            drawing = kind(Score(circuit, late), texts)
            drawing.draw(canvas)
            assert max(map(columns, canvas.lines())) <= drawing.width
            yield circuit, canvas.lines(), kind is Downwards


@st.composite
def circuits(draw):
    """Any circuit at all: inputs, and gates of no wires to four from wherever before them, the same ones too."""
    numbers = st.sampled_from([0.0, 3.0, -4.0, 0.125, -12.75])
    nodes = [Node("input", f"x{n}", "", draw(numbers), NOTHING, draw(st.none() | numbers), NOTHING, ()) for n in range(draw(st.integers(1, 4)))]
    wires = []
    for number in range(draw(st.integers(1, 14))):
        sources = draw(st.lists(st.integers(max(0, len(nodes) - 7), len(nodes) - 1), max_size=4))
        sign = draw(st.sampled_from(["exp", "1/x"] if len(sources) == 1 else ["+", "×", "−", "÷", "where"]))
        wires += [Wire(source, len(nodes), position, None) for position, source in enumerate(sources)]
        nodes.append(Node("gate", f"g{number}", sign, draw(numbers), NOTHING, draw(st.none() | numbers), NOTHING, ()))
    return Wiring(nodes, wires)


@given(circuits(), st.booleans())
def test_the_wires_of_a_drawing_are_those_of_the_circuit(circuit, late):
    for drawing in drawings(circuit, late=late):
        read_back(*drawing)


EXPRESSIONS = [
    ("(x+y)z", {"x": -2, "y": 5, "z": -4}),
    (*NEURON,),
    ("x*x + sin(x)", {"x": 2}),
    ("x - y - 3/x^y^2", {"x": 1, "y": 2}),
    ("where(x > 0, x, -y) + max(x, y, 3)", {"x": 1, "y": 2}),
    ("q = x + y; f = q z", {"x": 1, "y": 2, "z": 3}),
    ("x", {"x": 3}),
    ("f(x, y) = x", {"x": 1, "y": 2}),
    ("a b + b c + c d + d a + a c + b d", {"a": 1, "b": 2, "c": 3, "d": 4}),
]


@pytest.mark.parametrize("gates", ["folded", "primitive", "fused"])
@pytest.mark.parametrize(("expression", "values"), EXPRESSIONS)
def test_the_wires_of_expressions(expression, values, gates):
    circuit = wiring(gradcli.grad(expression, values, gates=gates))
    named = Wiring(
        [node._replace(name=node.name if node.kind == "gate" else f"x{index}", value=float(index), upstream=None)
         for index, node in enumerate(circuit.nodes)],
        circuit.wires,
    )  # fmt: skip
    for drawing in drawings(named):
        read_back(*drawing)


def test_the_tracer_sees_a_wire_that_is_not_there():
    circuit, lines, downwards = next(drawings(wiring(gradcli.grad("(x0+x1)x2", {"x0": 1, "x1": 2, "x2": 3}))))
    read_back(circuit, lines, downwards)
    for missing in ("┐", "┘", "├"):
        with pytest.raises(AssertionError):
            read_back(circuit, [line.replace(missing, "─", 1) if missing in line else line for line in lines], downwards)


# ---- what stands at the wires ------------------------------------------------------------------------------------


def numbers_in(text):
    return set(re.findall(r"-?(?:\d+(?:\.\d+)?(?:e-?\d+)?|inf|∞)", text))


@pytest.mark.parametrize("width", [None, 100, 80, 40, 20])
@pytest.mark.parametrize(
    ("expression", "values"),
    [*EXPRESSIONS, ("W x + theta", {"W": [[1, 2], [3, 4]], "x": [5, 6], "theta": [7, 8]}),
     ("sum((W@x+b)^2)", {"W": [[1, 2, 9], [3, 4, 10]], "x": [5, 6, 11], "b": [7, 8]}), ("1/x", {"x": 1e-300})],
)  # fmt: skip
def test_every_value_and_gradient_is_there_and_nothing_is_wider_than_the_terminal(expression, values, width):
    report = gradcli.grad(expression, values)
    drawn = graph(expression, values, width=width)
    assert "…" not in drawn
    if width is not None:
        assert max(map(columns, drawn.splitlines())) <= width
    for node in wiring(report).nodes:
        shown = [] if node.value is None else Format().lines(node.value)
        partial = report.partials.get(node.name)
        gradient = partial.value if partial is not None else node.upstream
        shown += [] if gradient is None else Format().lines(gradient)
        assert numbers_in(" ".join(shown)) <= numbers_in(drawn), node.name


def test_a_large_array_stands_in_the_legend():
    drawn = graph("sum(W@x)", {"W": [[n + m / 8 for n in range(5)] for m in range(3)], "x": [1, 2, 3, 4, 5]})
    assert "W ── shape 3×5 ─" in drawn
    assert "x ── [1, 2, 3, 4, 5] ─" in drawn
    assert "W = [[    0,     1,     2,     3,     4],\n     [0.125," in drawn


def test_symbols_stand_where_there_are_no_numbers():
    drawn = graph("q = x + y; f = q z")
    assert "q = x + y" in drawn
    assert "f = q·z" in drawn


def test_a_gate_has_the_name_that_its_author_gave():
    assert "q = 3" in graph("q = x + y; f = q z", {"x": -2, "y": 5, "z": -4})
    assert "v1" not in graph("(x + y)z", {"x": -2, "y": 5, "z": -4})


def test_a_partial_that_does_not_exist_has_no_number():
    drawn = graph("floor(x)", {"x": 1})
    assert "undefined" in drawn
    assert "note: ∂f/∂x: f = ⌊x⌋ jumps at x = 1" in drawn


def test_colours_are_those_of_the_tables_and_take_no_room():
    plain = graph(*NEURON)
    colored = graph(*NEURON, color=True)
    assert "\x1b[32m0.731059\x1b[0m" in colored
    assert "\x1b[35m-0.534447\x1b[0m" in colored
    assert re.sub(r"\x1b\[\d*m", "", colored) == plain


def test_ascii_has_every_wire():
    drawn = graph(*NEURON, ascii_only=True)
    assert drawn.isascii()
    assert "(x(-1))" in drawn
    assert run_here("(x+y)θ", "x=-2", "y=5", "θ=-4", "--graph", encoding="ascii").out.isascii()


def test_the_same_bytes_every_time():
    assert run_there("(x+y)z + x y", "x=-2", "y=5", "z=-4", "--graph", env={"PYTHONHASHSEED": "1"}).stdout == \
        run_there("(x+y)z + x y", "x=-2", "y=5", "z=-4", "--graph", env={"PYTHONHASHSEED": "2"}).stdout  # fmt: skip


def test_hostile_words_are_inert(tmp_path):
    sheet = tmp_path / "a.grad"
    sheet.write_text("question \x1b[31m\u202ea\nf(x) = x^2\nat x = 3\nquestion b\nf(x) = x\nat x = 3\n", encoding="utf-8")
    for flags in (["--graph"], ["--graph", "--plain"]):
        ran = run_here(str(sheet), *flags)
        assert not set("\x1b\u202e") & set(ran.out + ran.err)


@pytest.mark.parametrize("language_name", ["en", "ru"])
def test_words_are_in_the_language_asked_for(language_name):
    drawn = render([Part(gradcli.grad("floor(x)", {"x": 1}))], Look(width=80, words=language(language_name)))
    assert ("не определено" in drawn) == (language_name == "ru")


# ---- the form that fits ------------------------------------------------------------------------------------------


def test_from_left_to_right_where_it_fits_else_from_top_to_bottom_else_a_tree():
    assert "w0 ── 2 ──" in graph(*NEURON, width=None)
    assert "└──────┬──────┘" in graph(*NEURON, width=80)
    assert "└─ v7 = 1.36788  (+1)\n   │  ∂f/∂v7 = -0.534447" in graph(*NEURON, width=40)


def nested(depth):
    text = "x"
    for index in range(depth):
        text = f"tanh({text} + a{index % 7})"
    return text, {"x": 0.5, **{f"a{n}": 0.1 * n for n in range(7)}}


def balanced(leaves):
    parts = [f"x{n}" for n in range(leaves)]
    values = {name: 0.01 * index for index, name in enumerate(parts)}
    while len(parts) > 1:
        parts = [f"tanh({a} + {b})" for a, b in zip(parts[::2], parts[1::2])] + (parts[-1:] if len(parts) % 2 else [])
    return parts[0], values


def test_a_tree_names_again_what_it_has_shown_and_what_lies_too_deep():
    tree = graph(*nested(30))
    assert "─ → a2 above" in tree
    assert re.search(r"─ → (v\d+) below", tree)[1] in re.findall(r"^v\d+", tree, re.M)


@given(circuits(), st.sampled_from([24, 30, 60]))
def test_the_branches_of_a_tree_are_those_of_the_circuit(circuit, width):
    names = [node.name for node in circuit.nodes]
    report = gradcli.grad("x", {"x": 1})
    lines = tree(circuit, Inscriptions(report, circuit, Look(3)), Look(3, width=width))
    found, above = Counter(), []
    for line in lines:
        indent = re.match(r"(?:│  |   |├─ |└─ )*", line)[0]
        name = re.match(r"(?:→ )?([gx]\d+)( |$)", line[len(indent):])
        if name and (not indent or indent[-2] == "─"):  # not the second line of a node
            above = [*above[: len(indent) // 3], name[1]]
            found.update([(above[-1], above[-2])] if len(above) > 1 else [])
    assert found == Counter((names[wire.source], names[wire.target]) for wire in circuit.wires)


LARGE = {"deep": nested(30), "deeper": nested(250), "wide": balanced(32), "wider": balanced(250)}


@cache
def large(name):
    return gradcli.grad(*LARGE[name])


@pytest.mark.parametrize("name", LARGE)
@pytest.mark.parametrize("width", [80, None])
def test_many_gates_are_drawn_at_once(name, width):
    report = large(name)
    start = time.perf_counter()
    drawn = render([Part(report)], Look(width=width))
    assert time.perf_counter() - start < 6  # about 1 s on an idle machine
    assert width is None or max(map(columns, drawn.splitlines())) <= width
    for node in wiring(report).nodes:
        assert Format().number(node.value) in drawn
        assert Format().number(node.upstream) in drawn


def test_a_worksheet_has_headings():
    drawn = run_here(str(ROOT / "samples" / "10-a-homework-sheet.grad"), "--graph").out
    assert "Question 1" in drawn
