"""Tables: NPY, Parquet, and what CSV shares. Lead names, rate and unit come from the header or from the caller."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import RecordingError
from einthoven.readers.names import split_unit, standard_lead
from einthoven.readers.parquet_pages import check_pages
from einthoven.readers.tracing import MISSING, Channel, Tracing, check_size
from einthoven.recording import LEADS

_TIME = re.compile(
    r"(?:elapsed[ _]?)?(?:time(?:stamp)?|t|zeit|temps|tiempo|tempo)?(?:[ _]in[ _]|[ _/])?"
    r"(seconds?|secs?|s|milliseconds?|ms|msec|microseconds?|us|µs)?"
)
_NUMBERS = ("INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64", "HALF_FLOAT", "FLOAT", "DOUBLE")
_NUMBERS += ("DECIMAL128",)
"""Arrow's types of numbers."""
MAX_FOOTER = 512 << 10
"""Largest description of a Parquet file in bytes; pyarrow takes many times as much to read it."""
MOST_COLUMNS = 10_000
_TICKS = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}  # a second, by Arrow's names


@dataclass(frozen=True)
class Options:
    """What the caller of `read` says of a table."""

    rate: float | None = None
    unit: str | None = None
    leads: Sequence[str] | None = None

    def refuse_for(self, format: str) -> None:
        """Refuse options for a format that says these things itself."""
        given = [name for name, value in vars(self).items() if value is not None]
        if given:
            raise RecordingError(f"is {format}, which states its {' and '.join(given)} itself; leave the option out.")


def read_npy(data: bytes, options: Options) -> Tracing:
    """A numpy array (leads, samples) or (samples, leads); twelve leads are taken to be in standard order."""
    file = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(file)
        header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        (shape, fortran, dtype), start = header(file), file.tell()
    except Exception as error:  # numpy hands the header to Python's parser and tokenizer
        raise RecordingError(f"is a damaged NPY file: {brief(error)}.") from error
    names = list(options.leads or LEADS)
    shape = tuple(length for length in shape if length != 1) if len(shape) > 2 else shape  # a batch of one
    if dtype.kind not in "iuf" or len(shape) != 2 or len(names) not in shape:
        raise RecordingError(
            f"is an array {shape} of {dtype}; numbers ({len(names)}, samples) or (samples, {len(names)}) are expected."
        )
    if min(shape) < 1 or start + shape[0] * shape[1] * dtype.itemsize != len(data):
        raise RecordingError(f"is cut short, or its header is wrong: {len(data)} bytes came for an array {shape}.")
    check_size(shape[0] * shape[1], len(data))
    array = np.frombuffer(data, dtype, offset=start).reshape(shape, order="F" if fortran else "C")
    signal = array if shape[0] == len(names) else array.T
    return table("NPY", names, len(names), lambda places: [signal[k].astype(np.float64) for k in places], options)


def read_parquet(data: bytes, options: Options) -> Tracing:
    """A Parquet file with a column for each lead. Needs the extra `parquet`."""
    try:
        import pyarrow
        import pyarrow.compute
        from pyarrow import parquet
    except ImportError as error:
        raise RecordingError("is Parquet; reading it needs: pip install 'einthoven[parquet]'.") from error
    try:
        if data.endswith(b"PAR1") and int.from_bytes(data[-8:-4], "little") > MAX_FOOTER:
            raise RecordingError(f"has a footer of more than {MAX_FOOTER >> 10} KiB; write it in fewer row groups.")
        file = parquet.ParquetFile(pyarrow.BufferReader(data))
        meta, schema = file.metadata, file.schema_arrow
        groups = [meta.row_group(index) for index in range(meta.num_row_groups)]
        rows = sum(group.num_rows for group in groups)
        paths = [meta.schema.column(index).path for index in range(meta.num_columns)]

        def number(place: int) -> NDArray[np.float64]:
            kind = schema.field(place).type
            since = pyarrow.types.is_timestamp(kind) or pyarrow.types.is_duration(kind)
            if not since and kind.id not in [getattr(pyarrow.lib, f"Type_{name}") for name in _NUMBERS]:
                raise RecordingError(f"has a column of {str(kind)[:40]} where numbers are expected.")
            name = schema.names[place]
            chosen = [index for index, path in enumerate(paths) if path == name or path.startswith(f"{name}.")]
            if len(chosen) != 1:  # pyarrow would read all of them
                raise RecordingError(f"has {len(chosen)} columns of one name; give each its own.")
            for group in groups:
                check_pages(data, group.column(chosen[0]), group.num_rows)
            column = file.read(columns=[name], use_threads=False).column(0)
            if not since:
                return column.cast("float64").to_numpy()
            ticks = column.cast("int64")
            ticks = pyarrow.compute.subtract(ticks, ticks[0]).cast("float64")
            return pyarrow.compute.divide(ticks, _TICKS[kind.unit]).to_numpy()  # s since the first

        def numbers(places: list[int]) -> list[NDArray[np.float64]]:
            check_size(max(rows, meta.num_rows) * len(places), len(data))
            return [number(place) for place in places]

        return table("Parquet", schema.names, len(schema.names), numbers, options)
    except (pyarrow.ArrowException, OSError, KeyError, ValueError) as error:
        raise RecordingError(f"is a damaged Parquet file, or not one of numbers: {brief(error)}.") from error


