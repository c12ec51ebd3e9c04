"""Tables of FlatBuffers, as in the messages and footers of Arrow. Source: the FlatBuffers internals and the Arrow columnar format."""

from __future__ import annotations

import struct

from gradcli.wording import said


def root(data: bytes) -> int:
    """Return where the table of a buffer is."""
    return _read("<I", data, 0)


def field(data: bytes, table: int, number: int) -> int:
    """Return where a field of a table is; 0 if the table has none."""
    layout = table - _read("<i", data, table)
    if 4 + 2 * number >= _read("<H", data, layout):
        return 0
    offset = _read("<H", data, layout + 4 + 2 * number)
    return table + offset if offset else 0


def target(data: bytes, place: int) -> int:
    """Return where the table or the vector is that a field points to."""
    return place + _read("<I", data, place)


def byte(data: bytes, place: int) -> int:
    """Return a number of 8 bits."""
    return _read("<B", data, place)


def whole(data: bytes, place: int) -> int:
    """Return a number of 64 bits."""
    return _read("<q", data, place)


def vector_size(data: bytes, vector: int) -> int:
    """Return how many entries a vector has; they follow behind four bytes."""
    return _read("<I", data, vector)


def _read(kind: str, data: bytes, place: int) -> int:
    if place < 0:
        raise ValueError(said("it points outside itself"))
    try:
        value: int = struct.unpack_from(kind, data, place)[0]
    except struct.error:
        raise ValueError(said("it points outside itself")) from None
    return value
