"""Check every field of card.json once, when a card is read, so that later code can rely on it."""

import re
from collections.abc import Callable, Mapping
from math import nextafter
from typing import Any, NoReturn

from einthoven.recording import LEADS
from einthoven.signal.segments import SECONDS

Check = Callable[[Any, str], None]
"""Function that takes a value and its place, such as `labels[3].name`; raises FieldError if the value is wrong."""

TARGETS = ("0.90", "0.95", "0.98", "0.99")
"""The specificities of rule_in and the sensitivities of rule_out that a card has thresholds for."""
_MISSING: Any = object()
_MAX_THRESHOLD = nextafter(1, 2)
"""A threshold above every probability: the label is never present."""
_MAX_NUMBER = 1e6
_MIN_STRIDE_S = 0.05
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class FieldError(Exception):
    """A field is wrong. The text is the middle of a sentence: "labels is missing"."""


def _fail(where: str, problem: str) -> NoReturn:
    raise FieldError(f"{where} {problem}")


def _number(low: float, high: float, *, whole: bool = False) -> Check:
    kinds, noun = (int, "a whole number") if whole else ((int, float), "a number")

    def check(value: Any, where: str) -> None:
        if value is _MISSING:
            _fail(where, "is missing")
        if isinstance(value, bool) or not isinstance(value, kinds):
            _fail(where, f"is not {noun}")
        if not low <= value <= high:
            _fail(where, f"is {value:g}, not {noun} from {low:g} to {high:g}")

    return check


def _text(value: Any, where: str) -> None:
    if value is _MISSING:
        _fail(where, "is missing")
    if not isinstance(value, str):
        _fail(where, "is not a text")
    if not (value.strip() and value.isprintable() and len(value) <= 200):
        _fail(where, "is not a text of 1 to 200 printable characters")


def _flag(value: Any, where: str) -> None:
    if not isinstance(value, bool):
        _fail(where, "is missing" if value is _MISSING else "is neither true nor false")


def _one_of(*allowed: str) -> Check:
    def check(value: Any, where: str) -> None:
        if not (isinstance(value, str) and value in allowed):
            _fail(where, "is missing" if value is _MISSING else f"is not {' or '.join(allowed)}")

    return check


def _optional(inner: Check) -> Check:
    return lambda value, where: None if value is _MISSING or value is None else inner(value, where)


def _or_null(inner: Check) -> Check:
    return lambda value, where: None if value is None else inner(value, where)


def _list(inner: Check, at_most: int, at_least: int = 1) -> Check:
    def check(value: Any, where: str) -> None:
        if not isinstance(value, list):
            _fail(where, "is missing" if value is _MISSING else "is not a list")
        if not at_least <= len(value) <= at_most:
            _fail(where, f"has {len(value)} entries, not {at_least} to {at_most}")
        for k, item in enumerate(value):
            inner(item, f"{where}[{k}]")

    return check


def _object(fields: Mapping[str, Check]) -> Check:
    """Check these fields of an object, which may have others too."""

    def check(value: Any, where: str) -> None:
        if not isinstance(value, dict):
            _fail(where, "is missing" if value is _MISSING else "is not an object")
        for name, inner in fields.items():
            inner(value.get(name, _MISSING), f"{where}.{name}" if where else name)

    return check


def _objects(inner: Check) -> Check:
    """Check an object with any keys and the same kind of value for each."""

    def check(value: Any, where: str) -> None:
        if not isinstance(value, dict):
            _fail(where, "is missing" if value is _MISSING else "is not an object")
        for name, item in value.items():
            _text(name, f"a key of {where}")
            inner(item, f"{where}.{name}")

    return check


def _unique(values: list[str], where: str) -> None:
    seen = set[str]()
    for k, value in enumerate(values):
        if value.casefold() in seen:
            _fail(where.format(k), "repeats an earlier one")
        seen.add(value.casefold())


