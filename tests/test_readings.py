"""The ledger: whatever a person might read otherwise gives one note with the bracketed reading; nothing else does."""

import pytest
from conftest import run_here

import gradcli
from gradcli.errors import GradError

NOTED = {
    "1/2x": "read 1/2x as (1/2)*x",
    "x/y z": "read x/y z as (x/y)*z",
    "a/b/c": "read a/b/c as (a/b)/c",
    "a/b/c/d": "read a/b/c/d as ((a/b)/c)/d",
    "-x^2": "read -x^2 as -(x^2)",
    "x^y^z": "read x^y^z as x^(y^z)",
    "e^2x": "read e^2x as exp(2)*x",
    "2^3x": "read 2^3x as (2^3)*x",
    "sin x y": "read sin x y as sin(x)*y",
    "sin 2*x": "read sin 2*x as sin(2)*x",
    "sin x/2": "read sin x/2 as sin(x)/2",
    "ln t e^t": "read ln t e^t as ln(t)*exp(t)",
    "sin x^2": "read sin x^2 as sin(x^2)",
    "√x^2": "read √x^2 as sqrt(x^2)",
    "sin^-1 x": "read sin^-1 x as asin(x), the inverse function",
    "log(x)": "read log(x) as ln(x), the natural logarithm",
    "log x": "read log x as ln(x), the natural logarithm",
    "lg x": "read lg x as log10(x), the logarithm to base 10",
    "acot(x)": "read acot(x) as acot(x), with values between -π/2 and π/2",
    "x + y + xy": "read xy as x*y",
    "xy": "read xy as one name (a product is written x*y)",
    "sinx + x": "read sinx as sin x",
    "z(x+y)": "read z as a factor, z*(…), and no function",
    "|a|b|c|": "read | as the beginning of a new pair of bars",
    "e^-2x": "read e^-2x as exp(-2)*x", "x^1/2": "read x^1/2 as (x^1)/2", "√2x": "read √2x as sqrt(2)*x", "x!!": "read x!! as x!!, the factorial of a factorial",
    "ln2 + x": "read ln2 as ln(2)", "tanx": "read tanx as tan x", "πr²": "read πr as π*r", "5 x 3": "read x as the variable x, not as the sign ×",
    "log^2 x": "read log^2 x as ln(x)^2, the natural logarithm", "a^{[2]}": "read a^{[2]} as a^2", r"\gamma(x+1)": r"read \gamma as a factor, gamma*(…), and no function",
    r"\sum_{i=1}^{2} a_i - b_i": "read b_i as standing outside the sum, which ends before it",
    r"x^{(2)}": "read x^{(2)} as x^2",
    r"E[X]\,": "read E[X] as E*X",
    r"\frac{1}{2}\sin x y": r"read \frac{1}{2}\sin x y as ((1/2)*sin(x))*y",
    r"\lvertx\rvert": r"read \lvertx as \lvert x",
    r"\sqrt{2} cos(x)": "read cos as the function cos, and no product of letters",
}  # fmt: skip

CLEAR = [
    "(x+y)*z", "(x+y)z", "2x", "x y", "2sin(x)cos(x)", "sin x", "sin 2x", "sin pi x", "ln x + 1", "sin^2 x", "sin(x)^2", "|x|", "||x||", "‖x‖", "√x", "x²", "3x^2y",
    "x^2 y", "w0x0 + w1x1", "w_0 x_0", "e^x", "e^(-x)", "2e^x", "2pi r", "log_2 x", "log(x, b)", "5!", "ln(x)", "1/(2x)", "(1/2)x", "a/b", "x/2", "-x", "(-x)^2",
    "sin x cos y", "ln|x|", "x_max", "theta", "1/(1+e^{-(w_0x_0+w_1x_1+w_2)})", "q = x + y; f = q z", "g(u) = u^2; g(x) + x", "[x, y]", "2^-x", "x^-2", "asin(x)",
    r"\frac{1}{1+e^{-(w_0x_0+w_1x_1+w_2)}}", r"W\vec{x}+\vec{\theta}", r"\sin x\cos y", r"\frac12 x", r"\ln|x|", r"\ln{x} y", r"\sqrt[3]{x}", r"x^2y", r"\sin 2x",
    r"\frac{\sin x}{x}", r"e^{-x}", r"\log_2 x", r"\sum_{i=1}^{2} x_i",
]  # fmt: skip


