"""The footer of a Parquet file: Thrift's compact protocol, read into plain data and written again.

A struct is {number of a field: Field}; a list keeps the kind of its entries. Source: the Thrift compact protocol specification.
"""

from __future__ import annotations

import struct
from typing import Any, NamedTuple

_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 12
_WHOLE = (4, 5, 6)  # of 16, 32, 64 bits
_MANY = 15
_DEEPEST = 32

Struct = dict[int, "Field"]


class Field(NamedTuple):
    """A value and its kind; of a list also the kind of the entries."""

    kind: int
    value: Any
    of: int = 0


class Reader:
    """Reads from a place in bytes on."""

    def __init__(self, data: bytes, place: int = 0) -> None:
        self.data, self.place = data, place

    def _byte(self) -> int:
        self.place += 1
        if self.place > len(self.data):
            raise ValueError("it ends too early")
        return self.data[self.place - 1]

    def _varint(self) -> int:
        value = shift = 0
        while (byte := self._byte()) & 0x80:
            value |= (byte & 0x7F) << shift
            shift += 7
        return value | byte << shift

    def _whole(self) -> int:
        value = self._varint()
        return value >> 1 ^ -(value & 1)

    def _bytes(self, size: int) -> bytes:
        self.place += size
        if self.place > len(self.data):
            raise ValueError("it ends too early")
        return self.data[self.place - size : self.place]

    def struct(self, depth: int = 0) -> Struct:
        """Read a struct."""
        if depth > _DEEPEST:
            raise ValueError("it is nested too deeply")
        fields: Struct = {}
        number = 0
        while head := self._byte():
            number = number + (head >> 4) if head >> 4 else self._whole()
            fields[number] = self._field(head & 15, depth)
        return fields

    def _field(self, kind: int, depth: int) -> Field:
        if kind in (_TRUE, _FALSE):
            return Field(kind, kind == _TRUE)
        if kind not in (_LIST, _SET):
            return Field(kind, self._value(kind, depth))
        head = self._byte()
        size = self._varint() if head >> 4 == _MANY else head >> 4
        if size > len(self.data):
            raise ValueError("a list is longer than the file")
        return Field(kind, [self._value(head & 15, depth) for _ in range(size)], head & 15)

    def _value(self, kind: int, depth: int) -> Any:
        if kind in (_TRUE, _FALSE, _BYTE):
            return self._byte()
        if kind in _WHOLE:
            return self._whole()
        if kind == _DOUBLE:
            return self._bytes(8)
        if kind == _BINARY:
            return self._bytes(self._varint())
        if kind == _STRUCT:
            return self.struct(depth + 1)
        raise ValueError("it has a kind of field that Parquet has not")


def written(fields: Struct) -> bytes:
    """Return a struct as bytes."""
    out, last = bytearray(), 0
    for number, field in sorted(fields.items()):
        step = number - last
        out += bytes([step << 4 | field.kind]) if 0 < step < _MANY else bytes([field.kind]) + _zigzag(number)
        last = number
        if field.kind in (_LIST, _SET):
            size = len(field.value)
            out += bytes([size << 4 | field.of]) if size < _MANY else bytes([_MANY << 4 | field.of]) + _varint(size)
            for value in field.value:
                out += _value(field.of, value)
        elif field.kind not in (_TRUE, _FALSE):
            out += _value(field.kind, field.value)
    return bytes(out + b"\0")


def _value(kind: int, value: Any) -> bytes:
    if kind in (_TRUE, _FALSE, _BYTE):
        return bytes([value])
    if kind in _WHOLE:
        return _zigzag(value)
    if kind == _BINARY:
        return _varint(len(value)) + bytes(value)
    return bytes(value) if kind == _DOUBLE else written(value)


def _zigzag(value: int) -> bytes:
    return _varint(value << 1 ^ value >> 63)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def footer(tail: bytes) -> bytes:
    """Return the footer at the end of a Parquet file; the tail must be long enough.

    Raises:
        ValueError: if there is none.

    """
    if tail[-4:] != b"PAR1":
        raise ValueError("it has no footer")
    [size] = struct.unpack("<I", tail[-8:-4])
    if size + 8 > len(tail):
        raise ValueError("its footer is longer than the file")
    return tail[-8 - size : -8]
