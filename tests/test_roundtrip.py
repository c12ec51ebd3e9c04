"""What is printed parses back to the very same object: ``parse(text(e)) is e``, one word thanks to interning."""

import random

import pytest
from hypothesis import example, given
from strategies import anything, random_expression

from gradcli.errors import Source
from gradcli.expr import make, number, symbol, symbols
from gradcli.limits import Limits
from gradcli.notation.text import BRACKETED, LATEX, PLAIN, text
from gradcli.syntax import Declared
from gradcli.syntax.reader import Reader

X = symbol("x")


def read_back(expr, style):
    # the operators that exist for the rules alone are read with the indices that rules may have
    declared = {name for name in ("e", "sigma") if symbol(name) in symbols(expr)}
    reader = Reader(Source(text(expr, style)), Declared(frozenset(declared), rule=True), Limits().raised("depth=5000"))
    reader.read(latex=style == LATEX)
    return reader.program.output


# Where a printer is easily wrong.
TRAPS = [
    make("^", (number(-3), number(2))),
    make("-", (number(3),)),
    make("-", (number(-3),)),
    make("^", (make("e"), X)),
    make("-", (X, make("-", (X, X)))),
    make("^", (make("^", (X, X)), X)),
    make("*", (X, make("<", (X, X)))),
    make("array", (make("array", (X,)),)),
    make("array", (make("<", (X, X)),)),
    make("<", (make("<", (X, X)), X)),
    make("log", (X, number(2))),
    make("sigmoid", (make("*", (symbol("sigma"), X)),)),
    make("exp", (make("+", (symbol("e"), X)),)),
    make("where", (make("==", (X, X)), make("where", (X, X, X)), make("abs", (make("abs", (X,)),)))),
]


def with_traps(test):
    """Add the traps to a test of random expressions."""
    for expr in TRAPS:
        test = example(expr)(test)
    return test


@with_traps
@given(anything)
def test_plain_text_is_the_inverse_of_the_parser(expr):
    assert read_back(expr, PLAIN) is expr


@with_traps
@given(anything)
def test_so_is_the_bracketed_reading(expr):
    assert read_back(expr, BRACKETED) is expr


@with_traps
@given(anything)
def test_so_is_latex(expr):
    assert read_back(expr, LATEX) is expr


@pytest.mark.parametrize("style", [PLAIN, BRACKETED, LATEX])
def test_so_are_many_more(style, request):
    """The long run: a hundred thousand expressions in each notation, over all operators."""
    generator = random.Random(style)
    for _ in range(100_000 if request.config.getoption("--long") else 1_000):
        expr = random_expression(generator)
        assert read_back(expr, style) is expr, text(expr, style)
