"""Outcome of a file as JSON: its result, or only a line or row of a table, which is faster to read."""

from collections.abc import Sequence

from einthoven.interpret.interpretation import Failure, Interpretation, Result
from einthoven.interpret.json_text import dumps, loads
from einthoven.report.csv_lines import csv_line
from einthoven.report.rows import Row, as_row

Outcome = Result | str
"""A text is the line of CSV of an interpretation."""


def outcome_to_json(result: Result, csv_columns: Sequence[str] = ()) -> bytes:
    """Return the JSON of a result, or of its line of CSV.

    Parameters
    ----------
    result
        An interpretation or a failure.
    csv_columns
        Columns of the line; without any, the JSON holds the whole result. It does so for failures in any case.

    Returns
    -------
    bytes
        JSON on one line.
    """
    if csv_columns and isinstance(result, Interpretation):
        return dumps(csv_line(as_row(result), csv_columns))
    return dumps(result.to_dict())


def row_to_json(result: Result) -> bytes:
    """Return the JSON of the table row of a result.

    Parameters
    ----------
    result
        An interpretation or a failure.

    Returns
    -------
    bytes
        JSON on one line.
    """
    return dumps({"row": as_row(result)})


def row_from_json(text: bytes) -> Row:
    """Read what `row_to_json` returned, or the row of a failure that `outcome_to_json` returned.

    Parameters
    ----------
    text
        The JSON.

    Returns
    -------
    dict
        Values by column name.
    """
    fields = loads(text)
    return fields["row"] if "row" in fields else as_row(Failure.from_dict(fields))


def outcome_from_json(text: bytes) -> Outcome:
    """Read what `outcome_to_json` returned.

    Parameters
    ----------
    text
        The JSON.

    Returns
    -------
    Interpretation, Failure or str
        The result, or the line of CSV of an interpretation.

    Raises
    ------
    EinthovenError
        If the JSON does not have the shape of interpretation.schema.json.
    ValueError
        If the text is not JSON.
    """
    fields = loads(text)
    if isinstance(fields, str):
        return fields
    return Failure.from_dict(fields) if "error" in fields else Interpretation.from_dict(fields)
