"""A circuit and its gradient as formulas of single numbers: what every row computes, and where it must take care.

The reverse sweep runs once, on expressions; arrays are taken apart into their entries, and operators that are written as
formulas of others are written out, so that only primitive operators are left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import reduce
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from gradcli import ops
from gradcli.arithmetic import BY_SIGN, Doubtful, by_formula, evaluate
from gradcli.arithmetic.entries import Entries, array_of, mapped
from gradcli.arithmetic.real import KERNELS
from gradcli.arithmetic.running import RUNNING
from gradcli.arithmetic.symbolic import Symbolic
from gradcli.backward import backward
from gradcli.batch.needed import needed
from gradcli.circuit import Circuit
from gradcli.expr import NUMBER, ONE, SYMBOL, ZERO, Expr, decimal, integer, make, number, symbol, tape
from gradcli.nested import Given, leaves, plain
from gradcli.rules import OUT, condition, formals, formula
from gradcli.shapes import Shape

# Two operators that only a kernel knows. THROUGH(upstream, local, value) is the product along an edge, but 0 where nothing flows
# into a node without a value: a branch not taken. LINEAR is a sum of its arguments with constant weights; they, and
# whether they are rounded, are its leaf.
THROUGH, LINEAR = "through", "linear"
_WORTH_A_PRODUCT = 16  # weights of a constant matrix: fewer are quicker as single products
_MOST_FACTORS = 16  # of a power written out as products


class Lowered(NamedTuple):
    """Formulas of single numbers: of the outputs, entry by entry; and of what tells that a row is not smooth."""

    variables: dict[str, list[Expr]]  # the entries of what varies
    outputs: list[list[Expr]]
    apart: list[Expr]  # differences: the row is at a kink, a jump or an edge where one is 0
    quiet: list[Expr]  # conditions of any other form: it is there where one is not 0
    needed: list[Expr]  # what must have a value, or the row has none


def lower(circuit: Circuit, targets: list[Expr], constants: Mapping[str, Given]) -> Lowered:
    """Return the value and the partials of a circuit as formulas of the entries of what varies."""
    branching = any(node.op == "where" for node in circuit.order)
    partials = _partials(circuit, targets, branching)
    kinks = list(_conditions(circuit, circuit.live(targets)))
    writing = _Writing()
    env = {variable: _entries(variable, circuit.shapes.of(variable), constants, writing) for variable in circuit.variables}
    written = evaluate(tape(circuit.root, *(root for roots in partials for root in roots), *kinks), dict(env), writing)
    outputs = [_flat(written[circuit.root])]
    outputs += [[entry for root in roots for entry in _flat(written[root])] for roots in partials]
    found = [entry for kink in kinks for entry in _flat(written[kink]) if entry is not ZERO]
    apart = [entry.args[0] for entry in found if entry.op == "=="]
    quiet = [entry for entry in found if entry.op != "=="]
    varying = {str(variable.leaf): _flat(entries) for variable, entries in env.items() if str(variable.leaf) not in constants}
    counted = needed(circuit, targets, {node: _flat(entries) for node, entries in written.items()}, _Numbers())
    return Lowered(varying, outputs, *(list(dict.fromkeys(entries)) for entries in (apart, quiet, counted)))


def _partials(circuit: Circuit, targets: list[Expr], branching: bool) -> list[list[Expr]]:
    """Return for each target the partials of every entry of the output, as expressions."""
    values = {node: node for node in circuit.order}
    sweeps = [backward(circuit.order, values, targets, seed, _Tracing(branching), circuit.shapes) for seed in _seeds(circuit.shape)]
    return [[sweep.adjoint.get(target, _of_numbers(circuit.shapes.of(target), None)) for sweep in sweeps] for target in targets]


def _seeds(shape: Shape) -> list[Expr]:
    """Return the unit arrays of a shape, as expressions."""
    return [_of_numbers(shape, at) for at in product(*map(range, shape))]


def _of_numbers(shape: Shape, one: tuple[int, ...] | None) -> Expr:
    """Return an array of zeros with a 1 at one place, if any; a number for no shape."""
    if not shape:
        return ZERO if one is None else ONE
    return make("array", tuple(_of_numbers(shape[1:], one[1:] if one and one[0] == k else None) for k in range(shape[0])))


def _conditions(circuit: Circuit, live: set[Expr]) -> Iterator[Expr]:
    """Yield a formula for each gate with a kink or a jump through which a target reaches the output: 1 there, else 0."""
    for node in circuit.order:
        if node in live and node.args and (found := condition(circuit.shapes.row_of(node))) is not None:
            env = dict(zip(formals(circuit.shapes.row_of(node)), node.args))
            env[OUT] = node
            yield evaluate(found.tape, env, Symbolic())[found.root]


def _flat(value: Any) -> list[Expr]:
    return list(value.ravel()) if isinstance(value, np.ndarray) else [value]


def _entries(variable: Expr, shape: Shape, constants: Mapping[str, Given], writing: _Writing) -> Any:
    """Return a variable as its entries: symbols where it varies, formulas of numbers where it is constant."""
    given = constants.get(str(variable.leaf))
    if given is None:
        flat = [make(SYMBOL, (), (str(variable.leaf), *at)) for at in product(*map(range, shape))]
        return array_of(flat).reshape(shape) if shape else flat[0]
    if given.written is not None:
        return evaluate(tape(given.written), {}, writing)[given.written]
    numbers = [_exactly(entry) for entry in leaves(plain(given.value))]
    return array_of(numbers).reshape(shape) if shape else numbers[0]


def _exactly(value: float) -> Expr:
    """Return a float as the decimal that it is: m/2^k is m·5^k/10^k."""
    top, bottom = value.as_integer_ratio()
    k = bottom.bit_length() - 1
    return number(top * 5**k, -k)


class _Tracing(Symbolic):
    """The arithmetic of the sweep: expressions, with products along edges that know of branches not taken."""

    def __init__(self, branching: bool) -> None:
        super().__init__()
        self.branching = branching

    def scale(self, upstream: Expr, local: Expr, value: Expr) -> Expr:
        if not self.branching or ONE in (upstream, local):
            return self.apply("*", (upstream, local))
        return make(THROUGH, (upstream, local, value))


# Operators that are written otherwise for many rows: what overflows is noticed, and the row is taken out.
_FORMS = {"sigmoid": "exp(x) / (1 + exp(x))", "sech": "2 * exp(-abs(x)) / (1 + exp(-abs(x)) * exp(-abs(x)))"}
_TURNED = {"sigmoid": "1 / (1 + exp(x))"}  # of what is written as the negative of x: the same e^x serves both


class _Numbers(Symbolic):
    """Single numbers as expressions of primitive operators.

    Comparisons are with 0, signs are moved outwards so that they meet and cancel, and what is multiplied by 0 is left out.
    """

    def apply(self, op: str, args: tuple[Expr, ...]) -> Expr:
        if op == "==" and (others := _rivals(*args)) is not None:
            return reduce(lambda a, b: self.apply("min", (a, b)), others(self))
        if op in BY_SIGN:
            if args[1] is not ZERO:
                args = (self.apply("-", args), ZERO)
            return ZERO if op == "==" and _is_positive(args[0]) else super().apply(op, args)
        if op in ("*", THROUGH) and ZERO in args[:2]:
            return ZERO
        if op == "*" and _MINUS_ONE in args:
            return self.apply("-", (args[args[0] is _MINUS_ONE],))
        if op == "/" and args[0].op == "/" and args[0].args == (ONE, args[1]):
            return self.apply("*", (args[0], args[0]))  # (1/y)/y: a product is quicker
        if op in ("*", "/") and (_is_negative(args[0]) or _is_negative(args[1])):
            turned = self.apply(op, tuple(arg.args[0] if _is_negative(arg) else arg for arg in args))
            return turned if _is_negative(args[0]) and _is_negative(args[1]) else self.apply("-", (turned,))
        if op == "abs" and (_is_negative(args[0]) or args[0].op == NUMBER):
            return self.apply(op, args[0].args) if args[0].args else number(abs(decimal(args[0])[0]), decimal(args[0])[1])
        if op == "-" and _is_negative(args[-1]):
            return self.apply("+", (args[0], *args[1].args)) if len(args) == 2 else args[0].args[0]
        if op == "+" and (_is_negative(args[0]) or _is_negative(args[1])):
            left, right = args if _is_negative(args[1]) else args[::-1]
            return self.apply("-", (left, *right.args))
        if op == "^" and (whole := integer(args[1])) is not None and 1 < whole <= _MOST_FACTORS:
            return self._power(args[0], whole)
        if op == "ones":
            return ONE
        if op == "where" and args[1] is args[2]:
            return args[1]
        if op == "where" and args[1:] == (ONE, ZERO) and args[0].op in BY_SIGN:
            return args[0]
        if op in _FORMS:
            if op in _TURNED and _is_negative(args[0]):
                return self._written(_TURNED[op], args[0].args[0])
            return self._written(_FORMS[op], args[0])
        if op in (THROUGH, LINEAR) or (op, len(args)) in KERNELS:
            return super().apply(op, args)
        return by_formula(ops.rows(op, len(args))[0], args, self)

    def _written(self, form: str, x: Expr) -> Expr:
        read = formula(form, ("x",))
        return evaluate(read.tape, {symbol("x"): x}, self)[read.root]

    def _power(self, x: Expr, n: int) -> Expr:
        half = x if n < 4 else self._power(x, n // 2)
        even = self.apply("*", (half, half))
        return self.apply("*", (even, x)) if n % 2 else even

    def whole(self, x: Expr) -> int:
        found = integer(x)
        assert found is not None, x
        return found


def _rivals(x: Expr, out: Expr) -> Callable[[_Numbers], list[Expr]] | None:
    """Return how a number is compared with all others, where the question is whether it is the greatest, or the least, of them.

    With an error in each, being equal to the greatest cannot be told; being above all others can.
    """
    if out.op not in ("max", "min"):
        return None
    among, stack = list[Expr](), [out]
    while stack:
        node = stack.pop()
        if node.op == out.op:
            stack += node.args
        else:
            among.append(node)
    others = [node for node in dict.fromkeys(among) if node is not x]
    if len(others) == len(among) or not others:
        return None
    return lambda numbers: [numbers.apply(">=" if out.op == "max" else "<=", (x, other)) for other in others]


_MINUS_ONE = number(-1)


def _is_negative(node: Expr) -> bool:
    """Tell whether an expression is written as the negative of another."""
    return node.op == "-" and len(node.args) == 1


def _is_positive(node: Expr) -> bool:
    """Tell whether a sum can be seen to be above 0: of absolute values and numbers, one of them not 0."""
    numbers = [arg for arg in node.args if arg.op == NUMBER and decimal(arg)[0] > 0]
    return node.op == "+" and bool(numbers) and all(arg.op == "abs" or arg in numbers for arg in node.args)


class _Writing(Entries):
    """Arrays as their entries; the product with a constant matrix is kept whole, as one product of matrices for all rows."""

    def __init__(self) -> None:
        super().__init__(_Numbers())

    def apply(self, op: str, args: tuple[Any, ...]) -> Any:
        if op == THROUGH:
            several = any(isinstance(arg, np.ndarray) for arg in args)
            return mapped(lambda *entries: self.scalar.apply(op, entries), *args) if several else self.scalar.apply(op, args)
        if op == "@" and args[0].ndim + args[1].ndim == 3:
            matrix, vector = (args[0], args[1]) if args[0].ndim == 2 else (args[1].T, args[0])
            found = _floats(matrix) if matrix.size >= _WORTH_A_PRODUCT else None
            if found is not None and any(node.op == SYMBOL for node in tape(*vector)):
                weights, rounded = found
                return array_of([make(LINEAR, tuple(vector), (row, rounded)) for row in weights])
        return super().apply(op, args)


def _floats(matrix: Any) -> tuple[list[tuple[float, ...]], bool] | None:
    """Return the rows of a matrix as the nearest floats, if it is constant and these can be told, and whether any is rounded."""
    if any(node.op == SYMBOL for node in tape(*matrix.ravel())):
        return None
    try:
        found = [[evaluate(tape(entry), {}, RUNNING)[entry] for entry in row] for row in matrix]
    except Doubtful:
        return None
    if not all(bound <= 2.0**-53 * abs(value) for row in found for value, bound in row):
        return None
    return [tuple(value for value, _ in row) for row in found], any(bound for row in found for _, bound in row)
