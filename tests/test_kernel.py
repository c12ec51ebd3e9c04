"""The kernel of a batch: whole columns at once. What it is sure about is right, and the rest it says."""

import math
import random
from fractions import Fraction

import mpmath
import numpy as np
import oracles
import pytest
from mpmath import mpf

import gradcli
from gradcli.batch.columns import _OURS
from gradcli.batch.function import Function
from gradcli.errors import GradError, Source
from gradcli.expr import make, number, symbol
from gradcli.limits import Limits
from gradcli.nested import Given
from gradcli.notation.text import PLAIN, text
from gradcli.ops import TABLE
from gradcli.syntax.reader import read

DIGITS = 1e-9  # what a row that is sure may be off
ELEMENTWISE = [row for row in TABLE if row.shape is None and row.formals and row.name not in ("flow", "outside", "unless")]


def function(source, shapes, constants=None, **options):
    """Make an expression ready for rows of these shapes."""
    given = {name: Given(value) for name, value in (constants or {}).items()}
    wide = {name for name, shape in shapes.items() if shape} | {name for name, value in given.items() if np.ndim(value.value)}
    return Function(read(Source(source), frozenset(shapes) | frozenset(given), Limits(), arrays=frozenset(wide)), shapes, given, **options)


@pytest.fixture(params=[False, True], ids=["NumPy", "machine code"])
def jit(request):
    if request.param:
        pytest.importorskip("llvmlite", reason="the extra jit is not installed: numba, for its compiler llvmlite")
    return request.param


def wrong_rows(made, columns):
    """Yield each row that the kernel is sure about, and that the engine of single points finds otherwise."""
    block = made.block(columns)
    rows = block.results[0].shape[-1]
    for row in sorted(set(range(rows)) - set(block.doubtful.tolist())):
        single = made.settle({name: column[..., row] for name, column in columns.items()})
        smooth = not single.problem and set(single.statuses) <= {"smooth"}
        pairs = zip(block.results, single.results)
        if not smooth or not all(np.all(np.abs(ours[..., row] - theirs) <= 1.01 * DIGITS * np.abs(theirs)) for ours, theirs in pairs):
            yield row, {name: column[..., row].tolist() for name, column in columns.items()}, single


def mixed(generator, rows):
    """Return numbers as they come in tables: of all sizes, whole ones, halves, and zero."""
    kind = generator.integers(0, 5, rows)
    out = generator.uniform(-3, 3, rows)
    out = np.where(kind == 1, np.round(out), out)
    out = np.where(kind == 2, np.exp(generator.uniform(-40, 40, rows)) * np.sign(out), out)
    return np.where(kind == 3, np.round(out * 2) / 2, out)


# ---- every operator -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.form)
def test_every_operator(row, jit):
    """Inside its domain nearly all rows are sure; anywhere, what is sure is right."""
    made = function(text(make(row.name, tuple(symbol(name) for name in row.formals)), PLAIN), dict.fromkeys(row.formals, ()), jit=jit)
    generator = np.random.default_rng(7)
    inside = {name: generator.uniform(low, high, 400) for name, (low, high) in zip(row.formals, row.at)}
    if row.formals[0] in ("c", "n"):
        inside[row.formals[0]] = np.round(inside[row.formals[0]])
    small = {name: column[:60] for name, column in inside.items()}
    assert not list(wrong_rows(made, small))
    if row.name not in ("polygamma", "where"):
        assert len(made.block(inside).doubtful) <= 8
    assert not list(wrong_rows(made, {name: mixed(generator, 60) for name in row.formals}))


# NumPy's own functions are taken to be right to 4 ulps; on the whole line, and where their arguments are hard.
_ANYWHERE = {"exp": 700, "expm1": 700, "sinh": 700, "cosh": 700, "sin": 1e15, "cos": 1e15, "tan": 1e15, "tanh": 50, "asinh": 1e300, "atan": 1e300}
_POSITIVE = ("ln", "log2", "log10", "sqrt")
_UNIT = ("asin", "acos", "atanh", "log1p")


