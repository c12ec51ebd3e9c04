"""Where there is no derivative, five frameworks give five answers: what they gave, what our tables of rules give, what they give today."""

import json
import math
import random
from fractions import Fraction

import frameworks
import numpy as np
import pytest

import gradcli
from gradcli import ops
from gradcli.arithmetic import evaluate
from gradcli.arithmetic.ieee import Ieee
from gradcli.conventions import CONVENTIONS, conventional
from gradcli.expr import symbol
from gradcli.nested import leaves
from gradcli.rules import OUT, UPSTREAM, formals, rule

# The partials by each variable, entry by entry, as measured with the versions in `CONVENTIONS`.
#   -       the framework has no such function, or no derivative of it
#   raises  it raises an exception; a rule gives nan in every entry
#   !       it rewrites the expression first, so that no rule at a node can give the same (see `conventions`)
MEASURED = """
expression               | at              | torch         | jax           | tensorflow    | autograd      | casadi
-------------------------------------------------------------------------------------------------------------------
abs(x)                   | x=0             | 0             | 1             | 0             | 0             | 0
abs(x)                   | x=-2            | -1            | -1            | -1            | -1            | -1
sqrt(abs(x))             | x=0             | nan           | inf           | nan           | nan           | nan
abs(x)^2                 | x=0             | 0             | 0             | 0             | 0             | 0
relu(x)                  | x=0             | 0             | 0             | 0             | 0.5           | 0.5
relu(-x)                 | x=0             | 0             | 0             | 0             | -0.5          | -0.5
relu(x) - relu(-x)       | x=0             | 0             | 0             | 0             | 1             | 1
sqrt(relu(x))            | x=0             | 0             | 0             | nan           | inf           | inf
sqrt(relu(x))            | x=-1            | 0             | 0             | nan           | nan           | nan
relu(sqrt(x))            | x=0             | nan           | nan           | 0             | inf           | inf
max(x, y)                | x=1 y=1         | 0.5,0.5       | 0.5,0.5       | 1,0           | 0.5,0.5       | 0.5,0.5
min(x, y)                | x=1 y=1         | 0.5,0.5       | 0.5,0.5       | 1,0           | 0.5,0.5       | 0.5,0.5
max(x, 0)                | x=0             | 0.5           | 0.5           | 1             | 0.5           | 0.5
min(x, 0)                | x=0             | 0.5           | 0.5           | 1             | 0.5           | 0.5
max(x, 1)                | x=1             | 0.5           | 0.5           | 1             | 0.5           | 0.5
max(x, x)                | x=1             | 1             | 1             | 1             | 1             | 1
max(x, y)^2              | x=2 y=2         | 2,2           | 2,2           | 4,0           | 2,2           | 2,2
sqrt(max(x, 0))          | x=0             | inf           | inf           | inf           | inf           | inf
sqrt(max(x, 0))          | x=-1            | 0             | nan           | 0             | nan           | nan
sqrt(min(x, 1))          | x=1             | 0.25          | 0.25          | 0.5           | 0.25          | 0.25
max(x)                   | x=[2,2,1]       | 0.5,0.5,0     | 0.5,0.5,0     | 0.5,0.5,0     | 0.5,0.5,0     | 0.5,0.5,0
max(x)                   | x=[1,1,1]       | 1/3,1/3,1/3   | 1/3,1/3,1/3   | 1/3,1/3,1/3   | 1/3,1/3,1/3   | 0.25,0.25,0.5!
min(x)                   | x=[1,1,3]       | 0.5,0.5,0     | 0.5,0.5,0     | 0.5,0.5,0     | 0.5,0.5,0     | 0.5,0.5,0
min(x)                   | x=[1,1,1]       | 1/3,1/3,1/3   | 1/3,1/3,1/3   | 1/3,1/3,1/3   | 1/3,1/3,1/3   | 0.25,0.25,0.5!
clip(x, 0, 1)            | x=0             | 1             | 0.5           | 1             | 0             | 0.5
clip(x, 0, 1)            | x=1             | 1             | 0.5           | 1             | 0             | 0.5
clip(x, 0, 1)            | x=0.5           | 1             | 1             | 1             | 1             | 1
clip(x, 1, 1)            | x=1             | 1             | 0.25          | 1             | 0             | 0.25
sqrt(clip(x, 0, 1))      | x=0             | inf           | inf           | inf           | nan           | inf
sqrt(clip(x, 0, 1))      | x=-1            | 0             | nan           | 0             | nan           | nan
sign(x)                  | x=0             | 0             | 0             | 0             | 0             | 0
x*sign(x)                | x=0             | 0             | 0             | 0             | 0             | 0
floor(x)                 | x=1             | 0             | 0             | 0             | 0             | 0
ceil(x)                  | x=1             | 0             | 0             | 0             | 0             | 0
round(x)                 | x=0.5           | 0             | 0             | 0             | 0             | -
sqrt(x)                  | x=0             | inf           | inf           | inf           | inf           | inf
sqrt(x)                  | x=-1            | nan           | nan           | nan           | nan           | nan
sqrt(x)^2                | x=0             | nan           | nan           | 0             | nan           | 1!
sqrt(x*x)                | x=0             | nan           | nan           | nan           | nan           | 0!
sqrt(x^2)                | x=0             | nan           | nan           | nan           | nan           | 0!
sqrt(x*x + y*y)          | x=0 y=0         | nan,nan       | nan,nan       | nan,nan       | nan,nan       | nan,nan
0*sqrt(x)                | x=0             | nan           | nan           | 0             | nan           | 0!
y*sqrt(x)                | x=0 y=0         | nan,0         | nan,0         | 0,0           | nan,0         | nan,0
x*sqrt(x)                | x=0             | nan           | nan           | 0             | nan           | nan
sqrt(x)*sqrt(x)          | x=0             | nan           | nan           | 0             | nan           | 1!
1/sqrt(x)                | x=0             | -inf          | -inf          | -inf          | -inf          | -inf
norm(x)                  | x=[0,0]         | 0,0           | nan,nan       | nan,nan       | nan,nan       | nan,nan
norm(x)^2                | x=[0,0]         | 0,0           | nan,nan       | 0,0           | nan,nan       | 0,0!
norm(x, 1)               | x=[0,1]         | 0,1           | 1,1           | 0,1           | 0,1           | 0,1
norm(x, 1)               | x=[0,0]         | 0,0           | 1,1           | 0,0           | 0,0           | 0,0
norm(x, inf)             | x=[1,1]         | 0.5,0.5       | 0.5,0.5       | 0.5,0.5       | -             | 0.5,0.5
norm(x, inf)             | x=[1,-1]        | 0.5,-0.5      | 0.5,-0.5      | 0.5,-0.5      | -             | 0.5,-0.5
norm(x, inf)             | x=[0,0]         | 0,0           | 0.25,0.25     | 0,0           | -             | 0,0
hypot(x, y)              | x=0 y=0         | nan,nan       | 0.5,0.5       | -             | -             | nan,nan
hypot(x, y)              | x=3 y=-4        | 0.6,-0.8      | 0.6,-0.8      | -             | -             | 0.6,-0.8
hypot(x, y)^2            | x=0 y=0         | nan,nan       | 0,0           | -             | -             | nan,nan
x^y                      | x=0 y=0         | 0,0           | nan,0         | nan,0         | 0,0           | nan,-inf
x^y                      | x=0 y=1         | 1,0           | 1,0           | 1,0           | 1,0           | 1,nan
x^y                      | x=0 y=2         | 0,0           | 0,0           | 0,0           | 0,0           | 0,nan
x^y                      | x=0 y=0.5       | inf,0         | inf,0         | inf,0         | inf,0         | inf,nan
x^y                      | x=0 y=-1        | -inf,-inf     | -inf,nan      | -inf,nan      | -inf,nan      | -inf,-inf
x^y                      | x=-2 y=2        | -4,nan        | -4,nan        | -4,0          | -4,nan        | -4,nan
x^y                      | x=-2 y=-1       | -0.25,nan     | -0.25,nan     | -0.25,0       | -0.25,nan     | -0.25,nan
x^y                      | x=-2 y=0.5      | nan,nan       | nan,nan       | nan,nan       | nan,nan       | nan,nan
x^y                      | x=2 y=0         | 0,0.69314718  | 0,0.69314718  | 0,0.69314718  | 0,0.69314718  | 0,0.69314718
x^0                      | x=0             | 0             | 0!            | nan           | 0             | 0!
x^0                      | x=2             | 0             | 0             | 0             | 0             | 0
x^1                      | x=0             | 1             | 1             | 1             | 1             | 1
x^2                      | x=0             | 0             | 0             | 0             | 0             | 0
x^3                      | x=-2            | 12            | 12            | 12            | 12            | 12
x^0.5                    | x=0             | inf           | inf           | inf           | inf           | inf
x^1.5                    | x=0             | 0             | 0             | 0             | 0             | 0
x^(-1)                   | x=0             | -inf          | -inf          | -inf          | -inf          | -inf
x^0.5                    | x=-1            | nan           | nan           | nan           | nan           | nan
0^x                      | x=0             | 0             | 0             | 0             | 0             | -inf
0^x                      | x=1             | 0             | 0             | 0             | 0             | nan
0^x                      | x=2             | 0             | 0             | 0             | 0             | nan
2^x                      | x=0             | 0.69314718    | 0.69314718    | 0.69314718    | 0.69314718    | 0.69314718
(-2)^x                   | x=2             | nan           | nan           | 0             | nan           | nan
x^x                      | x=0             | 0             | nan           | nan           | 0             | nan
leaky_relu(x)            | x=0             | 0.01          | 1             | 0.0099999998  | 0.01          | 0.01
leaky_relu(x, 0.2)       | x=0             | 0.2           | 1             | 0.2           | -             | -
elu(x)                   | x=0             | 1             | 1             | 1             | 1             | 1
elu(x, 2)                | x=0             | 2             | 2             | -             | -             | -
selu(x)                  | x=0             | 1.7580993     | 1.7580993     | 1.050701      | -             | -
softplus(x)              | x=0             | 0.5           | 0.5           | 0.5           | -             | -
where(x > 0, x, 2*x)     | x=0             | 2             | 2             | 2             | 2             | 2
where(x > 0, sqrt(x), 0) | x=0             | nan           | nan           | 0             | nan           | 0!
where(x > 0, sqrt(x), 0) | x=-1            | nan           | nan           | 0             | nan           | 0!
where(x > 0, log(x), 2*x) | x=-2            | 2             | 2             | 2             | 2             | 2
where(x > 0, 1/x, 0)     | x=0             | nan           | nan           | nan           | nan           | 0!
asin(x)                  | x=1             | inf           | inf           | inf           | inf           | inf
asin(x)                  | x=-1            | inf           | inf           | inf           | inf           | inf
asin(x)                  | x=2             | nan           | nan           | nan           | nan           | nan
acos(x)                  | x=1             | -inf          | -inf          | -inf          | -inf          | -inf
acos(x)                  | x=-2            | nan           | nan           | nan           | nan           | nan
acosh(x)                 | x=1             | inf           | inf           | inf           | inf           | inf
acosh(x)                 | x=0.5           | nan           | nan           | nan           | nan           | nan
atanh(x)                 | x=1             | inf           | inf           | inf           | inf           | inf
atanh(x)                 | x=2             | -1/3          | -1/3          | -1/3          | -1/3          | -1/3
atan2(x, y)              | x=0 y=0         | 0,0           | nan,nan       | nan,nan       | nan,nan       | nan,nan
atan2(x, y)              | x=0 y=-1        | -1,0          | -1,0          | -1,0          | -1,0          | -1,0
atan2(x, x)              | x=0             | 0             | nan           | nan           | nan           | 0!
prod(x)                  | x=[0,3]         | 3,0           | 3,0           | 3,0           | nan,0         | -
prod(x)                  | x=[0,0]         | 0,0           | 0,0           | 0,0           | nan,nan       | -
prod(x)                  | x=[0,3,2]       | 6,0,0         | 6,0,0         | 6,0,0         | nan,0,0       | -
prod(x)                  | x=[0,3,0]       | 0,0,0         | 0,0,0         | 0,0,0         | nan,0,nan     | -
det(W)                   | W=[[1,2],[2,4]] | 0,0,0,0       | 4,-2,-2,1     | raises        | raises        | 4,-2,-2,1
det(W)                   | W=[[0,0],[0,0]] | 0,0,0,0       | 0,0,0,0       | raises        | raises        | 0,0,0,0
det(W)                   | W=[[1,2],[3,4]] | 4,-3,-2,1     | 4,-3,-2,1     | 4,-3,-2,1     | 4,-3,-2,1     | 4,-3,-2,1
log(x)                   | x=0             | inf           | inf           | inf           | inf           | inf
log(x)                   | x=-1            | -1            | -1            | -1            | -1            | -1
log2(x)                  | x=-2            | -0.72134752   | -0.72134752   | -             | -0.72134752   | -
log10(x)                 | x=-2            | -0.21714724   | -0.21714724   | -             | -0.21714724   | -0.21714724
log1p(x)                 | x=-1            | inf           | inf           | inf           | inf           | inf
log1p(x)                 | x=-2            | -1            | -1            | -1            | -1            | -1
x*log(x)                 | x=0             | nan           | nan           | nan           | nan           | -inf!
0*log(x)                 | x=0             | nan           | nan           | nan           | nan           | 0!
log(abs(x))              | x=0             | nan           | inf           | nan           | nan           | nan
log(sqrt(x))             | x=0             | inf           | inf           | inf           | inf           | inf
exp(log(x))              | x=0             | nan           | nan           | nan           | nan           | nan
log(1 + exp(x))          | x=1000          | nan           | nan           | nan           | nan           | nan
1/x                      | x=0             | -inf          | -inf          | -inf          | -inf          | -inf
0/x                      | x=0             | nan           | nan           | nan           | nan           | 0!
x/x                      | x=0             | nan           | nan           | nan           | nan           | 0!
x/y                      | x=0 y=0         | inf,nan       | inf,nan       | inf,nan       | inf,nan       | inf,nan
x/y                      | x=1 y=0         | inf,-inf      | inf,-inf      | inf,-inf      | inf,-inf      | inf,-inf
sin(x)/x                 | x=0             | nan           | nan           | nan           | nan           | nan
x - x                    | x=0             | 0             | 0             | 0             | 0             | 0
1/(1 + exp(-x))          | x=-1000         | nan           | nan           | nan           | nan           | nan
exp(-1/x^2)              | x=0             | nan           | nan           | nan           | nan           | nan
exp(x)                   | x=1000          | inf           | inf           | inf           | inf           | inf
tan(x)                   | x=0             | 1             | 1             | 1             | 1             | 1
abs(abs(x))              | x=0             | 0             | 1             | 0             | 0             | 0
abs(x)*sign(x)           | x=0             | 0             | 0             | 0             | 0             | 0
max(x, -x)               | x=0             | 0             | 0             | 1             | 0             | 0
max(x, y) - min(x, y)    | x=1 y=1         | 0,0           | 0,0           | 0,0           | 0,0           | 0,0
floor(x)*x               | x=1             | 1             | 1             | 1             | 1             | 1
lgamma(x)                | x=0             | -inf          | nan           | nan           | -             | -
logsumexp(x)             | x=[0,0]         | 0.5,0.5       | 0.5,0.5       | 0.5,0.5       | -             | 0.5,0.5
sum(abs(x))              | x=[0,1]         | 0,1           | 1,1           | 0,1           | 0,1           | 0,1
sum(sqrt(x))             | x=[0,1]         | inf,0.5       | inf,0.5       | inf,0.5       | inf,0.5       | inf,0.5
sum(max(x, y))           | x=[1,2] y=[1,3] | 0.5,0,0.5,1   | 0.5,0,0.5,1   | 1,0,0,1       | 0.5,0,0.5,1   | 0.5,0,0.5,1
sum(max(x, 0))           | x=[0,1]         | 0.5,1         | 0.5,1         | 1,1           | 0.5,1         | 0.5,1
sum(relu(x))             | x=[0,-1]        | 0,0           | 0,0           | 0,0           | 0.5,0         | 0.5,0
sqrt(sign(x))            | x=0             | 0             | 0             | 0             | 0             | 0
sqrt(floor(x))           | x=0             | 0             | 0             | 0             | 0             | 0
sqrt(ceil(x))            | x=0             | 0             | 0             | 0             | 0             | 0
log(round(x))            | x=0.25          | 0             | 0             | 0             | 0             | -
clip(x, a, b)            | x=1 a=1 b=2     | 1,0,0         | 0.5,0.5,0     | 1,0,0         | -             | 0.5,0.5,0
clip(x, a, b)            | x=2 a=1 b=2     | 1,0,0         | 0.5,0,0.5     | 1,0,0         | -             | 0.5,0,0.5
clip(x, a, b)            | x=0 a=1 b=2     | 0,1,0         | 0,1,0         | 0,1,0         | -             | 0,1,0
clip(x, a, b)            | x=3 a=1 b=2     | 0,0,1         | 0,0,1         | 0,0,1         | -             | 0,0,1
sqrt(leaky_relu(x))      | x=0             | inf           | inf           | inf           | inf           | inf
sqrt(where(x > 0, x, 0)) | x=0             | 0             | 0             | 0             | 0             | 0
sqrt(prod(x))            | x=[0,3]         | inf,nan       | inf,nan       | inf,nan       | nan,nan       | -
sqrt(max(x))             | x=[0,-1]        | inf,nan       | inf,nan       | inf,nan       | inf,nan       | inf,nan
sqrt(min(x, y))          | x=0 y=1         | inf,0         | inf,nan       | inf,0         | inf,nan       | inf,nan
sqrt(hypot(x, y))        | x=0 y=0         | nan,nan       | inf,inf       | -             | -             | nan,nan
sqrt(norm(x))            | x=[0,0]         | nan,nan       | nan,nan       | nan,nan       | nan,nan       | nan,nan
norm(x)                  | x=[0,1]         | 0,1           | 0,1           | 0,1           | 0,1           | 0,1
sqrt(x^2 + y^2)          | x=0 y=0         | nan,nan       | nan,nan       | nan,nan       | nan,nan       | nan,nan
abs(x)/x                 | x=0             | nan           | nan           | nan           | nan           | nan
relu(x)/x                | x=0             | nan           | nan           | nan           | nan           | nan
cbrt(x)                  | x=0             | -             | inf           | -             | -             | -
cbrt(x)                  | x=-8            | -             | 1/12          | -             | -             | -
"""
NAMES = ("torch", "jax", "tensorflow", "autograd", "casadi")
SEEDS = (1.0, -1.7)


