"""Formulas for people: short, and the same function as the raw gradient."""

import math

import pytest
from hypothesis import assume, given
from strategies import points, smooth

import gradcli
from gradcli.arithmetic import evaluate
from gradcli.arithmetic.real import Real
from gradcli.backward import gradient
from gradcli.errors import Source
from gradcli.expr import ONE, symbol, symbols, tape
from gradcli.limits import Limits
from gradcli.shapes import Shapes
from gradcli.simplify import Simplifier

SHORT = {
    "(x+y)*z": {"x": "z", "y": "z", "z": "x + y"},
    "x^2": {"x": "2*x"},
    "x*x": {"x": "2*x"},
    "x/y": {"x": "1/y", "y": "-x/y^2"},
    "1/x": {"x": "-1/x^2"},
    "sqrt(x)": {"x": "1/(2*sqrt(x))"},
    "x^y": {"x": "y*x^(y - 1)", "y": "x^y*ln(x)"},
    "3*x + 2": {"x": "3"},
    "0.5*x^2 + x/2": {"x": "x + 1/2"},
    "x - x": {"x": "0"},
    "exp(-x)": {"x": "-exp(-x)"},
    "ln(x^2)": {"x": "2/x"},
    "sigmoid(x)": {"x": "sigmoid(x)*(1 - sigmoid(x))"},
    "erf(x)": {"x": "2*exp(-x^2)/sqrt(pi)"},
    "(1 - x)^2 + 100*(y - x^2)^2": {"x": "-400*x*(y - x^2) - 2*(1 - x)", "y": "200*(y - x^2)"},
    "x*y*z": {"x": "y*z", "y": "x*z", "z": "x*y"},
    "prod([x, y, z])": {"x": "y*z", "y": "x*z", "z": "x*y"},
    "norm([x, y])": {"x": "x/norm([x, y])", "y": "y/norm([x, y])"},
    "trace([[x, 1], [2, y]])": {"x": "1", "y": "1"},
    "sum([x, y])^2": {"x": "2*sum([x, y])", "y": "2*sum([x, y])"},
    "sum([x, y, z])": {"x": "1", "y": "1", "z": "1"},
}


@pytest.mark.parametrize("text", SHORT)
def test_short_formulas(text):
    assert {name: p.formula for name, p in gradcli.grad(text).partials.items()} == SHORT[text]


@given(smooth, points, points)
def test_shortening_preserves_the_value(expr, x, y):
    shapes = Shapes({}, Limits(), {}, Source(""))
    at = {symbol("x"): x, symbol("y"): y}
    for raw in gradient(expr, tape(expr), symbols(expr), ONE, shapes).values():
        long, short = (evaluate(tape(e), dict(at), Real())[e] for e in (raw, Simplifier(shapes)(raw)))
        assume(math.isfinite(long))
        scale = max(abs(v) for v in evaluate(tape(raw), dict(at), Real()).values() if math.isfinite(v))
        assert math.isclose(short, long, rel_tol=1e-6, abs_tol=1e-12 * max(1.0, scale))


@given(smooth)
def test_shortening_again_changes_nothing_more(expr):
    shapes = Shapes({}, Limits(), {}, Source(""))
    for raw in gradient(expr, tape(expr), symbols(expr), ONE, shapes).values():
        once = Simplifier(shapes)(raw)
        assert len(tape(Simplifier(shapes)(once))) <= len(tape(once))
