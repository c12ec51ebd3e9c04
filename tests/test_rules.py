"""Every formula of the table, value and rules, against mpmath's values and their differences: one row, many kinds of point.

In the box, on both sides of 0, far (|x| > 2.5), tiny, and at ties and kinks. The rules are evaluated in balls of 300 bits; the truth uses
values alone. `tests/benchmarks/planted.py` plants wrong formulas and counts those that are found out.
"""

import random
from fractions import Fraction
from itertools import product

import edge_tables
import mpmath
import numpy as np
import pytest
from flint import arb, fmpq
from mpmath import mp, mpf

import gradcli
from gradcli import gates, simplify
from gradcli.arithmetic import certain, evaluate
from gradcli.arithmetic.ball import Ball
from gradcli.arithmetic.entries import Entries, array_of
from gradcli.ops import TABLE, UNWRITTEN
from gradcli.rules import OUT, POSITION, UPSTREAM, VARIABLES, condition, formals, formula, rule

BALL = Ball()
ARRAYS = Entries(BALL)
BITS = 400
ELEMENTWISE = [row for row in TABLE if row.shape is None and row.formals]
INNER = ("unless(c, a, b)", "outside(c)")  # about points without a value: tests/edges

# By convention the subgradient of least norm, a tie shared: row, arguments, partials.
KINKS = [
    ("abs(x)", (0,), (0,)), ("sign(x)", (0,), (0,)), ("floor(x)", (1,), (0,)), ("ceil(x)", (1,), (0,)), ("round(x)", (0.5,), (0,)),
    ("max(x, y)", (2, 2), (0.5, 0.5)), ("min(x, y)", (2, 2), (0.5, 0.5)), ("max(x, y)", (-3, -3), (0.5, 0.5)),
    ("min(x, y)", (-3, -3), (0.5, 0.5)), ("relu(x)", (0,), (0,)), ("leaky_relu(x)", (0,), (0.01,)), ("leaky_relu(x, a)", (0, 0.25), (0.25, 0)),
    ("elu(x, a)", (0, 0.5), (0.5, 0)), ("elu(x)", (0,), (1,)), ("selu(x)", (0,), (1.0507009873554805,)), ("hypot(x, y)", (0, 0), (0, 0)),
    ("clip(x, a, b)", (-1, -1, 1), (0, 0, 0)), ("clip(x, a, b)", (1, -1, 1), (0, 0, 0)), ("clip(x, a, b)", (2, 3, 3), (0, 0, 0)),
    ("clip(x, a, b)", (4, 3, 3), (0, 0, 1)), ("acot(x)", (0,), (-1,)), ("atan2(y, x)", (0, -2), (-0.5, 0)),
    ("x ^ y", (0, 2), (0, 0)), ("x ^ y", (0, 1), (1, 0)), ("x ^ y", (0, 0), (0, None)), ("x ^ y", (0, 0.5), (None, 0)), ("x ^ y", (-2, 2), (-4, None)),
    ("x ^ y", (-2, 3), (12, None)), ("sqrt(x)", (0,), (None,)), ("cbrt(x)", (0,), (None,)), ("acosh(x)", (1,), (None,)),
    ("asin(x)", (1,), (None,)), ("flow(x, y)", (0, 3), (3, 0)),
]  # fmt: skip
KINKED = {
    "max(x)": [([1, 4, 4], [0, 0.5, 0.5]), ([-7, -7, -9], [0.5, 0.5, 0])], "min(x)": [([5, 4, 4], [0, 0.5, 0.5]), ([-7, -7, -2], [0.5, 0.5, 0])],
    "norm(x)": [([0, 0], [0, 0])], "norm(x, 1)": [([0, -3, 3], [0, -1, 1])],
    "norm(x, inf)": [([4, -4, 1], [0.5, -0.5, 0]), ([0, 0], [0, 0])], "prod(x)": [([0, 3, 2], [6, 0, 0]), ([0, 0, 2], [0, 0, 0])],
}  # fmt: skip
SPREAD = ["-31.5", "-7.25", "-3.1", "-2.6", "-1.4", "-0.3", "-1e-9", "1e-9", "0.3", "0.6", "1.4", "2.6", "3.1", "7.25", "31.5", "0", "1", "-1", "2", "3"]


