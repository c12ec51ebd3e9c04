"""What is handed in: the truth, every slip of a question with its result, and how numbers are written."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from mistakes.arithmetics import FLOATS, WORDS, Piecewise, Words, exact
from mistakes.engine import Run, Slip, local, shape
from mistakes.functions import drawn, numbers
from mistakes.kinds import alike, slips

EXACT = exact()
FAILED = (ArithmeticError, ValueError, TypeError)


class Case(NamedTuple):
    """A wrong answer: to what, as it is written, and the slip (or slips) behind it."""

    question: Question
    target: str
    answer: str
    slips: tuple[Slip, ...]
    form: str

    @property
    def labels(self):
        return tuple(slip.label for slip in self.slips)


class Question:
    """One function at one point of a sheet that has another point; two points beside it tell functions from each other."""

    def __init__(self, function, seed) -> None:
        self.function, self.graph, self.seed = function, function.graph, seed
        tried = iter(range(1000))
        self.point, self.other = self._generic(tried), self._generic(tried)
        self.apart = self._beside()
        self.targets = {**self.graph.variables, **self.graph.stages}
        self.targets = {name: node for name, node in self.targets.items() if node is not self.graph.root}
        self.values = Run(EXACT, self.graph, numbers(EXACT, self.point)).values
        self._pools, self._names = {}, {}

    def _generic(self, tried):
        """Return the next point at which the function has a value and no gradient is out of size."""
        for k in tried:
            point = drawn(self.function, self.seed, k)
            try:
                run = Run(FLOATS, self.graph, numbers(FLOATS, point))
                sizes = [abs(x) for node in self.graph.variables.values() for x in np.ravel(run.gradient(node))]
            except FAILED:
                continue
            if max(sizes) < 1e6:
                return point
        raise AssertionError(self.function.text)

    def _beside(self):
        """Return two points a little aside, where the same gates are open and the same inputs win as at the point itself."""
        rng, here, found = random.Random(f"beside {self.seed} {self.function.text}"), self._piece_at(self.point), []
        while len(found) < 2:
            point = _moved(rng, self.point)
            if self._piece_at(point) == here:
                found.append(point)
        return found

    def _piece_at(self, point):
        gates = [node for node in self.graph.order if node.op in ("relu", "abs", "max", "min")]
        known = Run(FLOATS, self.graph, numbers(FLOATS, point)).values if gates else {}
        return [np.array(local(FLOATS, node, 0, [known[arg] for arg in node.args], known[node])).tolist() for node in gates]

    def handed_in(self, target, made, m=EXACT, at=None):
        """Return the gradient in a node as it comes out with slips; None where that cannot be computed."""
        if m is WORDS and any(slip.label == "degrees against radians" for slip in made):
            return None  # a formula has no unit
        if m is WORDS:
            known, other = {name: Words(name) for name in self.point}, None
        else:
            known, other = numbers(m, at or self.point), numbers(m, self.other)
        try:
            found = Run(m, self.graph, known, made, other).gradient(self.targets[target])
            real = m is WORDS or all(abs(float(x)) < 1e12 for x in np.ravel(found))  # a complex number is none
        except (*FAILED, Piecewise):
            return None
        return found if real else None

    def truth(self, target):
        return self.handed_in(target, ())

    def pool(self, target):
        """Return the slips that change this gradient here, with what they give, and how many change nothing or nothing to be seen."""
        if target not in self._pools:
            self._pools[target] = self._results(target, slips(self.function, self.targets[target]))
        return self._pools[target]

    def names(self, target):
        """Return all that a diagnosis may mean: the pool, and what is beside the list."""
        if target not in self._names:
            self._names[target] = self.pool(target)[0] + self._results(target, alike(self.function, self.targets[target]))[0]
        return self._names[target]

    def _results(self, target, made):
        right, found, same = self.truth(target), [], 0
        for slip in made:
            wrong = self.handed_in(target, (slip,))
            if wrong is None or shape(wrong) != shape(right):
                continue
            if close(wrong, right, 2e-3):
                same += 1
            else:
                found.append((slip, wrong))
        return found, same

    def distinct(self, target):
        """Return the slips of one label and one result once."""
        kept = {}
        for slip, wrong in self.pool(target)[0]:
            key = slip.label, tuple(f"{float(x):.9e}" for x in np.ravel(wrong))
            kept.setdefault(key, (slip, wrong))
        return list(kept.values())

    def same_function(self, target, made, other) -> bool:
        """Tell whether slips give the same here and at two other points, in no special position."""
        if any(slip.keep for slip in made) is not any(slip.keep for slip in other):
            return False  # a rounded number is no function of its own
        if not close(self.handed_in(target, made), self.handed_in(target, other), 1e-15):
            return False
        for at in self.apart:
            one, two = self.handed_in(target, made, FLOATS, at), self.handed_in(target, other, FLOATS, at)
            if (one is None) is not (two is None):
                return False
            if one is not None and not close(one, two, 1e-9):
                return False
        return True


def _moved(rng, value):
    """Move every number by 1 to 5 %."""
    if isinstance(value, dict):
        return {name: _moved(rng, entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [_moved(rng, entry) for entry in value]
    return f"{Decimal(value) * (1 + rng.choice((1, -1)) * Decimal(rng.randrange(10, 50)) / 1000):f}"


def close(one, two, gap) -> bool:
    """Tell whether all entries agree to a relative gap."""
    return shape(one) == shape(two) and all(abs(a - b) <= gap * max(abs(a), abs(b)) for a, b in zip(np.ravel(one), np.ravel(two)))


def digits(x, count) -> str:
    """Write a number to so many significant digits; without the zeros of one that ends sooner."""
    from mpmath import mp

    exact_ = Decimal(mp.nstr(mp.mpf(x), 28))
    rounded = Decimal(f"{exact_:.{count - 1}e}")
    if rounded == exact_:
        rounded = rounded.normalize()
    if rounded == 0:
        return "0"
    return f"{rounded:f}" if -5 <= rounded.adjusted() < count else f"{rounded:e}".replace("e+", "e")


def text_of(x, count) -> str:
    """Write a number or an array."""
    if isinstance(x, np.ndarray):
        return "[" + ", ".join(text_of(entry, count) for entry in x) + "]"
    return digits(x, count)


def apart(wrong, right, count) -> bool:
    """Tell whether an answer of so many digits shows that it is wrong: an entry is no rounding of the truth, nor next to one."""
    for a, b in zip(np.ravel(wrong), np.ravel(right)):
        written, truth = Decimal(digits(a, count)), Decimal(digits(b, 25))
        unit = Decimal(1).scaleb((written or truth).adjusted() - count + 1)
        half = Decimal(5).scaleb(written.as_tuple().exponent - 1)
        if abs(written - truth) > max(unit, half):
            return True
    return False
