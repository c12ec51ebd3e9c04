"""Comparing two formulas: exactly as rational functions, else in balls at random dyadic points of several boxes.

A ball of the difference that excludes 0 proves that they differ, and its point is the witness. At points where both agree
to 2^-150 in every box, and close by every kink that was found (see `kinks`), they are taken for equal (Gonnet, *Determining
equivalence of expressions in random polynomial time*, 1984: "unequal" is always right, "equal" with overwhelming probability).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

from flint import fmpq

from gradcli.arithmetic import Doubtful, evaluate
from gradcli.arithmetic.certain import UNDEFINED, precision
from gradcli.arithmetic.compiled import Compiled, has_arrays
from gradcli.expr import NUMBER, Expr, as_float, symbol, tape
from gradcli.judge.agreement import ROUNDED, agree, all_known, all_zero, apart, corners, first_difference, hull, lacking, written_out
from gradcli.judge.kinks import Gap, gaps, points_beside, signs, tied
from gradcli.judge.numbers import EQUAL_BITS, EXACT_BITS, shown
from gradcli.judge.polynomials import equal
from gradcli.judge.verdict import CORRECT, INCORRECT, UNDECIDED
from gradcli.nested import indices
from gradcli.notation.text import PLAIN, text
from gradcli.shapes import Shape
from gradcli.wording import said

Point = dict[str, Any]  # name → an exact rational, or an array of them
Numbers = dict[Expr, Any]

ENOUGH, MOST_POINTS = 12, 240
STALE = 24  # so many points in a row on sides of kinks that all were seen before: there are hardly more pieces
CAREFUL = 1  # points at which equal values are compared again to 1000 bits
BITS, MORE_BITS = 256, 2048
# Half the width around 0 of where points are drawn: the usual sizes first, then near the values given, then others.
USUAL, OTHERS = (fmpq(1), fmpq(3), fmpq(10)), (fmpq(1, 10), fmpq(100), fmpq(1, 10**6), fmpq(10**4), fmpq(10**8))
_NICE = [fmpq(p, q) for p, q in ((1, 2), (2, 1), (-1, 2), (3, 1), (-2, 1), (3, 2), (1, 4), (-3, 1), (5, 1), (-3, 2), (3, 4), (4, 1))]


class Comparison(NamedTuple):
    """The verdict on two formulas, how it was found, the point where they differ with both values, and notes."""

    verdict: str
    method: str
    witness: dict[str, object] | None = None
    notes: tuple[str, ...] = ()
    where: str = ""
    domain: str = ""


def at_first_precision() -> AbstractContextManager[None]:
    """Compute with the bits at which formulas are compared first, inside the block."""
    return precision(BITS)


class Question:
    """What answers are compared with: a function, one formula that is true of it (also shortened), and points where both have values.

    The points are drawn by a seed made of the question, and their true values are kept: the same answer always gets the same verdict.
    """

    def __init__(self, function: Expr, truth: Expr, short: Expr, shapes: dict[str, Shape], near: Point, seed: str) -> None:
        self.function, self.truth, self.short, self.shapes = function, truth, short, shapes
        self.arrays = any(shapes.values())
        self.near = near
        self.seed = seed
        self._random = random.Random(seed)
        self.order = tape(function, truth)
        self.gaps = gaps(tape(function, short))  # those of the truth itself may be of powers at 0 alone
        self.formula = self.made_ready([function, truth, *(side for gap in self.gaps for side in gap)])
        self._drawn = self._points()
        self._known: list[tuple[Point, Numbers]] = []
        self._tried = 0

    @cached_property
    def written(self) -> str:
        """Return the truth as it is shown."""
        return text(self.short, PLAIN)

    # ---- the points -----------------------------------------------------------------------------------------

    def points(self) -> Iterator[tuple[Point, Numbers]]:
        """Yield points at which the function has a derivative, with the numbers there; at most so many are tried."""
        place = 0
        while True:
            while place < len(self._known):
                yield self._known[place]
                place += 1
            if not self._advance():
                return

    def _advance(self) -> bool:
        while self._tried < MOST_POINTS:
            self._tried += 1
            point = next(self._drawn)
            numbers = self.numbers_at(point)
            if numbers is not None:
                self._known.append((point, numbers))
                return True
        return False

    def numbers_at(self, point: Point) -> Numbers | None:
        """Return the true value at a point, and what decides its kinks; None where the derivative has no value, or it is not known."""
        with precision(BITS):
            numbers = self.formula(point)
            known_here = all_known(numbers[self.function]) and all_known(numbers[self.truth])
            return numbers if known_here and not any(tied(gap, numbers) for gap in self.gaps) else None

    def made_ready(self, wanted: list[Expr], rounded: list[Numbers] | None = None) -> Callable[[Point], Numbers]:
        """Return a function of a point that gives the values of expressions there; some numbers may be known as rounded only."""
        order = tape(*wanted)
        if not self.arrays and not has_arrays(order) and not rounded:
            return Compiled(wanted)
        from gradcli.arithmetic.ball import Ball
        from gradcli.arithmetic.entries import Entries

        arithmetic = Entries(Ball())

        def values(point: Point) -> Numbers:
            variables = {symbol(name): value for name, value in point.items()}
            found = [evaluate(order, {**given, **variables}, arithmetic) for given in rounded or [{}]]
            return {node: hull([numbers[node] for numbers in found]) for node in wanted} if rounded else found[0]

        return values

    @cached_property
    def _beside(self) -> list[tuple[Point, Numbers]]:
        """Return points close by the kinks of the truth, on both sides, with the numbers there."""
        return self._at_kinks(self.gaps)

    def _at_kinks(self, found: list[Gap]) -> list[tuple[Point, Numbers]]:
        if not found:
            return []
        known = [point for point, _ in islice(self.points(), ENOUGH)]  # as many for every answer: the order of answers is no matter
        formula = self.made_ready([side for gap in found for side in gap])
        beside = points_beside(found, formula, known, lambda point: self.numbers_at(point) is not None, random.Random(f"kinks {self.seed}"))
        return [(point, numbers) for point in beside if (numbers := self.numbers_at(point)) is not None]

    @cached_property
    def _whole(self) -> list[Point]:
        """Return small whole numbers where the truth has a value."""
        names = list(self.shapes)
        points = [{name: fmpq(k + place) for place, name in enumerate(names)} for k in (0, 1, -1, 2, -2, 3, -3)]
        return [point for point in points if self.numbers_at(point) is not None] if 0 < len(names) <= 4 and not self.arrays else []

    def _points(self) -> Iterator[Point]:
        """Yield simple points, those near the one given and near the constants of the formulas, then random ones."""
        names = list(self.shapes)
        for k in range(4):
            yield self._point(lambda name, k=k: _NICE[(k + 5 * names.index(name)) % len(_NICE)])
        constants = sorted({as_float(node) for node in self.order if node.op == NUMBER and 0 < abs(as_float(node)) < 1e300})[:20]
        while True:
            for boxes, width in ((USUAL, fmpq(1, 10)), (OTHERS, fmpq(1, 1000))):
                for box in boxes:
                    yield self._point(lambda name, box=box: self._dyadic(box))
                yield self._point(lambda name: abs(self._dyadic(fmpq(3))) + fmpq(1, 16))
                if self.near:
                    yield self._nearby(width)
                if constants:
                    yield self._point(lambda name, width=width: self._beside_one_of(constants, width))

    def _beside_one_of(self, constants: list[float], width: fmpq) -> fmpq:
        return fmpq(*self._random.choice(constants).as_integer_ratio()) * (1 + self._dyadic(width))

    def _point(self, draw: Any) -> Point:
        return {name: self._drawn_in(shape, lambda name=name: draw(name)) for name, shape in self.shapes.items()}

    def _drawn_in(self, shape: Shape, draw: Any) -> Any:
        if not shape:
            return draw()
        import numpy as np

        out = np.empty(shape, dtype=object)
        for index in indices(shape):
            out[index] = draw()
        return out

    def _dyadic(self, box: fmpq) -> fmpq:
        """Return a random k / 2^12 of a box around 0, other than 0."""
        return fmpq(self._random.randrange(1, 4096) * self._random.choice((1, -1)), 4096) * box

    def _nearby(self, width: fmpq) -> Point:
        return {
            name: self._moved(self.near[name], width) if name in self.near else self._drawn_in(shape, lambda: self._dyadic(fmpq(3)))
            for name, shape in self.shapes.items()
        }

    def _moved(self, value: Any, width: fmpq) -> Any:
        if hasattr(value, "ndim"):
            out = value.copy()
            for index in indices(value.shape):
                out[index] = value[index] + self._dyadic(width)
            return out
        return value + self._dyadic(width)

    # ---- the comparison -------------------------------------------------------------------------------------

    def compare(self, answer: Expr) -> Comparison:
        """Compare an answer with the truth."""
        if answer in (self.truth, self.short):
            return Comparison(CORRECT, said("the same formula"))
        exact = None if self.arrays else equal(answer, self.short)
        if exact:
            absent = self._domain(answer)
            return Comparison(CORRECT, said("equal as rational functions, exactly"), notes=(absent,) if absent else (), domain=absent)
        found = self._sampled(answer, exact is False, [])
        rounded = corners(answer)
        if found.verdict != CORRECT and rounded:
            read = self._sampled(answer, False, rounded)
            return read._replace(notes=(*read.notes, ROUNDED)) if read.verdict == CORRECT else found
        return found

    def _sampled(self, answer: Expr, differ: bool, rounded: list[Numbers]) -> Comparison:
        agreed, missing, unknown = 0, None, False
        own = [gap for gap in gaps(tape(answer)) if gap not in self.gaps]
        kinks = [*self.gaps, *own]
        formula = self.made_ready([answer, *(side for gap in own for side in gap)], rounded)
        pieces: set[tuple[int, ...]] = set()
        sides: dict[bool | None, set[tuple[int, int]]] = {True: set(), None: set()}  # of kinks: where both agree, where one cannot tell
        stale = nonzero = 0
        for point, truth in self.points():
            told, value, numbers = self._at(formula, answer, point, truth, bool(rounded))
            if told is True and agreed < CAREFUL and not rounded:  # a difference far below 2^-150 is one, too
                again = self._at(formula, answer, point, truth, carefully=True)
                told, value, numbers = again if again[0] is False else (told, value, numbers)
            if told is False:
                return self._differ(point, value, numbers[self.truth])
            if told is UNDEFINED:
                missing = missing or point
                continue
            if any(tied(gap, numbers) for gap in own):
                continue
            piece = tuple([sign for gap in kinks for sign in signs(gap, numbers)])
            sides[told].update(_sides(piece))
            if told is None:
                unknown = True
                continue
            agreed += 1
            nonzero += not all_zero(truth[self.truth])
            stale = stale + 1 if piece in pieces else 0
            pieces.add(piece)
            if agreed >= ENOUGH and (not kinks or (stale >= STALE and nonzero >= ENOUGH // 2)):
                break
        if differ:
            return Comparison(INCORRECT, said("not equal as rational functions, exactly"))
        if agreed < 3:
            few = said("too few points were found where both have values")
            return Comparison(UNDECIDED, few if agreed else said("no point was found where both have values"))
        for point, truth in [*self._beside, *self._at_kinks(own)]:
            told, value, numbers = self._at(formula, answer, point, truth, bool(rounded))
            if any(tied(gap, numbers) for gap in own):
                continue
            if told is False:
                return self._differ(point, value, numbers[self.truth])
            if told is UNDEFINED:
                missing = missing or point
            else:
                sides[told].update(_sides(sign for gap in kinks for sign in signs(gap, numbers)))
        if (agreed < ENOUGH // 2 and unknown) or not sides[None] <= sides[True]:
            return Comparison(UNDECIDED, said("the difference could not be told from 0 at enough points"))
        absent = "" if missing is None else self._absent(missing)
        return Comparison(CORRECT, said("balls agree to 2^-150 at {0} points", agreed), notes=(absent,) if absent else (), domain=absent)

    def _at(
        self, formula: Callable[[Point], Numbers], answer: Expr, point: Point, truth: Numbers, loosely: bool = False,
        carefully: bool = False,
    ) -> tuple[Any, Any, Numbers]:
        """Return whether both agree (UNDEFINED where the answer has no value, None where it is not known), its value, and all numbers."""
        for bits in (MORE_BITS,) if carefully else (BITS, MORE_BITS):
            with precision(bits):
                if bits != BITS:
                    truth = self.formula(point)
                numbers = {**formula(point), **truth}  # the answer may itself be a node of the truth: the same number
                value = numbers[answer]
                try:
                    wanted = EXACT_BITS if carefully else EQUAL_BITS
                    return UNDEFINED if lacking(value) else agree(value, truth[self.truth], loosely, wanted), value, numbers
                except Doubtful:
                    continue
        return None, value, numbers

    def _differ(self, point: Point, value: Any, truth: Any) -> Comparison:
        at = {name: written_out(number) for name, number in point.items()}
        with precision(MORE_BITS):
            entry = first_difference(value, truth)
            where = "" if not entry else said("entry {0}", ", ".join(str(i + 1) for i in entry))
            one, two = (number[entry] if entry else number for number in (value, truth))
            for digits in (15, 30, 75, 150, 225, 300, 600):
                given, expected = shown(one, digits), shown(two, digits)
                if apart(given, expected):
                    break
        return Comparison(INCORRECT, said("balls that do not meet: proved"), {"at": at, "given": given, "expected": expected}, where=where)

    def _domain(self, answer: Expr) -> str:
        """Say where an answer that is equal elsewhere has no value, at small whole numbers."""
        if not self._whole:
            return ""
        formula = self.made_ready([answer])
        with precision(BITS):
            return next((self._absent(point) for point in self._whole if formula(point)[answer] is UNDEFINED), "")

    def _absent(self, point: Point) -> str:
        at = ", ".join(f"{name} = {written_out(value)}" for name, value in point.items())
        return said("the domains differ: the answer has no value at {0}, where the derivative has one", at)


def _sides(piece: Iterable[int]) -> set[tuple[int, int]]:
    """Return the sides of kinks that a point is on, where that is known."""
    return {(k, sign) for k, sign in enumerate(piece) if sign}
