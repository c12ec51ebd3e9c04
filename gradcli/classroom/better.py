"""A better point: near the given one, short to write, and every slip gives another number there than the truth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from gradcli.arithmetic.certain import precision, to_float
from gradcli.classroom.faults import Slip, beside_a_kink, seen
from gradcli.classroom.handwriting import exactly, to_digits, whole
from gradcli.classroom.key import Item
from gradcli.classroom.points import Draws, Range, written
from gradcli.classroom.spots import Spot, drawn, numbers_of, truth_at
from gradcli.judge.truth import Truth
from gradcli.nested import leaves, plain
from gradcli.report import WITHOUT_NUMBER

_TRIES, _ENOUGH = 48, 6  # points tried of each kind; and good ones from which the best is taken
LARGEST, SMALLEST = 1000.0, 0.001  # what a number on the way should not be beyond, and a result not below unless it is 0
_KINDS = (  # what the numbers of a point are made of, the simplest first: whole numbers, halves, tenths
    Range(Fraction(-5), Fraction(1), 11, True),
    Range(Fraction(-4), Fraction(1, 2), 17, True),
    Range(Fraction(-2), Fraction(1, 10), 41, True),
)


class Quality(NamedTuple):
    """How good a point is, less is better: slips that cannot be told apart, characters of the answers, numbers that changed."""

    alike: int
    length: int
    changed: int


def better(item: Item, place: int, never: Mapping[str, frozenset[Slip]]) -> Spot | None:
    """Return a better point for one of a question's; None if none was found among those tried.

    ``never`` holds for each target the slips that no point shows.
    """
    truth = item.truths[place]
    targets = [part.target for part in item.parts if part.place == place]
    others = [other for k, other in enumerate(item.truths) if k != place and other.point is not None]
    for space in _KINDS:
        found: list[tuple[Quality, int, Spot]] = []
        for spot, changed in _near(truth, space, f"{item.name}\0{place}"):
            other = truth_at(truth, spot)
            quality = None if other is None else quality_of(other, targets, others, never)
            if quality is not None:
                found.append((quality._replace(changed=changed), len(found), spot))
            if len(found) == _ENOUGH:
                break
        if found:
            return min(found, key=lambda one: one[:2])[2]
    return None


def quality_of(
    truth: Truth, targets: Sequence[str], others: Sequence[Truth], never: Mapping[str, frozenset[Slip]],
    largest: float = LARGEST, smallest: float = SMALLEST,
) -> Quality | None:  # fmt: skip
    """Return how good a point is; None where it is unlucky, on a kink or beside one, or has a number too large or too small to write."""
    if truth.point is None or any(hit.felt or hit.kind in WITHOUT_NUMBER for hit in truth.point.hits) or beside_a_kink(truth):
        return None
    sizes = [abs(number) for value in truth.point.values.values() for number in leaves(plain(value))]
    if any(size > largest for size in sizes):
        return None
    alike = length = 0
    for target in targets:
        found = seen(truth, target, others, never[target])
        if found.lucky:
            return None
        if found.asked.partial and truth.status(found.asked.node).status != "smooth":
            return None
        with precision(found.bits):
            shape = truth.shape(found.asked.node, found.asked.partial)
            text = whole(found.right, shape, exactly) or whole(found.right, shape, to_digits(4)) or ""
            if any(number and abs(number) < smallest for number in map(to_float, found.right)):
                return None
        alike += sum(len(group) - 1 for group in found.alike)
        length += len(text)
    return Quality(alike, length, 0)


def _near(truth: Truth, space: Range, seed: str) -> Iterator[tuple[Spot, int]]:
    """Yield points of the same shapes, and how many numbers are new: first one, then two, …, at last all of them."""
    draws = Draws("better", seed, written(space.step))
    old = numbers_of(truth)
    yielded = set()
    for attempt in range(_TRIES):
        wanted = min(len(old), 1 + attempt * len(old) // _TRIES)
        changed: set[int] = set()
        while len(changed) < wanted:
            changed.add(draws.below(len(old)))
        places = iter(range(len(old)))

        def draw(number: float, places: Iterator[int] = places, changed: set[int] = changed) -> str:
            return space.written(space.draw(draws)) if next(places) in changed else written(Fraction(repr(number)))

        spot = drawn(truth, draw)
        if tuple(spot.values()) not in yielded:
            yielded.add(tuple(spot.values()))
            yield spot, len(changed)
