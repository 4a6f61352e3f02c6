"""The one place where answers become JSON, and are read from it."""

import json
from typing import Any

import orjson
from orjson import Fragment, loads

__all__ = ["Fragment", "canonical", "dumps", "dumps_pretty", "loads"]


def dumps(value: Any) -> bytes:
    """`value` as JSON on one line; a `Fragment` in it is JSON already. The same value gives the same bytes."""
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)


def dumps_pretty(value: Any) -> bytes:
    """`value` as JSON for people: an item a line, indented by two blanks."""
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_INDENT_2)


def canonical(value: Any) -> str:
    """`value` as JSON that does not depend on the order of keys.

    Identifiers in FHIR and DICOM and the first line of OUT.part are made of it: another text would change them all.
    """
    return json.dumps(value, sort_keys=True)
