"""Balls hold the truth, running bounds cover it, printed digits are right: the everyday part of tests/benchmarks/certified.py."""

import decimal
import math
import random
from fractions import Fraction

import mpmath
import pytest
import truth
from flint import arb, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf
from test_operators import at_a_kink, sample
from test_rules import ELEMENTWISE, INNER, exactly, same, slopes
from test_rules import truth as by_oracle

import gradcli
from gradcli import ops
from gradcli.arithmetic import Doubtful, certain, evaluate, germ
from gradcli.arithmetic.array import STRUCTURAL
from gradcli.arithmetic.ball import KERNELS as BALLS
from gradcli.arithmetic.ball import Ball
from gradcli.arithmetic.entries import _STRUCTURAL
from gradcli.arithmetic.real import KERNELS
from gradcli.arithmetic.running import Running
from gradcli.errors import GradError, Source
from gradcli.expr import make, number, symbol, symbols, tape
from gradcli.limits import Limits
from gradcli.nested import Far
from gradcli.notation.text import text
from gradcli.render.numbers import Format
from gradcli.rules import OUT, formals, rule
from gradcli.solve import Question, solve
from gradcli.syntax.reader import read
from gradcli.values import arrays_in, parse_value

BALL, RUNNING = Ball(), Running()


def asked(expression, digits=None, precision=None, **at):
    """Return the report on an expression at a point as the command line reads it: decimals are exact."""
    bound = {name: parse_value(Source(v), Limits()) for name, v in at.items()}
    program = read(Source(expression), frozenset(bound), arrays=arrays_in(bound))
    return solve(program, Question(bound, digits=digits, precision=precision))


# ---- every operator in every arithmetic ---------------------------------------------------------------------


@pytest.mark.parametrize("key", KERNELS, ids=str)
def test_a_primitive_is_one_everywhere(key):
    lazy = {("where", 3), ("flow", 2)}
    assert key in BALLS or key in lazy or key == ("ones", 1)
    assert key in germ._KERNELS or key == ("where", 3)
    row = ops.rows(*key)[0]
    value, bound = RUNNING.apply(row.name, tuple((round(low + high) / 2 + (row.name == "polygamma"), 0.0) for low, high in row.at))
    assert math.isfinite(value)
    assert bound <= 1e-13 * (1 + abs(value))


def test_arrays_have_the_same_operators_in_floats_and_in_numbers():
    assert STRUCTURAL.keys() == _STRUCTURAL.keys()


@pytest.mark.parametrize("row", [row for row in ELEMENTWISE if row.form not in INNER], ids=lambda row: row.form)
def test_the_ball_contains_the_truth_and_so_does_the_running_bound(row):
    generator = random.Random(row.form)
    with mp.workdps(120):
        for _ in range(20):
            args = sample(row, generator)
            if at_a_kink(row, args):
                continue
            exact = [mpf(a) for a in args]
            with certain.precision(300):
                numbers = [certain.from_float(a) for a in args]
                out = BALL.apply(row.name, tuple(numbers))
                assert same(out, by_oracle(row, exact)), (row, args)
                for position, wanted in enumerate(row.partials):
                    if wanted in (None, "outside(1)"):
                        continue
                    formula = rule(row, position)
                    got = evaluate(formula.tape, {**dict(zip(formals(row), numbers)), OUT: out}, BALL)[formula.root]
                    assert same(got, slopes(lambda moved: by_oracle(row, moved), exact, position)[2]), (row, args, position)
                    pairs = [(a, 0.0) for a in args]
                    env = {**dict(zip(formals(row), pairs)), OUT: RUNNING.apply(row.name, tuple(pairs))}
                    value, bound = evaluate(formula.tape, env, RUNNING)[formula.root]
                    assert abs(arb(value) - certain.ball_of(got)) <= arb(bound), (row, args, position)


# ---- random expressions -------------------------------------------------------------------------------------

_UNARY = [row for row in ELEMENTWISE if len(row.formals) == 1 and row.form not in (*INNER, "ones(x)")]
_BINARY = [row for row in ELEMENTWISE if len(row.formals) == 2 and row.name not in ("flow", "polygamma")]
_decimals = st.builds(lambda m, e: f"{m}e{e}", st.integers(-9999, 9999), st.sampled_from((-12, -4, -3, -3, -2, -1, 0, 3)))
_leaves = st.one_of(st.sampled_from(("x", "y")).map(symbol), st.sampled_from(("x", "y")).map(symbol), st.builds(number, st.integers(1, 99), st.just(-1)))
_expressions = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(_UNARY), inner).map(lambda t: make(t[0].name, (t[1],))),
        st.tuples(st.sampled_from(_BINARY), inner, inner).map(lambda t: make(t[0].name, t[1:])),
    ),
    max_leaves=6,
)  # fmt: skip


