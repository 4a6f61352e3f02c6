"""Split the lines of a text into fields, and remove quotations (RFC 4180), so that each separator splits a line."""

import csv
import re
from collections.abc import Iterable, Iterator

from einthoven.errors import RecordingError

_DECIMAL_COMMA = re.compile(r"[-+]?\d*,\d+(?:[eE][-+]?\d+)?", re.ASCII)
_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?", re.ASCII)
_QUOTED = re.compile(r'"[^"]*"')
_MAX_EXAMINED = 1000
_MAX_QUOTED_LINES = 20
FREE_LINES = 400_000
"""Lines that any text may have, and fields of one line; each needs up to 70 bytes of memory."""
DAMAGED = "is a text, but not a table: a quotation does not end, or a field is too long."


def find_separator(line: str) -> str | None:
    """Return the separator of the fields of a line.

    Parameters
    ----------
    line
        One line of the text.

    Returns
    -------
    str or None
        Semicolon, tab, bar or comma, the first of these that is not quoted; None for white space, also between numbers
        with decimal commas.
    """
    plain = _without_quoted(line)
    found = next((separator for separator in ";\t|," if separator in plain), None)
    fields = plain[:_MAX_EXAMINED].split()[:-1]
    return None if found == "," and fields and all(map(_DECIMAL_COMMA.fullmatch, fields)) else found


def split_fields(line: str, separator: str | None) -> list[str]:
    """Split a line into fields, without quotation marks.

    Parameters
    ----------
    line
        One line of the text.
    separator
        Separator from `find_separator`.

    Returns
    -------
    list of str
        Fields of the line.

    Raises
    ------
    RecordingError
        If a quotation does not end, or the fields are too many.
    """
    if line.count(separator or " ") > FREE_LINES:
        raise RecordingError(f"is a text with a line of more than {FREE_LINES:,} fields; give it as NPY or Parquet.")
    try:
        return next(csv.reader([line], delimiter=separator or " ", skipinitialspace=True))
    except csv.Error as error:
        raise RecordingError(DAMAGED) from error


def _without_quoted(line: str) -> str:
    """Return a line without its quoted parts; the line itself if nothing else would be left."""
    rest = _QUOTED.sub("", line) if '"' in line else line
    return rest if rest.strip() else line


def join_quoted(lines: list[str]) -> list[str]:
    """Return the lines of a text, those of one quoted field joined by a blank.

    Parameters
    ----------
    lines
        Lines of the text.

    Returns
    -------
    list of str
        `lines` itself if no quotation extends over several lines.
    """
    if not any(line.count('"') % 2 for line in lines):
        return lines
    joined: list[str] = []
    start, is_open = 0, False
    for line in lines:
        if is_open:
            joined[-1] += f" {line}"
        else:
            joined.append(line)
        is_open ^= line.count('"') % 2 == 1
        start = start + 1 if is_open else 0
        if start > _MAX_QUOTED_LINES:
            return lines
    return joined


def unquote(lines: list[str], separator: str | None) -> list[str]:
    """Return the rows of a table without quotation marks.

    A separator inside a quoted text becomes a blank, a decimal comma a point; a comma between thousands is removed.

    Parameters
    ----------
    lines
        Lines of the table; a quoted field may extend over several.
    separator
        Between fields; None for white space.

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
    if any(line.count(separator or " ") > FREE_LINES for line in lines):
        raise RecordingError(f"is a text with a line of more than {FREE_LINES:,} fields; give it as NPY or Parquet.")
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
