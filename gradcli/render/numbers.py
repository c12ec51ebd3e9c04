"""Numbers and arrays as text."""

from __future__ import annotations

import math

from gradcli.light import Any
from gradcli.nested import Far, Nested
from gradcli.wording import Language, joined, said

_CERTAIN = 15  # significant digits that every decimal number keeps in float64
_STRAY = 2  # units in the last place that a short sum or product of decimals may be off


class Format:
    """How numbers are written: to so many significant digits, or in full (``digits=None``: they round-trip)."""

    __slots__ = ("digits", "words")

    def __init__(self, digits: int | None = 6, words: Language | None = None) -> None:
        self.digits, self.words = digits, words or Language()

    def number(self, value: float | None) -> str:
        """Return one number; a whole number without its point, an exponent without padding."""
        if value is None:
            return self.words("undefined")
        if isinstance(value, Far):
            if self.digits is None:
                return value.decimal
            mantissa, _, exponent = value.decimal.partition("e")
            rounded, _, carry = f"{float(mantissa):.{self.digits - 1}e}".partition("e")  # 9.9999999 is 1.00000e1
            return f"{float(rounded):.{self.digits}g}e{int(exponent or 0) + int(carry)}"
        if not math.isfinite(value):
            return self.words("undefined") if math.isnan(value) else "∞" if value > 0 else "-∞"
        text = repr(value + 0.0) if self.digits is None else f"{value + 0.0:.{self.digits}g}"
        mantissa, mark, exponent = text.partition("e")
        if mantissa.endswith(".0"):
            mantissa = mantissa[:-2]
        return f"{mantissa}e{int(exponent)}" if mark else mantissa

    def exact(self, value: Nested) -> bool:
        """Tell whether a value is written without rounding it: 0.1 · 0.1 is 0.01, though its float64 ends in a stray digit."""
        if isinstance(value, list):
            return all(map(self.exact, value))
        if isinstance(value, Far):
            return False
        if value is None or not math.isfinite(value):
            return True
        shown = self.number(value)
        digits = shown.partition("e")[0].lstrip("-0.").replace(".", "")
        if len(digits) > _CERTAIN and not float(value).is_integer():  # as many as float64 has: it was rounded to them
            return False
        return bool(abs(float(shown) - value) <= _STRAY * math.ulp(value))

    def lost(self, value: Nested) -> float:
        """Return what rounding takes from a number; 0 for what is no ordinary number."""
        if value is None or isinstance(value, (list, Far)) or not math.isfinite(value):
            return 0.0
        return float(abs(value - float(self.number(value))))

    def tells(self, result: Nested, moved: float) -> bool:
        """Tell whether a result is near to what its formula gives with the numbers shown, which moves it so much.

        cos(2.02217e6) is not: the digits left out matter. Nor is 1 - 1, where it is 1.000001 - 1.
        """
        if not moved or result is None or isinstance(result, (list, Far)):
            return True
        return bool(moved <= abs(result) * 10.0 ** (2 - (self.digits or 17)) or result == 0)

    def lines(self, value: Nested) -> list[str]:
        """Return a value as lines: a matrix takes one for each row, its columns aligned."""
        if not isinstance(value, list):
            return [self.number(value)]
        if not value or not isinstance(value[0], list):
            return ["[" + ", ".join(self.number(v) for v in value) + "]"]
        if isinstance(value[0][0], list):
            return _enclosed([self.lines(block) for block in value])
        cells = [[self.number(v) for v in row] for row in value]
        widths = [max(map(len, column)) for column in zip(*cells)]
        return _enclosed([["[" + ", ".join(cell.rjust(w) for cell, w in zip(row, widths)) + "]"] for row in cells])


def digits_of(value: str | list[Any]) -> str:
    """Return proved digits on one line, an array as a list."""
    return value if isinstance(value, str) else said("[{0}]", joined(", ", map(digits_of, value)))


def _enclosed(blocks: list[list[str]]) -> list[str]:
    """Put brackets around blocks of lines and commas between them."""
    lines = [line for block in blocks for line in [*block[:-1], block[-1] + ","]]
    lines[-1] = lines[-1][:-1]
    return [("[" if index == 0 else " ") + line for index, line in enumerate(lines[:-1])] + [
        ("[" if len(lines) == 1 else " ") + lines[-1] + "]"
    ]  # fmt: skip


def aligned(cells: list[str]) -> list[str]:
    """Return the cells of a column with their decimal points under one another; other cells as they are."""
    split = [_split(cell) for cell in cells]
    left = max((len(parts[0]) for parts in split if parts), default=0)
    right = max((len(parts[1]) for parts in split if parts), default=0)
    return [
        parts[0].rjust(left) + parts[1].ljust(right) if parts else cell for cell, parts in zip(cells, split)
    ]  # fmt: skip


def _split(cell: str) -> tuple[str, str] | None:
    if not cell or not (cell[0].isdigit() or (cell[0] in "-." and len(cell) > 1 and cell[1].isdigit())):
        return None
    at = next((i for i, char in enumerate(cell) if char in ".e"), len(cell))
    return cell[:at], cell[at:]