@given(_expressions, _decimals, _decimals)
@settings(max_examples=100)
def test_the_running_bound_contains_the_truth_of_random_expressions(root, x, y):
    at = {symbol(name): v for name, v in (("x", x), ("y", y))}
    env = {}
    for node, v in at.items():
        mantissa, exponent = map(int, v.split("e"))
        env[node] = RUNNING.number(mantissa, exponent)
    try:
        value, bound = evaluate(tape(root), env, RUNNING)[root]
    except Doubtful:
        return
    with certain.precision(600):
        exact = {node: BALL.number(*map(int, v.split("e"))) for node, v in at.items()}
        want = certain.ball_of(evaluate(tape(root), exact, BALL)[root])
        assert want is not certain.UNDEFINED
        assert not abs(arb(value) - want) > arb(bound)


@given(_expressions, _decimals, _decimals)
@settings(max_examples=100)
def test_the_digits_of_a_table_are_right(root, x, y):
    exact = {"x": Fraction(x), "y": Fraction(y)}
    at = {name: v for name, v in (("x", x), ("y", y)) if symbol(name) in symbols(root)}
    try:
        report = asked(text(root), digits=6, **at)
        checks = [(report.value, truth.settled_value(root, exact))]
        checks += [(p.value, truth.slope(root, exact, n).smooth) for n, p in report.partials.items() if p.status == "smooth"]
    except (GradError, truth.Beyond):
        return
    for got, want in checks:
        if want is None or (isinstance(got, Far) and not want):
            continue
        with mp.workdps(60):
            unit = mpf(10) ** (int(mp.floor(mp.log10(abs(want)))) - 5) if want else mpf(0)
            assert abs(mpf(Format(6).number(got)) - want) <= unit / 2 * (1 + mpf(10) ** -12), (text(root), at)


# ---- exactness ----------------------------------------------------------------------------------------------

EXACT = [
    ("0.1 + 0.2 - 0.3", 0.0), ("1/3*3 - 1", 0.0), ("sin(pi)", 0.0), ("cos(pi/2)", 0.0), ("cos(pi)", -1.0), ("sin(pi/6)", 0.5), ("tan(pi/4)", 1.0),
    ("sec(pi)", -1.0), ("csc(pi/2)", 1.0), ("sin(1000000*pi)", 0.0), ("acos(-1) - pi", 0.0), ("asin(1/2)*6 - pi", 0.0), ("sqrt(2.25)", 1.5),
    ("8^(1/3)", 2.0), ("cbrt(-0.027)", -0.3), ("(4/9)^(3/2)", 8 / 27), ("2^0.5*2^0.5", 2.0000000000000000), ("log2(1024)", 10.0),
    ("log10(0.001)", -3.0), ("10^30 + 1 - 10^30", 1.0), ("2^200 - (2^100)^2", 0.0), ("100! / 99!", 100.0), ("floor(0.3*10)", 3.0),
    ("floor(1.1*10) - 11", 0.0), ("12345678901234567890 - 12345678901234567889", 1.0), ("round(2.5) + round(-3.5)", -2.0), ("exp(0)", 1.0), ("ln(1)", 0.0),
    ("hypot(3, 4)", 5.0), ("1e-300*1e-100*1e200*1e200", 1.0), ("0^0", 1.0), ("relu(-pi)", 0.0), ("max(pi, 3) - pi", 0.0), ("tan(pi)", 0.0),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "want"), EXACT)
def test_exactly(expression, want):
    assert asked(f"{expression} + 0*x", x="1").value == want


@pytest.mark.parametrize("expression", ["csc(pi)", "tan(pi/2)", "cot(2*pi)", "ln(0.3 - 0.1 - 0.2)", "1/(0.1 + 0.2 - 0.3)"])
def test_undefined_is_proved(expression):
    with pytest.raises(GradError, match="undefined"):
        asked(f"{expression} + x", x="1")


