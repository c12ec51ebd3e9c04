"""The circuit as a picture: SVG, PNG, DOT and Mermaid, each read back by a reader of its kind."""

import json
import re
import struct
import subprocess
import zlib
from pathlib import Path
from xml.etree import ElementTree

import circuits
import pytest
from conftest import run_here, run_there

from gradcli.errors import GradError
from gradcli.render.forms import Look, Part, form
from gradcli.render.picture import layout, typeface
from gradcli.render.picture.legends import rows_of, set_of, sign, whole
from gradcli.render.picture.svg import drawing, style
from gradcli.render.wiring import GATE, wiring
from gradcli.report import Forward
from gradcli.wording import language

GOLDEN = Path(__file__).parent / "golden"
SVG = "{http://www.w3.org/2000/svg}"
SMALL = [name for name in circuits.CIRCUITS if not name.endswith("500")]
HOSTILE = ['<script>alert(1)</script>', "]]>", '"x" onload="y', "-->", "a\u202eb", "a\x1b[31m", "&amp;<b>", "\\N\\n", "end", "#quot;", "`x`", "x%%y", "名前"]  # fmt: skip


pytestmark = pytest.mark.usefixtures("wheels_graphviz")


def picture(name, look=None):
    return ElementTree.fromstring(circuits.drawn(name, "svg", look))


def group(root, number):
    return next(g for g in root.iter(f"{SVG}g") if g.get("id") == f"n{number}")


def texts(element, kind=None):
    return [t.text for t in element.iter(f"{SVG}text") if kind is None or t.get("class") == kind]


def points(path):
    return [float(number) for number in re.findall(r"-?[\d.]+", path)]


# ---- golden files -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["svg", "dot", "mermaid"])
@pytest.mark.parametrize("name", ["three", "layer", "forks"])
def test_golden(name, kind, update_golden):
    file, text = GOLDEN / f"circuit-{name}.{'mmd' if kind == 'mermaid' else kind}", circuits.drawn(name, kind)
    if update_golden:
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


# ---- SVG ----------------------------------------------------------------------------------------------------


def test_the_first_circuit():
    root = picture("three")
    assert [texts(group(root, n)) for n in range(5)] == [
        ["x", "−2", "−4"], ["y", "5", "−4"], ["z", "−4", "3"], ["+", "v1", "3", "−4"], ["×", "f", "−12", "1"],
    ]  # fmt: skip
    assert [t.text for t in group(root, 3).iter(f"{SVG}title")] == ["v1 = x + y = 3\n∂f/∂v1 = -4\n∂v1/∂x = 1\n∂v1/∂y = 1"]


@pytest.mark.parametrize("name", circuits.CIRCUITS)
def test_svg_is_inert_and_complete(name):
    text = circuits.drawn(name, "svg")
    root = ElementTree.fromstring(text)
    circuit = wiring(circuits.report(name))
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg", "title", "desc", "style", "rect", "path", "circle", "g", "text",
    }  # fmt: skip
    assert not [key for element in root.iter() for key in element.attrib if key.startswith("on") or "href" in key or key == "style"]
    assert "url(" not in text
    assert "@import" not in text
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert sorted(ids) == sorted([f"n{n}" for n in range(len(circuit.nodes))] + [f"w{n}" for n in range(len(circuit.wires))])
    assert "…" not in text


@pytest.mark.parametrize("name", circuits.CIRCUITS)
def test_values_stand_above_their_wire_and_gradients_below(name):
    for text in picture(name).iter(f"{SVG}text"):
        if text.get("class") in ("value", "gradient"):
            assert (float(text.get("y")) < 0) == (text.get("class") == "value")


@pytest.mark.parametrize("name", SMALL)
def test_inputs_are_left_of_what_they_enter(name):
    root = picture(name)
    at = {g.get("id"): points(g.get("transform"))[0] for g in root.iter(f"{SVG}g") if g.get("id")}
    for path in root.iter(f"{SVG}path"):
        if path.get("data-from"):
            assert at[path.get("data-from")] < at[path.get("data-to")]


def test_a_small_circuit_has_its_inputs_in_one_column():
    root = picture("neuron")
    assert len({points(group(root, n).get("transform"))[0] for n in range(5)}) == 1


def test_forks_are_seen_and_say_what_came_back_along_each_branch():
    root = picture("forks")
    assert len(list(group(root, 0).iter(f"{SVG}circle"))) == 1
    assert texts(root, "contribution") == ["1.23457", "1.23457", "0.32993"]
    assert [t.get("data-wire") for t in root.iter(f"{SVG}text") if t.get("class") == "contribution"] == ["w0", "w1", "w2"]


