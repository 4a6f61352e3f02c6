"""Frozen dataclasses as JSON objects and back, by their type annotations."""

import types
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Self, Union, get_args, get_origin, get_type_hints

FLATTEN = {"flatten": True}
"""Metadata of a field whose own fields stand in the parent's JSON object."""


@dataclass(frozen=True)
class JsonFields:
    """Base of dataclasses with an exact round trip through JSON.

    A field has the same name in JSON, unless its metadata has another one under `json`. A field with the default None
    is left out of JSON if it is None. Fields hold numbers, texts, tuples, dicts with texts as keys, other `JsonFields`,
    or None.
    """

    def to_dict(self) -> dict[str, Any]:
        """Convert to a JSON object.

        Returns
        -------
        dict
            Holds dicts, lists, texts, numbers and None only.
        """
        result: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if value is None and field.default is None:
                continue
            encoded = _encode(value)
            result |= encoded if field.metadata.get("flatten") else {field.metadata.get("json", field.name): encoded}
        return result

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Convert from a JSON object.

        Parameters
        ----------
        values
            The JSON object. Further keys are ignored.

        Returns
        -------
        Self
            The value whose `to_dict` gave `values`.

        Raises
        ------
        KeyError
            If a field is missing.
        """
        types_of = _types_of(cls)  # type: ignore[arg-type]  # mypy looks at the __hash__ of instances
        arguments = {}
        for field in fields(cls):
            name = field.metadata.get("json", field.name)
            if field.metadata.get("flatten"):
                arguments[field.name] = types_of[field.name].from_dict(values)
            elif name in values or field.default is not None:
                arguments[field.name] = _decode(types_of[field.name], values[name])
        return cls(**arguments)


@cache  # resolving annotations takes longer than all else
def _types_of(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _encode(value: Any) -> Any:
    match value:
        case JsonFields():
            return value.to_dict()
        case dict():
            return {key: _encode(item) for key, item in value.items()}
        case tuple():
            return [_encode(item) for item in value]
        case _:
            return value


def _decode(kind: Any, value: Any) -> Any:
    """Return the value of type `kind` that `_encode` turned into `value`."""
    origin, arguments = get_origin(kind), get_args(kind)
    if value is None or kind is Any:
        return value
    if origin in (Union, types.UnionType):
        return _decode(next(argument for argument in arguments if argument is not types.NoneType), value)
    if origin is tuple:
        return tuple(_decode(arguments[0], item) for item in value)
    if origin is dict:
        return {key: _decode(arguments[1], item) for key, item in value.items()}
    return kind.from_dict(value) if issubclass(kind, JsonFields) else value
