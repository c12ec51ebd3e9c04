"""The truth that answers of one question are compared with: at its point in balls, and as formulas."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

from gradcli.arithmetic import Doubtful, evaluate
from gradcli.backward import backward, gradient
from gradcli.circuit import Circuit
from gradcli.digits import FIRST_BITS, balls, each, with_arrays
from gradcli.digits.further import Balls
from gradcli.errors import NO_VERDICT, GradError
from gradcli.expr import ONE, Expr, substitute, symbol, symbols
from gradcli.judge.agreement import entries
from gradcli.judge.formulas import Question
from gradcli.limits import Limits
from gradcli.nested import Given, nest, plain, shape_of, units, zeros
from gradcli.notation.text import UNICODE, text
from gradcli.point import Point, match_names
from gradcli.report import FOLDED
from gradcli.shapes import Settled, Shape, Shapes
from gradcli.slopes import in_direction
from gradcli.solve import by_entry
from gradcli.statuses import Status, judged
from gradcli.syntax import Program
from gradcli.syntax.names import canonical

T = TypeVar("T")
SMOOTH = ("smooth", "overflow", "underflow")


class Truth:
    """A program, at a point or in symbols (bindings None); every number in it is computed once for each precision."""

    def __init__(self, program: Program, bindings: dict[str, Given] | None, limits: Limits) -> None:
        self.program, self.limits = program, limits
        given = {} if bindings is None and not program.variables else bindings
        self.bindings = None if given is None else match_names(program, given)
        sizes = {name: shape_of(given.value) for name, given in (self.bindings or {}).items()}
        self.circuit = Circuit(program, sizes, FOLDED, limits, UNICODE)
        self.nodes = self.nodes_in(self.circuit)
        self.broken: GradError | None = None
        self.point: Point | None = None
        self.kept: dict[object, Any] = {}  # what others have found out about this question, and will ask for again
        self._statuses: dict[Expr, Status] = {}
        self._numbers: dict[int, tuple[dict[Expr, Any], list[Any]]] = {}
        self._questions: dict[str, Question] = {}
        self._rounded: dict[int, tuple[dict[Expr, Any], list[Any]]] = {}
        if self.bindings is not None:
            try:
                targets = [node for node in self.nodes.values() if node in self.circuit.order]
                self.point = Point(self.circuit, self.bindings, targets, units(self.circuit.shape), 6, certify=True)
            except GradError as problem:
                if problem.code != NO_VERDICT:
                    raise
                self.broken = problem  # the function has no value here: then no answer but "undefined" is right

    def nodes_in(self, circuit: Circuit) -> dict[str, Expr]:
        """Return what can be asked about, variables, stages and the output, by canonical name: in a circuit of this program."""
        named = {canonical(name): circuit.settled.get(node, node) for name, node in self.program.stage_nodes.items()}
        if self.bindings is not None:  # a stage that nothing uses has no value on the way
            used = set(circuit.order)
            named = {name: node for name, node in named.items() if node in used}
        named |= {canonical(str(variable.leaf)): variable for variable in circuit.variables}
        named[canonical(circuit.output)] = circuit.root
        return named

    @property
    def output(self) -> str:
        return self.circuit.output

    # ---- at the point ---------------------------------------------------------------------------------------

    def told(self, compare: Callable[[Balls], T]) -> T | None:
        """Return what a comparison in balls says at the first precision at which it is certain; None if at none."""
        assert self.point is not None
        for engine in balls(self.point.arrays):
            assert isinstance(engine, Balls)
            try:
                with engine.precision():
                    return compare(engine)
            except Doubtful:
                continue
        return None

    def numbers(self, engine: Balls) -> tuple[dict[Expr, Any], list[Any]]:
        """Return the values of all nodes in balls, and the sweeps from the unit seeds."""
        assert self.point is not None
        if engine.bits not in self._numbers:
            numbers = self.point.numbers(engine, self.circuit.order)
            sweeps = [
                backward(self.point.order, numbers, self.point.targets, engine.lift(seed), engine.arithmetic, self.circuit.shapes)
                for seed in self.point.seeds
            ]  # fmt: skip
            self._numbers[engine.bits] = numbers, sweeps
        return self._numbers[engine.bits]

    def value(self, engine: Balls, node: Expr) -> list[Any]:
        """Return the entries of the value of a node."""
        return entries(self.numbers(engine)[0][node])

    def partial(self, engine: Balls, node: Expr) -> list[Any]:
        """Return the entries of the partial in a node, output by output; those a sweep does not reach are 0."""
        zero = engine.arithmetic.number(0, 0)
        size = math.prod(self.circuit.shapes.of(node))
        sweeps = self.numbers(engine)[1]
        return [entry for sweep in sweeps for entry in (entries(sweep.adjoint[node]) if node in sweep.adjoint else [zero] * size)]

    def along(self, node: Expr, direction: list[Any]) -> tuple[float, float]:
        """Return the slopes in a direction of an array, the smaller first."""
        assert self.point is not None
        found = in_direction(self.point, node, direction)
        return min(found), max(found)

    def reached(self, node: Expr, partial: bool, places: int) -> tuple[list[Any], Any]:
        """Return what each entry may have become by rounding on the way, and the arithmetic that rounds."""
        from gradcli.arithmetic.reachable import Reach, Reachable

        assert self.point is not None
        forward, scalar = Reachable(places, rounding=True), Reachable(places, rounding=False)
        arithmetic = with_arrays(scalar, self.point.arrays)
        if places not in self._rounded:
            engine = Balls(FIRST_BITS, self.point.arrays, last=False)
            with engine.precision():
                known = engine.environment(self.point.bindings)
                given = {variable: each(lambda number: Reach((number, number)), value) for variable, value in known.items()}
                numbers = evaluate(self.circuit.order, given, with_arrays(forward, self.point.arrays))
                seeds = [each(lambda number: Reach((number, number)), engine.lift(seed)) for seed in self.point.seeds]
                sweeps = [backward(self.point.order, numbers, self.point.targets, seed, arithmetic, self.circuit.shapes) for seed in seeds]
            self._rounded[places] = numbers, sweeps
        numbers, sweeps = self._rounded[places]
        if not partial:
            return entries(numbers[node]), scalar
        zero, size = scalar.number(0, 0), math.prod(self.circuit.shapes.of(node))
        return [entry for sweep in sweeps for entry in (entries(sweep.adjoint[node]) if node in sweep.adjoint else [zero] * size)], scalar

    def status(self, node: Expr) -> Status:
        """Return the status of the partial in a node, entry by entry."""
        assert self.point is not None
        if node not in self._statuses:
            shape = self.circuit.shapes.of(node)
            parts = [plain(sweep.adjoint[node]) if node in sweep.adjoint else plain(zeros(shape)) for sweep in self.point.sweeps]
            self._statuses[node] = judged(self.point, node, nest(parts, self.circuit.shape), None)
        return self._statuses[node]

    def shape(self, node: Expr, partial: bool) -> Shape:
        """Return the shape of an answer: of a value, or of a partial as output × variable."""
        inner = self.circuit.shapes.of(node)
        return self.circuit.shape + inner if partial else inner

    # ---- as formulas ----------------------------------------------------------------------------------------

    def question(self, node: Expr, partial: bool) -> Question | None:
        """Return the formula that answers are compared with; None for a Jacobian, which has none to compare."""
        key = f"{'d' if partial else ''}{text(node)}"
        if key not in self._questions:
            circuit = self.circuit
            if partial and circuit.shape and circuit.shapes.of(node):
                return None
            if partial and circuit.shape:
                truth = by_entry(circuit, node)
            else:
                truth = gradient(circuit.root, circuit.order, [node], ONE, circuit.shapes)[node] if partial else node
            function = circuit.root if partial else node
            shapes = {str(v.leaf): circuit.shapes.of(v) for v in circuit.variables}
            seed = f"{self.program.source.text}\0{key}"
            self._questions[key] = Question(function, truth, circuit.simplify(truth), shapes, self._near(), seed)
        return self._questions[key]

    def _near(self) -> dict[str, Any]:
        """Return the point as exact rationals, where it is one."""
        from gradcli.arithmetic.certain import from_float

        if self.bindings is None:
            return {}
        return {name: each(from_float, given.value) for name, given in self.bindings.items()}

    def settled(self, answer: Program) -> Expr:
        """Return an answer over the variables alone: stages and the output replaced by what they stand for."""
        meant = {canonical(str(variable.leaf)): variable for variable in self.circuit.variables}
        meant |= {canonical(name): node for name, node in self.program.stage_nodes.items()}
        meant[canonical(self.output)] = self.program.output
        spelt = {name: meant[canonical(str(name.leaf))] for name in symbols(answer.output) if canonical(str(name.leaf)) in meant}
        answer.output = substitute(answer.output, spelt)
        sizes = {str(v.leaf): self.circuit.shapes.of(v) for v in self.circuit.variables}
        shapes = Shapes({symbol(name): shape for name, shape in sizes.items()}, self.limits, dict(answer.spans), answer.source)
        return Settled(answer.tape, shapes).final[answer.output]
