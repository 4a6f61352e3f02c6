"""The variables of MATLAB files of levels 4 and 5: numbers, text, structures and cells.

Format: MathWorks, "MAT-File Format". scipy's reader allocates what a file declares and can crash on damaged files. Here
nothing is allocated before the bytes for it are there, and compressed variables are decompressed up to a limit.
"""

import struct
import zlib
from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import RecordingError

MAX_DEPTH = 8
"""Levels of structures and cells."""
MAX_VALUES = 20_000
"""Arrays in all variables, structures and cells of a file."""
FREE_BYTES = 8 << 20
"""Bytes that the compressed variables of any file may decompress to."""
BYTES_PER_BYTE = 30
"""Bytes that each byte of a file may represent beyond these."""

Value = NDArray[Any] | str | dict[str, Any] | list[Any] | None
"""Numbers in MATLAB's shape, text, a structure, a list (cells, several structures), or None for anything else."""

_HEADER = 128  # bytes
_ORDERS = {b"IM": "<", b"MI": ">"}
_NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_UTF_8, _MATRIX, _COMPRESSED = 16, 14, 15
_CELL, _STRUCT, _CHAR, _NUMERIC = 1, 2, 4, range(6, 16)
_COMPLEX = 0x0800
_LEVEL_4_NUMBERS = ("f8", "f4", "i4", "i2", "u2", "u1")
_LEVEL_4_HEADER, _LONGEST_NAME = 20, 64
_FULL, _TEXT = 0, 1  # types of matrices of level 4


def is_matlab(data: bytes) -> bool:
    """Return whether a file begins like a MATLAB file of level 4 or 5; level 7.3 is HDF5.

    Parameters
    ----------
    data
        Content of the file.

    Returns
    -------
    bool
        True for the header of level 5, or for a matrix of level 4 with a name.
    """
    return data.startswith(b"MATLAB 5.0 MAT-file") or _level_4_header(data, 0) is not None


def read_variables(data: bytes) -> dict[str, Value]:
    """Read all variables of a file.

    Parameters
    ----------
    data
        Content of the file.

    Returns
    -------
    dict of str to Value
        Variables by name.

    Raises
    ------
    RecordingError
        If the file is damaged, nested too deeply, or decompresses to too much.
    """
    try:
        if data.startswith(b"MATLAB 5.0"):
            return _Level5(data).variables()
        return _level_4_variables(data)
    except (struct.error, zlib.error, ValueError, IndexError, OverflowError, StopIteration) as error:
        raise RecordingError(f"is a damaged MATLAB file ({type(error).__name__}); save it again.") from error