_SHARE = _number(0, 1)
_POINT = _object({"threshold": _number(0, _MAX_THRESHOLD)})
_POINTS = _object(dict.fromkeys(TARGETS, _POINT))
_LABEL = _object(
    {
        "name": _text,
        "description": _text,
        "kinds": _list(_text, 10, at_least=0),  # a subclass is of no kind
        "prevalence": _SHARE,
        "support": _one_of("enough", "low"),
        "calibration": _or_null(
            _object({"slope": _number(1 / _MAX_NUMBER, _MAX_NUMBER), "intercept": _number(-_MAX_NUMBER, _MAX_NUMBER)})
        ),
        "thresholds": _or_null(_object({"f1": _number(0, _MAX_THRESHOLD), "rule_in": _POINTS, "rule_out": _POINTS})),
    }
)
_INTERVAL = _optional(_object({"value": _SHARE, "low": _SHARE, "high": _SHARE}))
_ATTAINED_POINT = _object({"sensitivity": _INTERVAL, "specificity": _INTERVAL})
_TASK = _object(
    {
        "macro_auroc": _INTERVAL,
        "per_label": _objects(
            _object(
                {
                    "auroc": _INTERVAL,
                    "operating_points": _optional(_object({"specificity": _objects(_ATTAINED_POINT)})),
                }
            )
        ),
    }
)
_CARD = _object(
    {
        "name": _text,
        "version": _text,
        "input": _object(
            {
                "name": _one_of("signal"),
                "leads": _list(_one_of(*LEADS), len(LEADS)),
                "unit": _one_of("mV"),
                "rate_hz": _number(50, 2000, whole=True),
                "window_samples": _number(1, 20_000, whole=True),
                "stride_samples": _number(1, 20_000, whole=True),
                "edge_margin_samples": _number(0, 20_000, whole=True),
            }
        ),
        "labels": _list(_LABEL, 1000),
        "embedding": _optional(
            _object({"name": _one_of("embedding"), "dimension": _number(1, 100_000, whole=True), "version": _text})
        ),
        "training": _object({"validation_folds": _list(_number(0, 1000, whole=True), 1000)}),
        "results": _or_null(_object({"simulated": _optional(_flag), "tasks": _objects(_TASK)})),
        "files": _objects(_text),
    }
)


def check_fields(facts: Mapping[str, Any], model: str) -> None:
    """Check all fields of a card that this package uses.

    Parameters
    ----------
    facts
        The content of card.json.
    model
        Name of the file that `files` must list.

    Raises
    ------
    FieldError
        At the first field that is missing or wrong.
    """
    _CARD(facts, "")
    _check_input(facts["input"])
    _unique([label["name"] for label in facts["labels"]], "labels[{}].name")
    for k, label in enumerate(facts["labels"]):
        _check_label(label, f"labels[{k}]")
    for name, digest in facts["files"].items():
        if not _FILE_NAME.fullmatch(name):
            _fail("files", "names a file by more than letters, digits, '.', '_' and '-'")
        if not _SHA256.fullmatch(digest):
            _fail(f"files.{name}", "is not a SHA-256 of 64 hexadecimal digits")
    if model not in facts["files"]:
        _fail(f"files.{model}", "is missing")


def _check_input(facts: dict[str, Any]) -> None:
    _unique(facts["leads"], "input.leads[{}]")
    rate, window, stride = facts["rate_hz"], facts["window_samples"], facts["stride_samples"]
    if window > SECONDS * rate:
        _fail("input.window_samples", f"is longer than {SECONDS} s")
    if stride < _MIN_STRIDE_S * rate:
        _fail("input.stride_samples", f"is shorter than {_MIN_STRIDE_S:g} s")


def _check_label(label: dict[str, Any], where: str) -> None:
    """Check that a label of enough support has calibration and thresholds, and one of low support has neither."""
    enough = label["support"] == "enough"
    for field in ("calibration", "thresholds"):
        if (label[field] is not None) != enough:
            _fail(f"{where}.{field}", "is null" if enough else "is not null, although the support is low")
    if enough and not 0 < label["prevalence"] < 1:
        _fail(f"{where}.prevalence", f"is {label['prevalence']:g}, not a share between 0 and 1")
