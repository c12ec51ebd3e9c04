"""How a student would write a result: exactly where it is short, else to some digits or decimals, or rounded at every step."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

from flint import fmpq, fmpz

from gradcli.arithmetic.certain import HALF, ball_of, decimal, known, to_float
from gradcli.judge.numbers import shown
from gradcli.judge.targets import Target
from gradcli.judge.truth import Truth
from gradcli.shapes import Shape

_LONGEST = 10  # characters of a fraction that somebody would write


def whole(entries: Sequence[Any], shape: Shape, write: Callable[[Any], str | None]) -> str | None:
    """Return an answer with each entry written in one way; None where one cannot be."""
    texts = [write(entry) if known(entry) else None for entry in entries]
    if any(text is None for text in texts) or len(texts) != math.prod(shape):
        return None
    return _listed([text or "" for text in texts], shape)


def exactly(entry: Any) -> str | None:
    """Return a short exact number: a whole number, a decimal, a fraction; None for any other."""
    if not isinstance(entry, fmpq):
        return None
    text = shown(entry, 17)
    if len(text) > _LONGEST and entry.q != 1:
        text = f"{entry.p}/{entry.q}"
    return text if len(text) <= _LONGEST else None


def to_digits(digits: int) -> Callable[[Any], str | None]:
    """Return the writer of so many significant digits."""
    return lambda entry: decimal(entry, digits)


def to_places(places: int) -> Callable[[Any], str | None]:
    """Return the writer of so many decimals."""
    return lambda entry: _fixed(entry, places)


def on_the_way(truth: Truth, asked: Target, places: int, shape: Shape) -> list[str]:
    """Return what rounding every intermediate number to so many decimals may lead to: the least and the greatest, entry by entry."""
    reached, _ = truth.reached(asked.node, asked.partial, places)
    ends = []
    for choose in (min, max):
        found = [sorted((n for n in entry.numbers[1:] if known(n)), key=_middle) for entry in reached]
        if all(found):
            ends.append(whole([choose((numbers[0], numbers[-1]), key=_middle) for numbers in found], shape, to_places(places)))
    return [text for text in dict.fromkeys(ends) if text is not None]


def significant(text: str) -> int:
    """Return the fewest significant digits that a number has in a text without exponents."""
    return min(len(figures.replace(".", "").lstrip("0")) for figures in re.findall(r"[0-9.]+", text))


def _middle(number: Any) -> float:
    nearest = to_float(number)
    return float(ball_of(number).mid()) if nearest is None else nearest


def _fixed(entry: Any, places: int) -> str | None:
    """Return a number to so many decimals, half away from 0; None where the ball is too wide to tell."""
    scaled = abs(ball_of(entry)) * fmpz(10) ** places + HALF
    figures = scaled.floor() if isinstance(scaled, fmpq) else scaled.floor().unique_fmpz()
    if figures is None:
        return None
    text = str(int(figures)).rjust(places + 1, "0")
    sign = "-" if int(figures) and ball_of(entry) < 0 else ""
    return sign + (f"{text[:-places]}.{text[-places:]}" if places else text)


def _listed(texts: list[str], shape: Shape) -> str:
    if not shape:
        return texts[0]
    size = len(texts) // shape[0]
    return "[" + ", ".join([_listed(texts[k * size : (k + 1) * size], shape[1:]) for k in range(shape[0])]) + "]"