def table(format: str, header: Sequence[str] | None, count: int, numbers: Any, options: Options) -> Tracing:
    """The leads of a table of `count` columns; `numbers(places)` gives an array (samples,) for each."""
    if count > MOST_COLUMNS:
        raise RecordingError(f"has {count} columns; at most {MOST_COLUMNS:,} are read.")
    names, units = map(list, zip(*map(split_unit, header or [""] * count), strict=True))
    time = next((place for place, name in enumerate(names) if name and _TIME.fullmatch(name.lower())), None)
    if options.leads is not None:
        places = [place for place in range(count) if place != time]
        if len(options.leads) != len(places):
            raise RecordingError(f"has {len(places)} columns but leads={tuple(options.leads)} were given.")
        for place, lead in zip(places, options.leads, strict=True):
            names[place] = lead
    wanted = [place for place, name in enumerate(names) if place != time and standard_lead(name)]
    if not wanted:
        came = f"its {count} columns are called otherwise" if header else f"it has {count}, without names"
        raise RecordingError(f"is a table without a column named after a lead ({came}); give leads=('I', 'II', ...).")
    rate, values = options.rate, None
    if rate is None and time is not None:
        times, *values = numbers([time, *wanted])
        unit = _TIME.fullmatch(names[time].lower())
        rate = _rate(times, units[time] or (unit[1] if unit else None) or "")
    if rate is None or not 0 < rate < np.inf:
        raise RecordingError("is a table without a sampling rate; give rate=..., in Hz.")
    channels = [Channel(name, np.empty(0), rate, "") for place, name in enumerate(names) if name and place != time]
    by_place = dict(zip([place for place, name in enumerate(names) if name and place != time], channels, strict=True))
    for place, column in zip(wanted, numbers(wanted) if values is None else values, strict=True):
        missing = column == MISSING
        by_place[place].values = np.where(missing, np.nan, column) if missing.any() else column
        by_place[place].unit = _unit(names[place], units[place], options.unit)
    return Tracing(format, channels)


def _unit(lead: str, stated: str, given: str | None) -> str:
    if stated and given and stated.lower() != given.lower():
        raise RecordingError(f"states {stated} for {lead} but unit={given!r} was given.")
    if not (stated or given):
        raise RecordingError("is a table without a unit; give unit='mV', 'uV', 'nV' or 'V'.")
    return stated or given or ""


def _rate(times: NDArray[np.float64], unit: str) -> float:
    """Sampling rate in Hz from a time column."""
    if len(times) < 2:
        raise RecordingError("is a table of less than two samples.")
    if not unit and np.ptp(times) < 86400:
        times = np.unwrap(times, period=86400)  # a clock that passes midnight
    step = (times[-1] - times[0]) / max(len(times) - 1, 1)
    even = np.abs(times - times[0] - step * np.arange(len(times))).max() <= 1.01 * step
    if not (np.isfinite(times).all() and step > 0 and even):
        raise RecordingError("has a time column with gaps or uneven steps; mend it, or give rate=..., in Hz.")
    if not unit and not 0.0004 < step < 0.02:
        raise RecordingError(f"has a time column in steps of {step:.6g} without a unit; give rate=..., in Hz.")
    rate = (1e6 if unit.startswith(("u", "micro")) else 1000 if unit.startswith("m") else 1) / step
    return float(round(rate)) if abs(rate / round(rate or 1) - 1) < 1e-3 else rate  # times are written rounded


def brief(error: Exception) -> str:
    """A library's words, short enough for a sentence."""
    return str(error)[:120].rstrip(".")
