"""What a notebook shows of a report: tables and the circuit, which survive where style sheets and scripts do not."""

import base64
import re
import subprocess
import sys
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

import gradcli
from gradcli.errors import GradError, Source
from gradcli.render.picture import svg
from gradcli.solve import Question, solve
from gradcli.syntax.reader import read
from gradcli.wording import Language

POINTS = {
    "(x+y)z": {"x": -2, "y": 5, "z": -4},
    "1/(1+e^{-(w0x0+w1x1+w2)})": {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3},
    "W x + theta": {"W": [[1, 2], [3, 4]], "x": [5, 6], "theta": [7, 8]},
    "sum((W@x+b)^2)": {"W": [[1, 2], [3, 4]], "x": [5, 6], "b": [7, 8]},
    "x*x + sin(x)": {},
    "x": {"x": 1},
    "2": {},
    "|x|": {"x": 0},
    "sqrt(x)": {"x": 0},
    "1/x": {"x": 1e-300},
    "[x y, x]": {"x": 2, "y": 3},
}


class Page(HTMLParser):
    """Reads a piece of HTML and complains where a tag is left open."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.rows, self.images, self.text = [], [], [], [], ""
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "img":
            self.images.append(dict(attrs))
        else:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data


def shown(expression, values, **options):
    return gradcli.grad(expression, values, **options)._repr_mimebundle_()


@pytest.mark.parametrize("expression", POINTS)
def test_every_form_is_there_and_reads_back(expression):
    bundle = shown(expression, POINTS[expression])
    assert list(bundle) == ["text/plain", "text/html", "text/latex"]
    page = Page(bundle["text/html"])
    assert {tag for tag, _ in page.tags} <= {"div", "p", "b", "img", "table", "caption", "thead", "tbody", "tr", "th", "td", "pre"}
    assert {name for _, attrs in page.tags for name in attrs} <= {"style", "class", "src", "alt"}
    tex = bundle["text/latex"]
    assert tex.startswith("$$\\begin{aligned}\n")
    assert tex.endswith("\n\\end{aligned}$$")
    assert tex.count("{") == tex.count("}")
    assert tex.count(r"\left") == tex.count(r"\right")


def test_the_tables_hold_the_numbers():
    rows = Page(shown("(x+y)z", POINTS["(x+y)z"])["text/html"]).rows
    assert ["x", "", "input", "-2"] in rows
    assert ["v1", "+", "x + y", "3"] in rows
    assert ["∂f/∂v1", "f ×", "∂f/∂v1 = z", "-4", "1", "-4"] in [[" ".join(cell.split()) for cell in row] for row in rows]
    assert ["∂f/∂z", "= x + y", "= 3"] in rows


def test_without_a_point_there_are_formulas_and_no_columns_of_numbers():
    rows = Page(shown("x*x + sin(x)", {})["text/html"]).rows
    assert ["v1", "×", "x·x"] in rows
    assert ["∂f/∂x", "", "sum of the 3 above", "", "", "cos(x) + 2·x"] in rows
    assert ["∂f/∂x", "= cos(x) + 2·x"] in rows


def test_the_circuit_is_an_image_that_is_a_picture_of_its_own():
    (image,) = Page(shown("(x+y)z", POINTS["(x+y)z"])["text/html"]).images
    assert image["alt"] == "f = (x + y)·z"
    kind, data = image["src"].split(",", 1)
    assert kind == "data:image/svg+xml;base64"
    root = ElementTree.fromstring(base64.b64decode(data))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert not [node for node in root.iter() if node.tag.endswith("script")]


def test_the_equations():
    assert shown("(x+y)z", POINTS["(x+y)z"])["text/latex"] == (
        "$$\\begin{aligned}\n"
        "f(x, y, z) &= \\left(x + y\\right) \\cdot z \\\\\n"
        "f &= -12 \\\\\n"
        "\\frac{\\partial f}{\\partial x} &= z = -4 \\\\\n"
        "\\frac{\\partial f}{\\partial y} &= z = -4 \\\\\n"
        "\\frac{\\partial f}{\\partial z} &= x + y = 3\n"
        "\\end{aligned}$$"
    )
    assert r"\frac{\partial f_{k}}{\partial x_{i}} &= W_{k,i}" in shown("W x + theta", POINTS["W x + theta"])["text/latex"]
    assert r"&= \text{vertical}" in shown("sqrt(x)", {"x": 0})["text/latex"]


def test_the_same_bytes_every_time():
    assert shown("sum((W@x+b)^2)", POINTS["sum((W@x+b)^2)"]) == shown("sum((W@x+b)^2)", POINTS["sum((W@x+b)^2)"])


def test_without_graphviz_a_note_takes_the_place_of_the_circuit(monkeypatch):
    def none(*args, **options):
        raise GradError("no-graphviz", "the layout of a picture needs Graphviz, and there is none here")

    monkeypatch.setattr(svg, "drawing", none)
    page = Page(shown("(x+y)z", POINTS["(x+y)z"])["text/html"])
    assert not page.images
    assert "note: the layout of a picture needs Graphviz" in page.text
    assert len(page.rows) > 10


def test_a_large_circuit_is_left_out_and_said():
    expression = " + ".join(f"tanh(x w + {n})" for n in range(80))
    page = Page(shown(expression, {"x": 1, "w": 2})["text/html"])
    assert not page.images
    assert "values the circuit is left out here" in page.text


def test_hostile_text_is_inert():
    report = solve(read(Source("(x+y)z"), frozenset("xyz")), Question(None))
    report.output = "<script>alert(1)</script>\u202e\x1b[31m"
    report.notes = ["<img src=x onerror=alert(1)>", "\"'&</p>"]
    report.display = lambda report: gradcli._display(report, Language())
    text = report._repr_html_()
    page = Page(text)
    assert not [tag for tag, attrs in page.tags if tag == "script" or any(name.startswith("on") for name in attrs)]
    assert "\u202e" not in text
    assert "\x1b" not in text
    assert "<script>alert(1)</script>" in page.text


def test_a_report_that_nobody_is_to_see_shows_nothing():
    report = solve(read(Source("x"), frozenset("x")), Question(None))
    assert (report._repr_mimebundle_(), report._repr_html_(), report._repr_latex_()) == ({}, None, None)


def test_ipython_shows_it():
    formatters = pytest.importorskip("IPython.core.formatters", reason="IPython is not installed")
    data, _ = formatters.DisplayFormatter().format(gradcli.grad("(x+y)z", x=-2, y=5, z=-4))
    assert set(data) == {"text/plain", "text/html", "text/latex"}
    assert data["text/plain"].startswith("f = (x + y)·z\n")


def test_a_notebook_runs_and_becomes_a_page(tmp_path):
    nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed")
    nbconvert = pytest.importorskip("nbconvert", reason="nbconvert is not installed")
    pytest.importorskip("ipykernel", reason="ipykernel is not installed")
    cell = nbformat.v4.new_code_cell("import gradcli\ngradcli.grad('(x+y)z', x=-2, y=5, z=-4)")
    notebook = nbformat.v4.new_notebook(cells=[cell])
    nbconvert.preprocessors.ExecutePreprocessor(timeout=120, kernel_name="python3").preprocess(notebook, {"metadata": {"path": str(tmp_path)}})
    (output,) = notebook.cells[0].outputs  # one: nothing is printed beside it
    assert set(output["data"]) == {"text/plain", "text/html", "text/latex"}
    page, _ = nbconvert.HTMLExporter().from_notebook_node(notebook)
    assert "data:image/svg+xml;base64," in page
    assert re.search(r">\s*∂f/∂z\s*<", page)


def test_reports_import_no_renderer_before_they_are_shown():
    code = "import sys, gradcli; gradcli.grad('(x+y)z', x=1, y=2, z=3); print([m for m in sys.modules if 'render' in m or m == 'rich'])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_in_the_language_asked_for(monkeypatch):
    assert "Прямой проход" in gradcli.grad("x^2", x=1, lang="ru")._repr_html_()
    monkeypatch.setenv("GRADCLI_LANG", "ru")
    report = gradcli.grad("|x|", x=0)
    assert "замечание" in report._repr_html_()
    assert "Прямой проход" in report._repr_mimebundle_()["text/plain"]
    with pytest.raises(GradError, match="lang=xx: there are en, ru"):
        gradcli.grad("x", x=1, lang="xx")
