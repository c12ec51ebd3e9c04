"""The second opinion: it agrees with right derivatives, catches wrong ones, and says where it cannot tell."""

import math
import random
from typing import NamedTuple

import mpmath
import numpy as np
import oracles
import pytest
from conftest import run_here
from flint import acb, arb, fmpq
from mpmath import mpf

import gradcli
from gradcli import ops, verify
from gradcli.arithmetic import ball, certain, complex, evaluate, real
from gradcli.arithmetic.complex import Complex, Stepped
from gradcli.circuit import Circuit
from gradcli.errors import Source
from gradcli.expr import decimal, make, symbol
from gradcli.limits import Limits
from gradcli.syntax.reader import read


class Claim(NamedTuple):
    value: float | None = None
    status: str = "smooth"
    left: float | None = None
    right: float | None = None


class Entries:
    """A stand-in for arrays of any numbers: entry by entry, and the structural operators of these tests by definition."""

    def __init__(self, scalar):
        self.scalar = scalar
        self.number = scalar.number

    def total(self, op, items):
        out = items[0]
        for item in items[1:]:
            out = self.scalar.apply(op, (out, item))
        return out

    def apply(self, op, args):
        if op == "array":
            out = np.empty(len(args), dtype=object)
            out[:] = args
            return out
        if len(args) == 1 and op in ("sum", "max", "min", "prod"):
            return self.total({"sum": "+", "prod": "*"}.get(op, op), list(args[0].flat))
        if (op, len(args)) == ("@", 2) and args[0].ndim == 2:
            rows = [self.total("+", [self.scalar.apply("*", pair) for pair in zip(row, args[1])]) for row in args[0]]
            return self.apply("array", tuple(rows))
        if op == "[]":
            return args[0][tuple(int(i) - 1 for i in args[1:])]
        if not any(isinstance(arg, np.ndarray) for arg in args):
            return self.scalar.apply(op, args)
        return np.frompyfunc(lambda *entry: self.scalar.apply(op, entry), len(args), 1)(*args)


def exact(value):
    if isinstance(value, list):
        out = np.empty(np.shape(value), dtype=object)
        out.flat[:] = [exact(v) for v in np.ravel(value).tolist()]
        return out
    if isinstance(value, str):
        return ball.Ball().number(*decimal(read(Source(value), frozenset()).output))
    return fmpq(*float(value).as_integer_ratio())


def circuit(text, at):
    return Circuit(read(Source(text), frozenset(at)), {name: np.shape(v) if isinstance(v, list) else () for name, v in at.items()}, "folded", Limits())


def opinion(text, at, name, claim, index=None):
    made = circuit(text, at)
    env = {symbol(n): exact(v) for n, v in at.items()}
    return verify.second_opinion(made.order, made.root, env, symbol(name), index, claim, Entries)


def planted(right):
    """Return wrong numbers of every kind near a right one."""
    wrong = [right * (1 + 1e-6), right * (1 - 1e-10), -right, 2 * right, 0.0, right / 2 + 1e-3]
    return [w for w in wrong if w != right and math.isfinite(w)]


def must_catch(text, at, name, right):
    for wrong in planted(right) if right else [1e-300, 1.0, -1e-12]:
        found = opinion(text, at, name, Claim(wrong))
        assert found.agrees is False, (text, wrong, found)
        assert f"{wrong:.17g}" in found.why
        assert "relative difference" in found.why


# ---- expressions at points, against differences in mpmath -----------------------------------------------------