def points(row):
    """Return the points at which a row is tested, as fractions."""
    generator = random.Random(row.form)
    out = [[Fraction(repr(round(generator.uniform(low, high), 4))) for low, high in row.at] for _ in range(5)]
    if len(row.formals) == 1:
        out += [[Fraction(v)] for v in SPREAD]
    else:
        out += [[Fraction(generator.choice(SPREAD)) for _ in row.formals] for _ in range(30)]
        for position in range(len(row.formals)):  # one argument moves, the others stay in the box
            for v in SPREAD:
                args = [Fraction(repr(round(generator.uniform(low, high), 4))) for low, high in row.at]
                args[position] = Fraction(v)
                out.append(args)
    if row.formals[0] == "n":
        out = [[Fraction(generator.randint(0, 3)), *args[1:]] for args in out]
    if row.formals[0] == "c":
        out = [[Fraction(generator.randint(0, 1)), *args[1:]] for args in out]
    return out


def truth(row, args):
    """Return the value of a row in mpmath, None where it has none."""
    if row.form == "unless(c, a, b)":
        return args[1] if args[0] else args[2]
    return edge_tables._scalar(row.form, row.name, args)


def exactly(x: Fraction) -> mpf:
    return mpf(x.numerator) / x.denominator


def ball(args):
    return [fmpq(a.numerator, a.denominator) for a in args]


def same(got, want, digits=35) -> bool:
    """Tell whether a certified number, as it is in mpmath, is this one."""
    if want is None or got is certain.UNDEFINED:
        return want is None and got is certain.UNDEFINED
    middle = arb(certain.ball_of(got))
    if not middle.is_finite():
        return False
    mantissa, exponent = middle.mid().man_exp()
    return abs(mpf(int(mantissa)) * mpf(2) ** int(exponent) - want) <= mpf(10) ** -digits * max(abs(want), mpf(10) ** -30)


def local(row, args, position):
    """Return a partial as the sweep would have it, in balls."""
    env = {**dict(zip(formals(row), args)), OUT: BALL.apply(row.name, tuple(args))}
    wanted = rule(row, position)
    return evaluate(wanted.tape, env, BALL)[wanted.root]


def slopes(function, args, position):
    """Return the slopes of a function on both sides in one argument, None where it has no value."""
    step = mpf(10) ** -40 * max(abs(args[position]), mpf(10) ** -10)
    ends = [function([a + (t if i == position else 0) for i, a in enumerate(args)]) for t in (-step, mpf(0), step)]
    left, right = (None if ends[i] is None else (ends[i + 1] - ends[i]) / step if i == 0 else (ends[2] - ends[1]) / step for i in (0, 1)) if (
        None not in ends) else (None, None)  # fmt: skip
    return left, right, None if left is None else (ends[2] - ends[0]) / (2 * step)


def check_elementwise(row):
    """Compare value and partials of a row with the truth at all its points."""
    smooth = 0
    with mp.workdps(130), certain.precision(BITS):
        for args in points(row) if row.form not in INNER else []:
            exact = [exactly(a) for a in args]
            want = truth(row, exact)
            got = BALL.apply(row.name, tuple(ball(args)))
            assert same(got, want), (row.form, args, got, want)
            if want is None:
                continue
            for position, text in enumerate(row.partials):
                if text in (None, UNWRITTEN, "outside(1)"):
                    continue
                left, right, slope = slopes(lambda moved: truth(row, moved), exact, position)
                steep = left is None or abs(left) > mpf(10) ** 25  # a jump, a vertical tangent
                if steep or abs(left - right) > mpf(10) ** -20 * max(abs(left), abs(right), mpf(10) ** -15):
                    continue
                smooth += 1
                assert same(local(row, ball(args), position), slope), (row.form, args, position, slope)
        for form, args, wanted in KINKS:
            if form == row.form:
                exact = [Fraction(repr(a)) for a in args]
                for position, want in enumerate(wanted):
                    got = local(row, ball(exact), position)
                    assert same(got, None if want is None else exactly(Fraction(repr(want)))), (form, args, position, got)
    assert smooth >= 5 or row.form in INNER or all(text in (None, "outside(1)") for text in row.partials), (row.form, smooth)


