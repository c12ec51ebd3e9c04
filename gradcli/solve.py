"""Program and point → Report: run the forward pass and the reverse sweep, and write down what they did."""

from __future__ import annotations

import math
from itertools import product

from gradcli.backward import backward, gradient
from gradcli.circuit import Circuit
from gradcli.digits import MOST_BITS, Engine
from gradcli.errors import NO_VERDICT, GradError, suggest
from gradcli.expr import ONE, Expr, make, number, symbol
from gradcli.light import TYPE_CHECKING, Any, Callable, Sequence, cache
from gradcli.limits import Limits
from gradcli.nested import Given, Nested, Value, brief, leaves, nest, plain, shape_of, units
from gradcli.notation import NOTHING, Formula
from gradcli.notation.text import BRACKETED, UNICODE, text
from gradcli.point import Point, match_names
from gradcli.report import FOLDED, Certificate, Partial, Report
from gradcli.shapes import words
from gradcli.statuses import decimals, judged
from gradcli.syntax import Program
from gradcli.syntax.names import canonical
from gradcli.wording import said

if TYPE_CHECKING:
    from gradcli.backward import Sweep
    from gradcli.point import Shown
    from gradcli.report import Step
    from gradcli.syntax import Reading

OURS = "min-norm"
CONVENTION_NAMES = (OURS, "torch", "jax", "tensorflow", "autograd", "casadi")
MOST_PIECES = 20_000  # of a reading
MOST_ENTRIES = 16  # of an array output whose partials are written out entry by entry


Formulas = Callable[[], dict[Expr, Expr]]


class Question:
    """What is asked of a program: at which point (None: in symbols), by which variables, with which seed and gates.

    ``digits`` are to be shown of every number (None: all of a float64); ``precision`` are to be proved of the results;
    ``convention`` says whose number a partial has where there is no derivative.
    """

    __slots__ = (
        "bindings", "convention", "digits", "gates", "hessian", "limits", "notation", "order", "precision", "seed", "strict",
        "verify", "wrt",
    )  # fmt: skip

    def __init__(
        self,
        bindings: dict[str, Given] | None = None,
        *,
        wrt: list[str] | None = None,
        seed: Given | None = None,
        gates: str = FOLDED,
        hessian: bool = False,
        order: int = 1,
        limits: Limits | None = None,
        strict: bool = False,
        notation: str = UNICODE,
        digits: int | None = None,
        precision: int | None = None,
        verify: bool = False,
        convention: str = OURS,
    ) -> None:
        self.verify, self.convention = verify, convention
        self.strict, self.notation, self.digits, self.precision = strict, notation, digits, precision
        self.bindings, self.wrt, self.seed, self.gates = bindings, wrt, seed, gates
        self.hessian, self.order, self.limits = hessian, order, limits or Limits()


def solve(program: Program, question: Question) -> Report:
    """Return the report on a program; raise a GradError where the question has no answer."""
    bindings = question.bindings
    if bindings is None and not program.variables:
        bindings = {}
    if bindings is not None:
        bindings = match_names(program, bindings)
    sizes = {name: shape_of(given.value) for name, given in (bindings or {}).items()}
    circuit = Circuit(program, sizes, question.gates, question.limits, question.notation)
    targets = _targets(circuit, question.wrt)
    if question.seed is not None and (question.hessian or question.order > 1):
        raise GradError("bad-usage", said("--seed does not go with --hessian or --order, which differentiate the output"))
    if question.seed is not None and shape_of(question.seed.value) != circuit.shape:
        given = words(shape_of(question.seed.value))
        raise GradError("shape-mismatch", said("the seed is a {0}, the output a {1}", given, words(circuit.shape)))
    doubts, notes = _doubts(program, circuit, question.strict)  # what could be read otherwise is echoed with every bracket
    read = circuit.reading[program.output]
    report = Report(
        program.source.text, circuit.output, circuit.shape, question.gates, question.notation,
        expression=lambda: text(read, BRACKETED, limit=MOST_PIECES),
        reading=lambda: circuit.formula(read, limit=MOST_PIECES, bracketed=bool(doubts)),
        forward=lambda: circuit.forward(point.values if point else {}),
    )  # fmt: skip
    report.notes += notes
    point = None
    if bindings is not None:
        seeds, certify = _seeds(circuit, question), question.precision is not None
        try:
            point = Point(circuit, bindings, targets, seeds, question.digits, certify=certify)
        except GradError as broken:
            if broken.code == NO_VERDICT:
                from gradcli.rescue import rescue

                broken.hint = rescue(program, circuit, bindings, question.limits) or broken.hint
            raise
    formulas = _formulas(circuit, question, targets, point, report.notes)
    statuses: dict[Expr, str] = {}
    if point is None:
        _symbolic(circuit, targets, formulas, report)
    else:
        statuses = _numeric(circuit, question, targets, point, formulas, report)
    if question.hessian:
        entries = sum(math.prod(circuit.shapes.of(target)) for target in targets)
        question.limits.check("elements", entries**2, said("entries in the second derivatives"))
        from gradcli import higher

        report.hessian = higher.hessian(circuit, point, targets, statuses)
    if question.order > 1:
        if len(targets) != 1:
            raise GradError("bad-usage", said("--order differentiates by one variable"), hint=said("choose it, as in --wrt x"))
        from gradcli import higher

        report.orders = higher.orders(circuit, point, targets[0], question.order, statuses)
    return report


