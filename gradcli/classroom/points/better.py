"""A better point: near the given one, short to write, and every slip gives another number there than the truth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from gradcli.arithmetic.certain import precision
from gradcli.classroom.handwriting import exactly, to_digits, whole
from gradcli.classroom.key.key import Item
from gradcli.classroom.points.draws import Draws, Range, written
from gradcli.classroom.points.faults import beside_a_kink, seen
from gradcli.classroom.points.sieve import Sieve
from gradcli.classroom.points.spots import Spot, bindings, drawn, numbers_of, truth_at
from gradcli.classroom.points.watch import BITS, Watch
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


def better(item: Item, place: int, watches: Sequence[Watch]) -> Spot | None:
    """Return a better point for one of a question's; None if none was found among those tried.

    ``watches`` are those of the parts asked there.
    """
    truth = item.truths[place]
    others = [other for k, other in enumerate(item.truths) if k != place and other.point is not None]
    sieve = Sieve(watches)
    for space in _KINDS:
        found: list[tuple[Quality, int, Spot]] = []
        for spot, changed in _near(truth, space, f"{item.name}\0{place}"):
            other = truth_at(truth, spot) if sieve.passes(bindings(spot, truth.limits), LARGEST, SMALLEST) else None
            if other is not None and luck(other, watches, others, sieve) == 0:
                alike, length = _cost(other, watches, others)
                found.append((Quality(alike, length, changed), len(found), spot))
            if len(found) == _ENOUGH:
                break
        if found:
            return min(found, key=lambda one: one[:2])[2]
    return None


def luck(
    truth: Truth, watches: Sequence[Watch], others: Sequence[Truth], sieve: Sieve, largest: float = LARGEST, smallest: float = SMALLEST
) -> int | None:
    """Return how many slips of no weight a point does not show; None where it is unlucky, on a kink or beside one, or hard to write."""
    if truth.point is None or any(hit.felt or hit.kind in WITHOUT_NUMBER for hit in truth.point.hits) or beside_a_kink(truth):
        return None
    if any(abs(number) > largest for value in truth.point.values.values() for number in leaves(plain(value))):
        return None
    found = sieve.luck(truth.point.bindings, largest, smallest) if sieve.usable else 0
    if found is None:
        return None
    for watch in watches:
        if any(size > largest or 0 < size < smallest for size in watch.sizes(truth)):
            return None
        if watch.asked.partial and truth.status(watch.asked.node).status != "smooth":
            return None
        more = watch.luck(truth, others, sieve.rest.get(watch.target, []) if sieve.usable else None)
        if more is None:
            return None
        found += more
    return found


def _cost(truth: Truth, watches: Sequence[Watch], others: Sequence[Truth]) -> tuple[int, int]:
    """Return how many slips cannot be told from others, and how long the answers are."""
    alike = length = 0
    for watch in watches:
        found, shape = seen(truth, watch, others), truth.shape(watch.asked.node, watch.asked.partial)
        alike += sum(len(group) - 1 for group in found.alike)
        with precision(BITS):
            length += len(whole(found.right, shape, exactly) or whole(found.right, shape, to_digits(4)) or "")
    return alike, length


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