m = mpmath
SMOOTH = [
    ("x^2*y", {"x": 3, "y": 2}, lambda x, y: x**2 * y),
    ("(x+y)*z", {"x": -2, "y": 5, "z": -4}, lambda x, y, z: (x + y) * z),
    ("x/y - y/x", {"x": 1e-40, "y": 3}, lambda x, y: x / y - y / x),
    ("1/x", {"x": 1e-20}, lambda x: 1 / x),
    ("x^y", {"x": 0.3, "y": -2.5}, lambda x, y: x**y),
    ("x^3", {"x": -2}, lambda x: x**3),
    ("x^(-3)", {"x": -2}, lambda x: x**-3),
    ("x^x", {"x": 1e-5}, lambda x: x**x),
    ("2^x", {"x": -700}, lambda x: mpf(2) ** x),
    ("1/(1+exp(-x))", {"x": -700}, lambda x: 1 / (1 + m.exp(-x))),
    ("sigmoid(x)", {"x": 40}, lambda x: 1 / (1 + m.exp(-x))),
    ("sigmoid(x)", {"x": 0}, lambda x: 1 / (1 + m.exp(-x))),
    ("softplus(x)", {"x": -30}, lambda x: m.log1p(m.exp(x))),
    ("ln(1+exp(x))", {"x": 1000}, lambda x: m.log1p(m.exp(x))),
    ("sqrt(x^2+1)-x", {"x": 1e8}, lambda x: m.sqrt(x**2 + 1) - x),
    ("sqrt(x*x)", {"x": -2}, lambda x: m.sqrt(x * x)),
    ("sqrt(x^2+1e-200)", {"x": 0}, None),
    ("abs(x)*sqrt(x^2+y)", {"x": -1.5, "y": 2}, lambda x, y: abs(x) * m.sqrt(x * x + y)),
    ("exp(sin(x)^2)*ln(y)", {"x": 1.25, "y": 7}, lambda x, y: m.exp(m.sin(x) ** 2) * m.log(y)),
    ("tan(x) + sec(x) + cot(x)", {"x": 1.5}, lambda x: m.tan(x) + m.sec(x) + m.cot(x)),
    ("sin(x)", {"x": 1e15}, m.sin),
    ("asin(x)*acos(x)", {"x": -0.99}, lambda x: m.asin(x) * m.acos(x)),
    ("asec(x)+acsc(x)*2", {"x": -3.5}, lambda x: m.asec(x) + 2 * m.acsc(x)),
    ("acot(x)", {"x": -0.5}, m.acot),
    ("atan2(y, x)", {"y": 1, "x": -2}, m.atan2),
    ("atan2(y, x)", {"y": -1, "x": -2}, m.atan2),
    ("atan2(y, x)", {"y": 3, "x": 0}, m.atan2),
    ("atan2(y, x)", {"y": -1e-30, "x": 2}, m.atan2),
    ("hypot(x, y)", {"x": -3, "y": 1e-20}, m.hypot),
    ("cbrt(x)", {"x": -5}, lambda x: -m.cbrt(-x)),
    ("tanh(x)", {"x": 20}, m.tanh),
    ("sech(x)*csch(x)", {"x": 0.5}, lambda x: m.sech(x) * m.csch(x)),
    ("asinh(x)+atanh(x/10)", {"x": -3}, lambda x: m.asinh(x) + m.atanh(x / 10)),
    ("acosh(x)*acoth(x)", {"x": 1.0625}, lambda x: m.acosh(x) * m.acoth(x)),
    ("asech(x)+acsch(x)", {"x": 0.25}, lambda x: m.asech(x) + m.acsch(x)),
    ("erf(x)*erfc(y)", {"x": 0.1, "y": 9}, lambda x, y: m.erf(x) * m.erfc(y)),
    ("normcdf(x)/normpdf(x)", {"x": -8}, lambda x: m.ncdf(x) / m.npdf(x)),
    ("gelu(x)", {"x": -2}, lambda x: x * m.erfc(-x / m.sqrt(2)) / 2),
    ("gamma(x)", {"x": -2.5}, m.gamma),
    ("lgamma(x)", {"x": -1.5}, lambda x: m.log(abs(m.gamma(x)))),
    ("lgamma(x)", {"x": -2.5}, lambda x: m.log(abs(m.gamma(x)))),
    ("lgamma(x)", {"x": 1e6}, m.loggamma),
    ("digamma(x)*x!", {"x": 3.5}, lambda x: m.digamma(x) * m.gamma(x + 1)),
    ("polygamma(2, x)", {"x": 0.75}, lambda x: m.psi(2, x)),
    ("log(x, y)", {"x": 5, "y": 0.5}, lambda x, y: m.log(x) / m.log(y)),
    ("log2(x)+log10(x)+log1p(x)", {"x": 1e-10}, lambda x: m.log(x, 2) + m.log10(x) + m.log1p(x)),
    ("expm1(x)-x", {"x": 1e-9}, lambda x: m.expm1(x) - x),
    ("max(x, y)*min(x, y)", {"x": 2, "y": 3}, lambda x, y: x * y),
    ("max(x, y, z)", {"x": 2, "y": 3, "z": 1}, max),
    ("clip(x, -1, 1)^2", {"x": 0.5}, lambda x: x * x),
    ("relu(x - 1e-30)", {"x": 2e-30}, lambda x: max(x - mpf("1e-30"), 0)),
    ("leaky_relu(x)", {"x": -3}, lambda x: x / 100),
    ("elu(x) + selu(x)", {"x": -0.5}, lambda x: m.expm1(x) + oracles.SCALAR["selu(x)"](x)),
    ("where(x > 0, sqrt(x), x^2)", {"x": -4}, lambda x: x * x),
    ("x*floor(x)+sign(x)*ceil(x)+round(x)", {"x": 2.25}, lambda x: 2 * x + 5),
    ("x - floor(x)", {"x": -0.25}, lambda x: x - m.floor(x)),
    ("sin(x)/x", {"x": 1e-8}, lambda x: m.sin(x) / x),
    ("exp(-x^2/2)*cos(20*x)", {"x": 0.7}, lambda x: m.exp(-x * x / 2) * m.cos(20 * x)),
    ("(1 - cos(x))/x^2", {"x": 1e-6}, lambda x: (1 - m.cos(x)) / x**2),
    ("silu(silu(silu(x)))", {"x": 1.5}, lambda x: oracles.SCALAR["silu(x)"](oracles.SCALAR["silu(x)"](oracles.SCALAR["silu(x)"](x)))),
    ("x*pi^e + ln(pi)*x^2", {"x": 2}, lambda x: x * m.pi**m.e + m.log(m.pi) * x * x),
    ("x*abs(x)", {"x": 0}, None),
    ("x^0", {"x": 0}, None),
    ("flow(x, y)", {"x": 2, "y": 3}, lambda x, y: x * y),
    ("relu(x)-relu(-x) - x", {"x": 0}, None),
]


