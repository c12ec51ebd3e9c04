"""A point as text, value by value, as it would stand in a worksheet; and the truth of a question at another point."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache

from gradcli.classroom.points.draws import Draws, Range, written
from gradcli.errors import LIMIT, GradError, Source
from gradcli.judge.truth import Truth
from gradcli.limits import Limits
from gradcli.nested import Given, Nested, leaves, plain
from gradcli.values import parse_value
from gradcli.wording import joined, said

Spot = dict[str, str]  # by name, the value as text
_BOXES = ((-3, 3), (Fraction(1, 5), 3), (Fraction(1, 20), Fraction(19, 20)))  # everywhere, where logarithms are, where arcsines are


def truth_at(truth: Truth, spot: Mapping[str, str]) -> Truth | None:
    """Return the truth of the same question at another point; None where the function has no value, or the values no sense."""
    try:
        found = Truth(truth.program, bindings(spot, truth.limits), truth.limits)
    except GradError as problem:
        if problem.code == LIMIT:
            raise
        return None
    return None if found.broken is not None else found


def bindings(spot: Mapping[str, str], limits: Limits) -> dict[str, Given]:
    """Return the values of a point."""
    return {name: _value(text, limits) for name, text in spot.items()}


@lru_cache(maxsize=4096)
def _value(text: str, limits: Limits) -> Given:
    return parse_value(Source(text), limits)


def in_words(spot: Mapping[str, str]) -> str:
    """Return a point as it is shown: ``x = -2, y = 5``."""
    return joined(", ", [said("{0} = {1}", name, text) for name, text in spot.items()])


def drawn(truth: Truth, draw: Callable[[float], str]) -> Spot:
    """Return a point of the same shapes as the one of a truth, each number drawn beside the old one."""
    assert truth.bindings is not None
    return {name: _listed(plain(given.value), draw) for name, given in truth.bindings.items()}


def numbers_of(truth: Truth) -> list[float]:
    """Return the numbers of a point, entry by entry."""
    return [number for given in (truth.bindings or {}).values() for number in leaves(plain(given.value))]


def _listed(value: Nested, draw: Callable[[float], str]) -> str:
    if isinstance(value, list):
        return "[" + ", ".join([_listed(entry, draw) for entry in value]) + "]"
    return draw(value)


def ordinary(truth: Truth, seed: str, most: int = 4, tries: int = 16) -> Iterator[Truth]:
    """Yield the truth at points where nothing is special: beside the given one, and elsewhere; numbers of three decimals."""
    draws = Draws("ordinary", seed)
    thousandth = Fraction(1, 1000)
    boxes = [Range(Fraction(low), thousandth, int((high - low) / thousandth) + 1, True) for low, high in _BOXES]
    found = 0
    for attempt in range(tries):
        if found == most:
            return

        def beside(number: float) -> str:
            near = Fraction(number).limit_denominator(1000) if math.isfinite(number) else Fraction(0)
            return written(round(near * (1 + Fraction(draws.below(201) - 100, 1000)), 3) + Fraction(draws.below(201) - 100, 1000))

        def anywhere(number: float, attempt: int = attempt) -> str:
            box = boxes[attempt // 2 % len(boxes)]
            return box.written(box.draw(draws))

        other = truth_at(truth, drawn(truth, anywhere if attempt % 2 else beside))
        if other is not None and other.point is not None and not other.point.hits:
            found += 1
            yield other