def check_unless():
    """The convention holds where its condition does; what it stands for elsewhere is differentiated as such."""
    row = next(row for row in TABLE if row.form == "unless(c, a, b)")
    with certain.precision(BITS):
        for c, want in ((0, 7), (1, 5)):
            assert BALL.apply("unless", (fmpq(c), fmpq(5), fmpq(7))) == want
        assert local(row, [fmpq(0), fmpq(5), fmpq(7)], 2) == 1
        assert local(row, [fmpq(1), fmpq(5), fmpq(7)], 2) is certain.UNDEFINED
        assert BALL.apply("outside", (fmpq(0),)) == 1
        assert BALL.apply("outside", (fmpq(1),)) is certain.UNDEFINED


def test_unless():
    check_unless()


@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.form)
def test_elementwise(row):
    check_elementwise(row)


def check_kinks(row):
    """Tell whether the table knows where a row is not smooth: its slopes on both sides say."""
    with mp.workdps(130), certain.precision(BITS):
        for args in points(row):
            exact = [exactly(a) for a in args]
            if truth(row, exact) is None:
                continue
            found = condition(row)
            env = {**dict(zip(formals(row), ball(args))), OUT: BALL.apply(row.name, tuple(ball(args)))}
            said = found is not None and evaluate(found.tape, env, BALL)[found.root] == 1
            for position, text in enumerate(row.partials):
                left, right, _ = slopes(lambda moved: truth(row, moved), exact, position)
                if text is None or text == "outside(1)" or left is None or said or max(abs(left), abs(right)) > mpf(10) ** 25:
                    continue
                broken = local(row, ball(args), position)
                if broken is not certain.UNDEFINED and certain.known(broken):
                    assert abs(left - right) <= mpf(10) ** -15 * max(abs(left), abs(right), mpf(10) ** -15), (row.form, args, position)


@pytest.mark.parametrize("row", [row for row in ELEMENTWISE if row.form not in INNER and row.name != "where"], ids=lambda row: row.form)
def test_kinks_are_declared(row):
    check_kinks(row)


# ---- arrays -------------------------------------------------------------------------------------------------


def _others(x, *leave):
    return mpmath.fprod([v for i, v in enumerate(x) if i not in leave])


def _placed(y, x, *at):
    out = [[mpf(0)] * len(row) for row in x] if isinstance(x[0], list) else [mpf(0)] * len(x)
    if len(at) == 2:
        out[at[0] - 1][at[1] - 1] = y
    else:
        out[at[0] - 1] = y
    return out


def _pairs(x, y):
    n = range(len(x))
    return [sum(y[k] * _others(x, i, k) for k in n if k != i) for i in n]


def _gradient_of_adjugate(W, Y):
    def weighted(V):
        return sum(a * b for p, q in zip(Y, edge_tables._adjugate(V)) for a, b in zip(p, q))

    h, n = mpf(10) ** -40, range(len(W))
    moved = lambda i, j, t: [[v + (t if (r, c) == (i, j) else 0) for c, v in enumerate(row)] for r, row in enumerate(W)]  # noqa: E731
    return [[(weighted(moved(i, j, h)) - weighted(moved(i, j, -h))) / (2 * h) for j in n] for i in n]


