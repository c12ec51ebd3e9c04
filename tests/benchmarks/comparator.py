"""Judge seeded right and wrong answers, and count the verdicts that are wrong. The truth is decided by mpmath, never by gradcli.

    python tests/benchmarks/comparator.py [--count N] [--seed S] [--every]

Half of the formulas are the derivative rewritten by one to four identities, half have one mistake (and perhaps an identity on top).
Prints a line with a command for every wrong verdict; --every does so for undecided and invalid ones too.
"""

import argparse
import random
import shlex
import sys
import time
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
from formulas import (
    BOXES,
    ONE,
    ZERO,
    NoValue,
    derivative,
    fill,
    match,
    names,
    places,
    point,
    rewritten,
    rules,
    show,
    size,
    tree,
    under,
    value,
)
from mpmath import mp

FUNCTIONS = """
    3*x**2 + 2*x - 7
    x**5 - 4*x**3 + x
    (x - 1)*(x + 2)*(x - 3)
    (2*x + 1)**4
    x**2*y + 3*x*y**3
    (x + y)*z
    x*y*z + x**2
    (x*y + z)**3
    1/x
    1/(1 + x**2)
    x/(1 + x)
    (x**2 - 1)/(x**2 + 1)
    (x + y)/(x - y)
    x/(y + z**2)
    1/(x*y)
    (3*x - 2)/(5*x + 4)
    sqrt(x)
    sqrt(1 + x**2)
    1/sqrt(x)
    sqrt(x**2 + y**2)
    x*sqrt(1 - x**2)
    x**(3/2)
    sin(x)
    cos(3*x)
    sin(x)*cos(x)
    sin(x)**2
    cos(x**2)
    x*sin(1/x)
    tan(x)
    sin(x*y)
    sin(x)/x
    sin(cos(x))
    x**2*sin(y) + y**2*cos(x)
    asin(x)
    atan(x)
    atan(y/x)
    exp(x)
    exp(-x**2)
    x*exp(x)
    exp(x*y)
    exp(-x)*sin(2*x)
    exp(sin(x))
    x**2*exp(-3*x)
    log(x)
    log(1 + x**2)
    x*log(x)
    log(x)/x
    log(abs(x))
    log(x + y)
    log(x**2 + y**2)
    log(sin(x))
    x**x
    x**y
    2**x
    sinh(x)
    cosh(2*x)
    tanh(x)
    x*tanh(y)
    tanh(w*x + b)
    1/(1 + exp(-x))
    sigmoid(w*x + b)
    sigmoid(x)*y
    log(sigmoid(x))
    (sigmoid(w*x + b) - y)**2
    -y*log(sigmoid(x)) - (1 - y)*log(1 - sigmoid(x))
    1/(1 + exp(-(w*x + v*y + b)))
    softplus(x)
    x*sigmoid(x)
    softplus(x*y)
    relu(x)
    relu(w*x + b)
    relu(x)**2
    abs(x)
    abs(x - 3)*y
    abs(x**2 - 4)
    x*abs(x)
    max(x, y)
    max(x**2, y)*z
    min(x, y) + x*y
    max(x, 0)*min(y, 1)
    exp(x)/(exp(x) + exp(y) + exp(z))
    log(exp(x) + exp(y)) - x
    (w*x + b - y)**2/2
    (tanh(w*x) - y)**2 + 0.1*w**2
""".split("\n")  # fmt: skip

