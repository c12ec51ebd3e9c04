"""Judging one answer against the truth: a number, an array, a formula, or that there is no derivative."""

from __future__ import annotations

import math
import re
from typing import Any, NamedTuple

from flint import arb, fmpq

from gradcli.arithmetic import Doubtful, evaluate
from gradcli.arithmetic.ball import Ball
from gradcli.arithmetic.certain import UNDEFINED, ball_of
from gradcli.arithmetic.compiled import has_arrays
from gradcli.arithmetic.reachable import reaches
from gradcli.digits import Balls, with_arrays
from gradcli.errors import GradError, Source, suggest
from gradcli.expr import Expr, tape
from gradcli.judge.numbers import Match, Tolerance, difference, match, match_exact, shown, value_of
from gradcli.judge.truth import SMOOTH, Truth
from gradcli.judge.verdict import CORRECT, INCORRECT, INVALID, UNDECIDED, Verdict
from gradcli.judge.written import Decimal, Written, decimals_of, read_answer, shape_of_lists
from gradcli.limits import Limits
from gradcli.nested import leaves
from gradcli.report import WITHOUT_NUMBER
from gradcli.shapes import Shape, words
from gradcli.statuses import Status
from gradcli.syntax.names import NAME, canonical

_PARTIAL = re.compile(rf"\s*[d∂]\s*({NAME})\s*/\s*[d∂]\s*({NAME})\s*")
_SHORT = re.compile(rf"\s*[d∂]\s*({NAME})\s*")
ANY, STRICT = "any", "strict"
NOTE = "note"


class Rules(NamedTuple):
    """How answers are judged: the tolerance of numbers, kinks by any subgradient or by ours, differing domains by a note or as wrong."""

    tolerance: Tolerance = Tolerance()
    kink: str = ANY
    domain: str = NOTE
    rounded: int | None = None


class Target(NamedTuple):
    """What is answered: the value of a node, or the partial in it."""

    node: Expr
    partial: bool
    name: str


def target_of(written: str, truth: Truth) -> Target:
    """Return what an answer is to: ``df/dx``, ``dx`` where that is no name, ``q``; raise a GradError where it is nothing."""
    output, nodes = canonical(truth.output), truth.nodes
    if found := _PARTIAL.fullmatch(written):
        if canonical(found[1]) != output:
            raise _unknown(f"gradients are of {truth.output}", f"write d{truth.output}/d{found[2]}")
        if canonical(found[2]) in nodes:
            return Target(nodes[canonical(found[2])], True, f"d{truth.output}/d{found[2]}")
        raise _unknown(f"there is nothing called {found[2]} to differentiate by", _known(found[2], truth))
    name = written.strip()
    if canonical(name) in nodes:
        return Target(nodes[canonical(name)], False, name)
    found = _SHORT.fullmatch(written)
    if found and canonical(found[1]) in nodes:
        return Target(nodes[canonical(found[1])], True, f"d{truth.output}/d{found[1]}")
    raise _unknown(f"there is nothing called {name} to answer", _known(name, truth))


def _unknown(message: str, hint: str) -> GradError:
    return GradError("unknown-name", message, hint=hint)


def _known(name: str, truth: Truth) -> str:
    names = [str(symbol) for symbol in truth.nodes]
    return suggest(name, names) or f"there are {', '.join(names)}"


def judge(truth: Truth, target: str, source: Source, start: int, end: int, rules: Rules, limits: Limits, latex: bool = False) -> Verdict:
    """Return the verdict on an answer that stands in a part of a text."""
    given = source.text[start:end].strip()
    try:
        asked = target_of(target, truth)
        names = frozenset(truth.nodes) | {canonical(name) for name in truth.program.variables}
        shape = truth.shape(asked.node, asked.partial)
        written = _nested(given) if len(shape) > 2 else None
        if written is None:
            arrays = frozenset(canonical(str(v.leaf)) for v in truth.circuit.variables if truth.circuit.shapes.of(v))
            written = read_answer(source, start, end, names, arrays, limits, latex)
            if strangers := [name for name in written.names if canonical(name) not in names]:
                raise _unknown(f"{strangers[0]} is no name of this question", _known(strangers[0], truth))
        verdict = _judged(truth, asked, written, shape, rules)
        verdict.target = asked.name
    except GradError as problem:
        verdict = Verdict(INVALID, error=problem.message, hint=problem.hint, notes=[str(problem)])
        verdict.target = target.strip()
    verdict.given = given
    return verdict


