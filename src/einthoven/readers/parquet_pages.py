"""Sizes that a Parquet file declares for its pages, which pyarrow would make room for whatever they are.

Format: https://github.com/apache/parquet-format; page headers are structures of Thrift's compact protocol.
"""

from typing import TYPE_CHECKING

from einthoven.errors import RecordingError

if TYPE_CHECKING:
    from pyarrow.parquet import ColumnChunkMetaData

_BOOLEANS, _BYTE, _INTEGERS, _DOUBLE, _BINARY, _STRUCT = (1, 2), 3, (4, 5, 6), 7, 8, 12
_UNCOMPRESSED, _COMPRESSED = 2, 3  # fields of a page header
_BYTES_PER_ROW = 32  # 16 of a decimal number, and as much for the dictionary
_FREE_BYTES = 1 << 20
_FREE_PAGES, _ROWS_PER_PAGE = 1000, 100
_DEEPEST = 8


def check_pages(data: bytes, chunk: "ColumnChunkMetaData", rows: int) -> None:
    """Refuse a column chunk whose pages decompress to more than its numbers take.

    Parameters
    ----------
    data
        The file.
    chunk
        The chunk's metadata. What it says of the size is not believed.
    rows
        How many numbers it holds, at most.

    Raises
    ------
    RecordingError
        If the pages are too large, too many or damaged.
    """
    starts = [chunk.data_page_offset, chunk.dictionary_page_offset or 0]
    place = min(start for start in starts if start > 0)
    end = min(place + chunk.total_compressed_size, len(data))
    grown = pages = 0
    while place < end:
        try:
            (uncompressed, compressed), place = _page(data, place)
        except IndexError as error:
            raise RecordingError("is a damaged Parquet file: it has a page without a proper header.") from error
        grown, pages, place = grown + uncompressed, pages + 1, place + compressed
        if grown > _FREE_BYTES + _BYTES_PER_ROW * rows or min(uncompressed, compressed) < 0:
            raise RecordingError("has a column that decompresses to far more bytes than its numbers take.")
        if pages > _FREE_PAGES + rows // _ROWS_PER_PAGE:
            raise RecordingError("has a column of more pages than its numbers need.")


def _page(data: bytes, place: int) -> tuple[tuple[int, int], int]:
    """The uncompressed and compressed size that the page header at `place` states, and where it ends."""
    sizes = {_UNCOMPRESSED: 0, _COMPRESSED: 0}
    field = 0
    while head := data[place]:
        kind, place = head & 15, place + 1
        if head >> 4:
            field += head >> 4
        else:
            field, place = _integer(data, place)
        if field in sizes and kind in _INTEGERS:
            sizes[field], place = _integer(data, place)
        else:
            place = _skip(data, place, kind, 0)
    return (sizes[_UNCOMPRESSED], sizes[_COMPRESSED]), place + 1


def _integer(data: bytes, place: int) -> tuple[int, int]:
    """The signed integer at `place`, and where it ends."""
    value, place = _count(data, place)
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


def _skip(data: bytes, place: int, kind: int, deep: int) -> int:
    """Where the value of `kind` at `place` ends. Raises IndexError if it cannot be followed."""
    if deep > _DEEPEST:
        raise IndexError
    if kind in _BOOLEANS:  # in the field's head
        return place
    if kind in _INTEGERS:
        return _count(data, place)[1]
    if kind == _BYTE:
        return place + 1
    if kind == _DOUBLE:
        return place + 8
    if kind == _BINARY:
        length, place = _count(data, place)
        return place + length
    if kind == _STRUCT:
        while head := data[place]:
            place = place + 1 if head >> 4 else _count(data, place + 1)[1]
            place = _skip(data, place, head & 15, deep + 1)
        return place + 1
    raise IndexError  # page headers have no lists and no maps
