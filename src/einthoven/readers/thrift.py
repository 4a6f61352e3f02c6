"""Thrift's compact protocol, in which Parquet describes files and pages.

Format: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md. Repeated fields, fields of
another type and numbers that are too large mean the same here as in pyarrow.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Union

I32, I64 = 5, 6
_BOOLEANS, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = (1, 2), 3, 7, 8, 9, 10, 12
_BITS = {4: 16, I32: 32, I64: 64}
_DEEPEST = 16

Wanted = Mapping[int, Union[int, "Wanted", Sequence["Wanted"]]]
"""By the number of a field I32 or I64, or the fields wanted of a structure; for a list of structures in a list."""


def read_struct(data: bytes, place: int, wanted: Wanted, deep: int = 0) -> tuple[dict[int, Any], int]:
    """Read the `wanted` fields of the structure at `place`.

    Returns
    -------
    The fields by their number: integers, further dictionaries, or lists of these. And where the structure ends.

    Raises
    ------
    IndexError
        If it cannot be followed.
    """
    if deep > _DEEPEST:
        raise IndexError
    found: dict[int, Any] = {}
    field = 0
    while head := data[place]:
        kind, place = head & 15, place + 1
        if head >> 4:
            field += head >> 4
        else:
            field, place = _integer(data, place, 16)
        expected, inner = _kind(wanted.get(field))
        value, place = _value(data, place, kind, inner, deep)
        if kind == expected:
            found[field] = value
    return found, place + 1


def _kind(want: object) -> tuple[object, Wanted]:
    """The type of a field, and what is wanted inside."""
    if isinstance(want, Mapping):
        return _STRUCT, want
    return (_LIST, want[0]) if isinstance(want, Sequence) else (want, {})


def _value(data: bytes, place: int, kind: int, wanted: Wanted, deep: int) -> tuple[Any, int]:
    """The value of `kind` at `place`, None if nobody can want it, and where it ends."""
    if kind in _BITS:
        return _integer(data, place, _BITS[kind])
    if kind == _STRUCT:
        return read_struct(data, place, wanted, deep + 1)
    if kind in (_LIST, _SET):
        return _list(data, place, wanted, deep + 1)
    if kind == _BINARY:
        length, place = _count(data, place)
        return None, place + length
    if kind == _DOUBLE:
        return None, place + 8
    if kind == _BYTE:
        return None, place + 1
    if kind in _BOOLEANS:  # in the field's head
        return None, place
    raise IndexError  # Parquet has no maps


def _list(data: bytes, place: int, wanted: Wanted, deep: int) -> tuple[list[Any], int]:
    size, kind, place = data[place] >> 4, data[place] & 15, place + 1
    if size == 15:
        size, place = _count(data, place)
    if size > len(data) - place or deep > _DEEPEST:
        raise IndexError
    kind = _BYTE if kind in _BOOLEANS else kind
    values = []
    for _ in range(size):
        value, place = _value(data, place, kind, wanted, deep)
        if isinstance(value, dict):
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
            return value & (1 << 64) - 1, place
    raise IndexError
