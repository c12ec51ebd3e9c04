"""--hessian and --order: the gradient is an expression, and is differentiated again."""

import math

import pytest

import gradcli
from gradcli.errors import GradError


def test_hessian_of_a_polynomial():
    report = gradcli.grad("x^2*y + y^3", x=3, y=2, hessian=True)
    assert {(a, b): p.value for a, row in report.hessian.items() for b, p in row.items()} == {
        ("x", "x"): 4, ("x", "y"): 6, ("y", "x"): 6, ("y", "y"): 12,
    }  # fmt: skip
    assert report.hessian["x"]["y"].formula == "2*x"


def test_hessian_of_a_quadratic_form_is_nested_by_shape():
    report = gradcli.grad("x'@A@x", x=[1, 2], A=[[1, 2], [3, 4]], hessian=True, wrt="x")
    assert report.hessian["x"]["x"].value == [[2, 5], [5, 8]]


def test_hessian_where_a_pair_does_not_meet():
    report = gradcli.grad("sum(x^2) + y", x=[1, 2], y=3, hessian=True)
    assert report.hessian["y"]["x"].value == [0, 0]
    assert report.hessian["x"]["y"].value == [0, 0]


def test_orders_of_tanh():
    report = gradcli.grad("tanh(x)", x=0.5, order=4)
    t = math.tanh(0.5)
    exact = [1 - t**2, -2 * t * (1 - t**2), -2 + 8 * t**2 - 6 * t**4, 16 * t - 40 * t**3 + 24 * t**5]
    assert [p.value for p in report.orders] == pytest.approx(exact, rel=1e-13)


def test_orders_of_a_power():
    assert [p.formula for p in gradcli.grad("x^5", order=6).orders] == ["5*x^4", "20*x^3", "60*x^2", "120*x", "120", "0"]


def test_order_needs_one_variable():
    with pytest.raises(GradError, match="one variable"):
        gradcli.grad("x*y", x=1, y=2, order=2)


def test_hessian_needs_a_number():
    with pytest.raises(GradError, match="vector of 2"):
        gradcli.grad("[x, x^2]", x=1, hessian=True)