# f, what to differentiate by, the gradient, the shapes
VECTORS = [(tree(f), name, tree(gradient), shapes) for f, name, gradient, shapes in (
    ("w @ x", "w", "x", {"w": (3,), "x": (3,)}),
    ("w @ x + b", "x", "w", {"w": (3,), "x": (3,), "b": ()}),
    ("sum((W @ x)**2)", "W", "2*outer(W @ x, x)", {"W": (2, 3), "x": (3,)}),
    ("sum((W @ x)**2)", "x", "2*(W.T @ (W @ x))", {"W": (2, 3), "x": (3,)}),
    ("norm(x)", "x", "x/norm(x)", {"x": (3,)}),
    ("norm(x - y)**2", "x", "2*(x - y)", {"x": (3,), "y": (3,)}),
    ("logsumexp(x)", "x", "softmax(x)", {"x": (3,)}),
    ("logsumexp(x) - y @ x", "x", "softmax(x) - y", {"x": (3,), "y": (3,)}),
    ("sum(relu(W @ x))", "x", "W.T @ where01(W @ x)", {"W": (2, 2), "x": (2,)}),
    ("sigmoid(w @ x)", "w", "sigmoid(w @ x)*(1 - sigmoid(w @ x))*x", {"w": (3,), "x": (3,)}),
    ("sum(tanh(x))", "x", "1 - tanh(x)**2", {"x": (3,)}),
    ("sum(x*y)", "x", "y", {"x": (3,), "y": (3,)}),
    ("x @ (A @ x)", "x", "A @ x + A.T @ x", {"A": (2, 2), "x": (2,)}),
    ("mean((x - y)**2)", "x", "2*(x - y)/3", {"x": (3,), "y": (3,)}),
    ("sum(exp(-x**2))", "x", "-2*x*exp(-x**2)", {"x": (3,)}),
    ("u @ (W @ x)", "W", "outer(u, x)", {"u": (2,), "W": (2, 3), "x": (3,)}),
) if "where01" not in gradient]  # fmt: skip

EQUAL = rules("""
a + b -> b + a
a * b -> b * a
a - b -> -(b - a)
a - b -> a + (-b)
a - b -> -b + a
(a + b) + c -> a + (b + c)
(a * b) * c -> a * (b * c)
a * (b * c) -> (a * c) * b
a * (b + c) -> a * b + a * c
a * (b - c) -> a * b - a * c
(a + b) * c -> a * c + b * c
(a - b) * c -> a * c - b * c
a * b + a * c -> a * (b + c)
a * b + c * a -> a * (c + b)
(a + b) / c -> a / c + b / c
(a - b) / c -> a / c - b / c
a / b + c -> (a + b * c) / b
a / b - c -> (a - b * c) / b
a / b -> a * (1 / b)
a / b -> a * b**(-1)
a / b -> 1 / (b / a)
a / b**2 -> (a / b) / b
a * b / c -> a / (c / b)
a -> -(-a)
a -> a * (1 + x**2) / (1 + x**2)
a -> (a * (x**2 + 3)) / (3 + x**2)
a -> (2 * a) / 2
a -> a / 0.5 * (1 / 2)
a -> a + x - x
a -> 1.5 * a - 0.5 * a
a -> exp(log(a))
a -> sqrt(a)**2
a**2 -> a * a
a**2 -> abs(a)**2
a**3 -> a * a**2
a**n -> a * a**(n - 1)
(a * b)**2 -> a**2 * b**2
(a / b)**2 -> a**2 / b**2
sqrt(a) -> a**(1 / 2)
sqrt(a) -> a**0.5
sqrt(a) -> exp(log(a) / 2)
1 / sqrt(a) -> a**(-1 / 2)
abs(a) -> sqrt(a**2)
abs(a) -> max(a, -a)
abs(a) -> a * sign(a)
sign(a) -> a / abs(a)
sign(a) -> abs(a) / a
sin(a) -> -sin(-a)
sin(a) -> 2 * sin(a / 2) * cos(a / 2)
sin(a) -> cos(a - pi / 2)
cos(a) -> cos(-a)
cos(a) -> 1 - 2 * sin(a / 2)**2
cos(a)**2 -> 1 - sin(a)**2
sin(a)**2 -> (1 - cos(2 * a)) / 2
1 / cos(a)**2 -> 1 + tan(a)**2
a / cos(b)**2 -> a * sec(b)**2
sin(a) * cos(a) -> sin(2 * a) / 2
exp(a) -> exp(a / 2)**2
exp(a) -> 1 / exp(-a)
exp(a) -> e**a
exp(a) -> cosh(a) + sinh(a)
exp(a + b) -> exp(a) * exp(b)
log(a) -> -log(1 / a)
log(a) -> 2 * log(sqrt(a))
log(a) -> log10(a) * log(10)
log(a) -> log(a**2) / 2
sinh(a) -> (exp(a) - exp(-a)) / 2
cosh(a) -> (exp(a) + exp(-a)) / 2
tanh(a) -> sinh(a) / cosh(a)
tanh(a) -> 1 - 2 / (exp(2 * a) + 1)
tanh(a) -> 2 * sigmoid(2 * a) - 1
1 - tanh(a)**2 -> sech(a)**2
1 - tanh(a)**2 -> 1 / cosh(a)**2
1 - tanh(a)**2 -> (1 - tanh(a)) * (1 + tanh(a))
sigmoid(a) -> 1 / (1 + exp(-a))
sigmoid(a) -> exp(a) / (1 + exp(a))
sigmoid(a) -> (1 + tanh(a / 2)) / 2
1 - sigmoid(a) -> sigmoid(-a)
sigmoid(a) * (1 - sigmoid(a)) -> sigmoid(a) - sigmoid(a)**2
where(a > b, 1, 0) -> (1 + sign(a - b)) / 2
where(a > b, 1, 0) -> where(b < a, 1, 0)
where(a > b, c, n) -> where(a <= b, n, c)
where(a < b, 1, 0) -> relu(b - a) / (b - a)
""")

