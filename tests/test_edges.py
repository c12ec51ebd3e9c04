"""Edges: kinks, jumps, ends of domains, far out. The truth is written by hand in tests/edges; see a header there."""

import collections

import edge_tables
import mpmath
import pytest
from conftest import run_here
from edge_tables import close, number
from mpmath import mp, mpf

import gradcli
from gradcli.errors import GradError, Source
from gradcli.solve import Question, solve
from gradcli.syntax.reader import read
from gradcli.values import arrays_in

ROWS = edge_tables.table()
HARD = ("where(x==0,0,x*sin(1/x))", "where(x==0,0,sin(1/x))")  # no three quotients tell that there is no limit
UNDECIDED = {  # honest: coincidences that no number of digits proves, and oscillations that no power series follows
    "max(sin(x),cos(x)) at x=pi/4", "min(sin(x),cos(x)) at x=pi/4", "abs(x^2-2) at x=sqrt(2)", "floor(x^2) at x=sqrt(2)",
    "abs(ln(x)-1) at x=e", "where(x==0,0,x*sin(1/x)) at x=0", "where(x==0,0,x^2*sin(1/x)) at x=0", "where(x==0,0,sin(1/x)) at x=0",
    "where(x>0,tanh(1/x),1) at x=0", "asin(x)+acos(x) at x=1",
}  # fmt: skip
SEVERITY = {status: rank for rank, status in enumerate(edge_tables.STATUSES)}


def each(rows):
    return pytest.mark.parametrize("row", [pytest.param(row, id=row.id) for row in rows])


# ---- the table itself ---------------------------------------------------------------------------------------


@each(ROWS)
def test_the_row_is_well_formed(row):
    assert row.status in edge_tables.STATUSES
    assert row.why
    columns = [number(cell) for cell in (row.value, row.left, row.right)]
    if row.status in ("error", "undefined"):
        assert columns == [None] * 3
    elif row.status in ("vertical", "jump"):
        assert columns[0] is None
    elif row.status != "kink":
        assert columns[0] is not None


@each(ROWS)
def test_the_row_is_true(row):
    """What mpmath finds, from values of the function alone, is what the row says."""
    if row.expression in HARD:
        pytest.skip("three quotients do not tell")
    found = edge_tables.examine(row)
    assert found is not None, "three quotients do not tell"
    with mp.workdps(edge_tables.digits(row)):
        left, right, printed = number(row.left), number(row.right), number(row.value)
        digits = 14 if row.status in ("overflow", "underflow") else 25
        assert found.status == row.status, found
        assert close(found.left, left, digits), (found.left, left)
        assert close(found.right, right, digits), (found.right, right)
        if row.status == "kink" and printed is not None:
            assert min(left, right) <= printed <= max(left, right)
        elif printed is not None:
            assert all(close(printed, side, digits) for side in (left, right) if side is not None)


def test_the_table_is_large_and_checked():
    assert len(ROWS) >= 440
    assert len({(row.expression, row.point, row.wrt) for row in ROWS}) == len(ROWS)
    assert sum(row.expression in HARD for row in ROWS) / len(ROWS) < 0.01
    counts = collections.Counter(row.status for row in ROWS)
    assert all(counts[status] >= 10 for status in edge_tables.STATUSES), counts


# ---- gradcli ------------------------------------------------------------------------------------------------


def answer(row):
    """Return the partial that gradcli gives, at the point exactly as it is written."""
    given = row.given()
    program = read(Source(row.expression), frozenset(given), arrays=arrays_in(given))
    return solve(program, Question(given, wrt=[row.name])).partials[row.name]


def undecided(row):
    """Tell whether gradcli says that it does not know, of the partial or of the value itself."""
    try:
        return answer(row).status == "undecided"
    except GradError as error:
        return error.kind == "undecided"


def entry(value, index):
    """Return an entry of a nested list; what is no list stands for every entry."""
    for i in index:
        value = value[i] if isinstance(value, list) else value
    return value


def agrees(got, want, digits=11):
    """Compare a float64 with the truth: None with None, else digits, or the least float64 near 0."""
    if got is None or want is None:
        return got is want
    return close(mpf(got), want, digits) or (abs(want) > 0 and abs(mpf(got) - want) <= mpf(2) ** -1074)


@each(ROWS)
def test_gradcli(row):
    if row.status == "error":
        with pytest.raises(GradError) as error:
            answer(row)
        assert error.value.code == 3
        return
    if f"{row.expression} at {row.point}" in UNDECIDED:
        assert undecided(row)
        return
    partial = answer(row)
    place = 0
    for size, i in zip(partial.shape, row.index):
        place = place * size + i
    assert partial.entries[place] == row.status
    assert SEVERITY[partial.status] == max(SEVERITY[status] for status in partial.entries)
    with mp.workdps(400):
        value, left, right = number(row.value), number(row.left), number(row.right)
        if row.status in ("overflow", "underflow"):
            assert close(mpf(entry(partial.certified, row.index)), value, 5)
            return
        if row.status == "smooth":
            assert agrees(entry(partial.value, row.index), value)
        elif row.status == "kink" and value is None:
            got = entry(partial.value, row.index)
            assert got is not None
            assert min(left, right) <= mpf(got) <= max(left, right)
            assert mpmath.isfinite(mpf(got))
        else:
            assert agrees(entry(partial.value, row.index), value)
        if row.status != "smooth":
            assert agrees(entry(partial.left, row.index), left)
            assert agrees(entry(partial.right, row.index), right)


@pytest.mark.parametrize("order", ["pi!*tan(885.127)", "2.5"])
def test_the_order_of_polygamma_is_a_whole_number_beside_the_point_too(order):
    with pytest.raises(GradError) as caught:
        gradcli.grad(f"polygamma({order}, x)", x=-1)
    assert caught.value.kind == "undefined"


def test_an_entry_that_nobody_can_decide_is_undecided_in_an_array_too():
    ran = run_here("max(x + y, y + x)", "x=[5,]", "y=pi", "-q")
    assert (ran.out, ran.code) == ("df/dx\t[[undefined]]\ndf/dy\t[undefined]\n", 3)