def _nested(given: str) -> Written | None:
    """Read nested lists of decimals, as deep as they are: a Jacobian by a matrix has more axes than the language."""
    written = Written(given)
    written.decimals = decimals_of(given) if given.startswith("[[[") else None
    return None if written.decimals is None else written


# ---- which comparison ---------------------------------------------------------------------------------------


def _judged(truth: Truth, asked: Target, written: Written, shape: Shape, rules: Rules) -> Verdict:
    at_point = truth.point is not None or truth.broken is not None
    if written.nowhere or written.infinite:
        return _without_number(truth, asked, written)
    if written.names or not at_point:
        return _by_formula(truth, asked, written, rules)
    if truth.broken is not None:
        why = f"there is no gradient here: {truth.broken.message}"
        return Verdict(INCORRECT, error="undefined", hint=why, expected="undefined", rule="only undefined is right", method="balls")
    given = _shape_of(truth, written)
    if given != shape:
        raise GradError("shape-mismatch", f"the answer is a {_words(given)}, what is asked for a {_words(shape)}")
    return _by_number(truth, asked, written, shape, rules)


def _words(shape: Shape) -> str:
    return words(shape) if len(shape) < 3 else "nested list " + "×".join(map(str, shape))


def _shape_of(truth: Truth, written: Written) -> Shape:
    if written.program is None:
        return shape_of_lists(written.text)
    written.root = truth.settled(written.program) if written.root is written.program.output else written.root
    assert written.root is not None
    return truth.circuit.shapes.of(written.root)


# ---- no derivative ------------------------------------------------------------------------------------------


def _without_number(truth: Truth, asked: Target, written: Written) -> Verdict:
    """Judge "undefined" and infinite answers: right where that is the truth."""
    if truth.broken is not None:
        if written.nowhere:
            return Verdict(CORRECT, rule="the value does not exist", expected="undefined", method="balls", notes=[truth.broken.message])
        return Verdict(INCORRECT, error="undefined", expected="undefined", method="balls", hint=truth.broken.message)
    if truth.point is None:
        raise GradError("not-an-answer", "without a point, an answer is a formula")
    if not asked.partial:
        return Verdict(INCORRECT, error="value", hint="it has a value", expected=_expected(truth, asked), method="balls")
    status = truth.status(asked.node)
    kinds = set(status.entries or [status.status])
    if UNDECIDED in kinds:
        return Verdict(UNDECIDED, error="undecided", method="balls", notes=[status.note])
    if written.nowhere and kinds <= {"kink", *WITHOUT_NUMBER}:
        expected = _expected(truth, asked)
        return Verdict(CORRECT, rule="there is no derivative", expected=expected, method="one-sided slopes", notes=[status.note])
    slopes = {slope for side in (status.left, status.right) for slope in leaves(side) if slope is not None}
    if written.infinite and kinds == {"vertical"} and slopes == {written.infinite * math.inf}:
        return Verdict(CORRECT, rule="the slope is infinite", expected=_expected(truth, asked), method="one-sided slopes")
    hint = "there is a derivative" if kinds <= set(SMOOTH) else status.note
    return Verdict(INCORRECT, error="value", hint=hint, expected=_expected(truth, asked), method="one-sided slopes")


# ---- numbers ------------------------------------------------------------------------------------------------


