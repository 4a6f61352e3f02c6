"""Tables: CSV, NPY and Parquet. Lead names, rate and unit come from the header or from the caller."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.errors import RecordingError
from einthoven.readers.names import millivolts, split_unit, standard_lead
from einthoven.readers.tracing import MAX_VALUES, Channel, Tracing
from einthoven.recording import LEADS

_TIME = re.compile(
    r"(?:elapsed[ _]?)?(?:time(?:stamp)?|t)?[ _]?"
    r"(seconds?|secs?|s|milliseconds?|ms|msec|microseconds?|us|µs)?"
)
    r"(?:elapsed[ _]?)?(?:time(?:stamp)?|t)?[ _]?(seconds?|secs?|s|milliseconds?|ms|msec|microseconds?|us|µs)?"
)
_CLOCK = re.compile(r"(?:.*[T ])?(\d+):(\d+):(\d+(?:[.,]\d+)?)")
_NUMBER = re.compile(r"[-+]?(\d+[.,]?\d*|[.,]\d+)([eE][-+]?\d+)?|nan|", re.IGNORECASE)


_PREAMBLE = 50
"""Lines that may stand before the header of a text."""
MAX_TEXT = 128 << 20
"""Largest text in bytes: 12 leads at 500 Hz for about an hour."""
_NOTHING = ("", "na", "null", "none", "-")


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


def is_text(data: bytes) -> bool:
    """Whether `data` begins like a text."""
    start = data[:4096]
    return start.startswith((b"\xff\xfe", b"\xfe\xff")) or not re.search(rb"[\x00-\x08\x0e-\x1f\x7f]", start)


def read_csv(data: bytes, options: Options) -> Tracing:
    """A text with a column for each lead, separated by comma, semicolon, tab or white space."""
    if len(data) > MAX_TEXT:
        raise RecordingError(f"is a text of more than {MAX_TEXT >> 20} MiB; give it as NPY or Parquet.")
    lines = [line for line in _text(data).splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if len(lines) < 2:
        raise RecordingError("is a text of less than two lines; an ECG file is expected.")
    lines = lines[_header(lines) :]
    separator = _separator(lines[0])
    if sideways := _sideways(lines, separator, options):
        return sideways
    first, second = (_fields(line, separator) for line in lines[:2])
    headed = not all(_NUMBER.fullmatch(field.strip()) for field in first)
    units = [field.strip(" '[]()") for field in second] if headed and len(first) == len(second) else []
    if any(map(millivolts, units)):  # a second line of units, as PhysioNet's tools write it
        first = [f"{name} [{unit}]" if millivolts(unit) else name for name, unit in zip(first, units, strict=True)]
        lines = lines[1:]
    lines = lines[1:] if headed else lines
    if separator != ",":
        lines = [line.replace(",", ".") for line in lines]

    def numbers(places: list[int]) -> NDArray[np.float64]:
        try:
            return _load(lines, separator, places)
        except ValueError:  # numpy has no empty fields and no clock
            try:
                return _load([_fill(line, separator) for line in lines], separator, places)
            except (ValueError, IndexError) as error:
                raise RecordingError(f"is a table with something else than numbers: {_brief(error)}.") from error

    return _table("CSV", first if headed else None, len(first), numbers, options)


def _header(lines: list[str]) -> int:
    """Which of the first lines names leads; 0 when none does."""
    for place, (line, after) in enumerate(pairwise(lines[:_PREAMBLE])):
        separator = _separator(line)
        fields = _fields(line, separator)
        if len(fields) == len(_fields(after, separator)) and any(standard_lead(split_unit(name)[0]) for name in fields):
            return place
    return 0


def _sideways(lines: list[str], separator: str | None, options: Options) -> Tracing | None:
    """A table with a row for each lead, which begins with its name or has it from the caller; None for others."""
    first = _fields(lines[0], separator)
    named = len(first) > len(LEADS) and bool(standard_lead(first[0])) and not standard_lead(first[1])
    if not named and (options.leads is None or len(options.leads) != len(lines) or len(first) <= len(lines)):
        return None
    rows = [_fields(line.replace(",", ".") if separator != "," else line, separator) for line in lines]
    names = [row[0] for row in rows] if named else None
    try:
        values = np.array([row[1:] if named else row for row in rows], np.float64)
    except ValueError as error:
        raise RecordingError(f"is a table with something else than numbers: {_brief(error)}.") from error
    return _table("CSV", names, len(rows), lambda places: values[places], options)


def _separator(line: str) -> str | None:
    return next((sign for sign in ";\t|," if sign in line), None)


def _fields(line: str, separator: str | None) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator or " ", skipinitialspace=True))
    except csv.Error as error:
        raise RecordingError(f"is a text, but no table: {_brief(error)}.") from error


def _load(lines: list[str], separator: str | None, places: list[int]) -> NDArray[np.float64]:
    return np.loadtxt(lines, delimiter=separator, usecols=places, ndmin=2, quotechar='"', comments=None).T


def read_npy(data: bytes, options: Options) -> Tracing:
    """A numpy array (leads, samples) or (samples, leads); twelve leads are taken to be in standard order."""
    file = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(file)
        header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        (shape, fortran, dtype), start = header(file), file.tell()
    except Exception as error:  # numpy hands the header to Python's parser and tokenizer
        raise RecordingError(f"is a damaged NPY file: {_brief(error)}.") from error
    names = list(options.leads or LEADS)
    shape = tuple(length for length in shape if length != 1) if len(shape) > 2 else shape  # a batch of one
    if dtype.kind not in "iuf" or len(shape) != 2 or len(names) not in shape:
        raise RecordingError(
            f"is an array {shape} of {dtype}; numbers ({len(names)}, samples) or (samples, {len(names)}) are expected."
        )
    if min(shape) < 1 or start + shape[0] * shape[1] * dtype.itemsize != len(data):
        raise RecordingError(f"is cut short, or its header is wrong: {len(data)} bytes came for an array {shape}.")
    array = np.frombuffer(data, dtype, offset=start).reshape(shape, order="F" if fortran else "C")
    signal = array if shape[0] == len(names) else array.T
    return _table("NPY", names, len(names), lambda places: signal[places].astype(np.float64), options)


def read_parquet(data: bytes, options: Options) -> Tracing:
    """A Parquet file with a column for each lead. Needs the extra `parquet`."""
    try:
        import pyarrow
        import pyarrow.compute
        from pyarrow import parquet
    except ImportError as error:
        raise RecordingError("is Parquet; reading it needs: pip install 'einthoven[parquet]'.") from error
    try:
        file = parquet.ParquetFile(pyarrow.BufferReader(data))
        meta, names = file.metadata, list(file.schema_arrow.names)
        groups = [meta.row_group(index) for index in range(meta.num_row_groups)]
        if max(meta.num_rows * len(names), sum(group.total_byte_size for group in groups) // 8) > MAX_VALUES:
            raise RecordingError(f"has more than {MAX_VALUES:,} values; cut the recording into parts.")

        def numbers(places: list[int]) -> NDArray[np.float64]:
            table = file.read(columns=[names[place] for place in places])
            columns = [table.column(names[place]) for place in places]
            for k, column in enumerate(columns):
                if pyarrow.types.is_timestamp(column.type):  # whole us, as s
                    columns[k] = pyarrow.compute.divide(column.cast("timestamp[us]").cast("int64").cast("float64"), 1e6)
            return np.stack([column.cast("float64").to_numpy() for column in columns])

        return _table("Parquet", names, len(names), numbers, options)
    except (pyarrow.ArrowException, OSError, KeyError, ValueError) as error:
        raise RecordingError(f"is a damaged Parquet file, or not one of numbers: {_brief(error)}.") from error


def _table(format: str, header: Sequence[str] | None, count: int, numbers: Any, options: Options) -> Tracing:
    """The leads of a table of `count` columns; `numbers(places)` gives some of them, (columns, samples)."""
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
        came = f" ({', '.join(header)[:80]})" if header else ""
        raise RecordingError(f"is a table without a column named after a lead{came}; give leads=('I', 'II', ...).")
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
        by_place[place].values, by_place[place].unit = column, _unit(names[place], units[place], options.unit)
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


def _fill(line: str, separator: str | None) -> str:
    """`line` with "nan" for every field that says that there is no value, and with s since midnight for a clock."""
    return (separator or " ").join(map(_value, line.split(separator)))


def _value(field: str) -> str:
    field = field.strip()
    clock = _CLOCK.fullmatch(field.strip("'\""))
    if clock:
        return str(3600 * int(clock[1]) + 60 * int(clock[2]) + float(clock[3].replace(",", ".")))
    return "nan" if field.lower() in _NOTHING else field


def _brief(error: Exception) -> str:
    return str(error)[:120].rstrip(".")


def _text(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")
