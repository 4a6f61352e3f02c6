"""CSV and other texts that hold a table."""

import csv
import re
from collections.abc import Iterable
from functools import partial
from itertools import pairwise, starmap

import numpy as np

from einthoven.arrays import Float64Array
from einthoven.errors import RecordingError
from einthoven.readers.acquisition import Stated, parse_iso_time
from einthoven.readers.csv_quotes import DAMAGED, unquote, without_quoted
from einthoven.readers.lead_names import count_standard_leads, millivolts, split_unit, standard_lead
from einthoven.readers.single_lead_text import read_single_lead, starts_single_lead
from einthoven.readers.tables import MAX_COLUMNS, Options, read_table
from einthoven.readers.tracing import Tracing
from einthoven.recording import LEADS

MAX_TEXT = 128 << 20
"""Largest text in bytes: 12 leads at 500 Hz for about an hour."""
FREE_LINES = 400_000
"""Lines that any text may have, and fields of one line; each needs up to 70 bytes of memory."""
BYTES_PER_LINE = 20
"""Bytes of a text for which one more line is allowed; a line of twelve numbers has at least 24."""
PREAMBLE = 50
"""Most lines before the header."""
MAX_NAMES = 1000
"""Fields of a line that are searched for names of leads."""
_MAX_CLOCK_LENGTH = 100
_MAX_CODES = 10_000
"""Different texts of a column; more are not the keys of recordings."""
_MAX_COUNTED = 1000
"""Rows of which the first column must count to be taken for row numbers."""
_CLOCK = re.compile(r"(?:.*[T ])?(?:(\d{1,9}):)?(\d{1,9}):(\d+(?:[.,]\d+)?)(?:\s*(?:Z|[+-]\d\d:?\d\d))?", re.ASCII)
_RECORDED_AT = re.compile(  # such as "# recorded_at: 2026-11-28T10:42:00+01:00"
    r"[#\s]{0,9}\"?(?:recorded[ _](?:at|date)|(?:recording|acquisition)[ _](?:date|time|date[ _]?time))\"?\s{0,9}"
    r"[:=,;\t]\s{0,9}\"?([^\",;]{1,60})",
    re.IGNORECASE,
)
_NUMBER = re.compile(  # what numpy reads: neither 1_000 nor other digits than ASCII's
    r"[-+]?(\d++(?:[.,]\d*+)?|[.,]\d++)([eE][-+]?\d+)?|[-+]?inf(?:inity)?|nan|", re.IGNORECASE | re.ASCII
)
_PLACE = re.compile(r"at row (\d{1,12})(?:, column (\d{1,12}))?")
_LINE_ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"  # of str.splitlines
_EMPTY = ("", "na", "null", "none", "-")
_EXCEL = r"#(?:N/A|NV|VALUE!|WERT!|DIV/0!|NUM!|ZAHL!|REF!|BEZUG!|NAME\?|NULL!)"  # for a missing value
_COMMENT = re.compile(rf"\s*+(?!{_EXCEL})#", re.IGNORECASE)


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
        What the caller states about a table.

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
    lines = [line for line in _lines(_text(data)) if line.strip()]
    time = _stated_time(lines[:PREAMBLE])
    lines = _strip_comments(lines)
    if len(lines) < 2:
        raise RecordingError("is a text of less than two lines; an ECG file is expected.")
    if first_number := starts_single_lead(lines):
        single = read_single_lead(lines, first_number, options)
        single.acquisition.time = time
        return single
    lines = lines[_table_start(lines) :]
    separator = _separator(lines[0])
    lines = unquote(lines, separator, FREE_LINES)
    if tracing := _read_rows(lines, separator, options):
        tracing.acquisition.time = time
        return tracing
    if lines[0].count(separator or " ") > MAX_COLUMNS:
        raise RecordingError(f"is a table of more than {MAX_COLUMNS:,} columns, or of one row; no ECG has that many.")
    first, second = (_fields(line, separator) for line in lines[:2])
    headed = not all(_NUMBER.fullmatch(field.strip()) for field in first)
    units = [field.strip(" '[]()") for field in second] if headed and len(first) == len(second) else []
    if any(map(millivolts, units)):  # a second line of units, as PhysioNet's tools write it
        first = [f"{name} [{unit}]" if millivolts(unit) else name for name, unit in zip(first, units, strict=True)]
        lines = lines[1:]
    lines = lines[1:] if headed else lines
    first = _fit_header(first, lines, separator)
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
    """Return where numpy failed, counted from 1; never the field itself, which may be a name."""
    match = _PLACE.search(str(error)[-200:])
    if not match:
        return ""
    return f" in row {int(match[1]) + 1}" + (f", column {match[2]}" if match[2] else "")


