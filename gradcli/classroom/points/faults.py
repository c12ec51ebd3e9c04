"""What is wrong with a point of a question: a slip that gives the right number there, two that give the same, a kink."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from gradcli.arithmetic.certain import UNDEFINED, ball_of, decimal, from_decimal, known
from gradcli.classroom.points.watch import BITS, ROUNDED, Watch, equal
from gradcli.digits.further import Balls
from gradcli.expr import ZERO
from gradcli.judge.diagnosis import Slipped, slipped
from gradcli.judge.kinks import gaps, pairs
from gradcli.judge.truth import Truth
from gradcli.judge.verdict import Diagnosis

_CLOSE = from_decimal(1, -2)


class Seen(NamedTuple):
    """The slips of one part at one point: those that give the right number, the others, and groups of these that give one number.

    ``right`` are the entries of the truth, in balls.
    """

    right: list[Any]
    lucky: tuple[Diagnosis, ...]
    wrong: tuple[Slipped, ...]
    alike: tuple[tuple[Diagnosis, ...], ...]


def seen(truth: Truth, watch: Watch, elsewhere: Sequence[Truth] = ()) -> Seen:
    """Return what slips do to a part at a point; those that no point shows are left out."""
    assert truth.point is not None
    engine = Balls(BITS, truth.point.arrays, last=False)
    wrong: list[Slipped] = []
    with engine.precision():
        right = watch.right(truth)
        for slip in slipped(truth, watch.asked, engine, () if watch.still else elsewhere):
            if slip.diagnosis.kind != ROUNDED and equal(slip.entries, right) is False:
                wrong.append(slip)
        return Seen(right, (*watch.lucky(truth), *watch.same_elsewhere(truth, elsewhere)), tuple(wrong), tuple(_alike(wrong)))


def _alike(wrong: list[Slipped]) -> Iterator[tuple[Diagnosis, ...]]:
    """Yield groups of slips whose results are one."""
    groups: dict[tuple[str | None, ...], list[list[Slipped]]] = {}
    for slip in wrong:
        digits = tuple(decimal(entry, 12) if known(entry) else None for entry in slip.entries)
        beside = groups.setdefault(digits, [])
        own = next((group for group in beside if equal(group[0].entries, slip.entries) is not False), None)
        if own is None:
            beside.append([slip])
        else:
            own.append(slip)
    for beside in groups.values():
        yield from (tuple(slip.diagnosis for slip in group) for group in beside if len(group) > 1)


def beside_a_kink(truth: Truth) -> bool:
    """Tell whether the two sides of a condition are less than a hundredth apart: two decimals on the way may cross it."""
    assert truth.point is not None
    conditions = gaps(truth.circuit.order)
    if not conditions:
        return False
    engine = Balls(BITS, truth.point.arrays, last=False)
    with engine.precision():
        numbers = {ZERO: engine.arithmetic.number(0, 0), **truth.numbers(engine)[0]}
        return any(_near(x, y) for gap in conditions for x, y in pairs(gap, numbers))


def _near(x: Any, y: Any) -> bool:
    if x is UNDEFINED or y is UNDEFINED or not (known(x) and known(y)):
        return False
    apart = abs(ball_of(x) - ball_of(y))
    return bool(apart < _CLOSE) and not bool(apart == 0)