@pytest.mark.parametrize("name", [op for op, arity in _OURS if arity == 1 and op in (*_ANYWHERE, *_POSITIVE, *_UNIT, "cbrt", "acosh")])
def test_numpy_is_right_to_four_ulps(name):
    generator = np.random.default_rng(3)
    sizes = np.exp(generator.uniform(-60, math.log(_ANYWHERE.get(name, 1e300)), 3000))
    x = sizes if name in _POSITIVE else 1 + sizes if name == "acosh" else sizes * generator.choice((-1, 1), 3000)
    if name in _UNIT:
        x = np.tanh(generator.uniform(-18, 18, 3000))
    out = np.empty_like(x)
    _OURS[name, 1](x, out)
    exact = oracles.SCALAR[f"{name}(x)"]
    with mpmath.workdps(40):
        worst = max(abs((mpf(float(o)) - exact(mpf(float(a)))) / mpf(math.ulp(float(exact(mpf(float(a))))))) for a, o in zip(x, out))
    assert worst <= 4


# ---- any expression -----------------------------------------------------------------------------------------


def expression(generator, depth):
    """Return a random expression of numbers over all operators."""
    if depth == 0 or generator.random() < 0.2:
        return number(generator.randint(-30, 30), -generator.randint(0, 1)) if generator.random() < 0.25 else symbol(generator.choice("xyz"))
    row = generator.choice(ELEMENTWISE)
    if row.name == "^" and generator.random() < 0.6:
        return make("^", (expression(generator, depth - 1), number(generator.randint(-3, 4))))
    return make(row.name, tuple(expression(generator, depth - 1) for _ in row.formals))


@pytest.mark.parametrize("tame", [True, False], ids=["tame points", "any points"])
def test_what_is_sure_is_right(tame, jit, request):
    """The law of the kernel. NumPy judges tame points as a whole, others row by row; machine code asks of each row."""
    tested = sure = 0
    for seed in range(20_000 if request.config.getoption("--long") else 60 if jit else 120):
        generator, numbers = random.Random(seed + 10**6 * tame), np.random.default_rng(seed)
        source = text(expression(generator, generator.randint(1, 4)), PLAIN)
        try:
            program = read(Source(source), frozenset("xyz"), Limits())
            made = Function(program, dict.fromkeys(program.variables, ()), {}, jit=jit)
        except GradError:
            continue
        if not program.variables:
            continue
        columns = {name: numbers.uniform(0.3, 2, 24) if tame else mixed(numbers, 24) for name in program.variables}
        if len(columns) > 1 and not tame:
            columns[program.variables[1]][:3] = columns[program.variables[0]][:3]  # ties
        assert not list(wrong_rows(made, columns)), source
        tested, sure = tested + 24, sure + 24 - len(made.block(columns).doubtful)
    assert sure > tested / 3


@pytest.mark.parametrize(
    ("source", "shapes"),
    [
        ("W@x + t", {"W": (2, 3), "x": (3,), "t": (2,)}), ("sum((sigmoid(W@x) - t)^2)", {"W": (2, 3), "x": (3,), "t": (2,)}),
        ("softmax(x)", {"x": (3,)}), ("cross_entropy(x, y)", {"x": (3,), "y": (3,)}), ("logsumexp(x)", {"x": (4,)}), ("max(x)*y", {"x": (4,), "y": ()}),
        ("norm(x, inf) + norm(x, 1)*norm(x)", {"x": (4,)}), ("det(A)", {"A": (3, 3)}), ("inv(A)", {"A": (2, 2)}), ("prod(x)", {"x": (4,)}),
        ("x[1]^2*x[3]", {"x": (4,)}), ("cross(x, y)", {"x": (3,), "y": (3,)}), ("A' @ x", {"A": (2, 3), "x": (2,)}), ("[x, y, x*y]", {"x": (), "y": ()}),
        ("outer(x, y)", {"x": (2,), "y": (3,)}), ("mean(x)*min(x)", {"x": (5,)}), ("concat(x, y)[2:3]", {"x": (2,), "y": (3,)}),
    ],
)  # fmt: skip
def test_arrays(source, shapes, jit):
    made, generator = function(source, shapes, jit=jit), np.random.default_rng(1)
    columns = {name: generator.uniform(-2, 2, (*shape, 40)) for name, shape in shapes.items()}
    assert not list(wrong_rows(made, columns))
    assert len(made.block(columns).doubtful) <= 2
    assert [output.shape for output in made.outputs[1:]] == [(*made.outputs[0].shape, *shape) for shape in shapes.values()]


