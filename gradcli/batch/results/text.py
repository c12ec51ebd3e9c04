"""Results as CSV and TSV (RFC 4180, lines end with LF).

A column that is copied is copied as it stands, in quotes where it must be. A spreadsheet takes a cell that begins with ``= + - @`` for a
formula, and runs what somebody wrote: such a text gets an apostrophe before it, unless it is a number, or a row of numbers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from gradcli.batch.extra import polars
from gradcli.batch.points.objects import as_json
from gradcli.batch.points.text import TSV
from gradcli.batch.records import Output, Results
from gradcli.batch.results.digits import spelt, spelt_one
from gradcli.batch.results.writer import STATUS, Writer, positive_zeros

_FORMULA = re.compile(r"^[=+\-@'\t\r]")
_NUMBERS = re.compile(r"(?:(?:^|[,;\t])[-+]?(?:[0-9]++\.?[0-9]*+|\.[0-9]++)(?:[eE][-+]?[0-9]++)?)++")


class Separated(Writer):
    """Writes rows of cells."""

    def __init__(self, form: str, outputs: list[Output], kept: list[str], status: bool) -> None:
        super().__init__(outputs, kept, status)
        self.separator = "\t" if form == TSV else ","

    def header(self) -> bytes:
        """Return the names of the columns."""
        names = [*self.kept, *self.names, *([STATUS] if self.status else [])]
        return encoded(self.separator.join(cell(name, self.separator) for name in names) + "\n")

    def render(self, results: Results) -> bytes:
        """Return a line for each row."""
        numbers = [row for output in results.outputs for row in positive_zeros(output).reshape(-1, output.shape[-1])]
        if polars():
            return self._by_polars(results, numbers)
        texts = [[cell(text, self.separator) for text in texts_of(results.kept[name])] for name in self.kept]
        columns: list[Sequence[str]] = [*texts, *map(spelt, numbers)]
        if self.status and results.statuses is not None:
            columns.append(results.statuses)
        rows = map(self.separator.join, zip(*columns))
        return encoded("".join(f"{row}\n" for row in rows))

    def _by_polars(self, results: Results, numbers: list[Any]) -> bytes:
        import numpy as np

        pl = polars()
        table = {f"k{place}": self._cells(results.kept[name]) for place, name in enumerate(self.kept)}
        for place, column in enumerate(numbers):
            series = pl.Series(column)
            table[f"n{place}"] = series.fill_nan(None) if np.isnan(column).any() else series
        if self.status and results.statuses is not None:
            table["s"] = pl.Series(results.statuses, dtype=pl.String)
        file = BytesIO()
        pl.DataFrame(table).write_csv(file, include_header=False, separator=self.separator, quote_style="never", null_value="nan")
        return file.getvalue()

    def _cells(self, column: Sequence[Any]) -> Any:
        """Return a column that is copied as cells; where nothing needs a quote or an apostrophe, as it is."""
        pl = polars()
        if isinstance(column, pl.Series) and (column.dtype == pl.String or column.dtype.is_integer()):
            series = column.cast(pl.String).fill_null("")
        else:
            series = pl.Series(texts_of(column), dtype=pl.String)
        odd = series.str.contains(rf'^[=+\-@\'\t\r]|["\n\r{self.separator}]')
        if odd.any():
            return pl.Series([cell(text, self.separator) for text in series], dtype=pl.String)
        return series


def cell(text: str, separator: str) -> str:
    """Return a text as a cell that no spreadsheet computes."""
    if _FORMULA.match(text) and not _NUMBERS.fullmatch(text):
        text = f"'{text}"
    if any(sign in text for sign in ('"', "\n", "\r", separator)):
        text = '"' + text.replace('"', '""') + '"'
    return text


def texts_of(column: Sequence[Any]) -> list[str]:
    """Return a column that is copied as text: a text as it stands, anything else as JSON writes it, nothing for null."""
    values = column if isinstance(column, list) else column.to_list()  # type: ignore[attr-defined]
    return [value if isinstance(value, str) else "" if value is None else text_of(value) for value in values]


def text_of(value: Any) -> str:
    """Return a value that is no text as text."""
    if isinstance(value, float):
        return spelt_one(value)
    return as_json(value) if isinstance(value, (bool, int, list, dict)) else str(value)


def encoded(text: str) -> bytes:
    """Return text as UTF-8; what comes in by the command line may have no place there, and is spelt out."""
    return text.encode("utf-8", "backslashreplace")