def _by_number(truth: Truth, asked: Target, written: Written, shape: Shape, rules: Rules) -> Verdict:
    """Judge a number, or an array entry by entry."""
    status = truth.status(asked.node) if asked.partial else Status("smooth", None)
    size = math.prod(shape)
    kinds = status.entries or [status.status] * size
    found = truth.told(lambda engine: _entries(truth, asked, written, status, kinds, engine, rules))
    if found is None:
        return Verdict(UNDECIDED, error="undecided", method="balls at most", notes=[status.note] if status.note else [])
    matches, method = found
    if rules.rounded is not None and written.decimals is not None:
        matches = _rounded(truth, asked, written.decimals, matches, rules.rounded)
    expected = _expected(truth, asked)
    wrong = [k for k, one in enumerate(matches) if one is not None and not one.right]
    if not wrong:
        if None in matches:
            return Verdict(UNDECIDED, error="undecided", method=method, expected=expected, notes=[status.note])
        notes = [status.note] if status.note and "kink" in kinds else []
        rule = "; ".join(dict.fromkeys(one.rule for one in matches if one is not None))
        return Verdict(CORRECT, rule=rule, method=method, expected=expected, notes=notes)
    first = matches[wrong[0]]
    assert first is not None
    where = "" if not shape else "entry " + "; ".join(", ".join(map(str, _place(k, shape))) for k in wrong[:5])
    if len(wrong) > 5:
        where += f" and {len(wrong) - 5} more"
    return Verdict(INCORRECT, error=first.error, hint=first.hint, where=where, rule=first.rule, method=method, expected=expected,
                   notes=[status.note] if status.note else [])  # fmt: skip


def _entries(
    truth: Truth, asked: Target, written: Written, status: Status, kinds: list[str], engine: Balls, rules: Rules
) -> tuple[list[Match | None], str]:
    """Return a match for each entry; None where the truth is not known."""
    known = truth.partial(engine, asked.node) if asked.partial else truth.value(engine, asked.node)
    answers = _answers(written, engine)
    matches: list[Match | None] = []
    for k, kind in enumerate(kinds):
        answer = answers[k]
        if kind == UNDECIDED:
            matches.append(None)
        elif kind in WITHOUT_NUMBER:
            matches.append(Match(False, f"there is no derivative ({kind}): only undefined is right", kind, status.note))
        elif kind == "kink" and rules.kink == ANY:
            matches.append(_at_kink(answer, leaves(status.left)[k], leaves(status.right)[k]))
        else:
            number = known[k] if not status.note and not status.cause else _settled(leaves(status.value)[k], known[k])
            matches.append(_matched(answer, number, written, rules))
    return matches, engine.method


def _rounded(truth: Truth, asked: Target, decimals: list[Decimal], matches: list[Match | None], places: int) -> list[Match | None]:
    """Return the matches, with those that rounding on the way accounts for."""
    if all(one is not None and one.right for one in matches):
        return matches
    found, arithmetic = truth.reached(asked.node, asked.partial, places)
    out = []
    for one, reach, decimal in zip(matches, found, decimals):
        if one is not None and not one.right and reaches(reach, value_of(decimal), arithmetic):
            one = Match(True, f"follows from rounding to {places} decimals on the way")
        out.append(one)
    return out


def _settled(value: float, swept: Any) -> Any:
    """Return the truth where the sweep alone does not tell it: the number found beside the point, to the digits it has."""
    if swept is not UNDEFINED and ball_of(swept) is not None:
        nearest = arb(ball_of(swept))
        if nearest.is_finite() and arb(value, math.ulp(value)).overlaps(nearest):
            return swept
    exact = fmpq(*value.as_integer_ratio())
    return exact if exact.q < 2**20 else arb(value, math.ulp(value) / 2)


def _matched(answer: Any, truth: Any, written: Written, rules: Rules) -> Match:
    if written.decimals is not None:
        return match(answer, truth, rules.tolerance)
    return match_exact(answer, truth, rules.tolerance, written.inexact)


def _answers(written: Written, engine: Balls) -> list[Any]:
    """Return the entries of an answer: decimals as they were written, else numbers in balls."""
    if written.root is None:
        assert written.decimals is not None
        return list(written.decimals)
    order = tape(written.root)
    arithmetic = with_arrays(Ball(), has_arrays(order))  # [4, 5][2] is an answer to a question without arrays, too
    value = evaluate(order, {}, arithmetic)[written.root]
    entries = list(value.ravel()) if hasattr(value, "ndim") else [value]
    if written.decimals is not None and not _stand_for(written.decimals, entries):
        written.decimals = None  # (4)(5) is 20, and [4, 5][2] is 5: decimals and brackets, but computed with
    return entries if written.decimals is None else list(written.decimals)


def _stand_for(decimals: list[Decimal], entries: list[Any]) -> bool:
    """Tell whether decimals are the entries of an answer, one by one."""
    if len(decimals) != len(entries):
        return False
    return all(number is not UNDEFINED and difference(number, value_of(one)) == 0 for one, number in zip(decimals, entries))


