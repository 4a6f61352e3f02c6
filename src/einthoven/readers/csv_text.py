"""CSV and other texts that hold a table."""

import re
from collections.abc import Iterable
from functools import partial

import numpy as np

from einthoven.arrays import Float64Array
from einthoven.errors import RecordingError
from einthoven.readers import several_records
from einthoven.readers.acquisition import Stated, parse_iso_time
from einthoven.readers.csv_fields import FREE_LINES, find_separator, join_quoted, split_fields, unquote
from einthoven.readers.csv_header import (
    EXCEL,
    NUMBER,
    PREAMBLE,
    fit_header,
    strip_comments,
    table_start,
    unify_separator,
)
from einthoven.readers.lead_names import millivolts, standard_lead
from einthoven.readers.single_lead_text import read_single_lead, starts_single_lead
from einthoven.readers.tables import MAX_COLUMNS, Options, read_table
from einthoven.readers.tracing import Tracing
from einthoven.recording import LEADS

MAX_TEXT = 128 << 20
"""Largest text in bytes: 12 leads at 500 Hz for about an hour."""
BYTES_PER_LINE = 20
"""Bytes of a text for which one more line is allowed; a line of twelve numbers has at least 24."""
_MAX_CLOCK_LENGTH = 100
_MAX_CODES = 10_000
"""Different texts of a column; more are not the keys of recordings."""
_CLOCK = re.compile(r"(?:.*[T ])?(?:(\d{1,9}):)?(\d{1,9}):(\d+(?:[.,]\d+)?)(?:\s*(?:Z|[+-]\d\d:?\d\d))?", re.ASCII)
_RECORDED_AT = re.compile(  # such as "# recorded_at: 2026-11-28T10:42:00+01:00"
    r"[#\s]{0,9}\"?(?:recorded[ _](?:at|date)|(?:recording|acquisition)[ _](?:date|time|date[ _]?time))\"?\s{0,9}"
    r"[:=,;\t]\s{0,9}\"?([^\",;]{1,60})",
    re.IGNORECASE,
)
_PLACE = re.compile(r"at row (\d{1,12})(?:, column (\d{1,12}))?")
_LINE_ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"  # of str.splitlines
_EMPTY = ("", "na", "null", "none", "-")


def is_text(data: bytes) -> bool:
    """Return whether a file begins like a text.

    Parameters
    ----------
    data
        Content of the file.

    Returns
    -------
    bool
        True if it is to be read as such.
    """
    start = data[:4096]
    return start.startswith((b"\xff\xfe", b"\xfe\xff")) or not re.search(rb"[\x00-\x08\x0e-\x1f\x7f]", start)


def read_csv(data: bytes, options: Options) -> Tracing:
    """Read a text with a column (or a row) for each lead.

    Fields are separated by comma, semicolon, tab, bar or white space.

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
        If the text is not a table of leads, is damaged or too large.
    """
    if len(data) > MAX_TEXT:
        raise RecordingError(f"is a text of more than {MAX_TEXT >> 20} MiB; give it as NPY or Parquet.")
    lines = join_quoted(_lines(_text(data)))
    several_records.refuse_blocks(lines)
    lines = [line for line in lines if line.strip()]
    time = _stated_time(lines[:PREAMBLE])
    lines = strip_comments(lines)
    if len(lines) < 2:
        raise RecordingError("is a text of less than two lines; an ECG file is expected.")
    if first_number := starts_single_lead(lines):
        single = read_single_lead(lines, first_number, options)
        single.acquisition.time = time
        return single
    lines = unify_separator(lines[table_start(lines) :])
    separator = find_separator(lines[0])
    lines = unquote(lines, separator)
    if tracing := _read_rows(lines, separator, options):
        tracing.acquisition.time = time
        return tracing
    if lines[0].count(separator or " ") > MAX_COLUMNS:
        raise RecordingError(f"is a table of more than {MAX_COLUMNS:,} columns, or of one row; no ECG has that many.")
    first, second = (split_fields(line, separator) for line in lines[:2])
    headed = not all(NUMBER.fullmatch(field.strip()) for field in first)
    units = [field.strip(" '[]()") for field in second] if headed and len(first) == len(second) else []
    if any(map(millivolts, units)):  # a second line of units, as PhysioNet's tools write it
        first = [f"{name} [{unit}]" if millivolts(unit) else name for name, unit in zip(first, units, strict=True)]
        lines = lines[1:]
    lines = lines[1:] if headed else lines
    first = fit_header(first, lines, separator)
    if separator != ",":
        lines = [line.replace(",", ".") for line in lines]
    header = first if headed else None
    numbers, codes = partial(_numbers, lines, separator), partial(_codes, lines, separator)
    tracing = read_table("CSV", header, len(first), numbers, options, codes)
    tracing.acquisition.time = time
    return tracing