def _doubts(program: Program, circuit: Circuit, strict: bool) -> tuple[list[Reading], list[str]]:
    """Return what could be read otherwise, and a note for each; raise a GradError for the first where that is not allowed."""
    if not program.readings:
        return [], []
    from gradcli import ledger

    doubts = ledger.doubtful(program, circuit.axes)
    if strict:
        ledger.refuse(doubts, program, circuit.reading)
    return doubts, ledger.notes(doubts, program, circuit.reading)


def _rows(circuit: Circuit, point: Point | None, sweeps: Sequence[Sweep[Any] | Shown], jacobian: bool) -> Callable[[], list[Step]]:
    """Return what writes the backward pass down, for those who look at it."""

    def rows() -> list[Step]:
        from gradcli.steps import Steps

        return Steps(circuit, point, sweeps, jacobian).rows()

    return rows


def _targets(circuit: Circuit, wrt: list[str] | None) -> list[Expr]:
    """Return the nodes to differentiate by: all variables, or those named, stages included."""
    if wrt is None:
        return circuit.variables
    names = [str(variable.leaf) for variable in circuit.variables]
    known = {canonical(name): node for node, name in circuit.names.items()}
    known |= {canonical(str(variable.leaf)): variable for variable in circuit.variables}
    for name in wrt:
        if canonical(name) not in known:
            raise GradError("unknown-name", said("--wrt {0}: there is no such variable", name),
                            hint=suggest(name, names) or said("the variables are {0}", ", ".join(names)))  # fmt: skip
    return list(dict.fromkeys(known[canonical(name)] for name in wrt))


# ---- at a point ---------------------------------------------------------------------------------------------


def _numeric(
    circuit: Circuit, question: Question, targets: list[Expr], point: Point, formulas: Formulas, report: Report
) -> dict[Expr, str]:
    """Fill a report with numbers; return the status of each target that is not smooth."""
    report.bindings = {name: plain(given.value) for name, given in point.bindings.items()}
    report.value, report.seed = plain(point.values[circuit.root]), None if question.seed is None else plain(question.seed.value)
    jacobian = question.seed is None and circuit.shape != ()
    report.later["backward"] = _rows(circuit, point, point.sweeps, jacobian)
    if point.heavy:
        report.notes.append(said("with {0} operations on entries, these are the digits of float64; --certify proves them", circuit.work()))
    statuses = {}
    noted: dict[str, list[str]] = {}
    for target in targets:
        name = circuit.name(target)
        found = judged(point, target, point.adjoint(target, jacobian), None if question.seed is None else question.seed.value)
        statuses[target] = found.status
        partial = _partial(circuit, target, formulas, found.value, found.status, question)
        partial.left, partial.right, partial.cause, partial.entries = found.left, found.right, found.cause, found.entries
        partial.certified = decimals(found.value)
        if question.convention != OURS and found.cause:
            report.notes.append(_by_convention(circuit, point, target, partial, question))
        report.partials[name] = partial
        if found.note:
            noted.setdefault(found.note, []).append(f"∂{circuit.output}/∂{name}")
    report.notes += [said("{0}: {1}", ", ".join(names), note) for note, names in noted.items()]
    if question.verify:
        from gradcli.opinions import opinions

        given = None if question.seed is None else question.seed.value
        report.opinions = {circuit.name(t): opinions(point, t, report.partials[circuit.name(t)], given) for t in targets}
    if question.precision is not None:
        _certify(circuit, point, targets, question, report)
    return statuses


def _by_convention(circuit: Circuit, point: Point, target: Expr, partial: Partial, question: Question) -> str:
    """Give a partial at a kink the number that a framework has there; return a note that says so."""
    from gradcli.conventions import CONVENTIONS

    chosen = CONVENTIONS[question.convention]
    value = conventional_partial(circuit, point, target, question.convention, jacobian=question.seed is None and circuit.shape != ())
    partial.value = value if all(map(math.isfinite, leaves(value))) else None
    brand = f"{chosen.library} {chosen.version}"
    name = f"∂{circuit.output}/∂{circuit.name(target)}"
    if partial.value is None:
        return said("{0}: {1} gives {2}, which is no number here, at {3}", name, brand, brief(value), partial.cause)
    return said("{0}: {1} has {2} here, at {3}", name, brand, brief(value), partial.cause)