def test_a_constant_matrix_is_one_product():
    weights, generator = np.random.default_rng(2).uniform(-1, 1, (8, 8)), np.random.default_rng(3)
    made = function("sum((sigmoid(W@x + b) - t)^2)", {"x": (8,), "t": (8,)}, {"W": weights, "b": weights[0]})
    assert [step.op for step in made._kernel.lanes.steps].count("linear") == 2  # W x on the way there, Wᵀ g on the way back
    assert len(made._kernel.lanes.steps) < 25
    assert not list(wrong_rows(made, {"x": generator.uniform(-2, 2, (8, 30)), "t": generator.uniform(0, 1, (8, 30))}))


# ---- where floats are not enough ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "x", "doubtful"),
    [
        ("x + 1", [1, 2, 3], []),
        ("relu(x)", [-1, 0, 1, 0], [1, 3]),                             # a kink is met exactly
        ("|x| + x", [-1, 1e-300, 0], [2]),
        ("where(x > 2, x, x^2)", [1, 2, 3], [1]),                       # the edge of a condition
        ("floor(x)", [0.5, 1, 1.5], [1]),
        ("(1 - cos(x))/x^2", [1, 1e-8], [1]),                           # not a digit is left
        ("1/(1 + e^(-x))", [0, -1000, 1000], [1, 2]),                   # e^1000 overflows, e^-1000 underflows
        ("where(x > 0, ln(x), x)", [1, -1, -5], []),                    # a branch not taken has no value, and needs none
        ("sqrt(x)*0 + x", [1, 4, -1], [2]),                             # no value, though it would not count
        ("where(x > 1, x + 0*sqrt(x - 3), x)", [0.5, 2, 4], [1]),       # nor in a branch that is taken
        ("where(x > 1, leaky_relu(x, ln(x - 3)), x)", [0.5, 2, 4], [1]),
        ("where(x > -5, gamma(x), x)", [2.5, -1, 3], [1]),              # of which no processor knows
        ("0*gamma(x) + x", [2.5, -1, 3], [1]),
        ("where(x > -5, ln(x), x)", [2.5, -1, 3], [1]),
        ("where(x > -5, sign(ln(x)), x) + x", [2.5, -1, 3], [1]),
        ("where(x > 5, x, where(ln(x) > 0, x, 2*x))", [2.5, -1, 3], [1]),
        ("min(ln(x), 3)", [1, 0, -1, math.e**4], [1, 2]),               # lost from sight, but still without a value
        ("x^3 - 3*x", [1, 2, 0.5], [0]),                                # the partial is 0, which floats cannot tell
        ("x*1e-300*1e-300", [1, 0], [0, 1]),
        ("(x - 1)*(x - 1)", [1, 1 + 2**-52, 3], []),                    # exact differences lose nothing
    ],
)  # fmt: skip
def test_rows_in_doubt(source, x, doubtful, jit):
    made = function(source, {"x": ()}, jit=jit)
    assert made.block({"x": np.array(x, float)}).doubtful.tolist() == doubtful


