"""Variants of a key: for each student the same questions with numbers of the student's own, and the key to them.

The numbers of a student depend on the name, the function, the ranges and a seed; on nobody else in the class.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from gradcli.classroom.key.wanted import Wanted, wanted
from gradcli.classroom.points.better import LARGEST, SMALLEST, luck
from gradcli.classroom.points.draws import Draws, Range, is_drawn, read_range, redrawn
from gradcli.classroom.points.sieve import Sieve
from gradcli.classroom.points.spots import Spot, bindings, truth_at
from gradcli.classroom.points.watch import Watch
from gradcli.classroom.variants.template import Template
from gradcli.errors import GradError, Source, suggest
from gradcli.judge.truth import Truth
from gradcli.limits import Limits
from gradcli.nested import leaves, plain
from gradcli.operands.sheets import value_in_sheet
from gradcli.syntax.names import canonical
from gradcli.syntax.worksheet import Exercise, Worksheet, read_worksheet
from gradcli.wording import said

_ENOUGH = 150  # points drawn before one is taken at which two variables may be swapped
MOST_TRIES = 400  # points drawn for one student and point; from the first quarter on, numbers keep the signs they have in the key


class Variant(NamedTuple):
    """What one student gets: the sheet, and the key to it."""

    student: str
    sheet: str
    key: str


class Place:
    """One point of a question: the values in the key, from where others are drawn, and the slips in what is asked there.

    Where a line says what varies, nothing else does: labels are kept as they are.
    """

    def __init__(self, exercise: Exercise, number: int, source: Source, truth: Truth, asked: Sequence[Wanted]) -> None:
        point = exercise.at[number]
        self.truth = truth
        self.texts: Spot = {name: source.text[start:end].strip() for name, (start, end) in point.items()}
        targets = [one.target.name for one in asked if one.place == number]
        ranges = {canonical(name): read_range(source, span) for name, span in exercise.vary.items()}
        self.ranges: dict[str, Range | None] = {name: ranges.get(canonical(name)) for name in point}
        self.kept = {name for name, wanted in self.ranges.items() if exercise.vary and wanted is None}
        known = {canonical(name): name for name in point}
        for name, span in exercise.vary.items():
            if canonical(name) not in known:
                raise GradError("unknown-name", said("{0} has no value that could vary", name), span, source=source,
                                hint=suggest(name, [*point]))  # fmt: skip
            if self.texts[known[canonical(name)]][:1] in "[<\\" and not is_drawn(self.texts[known[canonical(name)]]):
                raise GradError("not-a-number", said("the entries of {0} are formulas: they do not vary", name), span, source=source)
        self.moves = any(name not in self.kept and (is_drawn(text) or self.ranges[name]) for name, text in self.texts.items())
        self.watches: list[Watch] = []
        self.largest, self.smallest = LARGEST, SMALLEST
        if self.moves and truth.point is not None:
            self.watches = [Watch(truth, target, exercise.name) for target in dict.fromkeys(targets)]
            sizes = [abs(number) for value in truth.point.values.values() for number in leaves(plain(value))]
            self.largest = max(LARGEST, 10 * max(sizes))
            self.smallest = min([SMALLEST, *(size / 10 for watch in self.watches for size in watch.sizes(truth) if size)])

        self.sieve = Sieve(self.watches)

    def drawn(self, draws: Draws, attempt: int) -> Spot:
        """Return a point by lot."""
        signed = attempt >= MOST_TRIES // 4
        return {
            name: text if name in self.kept else redrawn(text, self.ranges[name], draws, signed=signed)
            for name, text in self.texts.items()
        }  # fmt: skip


class Variants:
    """A key of which variants are made.

    ``fixed`` are the names of the questions that are the same for everybody: those without a point, those that ask what happens at a
    kink or where there is no value, and those whose numbers are formulas such as pi/4. ``poor`` counts the points given to students at
    which two variables, or two places, cannot be told apart.
    """

    def __init__(self, source: Source, limits: Limits, seed: str = "") -> None:
        self.source, self.seed = source, seed
        sheet: Worksheet = read_worksheet(source, limits, judged=True)
        self.exercises = sheet.exercises
        self.template = Template(source, sheet.exercises)
        self.asked: list[list[Wanted]] = []
        self.places: list[list[Place]] = []
        self.fixed: list[str] = []
        self.distinct: list[set[tuple[str, ...]]] = []
        self._judged: dict[tuple[object, ...], tuple[Truth | None, int]] = {}
        self.poor = 0
        for exercise in sheet.exercises:
            truths = [Truth(exercise.program, {n: value_in_sheet(source, *span, limits) for n, span in point.items()} or None, limits)
                      for point in exercise.at or [{}]]  # fmt: skip
            asked = wanted(exercise, truths, source)
            places = [Place(exercise, number, source, truth, asked) for number, truth in enumerate(truths) if exercise.at]
            moves = any(place.moves for place in places) and all(_smooth(one, truths[one.place]) for one in asked)
            self.fixed += [] if moves else [exercise.name]
            self.asked.append(asked)
            self.places.append(places if moves else [])
            self.distinct.append(set())

    def of(self, student: str) -> Variant:
        """Return the variant of a student.

        Raises:
            GradError: where no point was found that no slip gets right.

        """
        spots = [self._spots(number, student) for number in range(len(self.exercises))]
        for seen, points in zip(self.distinct, spots):
            seen.add(tuple(text for spot in points for text in spot.values()))
        key = self.template.filled(student, spots, self.asked, key=True)
        return Variant(student, self.template.filled(student, spots, self.asked, key=False), key)

    def _spots(self, number: int, student: str) -> list[Spot]:
        """Return the points of one question for a student; none for a question that stays as it is."""
        exercise = self.exercises[number]
        chosen: list[Spot] = []
        others: list[Truth] = []
        for place in self.places[number]:
            function = "\n".join(self.source.text[slice(*span)].strip() for span in exercise.statements)
            draws = Draws("variant", self.seed, exercise.name, function, str(len(chosen)), student)
            spot, truth, found = self._best(number, place, draws, others, chosen)
            if truth is None:
                span = next(iter(exercise.at[len(chosen)].values()))
                raise GradError("no-variant", said("no other point was found for question {0}: {1} were tried", exercise.name, MOST_TRIES),
                                span, source=self.source, hint=said("say from where numbers are drawn: vary x = -5 .. 5"))  # fmt: skip
            self.poor += bool(found)
            chosen.append(spot)
            others.append(truth)
        return chosen

    def _best(
        self, number: int, place: Place, draws: Draws, others: Sequence[Truth], before: Sequence[Spot]
    ) -> tuple[Spot, Truth | None, int]:
        """Return the first point drawn that shows every slip; after some tries, the one that hides fewest of no weight."""
        best: tuple[Spot, Truth | None, int] = {}, None, sys.maxsize
        for attempt in range(MOST_TRIES):
            spot = place.drawn(draws, attempt)
            truth, found = self._judge(number, place, spot, others, before)
            if truth is not None and found < best[2]:
                best = spot, truth, found
            if best[2] == 0 or (best[1] is not None and attempt >= _ENOUGH) or not place.moves:
                break
        return best

    def _judge(
        self, number: int, place: Place, spot: Spot, others: Sequence[Truth], before: Iterable[Spot]
    ) -> tuple[Truth | None, int]:
        """Return the truth at a point if it can be asked for, and how many slips of no weight it hides; once for all students."""
        drawn = (number, len(others), *spot.values(), *(text for earlier in before for text in earlier.values()))
        if drawn not in self._judged:
            passes = not place.moves or place.sieve.passes(bindings(spot, place.truth.limits), place.largest, place.smallest)
            truth = truth_at(place.truth, spot) if passes else None
            found = (
                None if truth is None
                else luck(truth, place.watches, others, place.sieve, place.largest, place.smallest) if place.moves else 0
            )  # fmt: skip
            self._judged[drawn] = (None, 0) if found is None else (truth, found)
        return self._judged[drawn]


def _smooth(one: Wanted, truth: Truth) -> bool:
    """Tell whether there is nothing special about a part at its point in the key: else that is what is asked."""
    return truth.point is not None and (not one.target.partial or truth.status(one.target.node).status == "smooth")
