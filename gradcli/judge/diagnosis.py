"""Naming the mistake: the one slip whose result a wrong answer equals, certified.

A slip is named only where exactly one explains the answer. Several that are one function (the sign of any gate of a chain is the sign
of the whole) count as one; several that are different functions and only meet at this point explain nothing.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import islice
from typing import Any, NamedTuple

from flint import arb, fmpq

from gradcli.arithmetic import Doubtful
from gradcli.arithmetic.certain import ball_of, known
from gradcli.backward import gradient
from gradcli.digits import each
from gradcli.digits.further import Balls
from gradcli.errors import GradError
from gradcli.expr import ONE, Expr, symbol, tape
from gradcli.judge import formulas
from gradcli.judge.agreement import all_known, entries
from gradcli.judge.numbers import Tolerance, matched, number_of
from gradcli.judge.slips.question import Given, Numbers, Scenes, Slips
from gradcli.judge.slips.slip import Slip, chosen, place
from gradcli.judge.targets import Target
from gradcli.judge.truth import SMOOTH, Truth
from gradcli.judge.verdict import CORRECT, Diagnosis
from gradcli.judge.written import Decimal, Written, numbers_of
from gradcli.wording import said

ALIKE_BITS = 60  # values of two slips beside the point that agree to so many bits are those of one function
SHORT = 3  # digits of an answer that may well be all there are
_TRIES = 8
_POINTS = 3  # at which the value of a formula is looked up among the slips; the one found is then compared as a formula


class Slipped(NamedTuple):
    """What an answer would be with one slip: its diagnosis, and the entries of the result."""

    diagnosis: Diagnosis
    entries: list[Any]


class _AtPoint:
    """The slips of one question with their results at its point, and at points close by, which tell functions apart."""

    def __init__(self, slips: Slips, engine: Balls) -> None:
        assert slips.truth.point is not None
        self.slips, self.given = slips, engine.environment(slips.truth.point.bindings)
        scenes = slips.scenes(self.given)
        self.found: list[tuple[Slip, Numbers]] = []
        for slip in slips.all(scenes):
            numbers = slips.result(slip, scenes, self.given)
            if numbers is not None:
                self.found.append((slip, numbers))
        self._beside: dict[int, Numbers | None] = {}
        self._near: list[tuple[Given, Scenes]] | None = None

    def groups(self, among: Sequence[int]) -> list[list[Slip]]:
        """Sort slips by the function they are."""
        out: list[list[int]] = []
        for one in among:
            for group in out:
                if self._alike(group[0], one):
                    group.append(one)
                    break
            else:
                out.append([one])
        return [[self.found[one][0] for one in group] for group in out]

    def _alike(self, one: int, two: int) -> bool:
        x, y = self._aside(one), self._aside(two)
        return x is not None and y is not None and all(map(close, x, y))

    def _aside(self, one: int) -> Numbers | None:
        if one not in self._beside:
            found = [self.slips.result(self.found[one][0], scenes, given) for given, scenes in self._moved()]
            known_there = [numbers for numbers in found if numbers is not None]
            self._beside[one] = [entry for numbers in known_there for entry in numbers] if len(known_there) == 2 else None
        return self._beside[one]

    def _moved(self) -> list[tuple[Given, Scenes]]:
        """Return scenes at two points a millionth away: on the same side of every kink, and in no special position."""
        if self._near is None:
            self._near = []
            chance = random.Random(self.slips.truth.program.source.text)
            for _ in range(_TRIES):
                given = {
                    name: each(lambda x: ball_of(x) + fmpq(chance.randrange(-(2**20), 2**20), 2**40), value)
                    for name, value in self.given.items()
                }
                try:
                    scenes = self.slips.scenes(given)
                except Doubtful:
                    continue
                if all(all_known(scene.values[node]) for scene in scenes[0] for node in scene.order):
                    self._near.append((given, scenes))
                if len(self._near) == 2:
                    break
        return self._near


def close(x: Any, y: Any) -> bool:
    """Tell whether two numbers in balls agree to `ALIKE_BITS`, or are both 0 as far as anyone can see."""
    one, two = arb(ball_of(x)), arb(ball_of(y))
    slack = arb(1) if one.contains(0) and two.contains(0) else abs(one).upper() + abs(two).upper()
    return bool(abs(one - two).upper() <= slack * arb(2) ** -ALIKE_BITS)


def _here(truth: Truth, asked: Target, engine: Balls, elsewhere: Sequence[Truth]) -> _AtPoint:
    key = asked.node, asked.partial, engine.bits, tuple(map(id, elsewhere))
    if key not in truth.kept:
        truth.kept[key] = _AtPoint(Slips(truth, asked, elsewhere), engine)
    found: _AtPoint = truth.kept[key]
    return found


def slipped(truth: Truth, asked: Target, engine: Balls, elsewhere: Sequence[Truth] = ()) -> list[Slipped]:
    """Return the results of all slips at the point in balls, those that are one function once; ``elsewhere``: other points of the sheet."""
    here = _here(truth, asked, engine, elsewhere)
    alike: dict[str, list[int]] = {}
    for place_of, (_, numbers) in enumerate(here.found):  # only those that meet here can be one function
        alike.setdefault(" ".join(f"{float(arb(ball_of(entry)).mid()):.9g}" for entry in numbers), []).append(place_of)
    out = []
    for among in alike.values():
        out += [Slipped(_named(here.slips, group), here.found[among[0]][1]) for group in here.groups(among)]
    return out


def _named(slips: Slips, group: list[Slip]) -> Diagnosis:
    slip = chosen(group)
    return Diagnosis(slip.kind, "" if slip.node is None else place(slips.circuits[slip.circuit], slip.node), slip.says)


def diagnose(truth: Truth, asked: Target, written: Written, elsewhere: Sequence[Truth] = (), digits: int = 3) -> Diagnosis | None:
    """Return the diagnosis of a wrong answer: only where exactly one slip gives it."""
    if written.nowhere or written.infinite or truth.broken is not None:
        return None
    try:
        if written.names or truth.point is None:
            return _of_formula(truth, asked, written)
        if asked.partial:
            status = truth.status(asked.node)
            if not set(status.entries or [status.status]) <= set(SMOOTH):
                return None
        return _of_number(truth, asked, written, elsewhere, Tolerance(digits))
    except GradError:  # a limit that a slip has hit, and the answer has not: the verdict stands without a name for the mistake
        return None


def _of_number(
    truth: Truth, asked: Target, written: Written, elsewhere: Sequence[Truth], tolerance: Tolerance
) -> Diagnosis | None:
    def compare(engine: Balls) -> Diagnosis | None:
        here = _here(truth, asked, engine, elsewhere)
        answers = numbers_of(written, {})
        if not all(isinstance(answer, Decimal) or known(answer) for answer in answers):
            return None
        among = [place for place, (_, numbers) in enumerate(here.found) if _fits(answers, numbers, written, tolerance)]
        if written.decimals is not None and all(decimal.digits <= SHORT for decimal in written.decimals):
            # what gives 1.47 explains 1.47 better than what is rounded to it
            among = [place for place in among if _exactly(answers, here.found[place][1])] or among
        groups = here.groups(among)
        return _named(here.slips, groups[0]) if len(groups) == 1 else None

    return truth.told(compare)


def _fits(answers: list[Any], numbers: Numbers, written: Written, tolerance: Tolerance) -> bool:
    """Tell whether the numbers of a slip are those answered, by the rules by which right ones are."""
    if len(answers) != len(numbers) or not all(map(_near, answers, numbers)):
        return False
    if _exactly(answers, numbers):
        return True
    try:
        return all(matched(answer, number, written, tolerance).right for answer, number in zip(answers, numbers))
    except Doubtful:
        return False


def _exactly(answers: list[Any], numbers: Numbers) -> bool:
    """Tell whether the numbers of a slip are those answered, not only rounded to them; a 0 is one beside the other entries."""
    exact = [number_of(answer) for answer in answers]
    size = max(abs(arb(ball_of(number))).upper() for number in [*numbers, fmpq(1, 2**20)])
    return all(close(x, y) or (x == 0 and abs(arb(ball_of(y))).upper() < size * arb(2) ** -ALIKE_BITS) for x, y in zip(exact, numbers))


def _near(answer: Any, number: Any) -> bool:
    """Tell whether a comparison is worth its while: most slips are far off."""
    x = arb(number_of(answer))
    return bool(abs(x - arb(ball_of(number))).lower() <= abs(x) / 2 + arb(2) ** -ALIKE_BITS)


class _AtSamples:
    """The slips of one question with their results at a few of the points at which formulas are compared."""

    def __init__(self, slips: Slips, points: list[dict[str, Any]]) -> None:
        self.slips = slips
        self.given: list[Given] = [{symbol(name): value for name, value in point.items()} for point in points]
        self.scenes = [slips.scenes(given) for given in self.given]
        self.found = [(slip, slips.result(slip, self.scenes[0], self.given[0])) for slip in slips.all(self.scenes[0])]

    def equal_to(self, values: list[Numbers]) -> list[Slip]:
        """Return the slips whose results are these values, point by point."""
        among = [slip for slip, numbers in self.found if _same(numbers, values[0])]
        for scenes, given, value in zip(self.scenes[1:], self.given[1:], values[1:]):
            among = [slip for slip in among if _same(self.slips.result(slip, scenes, given), value)]
        return among


def _same(numbers: Numbers | None, values: Numbers) -> bool:
    return numbers is not None and len(numbers) == len(values) and all(map(close, numbers, values))


def _of_formula(truth: Truth, asked: Target, written: Written) -> Diagnosis | None:
    """Look the values of a formula up among the slips, at a few points; then compare it with the formula of the one found."""
    question, answer = truth.question(asked.node, asked.partial), written.root
    if question is None or answer is None or truth.circuit.shape:
        return None
    with formulas.at_first_precision():
        points = [point for point, _ in islice(question.points(), _POINTS)]
        if len(points) < _POINTS:
            return None
        key = asked.node, asked.partial
        if key not in truth.kept:
            truth.kept[key] = _AtSamples(Slips(truth, asked), points)
        there: _AtSamples = truth.kept[key]
        formula = question.made_ready([answer])
        values = [entries(formula(point)[answer]) for point in points]
        if not all(known(entry) for value in values for entry in value):
            return None
        alike = there.equal_to(values)
    symbolic = there.slips.symbolic()
    for slip in alike:
        made = slip.result(symbolic[slip.circuit])
        if made is not None and _is(question, made, answer):
            return _named(there.slips, alike)
    if asked.partial and not alike and _integrated(truth, asked, question, answer):
        says = said("you have integrated instead of differentiated")
        return Diagnosis("integrated", "", says)
    return None


def _is(question: formulas.Question, slipped: Expr, answer: Expr) -> bool:
    """Tell whether an answer is the formula that a slip makes, certified as right answers are."""
    own = formulas.Question(question.function, slipped, slipped, question.shapes, question.near, question.seed)
    return own.compare(answer).verdict == CORRECT


def _integrated(truth: Truth, asked: Target, question: formulas.Question, answer: Expr) -> bool:
    """Tell whether the derivative of an answer is the function itself."""
    shapes = truth.circuit.shapes
    if shapes.of(answer) or shapes.of(asked.node) or asked.node.args:
        return False
    try:
        back = gradient(answer, tape(answer), [asked.node], ONE, shapes)[asked.node]
    except GradError:
        return False
    return _is(question, truth.circuit.root, back)
