"""What must have a value, or a row has none, though it may not show in the results: 0·√x, min(ln x, 3), the conditions of a branch."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce

from gradcli import ops
from gradcli.arithmetic.symbolic import Symbolic
from gradcli.circuit import Circuit
from gradcli.expr import ONE, Expr

_Guard = tuple[Expr, bool]  # a condition, and whether it holds
_MOST_CASES = 4


def needed(circuit: Circuit, targets: list[Expr], written: dict[Expr, list[Expr]], numbers: Symbolic) -> Iterator[Expr]:
    """Yield what must have a value where it counts: nodes in a branch of a condition count where the branch is taken, all others always.

    ``written`` has the entries of each node. A node that counts in many cases is taken to count always: there may be 2ⁿ of them.
    """
    live = circuit.live(targets)
    reached, stack = dict[Expr, set[tuple[_Guard, ...]]](), [(circuit.root, tuple[_Guard, ...]())]
    while stack:
        node, guards = stack.pop()
        cases = reached.setdefault(node, set())
        if guards in cases or () in cases:
            continue
        if len(cases) == _MOST_CASES:
            guards = ()
        cases.add(guards)
        always, branches = (node.args[:1], node.args[1:]) if node.op == "where" else (node.args, ())
        stack += [(branch, (*guards, (node.args[0], side))) for branch, side in zip(branches, (True, False))]
        stack += [(arg, guards) for arg in always]
        found = _without_value_somewhere(written[node], {entry for arg in node.args for entry in written[arg]})
        if node.op == "^" and node.args[1] in live:  # (-2)^3 has a value, but none beside it
            found += [numbers.apply("ln", (base,)) for base in written[node.args[0]]]
        for entry in found:
            for asked, side in reversed(guards):
                truth = _some(written[asked], side, numbers)
                entry = numbers.apply("where", (truth, entry, ONE) if side else (truth, ONE, entry))
            yield entry


def _some(truths: list[Expr], side: bool, numbers: Symbolic) -> Expr:
    """Return a number that is not 0 if some condition of several holds; or 0 if some does not."""
    if len(truths) == 1:
        return truths[0]
    return reduce(lambda a, b: numbers.apply("max" if side else "min", (a, b)), [numbers.apply("abs", (truth,)) for truth in truths])


def _without_value_somewhere(entries: list[Expr], others: set[Expr]) -> list[Expr]:
    """Return what entries are made of that has no value everywhere; as far as it is not made of others."""
    found, reached, stack = list[Expr](), set(others), list(entries)
    while stack:
        node = stack.pop()
        if node not in reached:
            reached.add(node)
            stack += node.args[:1] if node.op == "where" else node.args
            if node.args and any(row.domain for row in ops.rows(node.op, len(node.args))):
                found.append(node)
    return found