def _fit_header(first: list[str], lines: list[str], separator: str | None) -> list[str]:
    """Return the header that fits the rows: with one more name if rows begin with a row number, as R writes them.

    One more column is taken for the last if the first does not count. Refuses rows of other lengths, such as those
    whose decimal commas separate fields.
    """
    widths = {line.count(separator) + 1 if separator else len(line.split()) for line in lines}
    if widths == {len(first) + 1}:
        return ["", *first] if _counts_rows(first[0], lines, separator) else [*first, ""]
    if widths == {len(first) - 1} and not first[-1]:
        return first[:-1]  # it ends with a separator, as the rows do not
    if widths != {len(first)}:
        lengths = ", ".join(map(str, sorted(widths)[:5])) or "no"
        raise RecordingError(f"is a table of {len(first)} columns with rows of {lengths} fields; it is damaged.")
    return first


def _counts_rows(name: str, lines: list[str], separator: str | None) -> bool:
    """Return whether the first column counts the rows, and is not what the header calls `name`."""
    rows = [line.split(separator, 2)[:2] for line in lines[:_MAX_COUNTED]]
    try:
        counts, others = ([float(row[k].strip(" '\"")) for row in rows] for k in (0, 1))
    except (ValueError, IndexError):
        return False
    if len(rows) < 2 or any(after - before != 1 for before, after in pairwise(counts)):
        return False
    rises = all(after > before for before, after in pairwise(others))  # a time, which the header may begin with
    return bool(standard_lead(split_unit(name)[0])) or rises


def _strip_comments(lines: list[str]) -> list[str]:
    """Return the lines that are not comments; and the last comment before them if that is the header, as in numpy."""
    rows = [line for line in lines if not _COMMENT.match(line)]
    if len(rows) > 1 and (before := lines.index(rows[0])):
        header = lines[before - 1].lstrip("# ")
        if _is_header(header, rows[0]) and not any(starmap(_is_header, pairwise(rows[:PREAMBLE]))):
            return [header, *rows]
    return rows


def _header(lines: list[str]) -> int:
    """Return the index of the first line that names leads; 0 if none does."""
    return next((index for index, pair in enumerate(pairwise(lines[:PREAMBLE])) if _is_header(*pair)), 0)


def _table_start(lines: list[str]) -> int:
    """Return the index of the header; without one, of the first row after titles."""
    if (header := _header(lines)) or _is_header(*lines[:2]):
        return header
    for index, pair in enumerate(pairwise(lines[:PREAMBLE])):
        row, after = (_fields(line, _separator(line)) for line in pair)
        if _count_leads(row) > 1:  # a header that does not fit the rows
            return index
        if len(row) == len(after) > 1 and all(_NUMBER.fullmatch(field.strip()) for field in row + after):
            before = lines[index - 1] if index else ""
            return index - (len(_fields(before, _separator(before))) == len(row))
    return 0


def _is_header(line: str, after: str) -> bool:
    """Return whether `line` is a header of as many columns as the line `after` it has."""
    separator = _separator(line)
    if line.count(separator or " ") > MAX_COLUMNS:
        return False
    fields = _fields(line, separator)
    if not fields:
        return False
    leads = _count_leads(fields)
    # it may end with a separator, or name one column less than there are
    widths = (len(fields), len(fields) - (not fields[-1]), len(fields) + (leads > 1))
    return leads > 0 and len(_fields(after, separator)) in widths


def _count_leads(fields: list[str]) -> int:
    return count_standard_leads(split_unit(name)[0] for name in fields[:MAX_NAMES])


def _read_rows(lines: list[str], separator: str | None, options: Options) -> Tracing | None:
    """Read a table with a row for each lead, named in the row or by the caller; return None for others."""
    first = _fields(lines[0], separator)
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


def _separator(line: str) -> str | None:
    plain = without_quoted(line)
    return next((separator for separator in ";\t|," if separator in plain), None)


def _fields(line: str, separator: str | None) -> list[str]:
    if line.count(separator or " ") > FREE_LINES:
        raise RecordingError(f"is a text with a line of more than {FREE_LINES:,} fields; give it as NPY or Parquet.")
    try:
        return next(csv.reader([line], delimiter=separator or " ", skipinitialspace=True))
    except csv.Error as error:
        raise RecordingError(DAMAGED) from error


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
    return "nan" if field.lower() in _EMPTY or re.fullmatch(_EXCEL, field, re.IGNORECASE) else field


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