# One slip in the sweep: the rule of one gate goes wrong.
SLIPS = {left: [tree(right) for right in rights] for left, *rights in (
    (tree(line[0]), *line[1:]) for line in (
        ("a + b", "da - db", "da", "db"),
        ("a - b", "da + db", "da", "db - da"),
        ("a * b", "da * db", "da * b - a * db", "da * b", "a * db", "a * da + b * db"),
        ("a / b", "da / db", "(da * b + a * db) / b**2", "(a * db - da * b) / b**2", "(da * b - a * db) / b", "da / b"),
        ("a ** n", "n * a**n * da", "a**(n - 1) * da", "n * a**(n - 1)", "n * da**(n - 1)", "a**(n + 1) / (n + 1)"),
        ("a ** b", "b * a**(b - 1) * da", "a**b * log(a) * db", "a**b * (db * log(a) + b * da)"),
        ("-a", "da"),
        ("sin(a)", "cos(a)", "-cos(a) * da", "cos(da)", "sin(a) * da", "-cos(a)"),
        ("cos(a)", "sin(a) * da", "-sin(a)", "-sin(da)", "cos(a) * da"),
        ("tan(a)", "1 / cos(a)**2", "da / cos(a)", "da / cos(a**2)", "-da / sin(a)**2"),
        ("asin(a)", "da / sqrt(1 + a**2)", "1 / sqrt(1 - a**2)", "-da / sqrt(1 - a**2)", "da / (1 - a**2)"),
        ("atan(a)", "da / (1 - a**2)", "1 / (1 + a**2)", "da / sqrt(1 + a**2)", "da / (1 + a)**2"),
        ("exp(a)", "exp(a)", "exp(da)", "a * exp(a - 1) * da", "exp(a) / (1 + a**2) * da"),
        ("log(a)", "1 / a", "1 / da", "da / a / log(10)", "da / abs(a)", "da * a"),
        ("sqrt(a)", "1 / (2 * sqrt(a))", "da / sqrt(a)", "sqrt(da)", "da * sqrt(a) / 2", "-da / (2 * sqrt(a))"),
        ("sinh(a)", "-cosh(a) * da", "cosh(a)", "sinh(a) * da"),
        ("cosh(a)", "-sinh(a) * da", "sinh(a)", "cosh(a) * da"),
        ("tanh(a)", "(1 + tanh(a)**2) * da", "1 - tanh(a)**2", "(1 - tanh(a)) * da", "(1 - tanh(a**2)) * da", "tanh(a) * (1 - tanh(a)) * da"),
        ("sigmoid(a)", "sigmoid(a) * da", "(1 - sigmoid(a)) * da", "sigmoid(a) * (1 + sigmoid(a)) * da", "sigmoid(a) * (1 - sigmoid(a))",
         "(1 - sigmoid(a)**2) * da", "sigmoid(a) * (sigmoid(a) - 1) * da", "exp(-a) / (1 + exp(-a)) * da"),
        ("softplus(a)", "sigmoid(a)", "sigmoid(-a) * da", "(1 - exp(-a)) * da", "sigmoid(a) * (1 - sigmoid(a)) * da"),
        ("relu(a)", "da", "relu(a) * da", "where(a < 0, 1, 0) * da", "where(a > 0, 1, 0)", "where(a > 0, 1, 0.01) * da", "sigmoid(100 * a) * da"),
        ("abs(a)", "da", "-sign(a) * da", "abs(a) * da", "sign(a)", "tanh(10 * a) * da", "abs(da)"),
        ("max(a, b)", "where(a < b, da, db)", "da", "db", "da + db", "(da + db) / 2"),
        ("min(a, b)", "where(a > b, da, db)", "da", "db", "da + db"),
    )
)}  # fmt: skip

