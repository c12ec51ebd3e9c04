"""Judging one answer against the truth: a number, an array, a formula, or that there is no derivative."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations
from typing import Any, NamedTuple

from flint import fmpq

from gradcli.arithmetic.certain import UNDEFINED
from gradcli.arithmetic.reachable import reaches
from gradcli.digits.further import Balls
from gradcli.errors import GradError, Source
from gradcli.expr import Expr
from gradcli.judge.diagnosis import diagnose
from gradcli.judge.expected import expected, settled_number
from gradcli.judge.numbers import FEW, Match, Tolerance, matched, number_of, value_of
from gradcli.judge.targets import Target, begged, known_names, target_of, unknown
from gradcli.judge.truth import SMOOTH, Truth
from gradcli.judge.verdict import CORRECT, INCORRECT, INVALID, UNDECIDED, Verdict
from gradcli.judge.written import Decimal, Written, nested, numbers_of, read_answer
from gradcli.limits import Limits
from gradcli.nested import leaves
from gradcli.report import KINDS, WITHOUT_NUMBER
from gradcli.shapes import Shape, words
from gradcli.statuses import Status
from gradcli.syntax.names import canonical
from gradcli.syntax.reader import read
from gradcli.wording import joined, said

ANY, STRICT = "any", "strict"
NOTE = "note"
_UNDEFINED, _UNDECIDED, _BALLS, _SLOPES = said("undefined"), said("undecided"), said("balls"), said("one-sided slopes")


class Rules(NamedTuple):
    """How answers are judged: the tolerance of numbers, kinks by any subgradient or by ours, differing domains by a note or as wrong."""

    tolerance: Tolerance = Tolerance()
    kink: str = ANY
    domain: str = NOTE
    rounded: int | None = None


def judge(
    truth: Truth, target: str, source: Source, start: int, end: int, rules: Rules, limits: Limits, latex: bool = False,
    elsewhere: Sequence[Truth] = (),
) -> Verdict:
    """Return the verdict on an answer that stands in a part of a text, and the slip that explains a wrong one.

    ``elsewhere`` are the other points of its question: an answer may be right for one of them.
    """
    given = source.text[start:end].strip()
    try:
        asked = target_of(target, truth)
        written = read_for(truth, asked, source, start, end, limits, latex)
        verdict = _judged(truth, asked, written, truth.shape(asked.node, asked.partial), rules)
        if verdict.verdict == INCORRECT and verdict.error != FEW:  # too few digits of the right number are no slip
            verdict.diagnosis = diagnose(truth, asked, written, elsewhere, rules.tolerance.digits)
        verdict.target = asked.name
    except GradError as problem:
        verdict = Verdict(INVALID, error=problem.message, hint=problem.hint, notes=[str(problem)], problem=problem)
        verdict.target = target.strip()
    verdict.given = given
    return verdict


def read_for(truth: Truth, asked: Target, source: Source, start: int, end: int, limits: Limits, latex: bool = False) -> Written:
    """Read an answer to something asked of a question, in the names there are in it.

    Raises:
        GradError: where it cannot be read, or mentions other names.

    """
    names = frozenset(truth.nodes) | {canonical(name) for name in truth.program.variables}
    written = _nested(source.text[start:end].strip()) if len(truth.shape(asked.node, asked.partial)) > 2 else None
    if written is None:
        arrays = frozenset(canonical(str(v.leaf)) for v in truth.circuit.variables if truth.circuit.shapes.of(v))
        written = read_answer(source, start, end, names, arrays, limits, latex)
        if strangers := [name for name in written.names if canonical(name) not in names]:
            raise unknown(said("{0} is no name of this question", strangers[0]), known_names(strangers[0], truth))
        if name := begged(truth, asked, written.names):
            hint = said("it is made of what is asked")
            raise GradError("not-an-answer", said("{0} cannot stand in an answer to {1}", name, asked.name), hint=hint)
    return written


def _nested(given: str) -> Written | None:
    """Read nested lists of decimals, as deep as they are: a Jacobian by a matrix has more axes than the language."""
    found = nested(given) if given.startswith("[[[") else None
    if found is None:
        return None
    written = Written(given)
    written.decimals, written.shape = found
    return written


# ---- which comparison ---------------------------------------------------------------------------------------


def _judged(truth: Truth, asked: Target, written: Written, shape: Shape, rules: Rules) -> Verdict:
    at_point = truth.point is not None or truth.broken is not None
    if written.nowhere or written.infinite:
        return _without_number(truth, asked, written)
    if written.names or not at_point:
        if written.program is None:
            written.program = read(Source(written.text), frozenset(), truth.limits)
        return _by_formula(truth, asked, written, rules)
    if truth.broken is not None:
        why = said("there is no gradient here: {0}", truth.broken.message)
        return Verdict(INCORRECT, error=_UNDEFINED, hint=why, expected=_UNDEFINED, rule=said("only undefined is right"), method=_BALLS)
    given = _shape_of(truth, written)
    if given != shape:
        raise GradError("shape-mismatch", said("the answer is a {0}, what is asked for a {1}", _words(given), _words(shape)))
    return _by_number(truth, asked, written, shape, rules)


def _words(shape: Shape) -> str:
    return words(shape) if len(shape) < 3 else said("nested list {0}", "×".join(map(str, shape)))


def _shape_of(truth: Truth, written: Written) -> Shape:
    if written.program is None:
        return written.shape
    written.root = truth.settled(written.program) if written.root is written.program.output else written.root
    assert written.root is not None
    return truth.circuit.shapes.of(written.root)


# ---- no derivative ------------------------------------------------------------------------------------------


def _without_number(truth: Truth, asked: Target, written: Written) -> Verdict:
    """Judge "undefined" and infinite answers: right where that is the truth."""
    if truth.broken is not None:
        if written.nowhere:
            notes = [truth.broken.message]
            return Verdict(CORRECT, rule=said("the value does not exist"), expected=_UNDEFINED, method=_BALLS, notes=notes)
        return Verdict(INCORRECT, error=_UNDEFINED, expected=_UNDEFINED, method=_BALLS, hint=truth.broken.message)
    if truth.point is None:
        raise GradError("not-an-answer", said("without a point, an answer is a formula"))
    if not asked.partial:
        return Verdict(INCORRECT, error=said("value"), hint=said("it has a value"), expected=expected(truth, asked), method=_BALLS)
    status = truth.status(asked.node)
    kinds = set(status.entries or [status.status])
    if UNDECIDED in kinds:
        return Verdict(UNDECIDED, error=_UNDECIDED, method=_BALLS, notes=[status.note])
    if written.nowhere and kinds & {"kink", *WITHOUT_NUMBER}:
        right = expected(truth, asked)
        return Verdict(CORRECT, rule=said("there is no derivative"), expected=right, method=_SLOPES, notes=[status.note])
    slopes = {slope for side in (status.left, status.right) for slope in leaves(side) if slope is not None}
    if written.infinite and kinds == {"vertical"} and slopes == {written.infinite * math.inf}:
        return Verdict(CORRECT, rule=said("the slope is infinite"), expected=expected(truth, asked), method=_SLOPES)
    hint = said("there is a derivative") if kinds <= set(SMOOTH) else status.note
    return Verdict(INCORRECT, error=said("value"), hint=hint, expected=expected(truth, asked), method=_SLOPES)


# ---- numbers ------------------------------------------------------------------------------------------------


def _by_number(truth: Truth, asked: Target, written: Written, shape: Shape, rules: Rules) -> Verdict:
    """Judge a number, or an array entry by entry."""
    status = truth.status(asked.node) if asked.partial else Status("smooth", None)
    size = math.prod(shape)
    kinds = status.entries or [status.status] * size
    found = truth.told(lambda engine: _entries(truth, asked, written, status, kinds, engine, rules))
    if found is None:
        return Verdict(UNDECIDED, error=_UNDECIDED, method=said("balls at most"), notes=[status.note] if status.note else [])
    matches, method = found
    if rules.rounded is not None and written.decimals is not None:
        matches = _rounded(truth, asked, written.decimals, matches, rules.rounded)
    right = expected(truth, asked, rules.kink != ANY)
    wrong = [k for k, one in enumerate(matches) if one is not None and not one.right]
    if not wrong:
        if None in matches:
            return Verdict(UNDECIDED, error=_UNDECIDED, method=method, expected=right, notes=[status.note])
        notes = [status.note] if status.note and "kink" in kinds else []
        if rules.kink == ANY and kinds.count("kink") > 1 and not truth.circuit.shape:
            apart = truth.told(lambda engine: _jointly(truth, asked, written, kinds, engine))
            if apart is None:
                return Verdict(UNDECIDED, error=_UNDECIDED, method=method, expected=right, notes=notes)
            if apart:
                method = said("slopes in a direction")
                return Verdict(INCORRECT, error=said("no subgradient"), hint=apart, expected=right, method=method, notes=notes)
        rule = joined("; ", dict.fromkeys(one.rule for one in matches if one is not None))
        return Verdict(CORRECT, rule=rule, method=method, expected=right, notes=notes)
    first = next((one for one in matches if one is not None and not one.right and one.error != FEW), matches[wrong[0]])
    assert first is not None
    where = "" if not shape else said("entry {0}", "; ".join(", ".join(map(str, _place(k, shape))) for k in wrong[:5]))
    if len(wrong) > 5:
        where = said("{0} and {1} more", where, len(wrong) - 5)
    return Verdict(INCORRECT, error=first.error, hint=first.hint, where=where, rule=first.rule, method=method, expected=right,
                   notes=[status.note] if status.note else [])  # fmt: skip


def _entries(
    truth: Truth, asked: Target, written: Written, status: Status, kinds: list[str], engine: Balls, rules: Rules
) -> tuple[list[Match | None], str]:
    """Return a match for each entry; None where the truth is not known."""
    known = truth.partial(engine, asked.node) if asked.partial else truth.value(engine, asked.node)
    answers = numbers_of(written, _environment(truth, written, engine))
    matches: list[Match | None] = []
    for k, kind in enumerate(kinds):
        answer = answers[k]
        if kind == UNDECIDED:
            matches.append(None)
        elif kind in WITHOUT_NUMBER:
            rule = said("there is no derivative ({0}): only undefined is right", KINDS[kind])
            matches.append(Match(False, rule, KINDS[kind], status.note))
        elif kind == "kink" and rules.kink == ANY:
            matches.append(_at_kink(answer, leaves(status.left)[k], leaves(status.right)[k], written, rules))
        else:
            number = settled_number(leaves(status.value)[k], known[k]) if status.cause else known[k]
            matches.append(matched(answer, number, written, rules.tolerance))
    return matches, engine.method


def _rounded(truth: Truth, asked: Target, decimals: list[Decimal], matches: list[Match | None], places: int) -> list[Match | None]:
    """Return the matches, with those that rounding on the way accounts for."""
    if all(one is not None and one.right for one in matches):
        return matches
    found, arithmetic = truth.reached(asked.node, asked.partial, places)
    out = []
    for one, reach, decimal in zip(matches, found, decimals):
        if one is not None and not one.right and reaches(reach, value_of(decimal), arithmetic):
            one = Match(True, said("follows from rounding to {0} decimals on the way", places))
        out.append(one)
    return out


def _at_kink(answer: Any, left: float | None, right: float | None, written: Written, rules: Rules) -> Match:
    """Judge a number at a kink: every number between the slopes is a subgradient."""
    ends = [slope for slope in (left, right) if slope is not None]
    low, high = min(ends), max(ends)
    rule = said("at a kink, any number from {0} to {1}", f"{low:.6g}", f"{high:.6g}")
    number = number_of(answer)
    if number is UNDEFINED:
        return Match(False, rule, said("no value"), said("it has no value"))
    if not (number < settled_number(low, None) or number > settled_number(high, None)):
        return Match(True, rule)
    for end in {low, high}:
        if math.isfinite(end) and matched(answer, settled_number(end, None), written, rules.tolerance).right:
            return Match(True, rule)
    return Match(False, rule, said("no subgradient"), said("it is no subgradient"))


def _jointly(truth: Truth, asked: Target, written: Written, kinds: list[str], engine: Balls) -> str:
    """Say in which direction the entries of a vector are no subgradient together; nothing if none of those tried shows it.

    g is a subgradient only if −f'(x; −d) and f'(x; d) enclose g·d for every direction d.
    """
    assert truth.point is not None
    numbers = [number_of(answer) for answer in numbers_of(written, _environment(truth, written, engine))]
    kinked = [k for k, kind in enumerate(kinds) if kind == "kink"]
    units = [[fmpq(k == own) for k in range(len(kinds))] for own in kinked[:6]]
    ones = [fmpq(kind == "kink") for kind in kinds]
    directions = [ones, *([a + b for a, b in zip(u, v)] for u, v in combinations(units, 2))]
    directions += [[a - b for a, b in zip(u, v)] for u, v in combinations(units, 2)]
    if all(isinstance(number, fmpq) for number in numbers):
        directions.append([number if kind == "kink" else fmpq(0) for number, kind in zip(numbers, kinds)])
    for direction in directions:
        low, high = truth.along(asked.node, direction)
        product = fmpq(0)
        for number, weight in zip(numbers, direction):
            product = product + number * weight
        if product < settled_number(low, None) or product > settled_number(high, None):
            return said("each entry is possible, but not all of them together")
    return ""


def _place(k: int, shape: Shape) -> list[int]:
    out = []
    for size in reversed(shape):
        out.append(k % size + 1)
        k //= size
    return out[::-1]


def _environment(truth: Truth, written: Written, engine: Balls) -> dict[Expr, Any]:
    """Return the values of the variables at the point, for an answer that mentions them."""
    assert truth.point is not None
    return engine.environment(truth.point.bindings) if written.names else {}


# ---- formulas -----------------------------------------------------------------------------------------------


def _at_the_point(truth: Truth, asked: Target, written: Written, rules: Rules) -> Verdict:
    """Judge a formula for a Jacobian by an array, which is not compared as one, by its value at the point."""
    assert written.program is not None
    if truth.point is None:
        raise GradError("not-an-answer", said("a Jacobian by an array is judged at a point"), hint=said("give the variables values"))
    written.root = truth.settled(written.program)
    wanted, given = truth.shape(asked.node, asked.partial), truth.circuit.shapes.of(written.root)
    if wanted != given:
        raise GradError("shape-mismatch", said("the answer is a {0}, what is asked for a {1}", words(given), _words(wanted)))
    verdict = _by_number(truth, asked, written, wanted, rules)
    verdict.notes.append(said("compared at this point only"))
    return verdict


def _by_formula(truth: Truth, asked: Target, written: Written, rules: Rules) -> Verdict:
    question = truth.question(asked.node, asked.partial)
    assert written.program is not None
    if question is None:
        return _at_the_point(truth, asked, written, rules)
    answer = written.root = truth.settled(written.program)
    wanted, given = truth.shape(asked.node, asked.partial), truth.circuit.shapes.of(answer)
    if wanted != given:
        raise GradError("shape-mismatch", said("the answer is a {0}, what is asked for a {1}", words(given), words(wanted)))
    found = question.compare(answer)
    right = question.written
    notes, verdict = list(found.notes), found.verdict
    if truth.broken is not None:
        notes.append(said("at this point there is none: {0}", truth.broken.message))
    elif truth.point is not None and asked.partial and truth.status(asked.node).note:
        notes.append(said("at this point: {0}", truth.status(asked.node).note))
    elif truth.point is None and not written.names and truth.program.variables:
        notes.append(said("without a point, an answer is read as a formula that holds for every value of the variables"))
    if found.domain and rules.domain != NOTE:
        return Verdict(INCORRECT, error="domain", hint=found.domain, expected=right, method=found.method, notes=notes)
    if verdict == INCORRECT:
        return Verdict(INCORRECT, error=said("another function"), hint=said("it is another function"), where=found.where, expected=right,
                       rule=said("the same function"), method=found.method, witness=found.witness, notes=notes)  # fmt: skip
    rule = said("the same function where both have values") if found.domain else said("the same function")
    error = _UNDECIDED if verdict == UNDECIDED else ""
    return Verdict(verdict, error=error, rule=rule, method=found.method, expected=right, notes=notes)


