"""Results as JSON Lines: an object for each row, arrays nested, what is not finite as a text: "nan", "inf"."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gradcli.batch.extra import polars
from gradcli.batch.points.objects import as_json
from gradcli.batch.records import Results
from gradcli.batch.results.digits import spelt
from gradcli.batch.results.text import encoded, text_of
from gradcli.batch.results.writer import STATUS, Writer, positive_zeros

if TYPE_CHECKING:
    from gradcli.batch.records import Floats

_NAME = json.JSONEncoder(ensure_ascii=False).encode


class ObjectLines(Writer):
    """Writes objects."""

    flat = False

    def header(self) -> bytes:
        """Return nothing: each row says its names."""
        return b""

    def render(self, results: Results) -> bytes:
        """Return a line for each row."""
        pieces: list[Any] = []  # texts between, and columns of texts
        for name in self.kept:
            pieces += [_NAME(name) + ":", _values(results.kept[name]), ","]
        for output, column in zip(self.outputs, results.outputs):
            pieces += [_NAME(output.name) + ":", *_nested(positive_zeros(column)), ","]
        if self.status and results.statuses is not None:
            pieces += [_NAME(STATUS) + ':"', results.statuses, '",']
        pieces[0] = "{" + pieces[0]
        pieces[-1] = pieces[-1][:-1] + "}"
        return _joined(pieces, results.outputs[0].shape[-1])


def _nested(column: Floats) -> list[Any]:
    """Return an output, its rows on the last axis, as brackets and columns of numbers."""
    if column.ndim == 1:
        return [_numbers(column)]
    inside = [piece for row in column for piece in (*_nested(row), ",")]
    return ["[", *inside[:-1], "]"]


def _numbers(column: Floats) -> Sequence[str]:
    """Return numbers as JSON has them."""
    import numpy as np

    finite = np.isfinite(column)
    if polars():
        pl = polars()
        series = pl.Series(column).cast(pl.String)
        if not finite.all():
            series = series.scatter(np.flatnonzero(~finite), [f'"{value!r}"' for value in column[~finite].tolist()])
        found: Sequence[str] = series
        return found
    texts = spelt(column)
    for place in np.flatnonzero(~finite).tolist():
        texts[place] = f'"{texts[place]}"'
    return texts


def _values(column: Sequence[Any]) -> list[str]:
    """Return a column that is copied as JSON."""
    cells = column if isinstance(column, list) else column.to_list()  # type: ignore[attr-defined]
    return [as_json(cell if cell is None or _is_plain(cell) else text_of(cell)) for cell in cells]


def _is_plain(cell: Any) -> bool:
    """Tell whether JSON has such a value."""
    return math.isfinite(cell) if isinstance(cell, float) else isinstance(cell, (str, bool, int, list, dict))


def _joined(pieces: list[Any], rows: int) -> bytes:
    """Return rows put together from texts and columns of texts."""
    if not rows:
        return b""
    merged: list[Any] = [""]
    for piece in pieces:
        if isinstance(piece, str) and isinstance(merged[-1], str):
            merged[-1] += piece
        else:
            merged.append(piece)
    if polars():
        pl = polars()
        parts = [pl.lit(piece) if isinstance(piece, str) else pl.Series(piece, dtype=pl.String) for piece in merged]
        text = pl.select(pl.concat_str(parts).str.join("\n")).item()
        return encoded(text + "\n")
    columns = [[piece] * rows if isinstance(piece, str) else piece for piece in merged]
    return encoded("".join(f"{row}\n" for row in map("".join, zip(*columns))))
