"""A better point: near the given one, short to write, and every slip gives another number there than the truth."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from gradcli.arithmetic.certain import precision
from gradcli.classroom.faults import Slip, beside_a_kink, hidden, seen
from gradcli.classroom.handwriting import exactly, to_digits, whole
from gradcli.classroom.key import Item
from gradcli.classroom.points import Draws, Range, written
from gradcli.classroom.spots import Spot, drawn, truth_at
from gradcli.judge.truth import Truth
from gradcli.nested import leaves, plain
from gradcli.report import WITHOUT_NUMBER

_TRIES, _ENOUGH = 48, 6  # points tried of each kind; and good ones from which the best is taken
_LARGEST, _SMALLEST = 1000.0, 0.001  # what a result by hand should lie between
_KINDS = (  # what the numbers of a point are made of, the simplest first
    Range(Fraction(-5), Fraction(1), 11, True), Range(Fraction(-4), Fraction(1, 2), 17, True), Range(Fraction(-2), Fraction(1, 10), 41, True),
)  # fmt: skip


class Quality(NamedTuple):
    """How good a point is, less is better: slips that cannot be told apart, characters of the answers, numbers that changed."""

    alike: int
    length: int
    changed: int


def better(item: Item, place: int) -> Spot | None:
    """Return a better point for one of a question's; None if none was found among those tried."""
    truth = item.truths[place]
    targets = [part.target for part in item.parts if part.place == place]
    others = [other for k, other in enumerate(item.truths) if k != place and other.point is not None]
    never = {target: hidden(truth, target, item.name) for target in dict.fromkeys(targets)}
    for space in _KINDS:
        found: list[tuple[Quality, int, Spot]] = []
        for order, spot in enumerate(_near(truth, space, f"{item.name}\0{place}")):
            other = truth_at(truth, spot)
            quality = None if other is None else flaws(other, targets, others, never)
            if quality is not None:
                found.append((quality._replace(changed=_changed(truth, spot)), order, spot))
            if len(found) == _ENOUGH:
                break
        if found:
            return min(found, key=lambda one: one[:2])[2]
    return None


def flaws(truth: Truth, targets: list[str], others: list[Truth], never: dict[str, frozenset[Slip]], largest: float = _LARGEST) -> Quality | None:
    """Return how good a point is; None where it is unlucky, on a kink or beside one, or where a result is far from 1."""
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
        if "e" in text:
            return None
        alike += sum(len(group) - 1 for group in found.alike)
        length += len(text)
    return Quality(alike, length, 0)


def _near(truth: Truth, space: Range, seed: str) -> Iterator[Spot]:
    """Yield points of the same shapes: first with one number changed, or two, then with all of them."""
    draws = Draws("better", seed, str(space.step))
    own = [number for given in (truth.bindings or {}).values() for number in leaves(plain(given.value))]
    seen_before = set()
    for attempt in range(_TRIES):
        kept = {k for k in range(len(own)) if attempt < 2 * _TRIES // 3 and draws.below(len(own)) >= 1 + attempt // 12}
        places = iter(range(len(own)))

        def draw(number: float, places: Iterator[int] = places, kept: set[int] = kept) -> str:
            return _spelt(number) if next(places) in kept else space.written(space.draw(draws))

        spot = drawn(truth, draw)
        if tuple(spot.values()) not in seen_before:
            seen_before.add(tuple(spot.values()))
            yield spot


def _spelt(number: float) -> str:
    """Return a number of the given point, as short as it was written."""
    return written(Fraction(repr(number)))


def _changed(truth: Truth, spot: Spot) -> int:
    return sum(_spelt(new) != _spelt(old) for name, text in spot.items() for new, old in zip(_floats(text), _old(truth, name)))


def _floats(text: str) -> list[float]:
    return [float(part) for part in text.replace("[", " ").replace("]", " ").split(",")]


def _old(truth: Truth, name: str) -> list[float]:
    assert truth.bindings is not None
    return leaves(plain(truth.bindings[name].value))