def test_arrays_are_written_out_while_they_are_small():
    assert rows_of([[1.0, -2.0], [3.0, 4.0]], Look()) == [["1", "−2"], ["3", "4"]]
    assert rows_of([1.0, 2.5], Look()) == [["[1, 2.5]"]]
    assert rows_of([0.0] * 50, Look()) == [["ℝ⁵⁰"]]
    assert set_of([[[0.0]] * 3] * 12) == "ℝ¹²ˣ³ˣ¹"
    large = picture("large")
    assert texts(group(large, 0), "shape") == ["7×6"]
    assert "4.28571]]" in next(group(large, 0).iter(f"{SVG}title")).text  # the last entry: all are there
    assert whole([[10.0, -2.0], [1.0, 3.0]], Look()) == ["[[10, -2], [1, 3]]"]
    assert whole([0.0] * 5000, Look()) == ["ℝ⁵⁰⁰⁰"]


def test_wires_of_arrays_say_their_shape():
    assert [texts(group(picture("layer"), n), "shape") for n in range(5)] == [["2×2"], ["2"], ["2"], ["2"], ["2"]]
    assert texts(picture("three"), "shape") == []


def test_without_a_point_formulas_stand_in_place_of_numbers():
    root = picture("symbols")
    assert [texts(group(root, n)) for n in range(5)] == [["x", "z"], ["y", "z"], ["z", "x + y"], ["+", "v1", "x + y", "z"], ["×", "f", "v1·z", "1"]]


def test_a_formula_too_long_for_a_wire_is_named_and_told_in_full():
    root = picture("neuron-symbols")
    assert texts(group(root, 0), "gradient") == ["∂f/∂w0"]
    assert "∂f/∂w0 = " in next(group(root, 0).iter(f"{SVG}title")).text


def test_gates_are_those_asked_for():
    assert [len(texts(picture(name), "word")) + len(texts(picture(name), "sign")) for name in ("neuron", "neuron-fused")] == [8, 5]


def test_signs_as_a_book_prints_them():
    node = wiring(circuits.report("three")).nodes[-1]
    signs = ["x^2", "x^(-3)", "x^0.5", "×(-1)", "-", "1-x", "sigmoid", ""]
    assert [sign(node._replace(sign=text)) for text in signs] == ["x²", "x⁻³", "x^0.5", "×(−1)", "−", "1−x", "sigmoid", "="]
    assert node.kind == GATE


def test_a_far_reaching_input_is_named_at_each_use():
    root = picture("recurrent-60")
    used = [texts(g, "label") for g in root.iter(f"{SVG}g") if g.get("class") == "node gate"]
    assert sum("a" in labels for labels in used) == 6
    assert len([p for p in root.iter(f"{SVG}path") if p.get("data-from")]) == len(wiring(circuits.report("recurrent-60")).wires)


def test_several_drawings_fit_one_page():
    circuit = wiring(circuits.report("three"))
    one, other = (ElementTree.fromstring(drawing(circuit, Look(), prefix=prefix)) for prefix in ("a-", "b-"))
    assert {e.get("id") for e in one.iter() if e.get("id")}.isdisjoint(e.get("id") for e in other.iter())
    assert not re.search(r"#[0-9a-f]{3}|rgb", drawing(circuit, Look()))


def test_style_with_the_colours_written_out_has_no_variables():
    assert "var(" not in style(color=0)
    assert "media" not in style(color=0)
    assert "prefers-color-scheme: dark" in style()


def test_the_description_is_in_the_language_asked_for():
    assert "Схема вычислений" in circuits.drawn("three", "svg", Look(words=language("ru")))


@pytest.mark.parametrize("name", ["three", "network-60"])
def test_the_same_bytes_every_time(name):
    assert [circuits.drawn(name, kind) == circuits.drawn(name, kind) for kind in ("svg", "dot", "mermaid")] == [True] * 3


# ---- PNG ----------------------------------------------------------------------------------------------------


