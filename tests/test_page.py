"""The page to step through, re-read by a parser of HTML: whole, one file, inert whatever it is given. (test_browser_page runs it.)"""

import base64
import hashlib
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from conftest import ROOT, run_here, run_there
from test_mathml import ATTRIBUTES, ELEMENTS

import gradcli
from gradcli.render.forms import Look, Part
from gradcli.render.page import html as page
from gradcli.wording import language

VOID = {"meta", "input", "br", "hr", "img", "link"}
NEURON = ["1/(1+e^{-(w0x0+w1x1+w2)})", "w0=2", "x0=-1", "w1=-3", "x1=-2", "w2=-3"]
HOSTILE = "<script>alert(1)</script>"


class Reader(HTMLParser):
    """Reads a page and holds it to the rules of HTML that a browser would quietly mend."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.elements, self.texts = [], [], {}
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attributes):
        assert len(dict(attributes)) == len(attributes), f"an attribute twice in {tag}"
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data):
        where = self.open[-1] if self.open else ""
        self.texts[where] = self.texts.get(where, "") + data

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    def text(self):
        return "".join(words for tag, words in self.texts.items() if tag not in ("script", "style"))


def made(*args):
    ran = run_here(*args, "--format", "html")
    assert ran.code == 0, ran.err
    return ran.out


@pytest.mark.parametrize("args", [
    ["(x+y)z", "x=-2", "y=5", "z=-4"], NEURON, [*NEURON, "--gates", "primitive"], [*NEURON, "--gates", "fused"],
    ["W x + theta", "W=[[1,2],[3,4]]", "x=[5,6]", "theta=[7,8]"], ["sum((W@x+b)^2)", "W=[[1,2],[3,4]]", "x=[5,6]", "b=[7,8]"],
    ["x*x + sin(x)", "x=2"], ["x", "x=3"], ["2"], ["|x|", "x=0"], ["1/x", "x=1e-300"], ["(x+y)z"], ["x^3", "x=2", "--order", "3"],
    ["x^2*y", "x=2", "y=3", "--hessian", "--certify", "--verify"], ["w_{1,2}*x_max + θ", "w_{1,2}=2", "x_max=3", "θ=4"],
], ids=lambda args: " ".join(args)[:40])  # fmt: skip
@pytest.mark.parametrize("lang", ["en", "ru"])
def test_the_page_is_whole(args, lang):
    text = made(*args, "--lang", lang)
    reader = Reader(text)
    assert text.startswith("<!DOCTYPE html>")
    assert reader.all("html") == [{"lang": lang}]
    ids = [attributes["id"] for _, attributes in reader.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for href in (attributes["href"] for attributes in reader.all("a")):
        assert href[1:] in ids
    numbers = [int(attributes["value"]) for attributes in reader.all("li") if "value" in attributes]
    assert numbers == list(range(1, len(numbers) + 1))
    headings = [int(tag[1]) for tag, _ in reader.elements if re.fullmatch("h[1-6]", tag)]
    assert headings[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(headings)), headings
    assert "undefined" not in text.split("</script>")[1]
    assert "None" not in reader.text()


@pytest.mark.parametrize(("name", "args"), [
    ("three", ["(x+y)z", "x=-2", "y=5", "z=-4"]), ("fork", ["x*x + sin(x)", "x=2"]), ("russian", ["W x + theta", "W=[[1,2]]", "x=[5,6]", "theta=[7]", "--lang", "ru"]),
])  # fmt: skip
def test_golden(name, args, update_golden):
    shown = re.sub(r"<svg.*</svg>", "<svg></svg>", made(*args).split("<body>")[1].split("</body>")[0], flags=re.DOTALL)
    file = Path(__file__).parent / "golden" / f"page-{name}.html"
    if update_golden:
        file.write_text(shown, encoding="utf-8")
    assert shown == file.read_text(encoding="utf-8")


def test_nothing_is_asked_of_anybody():
    reader = Reader(made(*NEURON))
    for tag, attributes in reader.elements:
        assert tag not in ("link", "img", "iframe", "object", "embed", "base", "use", "image", "foreignobject")
        assert not {"src", "srcset", "action", "formaction", "style", "xlink:href", "ping", "data"} & set(attributes)
        assert not [name for name in attributes if name.startswith("on")]
        assert attributes.get("href", "#").startswith("#")
    assert "://" not in re.sub(r'xmlns="http://www.w3.org/2000/svg"', "", made(*NEURON))
    for words in ("fetch(", "XMLHttpRequest", "import(", "url(", "@import", "eval(", "innerHTML", "insertAdjacentHTML", "document.write"):
        assert words not in reader.texts["script"] + reader.texts["style"]


def test_the_policy_names_our_style_and_our_script_and_nothing_else():
    reader = Reader(made("x*y", "x=1", "y=2"))
    assert [tag for tag, _ in reader.elements].count("script") == [tag for tag, _ in reader.elements].count("style") == 1
    policy = dict(part.strip().split(" ", 1) for part in reader.all("meta")[1]["content"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == "'none'"
    for element, directive in (("style", "style-src"), ("script", "script-src")):
        digest = base64.b64encode(hashlib.sha256(reader.texts[element].encode()).digest()).decode()
        assert policy[directive] == f"'sha256-{digest}'"
    assert "unsafe" not in str(policy)


def test_the_style_and_the_script_are_the_same_in_every_page():
    one, other = Reader(made("x*y", "x=1", "y=2")), Reader(made(*NEURON, "--lang", "ru"))
    assert (one.texts["script"], one.texts["style"]) == (other.texts["script"], other.texts["style"])


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_hostile_text_is_text(tmp_path, lang):
    names = {name: 2.0 for name in ("x", "y")}
    report = gradcli.grad("x*y + x", names)
    for row in report.forward:  # whatever a report may hold one day, not only what the language lets through
        if row.name == "x":
            row.name = HOSTILE
        row.inputs = [HOSTILE if name == "x" else name for name in row.inputs]
        row.gate += "]]>\"'&<b>" if row.gate else ""
    for step in report.backward:
        step.of, step.through = (HOSTILE if name == "x" else name for name in (step.of, step.through))
    report.partials = {HOSTILE: report.partials["x"], "y": report.partials["y"]}
    report.partials[HOSTILE].name = HOSTILE
    report.notes = ["</ul><img src=x onerror=alert(1)>", "a\u202eb\x1b[31m\x00", "<!-- --> <![CDATA["]
    parts = [Part(report, f"1\">{HOSTILE}", 2, f"x = 1' onclick='{HOSTILE}"), Part(report, "</title></style>", None, "&lt;")]
    reader = Reader(page.render(parts, Look(words=language(lang))))
    calm = Reader(page.render([Part(gradcli.grad("x*y + x", names), "1", 2, "here"), Part(gradcli.grad("x*y + x", names), "2")], Look()))
    assert {tag for tag, _ in reader.elements} <= {tag for tag, _ in calm.elements} | {"section", "ul", "rect"}
    assert {name for _, attributes in reader.elements for name in attributes} <= {name for _, a in calm.elements for name in a} | {"height", "rx", "y"}
    assert HOSTILE in reader.text()
    assert not re.search("[\u202e\x1b\x00]", "".join(reader.texts.values()) + str(reader.elements))


def test_every_formula_and_the_picture_are_xml():
    text = made("sum((W@x+b)^2)", "W=[[1,2],[3,4]]", "x=[5,6]", "b=[7,8]")
    formulas = re.findall(r"<math.*?</math>", text)
    assert len(formulas) > 40
    for formula in formulas:
        for element in ElementTree.fromstring(formula).iter():
            assert element.tag in ELEMENTS
            assert set(element.attrib) <= ATTRIBUTES | {"class", "display", "stretchy", "data-secret", "data-hint"}
    (picture,) = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    tree = ElementTree.fromstring(picture)
    assert tree.get("role") == "img"
    assert tree[0].tag.endswith("title")


def test_the_steps_say_what_happens():
    shown = re.sub(r"<[^>]*>", "", made("(x+y)z", "x=-2", "y=5", "z=-4"))
    assert "Forward through gate v1 (+): v1 = 3" in shown
    assert "Back through gate f (×) to v1: local gradient −4 × upstream gradient 1 = contribution −4" in shown
    assert "f=v1·z=3·(−4)=−12" in shown
    assert "∂f∂x=∂v1∂x·∂f∂v1" in shown


def test_a_fork_is_summed():
    shown = re.sub(r"<[^>]*>", "", made("x*x + sin(x)", "x=2"))
    assert "x has 3 uses: its contributions add up: ∂f/∂x = 3.58385" in shown
    assert "∂f∂x≈−0.416147+2+2≈3.58385" in shown
    assert "x has several uses: this is one contribution to ∂f/∂x." in shown


def test_a_local_gradient_of_one_use_is_not_called_the_gradient_of_the_gate():
    shown = re.sub(r"<[^>]*>", "", made("v = x*x; f = v + x", "x=2"))
    assert "∂v∂x=" not in shown  # which is 2x, and each use has x
    assert "∂f∂x=x" not in re.sub(r"<[^>]*>", "", made("x*x", "x=2"))
    assert "x·∂f∂v" in shown
    assert "∂f∂x=11" not in shown  # the rule and the number of this use; ∂f/∂x is 5
    assert "∂f∂x=1+2+2=5" in shown
    assert re.search(r'<mrow data-hint="\d+"><mi>x</mi></mrow><mo>·</mo>', made("v = x*x; f = v + x", "x=2"))  # practice hides it


def test_equal_is_said_between_numbers_that_are_written_in_full():
    shown = re.sub(r"<[^>]*>", "", made("q = x*3; f = q*sin(x)", "x=1/3"))
    assert "q=x·3≈0.333333·3≈1" in shown
    assert "∂f∂q≈0.327195" in shown  # also where it is an upstream gradient
    assert "∂f∂q=0.327195" not in shown


def test_a_page_without_a_point_has_formulas_and_says_why_nothing_is_asked():
    text = made("(x+y)z")
    assert "data-answers" not in text
    assert "Without values there is nothing to type" in text
    assert 'class="practice"' not in text


def test_what_has_no_number_says_so():
    shown = re.sub(r"<[^>]*>", "", run_here("sqrt(x)", "x=0", "--format", "html").out)
    assert "∞, a vertical tangent" in shown
    assert "kink" in re.sub(r"<[^>]*>", "", made("|x|", "x=0"))


def test_a_worksheet_is_one_page_with_a_section_for_each_question():
    ran = run_here(str(ROOT / "samples" / "10-a-homework-sheet.grad"), "--format", "html")
    reader = Reader(ran.out)
    lessons = [attributes for attributes in reader.all("article")]
    assert len(lessons) == 3
    assert [lesson["data-prefix"] for lesson in lessons] == ["q1-", "q2-", "q3-"]
    ids = [attributes["id"] for _, attributes in reader.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {"q1-step-1", "q2-n0", "q3-lesson"} <= set(ids)


def test_practice_can_hide_every_gradient_that_it_asks_for():
    text = made(*NEURON)
    asked = {int(n): float(answer) for n, answer in re.findall(r'<li value="(\d+)"[^>]*data-answers="([^"]*)"', text)}
    hidden = {int(n) for n in re.findall(r'data-secret="(\d+)"', text)}
    assert asked
    assert set(asked) == hidden


def test_proved_digits_are_hidden_with_their_partial():
    text = made("x*y", "x=2", "y=3", "--certify")
    rows = text.split("Proved digits")[1].split("</table>")[0].split("<tr>")
    assert [("data-secret" in row) for row in rows[2:4]] == [True, True]


def test_the_same_bytes_every_time(tmp_path):
    for name in ("a.html", "b.htm"):
        done = run_there(*NEURON, "-o", str(tmp_path / name))
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.htm").read_bytes()


def test_a_formula_too_deep_for_a_page_is_plain_text():
    text = "x"
    for _ in range(200):
        text = f"1/(1+{text})"
    ran = run_here(text, "x=1", "--format", "html")
    reader = Reader(ran.out)
    assert ran.code == 0
    deepest = depth = 0
    for tag in re.finditer(r"<(/?)(\w+)[^>]*?(/?)>", ran.out.split("</head>")[1]):
        if tag[2] not in VOID and not tag[3]:
            depth += -1 if tag[1] else 1
            deepest = max(deepest, depth)
    assert deepest < 300
    assert {"class": "long"} in reader.all("span")
