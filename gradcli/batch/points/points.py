"""A table of points: its columns, the parts it is cut into, and a part as numbers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator

from gradcli.batch.points.files import Place
from gradcli.batch.points.layout import Layout
from gradcli.batch.records import Part, Read, Reject
from gradcli.errors import GradError
from gradcli.shapes import Shape
from gradcli.wording import said


class Points(ABC):
    """A table that was opened: facts alone, so that it may travel to another thread, process or machine.

    ``columns`` are the names in the header (of JSON Lines the keys of the first row), ``sizes`` the shapes of those with lists.
    Bytes of a reject count from ``part.start``, lines and rows from 1 in each part; before the first part are ``header_lines``.
    """

    form: str
    columns: list[str]
    sizes: dict[str, Shape]
    header_lines = 0

    def __init__(self, place: Place) -> None:
        self.place = place

    @property
    def bytes(self) -> int | None:
        """The size of the file; None for a pipe."""
        return self.place.stamp.size if self.place.stamp else None

    @property
    def extent(self) -> int | None:
        """Where the last part ends, in what parts are counted in: bytes, or rows. None for a pipe."""
        return self.bytes

    def identity(self) -> dict[str, int | str]:
        """Return what tells this table from another; empty for a pipe, which cannot be read again."""
        return self.place.identity()

    @abstractmethod
    def parts(self) -> Iterator[Part]:
        """Yield the parts, which depend on the file alone. A pipe can be cut once, and its parts hold their bytes."""

    @abstractmethod
    def read(self, part: Part, layout: Layout) -> Read:
        """Return a part as numbers. Depends on its arguments alone, and may run anywhere."""

    @abstractmethod
    def rejected(self, part: Part, reasons: dict[int, str]) -> dict[int, Reject]:
        """Return rows of a part, by their number in it, as rejects for these reasons."""

    def broken(self, why: str) -> GradError:
        """Return the error of a table that is none of its form."""
        return GradError("cannot-read", said("{0}: {1}", self.place.name, why))