def test_kinks_are_met_exactly():
    assert asked("abs(x - 0.3)", x="0.1 + 0.2").partials["x"].status == "kink"
    assert asked("clip(0.7313, x, x)", x="3.25").partials["x"].value == 1.0
    assert asked("where(gauss(y), x, 2*x)", x="2", y="800").partials["x"].value == 1.0  # e^-640000 is not 0
    assert asked("asec(x/x) + x", x="6").partials["x"].value == 1.0
    assert asked("where(asin(x) == asin(x), 2*x, x)", x="-0.359").partials["x"].value == 2.0


# ---- conversions --------------------------------------------------------------------------------------------


def _number(generator):
    """Return a rational: halfway between two float64s, beside that, subnormal, at the ends of the range, or any."""
    kind = generator.randrange(6)
    if kind == 0:
        x = math.ldexp(generator.random() + 0.5, generator.randint(-1073, 1023))
        return (Fraction(x) + Fraction(math.nextafter(x, math.inf))) / 2
    if kind == 1:
        x = math.ldexp(generator.random() + 0.5, generator.randint(-1060, 1000))
        return Fraction(x) + Fraction(math.ulp(x)) / 2 * (1 + Fraction(generator.choice((-1, 1)), 2**200))
    if kind == 2:
        return Fraction(generator.randint(1, 2**60), 2 ** generator.randint(1060, 1140))
    if kind == 3:
        return Fraction(2**1024) - Fraction(2**970) * Fraction(generator.randint(0, 4), 2) + generator.randint(-1, 1)
    if kind == 4:
        return Fraction(generator.randint(1, 10**20)) * Fraction(10) ** generator.choice((-435, -340, -324, -300, 280, 308, 400, 434))
    return Fraction(generator.randint(1, 10**30), generator.randint(1, 10**30))


def _nearest(x):
    try:
        return x.numerator / x.denominator
    except OverflowError:
        return math.inf


def test_to_float_is_correctly_rounded():
    generator = random.Random(1)
    with certain.precision(2000):
        for _ in range(1000):
            x = _number(generator) * generator.choice((-1, 1))
            exact = fmpq(x.numerator, x.denominator)
            want = _nearest(abs(x)) * (1 if x > 0 else -1)
            assert certain.to_float(exact) == want, x
            fuzzy = certain.to_float(arb(exact))  # None: on the border of two, as a ball cannot tell
            assert fuzzy in (want, None), x
            assert fuzzy is not None or x.denominator & (x.denominator - 1) == 0, x


def test_decimal_is_correctly_rounded():
    generator = random.Random(2)
    with certain.precision(3000):
        for _ in range(1000):
            x, digits = _number(generator), generator.choice((1, 2, 6, 17, 40))
            context = decimal.Context(prec=digits, rounding=decimal.ROUND_HALF_UP, Emin=-9999, Emax=9999)
            want = context.divide(decimal.Decimal(x.numerator), decimal.Decimal(x.denominator))
            got = certain.decimal(fmpq(x.numerator, x.denominator), digits)
            assert decimal.Decimal(got) == want, (x, digits)
            ball = certain.decimal(arb(fmpq(-x.numerator, x.denominator)), digits)
            assert ball is None or decimal.Decimal(ball).copy_negate() == want, (x, digits)


# ---- precision ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "bits", "want"),
    [
        ("exp(x)", 128, math.e), ("(exp(x/10^50) - 1)*10^50", 256, 1.0), ("(exp(x/10^250) - 1)*10^250", 1024, 1.0),
        ("(exp(x/10^1000) - 1)*10^1000", 4096, 1.0), ("(cosh(x/10^400) - 1)*10^800", 4096, 0.5),
    ],
)  # fmt: skip
def test_as_many_bits_as_it_takes(expression, bits, want):
    report = asked(expression, precision=20, x="1")
    assert report.value == want
    assert f"{bits} bits" in report.certificate.method


def test_what_is_not_told_is_said():
    with pytest.raises(GradError, match="could not be told") as error:
        asked("floor((exp(x/10^3000) - 1)*10^3000)", x="1")
    assert error.value.kind == "undecided"
    assert asked("1 + sqrt(x)*sqrt(8) - 4", x="2").value == 1.0


# ---- arrays -------------------------------------------------------------------------------------------------

HILBERT = [[Fraction(1, i + j + 1) for j in range(6)] for i in range(6)]
W, X, THETA = [["0.1", "-2.5", "3e3"], ["1e-7", "0.3", "-1.7"]], ["0.7", "1e5", "-0.2"], ["0.6", "-0.4"]


def written(x):
    return "[" + ", ".join(map(written, x)) + "]" if isinstance(x, list) else str(x)