@pytest.mark.parametrize(("text", "at", "function"), SMOOTH, ids=lambda v: v if isinstance(v, str) else "")
def test_it_agrees_with_differences_and_catches_what_is_planted(text, at, function):
    for position, name in enumerate(at):
        want = 0.0 if function is None else float(oracles.derivative(function, list(at.values()), position))
        found = opinion(text, at, name, Claim(want))
        assert found.agrees, (name, want, found)
        assert found.value == pytest.approx(want, rel=1e-15, abs=1e-320)
        must_catch(text, at, name, want)


ROWS = [row for row in ops.TABLE if not row.shape and row.at and row.form in oracles.SCALAR and row.name not in ("unless", "outside")]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.form)
def test_every_operator(row):
    """At random points of its box, each operator alone: against differences, and against the rule of its row."""
    draw = random.Random(row.form)
    names = ["x", "y", "z"][: len(row.formals)]
    args = [symbol(name) for name in names]
    for _ in range(3):
        at = [float(draw.randint(*map(int, box))) if name in ("n", "c") else draw.uniform(*box) for name, box in zip(row.formals, row.at)]
        root = make(row.name, tuple(args))
        env = dict(zip(args, map(exact, at)))
        for position, rule in enumerate(row.partials):
            if rule == "outside(1)" or (rule is None and row.name not in ops.COMPARISONS):
                continue
            want = 0.0 if rule is None else float(oracles.derivative(oracles.SCALAR[row.form], at, position))
            for claim, agrees in ((want, True), (want * (1 + 1e-10) + 1e-300, False)):
                found = verify.second_opinion([*args, root], root, env, args[position], None, Claim(claim))
                assert found.agrees is agrees, (at, position, found)


