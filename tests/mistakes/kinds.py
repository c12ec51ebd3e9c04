"""The slips of a course on derivatives, each at each place where it can be made.

Written from the list of slips alone, without a look at how gradcli finds them. `slips` yields what can go wrong on the way to one
gradient: along an edge, at a fork, in the values, by a rule of differentiation, or when the answer is written down.
"""

from __future__ import annotations

import random
from itertools import combinations

import numpy as np

from mistakes.arithmetics import Piecewise, Words
from mistakes.edges import WRONG_LOCALS, along_edges, matching, times
from mistakes.engine import ELEMENTWISE, Run, Slip, each, like, shape
from mistakes.functions import INTEGRALS

LABELS = (
    "sign of one gate", "sign of the whole", "upstream forgotten", "local forgotten", "only one path at a fork",
    "last one written over the others", "multiply's inputs not swapped", "product rule as f'g'", "quotient's sign", "quotient's order",
    "quotient's square", "power's exponent not reduced", "power's coefficient missing", "inner derivative missing", "σ′ as σ", "σ′ as 1−σ",
    "σ′ as σ(1+σ)", "tanh′ as 1−t", "1/x without sign", "1/x without square", "ln against log10", "degrees against radians",
    "relu open when closed", "max to the loser", "W for Wᵀ", "outer product transposed", "sum over the batch or index forgotten",
    "mean against sum", "factor 2", "variables swapped", "entries swapped", "forward value for the gradient", "integrated instead",
    "rounded too early", "right for another point", "off by a power of ten",
)  # fmt: skip


def _sine_in_degrees(m, u):
    return m.sin(u * m.pi / 180)


def _cosine_in_degrees(m, u):
    return m.cos(u * m.pi / 180)


def at_forks(graph):
    """Yield the slips at nodes that are used more than once."""
    for node in graph.order:
        uses = sum(arg is node for gate in graph.order for arg in gate.args)
        if uses < 2 or node.op == "number":
            continue
        for j in range(uses):
            yield Slip("only one path at a fork", node, forks={node: lambda parts, j=j: parts[j % len(parts)]})
            if uses > 2:
                without = lambda parts, j=j: sum((p for k, p in enumerate(parts) if k != j), 0)  # noqa: E731
                yield Slip("only one path at a fork", node, forks={node: without}, note="one path left out")
        yield Slip("last one written over the others", node, forks={node: lambda parts: parts[-1]})


def in_values(graph):
    """Yield the slips of the calculator: the wrong logarithm, degrees, rounding on the way."""
    waves = [node for node in graph.order if node.op in ("sin", "cos", "tan")]
    turns = [node for node in graph.order if node.op == "atan"]
    if waves or turns:
        values = {node: _wave(node.op) for node in waves}
        values |= {node: lambda run, args, out: out * 180 / run.m.pi for node in turns}
        edges = {(node, 0): _wave_local(node) for node in waves if node.op != "tan"}
        yield Slip("degrees against radians", (waves + turns)[0], values=values, edges=edges)
    for op, other in (("ln", lambda run, a, out: each(run.m.log10, a[0])), ("log10", lambda run, a, out: each(run.m.log, a[0]))):
        if nodes := [node for node in graph.order if node.op == op]:
            yield Slip("ln against log10", nodes[0], values=dict.fromkeys(nodes, other), note="in the values")
    for places in (1, 2):
        rounded = _rounding(places)
        yield Slip("rounded too early", keep=rounded, note=f"values to {places}")
        yield Slip("rounded too early", keep=rounded, pass_on=rounded, note=f"everything to {places}")


def _wave(op):
    def at(m, u):
        sine, cosine = _sine_in_degrees(m, u), _cosine_in_degrees(m, u)
        return {"sin": sine, "cos": cosine, "tan": sine / cosine}[op]

    return lambda run, args, out: each(lambda u: at(run.m, u), args[0])


def _wave_local(node):
    if node.op == "sin":
        return lambda run, g, args, out: g * each(lambda u: _cosine_in_degrees(run.m, u), args[0])
    return lambda run, g, args, out: -g * each(lambda u: _sine_in_degrees(run.m, u), args[0])


def _rounding(places):
    """Round half away from zero, as by hand."""

    def rounded(x):
        if isinstance(x, Words):
            raise Piecewise
        scaled = int(abs(x) * 10**places * 2 + 1) // 2
        return x * 0 + (scaled if x > 0 else -scaled) / (x * 0 + 10**places)

    return rounded