def notes(text):
    return gradcli.grad(text).notes


@pytest.mark.parametrize(("written", "note"), NOTED.items())
def test_a_note(written, note):
    assert notes(written)[0] == note
    assert len(notes(written)) == 1


@pytest.mark.parametrize("written", CLEAR)
def test_no_note(written):
    assert notes(written) == []


@pytest.mark.parametrize("written", NOTED)
def test_strict_refuses(written):
    with pytest.raises(GradError) as caught:
        gradcli.grad(written, strict=True)
    assert caught.value.kind == "ambiguous"
    assert caught.value.span is not None


@pytest.mark.parametrize("written", CLEAR)
def test_strict_reads_what_is_clear(written):
    gradcli.grad(written, strict=True)


def test_the_bracketed_reading_reads_back_to_the_same():
    for written in NOTED:
        report = gradcli.grad(written)
        again = gradcli.grad(report.expression, at=None)
        assert again.expression == report.expression


def test_the_same_note_is_given_once_and_a_flood_is_counted():
    assert len(notes("log(x) + log(x)*y")) == 1
    many = notes("+".join(f"log(x + {n})" for n in range(30)))
    assert len(many) == 9
    assert many[-1] == "and 22 more readings of this kind"


def test_where_the_notes_go():
    ran = run_here("1/2x", "x=3", "-q")
    assert ran.out == "df/dx\t0.5\n"
    assert ran.err == "note: read 1/2x as (1/2)*x\n"
    assert "note: read 1/2x as (1/2)*x" in run_here("1/2x", "x=3").out
    assert '"read 1/2x as (1/2)*x"' in run_here("1/2x", "x=3", "--json").out


def test_a_constant_that_is_bound():
    assert gradcli.grad("e*x", e=3, x=1).notes == ["read e as your e, not Euler's number"]
    assert gradcli.grad("pi*x", pi=3, x=1).notes == ["read pi as your pi, not π"]
    assert gradcli.grad("f(e) = 2e", e=3).notes == []  # the head says whose e it is


def test_what_only_matters_for_arrays():
    matrix, vector = [[1.0, 2.0], [3.0, 4.0]], [1.0, 2.0]
    assert gradcli.grad("W^2", W=matrix).notes == ["read W^2 as W^2, entry by entry; the powers of a matrix are written W² or W⁻¹"]
    assert gradcli.grad("|x|", x=vector).notes == ["read |x| as abs(x), entry by entry; the length is ‖…‖"]
    assert gradcli.grad("x^2 + [1, 2]", x=vector).notes == []
    assert gradcli.grad(r"\mathbf{x}^2", x=vector).notes == [r"read \mathbf{x}^2 as x^2, entry by entry; the square of its length is ‖…‖²"]
    for never in ("|W|", "W^-1", "W^{-1}"):
        with pytest.raises(GradError) as caught:
            gradcli.grad(never, W=matrix)
        assert caught.value.kind == "ambiguous"
    assert gradcli.grad("|x[1]|", x=vector).notes == []
    assert gradcli.grad("W² + W⁻¹", W=matrix).notes == []


def test_stages_keep_their_names_in_a_note():
    assert notes("q = x + y; f = log(q)") == ["read log(q) as ln(q), the natural logarithm"]


def test_a_rule_of_the_table_gives_none():
    assert notes("tanh(x)") == []


@pytest.mark.parametrize(
    ("written", "kind"),
    [("ln^-1 x", "ambiguous-inverse"), ("12 3.7", "missing-operator"), ("3,14 x", "decimal-comma"), ("1,500 x", "decimal-comma"), (r"x^12\,", "missing-braces"),
     (r"\frac123", "missing-braces"), ("cospi(x)", "unknown-function"), ("d/dx x^2", "outside"), ("f'(x)", "outside"), ("x^2\n + 2x", "syntax"), ("max 0 x", "missing-argument"), ("f(x)", "unknown-function"), ("ln*x", "missing-argument")],
)  # fmt: skip
def test_better_an_error_than_a_wrong_tree(written, kind):
    with pytest.raises(GradError) as caught:
        gradcli.grad(written)
    assert caught.value.kind == kind
