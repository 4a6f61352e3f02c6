"""The first message of a client: a monitor that begins or goes on, or somebody who watches."""

import json
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from einthoven.errors import EinthovenError, RecordingError
from einthoven.readers.shape import RATES, make_recording
from einthoven.readers.tracing import Channel, Tracing
from einthoven.recording import MIN_SECONDS, Patient, RecordingWarning
from einthoven.signal.segments import SECONDS

Fields = Mapping[str, Any]

FASTEST = 20.0
"""How many times faster than real time a replay may be."""
_MOST_CHANNELS = 32
_LONGEST_LEAD = 100  # characters of a channel's name
_INTERVAL_S = (0.5, 60.0)
_UV_PER_UNIT = (1e-3, 1e6)
_WINDOWS = (1, 30)
_LONGEST_NAME = 40
_MONITOR = {
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
}
_PATIENT = {"age", "sex", "pacemaker"}
_LOW_PASS_HZ = 40.0


class StreamError(EinthovenError):
    """A stream is refused or closed; the client gets the message."""


@dataclass(frozen=True)
class StreamConfig:
    """What a monitor sends, and how it wants to be answered."""

    channels: tuple[str, ...]
    """As the monitor calls them; columns of the samples."""
    leads: tuple[str, ...]
    """The standard leads that follow from them, derived ones included."""
    rate: float
    """Samples per second in Hz."""
    dtype: Literal["int16", "float32", "json"]
    uv_per_unit: float
    filter_hz: tuple[float, float] | None
    interval_s: float
    speed: float
    """How many times faster than real time samples come; 1 but for replays."""
    alert_windows: int
    tracing: bool
    """Whether the monitor wants its samples back, as a watcher gets them."""
    patient: Patient
    warnings: tuple[RecordingWarning, ...]
    name: str | None = field(default=None, repr=False)
    """A bed or a case, for those who watch; kept out of logs, and so out of `repr`."""

    @property
    def samples(self) -> int:
        """Samples of the 10 s that are interpreted."""
        return round(SECONDS * self.rate)


@dataclass(frozen=True)
class Resume:
    """A monitor whose connection broke goes on with its stream."""

    stream: str


@dataclass(frozen=True)
class Watch:
    """Somebody wants the answers and samples of a stream."""

    stream: str
    tracing: bool


def fields(message: str | bytes) -> dict[str, Any]:
    """The fields of a first message. Raises StreamError where it is no JSON object."""
    try:
        found = json.loads(message)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise StreamError('The first message must be a JSON object such as {"leads": ["I", ...], "rate_hz": 500, ...}.')
    return found


def parse_handshake(first: Fields, needed: Collection[str]) -> StreamConfig | Resume | Watch:
    """What the first message asks for; `needed` leads are those of the model. The token is not looked at.

    Raises StreamError, one sentence, where something is missing or wrong.
    """
    first = {name: value for name, value in first.items() if name != "token"}
    if "watch" in first:
        _known(first, {"watch", "stream", "tracing"})
        if first["watch"] is not True:
            raise StreamError('"watch" must be true.')
        return Watch(_text(first, "stream"), _flag(first, "tracing", True))
    if "resume" in first:
        _known(first, {"resume"})
        return Resume(_text(first, "resume"))
    return _config(first, needed)


def _config(first: Fields, needed: Collection[str]) -> StreamConfig:
    _known(first, _MONITOR | {"patient"})
    channels = first.get("leads")
    if not isinstance(channels, list) or not all(isinstance(name, str) for name in channels):
        raise StreamError('"leads" must be a list of names, such as ["I", "II", "V1", ...].')
    if not 0 < len(channels) <= _MOST_CHANNELS:
        raise StreamError(f'"leads" must name 1 to {_MOST_CHANNELS} channels, not {len(channels)}.')
    if (longest := max(map(len, channels))) > _LONGEST_LEAD:
        raise StreamError(f'A name in "leads" may have {_LONGEST_LEAD} characters, not {longest}.')
    dtype = first.get("dtype")
    if dtype not in ("int16", "float32", "json"):
        raise StreamError(f'"dtype" must be "int16", "float32" or "json", not {_shown(dtype)}.')
    rate = _number(first, "rate_hz", *RATES)
    leads = _leads(channels, rate, needed)
    filter_hz = _filter(first.get("filter_hz"))
    return StreamConfig(
        channels=tuple(channels),
        leads=leads,
        rate=rate,
        dtype=dtype,
        uv_per_unit=_number(first, "uv_per_unit", *_UV_PER_UNIT),
        filter_hz=filter_hz,
        interval_s=_number(first, "interval_s", *_INTERVAL_S, default=1.0),
        speed=_number(first, "speed", 0.1, FASTEST, default=1.0),
        alert_windows=round(_number(first, "alert_windows", *_WINDOWS, default=3.0)),
        tracing=_flag(first, "tracing", False),
        patient=_patient(first.get("patient")),
        warnings=_muffled(filter_hz),
        name=_name(first.get("name")),
    )