def cases():
    """Yield (expression, point, what each framework gives) of every line."""
    for line in MEASURED.strip().splitlines()[2:]:
        text, at, *given = (cell.strip() for cell in line.split("|"))
        point = {name: json.loads(value) for name, value in (word.split("=") for word in at.split())}
        yield text, point, dict(zip(NAMES, given))


CASES = list(cases())


def entries(cell, like):
    """Return the numbers of a cell, for a point like this one."""
    if cell == "raises":
        return [math.nan] * len(list(leaves(list(like.values()))))
    return [float(Fraction(word)) if "/" in word else float(word) for word in cell.rstrip("!").split(",")]


def by_convention(text, at, name):
    """Return the gradient of an expression at a point by a convention, entry by entry."""
    made = frameworks.circuit(text, at)
    environment = {symbol(n): np.array(v, dtype=float) if isinstance(v, list) else float(v) for n, v in at.items()}
    found = conventional(made.order, environment, list(environment), 1.0, made.shapes, CONVENTIONS[name])
    return [float(entry) for value in found.values() for entry in np.ravel(value)]


def agree(one, two):
    """Tell whether all entries agree: nan with nan, inf with inf of its sign, numbers to the eight digits that are written down.

    TensorFlow holds the slope of leaky_relu in single precision: more digits would not agree.
    """
    return len(one) == len(two) and np.allclose(one, two, rtol=1e-7, atol=0, equal_nan=True)


