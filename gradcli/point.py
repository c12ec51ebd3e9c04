"""One point: which variable has which value, and what the two passes give there, every digit of it certain."""

from __future__ import annotations

import math

from gradcli.arithmetic import evaluate
from gradcli.backward import Sweep, backward
from gradcli.circuit import Circuit
from gradcli.digits import Engine, balls, engines, settled
from gradcli.errors import NO_VERDICT, GradError, nearest, suggest
from gradcli.expr import NUMBER, SYMBOL, Expr, symbol
from gradcli.light import Any, Callable, Record, TypeVar
from gradcli.nested import Given, Undecided, Value, brief, finite, leaves, nonzero, plain
from gradcli.notation.text import PLAIN, text
from gradcli.ops import COMPARISONS
from gradcli.rules import OUT, condition, formals
from gradcli.syntax.names import canonical, loose
from gradcli.syntax.program import Program
from gradcli.wording import joined, said


def match_names(program: Program, given: dict[str, Given]) -> dict[str, Given]:
    """Give each variable its value; complain of one that has none, and of a value that nothing asks for."""
    wanted = {canonical(name): name for name in program.variables}
    given = _nearly_spelt(wanted, given)
    by_key: dict[str, Given] = {}
    for name, value in given.items():
        if canonical(name) in by_key:
            raise GradError("bound-twice", said("{0} is given two values", name))
        by_key[canonical(name)] = value
    spare = [name for name in given if canonical(name) not in wanted]
    stages = {canonical(name): name for name in program.stage_nodes}
    if spare and canonical(spare[0]) in stages:
        raise GradError("unknown-name", said("{0} has its value from its formula: it is not given one", spare[0]), source=program.source)
    missing = [name for key, name in wanted.items() if key not in by_key]
    if missing:
        node = symbol(missing[0])
        near = nearest(missing[0], spare)
        needed = said("needed: {0}", " ".join(f"{name}=…" for name in missing))
        message = said("{0} has no value", missing[0]) if len(missing) == 1 else said("these names have no value: {0}", ", ".join(missing))
        raise GradError("missing-binding", message, program.spans[node][0] if node in program.spans else None,
                        source=program.source,
                        hint=said("{0}; you gave {1}, which does not occur: is it meant?", needed, near) if near else needed)  # fmt: skip
    if spare:
        names = list(wanted.values())
        known = said("its variables are {0}", ", ".join(names)) if names else said("it has no variables")
        raise GradError("unknown-name", said("{0} has a value but does not occur in the expression", spare[0]),
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


T = TypeVar("T")
Numbers = dict[Expr, Any]

KINK, JUMP, EDGE, BROKEN = "kink", "jump", "edge", "broken"
MOST_WORK = 300_000  # operations on entries of arrays that are certified unasked: about a second


class Hit(Record):
    """A node where the point meets a kink or a jump, a condition at its edge, or a local gradient that does not exist."""

    node: Expr
    kind: str
    felt: bool  # something flows through it


class Point:
    """The values of all nodes of a circuit at one point, the sweeps from its seeds, and where they met no derivative."""

    def __init__(
        self, circuit: Circuit, bindings: dict[str, Given], targets: list[Expr], seeds: list[Value], digits: int | None = None,
        certify: bool = False,
    ) -> None:
        self.circuit, self.bindings, self.targets, self.seeds = circuit, bindings, targets, seeds
        self.arrays = circuit.has_arrays()
        self.heavy = self.arrays and not certify and circuit.work() * (1 + 3 * len(seeds)) > MOST_WORK
        self.digits = digits
        self.values: dict[Expr, Value] = {}
        self.used: set[Expr] = set()
        self.order: list[Expr] = []
        self.hits: list[Hit] = []
        self.sweeps: list[Sweep[Value]]
        self.sweeps, self.engine = self.settled(self._passes)

    def settled(self, compute: Callable[[Engine], T]) -> tuple[T, Engine]:
        """Return what a computation at this point gives, its digits certain, and the engine that gave them."""
        return settled(compute, engines(self.arrays, self.digits, self.heavy))

    def certified(self, compute: Callable[[Engine], T], most: int) -> tuple[T, Engine]:
        """Return what a computation at this point gives in balls of at most so many bits."""
        return settled(compute, balls(self.arrays, most))

    def numbers(self, engine: Engine, order: list[Expr]) -> Numbers:
        """Return the values of the nodes of a tape, in the arithmetic of an engine."""
        return evaluate(order, engine.environment(self.bindings), engine.arithmetic)

    def _passes(self, engine: Engine) -> list[Sweep[Value]]:
        """Run both passes in one engine; leave the values behind, and return the sweeps."""
        circuit = self.circuit
        numbers = self.numbers(engine, circuit.order)
        self.used = self._reached(numbers, engine, certainly=False)
        self.order = [node for node in circuit.order if node in self.used]
        self.values = {node: (engine.read if node in self.used else engine.glance)(numbers[node]) for node in circuit.order}
        self._refuse_what_broke(self._reached(numbers, engine, certainly=True))
        swept = [
            backward(self.order, numbers, self.targets, engine.lift(seed), engine.arithmetic, circuit.shapes) for seed in self.seeds
        ]
        sweeps = [engine.read_sweep(sweep) for sweep in swept]
        self.hits = self._hits(engine, numbers, sweeps)
        return sweeps

    def at(self, node: Expr, names: dict[Expr, str]) -> str:
        """Return the arguments of a node with their values, as in ``x - 2 = -1, y = 2``."""
        args = [arg for arg in dict.fromkeys(node.args) if arg.op != NUMBER]
        return joined(", ", [said("{0} = {1}", text(arg, PLAIN, names, self.circuit.shapes), brief(self.values[arg])) for arg in args])

    def in_own_words(self, node: Expr) -> dict[Expr, str]:
        """Return the names to speak of a node in: those the user gave; all, where that would be long."""
        names = self.circuit.names
        own = {n: name for n, name in names.items() if n.op == SYMBOL or n in self.circuit.program.stages}
        return own if text(node, PLAIN, own, limit=30, opened=node) else names

    # ---- what broke -----------------------------------------------------------------------------------------

    def _reached(self, numbers: Numbers, engine: Engine, *, certainly: bool) -> set[Expr]:
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
                holds = engine.read(numbers[node.args[0]])
                stack.append(node.args[0])
                if not isinstance(holds, float):
                    stack += () if certainly else node.args[1:]
                elif not math.isnan(holds):
                    stack.append(node.args[1] if nonzero(holds) else node.args[2])
            else:
                stack += node.args
        return reached

    def _refuse_what_broke(self, needed: set[Expr]) -> None:
        """Raise a GradError that names the first node without a finite value, if the output depends on it."""
        broken = next((node for node in self.order if node in needed and not finite(self.values[node])), None)
        if broken is None:
            return
        circuit, numbers = self.circuit, leaves(plain(self.values[broken]))
        names = self.in_own_words(broken)
        shown = text(broken, PLAIN, names, circuit.shapes, opened=broken)
        where: str = said(" at {0}", self.at(broken, names)) if self.at(broken, names) else ""
        if len(numbers) > 1 and not all(map(math.isnan, numbers)):
            where = said("{0}, in entry {1}", where, next(i for i, v in enumerate(numbers, 1) if not math.isfinite(v)))
        places = circuit.shapes.spans
        span, source = places[broken][0] if broken in places else None, circuit.program.source
        if any(map(math.isinf, numbers)) and not any(map(math.isnan, numbers)):
            raise GradError("overflow", said("{0} is larger than can be computed with{1}", shown, where), span,
                            source=source, code=NO_VERDICT)  # fmt: skip
        if any(isinstance(number, Undecided) for number in numbers):
            raise GradError("undecided", said("the value of {0} could not be told{1}", shown, where), span, source=source, code=NO_VERDICT,
                            hint=said("it may lie exactly on the edge of a domain, or be too large"))  # fmt: skip
        row = circuit.shapes.row[broken]
        hint = said("{0} is defined where {1}", row.form, said(row.domain)) if row.domain else ""
        raise GradError("undefined", said("{0} is undefined{1}", shown, where), span, source=source, code=NO_VERDICT, hint=hint)

    # ---- where there may be no derivative -------------------------------------------------------------------

    def _hits(self, engine: Engine, numbers: Numbers, sweeps: list[Sweep[Value]]) -> list[Hit]:
        """Return the nodes at which the sweeps met a kink, a jump, or a local gradient that does not exist."""
        felt: dict[Expr, bool] = {}
        broken: set[Expr] = set()
        for sweep in sweeps:
            for edge in sweep.edges:
                felt[edge.node] = felt.get(edge.node, False) or nonzero(edge.upstream)
                shown = edge.contribution if edge.local is None and finite(edge.upstream) else edge.local
                if shown is not None and not finite(shown):
                    broken.add(edge.node)
        hits = []
        live, row_of = self.circuit.live(self.targets), self.circuit.shapes.row_of
        for node in self.order:
            if node in broken:
                hits.append(Hit(node, BROKEN, True))
            elif node in live and node.args and (found := condition(row_of(node))) is not None:
                env = dict(zip(formals(row_of(node)), [numbers[arg] for arg in node.args]))
                env[OUT] = numbers[node]
                if nonzero(engine.read(evaluate(found.tape, env, engine.arithmetic)[found.root])):
                    kind = EDGE if node.op in COMPARISONS else JUMP if row_of(node).jump else KINK
                    hits.append(Hit(node, kind, felt.get(node, True)))
        return hits
