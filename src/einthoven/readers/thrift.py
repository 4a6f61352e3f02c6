"""Thrift's compact protocol, in which Parquet describes files and pages.

Format: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md. What pyarrow would read
differently is refused: a repeated field, or a list whose elements have another type than the field declares.
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
"""Types of fields by their number. Other fields are skipped; those that contain lists must be named."""


def read_struct(data: bytes, offset: int, fields: Fields, depth: int = 0) -> tuple[dict[int, Any], int]:
    """Read the structure at an offset.

    Parameters
    ----------
    data
        Content of the file.
    offset
        Offset of the structure in bytes.
    fields
        Fields to return, by their number.
    depth
        Number of structures and lists around this one.

    Returns
    -------
    values_by_field : dict
        The fields that have their declared type, by number. Structures are dictionaries, binary values None.
    end : int
        Offset of the byte after the structure.

    Raises
    ------
    IndexError
        If the structure is damaged.
    """
    if depth > _MAX_DEPTH:
        raise IndexError
    values_by_field: dict[int, Any] = {}
    field = 0
    while head := data[offset]:
        kind, offset = head & 15, offset + 1
        if head >> 4:
            field += head >> 4
        else:
            field, offset = _integer(data, offset, 16)
        expected, inner = _kind(fields.get(field))
        value, offset = _value(data, offset, kind, inner if kind == expected else None, depth)
        if field in values_by_field or field >= _MAX_FIELDS:
            raise IndexError
        if kind == expected:
            values_by_field[field] = value
    return values_by_field, offset + 1


def _kind(type_: Type | None) -> tuple[int | None, Any]:
    """Return the encoding of a type, and the types inside it."""
    if isinstance(type_, Mapping):
        return _STRUCT, type_
    return (_LIST, type_[0]) if isinstance(type_, Sequence) else (type_, None)


def _value(data: bytes, offset: int, kind: int, inner: Any, depth: int) -> tuple[Any, int]:
    """Return the value of `kind` at `offset` (None if it is not a number) and the offset after it."""
    if kind in _BITS:
        return _integer(data, offset, _BITS[kind])
    if kind == _STRUCT:
        return read_struct(data, offset, inner or {}, depth + 1)
    if kind in (_LIST, _SET):
        return _list(data, offset, inner, depth + 1)
    if kind == BINARY:
        length, offset = _count(data, offset)
        return None, offset + length
    if kind == _DOUBLE:
        return None, offset + 8
    if kind == _BYTE:
        return None, offset + 1
    if kind in _BOOLEANS:  # in the field's head
        return None, offset
    raise IndexError  # Parquet has no maps


def _list(data: bytes, offset: int, element: Type | None, depth: int) -> tuple[list[Any], int]:
    size, kind, offset = data[offset] >> 4, data[offset] & 15, offset + 1
    if size == 15:
        size, offset = _count(data, offset)
    expected, inner = _kind(element)
    if size > len(data) - offset or depth > _MAX_DEPTH or (size and expected not in (None, kind)):
        raise IndexError
    values = []
    for _ in range(size):
        value, offset = _value(data, offset, _BYTE if kind in _BOOLEANS else kind, inner, depth)
        values.append(value)
    return values, offset


def _integer(data: bytes, offset: int, bits: int) -> tuple[int, int]:
    """Return the signed integer at `offset` and the offset after it."""
    value, offset = _count(data, offset)
    value &= (1 << bits) - 1
    return (value >> 1) ^ -(value & 1), offset


def _count(data: bytes, offset: int) -> tuple[int, int]:
    """Return the unsigned integer at `offset`, stored in seven bits per byte, and the offset after it."""
    value = 0
    for shift in range(0, 70, 7):
        byte, offset = data[offset], offset + 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, offset
    raise IndexError
