"""Find the header of a table in a text, and make it fit the rows."""

import re
from itertools import pairwise, starmap

from einthoven.errors import RecordingError
from einthoven.readers.csv_fields import find_separator, split_fields
from einthoven.readers.lead_names import count_standard_leads, split_unit, standard_lead
from einthoven.readers.tables import MAX_COLUMNS

PREAMBLE = 50
"""Most lines before the header."""
MAX_NAMES = 1000
"""Fields of a line that are searched for names of leads."""
_MAX_COUNTED = 1000
"""Rows of which the first column must count to be taken for row numbers."""
NUMBER = re.compile(  # what numpy reads: neither 1_000 nor other digits than ASCII's
    r"[-+]?(\d++(?:[.,]\d*+)?|[.,]\d++)([eE][-+]?\d+)?|[-+]?inf(?:inity)?|nan|", re.IGNORECASE | re.ASCII
)
"""A number, or nothing."""
EXCEL = r"#(?:N/A|NV|VALUE!|WERT!|DIV/0!|NUM!|ZAHL!|REF!|BEZUG!|NAME\?|NULL!)"
"""Regular expression for Excel's error values, which stand for missing values."""
_COMMENT = re.compile(rf"\s*+(?!{EXCEL})#", re.IGNORECASE)


def table_start(lines: list[str]) -> int:
    """Find where a table begins.

    Parameters
    ----------
    lines
        Lines of a text, at least two, without comments.

    Returns
    -------
    int
        Index of the header; without one, of the first row after titles.
    """
    if (header := _header(lines)) or _is_header(*lines[:2]):
        return header
    for index, pair in enumerate(pairwise(lines[:PREAMBLE])):
        row, after = (split_fields(line, find_separator(line)) for line in pair)
        if _count_leads(row) > 1:  # a header that does not fit the rows
            return index
        if len(row) == len(after) > 1 and all(NUMBER.fullmatch(field.strip()) for field in row + after):
            before = lines[index - 1] if index else ""
            return index - (len(split_fields(before, find_separator(before))) == len(row))
    return 0


def _header(lines: list[str]) -> int:
    """Return the index of the first line that names leads; 0 if none does."""
    return next((index for index, pair in enumerate(pairwise(lines[:PREAMBLE])) if _is_header(*pair)), 0)


def _is_header(line: str, after: str) -> bool:
    """Return whether `line` is a header of as many columns as the line `after` it has."""
    separator = find_separator(line)
    if line.count(separator or " ") > MAX_COLUMNS:
        return False
    fields = split_fields(line, separator)
    if not fields:
        return False
    leads = _count_leads(fields)
    # it may end with a separator, or name one column less than there are
    widths = (len(fields), len(fields) - (not fields[-1]), len(fields) + (leads > 1))
    return leads > 0 and (len(split_fields(after, separator)) in widths or _differs_in_separator(line, after))


def _differs_in_separator(line: str, after: str) -> bool:
    """Return whether `line` has as many fields as the one `after` it, but separates them by something else."""
    before, other = find_separator(line), find_separator(after)
    if before == other:
        return False
    fields, values = split_fields(line, before), split_fields(after, other)
    return 2 < len(fields) == len(values) and len(split_fields(after, before)) != len(fields)


def unify_separator(lines: list[str]) -> list[str]:
    """Separate the fields of a header as those of the rows: NumPy writes "I,II,..." over rows with blanks.

    Parameters
    ----------
    lines
        Header and rows, at least two lines.

    Returns
    -------
    list of str
        `lines` itself if they have one separator.
    """
    if not _differs_in_separator(*lines[:2]):
        return lines
    separator = find_separator(lines[1]) or " "
    fields = split_fields(lines[0], find_separator(lines[0]))
    return [separator.join(field.strip().replace(separator, "_") for field in fields), *lines[1:]]


def _count_leads(fields: list[str]) -> int:
    return count_standard_leads(split_unit(name)[0] for name in fields[:MAX_NAMES])


def fit_header(first: list[str], lines: list[str], separator: str | None) -> list[str]:
    """Return the header that fits the rows: with one more name if rows begin with a row number, as R writes them.

    One more column is taken for the last if the first does not count. Refuses rows of other lengths, such as those
    whose decimal commas separate fields.

    Parameters
    ----------
    first
        Fields of the header.
    lines
        The rows.
    separator
        Between fields; None for white space.

    Returns
    -------
    list of str
        A name for each column, "" for one without.

    Raises
    ------
    RecordingError
        If the rows do not fit.
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
    """Return whether the first column counts the rows, and is not the column that the header calls `name`."""
    rows = [line.split(separator, 2)[:2] for line in lines[:_MAX_COUNTED]]
    try:
        counts, others = ([float(row[k].strip(" '\"")) for row in rows] for k in (0, 1))
    except (ValueError, IndexError):
        return False
    if len(rows) < 2 or any(after - before != 1 for before, after in pairwise(counts)):
        return False
    rises = all(after > before for before, after in pairwise(others))  # a time, which the header may begin with
    return bool(standard_lead(split_unit(name)[0])) or rises


def strip_comments(lines: list[str]) -> list[str]:
    """Leave out comments, except for the last before the rows if that is the header, as numpy writes it.

    Parameters
    ----------
    lines
        Lines of the text.

    Returns
    -------
    list of str
        Header and rows.
    """
    rows = [line for line in lines if not _COMMENT.match(line)]
    if len(rows) > 1 and (before := lines.index(rows[0])):
        header = lines[before - 1].lstrip("# ")
        if _is_header(header, rows[0]) and not any(starmap(_is_header, pairwise(rows[:PREAMBLE]))):
            return [header, *rows]
    return rows