class _Level5:
    """Reads the elements of one file, within limits of their size and number."""

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)
        self._order = _ORDERS.get(data[126:128], "<")
        self._left = min(FREE_BYTES + BYTES_PER_BYTE * len(data), 1 << 30)
        self._n_values = 0

    def variables(self) -> dict[str, Value]:
        variables: dict[str, Value] = {}
        for kind, body in self._elements(self._data[_HEADER:]):
            if kind == _COMPRESSED:
                kind, body = next(self._elements(self._decompress(body)))
            if kind == _MATRIX:
                name, value = self._matrix(body, 0)
                variables[name] = value
        return variables

    def _decompress(self, body: memoryview) -> memoryview:
        stream = zlib.decompressobj()
        content = stream.decompress(body, self._left + 1)
        self._left -= len(content)
        if self._left < 0:
            raise RecordingError("is a MATLAB file that decompresses to far more than an ECG; save only the ECG.")
        if not stream.eof:
            raise ValueError("cut short")
        return memoryview(content)

    def _elements(self, data: memoryview) -> Iterator[tuple[int, memoryview]]:
        """Yield type and content of the elements that follow each other."""
        place = 0
        while place + 8 <= len(data):
            kind, size = struct.unpack_from(f"{self._order}II", data, place)
            if small := kind >> 16:  # up to four bytes, in the place of the size
                kind, size, start, end = kind & 0xFFFF, small, place + 4, place + 8
            else:
                start = place + 8
                end = start + size + (0 if kind == _COMPRESSED else -size % 8)
            if start + size > len(data) or small > 4:
                raise ValueError("cut short")
            yield kind, data[start : start + size]
            place = end

    def _matrix(self, body: memoryview, depth: int) -> tuple[str, Value]:
        """Return name and value of a matrix."""
        self._n_values += 1
        if depth > MAX_DEPTH or self._n_values > MAX_VALUES:
            raise RecordingError(
                f"is a MATLAB file of more than {MAX_DEPTH} levels or {MAX_VALUES:,} arrays; save only the ECG."
            )
        if not body:
            return "", None
        parts = self._elements(body)
        (_, flags), (_, sizes), (_, name) = next(parts), next(parts), next(parts)
        (flag,) = struct.unpack_from(f"{self._order}I", flags)
        shape = tuple(int(size) for size in np.frombuffer(sizes, f"{self._order}i4"))
        return bytes(name).decode("latin-1"), self._value(flag, shape, parts, depth)

    def _value(self, flag: int, shape: tuple[int, ...], parts: Iterator[tuple[int, memoryview]], depth: int) -> Value:
        match flag & 0xFF:
            case kind if kind in _NUMERIC and not flag & _COMPLEX:
                return self._numbers(*next(parts)).reshape(shape, order="F")
            case kind if kind == _CHAR:
                return self._text(*next(parts), rows=shape[0])
            case kind if kind == _CELL:
                return [self._matrix(part, depth + 1)[1] for _, part in parts]
            case kind if kind == _STRUCT:
                return self._structure(parts, depth)
        return None

    def _structure(self, parts: Iterator[tuple[int, memoryview]], depth: int) -> Value:
        (_, width), (_, names) = next(parts), next(parts)
        (length,) = struct.unpack_from(f"{self._order}i", width)
        starts = range(0, len(names), length) if length > 0 else range(0)
        fields = [bytes(names[k : k + length]).split(b"\0")[0].decode("latin-1") for k in starts]
        values = [self._matrix(part, depth + 1)[1] for _, part in parts]
        n = len(fields)
        structures = [dict(zip(fields, values[k : k + n], strict=True)) for k in range(0, len(values), max(n, 1))]
        return structures[0] if len(structures) == 1 else structures

    def _numbers(self, kind: int, body: memoryview) -> NDArray[Any]:
        if kind not in _NUMBERS:
            raise ValueError("unknown type of numbers")
        return np.frombuffer(body, self._order + _NUMBERS[kind])

    def _text(self, kind: int, body: memoryview, rows: int) -> Value:
        """Return a text, or a list of texts for a matrix of characters."""
        text = bytes(body).decode() if kind == _UTF_8 else "".join(map(chr, self._numbers_of_text(kind, body)))
        if rows <= 1:
            return text
        return [text[row::rows].rstrip() for row in range(min(rows, MAX_VALUES))]

    def _numbers_of_text(self, kind: int, body: memoryview) -> list[int]:
        codes = np.frombuffer(body, self._order + {17: "u2", 18: "u4"}.get(kind, _NUMBERS.get(kind, "u1")))
        return [int(code) for code in codes]


def _level_4_header(data: bytes, place: int) -> tuple[str, int, int, int, str] | None:
    """Return byte order and code, rows, columns and name of a matrix of level 4; None if there is none."""
    if len(data) < place + _LEVEL_4_HEADER:
        return None
    for order, offset in (("<", 0), (">", 1000)):
        code, rows, columns, imaginary, length = struct.unpack_from(f"{order}5i", data, place)
        name = data[place + _LEVEL_4_HEADER : place + _LEVEL_4_HEADER + max(length, 0)]
        code -= offset
        plausible = 0 <= code < 60 and code % 10 in (_FULL, _TEXT) and imaginary in (0, 1) and min(rows, columns) >= 0
        if plausible and 1 < length < _LONGEST_NAME and name.endswith(b"\0"):
            text = name.rstrip(b"\0").decode("latin-1")
            if text.isascii() and text.isidentifier():
                return order, code, rows, columns, text
    return None


def _level_4_variables(data: bytes) -> dict[str, Value]:
    variables: dict[str, Value] = {}
    place = 0
    while len(variables) < MAX_VALUES and (header := _level_4_header(data, place)):
        order, code, rows, columns, name = header
        (imaginary, length) = struct.unpack_from(f"{order}2i", data, place + 12)
        dtype = np.dtype(order + _LEVEL_4_NUMBERS[code // 10])
        start, count = place + _LEVEL_4_HEADER + length, prod((rows, columns))
        place = start + count * dtype.itemsize * (1 + imaginary)
        if place > len(data):
            raise ValueError("cut short")
        values = np.frombuffer(data, dtype, count, start)
        is_text = code % 10 == _TEXT
        variables[name] = "".join(map(chr, values.astype(int))) if is_text else values.reshape(rows, columns, order="F")
    return variables
