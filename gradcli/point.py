"""One point: which variable has which value, and what the forward pass gives there."""

from __future__ import annotations

import math
from typing import Any

from gradcli.arithmetic import evaluate
from gradcli.backward import Sweep
from gradcli.circuit import Circuit
from gradcli.errors import NO_VERDICT, GradError, suggest
from gradcli.expr import NUMBER, SYMBOL, Expr, symbol, tape
from gradcli.nested import Given, Value, brief, finite, leaves, nonzero, plain
from gradcli.notation.text import PLAIN, UNICODE, text
from gradcli.ops import COMPARISONS
from gradcli.rules import OUT, condition, formals
from gradcli.syntax.names import canonical, loose
from gradcli.syntax.program import Program
from gradcli.values import arithmetic_for


def match_names(program: Program, given: dict[str, Given]) -> dict[str, Given]:
    """Give each variable its value; complain of one that has none, and of a value that nothing asks for."""
    wanted = {canonical(name): name for name in program.variables}
    given = _nearly_spelt(wanted, given)
    by_key: dict[str, Given] = {}
    for name, value in given.items():
        if canonical(name) in by_key:
            raise GradError("bound-twice", f"{name} is given two values")
        by_key[canonical(name)] = value
    spare = [name for name in given if canonical(name) not in wanted]
    stages = {canonical(name): name for name in program.stage_nodes}
    if spare and canonical(spare[0]) in stages:
        raise GradError("unknown-name", f"{spare[0]} has its value from its formula: it is not given one", source=program.source)
    missing = [name for key, name in wanted.items() if key not in by_key]
    if missing:
        node = symbol(missing[0])
        near = suggest(missing[0], spare).removeprefix("did you mean ").removesuffix("?")
        needed = "needed: " + " ".join(f"{name}=…" for name in missing)
        message = f"{missing[0]} has no value" if len(missing) == 1 else f"these names have no value: {', '.join(missing)}"
        raise GradError("missing-binding", message, program.spans[node][0] if node in program.spans else None,
                        source=program.source,
                        hint=f"{needed}; you gave {near}, which does not occur: is it meant?" if near else needed)  # fmt: skip
    if spare:
        names = list(wanted.values())
        known = f"its variables are {', '.join(names)}" if names else "it has no variables"
        raise GradError("unknown-name", f"{spare[0]} has a value but does not occur in the expression",
                        hint=suggest(spare[0], names) or known)  # fmt: skip
    return {name: by_key[key] for key, name in wanted.items()}


def _nearly_spelt(wanted: dict[str, str], given: dict[str, Given]) -> dict[str, Given]:
    """Give a value to the one name it can only mean: xmax=1 to x_max, haty=1 to yhat (written \\hat y)."""
    missing = [name for key, name in wanted.items() if key not in set(map(canonical, given))]
    alike = {loose(name): [n for n in missing if loose(n) == loose(name)] for name in missing}
    out: dict[str, Given] = {}
    for name, value in given.items():
        found = alike.get(loose(name), []) if canonical(name) not in wanted else []
        out[found[0] if len(found) == 1 and found[0] not in given else name] = value
    return out