def conventional_partial(circuit: Circuit, point: Point, target: Expr, convention: str, jacobian: bool) -> Nested:
    """Return the number that a framework has for a partial at a point, nested; not finite where it has none."""
    from gradcli.conventions import CONVENTIONS, conventional

    environment = {symbol(name): given.value for name, given in point.bindings.items()}
    chosen = CONVENTIONS[convention]
    parts = [
        plain(conventional(circuit.order, environment, [target], seed, circuit.shapes, chosen)[target]) for seed in point.seeds
    ]  # fmt: skip
    return nest(parts, circuit.shape) if jacobian else parts[0]


def _certify(circuit: Circuit, point: Point, targets: list[Expr], question: Question, report: Report) -> None:
    """Write down the proved digits of the value and of every partial that exists."""
    from gradcli.digits.further import Balls

    digits = question.precision or 0

    def compute(engine: Engine) -> tuple[Any, dict[str, Any]]:
        assert isinstance(engine, Balls)
        numbers = point.numbers(engine, circuit.order)
        sweeps = [
            backward(point.order, numbers, targets, engine.lift(seed), engine.arithmetic, circuit.shapes) for seed in point.seeds
        ]
        jacobian, zero = question.seed is None and circuit.shape != (), "0"
        partials = {}
        for target in targets:
            if report.partials[circuit.name(target)].status not in ("smooth", "overflow", "underflow"):
                continue
            parts = [engine.decimals(s.adjoint[target], digits) if target in s.adjoint else zero for s in sweeps]
            partials[circuit.name(target)] = nest(parts, circuit.shape) if jacobian else parts[0]
        return engine.decimals(numbers[circuit.root], digits), partials

    (value, partials), engine = point.certified(compute, max(MOST_BITS, 16 * digits))
    report.certificate = Certificate(value, partials, digits, engine.method)


def _seeds(circuit: Circuit, question: Question) -> list[Value]:
    """Return the upstream gradients of the output to sweep from: the one given, or every unit array."""
    shape, seed = circuit.shape, question.seed
    if seed is not None:
        return [seed.value]
    if not circuit.has_arrays():
        return units(())
    entries = math.prod(shape) * max(math.prod(circuit.shapes.of(node)) for node in circuit.order)
    question.limits.check("elements", entries, said("entries in a Jacobian; --seed asks for a product with it instead"))
    return units(shape)


# ---- in symbols ---------------------------------------------------------------------------------------------


def _formulas(circuit: Circuit, question: Question, targets: list[Expr], point: Point | None, notes: list[str]) -> Formulas:
    """Return what gives the gradient as raw expressions, found once; nothing where a point is given and nobody could read it."""
    if point is not None and not circuit.readable:
        return dict
    seed = circuit.unit(circuit.shape) if circuit.shape else ONE
    if question.seed is not None:
        seed = symbol(circuit.free("g", "seed"))
        circuit.shapes.shape[seed] = circuit.shape
        notes.append(said("in the formulas, {0} is the seed", seed.leaf))
    return cache(lambda: gradient(circuit.root, circuit.order, targets, seed, circuit.shapes))


def _partial(circuit: Circuit, target: Expr, formulas: Formulas, value: Nested, status: str, question: Question) -> Partial:
    """Return a partial, which will write its formula in plain notation, for the eye, and in index form."""
    shape = circuit.shapes.of(target)

    def written() -> tuple[str, Formula, Formula]:
        formula, plain_text, pretty, index_form = formulas().get(target), "", NOTHING, NOTHING
        if formula is not None and circuit.shape and question.seed is None:
            unit = circuit.unit(circuit.shape)
            index_form = circuit.indexed(circuit.simplify(formula), shape, unit)
            if not shape and (not index_form or circuit.root.op == "array") and math.prod(circuit.shape) <= MOST_ENTRIES:
                entries = by_entry(circuit, target)
                plain_text, pretty = circuit.written(entries), circuit.pretty(entries)
        elif formula is not None:
            plain_text, pretty = circuit.written(formula), circuit.pretty(formula)
            index_form = circuit.indexed(circuit.simplify(formula), shape) if shape else NOTHING
            index_form = NOTHING if index_form == pretty else index_form
        return plain_text, pretty, index_form

    return Partial(circuit.name(target), value, shape, status, written)


def by_entry(circuit: Circuit, target: Expr) -> Expr:
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


def _symbolic(circuit: Circuit, targets: list[Expr], formulas: Formulas, report: Report) -> None:
    """Fill a report without a point: the sweep runs on expressions."""
    from gradcli.arithmetic.symbolic import Symbolic

    question = Question()
    if not circuit.shape:
        own: dict[Expr, Any] = {node: node for node in circuit.order}
        sweep = backward(circuit.order, own, targets, ONE, Symbolic(), circuit.shapes)
        report.later["backward"] = _rows(circuit, None, [sweep], jacobian=False)
    for target in targets:
        partial = _partial(circuit, target, formulas, None, "smooth", question)
        report.partials[partial.name] = partial
        if not (partial.formula or partial.index_form):
            report.notes.append(said("the formula for {0} is too long to print; the steps have it all", partial.name))
