"""The numbers that the engine of the slips computes with: floats, mpmath at 30 digits, or formulas."""

from __future__ import annotations

import math
from fractions import Fraction
from types import SimpleNamespace


class Words(str):
    """A formula, fully bracketed, that grows by computing with it."""

    __slots__ = ()

    def _with(self, sign, other, swapped=False):
        one, two = (written(other), str(self)) if swapped else (str(self), written(other))
        return Words(f"({one} {sign} {two})")

    def __add__(self, other):
        return self if isinstance(other, (int, Fraction)) and other == 0 else self._with("+", other)

    def __radd__(self, other):
        return self if isinstance(other, (int, Fraction)) and other == 0 else self._with("+", other, True)

    def __sub__(self, other):
        return self._with("-", other)

    def __rsub__(self, other):
        return self._with("-", other, True)

    def __mul__(self, other):
        return self if isinstance(other, (int, Fraction)) and other == 1 else self._with("*", other)

    def __rmul__(self, other):
        return self if isinstance(other, (int, Fraction)) and other == 1 else self._with("*", other, True)

    def __truediv__(self, other):
        return self._with("/", other)

    def __rtruediv__(self, other):
        return self._with("/", other, True)

    def __pow__(self, other):
        return self if other == 1 else self._with("^", other)

    def __rpow__(self, other):
        return self._with("^", other, True)

    def __neg__(self):
        return Words(f"(-{self})")


def written(number) -> str:
    """Return a number or a formula as text."""
    if isinstance(number, Words):
        return str(number)
    return f"({number})" if number < 0 or Fraction(number).denominator > 1 else f"{number}"


class Piecewise(Exception):  # noqa: N818
    """A formula would need cases."""


def _said(name):
    return lambda u: Words(f"{name}({written(u)})")


WORDS = SimpleNamespace(
    **{name: _said(name) for name in ("exp", "log10", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sqrt", "atan")},
    log=_said("ln"), pi=Words("pi"), number=Fraction,
)  # fmt: skip
FLOATS = SimpleNamespace(
    **{name: getattr(math, name) for name in ("exp", "log", "log10", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sqrt", "atan", "pi")},
    number=lambda text: float(Fraction(text)),
)


def exact():
    """Return the arithmetic of mpmath, at 30 digits."""
    from mpmath import mp

    mp.dps = 30
    names = ("exp", "log", "log10", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sqrt", "atan")
    number = lambda text: mp.mpf(Fraction(text).numerator) / Fraction(text).denominator  # noqa: E731
    return SimpleNamespace(**{name: getattr(mp, name) for name in names}, pi=+mp.pi, number=number)
