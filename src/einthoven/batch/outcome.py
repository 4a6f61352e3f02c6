"""Outcome of a file: a result or a failure; as JSON, or only a line or row of a table, which is faster to read."""

from collections.abc import Callable, Sequence
from typing import ParamSpec, TypeVar

from einthoven.errors import EinthovenError, ShortageError
from einthoven.interpret.interpretation import Failure, Interpretation, Result
from einthoven.interpret.json_text import dumps, loads
from einthoven.report.csv_lines import csv_line
from einthoven.report.rows import Row, as_row

Outcome = Result | str
"""A text is the line of CSV of an interpretation."""
_P = ParamSpec("_P")
_T = TypeVar("_T")


def result_or_failure(source: str, call: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T | Failure:
    """Call a function that works on a file, and return its result or the failure of the file.

    Parameters
    ----------
    source
        The file, as the user named it.
    call
        The function.
    *args, **kwargs
        Its arguments.

    Returns
    -------
    Any or Failure
        What the function returned, or the failure if it raised an EinthovenError.

    Raises
    ------
    ShortageError
        If the machine lacks something, which is not the fault of the file.
    MemoryError
        If memory was short: the worker decides whether the file or the machine is at fault.
    """
    try:
        return call(*args, **kwargs)
    except ShortageError:
        raise
    except EinthovenError as error:
        if isinstance(error.__cause__, MemoryError):
            raise MemoryError from None
        return Failure.from_error(source, error)


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
