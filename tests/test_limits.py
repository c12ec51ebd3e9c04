"""Depth and size: no pass recurses, cost grows linearly, and limits are checked before anything is allocated."""

import sys
import time

import pytest
from conftest import run_here

import gradcli
from gradcli.errors import GradError, Source
from gradcli.limits import Limits
from gradcli.render import csv, json, lines, table
from gradcli.render.forms import Look, Part
from gradcli.solve import Question, solve
from gradcli.syntax.reader import read
from gradcli.values import from_python

HUGE = Limits().raised("text=10000000,depth=1000000,nodes=2000000")
N = 100_000


@pytest.fixture
def shallow():
    """A stack on which any recursion over the expression would fail."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(300)
    yield
    sys.setrecursionlimit(before)


def answer(text, **at):
    program = read(Source(text), frozenset(at), HUGE)
    return solve(program, Question({name: from_python(name, v) for name, v in at.items()} or None, limits=HUGE))


@pytest.mark.parametrize(
    ("text", "value", "slope"),
    [
        ("+".join(["x"] * N), N * 0.5, N),
        ("(" * N + "x" + ")" * N, 0.5, 1),
        ("-" * N + "x", 0.5, 1),
        ("sin(" * 2_000 + "x" + ")" * 2_000, None, None),
        ("x" + "'" * 0 + "*1" * N, 0.5, 1),
        ("; ".join(["a0 = x"] + [f"a{n} = a{n - 1} + 1" for n in range(1, 20_000)]), 19_999.5, 1),
    ],
    ids=["sum", "brackets", "signs", "calls", "product", "stages"],
)
def test_deep_and_long_expressions(text, value, slope, shallow):
    report = answer(text, x=0.5)
    if value is not None:
        assert report.value == value
        assert report.partials["x"].value == slope


def test_every_output_of_a_long_chain(shallow):
    report = answer("+".join(["x*y"] + ["x"] * 1_000), x=0.5, y=2)
    parts, look = [Part(report)], Look()
    for text in (json.render(parts, look), lines.render(parts, look), csv.render(parts, look)):
        assert len(text) > 20
    sys.setrecursionlimit(1000)  # Rich's own calls need more than 300 frames; ours still do not grow with the expression
    assert "Partials" in table.render(parts, look)


def test_a_long_chain_in_symbols(shallow):
    report = answer("+".join(["x*y"] + ["x"] * 2_000))
    assert report.partials["y"].formula == "x"


def test_sixty_doublings_take_milliseconds():
    text = "; ".join(["a0 = x + x"] + [f"a{n} = a{n - 1} + a{n - 1}" for n in range(1, 60)])
    gradcli.grad("x + x", x=1)
    start = time.perf_counter()
    report = gradcli.grad(text, x=1)
    assert report.partials["x"].value == 2.0**60
    assert time.perf_counter() - start < 2  # paths would take ten thousand years


def test_sixty_squarings_in_symbols():
    # x^(2^60): its derivative has one factor, not 2^60
    text = "; ".join(["a0 = x*x"] + [f"a{n} = a{n - 1}*a{n - 1}" for n in range(1, 60)])
    report = gradcli.grad(text)
    assert report.partials["x"].formula == "1152921504606846976*x^1152921504606846975"


@pytest.mark.parametrize(
    ("args", "kind"),
    [
        (["+".join(["x"] * 40_000), "x=1"], "too-long"),
        (["+".join(f"{n}*x" for n in range(6_000)), "x=1"], "too-many-nodes"),
        (["(" * 1_001 + "x" + ")" * 1_001, "x=1"], "too-deep"),
        (["-" * 1_001 + "x", "x=1"], "too-deep"),
        (["+".join(f"a{n}" for n in range(300))], "too-many-names"),
        (["outer(x, outer(x, x)[1])", "x=[" + ",".join(["1"] * 1_001) + "]"], "too-many-elements"),
        (["W@x", "W=[[1,2],[3,4]]", "x=[1,2]", "--limit", "elements=3"], "too-many-elements"),
        (["x", "x=1" + "0" * 70_000], "too-long"),
    ],
)
def test_limits(args, kind):
    ran = run_here(*args)
    assert ran.code == 4
    assert f"error[{kind}]" in ran.err
    assert len(ran.err) < 4096
    assert not ran.out


def test_at_the_limit_is_still_inside():
    assert run_here("(" * 1_000 + "x" + ")" * 1_000, "x=1", "-q").code == 0


def test_limits_hold_for_standard_input_and_files(tmp_path):
    long = "+".join(["x"] * 40_000)
    assert run_here("-", "x=1", stdin=long).code == 4
    sheet = tmp_path / "long.grad"
    sheet.write_text(long)
    assert run_here(str(sheet), "x=1").code == 4
    huge = tmp_path / "w.npy"
    with huge.open("wb") as file:
        file.truncate(10**11)  # sparse: it must be refused by its size
    assert run_here("w", f"w=@{huge}").code == 4
    values = tmp_path / "x.csv"
    values.write_text("\n".join("1" for _ in range(1_001)))
    assert run_here("sum(x)", f"x=@{values}", "--limit", "elements=1000").code == 4


def test_limits_from_the_environment(monkeypatch):
    monkeypatch.setenv("GRADCLI_LIMITS", "nodes=3")
    assert run_here("x+y+z", "x=1", "y=1", "z=1").code == 4
    assert run_here("x+y+z", "x=1", "y=1", "z=1", "--limit", "nodes=10").code == 0


def test_nothing_is_allocated_before_the_limit_is_checked():
    import tracemalloc

    tracemalloc.start()
    with pytest.raises(GradError, match="the limit is"):
        gradcli.grad("outer(outer(x, x)@x, outer(x, x)@x)@x", x=[1.0] * 2_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20e6