def flat(x):
    return [w for v in x for w in flat(v)] if isinstance(x, list) else [x]


def right(got, want):
    """Compare nested lists of floats with mpmath's numbers: half an ulp in every entry."""
    got, want = flat(got), flat(want)
    assert len(got) == len(want)
    for a, b in zip(got, want):
        assert abs(mpf(a) - b) <= mpf(math.ulp(a)) / 2 * (1 + mpf(10) ** -12), (a, mp.nstr(b, 25))


def test_a_layer():
    report = asked("tanh(W@x + theta)", W=written(W), x=written(X), theta=written(THETA))
    with mp.workdps(3000):
        matrix, vector = mpmath.matrix([[mpf(v) for v in row] for row in W]), mpmath.matrix([mpf(v) for v in X])
        sums = [v + mpf(t) for v, t in zip(matrix * vector, THETA)]
        right(report.value, [mpmath.tanh(v) for v in sums])
    assert all(p.status in ("smooth", "underflow") for p in report.partials.values())


def test_softmax_and_cross_entropy():
    logits, target = ["300.1", "-0.25", "299.9"], ["0.2", "0.3", "0.5"]
    report = asked("cross_entropy(x, y)", x=written(logits), y=written(target))
    with mp.workdps(400):
        powers = [mpmath.exp(mpf(v)) for v in logits]
        total = sum(powers)
        right(report.value, [sum(mpf(t) * (mpmath.log(total) - mpf(v)) for v, t in zip(logits, target))])
        right(report.partials["x"].value, [p / total - mpf(t) for p, t in zip(powers, target)])
        right(report.partials["y"].value, [mpmath.log(total) - mpf(v) for v in logits])
        right(asked("softmax(x)", x=written(logits)).value, [p / total for p in powers])


def test_hilbert_matrices():
    with mp.workdps(200):
        H = mpmath.matrix([[exactly(v) for v in row] for row in HILBERT])
        inverse = (H**-1).tolist()
        determinant = mpmath.det(H)
        report = asked("det(W)", W=written(HILBERT))
        right(report.value, determinant)
        right(report.partials["W"].value, [[determinant * inverse[j][i] for j in range(6)] for i in range(6)])
        right(asked("logdet(W)", W=written(HILBERT)).value, mpmath.log(determinant))
        assert asked("inv(W)", W=written(HILBERT)).value == [[float(round(v)) for v in row] for row in inverse]  # whole numbers


def test_norm_and_products_with_zeros():
    x = ["3e-200", "-4e-200", "1e-210"]
    report = asked("norm(x)", x=written(x))
    with mp.workdps(60):
        length = mpmath.sqrt(sum(mpf(v) ** 2 for v in x))
        right(report.value, length)
        right(report.partials["x"].value, [mpf(v) / length for v in x])
    assert asked("prod(x)", x="[0, 0.1, 30]").partials["x"].value == [3.0, 0.0, 0.0]
    assert asked("prod(x)", x="[0, 0.1, 0]").partials["x"].value == [0.0, 0.0, 0.0]


def test_underflow_is_never_taken_for_zero():
    """Where a float64 gives 0, a table shows the number."""
    for expression, at, name in (
        ("x/y", {"x": "2", "y": "-2e243"}, "y"), ("atan2(y, x)", {"y": "1e-200", "x": "1e200"}, "x"), ("polygamma(3, x)", {"x": "4e199"}, "x"),
        ("x/y^2", {"x": "1e-300", "y": "1e100"}, "y"),
    ):  # fmt: skip
        partial = asked(expression, digits=6, **at).partials[name]
        assert partial.certified not in (None, "0"), expression
        assert partial.status in ("underflow", "smooth"), expression
    assert Format(6).number(asked("exp(-x)", digits=6, x="740.5").value) == "2.5406e-322"  # no float64 has more than two of these digits


def test_steps_are_not_taken_by_rounding():
    assert asked("floor(x)", digits=6, x="2.99999999999999999999").value == 2.0
    assert asked("ceil(x)", digits=6, x="-2.00000000000000000001").value == -2.0
    assert asked("round(x)", digits=6, x="2.50000000000000000001").value == 3.0


def test_the_same_node_is_the_same_number():
    assert gradcli.grad("exp(x) - exp(x)", x=1.5).value == 0.0
    assert gradcli.grad("max(sin(x), sin(x))", x=0.3).value == math.sin(0.3)
