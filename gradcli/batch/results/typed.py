"""Results as a frame of typed columns: arrays are lists, what is copied keeps its kind or is text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gradcli.batch.records import Results
from gradcli.batch.results.text import texts_of
from gradcli.batch.results.writer import STATUS, Writer

if TYPE_CHECKING:
    from gradcli.batch.records import Floats


def typed(pl: Any, writer: Writer, results: Results, numbers: list[Floats]) -> Any:
    """Return rows as a frame of the library of tables."""
    columns = [kept(pl, name, results.kept[name]) for name in writer.kept]
    columns += [_column(pl, output.name, column) for output, column in zip(writer.outputs, numbers)]
    if writer.status and results.statuses is not None:
        columns.append(pl.Series(STATUS, results.statuses, dtype=pl.String))
    return pl.DataFrame(columns)


def _column(pl: Any, name: str, numbers: Floats) -> Any:
    """Return an output, whose rows are on the last axis, as a column of numbers or lists."""
    rows = numbers.transpose(-1, *range(numbers.ndim - 1))
    array = listed = pl.Float64
    for size in reversed(rows.shape[1:]):
        array, listed = pl.Array(array, size), pl.List(listed)
    series = pl.Series(name, rows) if len(rows) else pl.Series(name, [], dtype=array)
    return series.cast(listed)


def kept(pl: Any, name: str, column: Sequence[Any]) -> Any:
    """Return a column that is copied: one of a typed table keeps its kind, but for one that numbers its words as each part has them."""
    if isinstance(column, pl.Series):
        return (column.cast(pl.String) if column.dtype == pl.Categorical else column).alias(name)
    return pl.Series(name, texts_of(column), dtype=pl.String)