# One slip in writing the derivative down.
WRONG = rules("""
n * a -> 1.00001 * n * a
n * a -> 1.000000001 * n * a
n * a -> (n + 1) * a
n * a -> (-1) * n * a
n * a -> a
a -> 1.00001 * a
a -> 1.000000001 * a
a -> a * 0.99999999999999
a -> -a
a -> a + 1
a -> a + exp(-20 * x)
a -> a + 0.000001
a -> a + 0.000000000000001 * x
a -> a * (1 + exp(-20 * x))
a -> a * tanh(10 * x)
a -> a * sign(x)
a -> a * x
a -> abs(a)
a -> max(a, 0)
a -> where(x > 0, a, 2 * a)
a -> where(x > 50, 1.5 * a, a)
a + b -> a - b
a + b -> a * b
a + b -> a
a - b -> a + b
a - b -> b - a
a * b -> a + b
a * b -> a
a / b -> a * b
a / b -> b / a
a ** n -> a**(n + 1)
a ** n -> n * a
abs(a) -> a
sign(a) -> 1
sign(a) -> tanh(10 * a)
tanh(a) -> 1
sin(a) -> cos(a)
cos(a) -> sin(a)
log(a) -> log10(a)
exp(a) -> exp(-a)
exp(a) -> 1 + a
sqrt(a) -> a
sigmoid(a) -> 1 - sigmoid(a)
""")
VECTOR_EQUAL = [rule for rule in EQUAL if "x" not in names(rule[1])][:24] + rules("""
a -> a * (1 + s**2) / (1 + s**2)
a -> a + 0 * s * a
softmax(a) -> exp(a) / sum(exp(a))
norm(a) -> sqrt(sum(a * a))
norm(a) -> sqrt(a @ a)
a @ b -> -(a @ (-b))
""")
VECTOR_WRONG = [rule for rule in WRONG if "x" not in names(rule[1])] + rules("""
a -> 2 * a
a -> a / norm(a)
a -> a * a
softmax(a) -> exp(a)
softmax(a) -> exp(a) / (1 + sum(exp(a)))
norm(a) -> sum(a)
norm(a) -> norm(a)**2
outer(a, b) -> outer(2 * a, b) / (2 + 1)
""")


class Pair(NamedTuple):
    """An answer to the gradient of a function, whether it is right, and how it was made."""

    function: str
    variable: str
    answer: str
    right: bool
    kind: str
    shapes: tuple = ()
    trees: tuple | None = None  # the trees of the answer and of the truth, where numbers alone are in them


# ---- making pairs -------------------------------------------------------------------------------------------


def pairs(count, seed, dropped):
    """Yield so many pairs, right and wrong in turn; what is dropped for an unclear label is counted."""
    rng = random.Random(f"pairs {seed}")
    functions = [tree(line) for line in FUNCTIONS if line.strip()]
    made = 0
    while made < count:
        right = made % 2 == 0
        pair = _vector_pair(rng, right, dropped) if rng.random() < 0.1 else _pair(rng, rng.choice(functions), right, dropped)
        if pair:
            made += 1
            yield pair


def _pair(rng, function, right, dropped):
    variable = rng.choice(sorted(names(function)))
    truth = derivative(function, variable)
    answer, kind = (truth, "") if right else _mistaken(rng, function, variable, truth)
    changed, steps = _rewritten(rng, answer, variable, EQUAL, rng.randrange(1, 5) if right else rng.randrange(2))
    shapes = {name: () for name in sorted(names(function))}
    return _labelled(function, variable, truth, changed, right, kind or steps, shapes, dropped)


