"""Parquet and Arrow: typed columns. Whole numbers and floats are numbers; lists of them, of one length, are vectors.

A part is at most so many rows, and of Parquet within one row group; nothing but the columns that are needed is read of it. Columns of
plain numbers go from the one library to NumPy as they are; lists, texts and rows that are rejected go by way of the library of tables.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gradcli.batch.extra import needed, polars
from gradcli.batch.points.files import Place
from gradcli.batch.points.gathered import UnreadableError, shaped
from gradcli.batch.points.layout import Layout
from gradcli.batch.points.objects import as_json, entries
from gradcli.batch.points.points import Points
from gradcli.batch.records import Part, Read, Reject
from gradcli.errors import GradError
from gradcli.shapes import Shape
from gradcli.wording import Said, said

if TYPE_CHECKING:
    from gradcli.batch.records import Floats

_FIRST = 64  # rows in which a list is looked for


class Columnar(Points):
    """A table of typed columns in a file."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        needed(self.form)
        if place.stamp is None:
            raise GradError("bad-usage", said("{0} cannot be read from a pipe, as its index is at its end", self.form),
                            hint=said("save it to a file first"))  # fmt: skip
        self._describe()

    def _describe(self) -> None:
        """Find the columns, and the shapes of those with lists, from the first row."""
        self.kinds = self._guarded(self._schema)
        self.columns = list(self.kinds.names)
        self.plain = _plain(self.kinds)
        self.sizes: dict[str, Shape] = {}
        if not self.plain.issuperset(self.columns):
            nested = [name for name, kind in self.schema.items() if self._depth(kind) and self._kind(kind).is_numeric()]
            first = self._guarded(lambda: self._rows(0, _FIRST, nested)) if nested else {}
            self.sizes = {name: shape for name in nested if (shape := _shape(first[name].to_list()))}

    @cached_property
    def schema(self) -> dict[str, Any]:
        """The kind of each column, as the library of tables has it."""
        return dict(self._guarded(lambda: self._framed(self.kinds.empty_table())).schema)

    @abstractmethod
    def _schema(self) -> Any:
        """Return the kind of each column, as Arrow has it."""

    @abstractmethod
    def _table(self, start: int, size: int, names: Sequence[str]) -> Any:
        """Return some columns of rows that begin where a part does."""

    def _places(self, names: Sequence[str]) -> list[int]:
        return [self.kinds.get_field_index(name) for name in names]

    def _framed(self, table: Any) -> Any:
        """Return a table of Arrow as a frame, if its lists and texts are what they should be."""
        table.validate(full=True)
        return polars().from_arrow(table)

    def _rows(self, start: int, size: int, names: Sequence[str]) -> Any:
        return self._framed(self._table(start, size, names)).select(names)

    def _whole(self, part: Part, names: Sequence[str]) -> Any:
        """Return some columns of a part."""
        table = self._table(part.start, part.end - part.start, names)
        if table.num_rows < part.end - part.start:
            raise ValueError(said("it ends too early"))
        return table

    def _frame(self, part: Part, names: Sequence[str]) -> Any:
        return self._framed(self._whole(part, names)).select(names)

    def _guarded(self, read: Any) -> Any:
        """Return what a reader returns; what it raises becomes an error of ours."""
        try:
            return read()
        except failures() as problem:
            raise self.broken(said("it cannot be read as {0}: {1}", self.form, brief(problem))) from None

    def _depth(self, kind: Any) -> int:
        pl = polars()
        lists = (pl.List, pl.Array)
        return 0 if not isinstance(kind, lists) else 1 if not isinstance(kind.inner, lists) else 2

    def _kind(self, kind: Any) -> Any:
        """Return the kind of the numbers in a column; of an array of several axes too."""
        pl = polars()
        while isinstance(kind, (pl.List, pl.Array)):
            kind = kind.inner
        return kind

    def read(self, part: Part, layout: Layout) -> Read:
        """Return a part as numbers. Where the file is damaged, no row of the part is read."""
        for name in (self.columns[place] for place in layout.numbers):
            if name in self.plain:
                continue
            kind = self._kind(self.schema[name])
            if not kind.is_numeric() or kind.is_decimal():
                raise GradError("not-a-number", said("column {0} holds {1}, not whole numbers or floats", name, str(self.schema[name])))
        wanted = list(dict.fromkeys(self.columns[place] for place in (*layout.numbers, *layout.kept.values())))
        try:
            table = self._whole(part, wanted)
            frame = self._framed(table) if layout.kept or not self.plain.issuperset(wanted) else table.validate(full=True)
        except failures() as problem:
            return self._lost(part, layout, brief(problem))
        return self._numbers(table, frame, layout)

    def _numbers(self, table: Any, frame: Any, layout: Layout) -> Read:
        """Return the numbers of a table, of which there is a frame too if more is asked of it than plain numbers."""
        import numpy as np

        found: dict[str, Floats] = {}
        finite = np.ones(table.num_rows, dtype=bool)
        for name, source in layout.sources.items():
            columns = [self.columns[place] for place in source.places]
            if source.nested:
                found[name] = self._lists(frame[columns[0]], source.shape)
            else:
                flat = [_floats(table[each]) if each in self.plain else frame[each].cast(polars().Float64).to_numpy() for each in columns]
                found[name] = flat[0] if source.shape == () else np.stack(flat, axis=1)
            finite &= np.isfinite(found[name]) if found[name].ndim == 1 else np.isfinite(found[name]).all(axis=1)
        good, bad = np.flatnonzero(finite), np.flatnonzero(~finite).tolist()
        numbers = {}
        for name, source in layout.sources.items():
            rows = found[name][good] if bad else found[name]
            numbers[name] = rows if source.shape == () else shaped(rows, source.shape)
        kept = {name: frame[self.columns[place]] for name, place in layout.kept.items()}
        unread = dict(zip(bad, self._reasons((self._framed(table) if frame is None else frame)[bad], bad, layout))) if bad else {}
        return Read(table.num_rows, table.num_rows, good, numbers, kept, unread)

    def _lists(self, series: Any, shape: Shape) -> Floats:
        """Return the lists of a column as rows of numbers, nan where a list has another shape."""
        import numpy as np

        pl = polars()
        rows, places = np.full((len(series), math.prod(shape)), np.nan), np.arange(len(series))
        for depth, size in enumerate(shape):
            if isinstance(series.dtype, pl.Array):
                series = series.arr.to_list()
            fits = (series.list.len() == size).fill_null(False).to_numpy()
            whole = fits.reshape(-1, math.prod(shape[:depth])).all(axis=1)
            entries_ = np.repeat(whole, math.prod(shape[:depth]))
            series, places = series.filter(pl.Series(entries_)).explode(), places[whole]
        rows[places] = series.cast(pl.Float64).to_numpy().reshape(len(places), -1)
        return rows

    def _reasons(self, frame: Any, places: list[int], layout: Layout) -> Iterator[Reject]:
        """Yield why each of these rows cannot be read."""
        for place, row in zip(places, frame.iter_rows(named=True)):
            reason = ""
            try:
                for source in layout.sources.values():
                    for column in source.places:
                        name = self.columns[column]
                        entries(name, row[name], source.shape if source.nested else ())
            except UnreadableError as unread:
                reason = unread.args[0]
            yield Reject(place + 1, 0, reason, as_json(row))

    def rejected(self, part: Part, reasons: dict[int, str]) -> dict[int, Reject]:
        """Return rows of a part as rejects."""
        rows = sorted(reasons)
        frame = self._guarded(lambda: self._frame(part, self.columns)[rows])
        return {row: Reject(row + 1, 0, reasons[row], as_json(found)) for row, found in zip(rows, frame.iter_rows(named=True))}

    def _size(self, part: Part) -> int:
        """Return how many rows a part has."""
        return part.end - part.start

    def _lost(self, part: Part, layout: Layout, problem: str) -> Read:
        """Return a part none of whose rows can be read."""
        import numpy as np

        rows, pl = self._size(part), polars()
        reason = said("the file is damaged here: {0}", problem)
        columns = {name: np.empty((*shape, 0)) for name, shape in layout.varying.items()}
        kept = {name: pl.Series(name, [None] * rows, dtype=self.schema[self.columns[place]]) for name, place in layout.kept.items()}
        unread = {row: Reject(row + 1, 0, reason, "") for row in range(rows)}
        return Read(rows, rows, np.arange(0), columns, kept, unread)


