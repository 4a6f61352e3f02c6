"""Thrift's compact protocol, in which Parquet describes files and pages.

Format: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md. What pyarrow would understand
in another way is refused: a repeated field, or a list of another type than its field has.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Union

I32, I64, BINARY = 5, 6, 8
_BOOLEANS, _BYTE, _DOUBLE, _LIST, _SET, _STRUCT = (1, 2), 3, 7, 9, 10, 12
_BITS = {4: 16, I32: 32, I64: 64}
_MAX_FIELDS = 1 << 15
_MAX_DEPTH = 16

Type = Union[int, "Fields", Sequence["Type"]]
"""I32, I64 or BINARY, the fields of a structure, or the type of a list's elements in a list."""
Fields = Mapping[int, Type]
"""Types of fields by their number. Other fields are passed over; those with lists inside must be named."""


def read_struct(data: bytes, place: int, fields: Fields, deep: int = 0) -> tuple[dict[int, Any], int]:
    """Read the structure at `place`.

    Returns
    -------
    Those of its `fields` that have the type named there, by their number, and where the structure ends. Structures
    are dictionaries, binary values None.

    Raises
    ------
    IndexError
        If it cannot be followed.
    """
    if deep > _MAX_DEPTH:
        raise IndexError
    found: dict[int, Any] = {}
    field = 0
    while head := data[place]:
        kind, place = head & 15, place + 1
        if head >> 4:
            field += head >> 4
        else:
            field, place = _integer(data, place, 16)
        expected, inner = _kind(fields.get(field))
        value, place = _value(data, place, kind, inner if kind == expected else None, deep)
        if field in found or field >= _MAX_FIELDS:
            raise IndexError
        if kind == expected:
            found[field] = value
    return found, place + 1


def _kind(type_: Type | None) -> tuple[int | None, Any]:
    """How a type is encoded, and the types inside of it."""
    if isinstance(type_, Mapping):
        return _STRUCT, type_
    return (_LIST, type_[0]) if isinstance(type_, Sequence) else (type_, None)


def _value(data: bytes, place: int, kind: int, inner: Any, deep: int) -> tuple[Any, int]:
    """The value of `kind` at `place`, None if it is no number, and where it ends."""
    if kind in _BITS:
        return _integer(data, place, _BITS[kind])
    if kind == _STRUCT:
        return read_struct(data, place, inner or {}, deep + 1)
    if kind in (_LIST, _SET):
        return _list(data, place, inner, deep + 1)
    if kind == BINARY:
        length, place = _count(data, place)
        return None, place + length
    if kind == _DOUBLE:
        return None, place + 8
    if kind == _BYTE:
        return None, place + 1
    if kind in _BOOLEANS:  # in the field's head
        return None, place
    raise IndexError  # Parquet has no maps


def _list(data: bytes, place: int, element: Type | None, deep: int) -> tuple[list[Any], int]:
    size, kind, place = data[place] >> 4, data[place] & 15, place + 1
    if size == 15:
        size, place = _count(data, place)
    expected, inner = _kind(element)
    if size > len(data) - place or deep > _MAX_DEPTH or (size and expected not in (None, kind)):
        raise IndexError
    values = []
    for _ in range(size):
        value, place = _value(data, place, _BYTE if kind in _BOOLEANS else kind, inner, deep)
        values.append(value)
    return values, place


def _integer(data: bytes, place: int, bits: int) -> tuple[int, int]:
    """The signed integer at `place`, and where it ends."""
    value, place = _count(data, place)
    value &= (1 << bits) - 1
    return (value >> 1) ^ -(value & 1), place


def _count(data: bytes, place: int) -> tuple[int, int]:
    """The unsigned integer at `place`, seven bits a byte, and where it ends."""
    value = 0
    for shift in range(0, 70, 7):
        byte, place = data[place], place + 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, place
    raise IndexError