def test_what_the_program_says_is_confirmed():
    for text, at in [("relu(x*y)+sin(x)^y", {"x": 0.5, "y": 1.5}), ("gelu(x)*logsigmoid(y)/cosh(x)", {"x": -1.25, "y": 3})]:
        for name, partial in gradcli.grad(text, at).partials.items():
            assert opinion(text, at, name, Claim(partial.value, partial.status)).agrees


# ---- kinks, jumps, edges --------------------------------------------------------------------------------------

INF = math.inf
EDGES = [
    ("abs(x)", {"x": 0}, Claim(0.0, "kink", -1.0, 1.0), True),
    ("abs(x)", {"x": 0}, Claim(1.0, "kink", -1.0, 1.0), True),
    ("abs(x)", {"x": 0}, Claim(1.000001, "kink"), False),
    ("abs(x)", {"x": 0}, Claim(-1.0 - 1e-10, "kink"), False),
    ("abs(x)", {"x": 0}, Claim(0.0, "kink", 1.0, 1.0), False),
    ("abs(x)", {"x": 0}, Claim(0.0, "kink", -1.0, 0.5), False),
    ("abs(x)", {"x": 0}, Claim(0.0, "kink", 1.0, -1.0), False),
    ("abs(x)", {"x": 0}, Claim(0.0, "smooth"), False),
    ("abs(x)", {"x": 0}, Claim(None, "undefined"), True),
    ("abs(x)", {"x": 0}, Claim(None, "jump"), False),
    ("abs(x)", {"x": 0}, Claim(None, "vertical"), False),
    ("relu(x)-relu(-x)", {"x": 0}, Claim(1.0, "smooth"), True),
    ("relu(x)-relu(-x)", {"x": 0}, Claim(1.0, "kink"), True),
    ("relu(x)-relu(-x)", {"x": 0}, Claim(0.0, "kink"), False),
    ("relu(x)", {"x": "1e-40"}, Claim(1.0), True),
    ("relu(x)", {"x": "-1e-40"}, Claim(0.0), True),
    ("relu(x)", {"x": "-1e-40"}, Claim(1.0), False),
    ("sqrt(x*x)", {"x": 0}, Claim(0.0, "kink", -1.0, 1.0), True),
    ("sqrt(x*x)", {"x": 0}, Claim(0.0, "smooth"), False),
    ("leaky_relu(x)", {"x": 0}, Claim(0.01, "kink", 0.01, 1.0), True),
    ("leaky_relu(x)", {"x": 0}, Claim(0.0, "kink"), False),
    ("max(x, 2*x, 3*x)", {"x": 0}, Claim(2.0, "kink", 1.0, 3.0), True),
    ("max(x, y)", {"x": 1, "y": 1}, Claim(0.5, "kink", 0.0, 1.0), True),
    ("clip(x, 0.1, 1)", {"x": "0.1"}, Claim(0.0, "kink", 0.0, 1.0), True),
    ("clip(x, 0.1, 1)", {"x": 0.1}, Claim(1.0), True),
    ("relu(x)+relu(x-1e-30)", {"x": 0}, Claim(0.5, "kink", 0.0, 1.0), True),
    ("relu(x)+relu(x-1e-30)", {"x": 0}, Claim(0.5, "kink", 0.0, 2.0), False),
    ("relu(x)+relu(x-1e-300)", {"x": 0}, Claim(0.5, "kink", 0.0, 1.0), True),
    ("abs(sin(x))+x", {"x": 0}, Claim(1.0, "kink", 0.0, 2.0), True),
    ("sqrt(x^2+1e-200)+relu(x)", {"x": 0}, Claim(0.0, "kink", 0.0, 1.0), True),
    ("x*ln(abs(x)+1e-99)", {"x": 0}, Claim(-227.95592420641052, "smooth"), True),
    ("sqrt(x)", {"x": 0}, Claim(None, "vertical", None, INF), True),
    ("sqrt(x)", {"x": 0}, Claim(None, "vertical"), True),
    ("sqrt(x)", {"x": 0}, Claim(0.0, "smooth"), False),
    ("sqrt(x)", {"x": 0}, Claim(1e300, "kink"), False),
    ("cbrt(x)", {"x": 0}, Claim(None, "vertical", INF, INF), True),
    ("sqrt(abs(x))", {"x": 0}, Claim(0.0, "kink", -INF, INF), True),
    ("sqrt(abs(x))", {"x": 0}, Claim(0.0, "kink", INF, INF), False),
    ("asin(x)", {"x": 1}, Claim(None, "vertical"), True),
    ("where(x > 0, x*ln(x), 0)", {"x": 0}, Claim(None, "vertical"), True),
    ("0*sqrt(x)", {"x": 0}, Claim(0.0, "smooth"), True),
    ("0*sqrt(x)", {"x": 0}, Claim(None, "undefined"), True),
    ("0*sqrt(x)", {"x": 0}, Claim(1.0, "smooth"), False),
    ("x^1.5", {"x": 0}, Claim(0.0, "smooth"), True),
    ("x^y", {"x": 0, "y": 2}, Claim(0.0, "smooth"), True),
    ("x^0.5", {"x": 0}, Claim(None, "vertical"), True),
    ("abs(x)^1.5", {"x": 0}, Claim(0.0, "smooth"), True),
    ("abs(x)^1.5", {"x": 0}, Claim(1e-10, "smooth"), False),
    ("sign(x)", {"x": 0}, Claim(None, "jump"), True),
    ("sign(x)", {"x": 0}, Claim(0.0, "smooth"), False),
    ("floor(x)", {"x": 2}, Claim(None, "jump"), True),
    ("round(x)", {"x": 0.5}, Claim(None, "jump"), True),
    ("round(x)", {"x": 2}, Claim(0.0), True),
    ("x*sign(x)", {"x": 0}, Claim(None, "jump"), False),
    ("where(x > 0, x, 2*x)", {"x": 0}, Claim(2.0, "kink", 2.0, 1.0), True),
    ("where(x > 0, x + 1, 2*x)", {"x": 0}, Claim(2.0, "smooth"), False),
    ("abs(floor(x) + 0.5)", {"x": 0}, Claim(0.0), True),  # a jump that nobody sees
    ("relu(floor(x))", {"x": 1}, Claim(None, "jump"), True),
    ("where(ln(2) > softplus(0), x, 2*x)", {"x": 0}, Claim(2.0), None),
    ("atan2(x, -1)", {"x": 0}, Claim(None, "jump"), True),
    ("hypot(x, 0)", {"x": 0}, Claim(0.0, "kink", -1.0, 1.0), True),
    ("ln(x)", {"x": -1}, Claim(None, "undefined"), True),
    ("ln(x)", {"x": -1}, Claim(-1.0), False),
    ("gamma(x)", {"x": -1}, Claim(None, "undefined"), True),
    ("x^2", {"x": 3}, Claim(None, "undefined"), False),
    ("x^2", {"x": 3}, Claim(None, "vertical"), False),
    ("exp(x)", {"x": 1000}, Claim(None, "overflow"), True),
    ("exp(x)", {"x": 700}, Claim(None, "overflow"), False),
    ("exp(x)", {"x": -1000}, Claim(0.0, "underflow"), True),
    ("exp(x)", {"x": -1000}, Claim(0.0), True),
    ("exp(x)", {"x": -10}, Claim(0.0, "underflow"), False),
    ("1/(1+exp(-x))", {"x": -1000}, Claim(0.0, "underflow"), True),
    ("exp(exp(x))", {"x": 100}, Claim(None, "overflow"), True),
    ("-exp(exp(x))^2", {"x": 100}, Claim(1.0), False),
    ("abs(x)*(-1)^(1^0.3)", {"x": 0}, Claim(0.0, "kink", 1.0, -1.0), True),
    ("where(pi, abs(x), 1)", {"x": 0}, Claim(0.0, "kink", -1.0, 1.0), True),
    ("1/(1+exp(-x))", {"x": -1000}, Claim(1e-300, "smooth"), False),
    ("relu(x)+relu(x-1e-200*1e-200)", {"x": 0}, Claim(0.0, "kink", 0.0, 1.0), None),
    ("floor(1e200*x*1e200)+abs(x)", {"x": 0}, Claim(0.0, "kink", -1.0, 1.0), None),
    ("abs(sin(1)^2+cos(1)^2-1) + abs(x)*where(sin(1)^2+cos(1)^2 > 1, 1, 2)", {"x": 0}, Claim(0.0, "kink"), None),
]


