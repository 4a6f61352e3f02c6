"""Frozen dataclasses as JSON objects and back, by their type annotations."""

import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, Self, Union, get_args, get_origin, get_type_hints

FLATTEN = {"flatten": True}
"""Metadata of a field whose own fields are part of the parent's JSON object."""
NULLABLE = {"nullable": True}
"""Metadata of a field with the default None that is null in JSON."""


@dataclass(frozen=True)
class JsonFields:
    """Base of dataclasses with an exact round trip through JSON.

    A field has the same name in JSON, unless its metadata has another name under `json`. A field with the default None
    is left out of JSON if it is None, unless it is NULLABLE. Fields hold numbers, texts, times, tuples, named tuples,
    dicts with texts as keys, other `JsonFields`, or None.
    """

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object.

        Returns
        -------
        dict
            JSON object that contains only dicts, lists, texts, numbers and None.
        """
        result: dict[str, Any] = {}
        for field in _fields_of(type(self)):  # type: ignore[arg-type]  # mypy looks at the __hash__ of instances
            value = getattr(self, field.name)
            if value is None and field.optional and not field.nullable:
                continue
            encoded = _encode(value)
            if field.flatten:
                result |= encoded
            else:
                result[field.key] = encoded
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
        JsonFields
            Instance of the class on which the method is called.

        Raises
        ------
        KeyError
            If a field is missing.
        """
        arguments = {}
        for field in _fields_of(cls):  # type: ignore[arg-type]
            if field.flatten:
                arguments[field.name] = field.decode(values)
            elif field.key in values or not field.optional:
                arguments[field.name] = _unless_none(field.decode, values[field.key])
        return cls(**arguments)


class _Field(NamedTuple):
    name: str
    key: str
    """Name of the field in JSON."""
    decode: Callable[[Any], Any]
    """Makes the value of its JSON, if that is not null."""
    flatten: bool
    optional: bool
    nullable: bool


_types_of = cache(get_type_hints)  # the slowest step


@cache
def _fields_of(kind: Any) -> list[_Field]:
    types_of = _types_of(kind)
    return [
        _Field(
            name=field.name,
            key=field.metadata.get("json", field.name),
            decode=_decoder(types_of[field.name]),
            flatten=field.metadata.get("flatten", False),
            optional=field.default is None,
            nullable=field.metadata.get("nullable", False),
        )
        for field in fields(kind)
    ]


def _encode(value: Any) -> Any:
    match value:
        case str() | float() | int() | None:
            return value
        case datetime():
            return value.isoformat()
        case JsonFields():
            return value.to_dict()
        case dict():
            return {key: _encode(item) for key, item in value.items()}
        case tuple():
            if hasattr(value, "_asdict"):
                return {key: _encode(item) for key, item in value._asdict().items()}
            return [_encode(item) for item in value]
        case _:
            return value


@cache
def _decoder(kind: Any) -> Callable[[Any], Any]:
    """Return the function that decodes a value of type `kind` from the output of `_encode`."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _decoder(next(argument for argument in arguments if argument is not types.NoneType))
    if origin is tuple:
        item = _decoder(arguments[0])
        return tuple if item is _same else lambda values: tuple([_unless_none(item, value) for value in values])
    if origin is dict:
        entry = _decoder(arguments[1])
        return lambda values: {key: _unless_none(entry, value) for key, value in values.items()}
    if kind is datetime:
        return datetime.fromisoformat
    if isinstance(kind, type) and issubclass(kind, JsonFields):
        return kind.from_dict
    if isinstance(kind, type) and issubclass(kind, tuple):
        decoders = {key: _decoder(of) for key, of in _types_of(kind).items()}
        return lambda values: kind(**{key: _unless_none(decode, values[key]) for key, decode in decoders.items()})
    return _same


def _unless_none(decode: Callable[[Any], Any], value: Any) -> Any:
    return None if value is None else decode(value)


def _same(value: Any) -> Any:
    return value
