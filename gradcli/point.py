"""One point: which variable has which value, and what the two passes give there, every digit of it certain."""

from __future__ import annotations

import math

from gradcli.arithmetic import Doubtful, evaluate, ready, straight
from gradcli.backward import Edge, Sweep, backward, scope
from gradcli.circuit import Circuit
from gradcli.digits import Engine, balls, engines, settled
from gradcli.errors import NO_VERDICT, GradError, nearest, suggest
from gradcli.expr import NUMBER, SYMBOL, Expr, symbol
from gradcli.light import Any, Callable, Container, Iterable, Iterator, Mapping, Record, TypeVar, cached_property
from gradcli.nested import Given, Nested, Undecided, Value, brief, leaves, nonzero, plain, zeros
from gradcli.notation.text import PLAIN, text
from gradcli.ops import COMPARISONS
from gradcli.report import JUMP, KINK
from gradcli.rules import OUT, condition, formals
from gradcli.syntax import Program
from gradcli.syntax.names import canonical, loose
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
    if spare and canonical(spare[0]) in map(canonical, program.stage_nodes):
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

EDGE, BROKEN = "edge", "broken"  # beside KINK and JUMP
MOST_WORK = 300_000  # operations on entries of arrays that are certified unasked: about a second


class Hit(Record):
    """A node where the point meets a kink or a jump, a condition at its edge, or a local gradient that does not exist."""

    node: Expr
    kind: str
    felt: bool  # something flows through it


class Told(Mapping[Expr, Value]):
    """Numbers of a pass, each read when it is asked for: who prints a gradient needs few of them."""

    def __init__(self, numbers: Callable[[], Numbers], read: Callable[[Expr], Value]) -> None:
        self._numbers, self._read, self.known = numbers, read, dict[Expr, Value]()

    def __getitem__(self, node: Expr) -> Value:
        if node not in self.known:
            self.known[node] = self._read(node)
        return self.known[node]

    def __contains__(self, node: object) -> bool:
        return node in self._numbers()

    def __iter__(self) -> Iterator[Expr]:
        return iter(self._numbers())

    def __len__(self) -> int:
        return len(self._numbers())


class Shown:
    """A sweep whose numbers are read when they are asked for."""

    def __init__(self, adjoint: Told, edges: Callable[[], list[Edge[Value]]]) -> None:
        self.adjoint, self._edges = adjoint, edges

    @cached_property
    def edges(self) -> list[Edge[Value]]:
        """Return the steps of the chain rule, in the order in which they were taken."""
        return self._edges()


