"""The slips in the backward pass: at each edge, at each gate, at each fork; none has its wrong answer typed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from gradcli.arithmetic import evaluate
from gradcli.arithmetic.symbolic import Symbolic
from gradcli.backward import Edge
from gradcli.errors import GradError
from gradcli.expr import Expr, symbol
from gradcli.judge.slips.scene import Place, Scene
from gradcli.judge.slips.slip import COMPOSITE, FORK, INNER, PASSED_ON, RULE, SIGN, UPSTREAM_ALONE, Slip, place
from gradcli.judge.slips.table import WRONG
from gradcli.ops import Op
from gradcli.rules import OUT, POSITION, UPSTREAM, Rule, formals, formula, rule
from gradcli.shapes import Shape, Shapes
from gradcli.wording import said


def of_partial(scene: Scene[Any], target: Expr) -> Iterator[Slip]:
    """Yield the slips in the sweep to a target: at each edge, at each gate, and at each fork."""
    circuit = scene.circuit
    live = circuit.live([target])
    edges = [edge for edge in scene.sweep.edges if edge.arg in live]
    gates: dict[Expr, list[Edge[Any]]] = {}
    for edge in edges:
        gates.setdefault(edge.node, []).append(edge)
    for node, own in gates.items():
        yield from _wrong_rules(scene, node, own, target)
        yield from _of_quotient_and_product(scene, node, own, target)
    for edge in edges:
        yield from _at_edge(scene, edge, target)
    yield from _at_forks(scene, edges, target)


def _at_edge(scene: Scene[Any], edge: Edge[Any], target: Expr) -> Iterator[Slip]:
    """Yield the slips that need no rule of their own: sign, one factor alone, the inner derivative forgotten."""
    circuit, key = scene.circuit, (edge.node, edge.position)
    shapes, row = circuit.shapes, edge.row
    own, at = rule(row, edge.position), place(circuit, edge.node)
    assert own is not None
    minus = (row.rules[0 if row.name == "array" else edge.position] or "").startswith("-")
    says = said("at {0} the minus is lost", at) if minus else said("at {0} the sign is turned", at)

    def turned(scene: Scene[Any]) -> Any:
        return scene.changed({key: scene.minus(scene.edges[key].contribution)}, target)

    def alone(scene: Scene[Any]) -> Any:
        return scene.changed({key: scene.contribution(key, own, scene.ones(edge.node))}, target)

    def passed_on(scene: Scene[Any]) -> Any:
        return scene.changed({key: scene.edges[key].upstream}, target)

    def cut_off(scene: Scene[Any]) -> Any:
        return scene.plus(scene.changed({key: None}, target), scene.edges[key].contribution)

    yield Slip("sign", SIGN, edge.node, says, turned, minus)
    if edge.node is not circuit.root:
        says = said("at {0} you gave the local gradient alone: multiply it by the upstream gradient", at)
        yield Slip("upstream-forgotten", UPSTREAM_ALONE, edge.node, says, alone)
    same_shape = shapes.of(edge.arg) == shapes.of(edge.node)
    if own.root.args and same_shape:
        says = said("at {0} you passed the upstream gradient on as it is: multiply it by the local gradient", at)
        yield Slip("local-forgotten", PASSED_ON, edge.node, says, passed_on)
    if edge.arg.args and edge.arg is not target and shapes.of(edge.arg) == shapes.of(target):
        says = said("the derivative of the inner function {0} is missing", place(circuit, edge.arg))
        yield Slip("inner-derivative", INNER, edge.arg, says, cut_off)


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


def _wrong_rules(scene: Scene[Any], node: Expr, edges: list[Edge[Any]], target: Expr) -> Iterator[Slip]:
    """Yield the slips of the table at one gate, for the arguments that the target reaches."""
    row, shapes = edges[0].row, scene.shapes
    for kind, texts, pattern in WRONG.get(row.form, ()):
        says = said(pattern, place(scene.circuit, node))
        wrong = {edge.position: formula(text, row.formals) for edge in edges if (text := texts[edge.position]) is not None}
        if not wrong or (row.shape and not all(fits(node, row, made, shapes.of(node.args[p]), shapes) for p, made in wrong.items())):
            continue
        if any(POSITION in made.tape for made in wrong.values()):
            for i in range(1, shapes.of(node)[0] + 1):
                numbered = {p: formula((texts[p] or "").replace("[i]", f"[{i}]"), row.formals) for p in wrong}
                yield Slip(kind, RULE, node, says, _by(node, numbered, target))
        else:
            yield Slip(kind, RULE, node, says, _by(node, wrong, target))


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


def _of_quotient_and_product(scene: Scene[Any], node: Expr, edges: list[Edge[Any]], target: Expr) -> Iterator[Slip]:
    """Yield (uv)′ = u′v′ and (u/v)′ = u′/v′, where both inputs depend on the target, and all are numbers."""
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
