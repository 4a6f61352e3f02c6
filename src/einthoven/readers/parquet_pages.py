"""What a Parquet file says of its row groups, and sizes that it declares for its pages.

pyarrow makes room for a page whatever its size, and ends the process if it is asked for a description that is damaged.
Format: https://github.com/apache/parquet-format.
"""

from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

from einthoven.errors import RecordingError
from einthoven.readers.thrift import I32, I64, Wanted, read_struct

if TYPE_CHECKING:
    from pyarrow.parquet import FileMetaData

_MAGIC = b"PAR1"
_FOOTER: Wanted = {4: [{1: [{3: {7: I64, 9: I64, 11: I64}}], 3: I64}]}  # row groups; in each its columns, its rows
_PAGE: Wanted = {2: I32, 3: I32}  # sizes, uncompressed and compressed
_BYTES_PER_ROW = 32  # 16 of a decimal number, and as much for the dictionary
_FREE_BYTES = 1 << 20
_FREE_PAGES, _ROWS_PER_PAGE = 1000, 100
_DAMAGED = "is a damaged Parquet file: the description of its columns cannot be followed."


class RowGroup(NamedTuple):
    """Some rows of all columns."""

    rows: int
    columns: list[dict[int, Any]]
    """As the footer describes them."""


def row_groups(metadata: "FileMetaData") -> list[RowGroup]:
    """The row groups of a file, from what pyarrow makes of its footer. Raises RecordingError if that is damaged."""
    written = BytesIO()
    metadata.write_metadata_file(written)
    try:
        footer, _ = read_struct(written.getvalue(), len(_MAGIC), _FOOTER)
        return [RowGroup(group[3], list(group[1])) for group in footer.get(4, [])]
    except (IndexError, KeyError) as error:
        raise RecordingError(_DAMAGED) from error


def check_pages(data: bytes, group: RowGroup, column: int) -> None:
    """Refuse a column of a row group whose pages decompress to more than its numbers take.

    Raises
    ------
    RecordingError
        If the pages are too large, too many or damaged.
    """
    try:
        chunk = group.columns[column][3]
        place = min(start for start in (chunk[9], chunk.get(11, 0)) if start > 0)
        end = min(place + chunk[7], len(data))
    except (IndexError, KeyError, ValueError) as error:
        raise RecordingError(_DAMAGED) from error
    grown = pages = 0
    while place < end:
        try:
            page, place = read_struct(data, place, _PAGE)
            uncompressed, compressed = page[2], page[3]
        except (IndexError, KeyError) as error:
            raise RecordingError("is a damaged Parquet file: it has a page without a proper header.") from error
        grown, pages, place = grown + uncompressed, pages + 1, place + compressed
        if grown > _FREE_BYTES + _BYTES_PER_ROW * group.rows or min(uncompressed, compressed) < 0:
            raise RecordingError("has a column that decompresses to far more bytes than its numbers take.")
        if pages > _FREE_PAGES + group.rows // _ROWS_PER_PAGE:
            raise RecordingError("has a column of more pages than its numbers need.")