class Point:
    """The values of all nodes of a circuit at one point, the sweeps from its seeds, and where they met no derivative.

    Both passes run in the first engine in which every value is known well enough to be read, the output and the partials to
    the last digit. All other numbers are read when they are asked for; one whose digits are not certain then makes the next engine
    run the passes once more.
    """

    def __init__(
        self, circuit: Circuit, bindings: dict[str, Given], targets: list[Expr], seeds: list[Value], digits: int | None = None,
        certify: bool = False,
    ) -> None:
        self.circuit, self.bindings, self.targets, self.seeds = circuit, bindings, targets, seeds
        self.arrays = circuit.has_arrays()
        self.heavy = self.arrays and not certify and circuit.work() * (1 + 3 * len(seeds)) > MOST_WORK
        self.digits = digits
        self.used: Container[Expr] = ()
        self.order: list[Expr] = []
        self.hits: list[Hit] = []
        self.engine: Engine
        self._numbers: Numbers = {}
        self._swept: list[Sweep[Any]] = []
        self._certain = False
        self._engines = engines(self.arrays, digits, self.heavy)
        self.values = Told(lambda: self._numbers, self._value)
        self.sweeps = [self._shown(k) for k in range(len(seeds))]
        self._next()

    def settled(self, compute: Callable[[Engine], T]) -> tuple[T, Engine]:
        """Return what a computation at this point gives, its digits certain, and the engine that gave them."""
        return settled(compute, engines(self.arrays, self.digits, self.heavy))

    def certified(self, compute: Callable[[Engine], T], most: int) -> tuple[T, Engine]:
        """Return what a computation at this point gives in balls of at most so many bits."""
        return settled(compute, balls(self.arrays, most))

    def numbers(self, engine: Engine, order: list[Expr]) -> Numbers:
        """Return the values of the nodes of a tape, in the arithmetic of an engine."""
        return evaluate(order, engine.environment(self.bindings), engine.arithmetic)

    # ---- both passes, and what is read of them --------------------------------------------------------------

    def _next(self) -> None:
        """Run both passes in the next engine that is certain of the results."""
        _, self.engine = settled(self._passes, self._engines)

    def _passes(self, engine: Engine) -> None:
        """Run both passes in one engine, and leave their numbers behind."""
        circuit = self.circuit
        self.engine, self._numbers = engine, self.numbers(engine, circuit.order)
        self.order, self.used, needed = circuit.order, self._numbers, self._numbers
        if circuit.branching:
            self.used, needed = self._reached(certainly=False), dict.fromkeys(self._reached(certainly=True))
            self.order = [node for node in circuit.order if node in self.used]
        if not self._certain:  # else the results are, and now others are read
            self._refuse_what_broke(engine.without_value(self.order, self._numbers), needed)
        self._swept = swept = [
            backward(self.order, self._numbers, self.targets, engine.lift(seed), engine.arithmetic, circuit.shapes, sound=engine.sound)
            for seed in self.seeds
        ]  # fmt: skip
        self.hits = self._hits()
        self.values.known[circuit.root] = engine.read(self._numbers[circuit.root])
        for sweep, shown in zip(swept, self.sweeps):
            for target in self.targets:
                if target in sweep.adjoint:
                    shown.adjoint.known[target] = engine.read(sweep.adjoint[target])
        self._certain = True

    def _told(self, read: Callable[[Engine], T]) -> T:
        """Return what is read of the passes, from the first engine from here on that is certain of it."""
        while True:
            try:
                with self.engine.precision():
                    return read(self.engine)
            except Doubtful:
                self._next()

    def _value(self, node: Expr) -> Value:
        if node in self.used:
            return self._told(lambda engine: engine.read(self._numbers[node]))
        return self._told(lambda engine: engine.glance(self._numbers[node]))

    def _shown(self, k: int) -> Shown:
        adjoint = Told(
            lambda: self._swept[k].adjoint, lambda node: self._told(lambda engine: engine.read(self._swept[k].adjoint[node]))
        )  # fmt: skip
        return Shown(adjoint, lambda: self._told(lambda engine: engine.read_edges(self._swept[k])))

    def adjoint(self, target: Expr, jacobian: bool) -> Nested:
        """Return the adjoint of a node: with a Jacobian, nested in the shape of the output."""
        missing = zeros(self.circuit.shapes.of(target))
        return self.circuit.gathered([sweep.adjoint.get(target, missing) for sweep in self.sweeps], jacobian)

    def made_of(self, node: Expr, target: Expr) -> bool:
        """Tell whether a node depends on a target."""
        return bool(self._below[node] & self._bits.get(target, 0))

    @cached_property
    def _bits(self) -> dict[Expr, int]:
        return {target: 1 << k for k, target in enumerate(self.targets)}

    @cached_property
    def _below(self) -> dict[Expr, int]:
        """Return the targets that each node depends on, a bit for each: found once, however many kinks and targets there are."""
        below: dict[Expr, int] = {}
        for node in self.circuit.order:
            below[node] = self._bits.get(node, 0)
            for arg in node.args:
                below[node] |= below[arg]
        return below

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
                holds = self.engine.read(self._numbers[node.args[0]])
                stack.append(node.args[0])
                if not isinstance(holds, float):
                    stack += () if certainly else node.args[1:]
                elif not math.isnan(holds):
                    stack.append(node.args[1] if nonzero(holds) else node.args[2])
            else:
                stack += node.args
        return reached

    def _refuse_what_broke(self, nodes: Iterable[Expr], needed: Container[Expr]) -> None:
        """Raise a GradError that names the first node without a finite value, if the output depends on it."""
        broken = next((node for node in nodes if node in needed), None)
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

    def _hits(self) -> list[Hit]:
        """Return the nodes at which the sweeps met a kink, a jump, or a local gradient that does not exist."""
        circuit, broken = self.circuit, set[Expr]().union(*(sweep.broken for sweep in self._swept))
        if not broken and not circuit.pointed:
            return []
        live, row_of, hits = circuit.live(self.targets), circuit.shapes.row_of, list[Hit]()
        for node in self.order if broken or circuit.branching else circuit.pointed:
            if node in broken:
                hits.append(Hit(node, BROKEN, True))
            elif node in live and node in circuit.pointed and self._meets(node):
                kind = EDGE if node.op in COMPARISONS else JUMP if row_of(node).jump else KINK
                hits.append(Hit(node, kind, self._felt(node)))
        return hits

    def _meets(self, node: Expr) -> bool:
        """Tell whether the condition holds under which a node has a kink or a jump."""
        row, arithmetic = self.circuit.shapes.row_of(node), self.engine.arithmetic
        known = ready(arithmetic).conditions
        if row not in known:
            written = condition(row)
            assert written is not None
            known[row] = straight(written, (*formals(row), OUT), arithmetic)
        found = known[row](scope(node, row, self._numbers))
        return not self.engine.vanishes(found) and nonzero(self.engine.read(found))

    def _felt(self, node: Expr) -> bool:
        """Tell whether something flows through a node; of one that lets nothing through, it is not asked."""
        upstream = [sweep.adjoint[node] for sweep in self._swept if node in sweep.adjoint]
        return not upstream or not any(self.circuit.shapes.row_of(node).rules) or not all(map(self.engine.vanishes, upstream))
