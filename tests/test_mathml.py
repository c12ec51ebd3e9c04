"""MathML: well-formed, nothing outside MathML Core, and every name, number and sign of a formula is in it."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from strategies import anything

import gradcli
from gradcli import ops
from gradcli.expr import NUMBER, SYMBOL, make, number, symbol, tape
from gradcli.notation.mathml import name
from gradcli.notation.text import MATHML, text

# https://www.w3.org/TR/mathml-core: the elements and attributes we use of it
ELEMENTS = {"math", "mfrac", "mi", "mn", "mo", "mover", "mroot", "mrow", "mspace", "msqrt", "msub", "msup", "mtable", "mtd", "mtext", "mtr", "munder"}
ATTRIBUTES = {"accent", "width"}
CHILDREN = {"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "mover": 2, "munder": 2}


def parsed(made):
    tree = ElementTree.fromstring(f"<math>{made}</math>")
    for element in tree.iter():
        assert element.tag in ELEMENTS, element.tag
        assert set(element.attrib) <= ATTRIBUTES
        assert len(element) == CHILDREN.get(element.tag, len(element)), ElementTree.tostring(element, "unicode")
        if element.tag in ("mi", "mn", "mo", "mtext"):
            assert element.text, "a token without text"
            assert len(element) == 0
        else:
            assert not (element.text or "").strip(), "text outside a token"
        assert not (element.tail or "").strip()
    return tree


def words(made):
    return ["".join(token.itertext()) for token in parsed(made).iter() if token.tag in ("mi", "mn", "mo", "mtext")]


@pytest.mark.parametrize("row", [row for row in ops.TABLE if row.formals], ids=lambda row: row.form)
def test_every_operator_shows_each_of_its_operands_once(row):
    letters = "pqrs"[: len(row.formals)]
    node = make(row.name, tuple(map(symbol, letters)))
    found = words(text(node, MATHML))
    wanted = [] if row.name in ("ones", "eye") else list(letters)
    assert sorted(token for token in found if token in "pqrs") == wanted


@given(anything)
def test_any_expression_has_all_its_names_and_numbers(root):
    found = words(text(root, MATHML))
    for node in tape(root):
        if node.op == SYMBOL and not _dropped(root):
            assert any(token in found for token in ("".join(words(name(str(node.leaf)))), words(name(str(node.leaf)))[0])), node.leaf
        if node.op == NUMBER and not _dropped(root):
            mantissa = str(abs(node.leaf[0]))
            assert any(mantissa[0] in token for token in found)


def _dropped(root):
    """𝟏 and I say nothing of their operand; log₂ and norms name a number that is no operand; e^(-x²) squares."""
    return any(node.op in ("ones", "eye", "place") for node in tape(root))


def test_what_has_two_dimensions():
    x, y = symbol("x"), symbol("y")
    cases = {
        make("/", (x, make("+", (y, number(1))))): "<mfrac><mrow><mi>x</mi></mrow><mrow><mi>y</mi><mo>+</mo><mn>1</mn></mrow></mfrac>",
        make("^", (make("+", (x, y)), number(2))):
            "<msup><mrow><mrow><mo>(</mo><mi>x</mi><mo>+</mo><mi>y</mi><mo>)</mo></mrow></mrow><mrow><mn>2</mn></mrow></msup>",
        make("sqrt", (x,)): "<msqrt><mi>x</mi></msqrt>",
        make("-", (x,)): "<mrow><mo>−</mo><mi>x</mi></mrow>",
        make("exp", (x,)): "<msup><mrow><mi>e</mi></mrow><mrow><mi>x</mi></mrow></msup>",
    }  # fmt: skip
    for node, made in cases.items():
        assert text(node, MATHML) == made


@pytest.mark.parametrize(("given", "shown"), [
    ("x", ["x"]), ("w0", ["w", "0"]), ("w_{1,2}", ["w", "1", ",", "2"]), ("x_max", ["x", "max"]), ("theta", ["θ"]), ("theta_1", ["θ", "1"]),
    ("sigma", ["σ"]), ("yhat", ["y", "^"]), ("loss", ["loss"]), ("имя", ["имя"]), ("θ", ["θ"]), ("∂f/∂w0", ["∂", "f", "∂", "w", "0"]),
])  # fmt: skip
def test_names(given, shown):
    assert words(name(given)) == shown


def test_names_are_inert_and_letters_that_are_taken_keep_their_meaning():
    assert "<script" not in name("<script>alert(1)</script>")
    assert "\u202e" not in name("a\u202eb")
    assert words(text(make("sigmoid", (symbol("sigma"),)), MATHML)) == ["sigmoid", "(", "σ", ")"]
    assert words(text(make("exp", (symbol("e"),)), MATHML)) == ["exp", "(", "e", ")"]


@pytest.mark.parametrize(("expression", "values"), [
    ("sum((W@x+b)^2)", {"W": [[1, 2], [3, 4]], "x": [5, 6], "b": [7, 8]}),
    ("softmax(W@x1/norm(x1)+theta_1)", {"W": [[1, 2], [3, 4]], "x1": [5, 6], "theta_1": [1, 2]}),
    ("sum(where(x > 0, x, a*x)) + x[2]", {"x": [1, -2], "a": 0.5}),
])  # fmt: skip
def test_every_formula_of_a_report(expression, values):
    report = gradcli.grad(expression, values)
    formulas = [row.pretty for row in report.forward]
    formulas += [f for step in report.backward for f in (step.local_pretty, step.pullback, step.contribution_pretty)]
    formulas += [f for partial in report.partials.values() for f in (partial.pretty, partial.index_form)]
    assert any(formulas)
    for formula in filter(None, formulas):
        shown = "".join(words(formula.written(MATHML)))
        names = set(re.findall(r"[A-Za-z]\w*", str(formula))) & set(values)
        assert all("".join(words(name(found)))[:1] in shown for found in names), formula


def test_index_forms_have_their_indices():
    report = gradcli.grad("W x + theta", W=[[1, 2], [3, 4]], x=[5, 6], theta=[7, 8])
    assert words(report.partials["W"].index_form.written(MATHML)) == ["𝟏", "k", "=", "i", "x", "j"]
    assert words(report.partials["x"].index_form.written(MATHML)) == ["W", "k", ",", "i"]