@pytest.mark.parametrize(("text", "at", "claim", "agrees"), EDGES, ids=lambda v: v if isinstance(v, str) else "")
def test_edges(text, at, claim, agrees):
    found = opinion(text, at, "x", claim)
    assert found.agrees is agrees, found
    if agrees is None:
        assert found.why.startswith("not reliable here, because")
        assert found.value is None
    if agrees is False:
        assert "given" in found.why or "no value" in found.why


def test_a_kink_nearby_is_named():
    found = opinion("relu(x)+relu(x-1e-200*1e-200)", {"x": 0}, "x", Claim(0.0, "kink"))
    assert "relu(x - 1e-200*1e-200) changes its winner within" in found.why


def test_a_branch_that_nobody_can_decide_is_said():
    found = opinion("where(ln(2) > softplus(0), x, 2*x)", {"x": 0}, "x", Claim(2.0))
    assert "which branch counts is not decided" in found.why


def test_an_untaken_branch_does_not_spoil_the_complex_step():
    assert opinion("where(y > 0, x^2, abs(x))", {"x": 0, "y": 1}, "x", Claim(0.0)).method == verify.COMPLEX
    assert opinion("abs(y)*x", {"x": 2, "y": 0}, "x", Claim(0.0)).method == verify.COMPLEX


