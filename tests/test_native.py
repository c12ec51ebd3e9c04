"""Straight-line programs as machine code: every step against NumPy's bits, every function against more digits than it has."""

import platform
import random
import sys
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from itertools import chain
from types import SimpleNamespace

import mpmath
import numpy as np
import pytest

import gradcli
from gradcli.batch.kernel import Kernel
from gradcli.batch.native import compiled
from gradcli.batch.tape import LINEAR, Step
from gradcli.errors import GradError
from gradcli.ops import COMPARISONS, TABLE

pytest.importorskip("llvmlite", reason="the extra jit is not installed: numba, for its compiler llvmlite")
from gradcli.batch.native import machine
from gradcli.batch.native.kernel import Native
from gradcli.batch.native.operators import KERNELS

INF, NAN, TINY = np.inf, np.nan, 5e-324
EDGES = np.array([0.0, -0.0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 2, 3, -7, 1e-300, TINY, -TINY, 2.2e-308, -2.2e-308, 1e16, -1e16, 2.0**53, 710, -746,
                  1.7976931348623157e308, -1.7976931348623157e308, INF, -INF, NAN, np.pi, 1e6, 2e6, 1e22, 1 + 2**-52, 1 - 2**-53, -1 + 2**-53])  # fmt: skip
EXACT = {
    ("+", 2): np.add, ("-", 2): np.subtract, ("*", 2): np.multiply, ("/", 2): np.divide, ("-", 1): np.negative, ("abs", 1): np.abs,
    ("sqrt", 1): np.sqrt, ("floor", 1): np.floor, ("ceil", 1): np.ceil, ("round", 1): np.rint, ("sign", 1): np.sign,
    ("max", 2): np.maximum, ("min", 2): np.minimum, ("where", 3): lambda c, a, b: np.where(c != 0, a, b),
    ("flow", 2): lambda x, y: np.where((x == 0) & ~np.isfinite(y), 0.0, x * y),
    ("through", 3): lambda x, y, value: np.where((x == 0) & ~np.isfinite(value), 0.0, x * y),
    **{(sign, 2): lambda x, y, f=f: f(x, y).astype(float) for sign, f in {
        "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal, "==": np.equal, "!=": np.not_equal}.items()},
}  # fmt: skip
FUNCTIONS = {
    **{(name, 1): getattr(np, name) for name in "exp expm1 log2 log10 log1p cbrt sin cos tan sinh cosh tanh".split()},
    ("ln", 1): np.log, ("asin", 1): np.arcsin, ("acos", 1): np.arccos, ("atan", 1): np.arctan, ("asinh", 1): np.arcsinh,
    ("acosh", 1): np.arccosh, ("atanh", 1): np.arctanh, ("atan2", 2): np.arctan2, ("hypot", 2): np.hypot, ("^", 2): np.power,
}  # fmt: skip
WITHOUT_NUMPY = {"erf": mpmath.erf, "erfc": mpmath.erfc, "gauss": lambda x: mpmath.exp(-x * x), "normpdf": mpmath.npdf, "normcdf": mpmath.ncdf}
WIDE = np.finfo(np.longdouble).nmant >= 63

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


def tape(steps, inputs, constants, outputs, size=None):
    """Return what the compiler needs of a tape: steps are (operator, places of the arguments, place of the result)."""
    size = max([*inputs, *constants, *outputs], default=0) + 1
    return SimpleNamespace(
        steps=[Step(op, tuple(places), (place,)) for op, places, place in steps], inputs=dict.fromkeys(inputs), outputs=[[place] for place in outputs],
        constants={place: (value, 0.0) for place, value in constants.items()}, needed=[], apart=[], quiet=[], sign=[0] * size, whole=[False] * size)  # fmt: skip


def straight(op, count, constants=None):
    """Return the tape of one operator."""
    constants = constants or {}
    return tape([(op, tuple(range(count)), count)], [k for k in range(count) if k not in constants], constants, [count])


def one(op, *columns, **how):
    out = np.empty(len(columns[0]))
    compiled(straight(op, len(columns) + len(how.get("constants", {})), **how)).on(list(columns), [out])()
    return out


def outputs(made, columns):
    out = [np.empty(len(columns[0])) for _ in made.outputs]
    compiled(made).on(columns, out)()
    return out


def apart(got, want):
    """Return the largest distance in units of the last place of what is wanted, which has more digits; nan and infinities must agree."""
    near = np.asarray(want, float)
    assert np.array_equal(np.isnan(got), np.isnan(near))
    assert np.array_equal(np.isinf(got), np.isinf(near))
    assert np.array_equal(np.signbit(got[near == 0]), np.signbit(near[near == 0]))
    finite = np.isfinite(near)
    return float(np.max(np.abs(got[finite] - want[finite]) / np.spacing(np.abs(near[finite])), initial=0))


def grid(count):
    """Return every combination of the edges for so many arguments."""
    return [np.ascontiguousarray(axis.ravel()) for axis in np.meshgrid(*[EDGES] * count)]


def test_every_operator_is_tested():
    assert set(KERNELS) == {*EXACT, *FUNCTIONS, *((name, 1) for name in WITHOUT_NUMPY)}


def test_a_sum_of_products_adds_each_with_one_rounding():
    x, y = (uniform(-1, 1, 1000, seed) for seed in range(2))
    made = tape([], [0, 1], {}, [2, 3])
    made.steps = [Step(LINEAR, (0, 1), (2, 3), ((1.0, 0.3), (-1.0, 7.1)))]
    for got, (first, second) in zip(outputs(made, [x, y]), made.steps[0].weights):
        assert got.tolist() == [float(Fraction(first * a) + Fraction(second) * Fraction(b)) for a, b in zip(x.tolist(), y.tolist())]


@pytest.mark.parametrize(("op", "calm", "rough"), [
    ("exp", [-700.0, 1, 0, 709], [710, -746, INF, NAN]), ("ln", [1e-300, 1, 1e300], [0, -1, INF]), ("/", [1.0, 3], [0]), ("sqrt", [0.0, 2], [-1]),
    ("*", [1e-150, 1, -1e150], [1e160, 1e-160]), ("sin", [-1e5, 0, 1, 1e5, 1e10], [INF]), ("tanh", [0.0, -1, 100], [NAN]),
    ("log1p", [0.0, -0.5, 1e10], [-1, -2]), ("asin", [0.0, 0.5, 1], [1.5]), ("cosh", [0.0, 1, -700], [720]), ("expm1", [0.0, -800, 3], [720]),
])  # fmt: skip
def test_rows_that_leave_the_floats_are_noted(op, calm, rough):
    """As the processor notes them; a row that does is found among any number of others."""
    two = op in ("*", "/")
    run = compiled(straight(op, 1 + two))

    def well(x):
        x = np.array(x)
        sure, believed = run.on([np.ones_like(x), x] if op == "/" else [x] * (1 + two), [np.empty_like(x)])()
        return sure.all() and believed

    assert well(calm)
    assert well(np.resize(calm, 1000))
    for x in rough:
        for place in (0, 3, 500, 999):
            many = np.resize(np.array(calm, float), 1000)
            many[place] = x
            assert not well(many), (x, place)
            assert well(calm)  # what was noted is forgotten


@pytest.mark.parametrize("key", EXACT, ids=str)
def test_arithmetic_has_the_bits_of_ieee_754(key):
    op, count = key
    columns = grid(count)
    got, want = one(op, *columns), EXACT[key](*columns)
    same = (got.view(np.int64) == want.view(np.int64)) | (np.isnan(got) & np.isnan(want))
    if op in ("max", "min"):
        same |= (got == 0) & (want == 0)  # of 0 and -0 either is the larger
    assert same.all(), [(c[~same][:3]) for c in (*columns, got, want)]


@pytest.mark.parametrize("key", FUNCTIONS, ids=str)
def test_functions_at_the_edges(key):
    columns = grid(key[1])
    got = one(key[0], *columns)
    wide = FUNCTIONS[key](*[c.astype(np.longdouble) for c in columns])
    few = np.abs(np.asarray(wide, float)) > 1e-305  # the C library may lose more among the subnormal numbers
    want = np.where(few & WIDE, wide, FUNCTIONS[key](*columns))
    assert apart(got, want) <= 4


def powers_of_two(low, high, count, seed, signed=True):
    generator = np.random.default_rng(seed)
    return np.exp2(generator.uniform(low, high, count)) * (generator.choice([-1, 1], count) if signed else 1)


def uniform(low, high, count, seed):
    return np.random.default_rng(seed).uniform(low, high, count)


def ranges(op, count):
    """Return arguments from wherever a method changes: near 0 and 1, over all exponents, at the last finite result, near multiples of π/2."""
    small, middle = powers_of_two(-1000, 3, count, 1), uniform(-3, 3, count, 2)
    positive = [powers_of_two(-1022, 1023, count, 3, signed=False), 1 + powers_of_two(-52, -1, count, 4), uniform(0.5, 2, count, 5)]
    angles = [small, middle, uniform(-1.1e6, 1.1e6, count, 6), np.round(uniform(-7e5, 7e5, count, 7)) * (np.pi / 2), powers_of_two(19, 1000, count, 8)]
    return {
        "exp": [small, middle, uniform(-707, 709.7, count, 6)], "expm1": [small, middle, uniform(-50, 709.7, count, 6)],
        "ln": positive, "log2": positive, "log10": positive, "cbrt": positive,
        "log1p": [small[small > -1], uniform(-1, 3, count, 6), powers_of_two(-10, 1020, count, 7, signed=False)],
        "sin": angles, "cos": angles, "tan": angles,
        "sinh": [small, middle, uniform(-709, 710.4, count, 6)], "cosh": [small, middle, uniform(-709, 710.4, count, 6)],
        "tanh": [small, middle, uniform(-25, 25, count, 6)],
        "gauss": [small, middle, uniform(-26.6, 26.6, count, 6)], "normpdf": [small, middle, uniform(-37.6, 37.6, count, 6)],
        "erfc": [small, middle, uniform(-7, 26, count, 6)], "normcdf": [small, middle, uniform(-37, 9, count, 6)],
        "asin": [uniform(-1, 1, count, 6)], "acos": [uniform(-1, 1, count, 6)], "atanh": [uniform(-1, 1, count, 6)],
        "acosh": [1 + powers_of_two(-50, 1000, count, 6, signed=False)],
    }.get(op, [small, middle])  # fmt: skip


ONE_ARGUMENT = [op for op, count in KERNELS if count == 1 and (op, 1) not in EXACT]


@pytest.mark.skipif(not WIDE, reason="long double is no wider than double here; mpmath tests fewer points")
@pytest.mark.parametrize("op", [op for op in ONE_ARGUMENT if op not in WITHOUT_NUMPY])
def test_functions_are_within_four_units_of_a_million_points(op):
    several = ranges(op, 1_000_000 // len(ranges(op, 1)))
    worst = {k: apart(one(op, x), FUNCTIONS[op, 1](x.astype(np.longdouble))) for k, x in enumerate(several)}
    assert max(worst.values()) <= 4, worst


@pytest.mark.parametrize("op", ONE_ARGUMENT)
def test_functions_are_within_four_units_of_mpmath(op):
    exact = {"log2": lambda x: mpmath.log(x, 2), **WITHOUT_NUMPY}.get(op) or getattr(mpmath, op)
    for x in ranges(op, 50 if op in ("erfc", "normcdf") else 300):
        got = one(op, x)
        with mpmath.workprec(1200):  # so many bits lie between an angle and a multiple of π, and between 1 and 1 + x
            errors = [abs(g - exact(mpmath.mpf(v))) / float(np.spacing(abs(g))) for v, g in zip(x.tolist(), got.tolist()) if abs(g) > 1e-305]
        assert max(errors, default=0) <= 4


def test_the_bell_at_the_edges():
    for op, top in (("gauss", 1.0), ("normpdf", 1 / np.sqrt(2 * np.pi))):
        got = one(op, np.array([0.0, -0.0, INF, -INF, 1e300, -1e10, 40, TINY, NAN]))
        assert got[:8] == pytest.approx([top, top, 0, 0, 0, 0, 0, top], rel=1e-15, abs=0)
        assert np.isnan(got[8])
    assert one("normcdf", np.array([0.0, -0.0, INF, -INF, 1e300, -1e10, 40])) == pytest.approx([0.5, 0.5, 1, 0, 1, 0, 1], rel=1e-15, abs=0)


@pytest.mark.parametrize("exponent", [-3, -2, -1, 0, 1, 2, 3, 4, 0.5, 5])
def test_small_powers_are_products(exponent):
    x = np.concatenate([EDGES, powers_of_two(-300, 300, 10_000, 1)])
    got = one("^", x, constants={1: float(exponent)})
    want = np.power(x.astype(np.longdouble), exponent)
    if exponent in (-1, 1, 2):
        assert np.array_equal(got, {-1: 1 / x, 1: x, 2: x * x}[exponent], equal_nan=True)
    near = np.abs(want) > 1e-300
    assert apart(got[near], want[near]) <= 4


def program(seed, steps=40):
    """Return a random program with all its places as outputs, and its rows."""
    pick = random.Random(seed)
    kinds = [key for key in (*EXACT, *FUNCTIONS)]
    known = list(range(5))
    taken = []
    for place in range(5, 5 + steps):
        op, count = pick.choice(kinds)
        taken.append((op, tuple(pick.choice(known) for _ in range(count)), place))
        known.append(place)
    rows = 100 + seed
    columns = [np.where(uniform(0, 1, rows, seed + k) < 0.1, np.resize(EDGES, rows), uniform(-3, 3, rows, seed + 10 + k)) for k in range(4)]
    return tape(taken, [0, 1, 2, 3], {4: pick.uniform(-3, 3)}, known[5:]), columns


@pytest.mark.parametrize("seed", range(12))
def test_random_programs_do_what_numpy_does_with_every_step(seed):
    made, columns = program(seed)
    rows = len(columns[0])
    at = {**dict(zip(made.inputs, columns)), 4: np.full(rows, made.constants[4][0])}
    at |= {place: column for (place,), column in zip(made.outputs, outputs(made, columns))}
    for op, places, (place,), *_ in made.steps:
        arguments, got = [at[p] for p in places], at[place]
        if (op, len(places)) in EXACT:
            assert np.array_equal(got, EXACT[op, len(places)](*arguments), equal_nan=True), op
        else:
            want = FUNCTIONS[op, len(places)](*arguments)
            usual = (np.abs(want) > 1e-300) & (np.abs(want) < 1e300)
            assert apart(got[usual], want[usual]) <= 6, op  # NumPy is itself up to two from the truth
            assert np.array_equal(np.isnan(got), np.isnan(want)), op


@pytest.mark.parametrize("copied", [True, False])
def test_functions_copied_or_called_give_the_same_bits(copied, monkeypatch):
    made, columns = program(77, 25)
    once = outputs(made, columns)
    monkeypatch.setattr("gradcli.batch.native.loop.COPIED", 1000 if copied else 0)
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(once, outputs(made, columns)))


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="older processors of another family than this one")
@pytest.mark.parametrize("processor", ["x86-64", "x86-64-v3"])
def test_the_bits_do_not_depend_on_the_processor(processor, monkeypatch):
    """Of 2003, with registers of two numbers and no product that is added with one rounding; of 2013, with both."""
    llvm = machine.llvm
    if processor == "x86-64-v3" and not llvm.get_host_cpu_features().get("avx2"):
        pytest.skip("this processor is older")
    count = len(ONE_ARGUMENT)
    every = tape([(op, (k,), count + k) for k, op in enumerate(ONE_ARGUMENT)], range(count), {}, range(count, 2 * count))
    programs = [program(3), (every, [np.resize(np.concatenate(ranges(op, 300)), 1500) for op in ONE_ARGUMENT])]
    here = [outputs(*each) for each in programs]
    monkeypatch.setattr(machine, "_processor", lambda: llvm.Target.from_default_triple().create_target_machine(cpu=processor, jit=True))
    there = [outputs(*each) for each in programs]
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(chain(*here), chain(*there)))


