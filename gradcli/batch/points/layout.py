"""Which columns of a table make which variable.

    column x            →  the number x, or a vector or matrix where its cells are lists
    x_1 … x_n, x1 … xn  →  the vector x        where no column is called x
    W_1_1 … W_m_n       →  the matrix W        (also W_{1,1}, W_1,1)

Names are compared as everywhere: θ is theta; w0, w_0 and w_{0} are one name. Entries count from 1.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from math import prod
from typing import NamedTuple

from gradcli.errors import GradError, nearest
from gradcli.shapes import Shape
from gradcli.syntax.names import canonical
from gradcli.wording import said

_ENTRIES = (re.compile(r"(.*[A-Za-z])_?([0-9]{1,6})"), re.compile(r"(.*[A-Za-z])_([0-9]{1,6})[_,]([0-9]{1,6})"))  # of a vector, of a matrix
_SHOWN, _LONG = 20, 60  # columns in an error, and characters of each


class Source(NamedTuple):
    """Where a variable comes from: one column, or one for each entry, row by row."""

    shape: Shape
    places: tuple[int, ...]
    nested: bool  # one column, whose cells are lists


class Layout(NamedTuple):
    """What is taken from a table."""

    sources: dict[str, Source]
    kept: dict[str, int]

    @property
    def varying(self) -> dict[str, Shape]:
        """The shape of each variable that comes from the table."""
        return {name: source.shape for name, source in self.sources.items()}

    @property
    def numbers(self) -> tuple[int, ...]:
        """The columns that must hold numbers, in the order of the variables."""
        return tuple(place for source in self.sources.values() for place in source.places)


def offered(columns: Sequence[str], sizes: Mapping[str, Shape]) -> dict[str, Shape]:
    """Return every variable that a table has, with its shape, vectors and matrices made of several columns included."""
    shapes = {canonical(name): sizes.get(name, ()) for name in columns if name}
    for base, places in _families(columns, sizes).items():
        shape = tuple(map(max, zip(*places)))
        if base not in shapes and len(places) == prod(shape) and all(index in places for index in _grid(shape)):
            shapes[base] = shape
    return shapes


def layout(
    columns: Sequence[str], sizes: Mapping[str, Shape], wanted: Collection[str], constants: Collection[str], keep: Sequence[str] = ()
) -> Layout:
    """Return which columns make the variables of an expression, and which are copied.

    Args:
        columns: the names in the header.
        sizes: of the columns with lists, the shape of a cell.
        wanted: the variables of the expression.
        constants: the names that were given a value.
        keep: columns that are copied.

    Raises:
        GradError: for a variable without a value or with two, a missing or doubled column, an entry that is not there.

    """
    families, given = _families(columns, sizes), set(map(canonical, constants))
    sources = {}
    for name in dict.fromkeys(map(canonical, wanted)):
        places = [place for place, column in enumerate(columns) if canonical(column) == name]
        if name in given and (places or name in families):
            raise GradError("bound-twice", said("{0} is a column of the table, and is given a value", name),
                            hint=said("rename one of them, or leave the value out"))  # fmt: skip
        if name in given:
            continue
        if places:
            place = _only(name, places, columns)
            size = tuple(sizes.get(columns[place], ()))
            sources[name] = Source(size, (place,), bool(size))
        elif name in families:
            sources[name] = _together(name, families[name], columns)
        else:
            raise _unknown(name, columns, said("{0}; or give it a value: {1}=...", _columns(columns), name))
    if not sources:
        raise GradError("missing-column", said("no column of the table is a variable of the expression"), hint=_columns(columns))
    return Layout(sources, {name: _kept(name, columns) for name in dict.fromkeys(keep)})


def _families(columns: Sequence[str], sizes: Mapping[str, Shape]) -> dict[str, dict[tuple[int, ...], list[int]]]:
    """Return, for each name that columns may be entries of, the columns by their indices."""
    found: dict[str, dict[tuple[int, ...], list[int]]] = {}
    for place, column in enumerate(columns):
        for pattern in _ENTRIES:
            entry = pattern.fullmatch(canonical(column))
            if entry and not sizes.get(column):
                name, indices = entry[1], tuple(map(int, entry.groups()[1:]))
                found.setdefault(name, {}).setdefault(indices, []).append(place)
    return {name: places for name, places in found.items() if len(set(map(len, places))) == 1}


def _grid(shape: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Yield the indices of a vector or a matrix, row by row."""
    for row in range(1, shape[0] + 1):
        yield from ((row,),) if len(shape) == 1 else ((row, column) for column in range(1, shape[1] + 1))


def _together(name: str, entries: dict[tuple[int, ...], list[int]], columns: Sequence[str]) -> Source:
    """Return a variable made of several columns, all of whose entries are there, once."""
    shape = tuple(map(max, zip(*entries)))
    if any(0 in indices for indices in entries):
        raise GradError("missing-column", said("the entries of {0} count from 1, and the table has {0}_0", name), hint=_columns(columns))
    for indices in _grid(shape):
        if indices not in entries:
            entry = "_".join(map(str, (name, *indices)))
            raise GradError("missing-column", said("there is no column {0}, an entry of {1}", entry, name), hint=_columns(columns))
    return Source(shape, tuple(_only(name, entries[indices], columns) for indices in _grid(shape)), False)


def _only(name: str, places: Sequence[int], columns: Sequence[str]) -> int:
    if len(places) > 1:
        raise GradError("doubled-column", said("two columns are {0}: {1}", name, ", ".join(repr(columns[place]) for place in places)))
    return places[0]


def _kept(name: str, columns: Sequence[str]) -> int:
    """Return the column that is called so: by its very name, else by one of its spellings."""
    same = [place for place, column in enumerate(columns) if column == name]
    same = same or [place for place, column in enumerate(columns) if canonical(column) == canonical(name)]
    if not same:
        raise _unknown(name, columns, _columns(columns))
    return _only(name, same, columns)


def _unknown(name: str, columns: Sequence[str], hint: str) -> GradError:
    near = nearest(name, [canonical(column) for column in columns if column])
    return GradError("missing-column", said("there is no column {0}", name),
                     hint=said("did you mean {0}? {1}", near, hint) if near else hint)  # fmt: skip


def _columns(columns: Sequence[str]) -> str:
    shown = ", ".join(name if len(name) <= _LONG else name[:_LONG] + "..." for name in columns[:_SHOWN])
    if len(columns) > _SHOWN:
        return said("the table has {0} and {1} more", shown, len(columns) - _SHOWN)
    return said("the table has {0}", shown)
