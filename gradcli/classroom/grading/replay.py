"""Both passes once more, with a student's own answers in place of some values, and what a later step then would be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from gradcli import gates
from gradcli.arithmetic import evaluate
from gradcli.arithmetic.certain import is_zero, known
from gradcli.backward import backward
from gradcli.classroom.grading.roundings import retraced
from gradcli.digits.further import Balls
from gradcli.errors import GradError
from gradcli.expr import ONE, Expr, reaching, replaced, symbols, tape
from gradcli.judge.agreement import entries
from gradcli.judge.check import Rules
from gradcli.judge.formulas import Question
from gradcli.judge.numbers import matched, value_of
from gradcli.judge.targets import Target
from gradcli.judge.truth import Truth
from gradcli.judge.verdict import CORRECT
from gradcli.judge.written import Decimal, Written, numbers_of
from gradcli.rules import OUT, condition, formals
from gradcli.shapes import Shape, Shapes
from gradcli.wording import said

# The same local gradients, written by the result or by what goes in: with a value of one's own, they are no longer the same.
BY_OUTPUT: dict[str, tuple[str | None, ...]] = {"sigmoid(x)": ("out * (1 - out)",), "tanh(x)": ("1 - out^2",)}
BY_INPUT: dict[str, tuple[str | None, ...]] = {
    "exp(x)": ("exp(x)",), "sqrt(x)": ("1/(2 * sqrt(x))",), "cbrt(x)": ("1/(3 * cbrt(x)^2)",), "x / y": ("1/y", "-x/y^2"),
}  # fmt: skip

Number = Any
Numbers = list[Any]  # the entries of one answer


class Step(NamedTuple):
    """A wrong answer of a student: to what, as it was read and as it was written, and when its turn is in the two passes."""

    asked: Target
    written: Written
    rank: tuple[int, int]

    @property
    def shown(self) -> str:
        """Return the answer as in ``q = 4``."""
        return said("{0} = {1}", self.asked.name, self.written.text)

    @property
    def formula(self) -> bool:
        """Tell whether there are variables in it."""
        return self.written.root is not None and bool(symbols(self.written.root))


def own_numbers(truth: Truth, step: Step, engine: Balls) -> Numbers:
    """Return the entries of an answer at the point."""
    assert truth.point is not None
    found = numbers_of(step.written, engine.environment(truth.point.bindings) if step.formula else {})
    return [value_of(entry) if isinstance(entry, Decimal) else entry for entry in found]


class Reading(NamedTuple):
    """The tape that is gone through again: its nodes, what they were made of, rules that differ, stages that are formulas."""

    order: list[Expr]
    changed: Mapping[Expr, Expr]
    rules: Mapping[str, tuple[str | None, ...]]
    formulas: frozenset[Expr] = frozenset()

    def node(self, asked: Target) -> Expr:
        """Return the node of a target on this tape."""
        return self.changed.get(asked.node, asked.node)


class Replay:
    """A step, and what it would be had the student's other answers been right."""

    def __init__(self, truth: Truth, step: Step, rules: Rules) -> None:
        self.truth, self.step, self.rules = truth, step, rules
        circuit = truth.circuit
        self.shapes = Shapes(circuit.shapes.shape, circuit.limits, {}, circuit.program.source)  # to be grown: not the truth's own
        self.shapes.row = dict(circuit.shapes.row)

    def follows(self, own: list[Step]) -> bool:
        """Tell whether it is certain that the step follows from these answers."""
        try:
            if self.step.formula or self.truth.point is None:
                return self._as_formula(own)
            return self._as_numbers(own)
        except GradError:
            return False

    # ---- in which ways -----------------------------------------------------------------------------------------

    def _readings(self, own: list[Step]) -> Iterator[Reading]:
        """Yield the ways to go on from values of one's own: by the rules of the table; with local gradients of the result, or of what
        goes in; with the student's formulas in place of the stages, so that they are differentiated, too.
        """  # fmt: skip
        circuit = self.truth.circuit
        yield Reading(circuit.order, {}, {})
        values = [step.asked.node for step in own if not step.asked.partial]
        if self.step.asked.partial and values:
            fused = gates.fuse(circuit.root)
            for order, changed in ((tape(fused[circuit.root]), fused), (circuit.order, {})):
                forms = {self.shapes.row_of(node).form for node in (changed.get(value, value) for value in values) if node.args}
                if changed and order[-1] is not circuit.root and forms & {*BY_OUTPUT, *BY_INPUT}:
                    yield Reading(order, changed, {})
                for rules in (BY_OUTPUT, BY_INPUT):
                    if forms & {*rules}:
                        yield Reading(order, changed, rules)
        by = {step.asked.node: _root(step) for step in own if not step.asked.partial and step.formula}
        if by and self.step.asked.node not in by and all(formula.args and formula not in circuit.order for formula in by.values()):
            changed = replaced(circuit.root, by)
            yield Reading(tape(changed[circuit.root]), changed, {}, frozenset(by))

    # ---- numbers --------------------------------------------------------------------------------------------

    def _as_numbers(self, own: list[Step]) -> bool:
        return any(self.truth.told(partial(self._told, own, reading)) for reading in self._readings(own))

    def _told(self, own: list[Step], reading: Reading, engine: Balls) -> bool:
        """Tell whether the step is right for what was written, or for numbers that round to it."""
        given = {step.asked: own_numbers(self.truth, step, engine) for step in own}
        found = self._at_point(engine, given, reading)
        if found is None or self._right(found):
            return found is not None
        rounded = {step.asked: step.written.decimals for step in own if step.written.decimals is not None}
        answers = self.step.written.decimals
        return answers is not None and retraced(
            given, rounded, found, answers, lambda moved: self._at_point(engine, moved, reading), self.rules
        )

    def _right(self, found: Numbers) -> bool:
        answers = numbers_of(self.step.written, {})
        return all(matched(answer, value, self.step.written, self.rules.tolerance).right for answer, value in zip(answers, found))

    def _at_point(self, engine: Balls, given: dict[Target, Numbers], reading: Reading) -> Numbers | None:
        """Return the entries of the step, given entries of others; None where they are not known, or there is a kink."""
        truth, point, asked = self.truth, self.truth.point, self.step.asked
        assert point is not None
        environment = engine.environment(point.bindings)
        for other, numbers in given.items():
            if not other.partial and other.node not in reading.formulas:
                environment[reading.node(other)] = _shaped(numbers, truth.circuit.shapes.of(other.node))
        node, order = reading.node(asked), reading.order
        values = evaluate(order if node in order else tape(node, order[-1]), environment, engine.arithmetic)
        if not asked.partial:
            return _known(entries(values[node]))
        if _kinked(node, order, values, engine, self.shapes):
            return None
        out: Numbers = []
        for place, seed in enumerate(point.seeds):
            above = {
                reading.node(other): _shaped(_slice(numbers, place, len(point.seeds)), truth.circuit.shapes.of(other.node))
                for other, numbers in given.items() if other.partial
            }  # fmt: skip
            swept = backward(order, values, [node], engine.lift(seed), engine.arithmetic, self.shapes, reading.rules, given=above).adjoint
            out += entries(swept[node]) if node in swept else [engine.arithmetic.number(0, 0)] * len(entries(values[node]))
        return _known(out)

    # ---- formulas -------------------------------------------------------------------------------------------

    def _as_formula(self, own: list[Step]) -> bool:
        """Tell whether a formula follows: from the student's formulas for values and for upstream gradients."""
        truth, asked, answer = self.truth, self.step.asked, self.step.written.root
        formulas = [step for step in own if step.formula or truth.point is None]
        if not formulas or answer is None or (asked.partial and truth.circuit.shape):
            return False
        found = dict.fromkeys(self._formula(formulas, reading) for reading in self._readings(formulas))
        return any(self._same(one, answer) for one in found)

    def _formula(self, own: list[Step], reading: Reading) -> Expr:
        """Return the step as a formula of the variables."""
        from gradcli.arithmetic.symbolic import Symbolic

        node, order = reading.node(self.step.asked), reading.order
        arithmetic = Symbolic.over(order)
        known_here = {symbol: symbol for symbol in symbols(order[-1], node)}
        known_here |= {
            reading.node(step.asked): _root(step) for step in own if not step.asked.partial and step.asked.node not in reading.formulas
        }  # fmt: skip
        found = evaluate(order if node in order else tape(node, order[-1]), known_here, arithmetic)
        if not self.step.asked.partial:
            return found[node]
        above = {reading.node(step.asked): _root(step) for step in own if step.asked.partial}
        for inner in (order[-1], *found.values()):
            self.shapes.of(inner)
        swept = backward(order, found, [node], ONE, arithmetic, self.shapes, reading.rules, given=above).adjoint
        return swept.get(node, arithmetic.number(0, 0))

    def _same(self, formula: Expr, answer: Expr) -> bool:
        truth = self.truth
        shapes = {str(variable.leaf): truth.circuit.shapes.of(variable) for variable in truth.circuit.variables}
        seed = f"{truth.program.source.text}\0{self.step.asked.name}"
        return Question(formula, formula, formula, shapes, {}, seed).compare(answer).verdict == CORRECT


def _root(step: Step) -> Expr:
    assert step.written.root is not None
    return step.written.root


def _known(numbers: Numbers) -> Numbers | None:
    return numbers if all(known(number) for number in numbers) else None


def _slice(numbers: Numbers, place: int, of: int) -> Numbers:
    size = len(numbers) // of
    return numbers[place * size : (place + 1) * size]


def _shaped(numbers: Numbers, shape: Shape) -> Any:
    """Return entries as a number, or as an array of this shape."""
    if not shape:
        return numbers[0]
    from gradcli.arithmetic.entries import array_of

    return array_of(numbers).reshape(shape)


def _kinked(target: Expr, order: list[Expr], values: dict[Expr, Number], engine: Balls, shapes: Shapes) -> bool:
    """Tell whether a kink or a jump between a target and the output is met, or could be."""
    live = reaching([target], order)
    for node in order:
        if node in live and node.args and (found := condition(shapes.row_of(node))) is not None:
            env = dict(zip(formals(shapes.row_of(node)), [values[arg] for arg in node.args])) | {OUT: values[node]}
            if not all(map(is_zero, entries(evaluate(found.tape, env, engine.arithmetic)[found.root]))):
                return True
    return False