def _gradient_of_pairs(x, y, z):
    def weighted(v):
        return sum(a * b for a, b in zip(z, _pairs(v, y)))

    h = mpf(10) ** -40
    moved = lambda j, t: [v + (t if i == j else 0) for i, v in enumerate(x)]  # noqa: E731
    return [(weighted(moved(j, h)) - weighted(moved(j, -h))) / (2 * h) for j in range(len(x))]


INTERNAL = {
    "centred": lambda x, y: [sum(v * (own - other) for v, other in zip(y, x)) for own in x],
    "exchange": lambda x, y: [sum(own * v - mine * u for u, v in zip(x, y)) for own, mine in zip(x, y)],
    "others": lambda x: [_others(x, i) for i in range(len(x))],
    "pairs": _pairs,
    "pairs_pullback": _gradient_of_pairs,
    "adjugate_pullback": _gradient_of_adjugate,
    "eye": lambda W: [[mpf(i == j) for j in range(len(W))] for i in range(len(W))],
    "size": lambda x: mpf(len(edge_tables._flat(x))),
    "array": lambda *x: list(x),
    "[]": lambda x, *at: x[at[0] - 1] if len(at) == 1 else x[at[0] - 1][at[1] - 1],
    "[:]": lambda x, a, b: x[a - 1 : b],
    "place": _placed,
    "place_slice": lambda y, x, a, b: [*([mpf(0)] * (a - 1)), *y, *([mpf(0)] * (len(x) - b))],
}
ROUND = {"index": 1, "slice": 1, "place": 2}  # how many arguments come before the whole ones
SIZES = {"m": 2, "n": 3, "p": 4, "3": 3}
WITH_ARRAYS = [row for row in TABLE if row.shape]


def cases(row):
    """Return arguments of a structural row: arrays of fractions as nested lists, and whole numbers."""
    generator = random.Random(f"{row.form}{row.shape}")

    def entry(scale):
        return Fraction(generator.randint(-100 * scale, 100 * scale) or 1, 100)

    def array(dims, scale):
        if not dims:
            return entry(scale)
        return [array(dims[1:], scale) for _ in range(dims[0])]

    out = []
    for scale in (1, 2, 9):
        if row.name == "array":
            out.append([entry(scale) for _ in range(3)])
        elif row.shape in ("index", "slice"):
            out.append([array([3, 4] if "j" in row.formals else [5], scale), *([2, 3] if len(row.formals) == 3 else [4])])
        elif row.name == "place_slice":
            out.append([array([2], scale), array([5], scale), 2, 3])
        elif row.shape == "place":
            out.append([entry(scale), array([3, 4] if "j" in row.formals else [5], scale), *([2, 3] if "j" in row.formals else [4])])
        else:
            import re

            parts = re.findall(r"any|\([^)]*\)", row.shape.split("->")[0])
            dims = [[4] if p == "any" else [SIZES[d] for d in p.strip("()").split(",") if d] for p in parts]
            args = [array(d, scale) for d in dims]
            if row.name == "logdet":  # a positive determinant
                W = args[0]
                args = [[[sum(W[k][i] * W[k][j] for k in range(3)) + (i == j) + (i > j) for j in range(3)] for i in range(3)]]
            out.append(args)
    return out


def mapped(function, x):
    return [mapped(function, v) for v in x] if isinstance(x, list) else function(x)


def certified(x):
    """Return nested lists of fractions as arrays of exact numbers."""
    if not isinstance(x, list):
        return fmpq(x.numerator, x.denominator) if isinstance(x, Fraction) else fmpq(x)
    return array_of([certified(v) for v in x])


def nested(x):
    return x.tolist() if isinstance(x, np.ndarray) else x


