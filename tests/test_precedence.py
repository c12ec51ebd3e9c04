"""How an expression is read, and why."""

import pytest

from gradcli.errors import Source
from gradcli.notation.text import BRACKETED, text
from gradcli.syntax.reader import read

READINGS = {
    "a-b-c": "(a - b) - c",             # sums are read from the left
    "a/b/c": "(a/b)/c",                 # and so are quotients
    "a/b*c": "(a/b)*c",                 # / and * have one rank
    "a+b*c": "a + (b*c)",               # * before +
    "-x^2": "-(x^2)",                   # a power before the sign: mathematics, not a spreadsheet
    "(-x)^2": "(-x)^2",
    "-2^2": "-(2^2)",                   # also where the base is a number
    "2^-x": "2^(-x)",                   # a sign may stand in an exponent
    "x^y^z": "x^(y^z)",                 # towers are read from the top
    "x**2": "x^2",                      # as in Python
    "-x*y": "(-x)*y",                   # a sign binds tighter than a product: the value is the same
    "2*-x": "2*(-x)",
    "--x": "-(-x)",                     # doubled signs occur in homework
    "a - -b": "a - (-b)",
    "W@x+b": "(W @ x) + b",             # @ has the rank of *
    "A@B@x": "(A @ B) @ x",
    "A'@x": "A' @ x",                   # a transpose before everything
    "x!^2": "x!^2",
    "x[1]^2": "x[1]^2",
    "e^-x": "exp(-x)",                  # Euler's number to a power is the exponential
    "x − y × z ÷ w · v": "x - (((y*z)/w)*v)",  # signs as they are typeset
    "Aᵀ": "A'",
    "x ⊙ y .* z": "(x*y)*z",
    "log(x) + log(x, 2)": "ln(x) + log(x, 2)",  # the natural logarithm, unless a base is given
    "[1, 2; 3, 4]": "[[1, 2], [3, 4]]",
    "norm(x, 2) + norm(x, 1)": "norm(x) + norm(x, 1)",
    "max(a, b, c)": "max([a, b, c])",
    "W[1:2, 3]": "W[1:2]'[3]",
}  # fmt: skip


@pytest.mark.parametrize(("written", "reading"), READINGS.items())
def test_reading(written, reading):
    assert text(read(Source(written)).output, BRACKETED) == reading