def _mistaken(rng, function, variable, truth):
    """Return the derivative with one mistake, and its name."""
    if rng.random() < 0.5:
        at = rng.choice([path for path in places(function) if under(function, path)[0] not in ("num", "var")])
        node = under(function, at)
        for left, slips in SLIPS.items():
            if match(left, node, {}):
                slip = rng.choice(slips)
                return derivative(function, variable, slip, at), f"{show(left)}: {show(slip)}"
    if rng.random() < 0.1:
        others = sorted(names(function) - {variable})
        other = derivative(function, others[0]) if others else function
        return rng.choice([(other, "in another variable"), (function, "the function itself"), (ZERO, "0"), (ONE, "1")])
    while True:
        rule = rng.choice(WRONG)
        if (changed := rewritten(truth, rule, variable, rng)) is not None:
            return changed, f"{show(rule[0])} -> {show(rule[1])}"


def _rewritten(rng, node, variable, table, steps):
    """Apply so many identities."""
    done = []
    for _ in range(60):
        if len(done) == steps or size(node) > 150:
            break
        rule = rng.choice(table)
        if (changed := rewritten(node, rule, variable, rng)) is not None:
            node = changed
            done.append(show(rule[1]))
    return node, " ; ".join(done)


def _vector_pair(rng, right, dropped):
    function, variable, truth, shapes = rng.choice(VECTORS)
    scalar = ("sum", ("var", variable))
    answer, kind = truth, ""
    if not right:
        rule = rng.choice(VECTOR_WRONG)
        answer = rewritten(truth, rule, variable, rng)
        kind = f"{show(rule[0])} -> {show(rule[1])}"
        if answer is None:
            return None
    table = [(left, fill(after, {"s": scalar})) for left, after in VECTOR_EQUAL]
    changed, steps = _rewritten(rng, answer, variable, table, rng.randrange(1, 4) if right else rng.randrange(2))
    return _labelled(function, variable, truth, changed, right, kind or steps, shapes, dropped)


def _labelled(function, variable, truth, answer, right, kind, shapes, dropped):
    """Return the pair if mpmath is sure that it is what it was made to be."""
    label = equal(function, truth, answer, shapes, show(function))
    if label is not right:
        dropped["unclear" if label is None else "another than meant"] += 1
        return None
    return Pair(show(function), variable, show(answer), right, kind, tuple(shapes.items()), None if any(shapes.values()) else (answer, truth))


def equal(function, truth, answer, shapes, seed, points=24):
    """Tell whether two formulas agree wherever they and the function have values: by mpmath, at random points; None where that is unclear."""
    agreed = 0
    for k in range(points):
        gap = _gap(function, truth, answer, shapes, seed, k, 120)
        if gap and gap > mp.mpf(10) ** -60 and BOXES[k % len(BOXES)] > 10:
            gap = _gap(function, truth, answer, shapes, seed, k, 20_000)  # e^-40000 beside 1 is no mistake of the answer
        if gap is None:
            continue
        if gap > mp.mpf(10) ** -40:
            return False
        if gap > mp.mpf(10) ** -60:
            return None
        agreed += 1
    return True if agreed >= 8 else None


def _gap(function, truth, answer, shapes, seed, k, digits):
    """Return the largest relative difference of an entry at the k-th point; None where one of the three has no value."""
    with mp.workdps(digits):
        at = {**point(shapes, seed, k), "pi": mp.pi, "e": mp.e}
        try:
            value(function, at)
            one, two = np.ravel(value(truth, at)), np.ravel(value(answer, at))
        except (NoValue, ZeroDivisionError, OverflowError, ValueError):
            return None
        if len(one) != len(two):
            return None  # a number for a vector is invalid, not wrong
        return max(abs(a - b) / max(abs(a), abs(b)) if a != b else mp.zero for a, b in zip(one, two))


# ---- judging ------------------------------------------------------------------------------------------------


def judged(pairs):
    """Yield each pair with its verdict, those of one function together, and the seconds it took: as ``gradcli check`` does."""
    from gradcli.errors import Source
    from gradcli.judge.check import Rules, judge
    from gradcli.limits import Limits

    limits, rules, groups = Limits(), Rules(), {}
    for pair in pairs:
        groups.setdefault((pair.function, pair.shapes), []).append(pair)
    for (function, shapes), group in groups.items():
        start = time.process_time()
        truth = asked(function, shapes)
        for pair in group:
            source = Source(f"df/d{pair.variable}={pair.answer}")
            begin = source.text.index("=") + 1
            verdict = judge(truth, f"d{truth.output}/d{pair.variable}", source, begin, len(source.text), rules, limits)
            now = time.process_time()
            yield pair, verdict, now - start
            start = now