def failures() -> tuple[type[BaseException], ...]:
    """Return what the libraries of tables raise at a file that is damaged."""
    import pyarrow as pa

    library = polars()
    return library.exceptions.PolarsError, library.exceptions.PanicException, pa.ArrowException, OSError, ValueError, MemoryError


def _plain(kinds: Any) -> frozenset[str]:
    """Return the columns that hold plain whole numbers or floats; none where two have one name, which the library of tables refuses."""
    import pyarrow as pa

    if len(set(kinds.names)) < len(kinds.names):
        return frozenset()
    is_plain = (pa.types.is_integer, pa.types.is_float32, pa.types.is_float64)
    return frozenset(field.name for field in kinds if any(holds(field.type) for holds in is_plain))


def _floats(column: Any) -> Floats:
    """Return a column of plain numbers, nan where there is none."""
    import numpy as np

    numbers: Floats = column.to_numpy().astype(np.float64, copy=False)
    return numbers


def shortest(kinds: Any) -> list[int]:
    """Return the place of a column that is no longer than others, so that it soon says how many rows there are."""
    return [place for place, kind in enumerate(kinds.types) if kind.num_buffers == 2 and kind.num_fields == 0][:1]


def brief(problem: BaseException) -> str:
    """Return what is said by one of ours, or the first line of what a library says."""
    if problem.args and isinstance(problem.args[0], Said):
        return problem.args[0]
    return (str(problem).strip().splitlines() or [type(problem).__name__])[0][:120]


def _shape(cells: Sequence[Any]) -> Shape:
    """Return the shape of the first list there is."""
    shape: list[int] = []
    cell = next((cell for cell in cells if cell is not None), None)
    while isinstance(cell, list) and cell:
        shape.append(len(cell))
        cell = cell[0]
    return tuple(shape)
