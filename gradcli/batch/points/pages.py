"""The pages of a Parquet file, checked before they are decoded: a number of values that is damaged must not be allocated."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from gradcli.batch.thrift import Field, Reader, Struct
from gradcli.wording import said

_HEAD, _LONGEST_HEAD = 1 << 10, 1 << 20  # bytes of the head of a page, which may hold statistics
_DATA, _DICTIONARY = (5, 8), 7  # fields of a page that hold the head of values, in both versions, and of a dictionary
_MOST = 1 << 31


def check(group: Struct, names: Collection[str], read: Callable[[int, int], bytes]) -> None:
    """See that the pages of some columns of a row group fill their chunks and hold as many values as they should.

    Raises:
        ValueError: if not.

    """
    for chunk in group[1].value:
        meta = _struct(chunk.get(3))
        path = meta[3].value
        if path and path[0].decode("utf-8", "replace") in names:
            _check_chunk(meta, read)


def _check_chunk(meta: Struct, read: Callable[[int, int], bytes]) -> None:
    start = min(meta[number].value for number in (9, 11) if number in meta and meta[number].value > 0)
    end, values = start + meta[7].value, 0
    while start < end:
        fields, size = _head(start, end, read)
        body, whole = fields[3].value, fields[2].value
        inside = next((_struct(fields[kind]) for kind in (*_DATA, _DICTIONARY) if kind in fields), None)
        if not 0 <= body <= end - start - size or not 0 <= whole < _MOST or (inside and not 0 <= inside[1].value < _MOST):
            raise ValueError(said("a page is larger than its column"))
        values += sum(_struct(fields[kind])[1].value for kind in _DATA if kind in fields)
        start += size + body
    if start != end or values != meta[5].value:
        raise ValueError(said("its pages have not as many values as it says"))


def _head(start: int, end: int, read: Callable[[int, int], bytes]) -> tuple[Struct, int]:
    """Return the head of a page and how long it is."""
    room = _HEAD
    while True:
        data = read(start, min(room, end - start))
        reader = Reader(data)
        try:
            return reader.struct(), reader.place
        except ValueError:
            if room >= min(_LONGEST_HEAD, end - start):
                raise
        room *= 16


def _struct(field: Field | None) -> Any:
    if field is None or not isinstance(field.value, dict):
        raise ValueError(said("its index is damaged"))
    return field.value
