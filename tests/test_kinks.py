"""Where there is no derivative: kinks take the subgradient of least norm and say so; jumps have no gradient."""

import pytest

import gradcli
from gradcli.errors import GradError


def status(text, **at):
    report = gradcli.grad(text, at)
    return {name: (p.value, p.status) for name, p in report.partials.items()}, report.notes


@pytest.mark.parametrize(
    ("text", "at", "want"),
    [
        ("abs(x)", {"x": 0}, {"x": 0.0}),
        ("relu(x)", {"x": 0}, {"x": 0.0}),
        ("max(x, y)", {"x": 1, "y": 1}, {"x": 0.5, "y": 0.5}),
        ("max(x)", {"x": [2, 2, 1]}, {"x": [0.5, 0.5, 0.0]}),
        ("max(x, y, z)", {"x": 1, "y": 1, "z": 1}, {"x": 1 / 3, "y": 1 / 3, "z": 1 / 3}),
        ("clip(x, 0, 1)", {"x": 1}, {"x": 0.0}),
        ("norm(x)", {"x": [0, 0]}, {"x": [0.0, 0.0]}),
        ("hypot(x, y)", {"x": 0, "y": 0}, {"x": 0.0, "y": 0.0}),
        ("leaky_relu(x)", {"x": 0}, {"x": 0.01}),
    ],
)
def test_kink(text, at, want):
    found, notes = status(text, **at)
    assert found == {name: (value, "kink") for name, value in want.items()}
    assert "kink" in notes[0]


@pytest.mark.parametrize(("text", "x"), [("sign(x)", 0), ("floor(x)", 2), ("ceil(x)", 2), ("round(x)", 0.5)])
def test_jump(text, x):
    found, notes = status(text, x=x)
    assert found == {"x": (None, "jump")}
    assert "jumps" in notes[0]


def test_a_kink_that_nothing_flows_through_is_none():
    found, notes = status("where(x > 0, x, abs(x - 1))", x=1)
    assert found == {"x": (1.0, "smooth")}
    assert not notes


def test_a_vertical_tangent_has_no_number():
    report = gradcli.grad("sqrt(x)", x=0)
    partial = report.partials["x"]
    assert (partial.value, partial.status, partial.left, partial.right) == (None, "vertical", None, float("inf"))
    assert report.notes == ["∂f/∂x: f = √x makes the slope infinite at x = 0: slope none on the left, ∞ on the right"]


def test_one_partial_may_be_undefined_and_the_other_not():
    found, _ = status("x^y", x=-2, y=2)
    assert found == {"x": (-4.0, "smooth"), "y": (None, "undefined")}


def test_the_branch_not_taken_does_not_count():
    found, _ = status("where(x > 0, sqrt(x), -x)", x=-4)
    assert found == {"x": (-1.0, "smooth")}
    assert gradcli.grad("sum(where(x > 0, log(x), 2*x))", x=[1, -2]).partials["x"].value == [1, 2]


def test_a_condition_at_its_edge_is_said():
    _, notes = status("where(x > 0, x, 2*x)", x=0)
    assert "edge" in notes[0]


@pytest.mark.parametrize("text", ["log(x)", "1/x", "x^(-1)", "atan2(x, x)", "acosh(x)", "x/x", "0*log(x)"])
def test_a_gradient_of_an_undefined_value_is_never_a_number(text):
    with pytest.raises(GradError, match="undefined") as error:
        gradcli.grad(text, x=0)
    assert error.value.code == 3


def test_a_jump_that_a_zero_multiplies_is_a_kink():
    partial = gradcli.grad("x*sign(x)", x=0).partials["x"]
    assert (partial.value, partial.status, partial.left, partial.right) == (0.0, "kink", -1.0, 1.0)


def test_kinks_that_cancel():
    partial = gradcli.grad("relu(x)-relu(-x)", x=0).partials["x"]
    assert (partial.value, partial.status) == (1.0, "smooth")


def test_decimals_are_exact():
    """0.1 is one tenth, though no float64 is: the kink is met."""
    from conftest import run_here

    assert "has a kink at v2 = 0: slope -10 on the left, 10 on the right" in run_here("abs(10x-1)", "x=0.1").out
    assert "a kink" not in run_here("abs(10x-1)", "x=0.1000000000000000055511151231257827021181583404541015625").out