class Point:
    """The values of all nodes of a circuit at one point, and in which arithmetic."""

    def __init__(self, circuit: Circuit, bindings: dict[str, Given]) -> None:
        self.circuit, self.bindings = circuit, bindings
        self.arithmetic = arithmetic_for(circuit.shapes, circuit.order)
        self.values = evaluate(circuit.order, self.environment(), self.arithmetic)
        self.used = self._reached(certainly=False)
        self.order = [node for node in circuit.order if node in self.used]
        self._refuse_what_broke()

    def environment(self) -> dict[Expr, Value]:
        """Return the values of the variables, as evaluation starts from them."""
        return {symbol(name): given.value for name, given in self.bindings.items()}

    def at(self, node: Expr, names: dict[Expr, str]) -> str:
        """Return the arguments of a node with their values, as in ``x - 2 = -1, y = 2``."""
        args = [arg for arg in dict.fromkeys(node.args) if arg.op != NUMBER]
        return ", ".join(f"{text(arg, PLAIN, names, self.circuit.shapes)} = {brief(self.values[arg])}" for arg in args)

    def in_own_words(self, node: Expr) -> dict[Expr, str]:
        """Return the names to speak of a node in: those the user gave; all, where that would be long."""
        names = self.circuit.names
        own = {n: name for n, name in names.items() if n.op == SYMBOL or n in self.circuit.program.stages}
        return own if text(node, PLAIN, own, limit=30, opened=node) else names

    # ---- what broke -----------------------------------------------------------------------------------------

    def _reached(self, *, certainly: bool) -> set[Expr]:
        """Return the nodes that the output is made of: not the branches that a condition leaves out.

        Where a condition is an array, both branches may count, entry by entry; ``certainly`` leaves these out.
        """
        reached: set[Expr] = set()
        stack = [self.circuit.root]
        while stack:
            node = stack.pop()
            if node in reached:
                continue
            reached.add(node)
            if node.op == "where":
                holds = self.values[node.args[0]]
                stack.append(node.args[0])
                if not isinstance(holds, float):
                    stack += () if certainly else node.args[1:]
                elif not math.isnan(holds):
                    stack.append(node.args[1] if holds else node.args[2])
            else:
                stack += node.args
        return reached

    def _refuse_what_broke(self) -> None:
        """Raise a GradError that names the first node without a finite value, if the output depends on it."""
        if all(finite(value) for value in self.values.values()):
            return
        needed = self._reached(certainly=True)
        broken = next((node for node in self.order if node in needed and not finite(self.values[node])), None)
        if broken is None:
            return
        circuit, numbers = self.circuit, leaves(plain(self.values[broken]))
        names = self.in_own_words(broken)
        shown = text(broken, PLAIN, names, circuit.shapes, opened=broken)
        where = f" at {self.at(broken, names)}" if self.at(broken, names) else ""
        if len(numbers) > 1 and not all(map(math.isnan, numbers)):
            where += f", in entry {next(i for i, v in enumerate(numbers, 1) if not math.isfinite(v))}"
        places = circuit.shapes.spans
        span, source = places[broken][0] if broken in places else None, circuit.program.source
        if any(map(math.isinf, numbers)) and not any(map(math.isnan, numbers)):
            raise GradError("overflow", f"{shown} is larger than a float64 can hold{where}", span,
                            source=source, code=NO_VERDICT)  # fmt: skip
        row = circuit.shapes.row[broken]
        hint = f"{row.form} is defined where {row.domain}" if row.domain else ""
        raise GradError("undefined", f"{shown} is undefined{where}", span, source=source, code=NO_VERDICT, hint=hint)

    # ---- kinks ----------------------------------------------------------------------------------------------

    def statuses(self, sweep: Sweep[Any], targets: list[Expr]) -> tuple[dict[Expr, str], list[str]]:
        """Return the targets below a kink or a jump that the sweep passed through, and a note on each of these."""
        circuit, status, notes = self.circuit, dict[Expr, str](), []
        for node, edge in {edge.node: edge for edge in sweep.edges}.items():
            rule = condition(edge.row)
            if rule is None or not (edge.row.jump or nonzero(edge.upstream)):
                continue
            env = dict(zip(formals(edge.row), [self.values[arg] for arg in node.args]))
            env[OUT] = self.values[node]
            if not nonzero(evaluate(rule.tape, env, self.arithmetic)[rule.root]):
                continue
            shown = text(node, UNICODE, circuit.names, circuit.shapes, opened=node)
            if edge.row.jump:
                notes.append(f"{circuit.name(node)} = {shown} jumps here: there is no gradient through it")
            else:
                notes.append(f"{circuit.name(node)} = {shown} has a kink here: the gradient is one of its subgradients")
            below = set(tape(node))
            for target in targets:
                if target in below and status.get(target) != "jump":
                    status[target] = "jump" if edge.row.jump else "kink"
        return status, notes + self._edges_of_conditions(targets)

    def _edges_of_conditions(self, targets: list[Expr]) -> list[str]:
        live, notes = self.circuit.live(targets), []
        for node in self.circuit.order:
            if node.op in COMPARISONS and node in live:
                left, right = (self.values[arg] for arg in node.args)
                if nonzero(self.arithmetic.apply("==", (left, right))):
                    shown = text(node, UNICODE, self.circuit.names, opened=node)
                    notes.append(f"the condition {shown} is at its edge here: the gradient is that of the branch taken")
        return notes