def by_framework(text, at, name):
    """Return what the installed framework gives, entry by entry; nan in every entry if it raises an exception."""
    try:
        return [float(entry) for value in frameworks.gradient(name, text, at).values() for entry in np.ravel(value)]
    except Exception as error:  # each framework has its own
        if "Singular" in str(error) or "not invertible" in str(error):
            return entries("raises", at)
        raise


@pytest.mark.parametrize(("text", "at", "given"), CASES, ids=[f"{text} at {at}" for text, at, _ in CASES])
def test_the_tables_give_what_was_measured(text, at, given):
    for name, cell in given.items():
        if cell != "-":
            found = by_convention(text, at, name)
            assert agree(found, entries(cell, at)) != cell.endswith("!"), (name, found, cell)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.filterwarnings("ignore")
def test_the_installed_framework_gives_what_was_measured(name):
    pytest.importorskip(name)
    version = CONVENTIONS[name].version
    if frameworks.installed(name) != version:
        pytest.skip(f"measured with {name} {version}, installed is {frameworks.installed(name)}")
    rows = [(text, at, given[name], by_framework(text, at, name)) for text, at, given in CASES if given[name] != "-"]
    assert [row for row in rows if not agree(entries(row[2], row[1]), row[3])] == []


def test_the_table_is_long_enough_to_mean_something():
    for name in NAMES:
        assert sum(given[name] != "-" for _, _, given in CASES) >= 90


