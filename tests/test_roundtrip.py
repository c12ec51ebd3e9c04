"""What is printed parses back to the very same object: ``parse(text(e)) is e``, one word thanks to interning."""

import random

import pytest
from hypothesis import example, given
from strategies import anything, random_expression

from gradcli.errors import Source
from gradcli.expr import make, number, symbol, symbols
from gradcli.limits import Limits
from gradcli.notation.text import BRACKETED, LATEX, PLAIN, text
from gradcli.syntax.declared import Declared
from gradcli.syntax.reader import Reader

X = symbol("x")


def read_back(written):
    # the operators that exist for the rules alone are read with the indices that rules may have
    reader = Reader(Source(written), Declared(frozenset(), rule=True), Limits().raised("depth=5000"))
    reader.read()
    return reader.program.output


@given(anything)
@example(make("^", (number(-3), number(2))))
@example(make("-", (number(3),)))
@example(make("-", (number(-3),)))
@example(make("^", (make("e"), X)))
@example(make("-", (X, make("-", (X, X)))))
@example(make("^", (make("^", (X, X)), X)))
@example(make("*", (X, make("<", (X, X)))))
@example(make("array", (make("array", (X,)),)))
@example(make("array", (make("<", (X, X)),)))
@example(make("<", (make("<", (X, X)), X)))
def test_plain_text_is_the_inverse_of_the_parser(expr):
    assert read_back(text(expr, PLAIN)) is expr


@given(anything)
def test_so_is_the_bracketed_reading(expr):
    assert read_back(text(expr, BRACKETED)) is expr


@given(anything)
@example(make("^", (number(-3), number(2))))
@example(make("-", (number(3),)))
@example(make("-", (number(-3),)))
@example(make("^", (make("e"), X)))
@example(make("-", (X, make("-", (X, X)))))
@example(make("^", (make("^", (X, X)), X)))
@example(make("*", (X, make("<", (X, X)))))
@example(make("array", (make("array", (X,)),)))
@example(make("array", (make("<", (X, X)),)))
@example(make("<", (make("<", (X, X)), X)))
@example(make("log", (X, number(2))))
@example(make("sigmoid", (make("*", (symbol("sigma"), X)),)))
@example(make("exp", (make("+", (symbol("e"), X)),)))
@example(make("where", (make("==", (X, X)), make("where", (X, X, X)), make("abs", (make("abs", (X,)),)))))
def test_so_is_latex(expr):
    assert read_latex(expr) is expr


def read_latex(expr):
    declared = {name for name in ("e", "sigma") if symbol(name) in symbols(expr)}
    reader = Reader(Source(text(expr, LATEX)), Declared(frozenset(declared), rule=True), Limits().raised("depth=5000"))
    reader.read(latex=True)
    return reader.program.output


@pytest.mark.parametrize("style", [PLAIN, BRACKETED, LATEX])
def test_so_are_many_more(style, request):
    """The long run: a hundred thousand expressions in each notation, over all operators."""
    generator = random.Random(style)
    for _ in range(100_000 if request.config.getoption("--long") else 1_000):
        expr = random_expression(generator)
        assert (read_latex(expr) if style == LATEX else read_back(text(expr, style))) is expr, text(expr, style)
