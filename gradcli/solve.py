"""Program and point → Report: run the forward pass and the reverse sweep, and write down what they did."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

from gradcli import gates, higher, ledger
from gradcli.arithmetic.symbolic import Symbolic
from gradcli.backward import backward, gradient
from gradcli.circuit import Circuit
from gradcli.errors import NO_VERDICT, GradError, suggest
from gradcli.expr import ONE, Expr, make, number, symbol, tape
from gradcli.limits import Limits
from gradcli.nested import Given, Nested, Value, finite, leaves, plain, shape_of, units
from gradcli.notation.text import BRACKETED, UNICODE, text
from gradcli.point import Point, match_names
from gradcli.report import Partial, Report
from gradcli.shapes import words
from gradcli.steps import Steps
from gradcli.syntax.names import canonical
from gradcli.syntax.program import Program

MOST_ENTRIES = 16  # of an array output whose partials are written out entry by entry


class Question:
    """What is asked of a program: at which point (None: in symbols), by which variables, with which seed and gates."""

    __slots__ = ("bindings", "gates", "hessian", "limits", "notation", "order", "seed", "strict", "wrt")

    def __init__(
        self,
        bindings: dict[str, Given] | None = None,
        *,
        wrt: list[str] | None = None,
        seed: Given | None = None,
        gates: str = gates.FOLDED,
        hessian: bool = False,
        order: int = 1,
        limits: Limits | None = None,
        strict: bool = False,
        notation: str = UNICODE,
    ) -> None:
        self.strict, self.notation = strict, notation
        self.bindings, self.wrt, self.seed, self.gates = bindings, wrt, seed, gates
        self.hessian, self.order, self.limits = hessian, order, limits or Limits()


def solve(program: Program, question: Question) -> Report:
    """Return the report on a program; raise a GradError where the question has no answer.

    What overflows on the way while the answer does not, as log(1 + e^x) at x = 1000, is computed again with the
    functions that are written out fused into one gate, which has a stable formula; a note says so.
    """
    bindings = question.bindings
    if bindings is None and not program.variables:
        bindings = {}
    if bindings is not None:
        bindings = match_names(program, bindings)
    try:
        report = _solve(program, question, bindings, question.gates)
        return report if bindings is None or question.gates == gates.FUSED else _settled(report, program, question, bindings)
    except GradError as broken:
        if broken.code != NO_VERDICT or question.gates == gates.FUSED:
            raise
        try:
            report = _solve(program, question, bindings, gates.FUSED)
        except GradError:
            raise broken from None
        report.notes.insert(0, f"{broken.message}: the gates are shown fused, where it does not happen")
        return report


def _settled(report: Report, program: Program, question: Question, bindings: dict[str, Given]) -> Report:
    """Return a report whose digits can be shown: fused, where the functions written out have lost theirs.

    (e^x - e^-x)/(e^x + e^-x) at x = 20 has a derivative of 1.7e-17, which no chain of its gates can give.
    """
    if not any(node.op in _SATURATING for node in tape(program.output)):  # before the fusions are read: most need none
        return report
    if all(new is old for old, new in gates.fuse(program.output).items()):
        return report
    try:
        fused = _solve(program, question, bindings, gates.FUSED)
    except GradError:
        return report
    for name, partial in report.partials.items():
        other = fused.partials.get(name)
        if other is None or partial.status != "smooth" or other.value is None:  # at a kink the two may choose differently
            continue
        for one, two in zip(leaves(partial.value), leaves(other.value)):
            if abs(one - two) > _LOST * max(abs(one), abs(two)):
                fused.notes.insert(0, f"written out, ∂{report.output}/∂{name} loses its digits here: the gates are shown fused")
                return fused
    return report


_SATURATING = ("exp", "sinh", "cosh", "sigmoid", "softmax")  # what every fusion that saves digits is made of
_LOST = 1e-9  # relative difference from which digits are lost: more than are shown


def _solve(program: Program, question: Question, bindings: dict[str, Given] | None, mode: str) -> Report:
    sizes = {name: shape_of(given.value) for name, given in (bindings or {}).items()}
    circuit = Circuit(program, sizes, mode, question.limits, question.notation)
    targets = _targets(circuit, question.wrt)
    if question.seed is not None and (question.hessian or question.order > 1):
        raise GradError("bad-usage", "--seed does not go with --hessian or --order, which differentiate the output")
    if question.seed is not None and shape_of(question.seed.value) != circuit.shape:
        raise GradError("shape-mismatch", f"the seed is a {words(shape_of(question.seed.value))}, the output a {words(circuit.shape)}")
    doubts = ledger.doubtful(program, circuit.axes)  # what could be read otherwise is echoed with every bracket
    read, shapes = circuit.reading[program.output], circuit.shapes
    report = Report(
        program.source.text, text(read, BRACKETED, limit=20_000),
        text(read, circuit.style, shapes=shapes, limit=20_000, bracketed=bool(doubts)),
        circuit.output, circuit.shape, mode, question.notation,
    )  # fmt: skip
    if question.strict:
        ledger.refuse(doubts, program, circuit.reading)
    report.notes += ledger.notes(doubts, program, circuit.reading)
    point = None if bindings is None else Point(circuit, bindings)
    report.forward = circuit.forward(point.values if point else {})
    formulas = _formulas(circuit, question, targets, point, report.notes)
    statuses: dict[Expr, str] = {}
    if point is None:
        _symbolic(circuit, targets, formulas, report)
    else:
        statuses = _numeric(circuit, question, targets, point, formulas, report)
    if question.hessian:
        entries = sum(math.prod(circuit.shapes.of(target)) for target in targets)
        question.limits.check("elements", entries**2, "entries in the second derivatives")
        report.hessian = higher.hessian(circuit, point, targets, statuses)
    if question.order > 1:
        if len(targets) != 1:
            raise GradError("bad-usage", "--order differentiates by one variable", hint="choose it, as in --wrt x")
        report.orders = higher.orders(circuit, point, targets[0], question.order, statuses)
    return report


def _targets(circuit: Circuit, wrt: list[str] | None) -> list[Expr]:
    """Return the nodes to differentiate by: all variables, or those named, stages included."""
    if wrt is None:
        return circuit.variables
    names = [str(variable.leaf) for variable in circuit.variables]
    known = {canonical(name): node for node, name in circuit.names.items()}
    known |= {canonical(str(variable.leaf)): variable for variable in circuit.variables}
    for name in wrt:
        if canonical(name) not in known:
            raise GradError("unknown-name", f"--wrt {name}: there is no such variable",
                            hint=suggest(name, names) or f"the variables are {', '.join(names)}")  # fmt: skip
    return list(dict.fromkeys(known[canonical(name)] for name in wrt))


# ---- at a point ---------------------------------------------------------------------------------------------


def _numeric(
    circuit: Circuit, question: Question, targets: list[Expr], point: Point, formulas: dict[Expr, Expr], report: Report
) -> dict[Expr, str]:
    """Fill a report with numbers; return the status of each target that is not smooth."""
    report.bindings = {name: plain(given.value) for name, given in point.bindings.items()}
    report.value, report.seed = plain(point.values[circuit.root]), None if question.seed is None else plain(question.seed.value)
    sweeps = [
        backward(point.order, point.values, targets, seed, point.arithmetic, circuit.shapes)
        for seed in _seeds(circuit, question)
    ]  # fmt: skip
    steps = Steps(circuit, point, sweeps, jacobian=question.seed is None and circuit.shape != ())
    report.backward = steps.rows()
    statuses, notes = point.statuses(sweeps[0], targets)
    for target in targets:
        value: Nested = steps.gather(target)
        if not finite(value):
            statuses[target] = "undefined"
            notes.append(f"∂{circuit.output}/∂{circuit.name(target)} is undefined here" + (f": {steps.broken}" if steps.broken else ""))
        status = statuses.get(target, "smooth")
        shown = value if status in ("smooth", "kink") else None
        report.partials[circuit.name(target)] = _partial(circuit, target, formulas.get(target), shown, status, question)
    report.notes += notes
    return statuses


def _seeds(circuit: Circuit, question: Question) -> list[Value]:
    """Return the upstream gradients of the output to sweep from: the one given, or every unit array."""
    shape, seed = circuit.shape, question.seed
    if seed is not None:
        return [seed.value]
    entries = math.prod(shape) * max(math.prod(circuit.shapes.of(node)) for node in circuit.order)
    question.limits.check("elements", entries, "entries in a Jacobian; --seed asks for a product with it instead")
    return units(shape)


# ---- in symbols ---------------------------------------------------------------------------------------------


def _formulas(
    circuit: Circuit, question: Question, targets: list[Expr], point: Point | None, notes: list[str]
) -> dict[Expr, Expr]:
    """Return the gradient as raw expressions; nothing where a point is given and nobody could read it."""
    if point is not None and not circuit.readable:
        return {}
    seed = circuit.unit(circuit.shape) if circuit.shape else ONE
    if question.seed is not None:
        seed = symbol(circuit.free("g", "seed"))
        circuit.shapes.shape[seed] = circuit.shape
        notes.append(f"in the formulas, {seed.leaf} is the seed")
    return gradient(circuit.root, circuit.order, targets, seed, circuit.shapes)


def _partial(
    circuit: Circuit, target: Expr, formula: Expr | None, value: Nested, status: str, question: Question
) -> Partial:
    """Return a partial with its formula in plain notation, for the eye, and in index form."""
    shape, plain_text, pretty, index_form = circuit.shapes.of(target), "", "", ""
    if formula is not None and circuit.shape and question.seed is None:
        unit = circuit.unit(circuit.shape)
        index_form = circuit.indexed(circuit.simplify(formula), shape, unit)
        if not shape and (not index_form or circuit.root.op == "array") and math.prod(circuit.shape) <= MOST_ENTRIES:
            entries = _by_entry(circuit, target)
            plain_text, pretty = circuit.written(entries), circuit.pretty(entries)
    elif formula is not None:
        plain_text, pretty = circuit.written(formula), circuit.pretty(formula)
        index_form = circuit.indexed(circuit.simplify(formula), shape) if shape else ""
        index_form = "" if index_form == pretty else index_form
    return Partial(circuit.name(target), value, plain_text, pretty, index_form, shape, status)


def _by_entry(circuit: Circuit, target: Expr) -> Expr:
    """Return ∂f/∂target for an array f made of formulas, entry by entry."""
    entries = []
    for index in product(*(range(1, size + 1) for size in circuit.shape)):
        at = tuple(number(k) for k in index)
        entry = make("[]", (circuit.root, *at))
        entries.append(circuit.simplify(gradient(entry, [*circuit.order, *at, entry], [target], ONE, circuit.shapes)[target]))
    columns = circuit.shape[-1]
    if len(circuit.shape) == 1:
        return make("array", tuple(entries))
    rows = [make("array", tuple(entries[i : i + columns])) for i in range(0, len(entries), columns)]
    return make("array", tuple(rows))


def _symbolic(circuit: Circuit, targets: list[Expr], formulas: dict[Expr, Expr], report: Report) -> None:
    """Fill a report without a point: the sweep runs on expressions."""
    question = Question()
    if not circuit.shape:
        own: dict[Expr, Any] = {node: node for node in circuit.order}
        sweep = backward(circuit.order, own, targets, ONE, Symbolic(), circuit.shapes)
        report.backward = Steps(circuit, None, [sweep], jacobian=False).rows()
    for target in targets:
        partial = _partial(circuit, target, formulas[target], None, "smooth", question)
        report.partials[partial.name] = partial
        if not (partial.formula or partial.index_form):
            report.notes.append(f"the formula for {partial.name} is too long to print; the steps have it all")
