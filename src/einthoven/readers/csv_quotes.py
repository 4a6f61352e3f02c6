"""Remove the quotations of a CSV text (RFC 4180), so that its lines can be split at each separator."""

import csv
import re
from collections.abc import Iterable, Iterator

from einthoven.errors import RecordingError

_DECIMAL_COMMA = re.compile(r"[-+]?\d*,\d+(?:[eE][-+]?\d+)?", re.ASCII)
_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?", re.ASCII)
_QUOTED = re.compile(r'"[^"]*"')
DAMAGED = "is a text, but not a table: a quotation does not end, or a field is too long."


def without_quoted(line: str) -> str:
    """Return a line without what is quoted in it, to find its separator.

    Parameters
    ----------
    line
        Of the text.

    Returns
    -------
    str
        The line itself if nothing else would be left.
    """
    rest = _QUOTED.sub("", line) if '"' in line else line
    return rest if rest.strip() else line


def unquote(lines: list[str], separator: str | None, max_fields: int) -> list[str]:
    """Return the rows of a table without quotation marks.

    A separator inside a quoted text becomes a blank, a decimal comma a point; a comma between thousands is removed.

    Parameters
    ----------
    lines
        Of the table; a quoted field may extend over several.
    separator
        Between fields; None for white space.
    max_fields
        Most fields of a line.

    Returns
    -------
    list of str
        `lines` itself if nothing is quoted.

    Raises
    ------
    RecordingError
        If a quotation does not end or is longer than 128 kB, or a line has too many fields.
    """
    if not any('"' in line for line in lines):
        return lines
    if any(line.count(separator or " ") > max_fields for line in lines):
        raise RecordingError(f"is a text with a line of more than {max_fields:,} fields; give it as NPY or Parquet.")
    thousands = all(
        _THOUSANDS.fullmatch(field) for row in _rows(lines, separator) for field in row if _has_comma(field)
    )
    return [
        (separator or " ").join([_plain(field, separator, thousands) for field in row])
        for row in _rows(lines, separator)
    ]


def _rows(lines: Iterable[str], separator: str | None) -> Iterator[list[str]]:
    try:
        for row in csv.reader(lines, delimiter=separator or " ", skipinitialspace=True, strict=True):
            yield [field.strip() for field in row]
    except csv.Error as error:
        raise RecordingError(DAMAGED) from error


def _has_comma(field: str) -> bool:
    """Return whether a field is a number with a decimal comma, or with commas between thousands."""
    return "," in field and bool(_DECIMAL_COMMA.fullmatch(field) or _THOUSANDS.fullmatch(field))


def _plain(field: str, separator: str | None, thousands: bool) -> str:
    """Return a field on one line without separators; "nan" for one that white space would not separate."""
    if _has_comma(field):
        return field.replace(",", "" if thousands or "." in field else ".")
    field = " ".join(field.split()) if separator else "_".join(field.split()) or "nan"
    return field.replace(separator, " ") if separator else field
