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


def _random_formula(generator, depth, array):
    """Return a random number or vector over a, b, x, y, W; the shapes always fit."""
    def number(d=depth - 1):
        return _random_formula(generator, d, False)

    def vector(d=depth - 1):
        return _random_formula(generator, d, True)

    if depth <= 0:
        return generator.choice(["x", "y", "[a, b, a*b]", "W[1]"] if array else ["a", "b", "2", "0.5"])
    if array:
        return generator.choice([
            lambda: f"({vector()} + {vector()})", lambda: f"({vector()} - {vector()})", lambda: f"({vector()}).*({vector()})",
            lambda: f"({number()})*({vector()})", lambda: f"W@({vector()})", lambda: f"W'@({vector()})", lambda: f"tanh({vector()})",
            lambda: f"softmax({vector()})", lambda: f"({vector()})/(2 + ({vector()})^2)",
        ])()  # fmt: skip
    return generator.choice([
        lambda: f"sum({vector()})", lambda: f"({vector()})@({vector()})", lambda: f"norm(2 + {vector()})", lambda: f"mean({vector()})",
        lambda: f"({vector()})[{generator.randint(1, 3)}]", lambda: f"({number()})*({number()})", lambda: f"sin({number()})",
        lambda: f"logsumexp({vector()})", lambda: f"W[2, 3]*({number()})", lambda: f"prod(2 + {vector()})",
    ])()  # fmt: skip


@pytest.mark.parametrize("seed", range(60))
def test_formulas_of_arrays_are_the_partials(seed):
    """The formula shown, read back and evaluated at the point, gives the numbers shown."""
    import random
    import re

    import numpy as np

    generator = random.Random(seed)
    text = _random_formula(generator, generator.randint(1, 4), False)
    point = {"x": [0.3, -0.7, 1.1], "y": [0.9, 0.2, -0.4], "a": 0.7, "b": -1.3, "W": [[0.5, -0.2, 0.3], [0.1, 0.8, -0.6], [0.4, 0.3, 0.9]]}

    def at(formula):
        return {name: v for name, v in point.items() if re.search(rf"(?<![A-Za-z]){name}(?![A-Za-z(])", formula)}

    report = gradcli.grad(text, at(text) or None)
    for partial in report.partials.values():
        if partial.formula:
            shown = np.asarray(gradcli.grad(partial.formula, at(partial.formula) or None).value)
            np.testing.assert_allclose(np.broadcast_to(shown, np.shape(partial.value)), partial.value, rtol=1e-7, atol=1e-9, err_msg=text)
