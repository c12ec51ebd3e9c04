"""Every row of the table against mpmath at 50 digits: tested because it is declared, not because somebody remembered."""

import math
import random

import mpmath
import numpy as np
import oracles
import pytest
from mpmath import mpf

from gradcli import ops
from gradcli.arithmetic import evaluate
from gradcli.arithmetic.array import STRUCTURAL, Array
from gradcli.arithmetic.real import KERNELS, Real
from gradcli.ops import ATOM, TABLE, UNWRITTEN
from gradcli.rules import OUT, condition, formals, rule, value

ELEMENTWISE = [row for row in TABLE if row.shape is None and row.formals]
REAL, ARRAY = Real(), Array()
POINTS = 60

# The largest errors allowed, in ulps of value and partial. Where more than 5, a reason.
LARGEST = {
    "gelu(x)": 60,            # its derivative has a zero near -0.75, where two terms cancel
    "silu(x)": 60,            # and so has this one, near -1.28
    "x!": 20,                 # x + 1 is rounded
}  # fmt: skip


def partial_of(row, position, args):
    """Evaluate one partial of a row at floats, as the sweep does."""
    env = dict(zip(formals(row), args))
    env[OUT] = REAL.apply(row.name, tuple(args))
    wanted = rule(row, position)
    return evaluate(wanted.tape, env, REAL)[wanted.root]


def sample(row, generator):
    args = [float(generator.uniform(low, high)) for low, high in row.at]
    if row.formals[0] in ("c", "n"):  # a condition, an order: whole numbers
        args[0] = float(round(args[0]))
    return args


def at_a_kink(row, args):
    """Near a kink or a jump differences are no oracle."""
    spread = 1e-6
    for shift in (-spread, 0, spread):
        moved = [a + shift for a in args]
        found = condition(row)
        if found is None:
            return False
        env = dict(zip(formals(row), moved))
        env[OUT] = REAL.apply(row.name, tuple(moved))
        if evaluate(found.tape, env, REAL)[found.root]:
            return True
    return False


def test_every_row_says_what_it_is():
    for row in TABLE:
        assert row.about, row
        assert len(row.rules) in (len(row.formals), 1 if row.name == "array" else len(row.formals)), row
        assert row.shape or row.at or not row.formals, f"{row} has no box to sample"
        assert bool(row.value) != ((row.name, len(row.formals)) in {**KERNELS, **STRUCTURAL} or row.name == "array"), (
            f"{row} needs a value as a formula, or a kernel, not both"
        )


def test_no_form_is_declared_twice():
    forms = [row.form for row in TABLE]
    assert len(forms) == len(set(forms))
    for name, rows in ops.CALLS.items():
        signatures = [(len(r.formals) + len(r.literals), tuple(r.literals.items()), r.shape) for r in rows]
        assert len(signatures) == len(set(signatures)), name


def test_every_formula_of_the_table_parses():
    for row in TABLE:
        for position, text in enumerate(row.rules):
            if text != UNWRITTEN:
                rule(row, position)
        value(row)
        condition(row)


@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.form)
def test_value_and_partials(row):
    function, generator = oracles.SCALAR[row.form], random.Random(row.form)
    allowed = LARGEST.get(row.form, 5)
    checked = 0
    for _ in range(POINTS):
        args = sample(row, generator)
        if at_a_kink(row, args):
            continue
        exact = [mpf(a) for a in args]
        assert oracles.ulps(REAL.apply(row.name, tuple(args)), function(*exact)) <= allowed, (row, args)
        for position, text in enumerate(row.partials):
            if text not in (None, "outside(1)"):  # which says: no derivative
                want = oracles.derivative(function, exact, position)
                got = partial_of(row, position, args)
                if abs(want) < mpf(10) ** -25:
                    assert got == 0, (row, args, position)
                else:
                    assert oracles.ulps(got, want) <= allowed, (row, args, position, got, want)
        checked += 1
    assert checked > POINTS / 2


