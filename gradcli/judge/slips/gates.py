"""The slips in the backward pass: at each edge, at each gate, at each fork; none has its wrong answer typed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import Any

from gradcli.arithmetic import evaluate
from gradcli.arithmetic.symbolic import Symbolic
from gradcli.backward import Edge
from gradcli.errors import GradError
from gradcli.expr import NUMBER, Expr, symbol
from gradcli.judge.slips.scene import Place, Scene
from gradcli.judge.slips.slip import AT_GATE, COMPOSITE, FORK, INNER, PASSED_ON, RULE, UPSTREAM_ALONE, Slip, place
from gradcli.judge.slips.table import WRONG
from gradcli.ops import Op
from gradcli.rules import OUT, POSITION, UPSTREAM, Rule, formals, formula, rule
from gradcli.shapes import Shape, Shapes
from gradcli.wording import said

_QUOTIENT_RULE = frozenset(("quotient-square", "quotient-order", "quotient-denominator"))  # nobody needs it to divide by a constant
MOST_ENTRIES = 12  # of an array, each of which may be the one that alone was used


def of_partial(scene: Scene[Any], target: Expr) -> Iterator[Slip]:
    """Yield the slips in the sweep to a target: at each edge, at each gate, and at each fork."""
    live = scene.circuit.live([target])
    edges = [edge for edge in scene.sweep.edges if edge.arg in live]
    gates: dict[Expr, list[Edge[Any]]] = {}
    for edge in edges:
        gates.setdefault(edge.node, []).append(edge)
    for own in gates.values():
        yield from _wrong_rules(scene, own, target)
        yield from _of_quotient_and_product(scene, own, target)
    for own in gates.values():
        for among in [own, *([edge] for edge in own if len(own) > 1)]:  # at the whole gate, and at one of its inputs
            yield from _at(scene, among, target)
    for edge in edges:
        yield from _inside(scene, edge, target)
    yield from _at_forks(scene, edges, target)


def _at(scene: Scene[Any], edges: list[Edge[Any]], target: Expr) -> Iterator[Slip]:
    """Yield the slips that need no rule of their own, at some inputs of a gate: sign, a factor, one of the two gradients alone."""
    node, circuit = edges[0].node, scene.circuit
    at, rules = place(circuit, node), {edge.position: _rule(edge) for edge in edges}

    def times(mantissa: int, exponent: int = 0) -> Callable[[Scene[Any]], Any]:
        def result(scene: Scene[Any]) -> Any:
            factor = scene.number(mantissa, exponent)
            return scene.changed({(node, p): scene.times(scene.edges[node, p].contribution, factor) for p in rules}, target)

        return result

    def alone(scene: Scene[Any]) -> Any:
        return scene.changed({(node, p): scene.contribution((node, p), own, scene.ones(node)) for p, own in rules.items()}, target)

    def passed_on(scene: Scene[Any]) -> Any:
        return scene.changed({(node, p): scene.edges[node, p].upstream for p in rules}, target)

    minus = any((edge.row.rules[0 if edge.row.name == "array" else edge.position] or "").startswith("-") for edge in edges)
    says = said("at {0} the minus is lost", at) if minus else said("at {0} the sign is flipped", at)
    yield Slip("sign", AT_GATE, node, says, times(-1), minus)
    yield Slip("factor", AT_GATE, node, said("at {0} there is a factor of 2 too many", at), times(2))
    yield Slip("factor", AT_GATE, node, said("at {0} a factor of 2 is missing", at), times(5, -1))
    if node is not circuit.root:
        says = said("at {0} you gave the local gradient alone: multiply it by the upstream gradient", at)
        yield Slip("upstream-forgotten", UPSTREAM_ALONE, node, says, alone)
    shapes = circuit.shapes
    if any(own.root.op != NUMBER for own in rules.values()) and all(shapes.of(edge.arg) == shapes.of(node) for edge in edges):
        says = said("at {0} you passed the upstream gradient on as it is: multiply it by the local gradient", at)
        yield Slip("local-forgotten", PASSED_ON, node, says, passed_on)


def _inside(scene: Scene[Any], edge: Edge[Any], target: Expr) -> Iterator[Slip]:
    """Yield the slips below an edge: the inner derivative forgotten, or the sum over the entries that one number went to."""
    circuit, key, own = scene.circuit, (edge.node, edge.position), _rule(edge)
    shapes = circuit.shapes

    def cut_off(scene: Scene[Any]) -> Any:
        return scene.plus(scene.changed({key: None}, target), scene.edges[key].contribution)

    if edge.arg.args and edge.arg is not target and shapes.of(edge.arg) == shapes.of(target):
        says = said("the derivative of the inner function {0} is missing", place(circuit, edge.arg))
        yield Slip("inner-derivative", INNER, edge.arg, says, cut_off)
    if edge.summed:
        says = said("at {0} the sum over the entries is forgotten: one of them alone is used", place(circuit, edge.node))
        for one in range(min(prod(shapes.of(edge.node)), MOST_ENTRIES)):
            yield Slip("sum-forgotten", RULE, edge.node, says, _one_entry(key, own, one, target))


def _one_entry(key: Place, own: Rule, one: int, target: Expr) -> Callable[[Scene[Any]], Any]:
    def result(scene: Scene[Any]) -> Any:
        every = scene.contribution(key, own, summing=False)
        if not hasattr(every, "ravel"):  # a formula: its entry
            index = divmod(one, scene.shapes.of(key[0])[-1]) if len(scene.shapes.of(key[0])) > 1 else (one,)
            return scene.changed({key: scene.arithmetic.apply("[]", (every, *(scene.number(i + 1) for i in index)))}, target)
        return scene.changed({key: every.ravel()[one]}, target)

    return result


def _rule(edge: Edge[Any]) -> Rule:
    own = rule(edge.row, edge.position)
    assert own is not None
    return own


def _at_forks(scene: Scene[Any], edges: list[Edge[Any]], target: Expr) -> Iterator[Slip]:
    """Yield, where a value is used more than once: one path forgotten, one path alone."""
    circuit = scene.circuit
    paths: dict[Expr, list[Place]] = {}
    for edge in edges:
        paths.setdefault(edge.arg, []).append((edge.node, edge.position))
    for node, places in paths.items():
        if len(places) < 2:
            continue
        at = place(circuit, node)
        for one in places:
            rest, through = [other for other in places if other != one], place(circuit, one[0])
            if len(places) == 2:
                says = said("at {0} you used only one of the two paths: the one through {1}", at, through)
            else:
                says = said("at {0} you used only one of the {1} paths: the one through {2}", at, len(places), through)
            yield Slip("one-path", FORK, node, says, _without(rest, target))
            if len(places) > 2:
                says = said("at {0} one of the {1} paths is forgotten: the one through {2}", at, len(places), through)
                yield Slip("one-path", FORK, node, says, _without([one], target))


def _without(places: list[Place], target: Expr) -> Callable[[Scene[Any]], Any]:
    return lambda scene: scene.changed(dict.fromkeys(places), target)


def _wrong_rules(scene: Scene[Any], edges: list[Edge[Any]], target: Expr) -> Iterator[Slip]:
    """Yield the slips of the table at one gate, for the arguments that the target reaches: at all of them, and at each alone."""
    node, row, shapes = edges[0].node, edges[0].row, scene.shapes
    constant = row.name == "/" and not any(edge.position for edge in edges)
    for kind, texts, pattern in WRONG.get(row.form, ()):
        if constant and kind in _QUOTIENT_RULE:
            continue
        says = said(pattern, place(scene.circuit, node))
        wrong = {edge.position: text for edge in edges if (text := texts[edge.position]) is not None}
        for among in [wrong, *({p: text} for p, text in wrong.items() if len(wrong) > 1)]:
            for i in range(1, max(shapes.of(node), default=1) + 1 if any("[i]" in text for text in among.values()) else 2):
                made = {p: formula(text.replace("[i]", f"[{i}]"), row.formals) for p, text in among.items()}
                if not row.shape or all(fits(node, row, one, shapes.of(node.args[p]), shapes) for p, one in made.items()):
                    yield Slip(kind, RULE, node, says, _by(node, made, target))


def _by(node: Expr, wrong: dict[int, Rule], target: Expr) -> Callable[[Scene[Any]], Any]:
    return lambda scene: scene.changed({(node, p): scene.contribution((node, p), made) for p, made in wrong.items()}, target)


def fits(node: Expr, row: Op, wrong: Rule, wanted: Shape, shapes: Shapes) -> bool:
    """Tell whether a formula of a gate's arguments has the shape wanted: W for Wᵀ has it for a square matrix only."""
    stand_ins = {symbol(f"{name.leaf} of a rule"): shapes.of(arg) for name, arg in zip(formals(row), node.args)}
    out, above = symbol("out of a rule"), symbol("g of a rule")
    known = Shapes({**stand_ins, out: shapes.of(node), above: shapes.of(node)}, shapes.limits, {}, shapes.source)
    env = {**dict(zip(formals(row), stand_ins)), OUT: out, UPSTREAM: above, POSITION: Symbolic().number(1, 0)}
    try:
        return known.of(evaluate(wrong.tape, env, Symbolic())[wrong.root]) == wanted
    except GradError:
        return False


def _of_quotient_and_product(scene: Scene[Any], edges: list[Edge[Any]], target: Expr) -> Iterator[Slip]:
    """Yield (uv)′ = u′v′ and (u/v)′ = u′/v′, where both inputs depend on the target, and all are numbers."""
    node = edges[0].node
    if node.op not in ("*", "/") or len(edges) != 2 or any(scene.shapes.of(part) for part in (node, *node.args, target)):
        return
    one, two = ((edge.node, edge.position) for edge in edges)

    def result(scene: Scene[Any]) -> Any:
        slopes = [scene.slope(arg, target) for arg in node.args]
        if None in slopes:
            return None
        made = scene.arithmetic.apply(node.op, tuple(slopes))
        return scene.plus(scene.changed({one: None, two: None}, target), scene.times(scene.edges[one].upstream, made))

    at = place(scene.circuit, node)
    says = said("at {0} the product rule is u′v + uv′, not u′v′", at) if node.op == "*" else said(
        "at {0} the quotient rule is (u′v − uv′)/v², not u′/v′", at)  # fmt: skip
    yield Slip("product-rule" if node.op == "*" else "quotient-rule", COMPOSITE, node, says, result)
