"""Numbers in a text of results: the fewest digits that round-trip, as Rust's libraries spell them.

    1.0   0.00001   1e-6   1e+16   nan   inf   -inf          from 0.00001 up to 1e+16 without an exponent

The library of tables writes so at full speed; what follows writes the same without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradcli.batch.records import Floats

_LEAST = 1e-4  # below it Python's spelling is another


def spelt(numbers: Floats) -> list[str]:
    """Return numbers as text."""
    import numpy as np

    texts = list(map(repr, numbers.tolist()))
    for place in np.flatnonzero((np.abs(numbers) < _LEAST) & (numbers != 0)).tolist():
        texts[place] = _small(texts[place])
    return texts


def spelt_one(number: float) -> str:
    """Return one number as text."""
    return _small(repr(number)) if 0 < abs(number) < _LEAST else repr(number)


def _small(text: str) -> str:
    """Return a number below 1e-4, in Python's spelling, in ours: 1.5e-05 as 0.000015, 1e-06 as 1e-6."""
    digits, _, exponent = text.partition("e-")
    if exponent != "05":
        return f"{digits}e-{exponent.lstrip('0')}"
    sign, digits = ("-", digits[1:]) if digits.startswith("-") else ("", digits)
    return f"{sign}0.0000{digits.replace('.', '')}"
