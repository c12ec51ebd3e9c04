"""Large expressions: as deep as they like, every digit right, and nothing is written that nobody reads."""

import gc
import math
import random
from fractions import Fraction

import pytest

import gradcli
from gradcli import expr
from gradcli.circuit import Circuit
from gradcli.errors import Source
from gradcli.expr import make, number, symbol
from gradcli.nested import Given
from gradcli.solve import Question, solve
from gradcli.steps import Steps
from gradcli.syntax import Program

X, Y = symbol("x"), symbol("y")


def solved(root, **at):
    """Return the report on an expression of any size, which no text has to be read for."""
    program = Program(Source("large"))
    program.output = root
    return solve(program, Question({name: Given(value) for name, value in at.items()}))


def test_a_hundred_thousand_operations_deep():
    """x ← sin(x + y), again and again, comes to rest at v = sin(v + y), where dv/dy = c/(1 − c) with c = cos(v + y)."""
    root = X
    for _ in range(50_000):
        root = make("sin", (make("+", (root, Y)),))
    report = solved(root, x=0.5, y=0.75)
    c = math.cos(report.value + 0.75)
    assert report.value == pytest.approx(math.sin(report.value + 0.75), rel=1e-15)
    assert report.partials["y"].value == pytest.approx(c / (1 - c), rel=1e-12)
    assert report.partials["x"].status == "underflow"


def test_every_digit_of_a_long_sum_is_right():
    draw, root, value, slope = random.Random(7), X, Fraction(1, 8), Fraction(0)
    x, y = Fraction(1, 8), Fraction(-5, 16)
    for _ in range(3_000):
        c = draw.randrange(-(10**9), 10**9)
        root = make("+", (root, make("*", (make("*", (number(c, -7), Y)), make("*", (Y, X))))))
        value, slope = value + Fraction(c, 10**7) * y * y * x, slope + 2 * Fraction(c, 10**7) * y * x
    report = solved(root, x=float(x), y=float(y))
    assert (report.value, report.partials["y"].value) == (float(value), float(slope))


def test_partials_of_many_kinks():
    """Of 2000 relus a third is at its kink, where the slope nearest to 0 is 0."""
    root = X
    for n in range(2_000):
        root = make("+", (root, make("relu", (make("*", (number(n % 3 - 1), make("-", (Y, number(1))))),))))
    partial = solved(root, x=0.0, y=1.0).partials["y"]
    assert (partial.status, partial.value, partial.right) == ("kink", 0.0, 667.0 - 1)
    assert partial.left == -667.0


def test_rows_and_formulas_are_written_when_they_are_read(monkeypatch):
    written = []

    def watch(owner, name):
        real = getattr(owner, name)
        monkeypatch.setattr(owner, name, lambda *args: written.append(name) or real(*args))

    for owner, name in ((Circuit, "forward"), (Circuit, "written"), (Steps, "rows"), (Circuit, "_names")):
        watch(owner, name)
    report = gradcli.grad("a = x*y; a*sin(a)", x=0.3, y=2)
    assert report.partials["x"].value
    assert not written
    assert [row.name for row in report.forward] == ["x", "y", "a", "v1", "f"]
    assert report.partials["x"].formula
    assert len(report.backward) == 7
    assert {"forward", "rows", "written"} <= set(written)


def test_what_is_read_later_is_as_certain():
    """The output is certain at once; what a table shows of the way may need more bits than that."""
    report = gradcli.grad("t = sqrt(2)^2 - 2; x + t*1e-30 + (exp(1e-20*x) - 1)", x=3)
    values = {row.name: row.value for row in report.forward}
    assert report.value == 3.0
    assert values["t"] == 0.0
    assert 3e-20 in values.values()  # exp(3e-20) − 1


def test_nodes_are_freed():
    gc.collect()
    root = symbol("lonely")
    for n in range(1_000):
        root = make("+", (root, number(n, -400)))
    alive = len(expr._interned)
    del root
    gc.collect()
    assert len(expr._interned) < alive - 1_900