def test_a_loser_counts_where_it_has_no_value_nearby():
    assert opinion("min(x, x^x)", {"x": -2}, "x", Claim(None, "undefined")).agrees
    assert opinion("max(x^2, abs(x) - 1)", {"x": 0}, "x", Claim(0.0)).agrees


def test_a_partial_by_a_stage():
    made = circuit("q = x + y; f = q^2*x", {"x": 3, "y": 4})
    q = next(node for node in made.order if node.op == "+")
    env = {symbol("x"): exact(3), symbol("y"): exact(4)}
    assert verify.second_opinion(made.order, made.root, env, q, None, Claim(42.0)).agrees
    assert verify.second_opinion(made.order, made.root, env, q, None, Claim(91.0)).agrees is False


# ---- arrays ---------------------------------------------------------------------------------------------------


def test_entries_of_arrays():
    at = {"W": [[1.0, -2.0], [0.5, 3.0]], "x": [2.0, -1.0]}
    text = "sum(relu(W @ x)) + max(x)*prod(x)"
    right = {(0, 0): 2.0, (0, 1): -1.0, (1, 0): 0.0, (1, 1): 0.0}
    for index, value in right.items():
        assert opinion(text, at, "W", Claim(value), index).agrees
        assert opinion(text, at, "W", Claim(value + 1e-6), index).agrees is False
    assert opinion(text, at, "x", Claim(1 - 2 - 2.0), (0,)).agrees
    assert opinion(text, at, "x", Claim(-2 + 4.0), (1,)).agrees


def test_a_direction():
    at = {"x": [2.0, -1.0, 0.5]}
    gradient = gradcli.grad("prod(exp(x))", at).partials["x"].value
    weights, slope = verify.direction(exact(at["x"]), gradient)
    assert opinion("prod(exp(x))", at, "x", Claim(slope), weights).agrees
    gradient[1] *= 1 + 1e-6
    weights, slope = verify.direction(exact(at["x"]), gradient)
    assert opinion("prod(exp(x))", at, "x", Claim(slope), weights).agrees is False


