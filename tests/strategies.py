"""Random expressions and token strings for the property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from gradcli.expr import Expr, make, number, symbol
from gradcli.ops import CONSTANTS, TABLE

NAMES = ("x", "y", "z", "w0", "x_max", "theta")

numbers = st.builds(number, st.integers(-(10**6), 10**6), st.integers(-30, 30))
leaves = st.one_of(numbers, st.sampled_from(NAMES).map(symbol), st.sampled_from(CONSTANTS).map(make))


def _call(children):
    """Any operator of the table over any arguments, shapes aside: notation does not look at shapes."""
    rows = [row for row in TABLE if row.formals and row.name not in ("array", "[]", "[:]")]

    def arguments(row):
        return st.tuples(*[children] * len(row.formals)).map(lambda args: make(row.name, args))

    whole = st.integers(1, 99).map(number)
    return st.one_of(
        st.sampled_from(rows).flatmap(arguments),
        st.lists(children, min_size=1, max_size=4).map(lambda items: make("array", tuple(items))),
        st.tuples(children, whole).map(lambda args: make("[]", args)),
        st.tuples(children, whole, whole).map(lambda args: make("[]", args)),
        st.tuples(children, whole, whole).map(lambda args: make("[:]", args)),
    )


anything: st.SearchStrategy[Expr] = st.recursive(leaves, _call, max_leaves=12)



def random_expression(generator, depth=4):
    """Return a random expression over all operators: a hundred times faster than a strategy, for the long run."""
    if depth == 0 or generator.random() < 0.2:
        kind = generator.randrange(5)
        if kind == 0:
            return number(generator.randint(-(10**6), 10**6), generator.randint(-30, 30))
        return make(generator.choice(CONSTANTS)) if kind == 1 else symbol(generator.choice(NAMES))
    row = generator.choice(CALLABLE)
    if row.name in ("array", "[]", "[:]"):
        inner = random_expression(generator, depth - 1)
        whole = [number(generator.randint(1, 99)) for _ in range(2)]
        if row.name == "array":
            return make("array", (inner, *(random_expression(generator, depth - 1) for _ in range(generator.randrange(3)))))
        return make(row.name, (inner, *whole[: len(row.formals) - 1]))
    return make(row.name, tuple(random_expression(generator, depth - 1) for _ in row.formals))


CALLABLE = [row for row in TABLE if row.formals]

# Smooth on the whole line, so that differences are an oracle at any point.
_SMOOTH = {
    1: ("-", "exp", "sin", "cos", "tanh", "atan", "asinh", "sigmoid", "softplus", "gauss", "erf", "sech"),
    2: ("+", "-", "*"),
}


def _smooth(children):
    unary = st.tuples(st.sampled_from(_SMOOTH[1]), children).map(lambda t: make(t[0], (t[1],)))
    binary = st.tuples(st.sampled_from(_SMOOTH[2]), children, children).map(lambda t: make(t[0], t[1:]))
    quotient = st.tuples(children, children).map(lambda t: make("/", (t[0], make("+", (number(2), make("cos", (t[1],)))))))
    power = st.tuples(children, st.integers(2, 3)).map(lambda t: make("^", (t[0], number(t[1]))))
    return st.one_of(unary, binary, quotient, power)


_some_numbers = st.builds(number, st.integers(-30, 30), st.just(-1))
smooth: st.SearchStrategy[Expr] = st.recursive(
    st.one_of(st.sampled_from(("x", "y")).map(symbol), st.sampled_from(("x", "y")).map(symbol), _some_numbers), _smooth, max_leaves=8
)  # fmt: skip

points = st.floats(-2, 2).map(lambda v: round(v, 3))