def _leads(channels: list[str], rate: float, needed: Collection[str]) -> tuple[str, ...]:
    """The standard leads that the readers make of such channels: a flat recording is tried."""
    flat = np.zeros(math.ceil(MIN_SECONDS * rate), np.float32)
    try:
        recording = make_recording(Tracing("stream", [Channel(name, flat, rate, "uV") for name in channels]), "")
    except RecordingError as error:
        raise StreamError(f"Of such a stream no ECG can be made: {error}") from error
    missing = [lead for lead in needed if lead not in recording.leads]
    if missing:
        raise StreamError(
            f'"leads" lacks {", ".join(missing)}, which the model needs; it gives {", ".join(recording.leads)}.'
        )
    return recording.leads


def _filter(value: Any) -> tuple[float, float] | None:
    if value is None:
        return None
    band = isinstance(value, list) and len(value) == 2 and all(map(_is_number, value))
    if not band or not 0 <= value[0] < value[1]:
        raise StreamError('"filter_hz" must be the band that the monitor lets through, such as [0.05, 150], or null.')
    return float(value[0]), float(value[1])


def _muffled(filter_hz: tuple[float, float] | None) -> tuple[RecordingWarning, ...]:
    if filter_hz is None or filter_hz[1] > _LOW_PASS_HZ:
        return ()
    text = f"The monitor cuts off above {filter_hz[1]:g} Hz, which blurs findings."
    return (RecordingWarning("low-pass", text),)


def _name(value: Any) -> str | None:
    """The name of a stream; the refusal does not quote it, because it could be a patient's."""
    if value is None:
        return None
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value.strip()) <= _LONGEST_NAME:
        raise StreamError(
            f'"name" must be 1 to {_LONGEST_NAME} printable characters, such as "Bed 4", or null. '
            "Name a bed or a case, not a patient."
        )
    return value.strip()


def _patient(value: Any) -> Patient:
    if value is None:
        return Patient()
    if not isinstance(value, dict):
        raise StreamError('"patient" must be an object such as {"age": 63, "sex": "female"}, or null.')
    _known(value, _PATIENT, "patient")
    sex, pacemaker = value.get("sex"), value.get("pacemaker")
    if sex not in (None, "female", "male"):
        raise StreamError('"sex" must be "female", "male" or null.')
    if pacemaker not in (None, True, False):
        raise StreamError('"pacemaker" must be true, false or null.')
    age = None if value.get("age") is None else _number(value, "age", 0, 150)
    return Patient(age=age, sex=sex, pacemaker=pacemaker)


def _known(found: Fields, names: Collection[str], where: str = "the first message") -> None:
    unknown = sorted(set(found) - set(names))
    if unknown:
        raise StreamError(f"{_shown(unknown[0])} is no field of {where}; it may have {', '.join(sorted(names))}.")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _number(
    found: Fields, name: str, least: float = -math.inf, most: float = math.inf, default: float | None = None
) -> float:
    value = found.get(name, default)
    if not _is_number(value) or not least <= value <= most:
        between = "" if least == -math.inf else f" from {least:g} to {most:g}"
        raise StreamError(f'"{name}" must be a number{between}, not {_shown(value)}.')
    return float(value)


def _text(found: Fields, name: str) -> str:
    value = found.get(name)
    if not isinstance(value, str):
        raise StreamError(f'"{name}" must be the ID of a stream, not {_shown(value)}.')
    return value


def _flag(found: Fields, name: str, default: bool) -> bool:
    value = found.get(name, default)
    if not isinstance(value, bool):
        raise StreamError(f'"{name}" must be true or false, not {_shown(value)}.')
    return value


def _shown(value: Any) -> str:
    return "nothing" if value is None else json.dumps(value)[:60]
