"""Checked fields of JSON messages."""

import json
import math
from collections.abc import Collection, Mapping
from typing import Any

from einthoven.errors import EinthovenError

Fields = Mapping[str, Any]
"""Fields of a JSON object by name."""

_MAX_SHOWN = 60  # characters of a wrong value in a message


class StreamError(EinthovenError):
    """A stream is refused or closed; the client gets the message."""


def check_names(fields: Fields, names: Collection[str], place: str = "the first message") -> None:
    """Check that an object has no unknown fields.

    Parameters
    ----------
    fields
        The object.
    names
        Names of its possible fields.
    place
        Name of the object in error messages.

    Raises
    ------
    StreamError
        If a field is unknown.
    """
    unknown = sorted(set(fields) - set(names))
    if unknown:
        raise StreamError(f"{shown(unknown[0])} is not a field of {place}. Its fields are {', '.join(sorted(names))}.")


def is_number(value: Any) -> bool:
    """Return whether a JSON value is a finite number.

    Parameters
    ----------
    value
        The value.

    Returns
    -------
    bool
        False for booleans too.
    """
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def number(fields: Fields, name: str, minimum: float, maximum: float, default: float | None = None) -> float:
    """Return a number.

    Parameters
    ----------
    fields
        The object.
    name
        Name of the field.
    minimum, maximum
        Bounds, both allowed.
    default
        Value if the field is missing; None if the field is required.

    Returns
    -------
    float
        The value.

    Raises
    ------
    StreamError
        If the value is missing, not a number, or out of bounds.
    """
    value = fields.get(name, default)
    if not is_number(value) or not minimum <= value <= maximum:
        raise StreamError(f'"{name}" must be a number from {minimum:g} to {maximum:g}, not {shown(value)}.')
    return float(value)


def stream_id(fields: Fields, name: str) -> str:
    """Return the ID of a stream.

    Parameters
    ----------
    fields
        The object.
    name
        Name of the field.

    Returns
    -------
    str
        The value.

    Raises
    ------
    StreamError
        If the value is missing or not a text.
    """
    value = fields.get(name)
    if not isinstance(value, str):
        raise StreamError(f'"{name}" must be the ID of a stream, not {shown(value)}.')
    return value


def flag(fields: Fields, name: str, default: bool) -> bool:
    """Return a boolean.

    Parameters
    ----------
    fields
        The object.
    name
        Name of the field.
    default
        Value if the field is missing.

    Returns
    -------
    bool
        The value.

    Raises
    ------
    StreamError
        If the value is not true or false.
    """
    value = fields.get(name, default)
    if not isinstance(value, bool):
        raise StreamError(f'"{name}" must be true or false, not {shown(value)}.')
    return value


def shown(value: Any) -> str:
    """Return a wrong value as a message shows it.

    Parameters
    ----------
    value
        A JSON value.

    Returns
    -------
    str
        The beginning of its JSON; "nothing" for null or a missing value.
    """
    return "nothing" if value is None else json.dumps(value)[:_MAX_SHOWN]
