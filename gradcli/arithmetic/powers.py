"""Powers and roots of certified numbers: exact where a rational has an exact one, else a ball."""

from __future__ import annotations

from flint import arb, fmpq

from gradcli.arithmetic.certain import MOST_BITS, ONE, UNDEFINED, UNKNOWN, ZERO, Number, is_zero


def power(x: Number, y: Number) -> Number:
    """Return x^y for a positive x or a whole y, 0^0 = 1; an exact root of an exact number stays exact."""
    if type(x) is arb and y == 2:
        return x * x
    if isinstance(y, fmpq):
        if y.q == 1:
            return _whole_power(x, int(y.p))
        if isinstance(x, fmpq) and x == 1:
            return ONE
        if is_zero(x):
            return ZERO if y > 0 else UNDEFINED
        if x < 0:
            return UNDEFINED
        if isinstance(x, fmpq):
            root = _root(x, int(y.q)) if y.q < 64 else None
            return _whole_power(root, int(y.p)) if root is not None else _positive_power(arb(x), y)
        return _positive_power(x, y) if x > 0 else UNKNOWN
    if is_zero(x):
        return ZERO if y > 0 else UNDEFINED if y < 0 else UNKNOWN
    if x > 0:
        return arb(x) ** y
    return UNDEFINED if x < 0 and not y.contains_integer() else UNKNOWN


def _positive_power(x: arb, y: fmpq) -> arb:
    if y.q == 2:
        return x.sqrt() ** int(y.p)
    return x ** arb(y)


def _whole_power(x: Number, n: int) -> Number:
    if not n:
        return ONE
    if is_zero(x):
        return ZERO if n > 0 else UNDEFINED
    if isinstance(x, fmpq) and x.height_bits() * abs(n) < MOST_BITS:
        return x**n
    ball = arb(x)
    return ball**n if n > 0 or not ball.contains(0) else UNKNOWN


def _root(x: fmpq, n: int) -> Number | None:
    """Return the n-th root of a rational that is not negative, if that is rational too."""
    parts = [_whole_root(int(part), n) for part in (x.p, x.q)]
    return None if None in parts else fmpq(*parts)


def _whole_root(value: int, n: int) -> int | None:
    if value.bit_length() > MOST_BITS:
        return None
    if value < 2:
        return value
    low, high = 1, 1 << (value.bit_length() // n + 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**n <= value else (low, middle - 1)
    return low if low**n == value else None


def square_root(x: Number) -> Number:
    """Return the square root; UNDEFINED of what is less than 0."""
    if x < 0:
        return UNDEFINED
    if isinstance(x, fmpq) and (root := _root(x, 2)) is not None:
        return root
    return arb(x).sqrt()


def cube_root(x: Number) -> Number:
    """Return the real cube root."""
    if isinstance(x, fmpq) and (root := _root(abs(x), 3)) is not None:
        return root if x >= 0 else -root
    ball = arb(x)
    if ball.contains(0):
        edge = abs(ball).upper().root(3)
        return (-edge).union(edge)
    return ball.root(3) if ball > 0 else -((-ball).root(3))
