"""Remove the quotations of a CSV text (RFC 4180), so that its lines can be split at each separator."""

import csv
import re

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


def unquote(lines: list[str], separator: str | None) -> list[str]:
    """Return the rows of a table without quotation marks.

    A separator inside a quoted text becomes a blank, a decimal comma a point; a comma between thousands is removed.

    Parameters
    ----------
    lines
        Of the table; a quoted field may extend over several.
    separator
        Between fields; None for white space.

    Returns
    -------
    list of str
        `lines` itself if nothing is quoted.

    Raises
    ------
    RecordingError
        If a quotation does not end, or is longer than 128 kB.
    """
    if not any('"' in line for line in lines):
        return lines
    try:
        rows = list(csv.reader(lines, delimiter=separator or " ", skipinitialspace=True, strict=True))
    except csv.Error as error:
        raise RecordingError(DAMAGED) from error
    numbers = {field for row in rows for field in row if "," in field and _is_number_with_comma(field.strip())}
    thousands = all(_THOUSANDS.fullmatch(number.strip()) for number in numbers)
    points = {number: number.strip().replace(",", "" if thousands or "." in number else ".") for number in numbers}
    return [(separator or " ").join([points.get(field) or _plain(field, separator) for field in row]) for row in rows]


def _is_number_with_comma(field: str) -> bool:
    return bool(_DECIMAL_COMMA.fullmatch(field) or _THOUSANDS.fullmatch(field))


def _plain(field: str, separator: str | None) -> str:
    """Return a field on one line without separators; "nan" for one that white space would not separate."""
    field = " ".join(field.split()) if separator else "_".join(field.split()) or "nan"
    return field.replace(separator, " ") if separator and separator in field else field