def on_the_whole(function, target):
    """Yield the slips that are made when the answer is written down."""
    graph = function.graph
    yield Slip("sign of the whole", handed_in=lambda run, t, found: -found)
    yield Slip("factor 2", handed_in=lambda run, t, found: found * 2)
    yield Slip("factor 2", handed_in=lambda run, t, found: found * run.m.number("1/2"))
    for k in random.Random(f"{function.text} {target.value} {target.name}").sample((1, 2, 3, -1, -2, -3), 2):
        power = f"{10**k}" if k > 0 else f"1/{10**-k}"
        yield Slip("off by a power of ten", handed_in=lambda run, t, found, p=power: found * run.m.number(p), note=f"10^{k}")
    yield Slip("right for another point", alone=True, handed_in=_elsewhere)
    yield Slip("forward value for the gradient", alone=True, handed_in=lambda run, t, found: matching(run.values[graph.root], found))
    yield Slip("forward value for the gradient", alone=True, handed_in=lambda run, t, found: run.values[t], note="of itself")
    if target.op != "variable":
        return
    for name, other in graph.variables.items():
        if other is not target and function.domains[name] == function.domains[target.value]:
            yield Slip("variables swapped", handed_in=lambda run, t, found, o=other: run.gradients.get(o, found * 0), note=f"of {name}")
            yield Slip("variables swapped", alone=True, handed_in=_with_swapped_values(name), note=f"with the value of {name}")
    shape_ = function.domains[target.value][1]
    places = list(np.ndindex(*shape_)) if shape_ else []
    pairs = list(combinations(places, 2))
    for one, two in random.Random(f"{function.text} {target.value}").sample(pairs, min(4, len(pairs))):
        yield Slip("entries swapped", handed_in=_swapped(one, two))
    if len(shape_) == 2 and shape_[0] == shape_[1]:
        yield Slip("outer product transposed", handed_in=lambda run, t, found: found.T)
    whole = INTEGRALS.get(function.text, {}).get(target.value)
    if whole:
        yield Slip("integrated instead", alone=True, handed_in=lambda run, t, found: whole(run.m, *run.point.values()))


def _elsewhere(run, target, found):
    if run.elsewhere is None:
        raise ValueError
    return Run(run.m, run.graph, run.elsewhere).gradient(target)


def _with_swapped_values(name):
    def handed_in(run, target, found):
        mine = target.value
        return Run(run.m, run.graph, {**run.point, mine: run.point[name], name: run.point[mine]}).gradient(target)

    return handed_in


def _swapped(one, two):
    def handed_in(run, target, found):
        found = found.copy()
        found[one], found[two] = found[two], found[one]
        return found

    return handed_in


def of_rules(graph, target):
    """Yield the slips of the product and of the chain rule, which show in one gradient at a time."""
    for node in graph.order:
        if node.op == "*" and all(graph.depends(arg, target) for arg in node.args):
            yield Slip("product rule as f'g'", node, edges=_cut(node), handed_in=_product_of_derivatives(node))
        composite = node.op in ELEMENTWISE and len(node.args) == 1 and node.op != "neg"
        inner = node.args[0] if composite else target
        if inner is not target and graph.depends(inner, target):
            yield Slip("inner derivative missing", inner, edges=_cut(inner), handed_in=_without_inner(inner))


def _cut(node):
    return {(node, i): lambda run, g, args, out, i=i: like(0, args[i]) for i in range(len(node.args))}


def _scalars_only(*values):
    if any(map(shape, values)):
        raise ValueError


def _product_of_derivatives(node):
    def handed_in(run, target, found):
        plain = Run(run.m, run.graph, run.point)
        slopes = [plain.sweep(arg).get(target, 0) for arg in node.args]
        _scalars_only(*slopes, run.gradients[node])
        return found + run.gradients[node] * slopes[0] * slopes[1]

    return handed_in


def _without_inner(inner):
    return lambda run, target, found: found + matching(run.gradients[inner], found)


def slips(function, target):
    """Yield every slip on the way to the gradient in a node, at every place."""
    graph = function.graph
    yield from along_edges(graph)
    yield from at_forks(graph)
    yield from in_values(graph)
    yield from of_rules(graph, target)
    yield from on_the_whole(function, target)


def alike(function, target):
    """Yield slips beside the list: other names for what is on it, that are never handed in for their own sake."""
    graph = function.graph
    for node in graph.order:
        if node.args and node is not target and graph.depends(node, target):
            yield Slip("inner derivative missing", node, edges=_cut(node), handed_in=_without_inner(node))
        for i, arg in enumerate(node.args):
            if not graph.carries(arg):
                continue
            if node.op == "/":
                yield Slip("quotient's square", node, edges={(node, i): times(node, i, lambda run, a, out: a[1])})
                yield Slip("quotient's order", node, edges={(node, i): times(node, i, lambda *_: -1)})
            if node.op in ("relu", "abs"):
                yield Slip("gate closed", node, edges={(node, i): times(node, i, lambda *_: 0)})
                yield Slip("relu open when closed", node, edges={(node, i): lambda run, g, args, out: g * like(1, out)})
            if node.op in ("max", "min"):
                yield Slip("max to both", node, edges={(node, j): lambda run, g, args, out: g for j in range(2)})
        if inner := _of_logistic(node):
            yield from (
                Slip(label, node, edges=_cut(node), handed_in=_as_sigmoid(node, inner, wrong))
                for label, wrong in WRONG_LOCALS["sigmoid"].items()
            )


def _of_logistic(node):
    """Return u where a node is 1/(1 + e^(-u))."""
    try:
        one, (also_one, power) = node.args[0], node.args[1].args
        inner = power.args[0].args[0]
    except (IndexError, ValueError):
        return None
    shapes = (node.op, one.value, node.args[1].op, also_one.value, power.op, power.args[0].op)
    return inner if shapes == ("/", 1, "+", 1, "exp", "neg") else None


def _as_sigmoid(node, inner, wrong):
    def handed_in(run, target, found):
        return found + run.gradients[node] * wrong(run.m, [], run.values[node]) * run.sweep(inner).get(target, 0)

    return handed_in