def check_structural(row):
    """Compare value and pullbacks of a structural row with the truth, its output weighted by random numbers."""
    key = row.name + "".join(row.literals.values()) if row.name == "norm" else row.name
    function = INTERNAL.get(row.name) or edge_tables.STRUCTURAL[{"norm1": "norm1", "norminf": "norminf"}.get(key, row.name)]
    with mp.workdps(110), certain.precision(BITS):
        for args in cases(row):
            _check_case(row, function, args)
        if row.form == "mse(x, y)":  # a number beside an array
            for x, y in (([2, 4, 9], 3), (3, [2, 4, 9])):
                partials = gradcli.grad("mse(x, y)", x=x, y=y).partials
                sign = 1 if isinstance(x, list) else -1
                ends = [-2 / 3, 2 / 3, 4.0], -4.0
                assert [partials[n].value for n in "xy"][::sign] == list(ends), row.form
        for x, wanted in KINKED.get(row.form, []):
            x = [Fraction(v) for v in x]
            got = nested(_pullback(row, [x], Fraction(3), 0))
            assert all(same(a, 3 * mpf(b)) for a, b in zip(got, wanted)), (row.form, x, got)


def _pullback(row, args, g, position):
    numbers = [certified(a) for a in args]
    env = {**dict(zip(formals(row), numbers)), OUT: ARRAYS.apply(_op(row), tuple(numbers)), UPSTREAM: certified(g)}
    if row.name == "array":
        env = {OUT: env[OUT], UPSTREAM: env[UPSTREAM], POSITION: fmpq(position + 1)}
    wanted = rule(row, position)
    return evaluate(wanted.tape, env, ARRAYS)[wanted.root]


def _op(row):
    return row.name


def _check_case(row, function, args):
    exact = [mapped(exactly, a) if not isinstance(a, int) else a for a in args]
    want = function(*exact)
    got = nested(ARRAYS.apply(_op(row), tuple(certified(a) for a in args)))
    assert len(edge_tables._flat(got)) == len(edge_tables._flat(want)), row.form
    assert all(same(a, b) for a, b in zip(edge_tables._flat(got), edge_tables._flat(want))), (row.form, got, want)
    generator = random.Random(7)
    weights = mapped(lambda v: Fraction(generator.choice((-1, 1)) * generator.randint(1, 30), 10), want)
    flat = [exactly(w) for w in edge_tables._flat(weights)]
    step = mpf(10) ** -35
    for position in range(1 if row.shape in ("index", "slice", "place") else len(args)):
        if row.rules[0 if row.name == "array" else position] in (None, UNWRITTEN):
            continue
        got = edge_tables._flat(nested(_pullback(row, args, weights, position)))
        shape = [range(len(a)) for a in ([exact[position]] if isinstance(exact[position], list) else [])]
        if shape and isinstance(exact[position][0], list):
            shape.append(range(len(exact[position][0])))
        places = list(product(*shape))
        assert len(got) == len(places), (row.form, position)
        for place, entry in zip(places, got):
            ends = []
            for t in (-step, step):
                moved = [edge_tables._moved(a, place, t) if i == position else a for i, a in enumerate(exact)]
                ends.append(sum(w * v for w, v in zip(flat, edge_tables._flat(function(*moved)))))
            assert same(entry, (ends[1] - ends[0]) / (2 * step), 25), (row.form, position, place, entry)


@pytest.mark.parametrize("row", WITH_ARRAYS, ids=lambda row: f"{row.form} {row.shape}")
def test_structural(row):
    check_structural(row)


# ---- reading no more than is asked for ----------------------------------------------------------------------


def test_a_name_and_a_number_are_what_the_grammar_makes_of_them():
    plain = {(text, row.formals) for row in TABLE for text in row.rules if text and (text in row.formals or text.isdecimal())}
    assert {text for text, _ in plain} == {"0", "1", "x", "y"}
    for text, names in plain:
        assert formula(text, names).root is formula(f"({text})", names).root


@pytest.mark.parametrize("table", [simplify._shorten, gates._fuse], ids=["to shorten", "to fuse"])
def test_every_row_is_found_by_the_operator_of_its_pattern(table):
    for line in table.lines:
        pattern, replacement = (formula(side.strip(), VARIABLES).root for side in line.split("->"))
        assert (pattern, replacement) in table.rows(pattern.op)
