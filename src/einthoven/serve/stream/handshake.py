"""The first message of a client: a monitor that starts or resumes a stream, or a watcher."""

import json
import math
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from einthoven.errors import RecordingError
from einthoven.readers.normalize import make_recording
from einthoven.readers.rates import RATES
from einthoven.readers.tracing import Channel, Tracing
from einthoven.recording import MIN_SECONDS, Patient, RecordingWarning
from einthoven.serve.stream.fields import (
    Fields,
    StreamError,
    check_names,
    flag,
    is_number,
    number,
    shown,
    stream_id,
)
from einthoven.signal.segments import SECONDS

MAX_SPEED = 20.0
"""Highest speed of a replay, relative to real time."""
_MAX_CHANNELS = 32
_MAX_CHANNEL_NAME = 100  # characters
_MAX_STREAM_NAME = 40  # characters
_INTERVAL_S = (0.5, 60.0)
_UV_PER_UNIT = (1e-3, 1e6)
_ALERT_WINDOWS = (1, 30)
_MONITOR_FIELDS = {
    "leads",
    "rate_hz",
    "dtype",
    "uv_per_unit",
    "filter_hz",
    "interval_s",
    "speed",
    "alert_windows",
    "tracing",
    "name",
    "patient",
}
_PATIENT_FIELDS = {"age", "sex", "pacemaker"}
_LOW_PASS_HZ = 40.0


@dataclass(frozen=True)
class StreamConfig:
    """Samples that a monitor sends, and answers that it requests."""

    channels: tuple[str, ...]
    """The monitor's names of its channels, the columns of the samples."""
    leads: tuple[str, ...]
    """The standard leads that follow from the channels, derived leads included."""
    rate: float
    """Sampling rate in Hz."""
    dtype: Literal["int16", "float32", "json"]
    uv_per_unit: float
    filter_hz: tuple[float, float] | None
    interval_s: float
    """Time between answers."""
    speed: float
    """Speed at which samples arrive, relative to real time; 1 except for replays."""
    alert_windows: int
    """Consecutive windows that raise and clear the alert."""
    tracing: bool
    """Whether the service sends the monitor its samples back, as to a watcher."""
    patient: Patient
    warnings: tuple[RecordingWarning, ...]
    name: str | None = field(default=None, repr=False)
    """A bed or a case, for watchers; not in `repr`, so that no log has it."""

    @property
    def samples(self) -> int:
        """Samples of the 10 s that are interpreted."""
        return round(SECONDS * self.rate)


@dataclass(frozen=True)
class Resume:
    """A monitor continues its stream after its connection broke."""

    stream: str


@dataclass(frozen=True)
class Watch:
    """A watcher requests the answers and samples of a stream."""

    stream: str
    tracing: bool


def read_first_message(message: str | bytes) -> dict[str, Any]:
    """Read the fields of a first message.

    Parameters
    ----------
    message
        JSON.

    Returns
    -------
    dict[str, Any]
        Fields by name.

    Raises
    ------
    StreamError
        If the message is not a JSON object.
    """
    try:
        fields = json.loads(message)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise StreamError('The first message must be a JSON object such as {"leads": ["I", ...], "rate_hz": 500, ...}.')
    return fields


def parse_handshake(fields: Fields, model_leads: Collection[str]) -> StreamConfig | Resume | Watch:
    """Parse a first message, except its token.

    Parameters
    ----------
    fields
        Fields of the message.
    model_leads
        Leads that the model needs.

    Returns
    -------
    StreamConfig | Resume | Watch
        Request of the client: a new stream, a stream to resume, or a stream to watch.

    Raises
    ------
    StreamError
        If a field is missing, unknown or wrong.
    """
    fields = {name: value for name, value in fields.items() if name != "token"}
    if "watch" in fields:
        check_names(fields, {"watch", "stream", "tracing"})
        if fields["watch"] is not True:
            raise StreamError('"watch" must be true.')
        return Watch(stream_id(fields, "stream"), flag(fields, "tracing", True))
    if "resume" in fields:
        check_names(fields, {"resume"})
        return Resume(stream_id(fields, "resume"))
    return _config(fields, model_leads)


