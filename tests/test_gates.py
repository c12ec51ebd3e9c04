"""The lecture's circuits as the lecture draws them: folded, primitive and fused gates."""

import pytest

import gradcli
from gradcli.errors import GradError

NEURON = "1/(1+exp(-(w0*x0+w1*x1+w2)))"
AT = {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3}


def chain(report):
    """Return (gate, value, gradient) from the output back to the sum, to two decimals, as in the figure."""
    value = {row.name: row.value for row in report.forward}
    return [(s.gate, round(value[s.through], 2), round(s.upstream, 2)) for s in report.backward if s.kind == "edge"]


def test_the_neuron_in_the_gates_of_the_lecture():
    assert chain(gradcli.grad(NEURON, AT))[:4] == [
        ("1/x", 0.73, 1.0), ("+1", 1.37, -0.53), ("exp", 0.37, -0.53), ("×(-1)", -1.0, -0.2),
    ]  # fmt: skip


def test_its_local_gradients():
    report = gradcli.grad(NEURON, AT)
    assert [s.local_pretty for s in report.backward if s.kind == "edge"][:4] == ["-1/v7²", "1", "e^v5", "-1"]


def test_its_partials():
    partials = {name: round(p.value, 4) for name, p in gradcli.grad(NEURON, AT).partials.items()}
    assert partials == {"w0": -0.1966, "x0": 0.3932, "w1": -0.3932, "x1": -0.5898, "w2": 0.1966}


def test_primitive_gates_show_their_constants():
    report = gradcli.grad(NEURON, AT, gates="primitive")
    assert ("constant", "1") in [(row.kind, row.name) for row in report.forward]
    assert [s.gate for s in report.backward if s.kind == "edge"][:4] == ["÷", "+", "exp", "−"]


def test_fused_is_one_sigmoid():
    report = gradcli.grad(NEURON, AT, gates="fused")
    first = report.backward[1]
    assert (first.gate, first.local_pretty) == ("sigmoid", "σ(v4)·(1 - σ(v4))")


@pytest.mark.parametrize(
    ("written", "gate"),
    [
        ("1/(1+exp(-x))", "sigmoid"), ("1/(exp(-x)+1)", "sigmoid"), ("exp(x)/(1+exp(x))", "sigmoid"), ("e^x/(e^x+1)", "sigmoid"),
        ("(exp(x)-exp(-x))/(exp(x)+exp(-x))", "tanh"), ("(exp(2*x)-1)/(exp(2*x)+1)", "tanh"), ("(1-exp(-2*x))/(1+exp(-2*x))", "tanh"),
        ("log(1+exp(x))", "softplus"), ("log(exp(x)+1)", "softplus"), ("max(0, x)", "relu"), ("max(x, 0)", "relu"),
        ("log(1/(1+exp(-x)))", "logsigmoid"),
    ],
)  # fmt: skip
def test_what_is_written_out_is_recognised(written, gate):
    fused = gradcli.grad(written, x=0.7, gates="fused")
    assert [row.gate for row in fused.forward if row.kind == "gate"] == [gate]
    assert fused.partials["x"].value == pytest.approx(gradcli.grad(written, x=0.7).partials["x"].value, rel=1e-14)


@pytest.mark.parametrize(
    ("written", "gate"),
    [("sum(exp(x)/sum(exp(x))*x)", "softmax"), ("log(sum(exp(x)))", "logsumexp"), ("exp(x[1])/sum(exp(x))", "softmax"),
     ("-log(exp(x)[2]/sum(exp(x)))", "ln"), ("-log(softmax(x)[2])", "log_softmax")],
)  # fmt: skip
def test_so_are_those_of_vectors(written, gate):
    fused = gradcli.grad(written, x=[0.7, -1, 2], gates="fused")
    assert gate in [row.gate for row in fused.forward]
    assert fused.partials["x"].value == pytest.approx(gradcli.grad(written, x=[0.7, -1, 2]).partials["x"].value, rel=1e-13)


def test_what_only_looks_alike_is_not():
    assert "sigmoid" not in [row.gate for row in gradcli.grad("1/(1+exp(x))+1/(2+exp(-x))", x=1, gates="fused").forward]


def test_overflow_on_the_way_is_no_trouble():
    report = gradcli.grad("ln(1+exp(x))", x=1000)
    assert (report.value, report.partials["x"].value, report.gates, report.notes) == (1000, 1, "folded", [])
    assert [row.value.decimal for row in report.forward if row.gate == "exp"] == ["1.9700711140170470e434"]
    assert gradcli.grad("1/(exp(x)*1e-300)", x=800).value == pytest.approx(3.6678e-48, rel=1e-4)


def test_overflow_that_no_arithmetic_holds_is_said():
    with pytest.raises(GradError, match="larger than can be computed with"):
        gradcli.grad("exp(exp(exp(x)))", x=30)


@pytest.mark.parametrize("mode", ["folded", "primitive", "fused"])
@pytest.mark.parametrize("written", ["(exp(x)-exp(-x))/(exp(x)+exp(-x))", "sinh(x)/cosh(x)", "(exp(2*x)-1)/(exp(2*x)+1)"])
def test_digits_lost_by_a_written_out_form_are_not_shown(written, mode):
    report = gradcli.grad(written, x=20, gates=mode)
    assert report.partials["x"].value == pytest.approx(1.6993417021166355e-17, rel=1e-13)


def test_a_kink_is_no_loss_of_digits():
    report = gradcli.grad("max(0, x)", x=0)
    assert (report.gates, report.partials["x"].value, report.partials["x"].status) == ("folded", 0.5, "kink")
    assert not any("digits" in note for note in report.notes)


@pytest.mark.parametrize("mode", ["folded", "primitive", "fused"])
def test_three_views_of_the_neuron_give_the_same_partials(mode):
    at = gradcli.grad(NEURON, AT, gates=mode).partials
    assert at["x1"].value == pytest.approx(-0.5898357997244457, rel=1e-15)


def test_sums_of_exponentials_of_numbers():
    fused = gradcli.grad("log(exp(x)+exp(y)+exp(z))", x=1000, y=999, z=-5)
    assert fused.partials["x"].value == pytest.approx(0.7310585786300049, rel=1e-15)
    shown = gradcli.grad("exp(y)/(exp(x)+exp(y))", x=1, y=2, gates="fused")
    assert shown.value == pytest.approx(gradcli.grad("exp(y)/(exp(x)+exp(y))", x=1, y=2).value, rel=1e-15)
    assert "softmax" in [row.gate for row in shown.forward]