def asked(function, shapes):
    """Return the truth about a function, as ``gradcli check`` makes it from its words."""
    from gradcli.judge.truth import Truth
    from gradcli.limits import Limits
    from gradcli.operands.answers import read_answers

    task = read_answers([function, *bindings(shapes)], ["f=0"], Limits())[0]
    return Truth(task.program, task.bindings, Limits())


def bindings(shapes):
    """Return values for the variables where some are arrays, whose sizes gradcli needs."""
    if not any(shape for _, shape in shapes):
        return []
    return [f"{name}={_filled(shape)}" for name, shape in shapes]


def _filled(shape, first=1):
    if not shape:
        return f"{first}"
    return "[" + ", ".join(_filled(shape[1:], first + k) for k in range(shape[0])) + "]"


def command(pair):
    """Return a command that repeats the verdict."""
    words = [pair.function, *bindings(pair.shapes), f"df/d{pair.variable}={pair.answer}"]
    return "gradcli check " + " ".join(map(shlex.quote, words))


# ---- numbers ------------------------------------------------------------------------------------------------


class Number(NamedTuple):
    """A number or a vector given as the gradient, and whether it is right by the rule that is written in the help."""

    words: tuple
    answer: str
    options: tuple  # digits, rtol
    right: bool
    where: str = ""


def digits_right(answer, truth, digits, rtol):
    """Tell by the rule of ``gradcli check --help``, in exact fractions, whether an answer is right."""
    given = Decimal(answer)
    gap, unit = abs(Fraction(given) - truth), Fraction(10) ** given.as_tuple().exponent
    written = len("".join(map(str, given.as_tuple().digits)).lstrip("0"))
    if gap == 0 or (written >= digits and gap <= unit / 2) or (rtol is not None and gap <= Fraction(rtol) * abs(truth)):
        return True
    try:
        normal = abs(float(truth)) >= sys.float_info.min
        return written >= 15 and normal and float(given) == float(truth)
    except OverflowError:
        return False


def numbers(count, seed):
    """Yield answers at, just inside and just outside the edge of the rules, at any scale."""
    rng = random.Random(f"numbers {seed}")
    for k in range(count):
        yield (_at_the_edge, _by_rtol, _in_a_vector, _of_a_quotient)[k % 4](rng)


def _scientific(mantissa, exponent):
    return f"{mantissa}e{exponent}"


def _at_the_edge(rng):
    """Make a truth a half unit of the last digit away from the answer, or a hair less or more."""
    digits, scale = rng.randrange(1, 18), rng.choice((0, 0, -1, 2, 7, -12, 280, -300, -318))
    least = rng.choice((3, 3, 1, 5))
    mantissa = rng.randrange(10 ** (digits - 1), 10**digits) * rng.choice((1, -1))
    away = rng.choice((0, 1, -1)) * (Fraction(1, 2) + rng.choice((0, 1, -1)) * Fraction(1, 10 ** rng.randrange(1, 25)))
    exact = (mantissa + away) * Fraction(10) ** 30
    exponent = scale - digits
    truth = _scientific(int(exact), exponent - 30)
    answer = _scientific(mantissa, exponent)
    return Number(("c*x", "x=3", f"c={truth}"), answer, (least, None), digits_right(answer, Fraction(truth), least, None))


def _by_rtol(rng):
    """Make an answer that is a relative tolerance away from the truth, or a hair less or more."""
    rtol = rng.choice(("1e-2", "1e-3", "1e-6", "5e-9", "1e-12"))
    whole = rng.randrange(10**19, 10**20) * 10**12 * rng.choice((1, -1))
    gap = abs(whole) * Fraction(rtol) * rng.choice((1, 1, 1 + Fraction(1, 10**9), 1 - Fraction(1, 10**9), Fraction(1, 2), 2)) * rng.choice((1, -1))
    exponent = rng.choice((-32, -20, -340, 260))
    truth, answer = _scientific(whole, exponent), _scientific(int(whole + gap), exponent)
    return Number(("c*x", "x=3", f"c={truth}"), answer, (3, rtol), digits_right(answer, Fraction(truth), 3, rtol))