def test_entries_are_chosen_evenly():
    assert verify.chosen((2, 3)) == [(i, j) for i in range(2) for j in range(3)]
    many = verify.chosen((30, 40))
    assert len(set(many)) == 64
    assert {i for i, _ in many} == set(range(30))
    assert verify.chosen((5,)) == [(k,) for k in range(5)]


def test_a_tie_in_an_array_is_a_kink():
    at = {"x": [2.0, 2.0, 1.0]}
    assert opinion("max(x)", at, "x", Claim(0.5, "kink", 0.0, 1.0), (0,)).agrees
    assert opinion("max(x)", at, "x", Claim(0.5, "smooth"), (0,)).agrees is False
    assert opinion("max(x)", at, "x", Claim(0.0), (2,)).agrees


# ---- the complex kernels --------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", sorted(real.KERNELS), ids=lambda key: f"{key[0]}/{key[1]}")
def test_every_primitive_has_a_complex_kernel(key):
    assert key in complex.KERNELS or key in complex.LAZY or key in complex.CONSTANTS, f"{key} has no kernel in arithmetic/complex.py"


BOX = {"asin": 0.9, "acos": 0.9, "atanh": 0.9}
POSITIVE_ONLY = {"ln", "log2", "log10", "log1p", "sqrt", "^"}


@pytest.mark.parametrize("key", sorted(complex.KERNELS), ids=lambda key: f"{key[0]}/{key[1]}")
def test_a_continuation_starts_from_the_value(key):
    """Beside the point by 1e-60, the continuation is the real value but for about 1e-60: no wrong branch."""
    op, arity = key
    draw, step = random.Random(op), arb(10) ** -60
    with certain.precision(400):
        for _ in range(20):
            low = 0.1 if op in POSITIVE_ONLY else 1.1 if op == "acosh" else -3.0
            at = [exact(draw.uniform(low, 3.0) * BOX.get(op, 3) / 3) for _ in range(arity)]
            if op == "polygamma":
                at[0] = fmpq(2)
            if op == "acosh":
                at = [x + 2 for x in at]
            args = tuple(x if op == "polygamma" and x == 2 else Stepped(x, acb(arb(x), step)) for x in at)
            value, alone = Complex().apply(op, args), ball.Ball().apply(op, tuple(at))
            if isinstance(value, Stepped):
                assert not value.edge
                assert abs(value.there - arb(value.here)).abs_upper() < arb(10) ** -50 * (1 + abs(arb(alone)))
            assert certain.to_float(value.here if isinstance(value, Stepped) else value) == certain.to_float(alone)


def test_constants_stay_numbers():
    tape = circuit("max(2, 3)*where(1 > 0, pi, 0) + flow(0, 1/0)", {})
    value = evaluate(tape.order, {}, Complex())[tape.root]
    assert not isinstance(value, Stepped)
    with certain.precision(128):
        assert certain.to_float(value) == pytest.approx(3 * math.pi, rel=1e-15)


def test_a_branch_not_taken_at_this_point_only():
    zero = Stepped(fmpq(0), acb(0, 1))
    assert Complex().apply("flow", (zero, certain.UNDEFINED)).edge
    assert Complex().scale(fmpq(0), certain.UNDEFINED, fmpq(0)) == 0
    assert Complex().apply("where", (Stepped(fmpq(1), acb(1), "edge"), fmpq(2), fmpq(3))).edge == "edge"
    assert Complex().apply("where", (certain.UNDEFINED, fmpq(2), fmpq(3))) is certain.UNDEFINED


@pytest.mark.parametrize("text", ["floor(y)", "round(y)", "ceil(max(1, y))", "lgamma(-y)", "gamma(y) + digamma(y)", "floor(max(-5368420000000000, y))"])
def test_a_multiple_of_pi_is_moved_like_any_other_number(text):
    ran = run_here(text, "y=pi", "--verify", "--plain")
    assert ran.code == 0
    assert "agrees" in ran.out