@pytest.mark.parametrize("rows", [*range(20), 4096, 4099])
def test_the_bits_of_a_row_do_not_depend_on_where_it_stands(rows):
    run = compiled(tape([("exp", (0,), 2), ("+", (2, 1), 3), ("sin", (3,), 4), ("ln", (2,), 5)], [0, 1], {}, [3, 4, 5]))
    columns = [uniform(-2, 2, rows, 1), uniform(-2, 2, rows, 2)]
    whole, parts = ([np.full(rows, -9.0) for _ in range(3)] for _ in range(2))
    columns[1][::3] = -np.exp(columns[0][::3])  # nothing is left of their sum
    sure, _ = run.on(columns, whole)()
    cut, rest = rows // 3, run.on(columns, parts)
    first, second = rest(0, cut), rest(cut, rows)
    assert all(np.array_equal(a, b) for a, b in zip(whole, parts))
    assert np.array_equal(sure, np.concatenate([first[0], second[0]]))
    assert sure.tolist() == [bool(k % 3) for k in range(rows)]


def test_rows_outside_are_not_touched():
    run = compiled(straight("exp", 1))
    out = np.full(40, 7.0)
    run.on([np.zeros(40)], [out])(3, 21)
    assert out.tolist() == [7.0] * 3 + [1.0] * 18 + [7.0] * 19


