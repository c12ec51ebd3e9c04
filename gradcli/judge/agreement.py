"""Whether two values agree, entry by entry, to how many bits, and how they are told apart."""

from __future__ import annotations

from itertools import product
from typing import Any

from flint import arb, fmpq, fmpz

from gradcli.arithmetic import Doubtful
from gradcli.arithmetic.certain import UNDEFINED, ball_of, is_zero, known
from gradcli.expr import NUMBER, Expr, decimal, tape
from gradcli.judge.numbers import same, shown
from gradcli.nested import indices
from gradcli.wording import joined, said

_MOST_ROUNDED = 4
LONG = 12  # significant digits from which on a decimal in a formula is taken for a rounded number
ROUNDED = said("decimals of {0} digits and more are read as rounded", LONG)


def entries(value: Any) -> list[Any]:
    """Return the numbers of a value."""
    return list(value.ravel()) if hasattr(value, "ndim") else [value]


def all_known(value: Any) -> bool:
    """Tell whether every entry has a value that is known."""
    return all(known(entry) for entry in entries(value))


def all_zero(value: Any) -> bool:
    """Tell whether every entry is proved to be 0."""
    return all(is_zero(entry) for entry in entries(value))


def lacking(value: Any) -> bool:
    """Tell whether an entry is proved to have no value."""
    return any(entry is UNDEFINED for entry in entries(value))


def agree(value: Any, truth: Any, loosely: bool, bits: int) -> bool:
    """Tell whether two values are the same to so many bits; raise Doubtful while that is not certain."""
    doubt = False
    for one, two in zip(entries(value), entries(truth)):
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


def corners(answer: Expr) -> list[dict[Expr, Any]]:
    """Return what the decimals of an answer may have been before they were rounded to the many digits written: balls, and their ends.

    None for an answer without such decimals, or with more of them than can be combined. A decimal that stands twice is one number.
    """
    ends: dict[Expr, tuple[fmpq, fmpq]] = {}
    for node in tape(answer):
        if node.op == NUMBER:
            mantissa, exponent = decimal(node)
            if exponent < 0 and len(str(abs(mantissa))) >= LONG:
                unit = fmpz(10) ** -exponent
                ends[node] = fmpq(2 * mantissa - 1, 2 * unit), fmpq(2 * mantissa + 1, 2 * unit)
    if not 0 < len(ends) <= _MOST_ROUNDED:
        return []
    balls = {node: arb(low).union(arb(high)) for node, (low, high) in ends.items()}
    return [balls, *(dict(zip(ends, chosen)) for chosen in product(*ends.values()))]


def hull(values: list[Any]) -> Any:
    """Return a ball around all values but the first, entry by entry; the first, made of balls, where that is too wide to say anything.

    A decimal that stands twice is one number in the others, and two in the first.
    """
    if hasattr(values[0], "ndim"):
        flat = [hull(list(column)) for column in zip(*(value.ravel() for value in values))]
        out = values[0].copy()
        for index, entry in zip(indices(out.shape), flat):
            out[index] = entry
        return out
    if any(value is UNDEFINED for value in values):
        return UNDEFINED
    widest, found = arb(ball_of(values[0])), arb(ball_of(values[1]))
    if not widest.rad() < abs(widest.mid()) * arb(2) ** -30:
        return widest
    for value in values[2:]:
        found = found.union(arb(ball_of(value)))
    spare = found.rad() / 20 + abs(found.mid()) * arb(2) ** -90  # the ends are those of a straight line only nearly
    return found + arb(0, spare.upper())


def _near(one: Any, two: Any) -> bool:
    """Tell whether two numbers meet, and are known well enough for that to say something."""
    one, two = arb(ball_of(one)), arb(ball_of(two))
    gap = one - two
    return gap.contains(0) and bool(abs(gap).upper() < (abs(one) + abs(two)) * arb(2) ** -30)


def first_difference(value: Any, truth: Any) -> tuple[int, ...]:
    """Return the index of the first entry in which two arrays are proved to differ."""
    if not hasattr(value, "ndim"):
        return ()
    for index in indices(value.shape):
        one, two = arb(ball_of(value[index])), arb(ball_of(truth[index]))
        if one > two or one < two:
            return index
    return ()


def apart(one: str, two: str) -> bool:
    """Tell whether two decimals differ, and not in trailing zeros only."""
    plain = {*one, *two} <= {*"-.0123456789"} and "." in one and "." in two
    return one.rstrip("0").rstrip(".") != two.rstrip("0").rstrip(".") if plain else one != two


def written_out(value: Any) -> str:
    """Return a value of a point as text."""
    if hasattr(value, "ndim"):
        return said("[{0}]", joined(", ", map(written_out, value)))
    return shown(value, 17)
