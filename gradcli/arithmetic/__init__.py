"""What flows through the sweep. An arithmetic says what a number is and how an operator acts on its numbers.

A formula gets a value in two ways, by the same kernels: `evaluate` walks a tape once, over the nodes themselves;
`straight` makes a short formula ready (a rule of the table, the definition of an operator) that is asked for at many nodes.
"""

from __future__ import annotations

from gradcli.expr import NUMBER, Expr, decimal
from gradcli.light import Any, Callable, Protocol, Sequence, TypeVar, itemgetter
from gradcli.ops import Op
from gradcli.rules import Rule, formals, value

V = TypeVar("V")


class Doubtful(Exception):  # noqa: N818  (it is no error: the next arithmetic tries)
    """Said by an arithmetic that cannot tell, or not to the digits asked for."""


# The comparisons, by the sign of the difference of their arguments.
BY_SIGN: dict[str, Callable[[int], bool]] = {
    "<": lambda sign: sign < 0, "<=": lambda sign: sign <= 0, ">": lambda sign: sign > 0, ">=": lambda sign: sign >= 0,
    "==": lambda sign: sign == 0, "!=": lambda sign: sign != 0,
}  # fmt: skip


class Arithmetic(Protocol[V]):
    """A number system: real numbers, arrays of them, expressions."""

    def number(self, mantissa: int, exponent: int) -> V:
        """Return mantissa · 10^exponent."""

    def apply(self, op: str, args: tuple[V, ...]) -> V:
        """Return what an operator of the table gives for these arguments."""

    def scale(self, upstream: V, local: V, value: V) -> V:
        """Return upstream × local through a node of this value."""


class Ready(dict[tuple[str, int], Callable[..., Any]]):
    """What an arithmetic has been asked for before, ready to be called: its kernels, by operator and number of arguments.

    An arithmetic may offer them itself, by a method ``kernel(op, arity)``; what it does not offer is done by its ``apply``.
    """

    def __init__(self, arithmetic: Arithmetic[Any]) -> None:
        super().__init__()
        self.arithmetic = arithmetic
        self.formulas: dict[Op, Callable[[Sequence[Any]], Any]] = {}  # of operators written as formulas
        self.conditions: dict[Op, Callable[[Sequence[Any]], Any]] = {}  # of kinks and jumps
        self.ways: object = None  # back through the rows of the table: `backward` keeps them here

    def __missing__(self, key: tuple[str, int]) -> Callable[..., Any]:
        op, apply = key[0], self.arithmetic.apply
        offered = getattr(self.arithmetic, "kernel", None)
        kernel = offered(*key) if offered else None
        self[key] = kernel or (lambda *args: apply(op, args))
        return self[key]


def ready(arithmetic: Arithmetic[Any]) -> Ready:
    """Return what is ready of an arithmetic: made once, and kept with it."""
    found = vars(arithmetic).get("ready")
    if found is None:
        found = vars(arithmetic)["ready"] = Ready(arithmetic)
    assert isinstance(found, Ready)
    return found


def evaluate(order: list[Expr], env: dict[Expr, V], arithmetic: Arithmetic[V]) -> dict[Expr, V]:
    """Complete env with the value of every node of a tape; symbols must be in it already."""
    kernels = ready(arithmetic)
    for node in order:
        if node in env:
            continue
        args = node.args
        if len(args) == 2:  # most are
            one, two = args
            env[node] = kernels[node.op, 2](env[one], env[two])
        elif args or node.op != NUMBER:
            env[node] = kernels[node.op, len(args)](*[env[arg] for arg in args])
        else:
            env[node] = arithmetic.number(*decimal(node))
    return env


def straight(rule: Rule, names: Sequence[Expr], arithmetic: Arithmetic[V]) -> Callable[[Sequence[V]], V]:
    """Return a formula as a function of what its names stand for, in this order: its kernels in a row, and where their arguments are."""
    places = {name: place for place, name in enumerate(names)}
    if rule.root in places:
        return itemgetter(places[rule.root])
    kernels, numbers = ready(arithmetic), list[V]()
    for node in rule.tape:
        if node.op == NUMBER:
            places[node] = len(names) + len(numbers)
            numbers.append(arithmetic.number(*decimal(node)))
    steps: list[tuple[Callable[..., V], list[int]]] = []
    for node in rule.tape:
        if node not in places:
            places[node] = len(names) + len(numbers) + len(steps)
            steps.append((kernels[node.op, len(node.args)], [places[arg] for arg in node.args]))
    if not steps:
        return lambda given: numbers[0]
    if len(steps) == 1 and not numbers and len(steps[0][1]) == 1:  # cos(x), 1/x and their like need no list of values
        [(kernel, [only])] = steps
        return lambda given: kernel(given[only])

    def run(given: Sequence[V]) -> V:
        values = [*given, *numbers]
        for kernel, at in steps:
            if len(at) == 2:  # most have
                one, two = at
                values.append(kernel(values[one], values[two]))
            else:
                values.append(kernel(*[values[place] for place in at]))
        return values[-1]

    return run


def by_formula(row: Op, args: tuple[V, ...], arithmetic: Arithmetic[V]) -> V:
    """Return the value of an operator that is written as a formula of others."""
    known = ready(arithmetic).formulas
    if row not in known:
        written = value(row)
        assert written is not None, row
        known[row] = straight(written, formals(row), arithmetic)
    run: Callable[[Sequence[V]], V] = known[row]
    return run(args)