# What stays right where the textbook formula does not (notes on each in the table).
FAR = [
    ("tanh(x)", 20.0), ("tanh(x)", -18.0), ("tanh(x)", 300.0), ("sigmoid(x)", 40.0), ("sigmoid(x)", -745.0), ("sigmoid(x)", 700.0),
    ("softplus(x)", 1000.0), ("softplus(x)", -700.0), ("logsigmoid(x)", -800.0), ("logsigmoid(x)", 50.0), ("expm1(x)", 1e-15),
    ("log1p(x)", 1e-15), ("erfc(x)", 20.0), ("gauss(x)", 25.0), ("asinh(x)", 1e300), ("asinh(x)", -1e-300), ("acosh(x)", 1e300),
    ("sech(x)", 700.0), ("csch(x)", 700.0), ("csch(x)", 1e-9), ("coth(x)", 1e-9), ("coth(x)", 30.0), ("asec(x)", 1 + 1e-12),
    ("acsc(x)", -1 - 1e-12), ("acoth(x)", 1 + 1e-12), ("acoth(x)", -1e12), ("asech(x)", 1 - 1e-12), ("asech(x)", 1e-300),
    ("acot(x)", 1e20), ("acot(x)", -3.0), ("lgamma(x)", 1 + 1e-9), ("lgamma(x)", 2 - 1e-9), ("lgamma(x)", 1e10),
    ("digamma(x)", 1.4616321449683622), ("digamma(x)", 1.4616321), ("digamma(x)", -3.3), ("digamma(x)", 1e15), ("silu(x)", -700.0),
    ("atan(x)", 1e200), ("elu(x)", -50.0), ("selu(x)", -1e-12), ("cbrt(x)", -1e-300), ("sqrt(x)", 1e-320),
]  # fmt: skip


@pytest.mark.parametrize(("form", "at"), FAR, ids=[f"{form} at {at}" for form, at in FAR])
def test_far_from_home(form, at):
    row = next(row for row in TABLE if row.form == form)
    function = oracles.SCALAR[form]
    with mpmath.mp.workdps(700):
        exact = mpf(at)
        want, slope = function(exact), mpmath.diff(function, exact) if abs(at) > 1e-200 else None
    assert oracles.ulps(REAL.apply(row.name, (at,)), want) <= 8
    if slope is not None and abs(slope) > 1e-300:
        assert oracles.ulps(partial_of(row, 0, [at]), slope) <= 12


def test_the_edges_of_the_power():
    """x^y where x or y is 0 or x is negative, and the rule that is right there."""
    cases = {
        (0.0, 2.0): (0.0, 0.0), (0.0, 1.0): (1.0, 0.0), (0.0, 0.0): (0.0, None), (-2.0, 2.0): (-4.0, None), (2.0, 0.0): (0.0, math.log(2)),
        (-2.0, -1.0): (-0.25, None), (0.0, 0.5): (None, 0.0),
    }  # fmt: skip
    row = ops.OPS["^"][0]
    for args, wanted in cases.items():
        for position, want in enumerate(wanted):
            got = partial_of(row, position, list(args))
            assert math.isnan(got) if want is None else got == want, (args, position, got)


def test_constants():
    for name, exact in oracles.CONSTANT.items():
        assert REAL.apply(name, ()) == float(exact)


def test_entry_of_an_array_equals_the_number_alone():
    """The same bits, whether a number stands alone or in an array."""
    for row in ELEMENTWISE:
        generator = random.Random(row.form)
        columns = [sample(row, generator) for _ in range(5)]
        alone = [REAL.apply(row.name, tuple(args)) for args in columns]
        together = ARRAY.apply(row.name, tuple(np.array(c) for c in zip(*columns)))
        assert list(together) == alone, row


def test_every_operator_used_by_a_rule_has_rules():
    """Second derivatives exist: what a rule uses can be differentiated in turn."""
    for row in TABLE:
        for position, text in enumerate(row.rules):
            wanted = rule(row, position) if text != UNWRITTEN else None
            for node in wanted.tape if wanted else []:
                if node.op not in ("number", "symbol"):
                    assert ops.rows(node.op, len(node.args)), (row, node)


def test_sign_written_signs_bind_as_in_the_grammar():
    assert ops.INFIX["+"] < ops.INFIX["*"] < ops.PREFIX["-"] < ops.INFIX["^"] < ops.POSTFIX["'"] < ATOM