def _config(fields: Fields, model_leads: Collection[str]) -> StreamConfig:
    check_names(fields, _MONITOR_FIELDS)
    channels = _channels(fields.get("leads"))
    dtype = fields.get("dtype")
    if dtype not in ("int16", "float32", "json"):
        raise StreamError(f'"dtype" must be "int16", "float32" or "json", not {shown(dtype)}.')
    rate = number(fields, "rate_hz", *RATES)
    leads = _leads(channels, rate, model_leads)
    filter_hz = _filter_hz(fields.get("filter_hz"))
    return StreamConfig(
        channels=tuple(channels),
        leads=leads,
        rate=rate,
        dtype=dtype,
        uv_per_unit=number(fields, "uv_per_unit", *_UV_PER_UNIT),
        filter_hz=filter_hz,
        interval_s=number(fields, "interval_s", *_INTERVAL_S, default=1.0),
        speed=number(fields, "speed", 0.1, MAX_SPEED, default=1.0),
        alert_windows=round(number(fields, "alert_windows", *_ALERT_WINDOWS, default=3.0)),
        tracing=flag(fields, "tracing", False),
        patient=_patient(fields.get("patient")),
        warnings=_filter_warnings(filter_hz),
        name=_stream_name(fields.get("name")),
    )


def _channels(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise StreamError('"leads" must be a list of names, such as ["I", "II", "V1", ...].')
    if not 0 < len(value) <= _MAX_CHANNELS:
        raise StreamError(f'"leads" must name 1 to {_MAX_CHANNELS} channels, not {len(value)}.')
    if (longest := max(map(len, value))) > _MAX_CHANNEL_NAME:
        raise StreamError(f'A name in "leads" may have {_MAX_CHANNEL_NAME} characters, not {longest}.')
    return value


def _leads(channels: list[str], rate: float, model_leads: Collection[str]) -> tuple[str, ...]:
    """Return the standard leads that the readers derive from such channels, by means of a flat recording."""
    flat = np.zeros(math.ceil(MIN_SECONDS * rate), np.float32)
    try:
        recording = make_recording(Tracing("stream", [Channel(name, flat, rate, "uV") for name in channels]), "")
    except RecordingError as error:
        raise StreamError(f"These leads do not make an ECG: {error}") from error
    missing = [lead for lead in model_leads if lead not in recording.leads]
    if missing:
        raise StreamError(
            f'"leads" lacks {", ".join(missing)}, which the model needs; it gives {", ".join(recording.leads)}.'
        )
    return recording.leads


def _filter_hz(value: Any) -> tuple[float, float] | None:
    if value is None:
        return None
    is_band = isinstance(value, list) and len(value) == 2 and all(map(is_number, value))
    if not is_band or not 0 <= value[0] < value[1]:
        raise StreamError('"filter_hz" must be the band that the monitor passes, such as [0.05, 150], or null.')
    return float(value[0]), float(value[1])


def _filter_warnings(filter_hz: tuple[float, float] | None) -> tuple[RecordingWarning, ...]:
    if filter_hz is None or filter_hz[1] > _LOW_PASS_HZ:
        return ()
    text = f"The monitor filters out frequencies above {filter_hz[1]:g} Hz, which can hide findings."
    return (RecordingWarning("low-pass", text),)


def _stream_name(value: Any) -> str | None:
    """Return the name of a stream; the refusal does not quote it, because it could be a patient's."""
    if value is None:
        return None
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value.strip()) <= _MAX_STREAM_NAME:
        raise StreamError(
            f'"name" must be 1 to {_MAX_STREAM_NAME} printable characters, such as "Bed 4", or null. '
            "Name a bed or a case, not a patient."
        )
    return value.strip()


def _patient(value: Any) -> Patient:
    if value is None:
        return Patient()
    if not isinstance(value, dict):
        raise StreamError('"patient" must be an object such as {"age": 63, "sex": "female"}, or null.')
    check_names(value, _PATIENT_FIELDS, "patient")
    sex, pacemaker = value.get("sex"), value.get("pacemaker")
    if sex not in (None, "female", "male"):
        raise StreamError('"sex" must be "female", "male" or null.')
    if pacemaker not in (None, True, False):
        raise StreamError('"pacemaker" must be true, false or null.')
    age = None if value.get("age") is None else number(value, "age", 0, 150)
    return Patient(age=age, sex=sex, pacemaker=pacemaker)