def _number(answer: Any) -> Any:
    return value_of(answer) if isinstance(answer, Decimal) else ball_of(answer)


def _at_kink(answer: Any, left: float | None, right: float | None) -> Match:
    """Judge a number at a kink: every number between the slopes is a subgradient."""
    ends = [slope for slope in (left, right) if slope is not None]
    low, high = min(ends), max(ends)
    rule = f"at a kink, any number from {low:.6g} to {high:.6g}"
    number = _number(answer)
    if number is UNDEFINED:
        return Match(False, rule, "no value", "it has no value")
    inside = _at_least(number, low) and _at_least(-number, -high)
    return Match(inside, rule, "" if inside else "outside", "" if inside else f"it is not between the slopes {low:.6g} and {high:.6g}")


def _at_least(number: Any, end: float) -> bool:
    if math.isinf(end):
        return end < 0
    edge = fmpq(*end.as_integer_ratio())
    if number >= edge:
        return True
    if number < edge:
        return False
    raise Doubtful


def _place(k: int, shape: Shape) -> list[int]:
    out = []
    for size in reversed(shape):
        out.append(k % size + 1)
        k //= size
    return out[::-1]


def _expected(truth: Truth, asked: Target) -> str:
    """Return the truth as it is shown: digits, the numbers a kink allows, or that there is none."""
    status = truth.status(asked.node) if asked.partial else None
    kinds = (status.entries or [status.status]) if status else []

    def entries(engine: Balls) -> list[str]:
        known = truth.partial(engine, asked.node) if asked.partial else truth.value(engine, asked.node)
        out = []
        for k, number in enumerate(known):
            kind = kinds[k] if status else "smooth"
            if kind in WITHOUT_NUMBER:
                slopes = {leaves(side)[k] for side in (status.left, status.right)} - {None} if status else set()
                out.append("undefined" if kind != "vertical" or len(slopes) != 1 else "inf" if slopes == {math.inf} else "-inf")
            elif kind == "kink" and status:
                ends = [leaves(side)[k] for side in (status.left, status.right) if leaves(side)[k] is not None]
                out.append(f"any number from {min(ends):.6g} to {max(ends):.6g}")
            elif status and status.cause:
                out.append(shown(_settled(leaves(status.value)[k], number), 15))
            else:
                out.append(shown(number, 17))
        return out

    found = truth.told(entries)
    if found is None:
        return "undecided"
    return _listed(nest_all(found, truth.shape(asked.node, asked.partial)))


def nest_all(flat: list[str], shape: Shape) -> Any:
    """Nest a flat list in a shape of any number of axes."""
    if not shape:
        return flat[0]
    if len(shape) == 1:
        return flat
    size = math.prod(shape[1:])
    return [nest_all(flat[i : i + size], shape[1:]) for i in range(0, len(flat), size)]


def _listed(value: Any) -> str:
    return value if isinstance(value, str) else "[" + ", ".join(map(_listed, value)) + "]"


# ---- formulas -----------------------------------------------------------------------------------------------


def _by_formula(truth: Truth, asked: Target, written: Written, rules: Rules) -> Verdict:
    question = truth.question(asked.node, asked.partial)
    if question is None:
        raise GradError("not-an-answer", "the gradient of an array is answered in numbers here, not as a formula")
    assert written.program is not None
    answer = truth.settled(written.program)
    wanted, given = truth.circuit.shapes.of(asked.node), truth.circuit.shapes.of(answer)
    if wanted != given:
        raise GradError("shape-mismatch", f"the answer is a {words(given)}, what is asked for a {words(wanted)}")
    found = question.compare(answer)
    expected = question.written
    notes, verdict = list(found.notes), found.verdict
    if notes and rules.domain != NOTE:
        return Verdict(INCORRECT, error="domain", hint=notes[0], expected=expected, method=found.method, notes=notes)
    if verdict == INCORRECT:
        return Verdict(INCORRECT, error="another function", hint="it is another function", where=found.where, expected=expected,
                       rule="the same function", method=found.method, witness=found.witness, notes=notes)  # fmt: skip
    rule = "the same function where both have values" if notes else "the same function"
    error = "undecided" if verdict == UNDECIDED else ""
    return Verdict(verdict, error=error, rule=rule, method=found.method, expected=expected, notes=notes)


