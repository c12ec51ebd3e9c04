"""The reverse sweep. It is the chain rule, and the only code in the program that differentiates.

    adjoint[root] = seed;   adjoint[arg] += adjoint[node] · ∂node/∂arg,   nodes in reverse order of evaluation

What flows through it is the arithmetic's business: floats, arrays, or expressions. No operator is named here.
"""

from __future__ import annotations

from gradcli.arithmetic import Arithmetic, evaluate
from gradcli.expr import Expr, number, reaching
from gradcli.light import TYPE_CHECKING, Generic, TypeVar
from gradcli.ops import Op
from gradcli.rules import OUT, POSITION, UPSTREAM, Rule, formals, rule
from gradcli.shapes import Shapes

if TYPE_CHECKING:
    from collections.abc import Mapping

V = TypeVar("V")


class Edge(Generic[V]):
    """One step of the chain rule: contribution = upstream × local, along the edge from a node to its argument.

    ``local`` is None for an operator that makes an array of arrays: its pullback gives the contribution at once. ``summed`` says
    that a number was repeated over an array on the way forward, so that its contribution is the sum over all entries.
    """

    __slots__ = ("arg", "contribution", "local", "node", "position", "row", "summed", "upstream")

    def __init__(
        self, node: Expr, position: int, row: Op, upstream: V, local: V | None, contribution: V, summed: bool
    ) -> None:
        self.node, self.position, self.arg, self.row = node, position, node.args[position], row
        self.upstream, self.local, self.contribution, self.summed = upstream, local, contribution, summed


class Sweep(Generic[V]):
    """What the sweep leaves behind: every adjoint, and the edges in the order they were visited."""

    __slots__ = ("adjoint", "edges")

    def __init__(self) -> None:
        self.adjoint: dict[Expr, V] = {}
        self.edges: list[Edge[V]] = []


def backward(
    order: list[Expr],
    values: dict[Expr, V],
    targets: list[Expr],
    seed: V,
    arithmetic: Arithmetic[V],
    shapes: Shapes,
    instead: Mapping[str, tuple[str | None, ...]] = {},
    given: Mapping[Expr, V] = {},
) -> Sweep[V]:
    """Sweep a tape backwards from its last node and return the adjoint of every node that a target reaches.

    ``values`` holds the value of every node in this arithmetic; ``seed`` is the upstream gradient of the last node;
    ``instead`` replaces rules of the table, and a partial that it replaces may mention ``g``, as a pullback does;
    ``given`` are upstream gradients that somebody else has found, and that are passed on in place of ours.
    """
    sweep: Sweep[V] = Sweep()
    adjoint, live = sweep.adjoint, reaching(targets, order)
    adjoint[order[-1]] = seed
    for node in reversed(order):
        if node not in live or node not in adjoint or not node.args:
            continue
        row = shapes.row_of(node)
        adjoint[node] = given.get(node, adjoint[node])
        env = scope(node, row, values)
        for position, arg in enumerate(node.args):
            wanted = rule(row, position, instead) if arg in live else None
            if wanted is None:
                continue
            edge = along(node, position, row, wanted, env, adjoint[node], arithmetic, shapes)
            adjoint[arg] = arithmetic.apply("+", (adjoint[arg], edge.contribution)) if arg in adjoint else edge.contribution
            sweep.edges.append(edge)
    return sweep


def scope(node: Expr, row: Op, values: dict[Expr, V]) -> dict[Expr, V]:
    """Return what the names in the rules of a node stand for: its formal arguments, and ``out``."""
    env = dict(zip(formals(row), [values[arg] for arg in node.args]))
    env[OUT] = values[node]
    return env


def along(
    node: Expr, position: int, row: Op, wanted: Rule, env: Mapping[Expr, V], upstream: V, arithmetic: Arithmetic[V], shapes: Shapes,
    summing: bool = True,
) -> Edge[V]:
    """Return one step of the chain rule, by a rule in the scope of its node; with ``summing`` as it is done."""
    arg, local, inside = node.args[position], None, dict(env)
    if row.shape is None and UPSTREAM not in wanted.tape:
        local = evaluate(wanted.tape, inside, arithmetic)[wanted.root]
        contribution = arithmetic.scale(upstream, local, env[OUT])
    else:
        if row.name == "array":
            inside[POSITION] = arithmetic.number(position + 1, 0)
        contribution = evaluate(wanted.tape, {**inside, UPSTREAM: upstream}, arithmetic)[wanted.root]
        if not shapes.shape[node]:  # a number made of an array: the pullback of 1 is its gradient
            local = evaluate(wanted.tape, {**inside, UPSTREAM: arithmetic.number(1, 0)}, arithmetic)[wanted.root]
    summed = _repeated(node, arg, row, shapes)
    if summed and summing:
        contribution = arithmetic.apply("sum", (contribution,))
    return Edge(node, position, row, upstream, local, contribution, summed)


def _repeated(node: Expr, arg: Expr, row: Op, shapes: Shapes) -> bool:
    """Tell whether a number was repeated over an array on its way into this node."""
    if shapes.shape[arg] or row.shape not in (None, "any,any->()"):
        return False
    return any(shapes.shape[other] for other in node.args)


def gradient(root: Expr, order: list[Expr], targets: list[Expr], seed: Expr, shapes: Shapes) -> dict[Expr, Expr]:
    """Return the gradient as expressions: for each target, one over the same symbols, ready to be swept again."""
    from gradcli.arithmetic.symbolic import Symbolic

    sweep = backward(order, {node: node for node in order}, targets, seed, Symbolic.over(order), shapes)
    return {target: sweep.adjoint.get(target, number(0)) for target in targets}
