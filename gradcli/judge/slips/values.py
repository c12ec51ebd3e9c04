"""The slips in the forward pass: another operation at one gate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from gradcli.arithmetic import evaluate
from gradcli.arithmetic.symbolic import Symbolic
from gradcli.circuit import Circuit
from gradcli.expr import Expr, tape
from gradcli.judge.slips.gates import fits
from gradcli.judge.slips.scene import Scene
from gradcli.judge.slips.slip import LONGEST, RULE, Slip, own_names, place
from gradcli.judge.slips.table import MISREAD
from gradcli.ops import Op
from gradcli.rules import Rule, formals, formula
from gradcli.wording import said


def of_value(scene: Scene[Any], target: Expr) -> Iterator[Slip]:
    """Yield the slips in the forward pass to a target: another operation at one gate."""
    below = set(tape(target))
    for node in scene.order:
        if node.args and node in below:
            row = scene.shapes.row_of(node)
            for text in MISREAD.get(row.form, ()):
                made = formula(text, row.formals)
                if row.shape is None or fits(node, row, made, scene.shapes.of(node), scene.shapes):
                    says = said("at {0} you computed {1}", place(scene.circuit, node), _spelt(scene.circuit, node, row, made))
                    yield Slip("another-operation", RULE, node, says, _misread(node, made, target))


def _misread(node: Expr, made: Rule, target: Expr) -> Callable[[Scene[Any]], Any]:
    return lambda scene: scene.misread(node, made, target)


def _spelt(circuit: Circuit, node: Expr, row: Op, made: Rule) -> str:
    """Return another formula of a gate's arguments: in the names people know, or where that is too long in those around it."""

    def of(args: tuple[Expr, ...]) -> Expr:
        return evaluate(made.tape, dict(zip(formals(row), args)), Symbolic())[made.root]

    meant = of(node.args)
    circuit.shapes.of(meant)
    return circuit.formula(meant, own_names(circuit), limit=LONGEST) or circuit.formula(of(circuit.itself(node).args))
