"""One slip at one place, how people speak of it, and which of several that are one function is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from gradcli.circuit import Circuit
from gradcli.expr import Expr
from gradcli.judge.slips.scene import Scene
from gradcli.wording import Said, said


class Slip(NamedTuple):
    """One slip at one place: ``result`` says what it makes of a partial (or value) in a scene; None for 0.

    ``rank`` orders the ways to say the same: the telling ones first. ``lost`` marks the sign of a gate whose own rule has a minus.
    ``circuit`` is 0 for that of the question, 1 for the one with fused gates. ``numbers``, where given, makes the entries at a point
    itself, for slips that no formula has.
    """

    kind: str
    rank: int
    node: Expr | None
    says: str
    result: Callable[[Scene[Any]], Any]
    lost: bool = False
    numbers: Callable[[list[list[Scene[Any]]], dict[Expr, Any]], list[Any] | None] | None = None
    circuit: int = 0


LONGEST = 40  # symbols of a formula in a sentence
WHOLE_SIGN, RULE, FORK, COMPOSITE, UPSTREAM_ALONE, INNER, PASSED_ON, WHOLE, AT_GATE, MANNER = range(10)


def own_names(circuit: Circuit) -> dict[Expr, str]:
    """Return the names that people gave, and know: not ours of the gates between."""
    return {part: name for part, name in circuit.names.items() if not part.args or part in circuit.program.stages or part is circuit.root}


def place(circuit: Circuit, node: Expr) -> str:
    """Return a gate as people speak of it: ``q = x + y`` where it has a name of theirs, else its formula."""
    own = own_names(circuit)
    short = circuit.formula(node, own, opened=node, limit=LONGEST)
    if not short:
        return said("{0} = {1}", circuit.names[node], circuit.formula(node, circuit.names, opened=node))
    return said("{0} = {1}", own[node], short) if node in own and node.args else short


def chosen(alike: list[Slip]) -> Slip:
    """Return the slip to name of several that are one function: the most telling, and no gate where it could be another."""
    first = min(alike, key=lambda slip: slip.rank)
    gates = {slip.node for slip in alike if slip.kind == first.kind and slip.rank == AT_GATE}
    if first.rank == WHOLE_SIGN:
        lost = [slip for slip in alike if slip.lost]
        there = [slip for slip in alike if slip.node is lost[0].node] if len({slip.node for slip in lost}) == 1 else [first]
        return min(there, key=lambda slip: slip.rank)
    if first.rank == AT_GATE and len(gates) > 1 and isinstance(first.says, Said):
        path = first.says.parts[0]
        pattern = said("on the path through {0} the sign is flipped", path) if first.kind == "sign" else said(
            "on the path through {0} there is a factor of 2 too many or too few", path)  # fmt: skip
        return first._replace(says=pattern)
    if first.rank == UPSTREAM_ALONE:  # at the gate nearest to the target: those above it multiply by 1
        return [slip for slip in alike if slip.rank == UPSTREAM_ALONE][-1]
    return first
