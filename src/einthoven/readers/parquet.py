"""Parquet files with a column for each lead; they need the extra `parquet`."""

from typing import TYPE_CHECKING, Any

import numpy as np

from einthoven.arrays import Float64Array
from einthoven.errors import RecordingError, missing_extra
from einthoven.readers.parquet_pages import RowGroup, check_pages, row_groups
from einthoven.readers.tables import Options, read_table
from einthoven.readers.tracing import Tracing, check_size

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

MAX_FOOTER = 512 << 10
"""Largest description of a file's columns in bytes; pyarrow needs many times as much memory to read it."""
_TICKS = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}  # per second, by Arrow's names of units


def read_parquet(data: bytes, options: Options) -> Tracing:
    """Read the columns that are leads, and no others.

    Parameters
    ----------
    data
        Content of the file.
    options
        Sampling rate, unit, leads and scale stated by the caller.

    Returns
    -------
    Tracing
        The channels as the file holds them.

    Raises
    ------
    RecordingError
        If the file is damaged, a lead's column holds no numbers or more than the file can hold, or pyarrow is
        missing.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise RecordingError(f"is Parquet; reading it needs {missing_extra('pyarrow', 'parquet')}") from error
    if data.endswith(b"PAR1") and int.from_bytes(data[-8:-4], "little") > MAX_FOOTER:
        raise RecordingError(f"has a footer of more than {MAX_FOOTER >> 10} KiB; write it in fewer row groups.")
    try:
        file = parquet.ParquetFile(pyarrow.BufferReader(data))
        names, groups = file.schema_arrow.names, row_groups(data)

        def numbers(columns: list[int]) -> list[Float64Array]:
            rows = sum(group.rows for group in groups)
            check_size(max(rows, file.metadata.num_rows) * len(columns), len(data))
            return [_numbers(file, names[index], data, groups) for index in columns]

        return read_table(
            "Parquet", names, len(names), numbers, options, lambda k: _codes(file, names[k], data, groups)
        )
    except (pyarrow.ArrowException, OSError, KeyError, ValueError) as error:
        raise RecordingError(f"is a damaged Parquet file, or not one of numbers ({type(error).__name__}).") from error


def _numbers(file: "ParquetFile", name: str, data: bytes, groups: list[RowGroup]) -> Float64Array:
    """Return one column (samples,); times in s since the first."""
    from pyarrow import types

    kind: Any = file.schema_arrow.field(name).type
    is_time = types.is_timestamp(kind) or types.is_duration(kind)
    if not (is_time or types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind)):
        raise RecordingError("has a column named after a lead or the time that holds neither numbers nor times.")
    column = _column(file, name, data, groups)
    if is_time:
        ticks = column.cast("int64").to_numpy()
        return np.asarray((ticks - ticks[:1]) / _TICKS[kind.unit], np.float64)
    values = column.cast("float64") if types.is_decimal(kind) else column
    return np.asarray(values.to_numpy(), np.float64)


def _codes(file: "ParquetFile", name: str, data: bytes, groups: list[RowGroup]) -> Float64Array | None:
    """Return a number (rows,) for each different text of a column; None for other kinds, or for long texts."""
    from pyarrow import types

    kind: Any = file.schema_arrow.field(name).type
    if types.is_dictionary(kind):
        kind = kind.value_type
    if not (types.is_string(kind) or types.is_large_string(kind)):
        return None
    try:
        column = _column(file, name, data, groups)
    except RecordingError:
        return None
    encoded: Any = column.cast(kind).dictionary_encode().combine_chunks()
    return np.asarray(encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False), np.float64)


def _column(file: "ParquetFile", name: str, data: bytes, groups: list[RowGroup]) -> Any:
    """Return a column after a check of its size."""
    paths = [file.schema.column(index).path for index in range(len(file.schema))]
    chosen = [index for index, path in enumerate(paths) if path == name or path.startswith(f"{name}.")]
    if len(chosen) != 1:  # pyarrow would read all of them
        raise RecordingError(f"has {len(chosen)} columns of one name; give each its own.")
    for group in groups:
        check_pages(data, group, chosen[0])
    return file.read(columns=[name], use_threads=False).column(0)