# ---- the rules ----------------------------------------------------------------------------------------------

ROWS = {row.form: row for row in ops.TABLE}
REPLACED = [(convention, form) for convention in CONVENTIONS.values() for form in convention.partials]


@pytest.mark.parametrize(("convention", "form"), REPLACED, ids=lambda v: v if isinstance(v, str) else v.name)
def test_a_rule_stands_for_a_row_and_is_its_derivative(convention, form):
    row, ieee = ROWS[form], Ieee()
    generator = random.Random(form)
    assert len(convention.partials[form]) == len(row.rules)
    for seed in SEEDS * 10:
        args = [sample(row, i, generator) for i in range(len(row.formals))]
        env = dict(zip(formals(row), args)) | {OUT: ieee.apply(row.name, tuple(args)), UPSTREAM: seed}
        for position in range(len(args)):
            assert contribution(row, position, env, convention.partials) == pytest.approx(contribution(row, position, env, {}), rel=1e-12)


def sample(row, position, generator):
    """Return an argument of a row at random: of its box, or a vector or a matrix."""
    if row.shape is None:
        value = generator.uniform(*row.at[position])
        return float(round(value)) if row.formals[position] == "c" else value
    shape = (3, 3) if "(n,n)" in row.shape else (3,)
    return np.array([generator.uniform(-3, 3) for _ in range(math.prod(shape))]).reshape(shape)


def contribution(row, position, env, instead):
    """Return what a rule passes on, as the sweep does; 0 if nothing flows."""
    wanted = rule(row, position, instead)
    if wanted is None:
        return 0.0
    found = evaluate(wanted.tape, dict(env), Ieee())[wanted.root]
    return found if row.shape or UPSTREAM in wanted.tape else env[UPSTREAM] * found


@pytest.mark.parametrize("convention", CONVENTIONS.values(), ids=lambda convention: convention.name)
def test_every_convention_is_one_elsewhere(convention):
    text, at = "x*max(x, y)/hypot(x, y) + abs(relu(x) - sqrt(y))^x", {"x": 1.5, "y": 0.7}
    want = gradcli.grad(text, at).partials
    assert by_convention(text, at, convention.name) == pytest.approx([want["x"].value, want["y"].value], rel=1e-12)
