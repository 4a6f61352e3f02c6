"""Row groups of a Parquet file, and the sizes that it declares for its pages.

pyarrow allocates memory for a page of any size, and ends the process on the description of a damaged
column. Format: https://github.com/apache/parquet-format.
"""

from typing import Any, NamedTuple

from einthoven.errors import RecordingError
from einthoven.readers.thrift import BINARY, I32, I64, Fields, read_struct

_SIZE, _DATA_PAGE, _DICTIONARY_PAGE = 7, 9, 11
_LISTS: Fields = {2: [I32], 3: [BINARY], 8: [{}], 13: [{}], 16: {2: [I64], 3: [I64]}, 17: {2: [I32]}}  # not needed
_CHUNK: Fields = {_SIZE: I64, _DATA_PAGE: I64, _DICTIONARY_PAGE: I64, **_LISTS}
_ROW_GROUP: Fields = {1: [{3: _CHUNK, 8: {2: {1: [BINARY]}}}], 3: I64, 4: [{}]}
_FOOTER: Fields = {2: [{}], 4: [_ROW_GROUP], 5: [{}], 7: [{}]}
_PAGE: Fields = {2: I32, 3: I32}  # sizes, uncompressed and compressed
_BYTES_PER_ROW = 32  # 16 of a decimal number, and as much for the dictionary
_FREE_BYTES = 1 << 20
_FREE_PAGES, _ROWS_PER_PAGE = 1000, 100
_DAMAGED = "is a damaged Parquet file: the description of its columns cannot be followed."


class RowGroup(NamedTuple):
    """Some rows of all columns."""

    rows: int
    columns: list[dict[int, Any]]
    """Columns as the footer describes them."""


def row_groups(data: bytes) -> list[RowGroup]:
    """Return the row groups of a Parquet file.

    Parameters
    ----------
    data
        Content of the file.

    Returns
    -------
    list of RowGroup
        Row groups in the order of the file.

    Raises
    ------
    RecordingError
        If the footer is damaged.
    """
    offset = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    try:
        footer, _ = read_struct(data, max(offset, 0), _FOOTER)
        return [RowGroup(group[3], group[1]) for group in footer[4]]
    except (IndexError, KeyError) as error:
        raise RecordingError(_DAMAGED) from error


def check_pages(data: bytes, group: RowGroup, column: int) -> None:
    """Refuse a column of a row group whose pages decompress to more than its numbers need.

    Parameters
    ----------
    data
        Content of the file.
    group
        The row group.
    column
        Index of the column.

    Raises
    ------
    RecordingError
        If the pages are too large, too many or damaged.
    """
    try:
        chunk = group.columns[column][3]
        offset = min(start for start in (chunk[_DATA_PAGE], chunk.get(_DICTIONARY_PAGE, 0)) if start > 0)
        end = min(offset + chunk[_SIZE], len(data))
    except (IndexError, KeyError, ValueError) as error:
        raise RecordingError(_DAMAGED) from error
    grown = pages = 0
    while offset < end:
        try:
            page, offset = read_struct(data, offset, _PAGE)
            uncompressed, compressed = page[2], page[3]
        except (IndexError, KeyError) as error:
            raise RecordingError("is a damaged Parquet file: it has a page without a proper header.") from error
        grown, pages, offset = grown + uncompressed, pages + 1, offset + compressed
        if grown > _FREE_BYTES + _BYTES_PER_ROW * group.rows or min(uncompressed, compressed) < 0:
            raise RecordingError("has a column that decompresses to far more bytes than its numbers take.")
        if pages > _FREE_PAGES + group.rows // _ROWS_PER_PAGE:
            raise RecordingError("has a column of more pages than its numbers need.")
