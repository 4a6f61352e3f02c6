"""Write results as lines of CSV, which spreadsheets can open without harm."""

import csv
import io
from collections.abc import Sequence

from einthoven.report.rows import Row

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""First characters of a formula, also in full width."""


def csv_line(row: Row, names: Sequence[str]) -> str:
    """Return a row as a line of CSV.

    Parameters
    ----------
    row
        Values by column name.
    names
        The columns in order.

    Returns
    -------
    str
        Line with a line feed at its end.
    """
    line = io.StringIO(newline="")
    cells = [_escape_formula(cell) if isinstance(cell, str) else cell for cell in map(row.get, names)]
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


def _escape_formula(cell: str) -> str:
    """Return a text that no spreadsheet interprets as a formula (OWASP, CSV injection): it gets an apostrophe."""
    text = cell.replace("\r", "\\u000d")  # Python's csv does not quote it, so that it would end the row
    return f"'{text}" if cell.startswith(_FORMULA) else text
