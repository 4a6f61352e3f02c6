"""JSON {"rate_hz", "leads", "unit", "signal"}, for programs that have no file, such as a page or a device."""

import json
from types import NoneType
from typing import Any

import numpy as np

from einthoven.arrays import Float64Array
from einthoven.errors import RecordingError
from einthoven.readers.acquisition import Acquisition, device_name, make_filters, parse_iso_time
from einthoven.readers.csv_text import MAX_TEXT
from einthoven.readers.fhir_observation import is_observation, read_observation
from einthoven.readers.kardia import is_kardia, read_kardia
from einthoven.readers.tracing import SIMULATED, Channel, Tracing, check_count
from einthoven.recording import Filters

MAX_OBJECTS = 100_000
"""Brackets, and colons, that a JSON text may have. Python needs 230 bytes for an object and 150 for a key."""
_EXPECTED = {"rate_hz": (int, float), "leads": (list,), "unit": (str,), "signal": (list,)}


def is_json(data: bytes) -> bool:
    """Return whether a file begins like a JSON object.

    Parameters
    ----------
    data
        Content of the file.

    Returns
    -------
    bool
        True if it is to be read as such.
    """
    return data[:64].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")


def read_json(data: bytes) -> Tracing:
    """Read a JSON object with `rate_hz`, `leads` (names), `unit` and `signal` (a list of samples per lead).

    null means a missing sample. `simulated: true` makes a warning. Optional are `recorded_at` (ISO 8601), `device`
    and `filters` (`high_pass_hz`, `low_pass_hz`, `notch_hz`). Other keys are ignored.

    Parameters
    ----------
    data
        Content of the file.

    Returns
    -------
    Tracing
        The channels as the file holds them.

    Raises
    ------
    RecordingError
        If the JSON is damaged, incomplete or too large.
    """
    if len(data) > MAX_TEXT:
        raise RecordingError(f"is a text of more than {MAX_TEXT >> 20} MiB; give it as NPY or Parquet.")
    if max(data.count(b"[") + data.count(b"{"), data.count(b":")) > MAX_OBJECTS:
        raise RecordingError(f"is JSON of more than {MAX_OBJECTS:,} objects, lists or keys; no ECG has that many.")
    try:
        facts = json.loads(data)
    except (ValueError, RecursionError) as error:
        where = f" in line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise RecordingError(f"is damaged JSON{where}; get it again.") from error
    if is_kardia(facts):
        return read_kardia(facts)
    if is_observation(facts):
        return read_observation(facts)
    wrong = [name for name, kinds in _EXPECTED.items() if type(facts.get(name)) not in kinds]
    if wrong:
        raise RecordingError(
            f"is JSON without a proper {', '.join(wrong)}; rate_hz (a number), leads (names), unit (nV, uV, mV or V) "
            "and signal (a list of numbers for each lead) are expected."
        )
    leads, rows = facts["leads"], facts["signal"]
    if len(leads) != len(rows) or not all(isinstance(lead, str) for lead in leads):
        raise RecordingError(f"is JSON with {len(leads)} leads but a signal of {len(rows)}; one list each is expected.")
    check_count(sum(len(row) for row in rows if isinstance(row, list)))
    signals = []
    for index, row in enumerate(rows):
        signals.append(_numbers(row, index + 1))
        rows[index] = None  # a list takes several times as much memory as an array
    if len({len(signal) for signal in signals}) > 1:
        raise RecordingError("is JSON whose leads hold different numbers of samples; the same for all is expected.")
    channels = zip(leads, signals, strict=True)
    return Tracing(
        "JSON",
        [Channel(lead, signal, facts["rate_hz"], facts["unit"]) for lead, signal in channels],
        warnings=[SIMULATED] if facts.get("simulated") is True else [],
        acquisition=_acquisition(facts),
    )


def _acquisition(facts: dict[str, Any]) -> Acquisition:
    device, filters = facts.get("device"), facts.get("filters")
    limits = filters if isinstance(filters, dict) else {}
    return Acquisition(
        time=parse_iso_time(facts.get("recorded_at")),
        device=device_name("", device) if isinstance(device, str) else None,
        filters=make_filters(*map(limits.get, Filters._fields)),
    )


def _numbers(row: Any, index: int) -> Float64Array:
    try:
        if not (isinstance(row, list) and set(map(type, row)) <= {int, float, NoneType}):
            raise TypeError  # numpy would take "1_000" and true for numbers
        return np.array(row, np.float64)  # None becomes NaN
    except (TypeError, ValueError, OverflowError) as error:
        raise RecordingError(f"is JSON in which the signal of lead number {index} is not a list of numbers.") from error