@pytest.mark.parametrize(
    ("source", "wrt", "row"),
    [
        ("x^(y*z)", "x", {"x": -2, "y": 0.1, "z": 30}),                     # 0.1*30 is not 3, and only floats say so
        ("x^(y*z - w) + v", "v", {"x": 0, "y": 0.1, "z": 30, "w": 3, "v": 1}),  # 0^1e-16 is 0, but 0^0 is 1
        ("(z^x > 0.5) + y", "x", {"x": 1, "y": 2, "z": -2}),                # z^x has no value beside x = 1
        ("atan2(x, y) + z", "z", {"x": -0.0, "y": -1, "z": 1}),             # there is one 0, and its angle is π
        ("atan2(x*y - 3 - v, -1) + z", "z", {"x": 0.1, "y": 30, "v": 1e-16, "z": 1}),
        ("asin(x*y*z)*1e-9 + w", "w", {"x": 0.7848513022721484, "y": 1.4388297580069702, "z": 0.8855298503677125, "w": 1}),  # above 1
        ("acos(x*y*z)*1e-9 + w", "w", {"x": 0.7848513022721484, "y": 1.4388297580069702, "z": 0.8855298503677125, "w": 1}),
        ("x + (pi - 3.141592653589793)", "x", {"x": 1e-10}),                # a constant that floats call 0
        ("exp(x + 2^50 - 2^50)^16*s + y", "y", {"x": 0.125 - 1e-9, "s": 4e-10, "y": 1}),  # errors are multiplied too
    ],
)  # fmt: skip
def test_a_number_that_does_not_show_in_the_partials_is_right_too(source, wrt, row, jit):
    made = function(source, dict.fromkeys(row, ()), wrt=[wrt], jit=jit)
    assert not list(wrong_rows(made, {name: np.array([number, number], float) for name, number in row.items()}))


@pytest.mark.parametrize(
    ("matrix", "x"),
    [
        ("[[0.1, 0.2, 0.3, 0.4], [1, 2, 3, 4], [1, 1, 1, 1], [0, 1, 0, 1]]", [1, 1, -1, 2e-8]),  # longer floats do not make 0.1 longer
        ("[[1e-200, 1, 1, 1], [1, 2, 3, 5], [1, 1, 1, 1], [0, 1, 0, 1]]", [1e-170, 0, 0, 0]),  # what underflows is not 0
        ("[[1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1]]", [1, 1, -2, 1e-17]),  # equal rows are one
    ],
)  # fmt: skip
def test_products_with_constant_matrices(matrix, x, jit):
    made = function(f"1e200*({matrix} @ x)", {"x": (4,)}, jit=jit)
    assert not list(wrong_rows(made, {"x": np.array([x, [1, 2, 3, 4]], float).T}))


@pytest.mark.parametrize("shape", [(1, 16), (16, 1), (16, 2), (2, 8)])
@pytest.mark.parametrize("rows", [1, 2, 5])
def test_matrices_of_any_shape(shape, rows, jit):
    weights = np.arange(1.0, 1 + math.prod(shape)).reshape(shape)
    made = function("W @ x", {"x": shape[1:]}, {"W": weights}, jit=jit)
    x = np.linspace(-1, 1, shape[1] * rows).reshape(shape[1], rows)
    x[:, 0] = [(-1) ** k * 1e-17 for k in range(shape[1])]  # looked at closely
    assert not list(wrong_rows(made, {"x": x}))


def test_what_leaves_the_floats_in_a_product_of_matrices_is_noticed():
    """Large products are shared among threads, whose processors tell us nothing."""
    weights = np.diag(np.linspace(1.0, 2, 256))
    weights[-1, -1] = 1e155
    x = np.ones((256, 2048))
    x[-1, [1000, 2047]] = 1e155
    assert {1000, 2047} <= set(function("sum(W @ x)", {"x": (256,)}, {"W": weights}, wrt=[]).block({"x": x}).doubtful.tolist())


@pytest.mark.parametrize(("number", "status", "why"), [(math.nan, "undefined", "x is not a number"), (-math.inf, "overflow", "x is larger than")])
def test_a_row_of_what_is_no_finite_number_has_no_value(number, status, why):
    made = function("relu(x)/2", {"x": ()})
    assert made.block({"x": np.array([1.0, number, 2.0])}).doubtful.tolist() == [1]
    row = made.settle({"x": number})
    assert why in row.problem
    assert row.statuses == [status]
    assert all(map(math.isnan, row.results))


def test_longer_floats_settle_most():
    """Where eight digits are lost of sixteen, those left are too few; of nineteen they are not."""
    if np.finfo(np.longdouble).eps > 1e-18:
        pytest.skip("long doubles are no longer here")
    made = function("(x + 1) - 1.5*x", {"x": ()})
    block = made.block({"x": np.array([2 + 1e-7])})
    assert not len(block.doubtful)
    assert block.results[0][0] == pytest.approx(1 - 0.5 * (2 + 1e-7), rel=1e-15)


