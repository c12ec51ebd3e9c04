"""What is a number in a table, and why a cell is none.

A number is what it is in an answer: ASCII digits, with a sign, a point and an exponent if wanted, blanks around it. ``nan``, ``inf``,
``1_000``, ``0x10``, digits of other scripts and empty cells are none. Its value is the float64 nearest to what is written.
"""

from __future__ import annotations

import math
import re

from gradcli.wording import said

NUMBER = re.compile(rb"[ \t]*+[-+]?(?:[0-9]++\.?[0-9]*+|\.[0-9]++)(?:[eE][-+]?[0-9]++)?[ \t]*+")
_WITH_COMMA = re.compile(rb"[ \t]*+[-+]?[0-9]++,[0-9]++[ \t]*+")
_SHOWN = 40  # characters of a cell in a reason


def number(cell: bytes) -> float:
    """Return the number in a cell; nan if it is none, and ±inf if it is beyond every float64."""
    return float(cell) if NUMBER.fullmatch(cell) else math.nan


def wrong(column: str, cell: bytes) -> str:
    """Return why a cell gives no number."""
    if NUMBER.fullmatch(cell):
        return said("column {0}: {1} is too large for a float64", column, shown(cell.strip()))
    if not cell.strip():
        return said("column {0}: the cell is empty", column)
    if _WITH_COMMA.fullmatch(cell):
        return said("column {0}: {1} is not a number: a decimal point is wanted, not a comma", column, quoted(cell))
    return said("column {0}: {1} is not a number", column, quoted(cell))


def shown(cell: bytes) -> str:
    """Return a cell as text that is not long."""
    text = as_text(cell)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."


def as_text(row: bytes) -> str:
    """Return bytes of a file as text, those that are not UTF-8 spelt out."""
    return row.decode("utf-8", "backslashreplace")


def quoted(cell: bytes) -> str:
    """Return a cell in quotes, its control characters spelt out."""
    return repr(shown(cell))
