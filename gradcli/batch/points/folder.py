"""A folder of Parquet files: one long table, its files in the order of their names, folders within it included.

    points/a=1/part-0.parquet    rows      0 …   999        as polars, Spark and dask write a partitioned table
    points/a=1/part-1.parquet    rows  1 000 … 1 499
    points/a=2/part-0.parquet    rows  1 500 … 2 499

Names that begin with a dot or an underscore are passed over, as those who write such folders keep notes there.
"""

from __future__ import annotations

import json
import os
from bisect import bisect_right
from collections.abc import Iterator
from hashlib import sha256

from gradcli.batch.points.files import Place
from gradcli.batch.points.files_by_column import Parquet
from gradcli.batch.points.layout import Layout
from gradcli.batch.points.points import Points
from gradcli.batch.records import Part, Read, Reject
from gradcli.errors import GradError, reason
from gradcli.wording import said

ENDINGS = (".parquet", ".pq")
_NOTES = (".", "_")


class Folder(Points):
    """A table in many files, whose rows are counted through: the parts of a file are parts of the table.

    Raises:
        GradError: for a folder without Parquet files, or with others; for a file with other columns than the first.

    """

    form = "parquet"

    def __init__(self, name: str, size: int | None = None) -> None:
        self.name = name
        self.files = [Parquet(Place(file), size) for file in _files(name, name)]
        if not self.files:
            raise GradError("cannot-read", said("there are no Parquet files in {0}", name))
        super().__init__(self.files[0].place)
        self.columns = self.files[0].columns
        for file in self.files:
            if file.columns != self.columns:
                hint = said("the columns of {0}: {1}", self.place.name, ", ".join(self.columns))
                raise GradError("cannot-read", said("{0} has other columns than the first file of its folder", file.place.name), hint=hint)
        self.sizes = {column: shape for file in reversed(self.files) for column, shape in file.sizes.items()}
        self.starts = [0]  # the row at which each file begins, and the end
        for file in self.files:
            self.starts.append(self.starts[-1] + sum(file.groups))

    @property
    def bytes(self) -> int:
        """The size of all files."""
        return sum(file.bytes or 0 for file in self.files)

    @property
    def extent(self) -> int:
        """The rows of all files."""
        return self.starts[-1]

    def identity(self) -> dict[str, int | str]:
        """Return what tells this table from another: which files there are, and what tells each from another."""
        each = [(os.path.relpath(file.place.name, self.name), file.identity()) for file in self.files]
        return {"size": self.bytes, "files": len(each), "head": sha256(json.dumps(each).encode()).hexdigest()}

    def parts(self) -> Iterator[Part]:
        """Yield the parts of each file, numbered through."""
        number = 0
        for start, file in zip(self.starts, self.files):
            for part in file.parts():
                yield Part(number, start + part.start, start + part.end)
                number += 1

    def read(self, part: Part, layout: Layout) -> Read:
        """Return a part as numbers."""
        file, part = self._within(part)
        return file.read(part, layout)

    def rejected(self, part: Part, reasons: dict[int, str]) -> dict[int, Reject]:
        """Return rows of a part as rejects."""
        file, part = self._within(part)
        return file.rejected(part, reasons)

    def _within(self, part: Part) -> tuple[Parquet, Part]:
        """Return the file in which a part is, and the part as one of this file."""
        place = bisect_right(self.starts, part.start) - 1
        start = self.starts[place]
        return self.files[place], part._replace(start=part.start - start, end=part.end - start)


def _files(folder: str, whole: str) -> Iterator[str]:
    """Yield the files of a folder in the order of their names.

    Raises:
        GradError: for what cannot be read, or is no Parquet by its name: rows that are passed over would be lost in silence.

    """
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as problem:
        raise GradError("cannot-read", said("cannot read {0}: {1}", folder, reason(problem))) from None
    for entry in entries:
        if entry.name.startswith(_NOTES):
            continue
        if entry.is_dir():
            yield from _files(entry.path, whole)
        elif entry.name.lower().endswith(ENDINGS):
            yield entry.path
        else:
            raise GradError("cannot-read", said("{0} is no Parquet file, and {1} is read as a whole", entry.path, whole))
