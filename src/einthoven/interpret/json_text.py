"""Write and read JSON. This module writes the JSON of every result."""

import json
from typing import Any

import orjson
from orjson import Fragment, loads

__all__ = ["Fragment", "canonical", "dumps", "dumps_pretty", "loads"]


def dumps(value: Any) -> bytes:
    """Write a value as JSON on one line.

    Parameters
    ----------
    value
        Value of dicts, lists, texts, numbers and None; a `Fragment` in it is already JSON.

    Returns
    -------
    bytes
        UTF-8 text; equal values have equal texts.
    """
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)


def dumps_pretty(value: Any) -> bytes:
    """Write a value as JSON for people: one item per line, indented by two blanks.

    Parameters
    ----------
    value
        Value, as for `dumps`.

    Returns
    -------
    bytes
        UTF-8 text.
    """
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_INDENT_2)


def canonical(value: Any) -> str:
    """Write a value as JSON that does not depend on the order of keys.

    Identifiers in FHIR and DICOM and the first line of OUT.part depend on it: any change of this text changes them.

    Parameters
    ----------
    value
        Value, as for `dumps`, without a `Fragment`.

    Returns
    -------
    str
        The text; equal values have equal texts, in every release.
    """
    return json.dumps(value, sort_keys=True)