def test_threads_share_the_code():
    made, columns = program(5)
    columns = [np.resize(c, 100_000) for c in columns]
    run = compiled(made)
    alone, together = ([np.empty(100_000) for _ in made.outputs] for _ in range(2))
    run.on(columns, alone)()
    rows = run.on(columns, together)
    cuts = [(k, k + 10_000) for k in range(0, 100_000, 10_000)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda cut: rows(*cut), cuts))
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(alone, together))


def test_tapes_without_inputs_or_steps():
    out = [np.empty(11), np.empty(11)]
    sure, believed = compiled(tape([], [0], {1: 2.5}, [1, 0])).on([np.arange(11.0)], out)()
    assert (out[0] == 2.5).all()
    assert out[1].tolist() == list(range(11))
    assert believed
    assert sure.all()


def test_columns_that_are_not_contiguous_are_refused():
    with pytest.raises(ValueError, match="contiguous"):
        compiled(straight("exp", 1)).on([np.zeros(64)[::2]], [np.zeros(32)])
    with pytest.raises(ValueError, match="as long as"):
        compiled(straight("exp", 1)).on([np.zeros(31)], [np.zeros(32)])


def test_an_operator_without_machine_code_is_left_to_others():
    assert compiled(straight("digamma", 1)) is None


def test_without_the_compiler_there_is_none(monkeypatch):
    for name in ("machine", "loop"):
        monkeypatch.delitem(sys.modules, f"gradcli.batch.native.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "llvmlite", None)
    assert compiled(straight("exp", 1)) is None


# ---- as the kernel of a batch -------------------------------------------------------------------------------


EXPRESSIONS = {
    "(x+y)*z": {}, "1/(1+e^(-(x*y+z)))": {}, "a = x*y + z; b = sin(a)*exp(-a/3); ln(1 + a*a)/(2 + b)*a": {}, "max(x, y)*relu(z - 1)": {},
    "abs(x)*where(y > z, exp(x), ln(y))": {}, "gelu(x) + silu(y)*softplus(z)": {}, "x^y + hypot(y, z) + atan2(x, z)": {},
    "sum((sigmoid(W@x+b)-t)^2)": {"W": np.linspace(-1, 1, 32).reshape(8, 4), "b": np.linspace(-1, 1, 8)}, "softmax(x)": {}, "W@x": {"W": np.eye(5)},
}  # fmt: skip
LENGTHS = {"sum((sigmoid(W@x+b)-t)^2)": {"x": 4, "t": 8}, "softmax(x)": {"x": 3}, "W@x": {"x": 5}}


def columns_for(text, rows=3000):
    generator = np.random.default_rng(3)
    columns = {name: generator.uniform(-3, 3, (rows, n) if n else rows) for name, n in LENGTHS.get(text, {"x": 0, "y": 0, "z": 0}).items()}
    for column in columns.values():
        column[::50] = np.round(column[::50])  # at kinks
        column[7::500] = 800.0
        column[8::500] = 1e-200
        column[9::1000] = INF
    return columns


def kernels(gradient):
    return {type(function._kernel) for function in gradient._functions.values()}


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_the_same_rows_as_with_numpy(text):
    columns = columns_for(text)
    fast, usual = (gradcli.compile(text, EXPRESSIONS[text], jit=jit) for jit in (True, False))
    got, want = fast(columns), usual(columns)
    assert (kernels(fast), kernels(usual)) == ({Native}, {Kernel})
    assert got.problems == want.problems
    for ours, theirs in zip([got.value, *got.partials.values()], [want.value, *want.partials.values()]):
        assert np.array_equal(np.isnan(ours), np.isnan(theirs))
        assert np.allclose(ours, theirs, rtol=2e-10, atol=0, equal_nan=True)


ELEMENTWISE = [row for row in TABLE if row.shape is None and row.formals and row.name not in ("flow", "outside", "unless", *COMPARISONS)]


@pytest.mark.parametrize("row", ELEMENTWISE, ids=lambda row: row.form)
def test_every_elementwise_operator(row):
    columns = {name: uniform(low, high, 50, k) for k, (name, (low, high)) in enumerate(zip(row.formals, row.at))}
    for name in columns.keys() & {"c", "n"}:
        columns[name] = np.round(columns[name])
    got, want = (gradcli.compile(row.form, jit=jit)(columns) for jit in (True, False))
    assert got.problems == want.problems
    assert np.allclose(got.value, want.value, rtol=2e-10, atol=0, equal_nan=True)
    for name, partial in got.partials.items():
        assert np.allclose(partial, want.partials[name], rtol=2e-10, atol=0, equal_nan=True)


def test_answers_do_not_depend_on_threads_or_on_how_columns_lie():
    columns = {name: uniform(-3, 3, 200_000, k) for k, name in enumerate("xyz")}
    texts = "abs(x)*sin(y)/z"
    one_thread, two = (gradcli.compile(texts, jit=True, threads=threads)(columns) for threads in (1, 2))
    strided = {name: np.repeat(column, 2)[::2] for name, column in columns.items()}
    lying = gradcli.compile(texts, jit=True)(strided)
    for other in (two, lying):
        assert np.array_equal(one_thread.value, other.value, equal_nan=True)
        assert all(np.array_equal(partial, other.partials[name], equal_nan=True) for name, partial in one_thread.partials.items())


def test_an_answer_is_written_again():
    made = gradcli.compile("x*y", jit=True)
    first = made(x=np.arange(9.0), y=np.ones(9))
    value = first.value
    made(x=np.ones(9), y=np.arange(9.0), out=first)
    assert value.tolist() == list(range(9))


def test_what_has_no_machine_code_is_done_by_numpy():
    made = gradcli.compile("digamma(x)", jit=True)
    assert made(x=np.array([1.0, 2])).value == pytest.approx([-np.euler_gamma, 1 - np.euler_gamma])
    assert kernels(made) == {Kernel}


def test_machine_code_asks_for_its_compiler(monkeypatch):
    monkeypatch.setattr("gradcli.batch.native.kernel.find_spec", lambda name: None)
    with pytest.raises(GradError, match="llvmlite") as caught:
        gradcli.compile("x*y", jit=True)(x=[1.0], y=[2.0])
    assert caught.value.kind == "missing-library"
