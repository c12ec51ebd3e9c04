"""What is wrong with a point of a question: a slip that gives the right number there, two that give the same, a kink."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from gradcli.arithmetic import Doubtful
from gradcli.arithmetic.certain import UNDEFINED, ball_of, decimal, from_decimal, known, to_float
from gradcli.classroom.spots import ordinary
from gradcli.digits import Balls
from gradcli.expr import ZERO
from gradcli.judge.diagnosis import Slipped, slipped
from gradcli.judge.kinks import gaps, pairs
from gradcli.judge.numbers import EQUAL_BITS, same
from gradcli.judge.targets import Target, target_of
from gradcli.judge.truth import Truth
from gradcli.judge.verdict import Diagnosis

_BITS = (256, 1024)  # what is not apart then is taken for the same
_CLOSE = from_decimal(1, -2)
# Where these give the right number nobody has made a mistake: the gate was open, the larger one was chosen.
_ROUNDED = "rounded-early"
_NO_MISTAKE = ("gate-open", "gate-closed", "max-loser", "max-both")
Slip = tuple[str, str, str]  # its kind, its step and what is said of it


class Seen(NamedTuple):
    """The slips of one part at one point: those that give the right number, the others, and groups of these that give one number.

    ``right`` are the entries of the truth, in balls of so many bits.
    """

    asked: Target
    bits: int
    right: list[Any]
    lucky: tuple[Diagnosis, ...]
    wrong: tuple[Slipped, ...]
    alike: tuple[tuple[Diagnosis, ...], ...]


def seen(truth: Truth, target: str, elsewhere: Sequence[Truth] = (), apart_from: frozenset[Slip] = frozenset()) -> Seen:
    """Return what slips do to a part at a point; those in ``apart_from`` are left out, as no point shows them."""
    assert truth.point is not None
    asked = target_of(target, truth)
    engine = Balls(_BITS[0], truth.point.arrays, last=False)
    with engine.precision():
        slips = [
            slip for slip in slipped(truth, asked, engine, elsewhere)
            if slip.diagnosis.kind != _ROUNDED and _id(slip.diagnosis) not in apart_from
        ]  # fmt: skip
        right = truth.partial(engine, asked.node) if asked.partial else truth.value(engine, asked.node)
        lucky: list[Slipped] = []
        wrong: list[Slipped] = []
        doubtful: list[Slipped] = []
        for slip in slips:
            equal = _equal(slip.entries, right)
            (doubtful if equal is None else lucky if equal else wrong).append(slip)
    if doubtful:
        equal_ids = _still_equal(truth, asked, doubtful, elsewhere)
        for slip in doubtful:
            (lucky if _id(slip.diagnosis) in equal_ids else wrong).append(slip)
    return Seen(asked, _BITS[0], right, tuple(slip.diagnosis for slip in lucky if slip.diagnosis.kind not in _NO_MISTAKE), tuple(wrong), tuple(_alike(wrong, engine)))


def results_of(truth: Truth, target: str) -> list[float]:
    """Return the entries of the truth as floats."""
    assert truth.point is not None
    asked = target_of(target, truth)
    engine = Balls(_BITS[0], truth.point.arrays, last=False)
    with engine.precision():
        right = truth.partial(engine, asked.node) if asked.partial else truth.value(engine, asked.node)
        return [number for number in map(to_float, right) if number is not None]


def hidden(truth: Truth, target: str, seed: str) -> frozenset[Slip]:
    """Return the slips that give the right number at every ordinary point: no choice of a point shows them."""
    lucky: set[Slip] = set()
    shown: set[Slip] = set()
    before: list[Truth] = []
    for other in ordinary(truth, seed):
        found = seen(other, target, before)
        lucky |= set(map(_id, found.lucky))
        shown |= {_id(slip.diagnosis) for slip in found.wrong}
        before = [other]
    return frozenset(lucky - shown)


def _id(diagnosis: Diagnosis) -> Slip:
    return diagnosis.kind, diagnosis.step, diagnosis.says


def _still_equal(truth: Truth, asked: Target, doubtful: list[Slipped], elsewhere: Sequence[Truth]) -> set[Slip]:
    """Return those of some slips that more bits do not tell from the truth."""
    assert truth.point is not None
    wanted = {_id(slip.diagnosis) for slip in doubtful}
    for bits in _BITS[1:]:
        engine = Balls(bits, truth.point.arrays, last=False)
        with engine.precision():
            right = truth.partial(engine, asked.node) if asked.partial else truth.value(engine, asked.node)
            for finer in slipped(truth, asked, engine, elsewhere):
                if _id(finer.diagnosis) in wanted and _equal(finer.entries, right) is False:
                    wanted.discard(_id(finer.diagnosis))
    return wanted


def _equal(one: Sequence[Any], two: Sequence[Any]) -> bool | None:
    """Tell whether all entries are the same to many bits; None where that is not known."""
    doubt = len(one) != len(two)
    if doubt:
        return False
    for x, y in zip(one, two):
        if x is UNDEFINED or y is UNDEFINED:
            return False
        try:
            if not same(x, y, EQUAL_BITS):
                return False
        except Doubtful:
            doubt = True
    return None if doubt else True


def _alike(wrong: Iterable[Slipped], engine: Balls) -> Iterable[tuple[Diagnosis, ...]]:
    """Yield groups of slips whose results are one."""
    groups: dict[tuple[str | None, ...], list[list[Slipped]]] = {}
    with engine.precision():
        for slip in wrong:
            digits = tuple(decimal(entry, 12) if known(entry) else None for entry in slip.entries)
            beside = groups.setdefault(digits, [])
            own = next((group for group in beside if _equal(group[0].entries, slip.entries) is not False), None)
            if own is None:
                beside.append([slip])
            else:
                own.append(slip)
    for beside in groups.values():
        for group in beside:
            if len(group) > 1:
                yield tuple(slip.diagnosis for slip in group)


def beside_a_kink(truth: Truth) -> bool:
    """Tell whether the two sides of a condition are less than a hundredth apart: two decimals on the way may cross it."""
    assert truth.point is not None
    engine = Balls(_BITS[0], truth.point.arrays, last=False)
    with engine.precision():
        numbers = {ZERO: engine.arithmetic.number(0, 0), **truth.numbers(engine)[0]}
        return any(_near(x, y) for gap in gaps(truth.circuit.order) for x, y in pairs(gap, numbers))


def _near(x: Any, y: Any) -> bool:
    if x is UNDEFINED or y is UNDEFINED or not (known(x) and known(y)):
        return False
    apart = abs(ball_of(x) - ball_of(y))
    return bool(apart < _CLOSE) and not bool(apart == 0)
