"""Long texts: statements of one shape are parsed once, and nobody can tell; the work grows as the text does."""

import random
import sys

import pytest

from gradcli.errors import GradError, Source
from gradcli.limits import Limits
from gradcli.syntax import reader
from gradcli.syntax.straight import straight

HUGE = Limits().raised("text=100000000,depth=1000000,nodes=10000000,names=10000000")
# What a statement may look like: A is a name that exists by then, # a number. Some need a note, some have a form of their own.
USUAL = [
    "A + A", "A - A*A", "A*(A - #)/A", "sin(A)", "tanh(A*A)", "max(A, A)", "A^2", "e^A", "A^-1", "-A", "+A", "-#*A", "# + (A)", "hypot(A, A*#)",
    "((A))", "pi*A", "A ** # - A", "relu(A+#)", "where(A < #, A, A*A)", "sqrt( A )",
]  # fmt: skip
RARE = [
    "A", "#", "-#", "e", "A/A/A", "-A^2", "A^A^2", "2A", "A A", "A(A + 1)", "sin A", "sin^2(A)", "sin^-1(A)", "log(A)", "log_2(A)", "norm(A, 2)", "A²",
    "A^1/2", "x_1 + x1", "w_{0}*A", "θ + theta", "dx*A", "T*A", "A^T", "3e-2*A", "2^3 A", "A!", "A*-A", "half*A", "foo + A", "xy", "√A", "A·A",
]  # fmt: skip
WRONG = ["A +", "(A", "A)", "nobody(A)", "v1 = A", "= A", "A == A", "sin", "max(A)", "1/0.0.0", "later*A", "km", "A 2 3", "1e999", "A, A", "A % 2"]


def program(text, names=("x", "y")):
    """Return what the ordinary way makes of a text, or its error."""
    before, reader._LONG = reader._LONG, sys.maxsize
    try:
        return reader.read(Source(text), frozenset(names), HUGE)
    except GradError as error:
        return error
    finally:
        reader._LONG = before


def told(found):
    """Return everything a program says."""
    return {
        **{name: getattr(found, name) for name in ("output", "output_name", "head", "statements", "stage_nodes", "readings", "variables")},
        "stages": list(found.stages.items()),
        "spans": [(node, tuple(where)) for node, where in found.spans.items()],
    }


def statements(generator, kinds, count):
    names, out = ["x", "y", "z0"], []
    for n in range(count):
        name = generator.choice((f"v{n}", f"v_{n}", f"h{n}a"))
        right = "".join(
            generator.choice(names) if c == "A" else generator.choice(("1", "2", "0.5", "3.25", ".5", "1e-3")) if c == "#" else c
            for c in generator.choice(kinds)
        )
        out.append(name + generator.choice(("=", " = ", "= ", " := ")) + right)
        names.append(name)
    return generator.choice(("", " ", ";")) + "".join(s + generator.choice((";", "; ", " ;\n", "\n")) for s in out)


@pytest.mark.parametrize("seed", range(60))
def test_the_shape_of_a_statement_says_how_it_is_read(seed):
    generator = random.Random(seed)
    kinds = USUAL if seed % 3 else [*USUAL, *generator.sample(RARE, 3)]
    text = statements(generator, kinds, 60) + generator.choice(("", "last = v0*2", "x*y", "g(u) = u^2; k = g(x)*2"))
    ordinary = program(text)
    found = straight(Source(text), frozenset(("x", "y")), HUGE)
    if isinstance(ordinary, GradError):
        assert found is None
    elif seed % 3:
        assert found is not None
    if found is not None:
        assert told(found) == told(ordinary)


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_is_said_as_in_a_short_text(wrong):
    generator = random.Random(wrong)
    text = statements(generator, USUAL, 300) + "bad = " + wrong.replace("A", "x") + ";" + "later = x + y; " + statements(generator, ["A + y"], 1)
    expected = program(text)
    assert isinstance(expected, GradError)
    with pytest.raises(GradError) as found:
        reader.read(Source(text), frozenset(("x", "y")), HUGE)
    assert str(found.value) == str(expected)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("q = e; r = q^x; s = x^y; t = y^x; ", ("x", "y")),
        ("r = x^y; s = r^x; q = e; t = q^x; u = s^x; ", ("x", "y")),
        ("e = 2; a = e^x; b = x^y; c = e^y; ", ("x", "y")),
        ("a = e^x; b = x^y; c = e^y; ", ("x", "y", "e")),
        ("a = x*y; # not b = a; c\nb = a*y; c = b*y; ", ("x", "y")),
        ("W = [1, 2; 3, 4]; a = x*y; b = a*y; ", ("x", "y")),
        ("a = |x|; b = |a|; c = b*|a|", ("x", "y")),
        ("g(u) = u*x; a = where(x < y, x, y); b = g(a); c = a*b; d = b*c", ("x", "y")),
        ("w = <x, y>; a = w*x; b = y*x; c = a^2; d = b^2; f = sum(c) + d", ("x", "y")),
        ("f = x*y\n- 2*x; g = f*x", ("x", "y")),
        ("g(u) = u*x; a = g(y); b = g(a); c = a*b; d = b*c", ("x", "y")),
        ("th = x*y; a = th*x; b = th(x); c = a*b", ("x", "y")),
        ("a = x*y; b = a*y; b*a; c = a*b", ("x", "y")),
        ("a = x*y; b = a*y; ;; c = a*b ;", ("x", "y")),
        ("a = x*y; b = c*y; c = a*b", ("x", "y")),
        ("a = a*x; b = b*y", ("x", "y")),
        ("dx = x*y; a = dx/y; b = x/dx; c = a/dx; d = y/b", ("x", "y")),
    ],
)
def test_what_hangs_on_more_than_the_shape(text, names):
    ordinary, found = program(text, names), straight(Source(text), frozenset(names), HUGE)
    if isinstance(ordinary, GradError):
        assert found is None
    elif found is not None:
        assert told(found) == told(ordinary)


def test_a_limit_counts_every_node():
    text = statements(random.Random(1), USUAL, 300)
    few = HUGE.raised("nodes=100")
    with pytest.raises(GradError) as found:
        reader.read(Source(text), frozenset(("x", "y")), few)
    assert found.value.kind == "too-many-nodes"
    assert found.value.span is not None


def calls(text):
    """Count the calls, of Python and of C, in reading a text."""
    count = 0

    def seen(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(seen)
    try:
        reader.read(Source(text), frozenset(("x", "y")), HUGE)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    ("make", "most"),
    [
        (lambda n: "a0 = x + y; " + "".join(f"a{k} = sin(a{k - 1}); " for k in range(1, n)), 30),
        (lambda n: "a0 = x + y; " + "".join(f"a{k} = a{k - 1}/x/y; " for k in range(1, n)), 450),
        (lambda n: "x" + "+y*x" * n, 180),
        (lambda n: "(x+" * n + "y" + ")" * n, 160),
        (lambda n: "-" * n + "x", 70),
        (lambda n: "sin(" * n + "x" + ")" * n, 160),
    ],
    ids=["stages", "stages with notes", "sum", "brackets", "signs", "calls"],
)
def test_the_work_grows_as_the_text_does(make, most):
    calls(make(500))  # tables are loaded
    small, large = calls(make(1_000)), calls(make(4_000))
    assert large <= 4.2 * small
    assert large <= most * 4_000
