"""Laws of calculus on random expressions: linearity, products, reverse = forward = symbolic, order of the variables."""

import math

from hypothesis import assume, given
from hypothesis import strategies as st
from mpmath import mp, mpf
from oracles import SCALAR, derivative
from strategies import points, smooth

import gradcli
from gradcli.arithmetic import evaluate
from gradcli.arithmetic.real import Real
from gradcli.expr import make, number, substitute, symbol, symbols, tape
from gradcli.notation.text import text
from gradcli.report import FOLDED, FUSED, PRIMITIVE

X, Y = symbol("x"), symbol("y")
FORMS = {("-", 1): "-x", ("-", 2): "x - y", ("+", 2): "x + y", ("*", 2): "x * y", ("/", 2): "x / y", ("^", 2): "x ^ y"}


def exactly(expr, at):
    """Evaluate an expression in mpmath by the oracles' definitions."""
    env = {}
    for node in tape(expr):
        if node.op == "number":
            mantissa, exponent = node.leaf
            env[node] = mpf(mantissa) * mpf(10) ** exponent
        elif node.op == "symbol":
            env[node] = at[node.leaf]
        else:
            form = FORMS.get((node.op, len(node.args)), f"{node.op}(x)")
            env[node] = SCALAR[form](*[env[a] for a in node.args])
    return env[expr]


def solve(expr, **options):
    names = [s.leaf for s in symbols(expr)]
    at = options.pop("at")
    return gradcli.grad(text(expr), {n: at[n] for n in names}, **options)


def close(got, want, scale):
    return math.isclose(got, want, rel_tol=1e-9, abs_tol=1e-12 * max(1.0, scale))


def partial(report, name):
    return report.partials[name].value if name in report.partials else 0.0


def usable(report):
    assume(abs(report.value) < 1e8)
    assume(all(p.value is not None and abs(p.value) < 1e8 for p in report.partials.values()))
    return report


@given(smooth, points, points)
def test_reverse_mode_agrees_with_differences_in_a_hundred_digits(expr, x, y):
    report = usable(solve(expr, at={"x": x, "y": y}))
    names = list(report.partials)

    def function(*args):
        return exactly(expr, dict(zip(names, args)))

    for position, name in enumerate(names):
        want = derivative(function, [mpf({"x": x, "y": y}[n]) for n in names], position)
        assert close(report.partials[name].value, float(want), 1e6 * abs(report.value)), name


@given(smooth, points, points)
def test_the_formula_shown_is_the_partial(expr, x, y):
    at = {"x": x, "y": y}
    report = usable(solve(expr, at=at))
    for partial_ in report.partials.values():
        shown = gradcli.grad(partial_.formula, {n: v for n, v in at.items() if n in gradcli.grad(partial_.formula).partials})
        assert math.isclose(shown.value, partial_.value, rel_tol=1e-6, abs_tol=1e-6 * max(1, abs(report.value)))


@given(smooth, points, points)
def test_three_views_of_the_gates_one_gradient(expr, x, y):
    folded, primitive, fused = (usable(solve(expr, at={"x": x, "y": y}, gates=mode)) for mode in (FOLDED, PRIMITIVE, FUSED))
    for name in folded.partials:
        assert folded.partials[name].value == primitive.partials[name].value
        assert close(folded.partials[name].value, fused.partials[name].value, abs(folded.value))


@given(smooth, smooth, points, points)
def test_the_gradient_is_linear(left, right, x, y):
    at = {"x": x, "y": y}
    one, two = usable(solve(left, at=at)), usable(solve(right, at=at))
    both = usable(solve(make("+", (left, make("*", (number(3), right)))), at=at))
    for name in both.partials:
        scale = abs(partial(one, name)) + 3 * abs(partial(two, name))
        assert close(both.partials[name].value, partial(one, name) + 3 * partial(two, name), scale)


@given(smooth, smooth, points, points)
def test_the_product_rule(left, right, x, y):
    at = {"x": x, "y": y}
    one, two = usable(solve(left, at=at)), usable(solve(right, at=at))
    both = usable(solve(make("*", (left, right)), at=at))
    for name in both.partials:
        first, second = partial(one, name) * two.value, one.value * partial(two, name)
        assert close(both.partials[name].value, first + second, abs(first) + abs(second))


@given(smooth, points, points)
def test_second_derivatives_are_symmetric(expr, x, y):
    both = make("*", (expr, make("sin", (make("+", (X, make("*", (X, Y)))),))))  # both variables are there, and meet
    report = usable(solve(both, at={"x": x, "y": y}, hessian=True))
    one, two = report.hessian["x"]["y"].value, report.hessian["y"]["x"].value
    assume(one is not None and two is not None and abs(one) < 1e8)
    assert math.isclose(one, two, rel_tol=1e-7, abs_tol=1e-7 * max(1, abs(report.value)))


@given(smooth, points, points)
def test_names_do_not_matter(expr, x, y):
    renamed = substitute(expr, {X: symbol("out"), Y: symbol("g")})  # the names that rules use inside
    one = usable(solve(expr, at={"x": x, "y": y}))
    two = solve(renamed, at={"out": x, "g": y})
    assert [p.value for p in one.partials.values()] == [p.value for p in two.partials.values()]


@given(smooth, points, points)
def test_what_the_rows_say_multiplies_up(expr, x, y):
    """Each row's local × upstream is its contribution, and the contributions sum to the partials."""
    report = usable(solve(expr, at={"x": x, "y": y}))
    totals: dict[str, float] = {}
    for step in report.backward:
        if step.kind == "edge":
            assert math.isclose(step.contribution, step.local * step.upstream, rel_tol=1e-15)  # each is rounded by itself
            totals[step.of] = totals.get(step.of, 0.0) + step.contribution
    for name, p in report.partials.items():
        assert math.isclose(totals.get(name, 1.0 if name == text(expr) else 0.0), p.value, rel_tol=1e-12, abs_tol=1e-300)


@given(st.integers(1, 60))
def test_doublings_are_nodes_not_paths(count):
    stages = "; ".join(f"a{n} = a{n - 1} + a{n - 1}" for n in range(1, count + 1))
    report = gradcli.grad(stages, a0=1)
    assert report.partials["a0"].value == 2.0**count
    assert sum(step.kind == "edge" for step in report.backward) == 2 * count


def test_the_oracle_itself():
    with mp.workdps(50):
        assert abs(derivative(lambda t: t**3, [mpf(2)], 0) - 12) < mpf(10) ** -40
    env = {X: 2.0}
    assert evaluate(tape(X), env, Real())[X] == 2.0
