"""Follow-through from rounded numbers: an answer may follow from any of the numbers that round to what the student wrote.

    t ∈ [w − ½u, w + ½u],  u the unit of the last digit written;   is there a t with answer = f(t), to every digit?

One such t that is found is a proof. It is looked for between the ends, by the secant.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, TypeVar

from flint import arb, fmpq

from gradcli.arithmetic.certain import ball_of
from gradcli.judge.check import Rules
from gradcli.judge.numbers import match, value_of
from gradcli.judge.written import Decimal

Number = Any
K = TypeVar("K", bound=Hashable)

MOST = 8  # rounded numbers that are moved
_STEPS = 6


def retraced(
    given: Mapping[K, list[Number]], written: Mapping[K, list[Decimal]], middle: list[Number], answers: list[Decimal],
    compute: Callable[[dict[K, list[Number]]], list[Number] | None], rules: Rules,
) -> bool:
    """Tell whether each entry of an answer follows from numbers that round to what was written, ``middle`` being what follows from that.

    Only a number with as many digits as are asked for, and digits behind the point, is taken for rounded: 4 is 4.
    """
    places = [
        (key, k, number) for key, numbers in written.items() for k, number in enumerate(numbers)
        if number.exponent < 0 and number.digits >= rules.tolerance.digits
    ]  # fmt: skip
    if not 0 < len(places) <= MOST:
        return False

    def at(moves: list[fmpq]) -> list[Number] | None:
        """Return what follows when each number is moved by a share of its last unit, from −½ to ½."""
        moved = {key: list(numbers) for key, numbers in given.items()}
        for (key, k, number), share in zip(places, moves):
            moved[key][k] = value_of(number) + share * value_of(Decimal(1, number.exponent, 1))
        return compute(moved)

    half, zero = fmpq(1, 2), fmpq(0)
    ends: list[list[Number]] = []
    for place in range(len(places)):
        end = at([half if other == place else zero for other in range(len(places))])
        if end is None:
            return False
        ends.append(end)
    if not all(_near(answer, middle[entry], [end[entry] for end in ends]) for entry, answer in enumerate(answers)):
        return False

    def reached(entry: int, answer: Decimal) -> bool:
        up = [half if ball_of(end[entry]) - ball_of(middle[entry]) > 0 else -half for end in ends]
        return _reached(lambda share: at([2 * share * half_of for half_of in up]), entry, answer, rules)

    return all(reached(entry, answer) for entry, answer in enumerate(answers))


def _near(answer: Decimal, middle: Number, ends: list[Number]) -> bool:
    """Tell whether an answer is worth a search: most are many times as far away as rounding reaches."""
    reach = sum((abs(ball_of(end) - ball_of(middle)) for end in ends), value_of(Decimal(1, answer.exponent, 1)))
    return not abs(value_of(answer) - ball_of(middle)) > 4 * reach


def _reached(at: Callable[[fmpq], list[Number] | None], entry: int, answer: Decimal, rules: Rules) -> bool:
    """Tell whether an answer is reached between the shares −½ (all down) and ½ (all up)."""
    low, high, wanted = fmpq(-1, 2), fmpq(1, 2), value_of(answer)
    first, last = at(low), at(high)
    if first is None or last is None:
        return False
    below, above = ball_of(first[entry]), ball_of(last[entry])
    if match(answer, below, rules.tolerance).right or match(answer, above, rules.tolerance).right:
        return True
    for _ in range(_STEPS):
        if not (below < wanted < above):
            return False
        share = _rational(low + (high - low) * ((wanted - below) / (above - below)))
        between = at(share)
        if between is None or not low < share < high:
            return False
        value = ball_of(between[entry])
        if match(answer, value, rules.tolerance).right:
            return True
        low, below, high, above = (share, value, high, above) if value < wanted else (low, below, share, value)
    return False


def _rational(number: Number) -> fmpq:
    """Return a rational close to a number between −½ and ½."""
    return fmpq(int((arb(number) * 2**60).mid().floor().unique_fmpz() or 0), 2**60)