def test_what_cancels_is_noticed_in_small_numbers_and_in_large_ones(jit):
    """Few digits are left, the fewer the larger the numbers; the first block has only small ones."""
    made, generator, rows = function("(x + y - z)*w", dict.fromkeys("xyzw", ()), jit=jit), np.random.default_rng(9), 12_000
    size = np.where(np.arange(rows) < 10_000, 1.0, 1e6)
    x, y, w = (size * generator.uniform(1, 2, rows) for _ in range(3))
    z = x + y - size * 10 ** generator.uniform(-9, -3, rows)
    block = made.block({"x": x, "y": y, "z": z, "w": w})
    assert len(block.doubtful) < rows / 20
    for row in sorted(set(range(rows)) - set(block.doubtful.tolist())):
        exact = sum(map(Fraction, (x[row], y[row], -z[row])))
        assert abs(Fraction(block.results[4][row]) - exact) <= DIGITS * abs(exact), row
        assert abs(Fraction(block.results[0][row]) - exact * Fraction(w[row])) <= DIGITS * abs(exact * Fraction(w[row])), row


def test_blocks_and_spans_are_all_done(jit):
    """More rows than a block, than a span, and a rest; doubt in the last row is found there."""
    x = np.linspace(1, 2, 300_001)
    x[-1], x[8192] = 0, 0
    block = function("|x|*x", {"x": ()}, jit=jit).block({"x": x})
    assert block.doubtful.tolist() == [8192, 300_000]
    assert np.array_equal(block.results[0], np.abs(x) * x)


def test_nan_in_branches_that_are_not_taken_costs_nothing(jit):
    """Rows are neither in doubt nor looked at for themselves."""
    made, x = function("where(x > 0, ln(x), x)*y + where(y > 0, x, x*sqrt(y))", {"x": (), "y": ()}, jit=jit), np.linspace(-2, 2, 9_999)
    made._kernel.closely = None
    assert not len(made.block({"x": x[:-1:2], "y": np.full(5_000, 3.0)[:4_999]}).doubtful)


def test_long_products():
    made = function("x" + "*y"*3000 + "*sin(x*y)"*40, {"x": (), "y": ()})
    assert not list(wrong_rows(made, {"x": np.array([1.0, 0.5, 2]), "y": np.array([1.0, 1.001, -1])}))


def test_branches_in_branches_are_read_in_no_time():
    """Each stands in both branches of the next, which makes 2^40 cases."""
    nested = "; ".join(f"t{k} = where(y > {k}, 2*t{k - 1}, t{k - 1} + 1)" for k in range(1, 41))
    made = function(f"t0 = 0*ln(x); {nested}; f = t40", {"x": (), "y": ()})
    assert made.block({"x": np.array([1.0, -1]), "y": np.array([3.5, 3.5])}).doubtful.tolist() == [1]


def test_statuses_and_problems_of_single_rows():
    made = function("relu(x) + ln(y)", {"x": (), "y": ()})
    at_kink, without = made.settle({"x": 0.0, "y": 1.0}), made.settle({"x": 1.0, "y": -1.0})
    assert at_kink.statuses == ["kink", "smooth"]
    assert [float(number) for number in at_kink.results] == [0, 0, 1]
    assert "ln(y) is undefined" in without.problem
    assert without.statuses == ["undefined", "undefined"]
    assert all(map(math.isnan, without.results))
    assert function("cbrt(x)", {"x": ()}).settle({"x": 0.0}).results[1] == math.inf  # a vertical tangent


@pytest.mark.parametrize("convention", ["min-norm", "torch", "jax", "tensorflow", "autograd", "casadi"])
def test_conventions_hold_at_kinks(convention):
    found = function("|x| + max(x, 0)", {"x": ()}, convention=convention).settle({"x": 0.0})
    assert float(found.results[1]) == gradcli.grad("|x| + max(x, 0)", x=0, convention=convention).partials["x"].value
    assert found.statuses == ["kink"]


def test_certified_rows_are_all_in_doubt():
    assert len(function("x + 1", {"x": ()}, certify=True).block({"x": np.ones(3)}).doubtful) == 3
