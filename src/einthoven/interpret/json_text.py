"""Write and read JSON. Every result becomes JSON here."""

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
        Of dicts, lists, texts, numbers and None; a `Fragment` in it is JSON already.

    Returns
    -------
    bytes
        UTF-8; the same for equal values.
    """
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)


def dumps_pretty(value: Any) -> bytes:
    """Write a value as JSON for people: one item per line, indented by two blanks.

    Parameters
    ----------
    value
        As for `dumps`.

    Returns
    -------
    bytes
        UTF-8.
    """
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_INDENT_2)


def canonical(value: Any) -> str:
    """Write a value as JSON that does not depend on the order of keys.

    Identifiers in FHIR and DICOM and the first line of OUT.part are made of it: any change of this text changes them.

    Parameters
    ----------
    value
        As for `dumps`, without a `Fragment`.

    Returns
    -------
    str
        The same for equal values, in every release.
    """
    return json.dumps(value, sort_keys=True)
