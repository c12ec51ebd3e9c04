"""The tape of a row: formulas of single numbers as a straight line of steps, each writing one place."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from gradcli.arithmetic import BY_SIGN, Doubtful, evaluate
from gradcli.arithmetic.real import Real
from gradcli.arithmetic.running import RUNNING
from gradcli.batch.lower import LINEAR, THROUGH, Lowered
from gradcli.expr import SYMBOL, ZERO, Expr, tape

__all__ = ["LINEAR", "THROUGH", "Key", "Step", "Tape"]

Key = tuple[str | int, ...]  # the name of a variable, and the index of the entry


class Step(NamedTuple):
    """One operation: ``outs`` = op(``args``), all of them places; of LINEAR with its weights, outs × args, and whether they are rounded."""

    op: str
    args: tuple[int, ...]
    outs: tuple[int, ...]
    weights: tuple[tuple[float, ...], ...] = ()
    rounded: bool = False


class Tape:
    """Steps in order of evaluation, and the places of what comes in and what goes out; every place is written once."""

    def __init__(self, lowered: Lowered) -> None:
        wanted = [*(entry for entries in lowered.outputs for entry in entries), *lowered.apart, *lowered.quiet, *lowered.needed]
        order = tape(*(entry for entries in lowered.variables.values() for entry in entries), *wanted)
        place = {node: k for k, node in enumerate(order)}
        self.size = len(order)
        self.inputs: dict[int, Key] = {}
        self.constants: dict[int, tuple[float, float]] = {}  # value, and a bound of its error
        self.steps: list[Step] = []
        varies = _varying(order)
        products: dict[tuple[Expr, ...], list[Expr]] = {}
        for node in order:
            if node.op == LINEAR:
                products.setdefault(node.args, []).append(node)
        for node in order:
            k, args = place[node], tuple([place[arg] for arg in node.args])
            if node not in varies:
                self.constants[k] = _constant(node)
            elif node.op == SYMBOL:
                assert isinstance(node.leaf, tuple)
                self.inputs[k] = node.leaf
            elif node.op != LINEAR:
                self.steps.append(Step(node.op, args, (k,)))
            elif products[node.args][0] is node:
                rows = products[node.args]
                leaves: list[Any] = [row.leaf for row in rows]
                weights, rounded = tuple(weights for weights, _ in leaves), any(rounded for _, rounded in leaves)
                self.steps.append(Step(LINEAR, args, tuple(place[row] for row in rows), weights, rounded))
        self.outputs = [[place[entry] for entry in entries] for entries in lowered.outputs]
        self.apart = [place[entry] for entry in lowered.apart]
        self.quiet = [place[entry] for entry in lowered.quiet]
        self.needed = [place[entry] for entry in lowered.needed]
        self.sign = _signs(order, place, self.constants)
        whole = _whole(order, place, self.constants)
        self.whole = [k in whole for k in range(self.size)]


def _varying(order: list[Expr]) -> set[Expr]:
    """Return the nodes that depend on a variable."""
    varies: set[Expr] = set()
    for node in order:
        if node.op == SYMBOL or not varies.isdisjoint(node.args):
            varies.add(node)
    return varies


def _constant(node: Expr) -> tuple[float, float]:
    """Return the value of a constant formula and a bound of its error; an infinite one where floats cannot tell."""
    order = tape(node)
    try:
        return evaluate(order, {}, RUNNING)[node]
    except Doubtful:
        return evaluate(order, {}, Real())[node], math.inf


_ABOVE = ("exp", "abs", "sqrt", "cosh", "gauss", "normcdf", "normpdf", "erfc", "hypot")  # never below 0


def _signs(order: list[Expr], place: dict[Expr, int], constants: dict[int, tuple[float, float]]) -> list[int]:
    """Return what can be seen of the signs without a number: 1 never below 0, -1 never above, 0 unknown."""
    sign = [0] * len(order)
    for node in order:
        k, args = place[node], [sign[place[arg]] for arg in node.args]
        if k in constants:
            sign[k] = (constants[k][0] > 0) - (constants[k][0] < 0)
        elif node.op in _ABOVE or (node.op == "*" and node.args[0] is node.args[1]):
            sign[k] = 1
        elif node.op == "-" and len(args) == 1:
            sign[k] = -args[0]
        elif node.op == "-" and args[0] == -args[1]:
            sign[k] = args[0]
        elif node.op in ("*", "/", THROUGH):
            sign[k] = args[0] * args[1]
        elif node.op in ("+", "max", "min") and args[0] == args[1]:
            sign[k] = args[0]
        elif node.op == "where" and args[1] == args[2]:
            sign[k] = args[1]
        elif node.op == "max" and (1 in args or ZERO in node.args):
            sign[k] = 1
    return sign


def _whole(order: list[Expr], place: dict[Expr, int], constants: dict[int, tuple[float, float]]) -> set[int]:
    """Return the places that always hold a small whole number: counts of conditions, on which no operation makes an error."""
    whole: set[int] = set()
    for node in order:
        k = place[node]
        if k in constants:
            holds = constants[k] == (round(constants[k][0]), 0.0) if math.isfinite(constants[k][0]) else False
        elif node.op in BY_SIGN:
            holds = True
        elif node.op == "where":
            holds = all(place[arg] in whole for arg in node.args[1:])
        else:
            holds = node.op in ("+", "-", "*", "max", "min") and all(place[arg] in whole for arg in node.args)
        if holds:
            whole.add(k)
    return whole