def _stated_time(lines: list[str]) -> Stated:
    """Return the time that a line before the table names as that of the recording."""
    stated = next(filter(None, (_RECORDED_AT.match(line[:_MAX_CLOCK_LENGTH]) for line in lines)), None)
    return stated and parse_iso_time(stated[1])


def _numbers(lines: list[str], separator: str | None, indices: list[int] | None) -> Float64Array:
    """Return the columns with these indices (columns, rows); all of them if `indices` is None."""
    try:
        values = _load(lines, separator, indices)
    except ValueError:  # numpy has no empty fields and no clock
        try:
            values = _load((_fill(line, separator) for line in lines), separator, indices)
        except (ValueError, IndexError) as error:
            raise RecordingError(f"is a table in which not all values are numbers{_position(error)}.") from error
    if values.shape[1] != len(lines):  # numpy joins "1 and 2" of two lines to 12
        raise RecordingError("is a table with a quotation that does not end in its line.")
    return values


def _codes(lines: list[str], separator: str | None, index: int) -> Float64Array | None:
    """Return a number (rows,) for each different text of a column; None if there are more than _MAX_CODES."""
    known: dict[str, int] = {}
    codes = np.zeros(len(lines))
    for row, line in enumerate(lines):
        codes[row] = known.setdefault(line.split(separator, index + 1)[index].strip(), len(known))
        if len(known) > _MAX_CODES:
            return None
    return codes


def _position(error: Exception) -> str:
    """Return the position at which numpy failed, counted from 1; never the field itself, which may be a name."""
    match = _PLACE.search(str(error)[-200:])
    if not match:
        return ""
    return f" in row {int(match[1]) + 1}" + (f", column {match[2]}" if match[2] else "")


def _read_rows(lines: list[str], separator: str | None, options: Options) -> Tracing | None:
    """Read a table with a row for each lead, named in the row or by the caller; return None for others."""
    first = split_fields(lines[0], separator)
    named = len(first) > len(LEADS) and bool(standard_lead(first[0])) and not standard_lead(first[1])
    if not named and (options.leads is None or len(options.leads) != len(lines) or len(first) <= len(lines)):
        return None
    if separator != ",":
        lines = [line.replace(",", ".") for line in lines]
    try:
        heads, rows = zip(*(line.split(separator, 1) for line in lines), strict=True) if named else (None, lines)
    except ValueError as error:
        raise RecordingError("is a table in which a row has a name but no values.") from error
    numbers = partial(_select_rows, list(rows), separator)
    return read_table("CSV", heads, len(lines), numbers, options)


def _select_rows(rows: list[str], separator: str | None, indices: list[int]) -> Float64Array:
    return _numbers(rows, separator, None).T[indices]


def _load(lines: Iterable[str], separator: str | None, indices: list[int] | None) -> Float64Array:
    return np.loadtxt(lines, delimiter=separator, usecols=indices, ndmin=2, quotechar='"', comments=None).T


def _fill(line: str, separator: str | None) -> str:
    """Return `line` with "nan" for fields of missing values, and with s since midnight for clock times."""
    return (separator or " ").join(map(_value, line.split(separator)))


def _value(field: str) -> str:
    field = field.strip()
    if len(field) > _MAX_CLOCK_LENGTH:
        return field
    if clock := _CLOCK.fullmatch(field.strip("'\"")):
        return str(3600 * int(clock[1] or 0) + 60 * int(clock[2]) + float(clock[3].replace(",", ".")))
    return "nan" if field.lower() in _EMPTY or re.fullmatch(EXCEL, field, re.IGNORECASE) else field


def _lines(text: str) -> list[str]:
    """Return the lines of `text`; refuse more than memory allows."""
    max_lines = FREE_LINES + len(text) // BYTES_PER_LINE
    if len(text) > max_lines and sum(map(text.count, _LINE_ENDS)) > max_lines:
        raise RecordingError(f"is a text of more than {max_lines:,} lines; give it as NPY or Parquet.")
    return text.splitlines()


def _text(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")
