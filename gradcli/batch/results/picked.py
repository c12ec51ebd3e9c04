"""Rows of a column, whatever holds it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradcli.batch.records import Places


def picked(column: Sequence[Any], rows: Places) -> Sequence[Any]:
    """Return some rows of a column that is copied, in this order."""
    if len(rows) == len(column) and (rows[:-1] < rows[1:]).all():
        return column
    if isinstance(column, list):
        return [column[row] for row in rows.tolist()]
    series: Any = column
    found: Sequence[Any] = series[rows]
    return found
