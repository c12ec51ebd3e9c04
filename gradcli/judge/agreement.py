"""Whether two values agree, entry by entry, to how many bits, and how they are told apart."""

from __future__ import annotations

from typing import Any

from flint import arb, fmpq, fmpz

from gradcli.arithmetic import Doubtful
from gradcli.arithmetic.certain import UNDEFINED, ball_of, is_zero, known
from gradcli.expr import NUMBER, Expr, decimal, tape
from gradcli.judge.numbers import same, shown
from gradcli.slopes import indices

LONG = 12  # significant digits from which on a decimal in a formula is taken for a rounded number
ROUNDED = f"decimals of {LONG} digits and more are read as rounded"


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


def long_decimals(answer: Expr) -> dict[Expr, Any]:
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
        return "[" + ", ".join(written_out(entry) for entry in value) + "]"
    return shown(value, 17)
