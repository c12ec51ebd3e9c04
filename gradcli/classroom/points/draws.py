"""Numbers drawn by lot, the same on every machine and in every run: ranges as people write them, and a stream of draws."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from hashlib import sha256
from typing import NamedTuple

from gradcli.errors import GradError, Source, Span
from gradcli.wording import said

_NUMBER = r"[+\-−]?\s*(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
_RANGE = re.compile(rf"\s*({_NUMBER})\s*\.\.\s*({_NUMBER})(?:\s+by\s+({_NUMBER}))?\s*", re.ASCII)
_ENTRY = re.compile(rf"({_NUMBER})(?:\s*/\s*([0-9]+))?", re.ASCII)
_FRAME = re.compile(r"([,;&\[\](){}<>⟨⟩]|\\\\|\\(?:begin|end)\{[a-z]*matrix\}|\\[lr]angle)")
_FORM = said("a range is written -5 .. 5, or -1 .. 1 by 0.1")
_MOST_DIGITS = 12
_WIDEST = 5  # units: where numbers are drawn from if nobody says otherwise
_MOST_NUMBERS = 10**15


class Draws:
    """A stream of whole numbers that depends on its seed alone: SHA-256 of the seed and a counter."""

    def __init__(self, *seed: str) -> None:
        self._seed = sha256("\0".join(seed).encode("utf-8", "surrogatepass")).digest()
        self._bits = self._stream()

    def _stream(self) -> Iterator[int]:
        count = 0
        while True:
            block = sha256(self._seed + count.to_bytes(8, "big")).digest()
            yield from (int.from_bytes(block[k : k + 8], "big") for k in range(0, 32, 8))
            count += 1

    def below(self, n: int) -> int:
        """Return a whole number from 0 to n − 1, each as likely."""
        fair = 2**64 - 2**64 % n
        return next(bits for bits in self._bits if bits < fair) % n


class Range(NamedTuple):
    """The numbers low, low + step, …, ``size`` of them; without 0, if ``nonzero``; written with a denominator, if they have one."""

    low: Fraction
    step: Fraction
    size: int
    nonzero: bool = False
    below: int = 0

    def draw(self, draws: Draws) -> Fraction:
        """Return one of the numbers."""
        while not (drawn := self.low + self.step * draws.below(self.size)) and self.nonzero:
            pass
        return drawn

    def written(self, number: Fraction) -> str:
        """Return a number as the range's own are written: 3, -0.5, 2/3."""
        return f"{number * self.below}/{self.below}" if self.below and number.denominator > 1 else written(number)


def written(number: Fraction) -> str:
    """Return a decimal as text, without trailing zeros."""
    places = 0
    while (number * 10**places).denominator > 1:
        places += 1
    figures = str(abs(number.numerator) * 10**places // number.denominator).rjust(places + 1, "0")
    return ("-" if number < 0 else "") + (f"{figures[:-places]}.{figures[-places:]}" if places else figures)


def read_range(source: Source, span: Span) -> Range:
    """Return a range that stands in a worksheet, as ``-5 .. 5`` or ``-1 .. 1 by 0.1``.

    Raises:
        GradError: where it has another form, holds no number, or more than can be told apart.

    """
    start, end = span
    while end > start and source.text[end - 1].isspace():
        end -= 1
    found = _RANGE.fullmatch(source.text[start:end])
    if not found or max(len(part or "") for part in found.groups()) > _MOST_DIGITS:
        raise GradError("not-a-range", said("this is no range of numbers"), (start, end), source=source, hint=_FORM)
    low, high = _fraction(found[1]), _fraction(found[2])
    step = _fraction(found[3]) if found[3] else Fraction(1, 10 ** max(_places(found[1]), _places(found[2])))
    if step <= 0 or high <= low or step > high - low:
        raise GradError("not-a-range", said("there are no two numbers in this range"), (start, end), source=source, hint=_FORM)
    count = int((high - low) / step) + 1
    if count > _MOST_NUMBERS:
        raise GradError("not-a-range", said("there are too many numbers in this range"), (start, end), source=source, hint=_FORM)
    return Range(low, step, count)


def range_like(literal: str, *, signed: bool = False) -> Range:
    """Return where a number like this one is drawn from: of as many decimals, or of the same denominator; never 0.

    Whole numbers and numerators lie between -5 and 5, or as far out as twice the one given; decimals likewise in units of their
    last place. ``signed`` keeps the sign of the one given.
    """
    found = _ENTRY.fullmatch(literal.strip())
    assert found is not None
    number, below = _fraction(found[1]), int(found[2] or 0)
    unit = Fraction(1, 10 ** _places(found[1]))
    near = int(abs(number) / unit)
    steps = _WIDEST if near <= _WIDEST and unit == 1 else max(_WIDEST, 2 * near)
    own = unit / below if below else unit
    if signed and number:
        return Range(own if number > 0 else -steps * own, own, steps, True, below)
    return Range(-steps * own, own, 2 * steps + 1, True, below)


def redrawn(text: str, wanted: Range | None, draws: Draws, *, signed: bool = False) -> str:
    """Return a value as text with every number in it drawn anew, and the rest as it is; a formula stays, if nothing is wanted."""
    parts = _FRAME.split(text)
    if not is_drawn(text):
        return text if wanted is None else wanted.written(wanted.draw(draws))
    out = []
    for part in parts:
        space = None if part is None or not _ENTRY.fullmatch(part.strip()) else wanted or range_like(part, signed=signed)
        if space is None:
            out.append(part or "")
        else:
            lead = part[: len(part) - len(part.lstrip())]
            out.append(lead + space.written(space.draw(draws)) + part[len(part.rstrip()) :])
    return "".join(out)


def is_drawn(text: str) -> bool:
    """Tell whether a value is a number, or brackets around numbers, that can be drawn anew; a formula such as pi/4 is not."""
    entries = [part for part in _FRAME.split(text)[::2] if part.strip()]
    return bool(entries) and all(_ENTRY.fullmatch(part.strip()) and len(part) <= _MOST_DIGITS for part in entries)


def _fraction(text: str) -> Fraction:
    return Fraction("".join(text.split()).replace("−", "-"))


def _places(text: str) -> int:
    return len(text.partition(".")[2])
