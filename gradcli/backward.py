"""The reverse sweep. It is the chain rule, and the only code in the program that differentiates.

    adjoint[root] = seed;   adjoint[arg] += adjoint[node] · ∂node/∂arg,   nodes in reverse order of evaluation

What flows through it is the arithmetic's business: floats, arrays, or expressions. No operator is named here.
"""

from __future__ import annotations

from gradcli.arithmetic import Arithmetic, ready, straight
from gradcli.expr import ONE, Expr, number, reaching
from gradcli.light import TYPE_CHECKING, Any, Callable, Generic, Sequence, TypeVar
from gradcli.ops import Op
from gradcli.rules import OUT, POSITION, UPSTREAM, Rule, formals, rule
from gradcli.shapes import Shapes

V = TypeVar("V")
if TYPE_CHECKING:
    from collections.abc import Mapping

    Instead = Mapping[str, tuple[str | None, ...]]  # by the form of a row, rules that take the place of its own
# From the upstream gradient of a node and what its rules speak of: the local gradient, if it has one, and the contribution.
Way = Callable[[Any, Sequence[Any]], tuple[Any, Any]]
Path = tuple[Way, bool]  # and whether the local gradient may have no value where the node has one


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
    """What the sweep leaves behind: every adjoint, the nodes with a local gradient that is no number, and the edges as it came by them.

    The edges are wanted by tables, not by who asks for the gradient alone: they are found by sweeping again.
    """

    def __init__(self, again: Callable[[list[Edge[V]]], object] = list) -> None:
        self.adjoint: dict[Expr, V] = {}
        self.broken: set[Expr] = set()
        self._edges: list[Edge[V]] | None = None
        self._again = again

    @property
    def edges(self) -> list[Edge[V]]:
        """Return the steps of the chain rule, in the order in which they were taken."""
        if self._edges is None:
            self._edges = []
            self._again(self._edges)
        return self._edges


def backward(
    order: list[Expr],
    values: dict[Expr, V],
    targets: list[Expr],
    seed: V,
    arithmetic: Arithmetic[V],
    shapes: Shapes,
    instead: Mapping[str, tuple[str | None, ...]] = {},
    given: Mapping[Expr, V] = {},
    sound: Callable[[V], bool] | None = None,
    edges: list[Edge[V]] | None = None,
) -> Sweep[V]:
    """Sweep a tape backwards from its last node and return the adjoint of every node that a target reaches.

    ``values`` holds the value of every node in this arithmetic; ``seed`` is the upstream gradient of the last node;
    ``instead`` replaces rules of the table, and a partial that it replaces may mention ``g``, as a pullback does;
    ``given`` are upstream gradients that somebody else has found, and that are passed on in place of ours;
    ``sound`` tells numbers from what has no value, for the broken nodes; ``edges`` is where the steps are written down.
    """
    sweep = Sweep[V](lambda found: backward(order, values, targets, seed, arithmetic, shapes, instead, given, edges=found))
    adjoint, live = sweep.adjoint, reaching(targets, order)
    ways, add, rows, arrays = _ways(arithmetic, instead), ready(arithmetic)["+", 2], shapes.row, shapes.arrays
    adjoint[order[-1]] = seed
    for node in reversed(order):
        args, upstream = node.args, adjoint.get(node)
        if not args or upstream is None:
            continue
        row = rows.get(node) or shapes.row_of(node)
        if given and node in given:
            adjoint[node] = upstream = given[node]
        inside, paths = scope(node, row, values), ways[row]
        for position, arg in enumerate(args):
            path = paths[position] if arg in live else None
            if path is None:
                continue
            way, risky = path
            local, contribution = way(upstream, inside)
            if risky and sound and not (sound(local) if local is not None else sound(contribution) or not sound(upstream)):
                sweep.broken.add(node)
            summed = arrays and _repeated(node, arg, row, shapes)
            if summed:
                contribution = arithmetic.apply("sum", (contribution,))
            if edges is not None:
                if local is None and not shapes.of(node):  # a number made of an array: the pullback of 1 is its gradient
                    local = way(arithmetic.number(1, 0), inside)[1]
                edges.append(Edge(node, position, row, upstream, local, contribution, summed))
            before = adjoint.get(arg)
            adjoint[arg] = contribution if before is None else add(before, contribution)
    return sweep


def scope(node: Expr, row: Op, values: Mapping[Expr, V]) -> list[V]:
    """Return what the names in the rules of a node stand for: its formal arguments, and ``out``."""
    args, count = node.args, len(row.formals)
    if len(args) == count == 2:  # most are
        one, two = args
        return [values[one], values[two], values[node]]
    return [values[arg] for arg in (*args[:count], node)]


def along(row: Op, position: int, wanted: Rule, arithmetic: Arithmetic[V]) -> Way:
    """Return one step of the chain rule by a rule, made ready: contribution = upstream × local, or a pullback of upstream."""
    names, one = (*formals(row), OUT), arithmetic.number(1, 0)
    if row.shape is None and wanted.root is ONE:
        return lambda upstream, inside: (one, upstream)
    if row.shape is None and UPSTREAM not in wanted.tape:
        local_gradient, scale = straight(wanted, names, arithmetic), arithmetic.scale

        def times(upstream: V, inside: Sequence[V]) -> tuple[V, V]:
            local = local_gradient(inside)
            return local, scale(upstream, local, inside[-1])

        return times
    if row.name == "array":  # its rule says g[i]
        entry, place = straight(wanted, (*names, UPSTREAM, POSITION), arithmetic), arithmetic.number(position + 1, 0)
        return lambda upstream, inside: (None, entry([*inside, upstream, place]))
    pullback = straight(wanted, (*names, UPSTREAM), arithmetic)
    return lambda upstream, inside: (None, pullback([*inside, upstream]))


class _Row(dict[int, Path | None]):
    """The ways back through the gates of a row, by the position of the argument; None where nothing flows."""

    def __init__(self, row: Op, arithmetic: Arithmetic[Any], instead: Instead) -> None:
        super().__init__()
        self.row, self.arithmetic, self.instead = row, arithmetic, instead

    def __missing__(self, position: int) -> Path | None:
        wanted = rule(self.row, position, self.instead)
        risky = wanted is not None and (self.row.shape is not None or len(wanted.root.args) > 0)  # else a number, or an argument
        self[position] = None if wanted is None else (along(self.row, position, wanted, self.arithmetic), risky)
        return self[position]


class _Ways(dict[Op, _Row]):
    def __init__(self, arithmetic: Arithmetic[Any], instead: Instead) -> None:
        super().__init__()
        self.arithmetic, self.instead = arithmetic, instead

    def __missing__(self, row: Op) -> _Row:
        self[row] = found = _Row(row, self.arithmetic, self.instead)
        return found


def _ways(arithmetic: Arithmetic[Any], instead: Instead) -> _Ways:
    """Return the ways back through all rows; those of the table are kept with their arithmetic."""
    if instead:
        return _Ways(arithmetic, instead)
    kept = ready(arithmetic)
    if kept.ways is None:
        kept.ways = _Ways(arithmetic, instead)
    assert isinstance(kept.ways, _Ways)
    return kept.ways


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
