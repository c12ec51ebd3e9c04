"""The circuit told in sentences (--graph --plain), for screen readers: no signs, numbered steps, nothing left out."""

import re

import pytest
from conftest import run_here
from hypothesis import given
from hypothesis import strategies as st

import gradcli
from gradcli.render.forms import Look, Part
from gradcli.render.narrated import render
from gradcli.render.speech import Speech
from gradcli.wording import language

ONE = ["(x+y)z", "x=-2", "y=5", "z=-4"]


def told(expression, values=None, words=None):
    return render([Part(gradcli.grad(expression, values))], Look(words=words))


def test_the_sentence_of_the_issue():
    assert "2. The gradient of f with respect to q is minus 4: local gradient z, which is minus 4, times upstream gradient 1." in told(
        "q = x + y; f = q z", {"x": -2, "y": 5, "z": -4}
    )


def test_a_fork_says_how_often_a_value_is_used_and_sums():
    text = told("x*x + sin(x)", {"x": 2})
    assert "x is 2; it is used 3 times." in text
    assert "One contribution to the gradient of f with respect to x, through v2, is minus 0.416147" in text
    assert "x is used 3 times: minus 0.416147 plus 2 plus 2, the sum is 3.58385: this is the gradient of f with respect to x." in text


def test_the_steps_are_numbered_one_for_each_step_of_the_report():
    report = gradcli.grad("1/(1+e^{-(w0x0+w1x1+w2)})", {"w0": 2, "x0": -1, "w1": -3, "x1": -2, "w2": -3})
    text = render([Part(report)], Look())
    gates = [row for row in report.forward if row.kind == "gate"]
    numbers = [int(number) for number in re.findall(r"^(\d+)\. ", text, re.M)]
    assert numbers == [*range(1, len(gates) + 1), *range(1, len(report.backward) + 1)]


def test_partials_come_last_and_those_that_do_not_exist_are_said_so():
    assert told("x y", {"x": 2, "y": 3}).endswith("Partials.\nThe partial of f with respect to x is 3; in the variables it is y.\n"
                                                   "The partial of f with respect to y is 2; in the variables it is x.\n")  # fmt: skip
    assert "The partial of f with respect to x does not exist." in told("floor(x)", {"x": 1})


def test_second_and_higher_derivatives_are_told_too():
    assert "The second derivative of f with respect to x and y is 4; in the variables it is 2 times x." in run_here(
        "x^2y", "x=2", "y=3", "--hessian", "--graph", "--plain").out  # fmt: skip
    assert "The derivative of order 2 of f with respect to x is 12" in run_here("x^3", "x=2", "--order", "2", "--graph", "--plain").out


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("x^2 - y^3", "x squared minus y cubed"),
        ("-x^(n + 1)", "minus x to the power open bracket n plus 1 close bracket"),
        ("x^2^y", "x to the power 2 to the power y"),
        ("1/(1 + exp(-x))", "1 divided by open bracket 1 plus the exponential of open bracket minus x close bracket close bracket"),
        ("sin(x)*cos(y)", "the sine of x times the cosine of y"),
        ("W'@∂f/∂v1", "W transposed matrix times the gradient of f with respect to v1"),
        ("1_{k=i} x_j", "1 if k equals i else 0, times x_j"),
        ("Σ_m W_{m,i} · ∂f/∂v1_m", "the sum over m of W index m, i times the gradient of f with respect to v1_m"),
        ("1.5e-13*x", "1.5 times 10 to the power minus 13 times x"),
        ("where(x > 0, 1, 0)", "where of open bracket x greater than 0, 1, 0 close bracket"),
    ],
)
def test_formulas_are_said_in_words(formula, words):
    assert Speech(Look()).formula(formula) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (-4.0, "minus 4"),
        (1e-13, "1 times 10 to the power minus 13"),
        (float("-inf"), "minus infinity"),
        (float("nan"), "undefined"),
        ([1.0, -2.0], "the vector 1, minus 2"),
        ([[1.0, 2.0], [3.0, 4.0]], "the 2 by 2 array 1, 2; 3, 4"),
        ([[[1.0], [2.0]]], "the 1 by 2 by 1 array 1; 2"),
    ],
)
def test_numbers_and_arrays_are_said_in_words(value, words):
    assert Speech(Look()).value(value) == words


SIGNS = set("─│┌┐└┘├┤┬┴●|·×⊙∂=+*^/@[]{}<>²³∞")


@given(st.sampled_from(["(x+y)z", "x*x + sin(x)", "x/(y+z)^2", "q = x y; f = q^2 + q z", "where(x > 0, x, -y) z", "sum([x, y, z]^2)", "x", "2"]),
       st.tuples(*[st.floats(-4, 4).map(lambda v: round(v, 2))] * 3))  # fmt: skip
def test_no_sign_is_left_that_a_screen_reader_would_swallow(expression, point):
    values = {name: value for name, value in zip("xyz", point) if name in expression.replace("sin", "").replace("where", "")}
    try:
        text = told(expression, values)
    except gradcli.errors.GradError:
        return  # undefined at this point
    body = "\n".join(line for line in text.splitlines() if not line.startswith("note:"))
    assert not SIGNS & set(body)
    assert not re.search(r"-\d", body)


def test_russian_has_every_word():
    english = told("x*x + sin(x) - 1/x", {"x": 2})
    russian = told("x*x + sin(x) - 1/x", {"x": 2}, language("ru"))
    assert len(english.splitlines()) == len(russian.splitlines())
    assert "Градиент f по v1 равен 1: локальный градиент 1 умножить на входящий градиент 1." in russian
    assert not re.findall(r"[a-z]{3,}", russian), "a word that was left in English"


def test_the_command_line_takes_both_flags_for_it():
    assert run_here(*ONE, "--graph", "--plain").out == run_here(*ONE, "--format", "narrated").out == run_here(*ONE, "--plain", "--graph").out


def test_the_same_text_in_ascii_terminals():
    assert run_here(*ONE, "--graph", "--plain", encoding="ascii").out.isascii()
