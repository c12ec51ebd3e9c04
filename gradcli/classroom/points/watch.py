"""Whether a slip gives the right number, asked at many points of one question: the slips are made once, and their results at each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from gradcli.arithmetic import Doubtful
from gradcli.arithmetic.certain import UNDEFINED, is_zero, to_float
from gradcli.classroom.points.draws import Draws, written
from gradcli.classroom.points.spots import drawn, ordinary, truth_at
from gradcli.digits.further import Balls
from gradcli.judge.numbers import EQUAL_BITS, same
from gradcli.judge.slips.question import Given, Numbers, Scenes, Slips
from gradcli.judge.slips.slip import Slip, chosen, place
from gradcli.judge.targets import Target, target_of
from gradcli.judge.truth import Truth
from gradcli.judge.verdict import Diagnosis
from gradcli.wording import said

BITS = 256  # numbers that these do not tell apart are the same for anybody who writes an answer
ROUNDED = "rounded-early"
_OF_GATES = ("gate-open", "gate-closed", "max-loser", "max-both")  # these are slips on one side of a kink alone
# Slips of people who looked at the wrong place: that they are told apart is not worth giving up a point.
SOFT = ("variables-swapped", "values-swapped", "entries-swapped", "forward-value", "gradient-for-value", "other-point")
Known = tuple[str, str]  # a slip by its kind and what is said of it


def equal(one: Sequence[Any], two: Sequence[Any]) -> bool | None:
    """Tell whether two results are the same, entry by entry; None where that is not known."""
    if len(one) != len(two):
        return False
    doubt = False
    for x, y in zip(one, two):
        if x is UNDEFINED or y is UNDEFINED:
            return False
        try:
            if not same(x, y, EQUAL_BITS):
                return False
        except Doubtful:
            doubt = True
    return None if doubt else True


class Watch:
    """The slips of one part of a question, whatever the point.

    ``hidden`` are those that give the right number at every ordinary point: no choice of a point shows them. ``still`` says that
    the right number is the same at all of them, so that answering for another point cannot be told from answering for this one.
    """

    def __init__(self, truth: Truth, target: str, seed: str) -> None:
        assert truth.point is not None
        self.target, self.truth = target, truth
        self.asked: Target = target_of(target, truth)
        self._branches = any(node.op == "where" for node in truth.circuit.order)
        self.slips = Slips(truth, self.asked)
        self.made = self._all(self.slips, truth)
        always: set[Known] = {known(slip) for slip in self.made}
        self.still = True
        before: Numbers | None = None
        others = list(ordinary(truth, seed))
        for other in others:
            with _engine(other).precision():
                slips, scenes, given = self._at(other)
                right = slips.true(scenes)
                results = self._results(other, slips, scenes, given)
                always &= {known(slip) for slip, numbers in results if equal(numbers, right) is not False}
                self.still = self.still and (before is None or equal(before, right) is not False)
                before = right
        self.hidden = frozenset(always if others else ())

    def right(self, truth: Truth) -> Numbers:
        """Return the right answer at a point, in balls."""
        with _engine(truth).precision():
            slips, scenes, _ = self._at(truth)
            return slips.true(scenes)

    def sizes(self, truth: Truth) -> list[float]:
        """Return the absolute values of the right answer at a point."""
        return [abs(number) for number in map(to_float, self.right(truth)) if number is not None]

    def luck(self, truth: Truth, others: Sequence[Truth] = (), among: Sequence[Slip] | None = None) -> int | None:
        """Return how many slips of no weight give the right number at a point, of these; None where one of weight does.

        To answer for one of the other points, where that has the same right answer, is one of no weight.
        """
        found = len(self.same_elsewhere(truth, others))
        with _engine(truth).precision():
            for slip, _ in self._lucky(truth, among):
                if slip.kind not in SOFT:
                    return None
                found += 1
        return found

    def same_elsewhere(self, truth: Truth, others: Sequence[Truth]) -> list[Diagnosis]:
        """Return the slip of answering for another point, where that has the same right answer; none if every point has."""
        right = self.right(truth)
        if self.still or all(equal(self.right(other), right) is False for other in others):
            return []
        return [Diagnosis("other-point", "", said("this is right for another point of the sheet"))]

    def lucky(self, truth: Truth) -> list[Diagnosis]:
        """Return the slips that give the right number at a point; those that are one function once."""
        groups: list[tuple[Numbers | None, list[Slip]]] = []
        with _engine(truth).precision():
            for slip, beside in self._lucky(truth):
                own = next((group for numbers, group in groups if beside and numbers and equal(beside, numbers) is not False), None)
                if own is None:
                    groups.append((beside, [slip]))
                else:
                    own.append(slip)
        return [self._named(chosen(group)) for _, group in groups]

    def _named(self, slip: Slip) -> Diagnosis:
        step = "" if slip.node is None else place(self.slips.circuits[slip.circuit], slip.node)
        return Diagnosis(slip.kind, step, slip.says)

    def _lucky(self, truth: Truth, among: Sequence[Slip] | None = None) -> Iterator[tuple[Slip, Numbers | None]]:
        """Yield the slips that give the right number at a point, and what they give close by.

        Where one gives the right number close by, too, it is none there (the gate was open), unless that number is 0, as all are then.
        """
        slips, scenes, given = self._at(truth)
        right = slips.true(scenes)
        for slip, numbers in self._results(truth, slips, scenes, given, among):
            if known(slip) in self.hidden or equal(numbers, right) is False:
                continue
            near = _near(truth)
            if near is None:
                yield slip, None
                continue
            beside, right_there = self._beside(slip, near)
            dead = all(map(is_zero, [*right, *right_there])) and slip.kind not in _OF_GATES
            if dead or beside is None or equal(beside, right_there) is False:
                yield slip, beside

    def _beside(self, slip: Slip, near: Truth) -> tuple[Numbers | None, Numbers]:
        slips, scenes, given = self._at(near)
        return slips.result(slip, scenes, given), slips.true(scenes)

    # ---- one point ------------------------------------------------------------------------------------------

    def _at(self, truth: Truth) -> tuple[Slips, Scenes, Given]:
        """Return the slips and the scenes at a point; the scenes are those of all parts of the question."""
        assert truth.point is not None
        given = _engine(truth).environment(truth.point.bindings)
        slips = Slips(truth, self.asked) if self._branches else self.slips
        if "scenes" not in truth.kept:
            truth.kept["scenes"] = slips.scenes(given)
        return slips, truth.kept["scenes"], given

    def _results(
        self, truth: Truth, slips: Slips, scenes: Scenes, given: Given, among: Sequence[Slip] | None = None
    ) -> Iterator[tuple[Slip, Numbers]]:
        """Yield each slip with what it makes at a point."""
        for slip in self._all(slips, truth) if self._branches else self.made if among is None else among:
            numbers = slips.result(slip, scenes, given)
            if numbers is not None:
                yield slip, numbers

    def _all(self, slips: Slips, truth: Truth) -> list[Slip]:
        with _engine(truth).precision():
            _, scenes, _ = self._at(truth)
            return [slip for slip in slips.all(scenes) if slip.kind != ROUNDED]


def known(slip: Slip) -> Known:
    """Return by what a slip is known."""
    return slip.kind, str(slip.says)


def _near(truth: Truth) -> Truth | None:
    """Return the truth a millionth away, at a point that is nothing special."""
    if "near" not in truth.kept:
        draws = Draws("near", truth.program.source.text)

        def moved(number: float) -> str:
            return written(Fraction(repr(number)) + Fraction(1 + draws.below(1_000_000), 10**12))

        truth.kept["near"] = truth_at(truth, drawn(truth, moved))
    found: Truth | None = truth.kept["near"]
    return found


def _engine(truth: Truth) -> Balls:
    assert truth.point is not None
    return Balls(BITS, truth.point.arrays, last=False)