def pixels(data):
    """Read a PNG by its specification: width, height, and the raw bytes of its lines, each with its filter."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, chunks = 8, []
    while at < len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        assert struct.unpack(">I", data[at + 8 + size : at + 12 + size])[0] == zlib.crc32(kind + body)
        chunks.append((kind, body))
        at += 12 + size
    assert chunks[-1][0] == b"IEND"
    width, height = struct.unpack(">II", chunks[0][1][:8])
    return width, height, zlib.decompress(b"".join(body for kind, body in chunks if kind == b"IDAT"))


def test_png_is_twice_the_picture_and_always_the_same():
    data, root = circuits.drawn("three", "png"), picture("three")
    width, height, raw = pixels(data)
    assert (width, height) == (2 * float(root.get("width")), 2 * float(root.get("height")))
    assert raw[1:5] == b"\xff\xff\xff\xff"  # white paper
    assert data == circuits.drawn("three", "png")


def test_png_has_letters_from_the_fonts_that_come_along():
    """Without a font resvg draws blanks and says nothing."""
    report = circuits.report("three")
    plain = len(set(pixels(circuits.drawn("three", "png"))[2]))
    renamed = _renamed(report, "x", "θ")
    assert pixels(form("png").render([Part(renamed)], Look()))[2] != pixels(circuits.drawn("three", "png"))[2]
    assert plain > 30


def test_a_character_the_font_lacks_is_spelt_out_in_png():
    japanese = form("png").render([Part(_renamed(circuits.report("three"), "x", "名"))], Look())
    spelt = form("png").render([Part(_renamed(circuits.report("three"), "x", "\\u540d"))], Look())
    assert japanese == spelt


def test_the_typeface_has_every_sign_that_is_written():
    written = "∂·⊙∘×÷−∞Σ√∛ᵀ⁻¹²³₁₂‖≤≥≠⌊⌋⌈⌉→ℝˣ⁰⁴⁵⁶⁷⁸⁹ᵢⱼαβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩабвгдежзийклмнопрстуфхцчшщъыьэюяёΑ"
    for file in typeface.FILES:
        assert typeface.face(file).lacks(written) == set()
    assert typeface.face().width("0.5", 10) == pytest.approx(10 * (2 * 1303 + 651) / 2048)
    assert typeface.face().width("名", 10) > typeface.face().width("W", 10)


# ---- DOT and Mermaid ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SMALL)
def test_graphviz_reads_the_dot_file_back(name):
    done = subprocess.run([layout.engine(), "-Tjson0"], input=circuits.drawn(name, "dot").encode(), capture_output=True, check=True)
    read, circuit = json.loads(done.stdout), wiring(circuits.report(name))
    assert [entry["name"] for entry in read["objects"]] == [f"n{n}" for n in range(len(circuit.nodes))]
    assert [(edge["tail"], edge["head"]) for edge in read["edges"]] == [(wire.source, wire.target) for wire in circuit.wires]


_NODE = re.compile(r'    n(\d+)(?:\(\["([^"]*)"\]\)|\("([^"]*)"\)|\["([^"]*)"\])')
_WIRE = re.compile(r'    n(\d+) -->(?:\|"([^"]*)"\|)? n(\d+)')


def flowchart(text):
    """Read a flowchart: its nodes and its wires. A label holds nothing but harmless characters, entities and <br/>."""
    first, *lines = text.splitlines()
    assert first == "flowchart LR"
    nodes, wires = [], []
    for line in lines:
        node, wire = _NODE.fullmatch(line), _WIRE.fullmatch(line)
        assert node or wire, line
        label = next(g for g in node.groups()[1:] if g is not None) if node else wire[2] or ""
        assert re.fullmatch(r"([A-Za-z0-9 .,=/:^]|[^\x00-\x7f]|#\d+;|<br/>)*", label), label
        read = re.sub(r"#(\d+);", lambda code: chr(int(code[1])), label).replace("<br/>", "\n")
        if node:
            nodes.append(read)
        else:
            wires.append((int(wire[1]), int(wire[3]), read))
    return nodes, wires


@pytest.mark.parametrize("name", circuits.CIRCUITS)
def test_the_flowchart_reads_back(name):
    circuit = wiring(circuits.report(name))
    nodes, wires = flowchart(circuits.drawn(name, "mermaid"))
    assert len(nodes) == len(circuit.nodes)
    assert [(a, b) for a, b, _ in wires] == [(wire.source, wire.target) for wire in circuit.wires]


def test_the_flowchart_of_the_first_circuit():
    nodes, _ = flowchart(circuits.drawn("three", "mermaid"))
    assert nodes[3:] == ["+\nv1 = 3\n∂f/∂v1 = −4", "×\nf = −12\n∂f/∂f = 1"]
    assert [label for _, _, label in flowchart(circuits.drawn("forks", "mermaid"))[1]] == ["1.23457", "1.23457", "0.32993", "", ""]


# ---- hostile text -------------------------------------------------------------------------------------------


def _renamed(report, old, new):
    """Return a copy of a report in which a variable has another name, whatever the grammar says of it."""
    from gradcli.report import Report

    copy = Report(report.source, report.output, report.shape, report.gates)
    for name in ("expression", "reading", "backward", "bindings", "partials", "notes", "value", "seed"):
        setattr(copy, name, getattr(report, name))

    def named(name):
        return new if name == old else name

    copy.forward = [
        Forward(r.kind, named(r.name), r.gate, r.formula, r.pretty, r.value, r.shape, list(map(named, r.inputs))) for r in report.forward
    ]
    return copy


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_hostile_name_is_only_text(name):
    part = Part(_renamed(circuits.report("three"), "x", name))
    text = form("svg").render([part], Look())
    root = ElementTree.fromstring(text)
    assert {e.tag.removeprefix(SVG) for e in root.iter()} == {"svg", "title", "desc", "style", "rect", "path", "circle", "g", "text"}
    assert not re.search("[\u202e\x1b]", text)
    assert len(texts(group(root, 0))) == 2  # no gradient: the steps are those of x
    nodes, _ = flowchart(form("mermaid").render([part], Look()))
    assert len(nodes) == 5
    dot = form("dot").render([part], Look())
    done = subprocess.run([layout.engine(), "-Tjson0"], input=dot.encode(), capture_output=True, check=True)
    read = json.loads(done.stdout)
    assert len(read["objects"]) == 5
    assert len(read["edges"]) == 4
    assert not re.search("[\u202e\x1b]", dot)
    form("png").render([part], Look())


# ---- the layout ---------------------------------------------------------------------------------------------


def test_the_layout_is_given_no_word_that_somebody_wrote(monkeypatch):
    asked = []
    run = layout._run
    monkeypatch.setattr(layout, "_run", lambda graph: asked.append(graph) or run(graph))
    form("svg").render([Part(_renamed(circuits.report("long-names"), "theta", "secret"))], Look())
    assert "theta" not in asked[0]
    assert "secret" not in asked[0]
    assert "alpha" not in asked[0]


def test_without_graphviz_there_is_a_hint(monkeypatch):
    monkeypatch.setattr(layout.shutil, "which", lambda name, path=None: None)
    with pytest.raises(GradError) as caught:
        circuits.drawn("three", "svg")
    assert caught.value.kind == "no-graphviz"
    assert "graphviz-pure" in caught.value.hint
    assert circuits.drawn("three", "dot")
    assert circuits.drawn("three", "mermaid")


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("exit 7", "exit code 7"),
        ("echo 'Error: no memory' >&2; exit 1", "no memory"),
        ("echo '{}'", "cannot be read"),
        ("echo 'not json'", "cannot be read"),
    ],
)
def test_a_graphviz_that_fails_is_an_error_of_one_line(script, why, tmp_path, monkeypatch):
    fake = tmp_path / "dot"
    fake.write_text(f"#!/bin/sh\n{script}\n")
    fake.chmod(0o755)
    monkeypatch.setattr(layout, "engine", lambda: str(fake))
    with pytest.raises(GradError, match=why) as caught:
        circuits.drawn("three", "svg")
    assert caught.value.kind == "no-graphviz"


def test_a_layout_that_takes_too_long_is_a_limit(tmp_path, monkeypatch):
    fake = tmp_path / "dot"
    fake.write_text("#!/bin/sh\nexec sleep 5\n")
    fake.chmod(0o755)
    monkeypatch.setattr(layout, "engine", lambda: str(fake))
    monkeypatch.setattr(layout, "_SECONDS", 0.1)
    with pytest.raises(GradError, match="more than 0") as caught:
        circuits.drawn("three", "svg")
    assert (caught.value.kind, caught.value.code) == ("too-slow", 4)


def test_the_graphviz_of_the_system_goes_first(tmp_path, monkeypatch):
    monkeypatch.undo()
    fake = tmp_path / "dot"
    fake.write_text("#!/bin/sh\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert layout.engine() == str(fake)


# ---- the command line ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ending", "start"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("dot", b"digraph"), ("gv", b"digraph"), ("mmd", b"flowchart")])
def test_the_ending_decides(ending, start, tmp_path):
    file = tmp_path / f"circuit.{ending}"
    done = run_there("(x+y)z", "x=-2", "y=5", "z=-4", "-o", str(file))
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert file.read_bytes().startswith(start)


def test_digits_are_those_asked_for(tmp_path):
    assert "0.333333 " not in run_here("x/3", "x=1", "--format", "mermaid", "--digits", "2").out
    assert "0.33<br/>" in run_here("x/3", "x=1", "--format", "mermaid", "--digits", "2").out
    assert "0.3333333333333333" in circuits.drawn("neuron", "dot", Look(None)) or run_here("x/3", "x=1", "--format", "dot", "--full").out


def test_notes_go_to_standard_error():
    ran = run_here("relu(x)", "x=0", "--format", "svg")
    assert "kink" in ran.err
    ElementTree.fromstring(ran.out)
