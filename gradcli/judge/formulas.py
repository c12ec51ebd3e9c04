"""Comparing two formulas: exactly as rational functions, else in balls at random dyadic points of several boxes.

A ball of the difference that excludes 0 proves that they differ, and its point is the witness. At points where both agree
to 2^-150 in every box, and on both sides of every kink that was found, they are taken for equal (Gonnet, *Determining
equivalence of expressions in random polynomial time*, 1984: "unequal" is always right, "equal" with overwhelming probability).
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any, NamedTuple

from flint import arb, fmpq, fmpz

from gradcli.arithmetic import Doubtful, evaluate
from gradcli.arithmetic.ball import Ball
from gradcli.arithmetic.certain import UNDEFINED, ball_of, known, precision
from gradcli.expr import NUMBER, SYMBOL, Expr, as_float, decimal, make, tape
from gradcli.judge.numbers import EQUAL_BITS, EXACT_BITS, same, shown
from gradcli.judge.polynomials import equal
from gradcli.judge.verdict import CORRECT, INCORRECT, UNDECIDED
from gradcli.ops import rows
from gradcli.shapes import Shape
from gradcli.slopes import indices

Point = dict[str, Any]  # name → an exact rational, or an array of them

ENOUGH, MOST_POINTS = 12, 240
CAREFUL = 2  # points at which equal values are compared again to 1000 bits
BITS, MORE_BITS = 256, 2048
BOXES = (1, 3, 10, 0.1, 100, 1e-6, 1e4, 1e8)  # half the width around 0
_NICE = [fmpq(p, q) for p, q in ((1, 2), (2, 1), (-1, 2), (3, 1), (-2, 1), (3, 2), (1, 4), (-3, 1), (5, 1), (-3, 2), (3, 4), (4, 1))]


class Comparison(NamedTuple):
    """The verdict on two formulas, how it was found, the point where they differ with both values, and notes."""

    verdict: str
    method: str
    witness: dict[str, object] | None = None
    notes: tuple[str, ...] = ()
    where: str = ""
    domain: str = ""


class Question:
    """What answers are compared with: a function, one formula that is true of it (also shortened), and points where both have values.

    The points are drawn by a seed made of the question, and their true values are kept: the same answer always gets the same verdict.
    """

    def __init__(self, function: Expr, truth: Expr, short: Expr, shapes: dict[str, Shape], near: Point, seed: str) -> None:
        self.function, self.truth, self.short, self.shapes = function, truth, short, shapes
        self.near = near
        self.seed = seed
        self._random = random.Random(seed)
        self.order = tape(function, truth)
        self.arrays = any(shapes.values()) or structural(self.order)
        self.kinks = _Kinks(self.order)
        self._drawn = self._points()
        self._known: list[tuple[Point, Any]] = []
        self._tried = 0

    # ---- the points -----------------------------------------------------------------------------------------

    def points(self) -> Iterator[tuple[Point, Any]]:
        """Yield points at which the function has a derivative, with its value there; at most so many are tried."""
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
            value = self.value_at(point)
            if value is not None:
                self._known.append((point, value))
                return True
        return False

    def value_at(self, point: Point) -> Any:
        """Return the true value at a point; None where the function or its derivative has none, or it is not known."""
        with precision(BITS):
            numbers = evaluate(self.order, self.environment(point), self.arithmetic())
            if not (_all_known(numbers[self.function]) and _all_known(numbers[self.truth])) or self.kinks.on_edge(numbers):
                return None
            return numbers[self.truth]

    def arithmetic(self) -> Any:
        if not self.arrays:
            return Ball()
        from gradcli.arithmetic.entries import Entries

        return Entries(Ball())

    def environment(self, point: Point) -> dict[Expr, Any]:
        return {make(SYMBOL, (), name): value for name, value in point.items()}

    def _points(self) -> Iterator[Point]:
        """Yield simple points, those near the one given and near the constants of the formulas, then random ones."""
        names = list(self.shapes)
        for k in range(6):
            yield self._point(lambda name, k=k: _NICE[(k + 5 * names.index(name)) % len(_NICE)])
        constants = sorted({as_float(node) for node in self.order if node.op == NUMBER and 0 < abs(as_float(node)) < 1e300})[:20]
        while True:
            for box in BOXES:
                yield self._point(lambda name, box=box: self._dyadic(box))
            yield self._point(lambda name: abs(self._dyadic(3)) + fmpq(1, 16))
            if self.near:
                for width in (fmpq(1, 4), fmpq(1, 1000)):
                    yield self._nearby(width)
            if constants:
                yield self._point(lambda name: fmpq(*self._random.choice(constants).as_integer_ratio()) * (1 + self._dyadic(0.1)))

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

    def _dyadic(self, box: float) -> fmpq:
        """Return a random k / 2^12 of a box around 0, other than 0."""
        k = self._random.randrange(1, 4096) * self._random.choice((1, -1))
        return fmpq(k, 4096) * fmpq(*float(box).as_integer_ratio())

    def _nearby(self, width: fmpq) -> Point:
        return {
            name: self._moved(self.near[name], width) if name in self.near else self._drawn_in(shape, lambda: self._dyadic(3))
            for name, shape in self.shapes.items()
        }

    def _moved(self, value: Any, width: fmpq) -> Any:
        if hasattr(value, "ndim"):
            out = value.copy()
            for index in indices(value.shape):
                out[index] = value[index] + self._dyadic(1) * width
            return out
        return value + self._dyadic(1) * width

    # ---- the comparison -------------------------------------------------------------------------------------

    def compare(self, answer: Expr) -> Comparison:
        """Compare an answer with the truth."""
        if answer in (self.truth, self.short):
            return Comparison(CORRECT, "the same formula")
        self.arrays = self.arrays or structural(tape(answer))
        exact = None if self.arrays else equal(answer, self.short)
        if exact:
            return Comparison(CORRECT, "equal as rational functions, exactly", notes=self._domain(answer))
        found = self._sampled(answer, exact is False, {})
        rounded = _long_decimals(answer)
        if found.verdict != CORRECT and rounded:
            read = self._sampled(answer, False, rounded)
            return read._replace(notes=(*read.notes, _ROUNDED)) if read.verdict == CORRECT else found
        return found

    def _sampled(self, answer: Expr, differ: bool, rounded: dict[Expr, Any]) -> Comparison:
        agreed, missing, unknown = 0, None, False
        order = tape(answer)
        kinks = _Kinks(self.order, order)
        for point, truth in self.points():
            told = self._at(order, answer, point, truth, kinks, rounded)
            if told is True and agreed < CAREFUL and not rounded:  # a difference far below 2^-150 is one
                told = self._at(order, answer, point, truth, kinks, rounded, carefully=True) or True
            if told is None:
                unknown = True
            elif told is UNDEFINED:
                missing = missing or point
            elif told is True:
                agreed += 1
            else:
                return self._differ(point, told)
            if agreed >= ENOUGH:
                break
        if differ:
            return Comparison(INCORRECT, "not equal as rational functions, exactly")
        if agreed < 3:
            what = "no point was found where both have values" if not agreed else "too few points were found where both have values"
            return Comparison(UNDECIDED, what)
        for point in kinks.other_sides(self):
            truth = self.value_at(point)
            told = True if truth is None else self._at(order, answer, point, truth, kinks, rounded)
            if told is UNDEFINED:
                missing = missing or point
            elif told is not True and told is not None:
                return self._differ(point, told)
        if agreed < ENOUGH // 2 and unknown:
            return Comparison(UNDECIDED, "the difference could not be told from 0 at enough points")
        absent = "" if missing is None else self._absent(missing)
        return Comparison(CORRECT, f"balls agree to 2^-150 at {agreed} points", notes=(absent,) if absent else (), domain=absent)

    def _at(
        self, order: list[Expr], answer: Expr, point: Point, truth: Any, kinks: _Kinks, rounded: dict[Expr, Any], carefully: bool = False
    ) -> Any:
        """Return True where both agree, UNDEFINED where the answer has no value, None where it is not known, else its value."""
        for bits in (MORE_BITS,) if carefully else (BITS, MORE_BITS):
            with precision(bits):
                if bits != BITS:
                    truth = evaluate(self.order, self.environment(point), self.arithmetic())[self.truth]
                numbers = evaluate(order, {**rounded, **self.environment(point)}, self.arithmetic())
                if kinks.on_edge(numbers):
                    return None
                kinks.saw(numbers)
                value = numbers[answer]
                try:
                    if _lacking(value):
                        return UNDEFINED
                    return True if _agree(value, truth, bool(rounded), EXACT_BITS if carefully else EQUAL_BITS) else value
                except Doubtful:
                    continue
        return None

    def _differ(self, point: Point, value: Any) -> Comparison:
        at = {name: _written(number) for name, number in point.items()}
        with precision(MORE_BITS):
            truth = evaluate(self.order, self.environment(point), self.arithmetic())[self.truth]
            entry = _first_difference(value, truth)
            where = "" if not entry else "entry " + ", ".join(str(i + 1) for i in entry)
            one, two = (number[entry] if entry else number for number in (value, truth))
            digits = next((n for n in (15, 30, 100, 400) if shown(one, n) != shown(two, n)), 15)
            witness: dict[str, object] = {"at": at, "given": shown(one, digits), "expected": shown(two, digits)}
        return Comparison(INCORRECT, "balls that do not meet: proved", witness, where=where)

    def _domain(self, answer: Expr) -> tuple[str, ...]:
        """Say where an answer that is equal elsewhere has no value, at small whole numbers."""
        names = list(self.shapes)
        if not names or len(names) > 4:
            return ()
        for k in (0, 1, -1, 2, -2, 3, -3):
            point = {name: fmpq(k + place) for place, name in enumerate(names)}
            if self.value_at(point) is not None:
                with precision(BITS):
                    if evaluate(tape(answer), self.environment(point), Ball())[answer] is UNDEFINED:
                        return (self._absent(point),)
        return ()

    def _absent(self, point: Point) -> str:
        at = ", ".join(f"{name} = {_written(value)}" for name, value in point.items())
        return f"the domains differ: the answer has no value at {at}, where the derivative has one"


class _Kinks:
    """The numbers whose sign decides a kink in either formula, and which signs were seen."""

    def __init__(self, *orders: list[Expr]) -> None:
        self.gaps: dict[Expr, Expr] = {}
        self.seen: dict[Expr, set[int]] = {}
        for order in orders:
            for node in order:
                gap = _gap(node)
                if gap is not None and any(leaf.op == SYMBOL for leaf in tape(gap)):
                    self.gaps[node] = gap
                    self.seen[node] = set()

    def saw(self, numbers: dict[Expr, Any]) -> None:
        for node in self.gaps:
            if all(arg in numbers for arg in node.args):
                self.seen[node] |= _sides(numbers, node)

    def on_edge(self, numbers: dict[Expr, Any]) -> bool:
        """Tell whether a point lies on a kink: what holds there alone says nothing about the functions."""
        return any(_tied(numbers, node) for node in self.gaps if all(arg in numbers for arg in node.args))

    def other_sides(self, question: Question) -> Iterator[Point]:
        """Yield points on the side of a kink that no point was on yet, as far as a search along lines finds them."""
        for node, seen in self.seen.items():
            if len(seen) == 2:
                continue
            order = tape(node)
            for k in (*range(-20, 34), *range(34, 700, 22)):
                for sign in (1, -1):
                    point = question._point(lambda name, k=k, sign=sign: fmpq(sign) * fmpq(2) ** k * (1 + question._dyadic(0.5)))
                    with precision(BITS):
                        numbers = evaluate(order, question.environment(point), question.arithmetic())
                        sides = _sides(numbers, node)
                    if sides - seen:
                        seen |= sides
                        yield point
                        for _ in range(2):
                            yield {name: question._moved(value, fmpq(2) ** (k - 4)) for name, value in point.items()}
                if len(seen) == 2:
                    break


def _gap(node: Expr) -> Expr | None:
    if node.op in ("abs", "sign", "relu", "leaky_relu", "elu", "selu"):
        return node.args[0]
    if len(node.args) == 2 and node.op in ("max", "min", "<", "<=", ">", ">="):
        return make("-", node.args)
    return None


def _sides(numbers: dict[Expr, Any], node: Expr) -> set[int]:
    """Return on which sides of a kink the entries of a point are, as far as that is known."""
    signs = set()
    for left, right in _gaps(numbers, node):
        if left is not UNDEFINED and right is not UNDEFINED:
            signs |= {1} if ball_of(left) > ball_of(right) else {-1} if ball_of(left) < ball_of(right) else set()
    return signs


def _gaps(numbers: dict[Expr, Any], node: Expr) -> list[tuple[Any, Any]]:
    """Return the pairs of numbers whose order decides, entry by entry."""
    left = numbers[node.args[0]]
    right = numbers[node.args[1]] if len(node.args) == 2 and node.op not in ("leaky_relu", "elu") else fmpq(0)
    size = max(len(_entries(left)), len(_entries(right)))
    one, two = (_entries(side) if hasattr(side, "ndim") else [side] * size for side in (left, right))
    return list(zip(one, two))


def _tied(numbers: dict[Expr, Any], node: Expr) -> bool:
    return any(isinstance(one, fmpq) and isinstance(two, fmpq) and one == two for one, two in _gaps(numbers, node))


def structural(order: list[Expr]) -> bool:
    """Tell whether an operator on arrays occurs."""
    return any(row.shape for node in order if node.args for row in rows(node.op, len(node.args)))


def _entries(value: Any) -> list[Any]:
    return list(value.ravel()) if hasattr(value, "ndim") else [value]


def _all_known(value: Any) -> bool:
    return all(known(entry) for entry in _entries(value))


def _lacking(value: Any) -> bool:
    return any(entry is UNDEFINED for entry in _entries(value))


def _agree(value: Any, truth: Any, loosely: bool, bits: int) -> bool:
    doubt = False
    for one, two in zip(_entries(value), _entries(truth)):
        try:
            if loosely and _near(one, two):
                continue
            if not same(one, two, bits):
                return False
        except Doubtful:
            doubt = True
    if doubt:
        raise Doubtful
    return True


LONG = 12  # significant digits from which on a decimal in a formula is taken for a rounded number
_ROUNDED = f"decimals of {LONG} digits and more are read as rounded"


def _long_decimals(answer: Expr) -> dict[Expr, Any]:
    """Return the balls of the decimals in an answer that were written out to many digits: ± half a unit of the last."""
    out = {}
    for node in tape(answer):
        if node.op == NUMBER:
            mantissa, exponent = decimal(node)
            if exponent < 0 and len(str(abs(mantissa))) >= LONG:
                out[node] = arb(fmpq(mantissa, fmpz(10) ** -exponent), arb(fmpq(1, 2 * fmpz(10) ** -exponent)))
    return out


def _near(one: Any, two: Any) -> bool:
    """Tell whether two numbers meet, and are known well enough for that to say something."""
    one, two = arb(ball_of(one)), arb(ball_of(two))
    gap = one - two
    return gap.contains(0) and bool(abs(gap).upper() < (abs(one) + abs(two)) * arb(2) ** -30)


def _first_difference(value: Any, truth: Any) -> tuple[int, ...]:
    if not hasattr(value, "ndim"):
        return ()
    for index in indices(value.shape):
        one, two = arb(ball_of(value[index])), arb(ball_of(truth[index]))
        if one > two or one < two:
            return index
    return ()


def _written(value: Any) -> str:
    if hasattr(value, "ndim"):
        return "[" + ", ".join(_written(entry) for entry in value) + "]"
    return shown(value, 17)