def _in_a_vector(rng):
    """Make a vector with entries of any scale, one of them wrong, or none."""
    entries = [f"{rng.randrange(1001, 9999)}e{rng.choice((0, 3, -9, 150, -150, 290, -300))}" for _ in range(rng.randrange(2, 6))]
    if rng.random() < 0.2:
        entries[rng.randrange(len(entries))] = "0"
    answers, right, where = list(entries), rng.random() < 0.3, ""
    if not right:
        k = rng.randrange(len(entries))
        mantissa, _, exponent = entries[k].partition("e")
        answers[k] = f"{int(mantissa) + rng.choice((1, -1))}e{exponent or rng.choice((-300, -320, 0))}"
        where = f"entry {k + 1}"
    ones = ", ".join("1" for _ in entries)
    return Number(("w@x", f"w=[{', '.join(entries)}]", f"x=[{ones}]"), f"[{', '.join(answers)}]", (3, None), right, where)


def _of_a_quotient(rng):
    """Make an answer to -a/x^2, a rational that no decimal writes, cut or rounded to so many digits."""
    a, x = rng.randrange(-99, 100), rng.choice((3, 7, -11, 13, 17))
    truth, digits = Fraction(-a, x * x), rng.randrange(1, 12)
    answer = f"{truth.numerator * 10**digits // truth.denominator + rng.choice((0, 0, 1, 2, -1))}e-{digits}"
    return Number((f"{a}/x" if a >= 0 else f"({a})/x", f"x={x}"), answer, (3, None), digits_right(answer, truth, 3, None))


def judged_number(case):
    from gradcli.checking import _ratio
    from gradcli.judge.check import Rules, judge
    from gradcli.judge.numbers import Tolerance
    from gradcli.judge.truth import Truth
    from gradcli.limits import Limits
    from gradcli.operands.answers import read_answers

    task = read_answers([*case.words], [f"df/dx={case.answer}"], Limits())[0]
    given = task.answers[0]
    rules = Rules(Tolerance(case.options[0], _ratio(case.options[1] or "")))
    return judge(Truth(task.program, task.bindings, Limits()), given.target, given.source, given.start, given.end, rules, Limits())


def numeric_command(case):
    digits, rtol = case.options
    options = [f"--digits={digits}"] + ([f"--rtol={rtol}"] if rtol else [])
    return "gradcli check " + " ".join(map(shlex.quote, [*options, *case.words, f"df/dx={case.answer}"]))


# ---- the report ---------------------------------------------------------------------------------------------


def outcome(right, verdict):
    """Return what a verdict counts as."""
    if verdict in ("undecided", "invalid"):
        return verdict
    return "as it should be" if (verdict == "correct") is right else "FALSE REJECT" if right else "FALSE ACCEPT"


def main(words=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", action="store_true")
    options = parser.parse_args(words)
    shown = {"FALSE REJECT", "FALSE ACCEPT"} | ({"undecided", "invalid"} if options.every else set())

    dropped = Counter()
    made = list(pairs(options.count, options.seed, dropped))
    kinds = {pair.kind for pair in made if not pair.right}
    results, notes, seconds = Counter(), 0, 0.0
    for pair, verdict, took in judged(made):
        seconds += took
        kind = outcome(pair.right, verdict.verdict)
        results[kind] += 1
        notes += verdict.verdict == "correct" and bool(verdict.notes)
        if kind in shown:
            print(f"{kind} ({pair.kind}): {command(pair)}")
    print(f"{len(made)} formulas of {len({p.function for p in made})} functions, {len(EQUAL)} identities, {len(kinds)} kinds of mistake")
    print(f"    {_counts(results)}; {notes} of the correct with a note on domains")
    print(f"    {len(made) / seconds:.0f} verdicts a second; dropped while making them: {_counts(dropped)}")

    results = Counter()
    cases = list(numbers(options.count, options.seed))
    start = time.process_time()
    for case in cases:
        verdict = judged_number(case)
        kind = outcome(case.right, verdict.verdict)
        if case.where and case.where != verdict.where:
            kind = "FALSE REJECT"
        results[kind] += 1
        if kind in shown:
            print(f"{kind}: {numeric_command(case)}")
    print(f"{len(cases)} numbers and vectors: {_counts(results)}; {len(cases) / (time.process_time() - start):.0f} a second, questions read anew")


def _counts(counter):
    return ", ".join(f"{count} {name}" for name, count in sorted(counter.items())) or "none"


if __name__ == "__main__":
    main()
