"""Write EDF+ (Kemp and Olivan, Clin Neurophysiol 2003, 114:1755; https://www.edfplus.info/specs/edfplus.html)."""

import unicodedata
from datetime import date, datetime

import numpy as np

from einthoven.arrays import Int16Array
from einthoven.convert.channels import MAX_CODE, PACING_CHANNEL, Channel, channels
from einthoven.convert.encoded import Encoded
from einthoven.readers.edf import FIELD_LENGTHS
from einthoven.recording import Filters, Patient, Recording
from einthoven.text import printable

_MAX_RECORD_BYTES = 61_440
_RECORD_SECONDS = (0.1, 1.0)
"""Shortest and longest data record in s. Padding fills the last one."""
_RATE_ERROR = 1e-7
"""Largest relative error of a rate; EDF states it as samples and seconds of a data record, these in 8 characters."""
_TIME_BYTES = 32
"""Bytes of each data record for the time at which it begins."""
_YEARS = range(1985, 2085)
"""Years that the two digits of the header represent."""
_MAX_FIELD = 80
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


def encode_edf(recording: Recording, name: str) -> Encoded:
    """Encode a recording as a continuous EDF+ file.

    Parameters
    ----------
    recording
        The recording.
    name
        Name of the file, without suffix.

    Returns
    -------
    Encoded
        NAME.edf. A recording that does not fill its last data record is padded with its last values.
    """
    parts, lost = channels(recording, pacing=True), list[str]()
    size, seconds, exact = _data_record(recording, len(parts))
    count = -(-recording.signal.shape[1] // size)
    padding = count * size - recording.signal.shape[1]
    if not exact:
        lost.append("exact sampling rate (it is right to one in a million)")
    if padding:
        lost.append("exact length (the last value is repeated for less than 1 s)")
    patient, lost_names = _patient(recording.patient)
    lost += lost_names
    when = recording.recorded_at
    if when and when.year not in _YEARS:
        lost.append("time of the recording")
        when = None
    header = f"{'0':8}{patient:80}{_recording(recording.device, when):80.80}"
    header += f"{when:%d.%m.%y%H.%M.%S}" if when else "01.01.8500.00.00"
    header += f"{256 * (len(parts) + 2):<8}{'EDF+C':44}{count:<8}{seconds:<8}{len(parts) + 1:<4}"
    header += _signal_headers(parts, size, recording.filters)
    blocks = [np.pad(channel.codes, (0, padding), mode="edge").reshape(count, size) for channel in parts]
    blocks.append(_times(count, float(seconds), when.microsecond / 1e6 if when else 0))
    samples = np.concatenate(blocks, axis=1).astype("<i2", copy=False)
    return Encoded({f"{name}.edf": header.encode("ascii") + samples.tobytes()}, tuple(lost))


def _data_record(recording: Recording, n_channels: int) -> tuple[int, str, bool]:
    """Return the samples and the seconds of a data record, and whether they state the rate exactly.

    Among the sizes that do, one with the least padding is chosen.
    """
    rate, samples = recording.rate, recording.signal.shape[1]
    longest = (_MAX_RECORD_BYTES - _TIME_BYTES) // (2 * n_channels)
    first, last = (min(round(seconds * rate), longest) for seconds in _RECORD_SECONDS)
    exact = [
        size for size in range(first, last + 1) if abs(size / float(_number(size / rate)) / rate - 1) < _RATE_ERROR
    ]
    size = min(exact or [last], key=lambda size: (-samples % size, -size))
    return size, _number(size / rate), bool(exact)


def _number(value: float) -> str:
    """Return a positive number in eight characters."""
    return f"{value:.7f}"[:8].rstrip("0").rstrip(".")


def _signal_headers(parts: list[Channel], size: int, filters: Filters | None) -> str:
    limits = dict(zip(("HP", "LP", "N"), filters or (), strict=False))
    prefiltering = " ".join(f"{name}:{value:g}Hz" for name, value in limits.items() if value is not None)
    rows = [_signal_header(channel, size, prefiltering) for channel in parts]
    rows.append(("EDF Annotations", "", "", "-1", "1", "-32768", "32767", "", f"{_TIME_BYTES // 2}", ""))
    columns = zip(FIELD_LENGTHS, zip(*rows, strict=True), strict=True)
    return "".join(f"{text:{width}}" for width, column in columns for text in column)


def _signal_header(channel: Channel, size: int, prefiltering: str) -> tuple[str, ...]:
    label = channel.name if channel.name == PACING_CHANNEL else f"ECG {channel.name}"
    unit, per_code = ("uV", channel.unit_uv) if channel.unit_uv < 200 else ("mV", channel.unit_uv / 1000)
    limit = f"{MAX_CODE * per_code:.7g}"
    return label, "", unit, f"-{limit}", limit, f"-{MAX_CODE}", f"{MAX_CODE}", prefiltering, f"{size}", ""


def _times(count: int, seconds: float, first: float) -> Int16Array:
    """Return the annotations that state when each data record begins: (records, samples)."""
    onsets = (f"{first + k * seconds:.7f}".rstrip("0").rstrip(".") for k in range(count))
    text = b"".join(f"+{onset}\x14\x14\0".encode().ljust(_TIME_BYTES, b"\0") for onset in onsets)
    return np.frombuffer(text, "<i2").reshape(count, -1)


def _patient(patient: Patient) -> tuple[str, list[str]]:
    """Return the patient's field, and the facts that do not fit into it."""
    sex = {"female": "F", "male": "M", None: "X"}[patient.sex]
    born = _date(patient.birth_date) if patient.birth_date else "X"
    code, name = _subfield(patient.id), _subfield(patient.name)
    room = _MAX_FIELD - len(f"{code} {sex} {born} ")
    if room < 1:
        return f"X {sex} {born} X", ["patient ID and name (longer than 80 characters)"]
    whole = code == (patient.id or "X") and name[:room] == ("_".join(patient.name.split()) or "X")
    return f"{code} {sex} {born} {name[:room]}", [] if whole else ["letters or length of the patient's name or ID"]


def _recording(device: str | None, when: datetime | None) -> str:
    return f"Startdate {_date(when) if when else 'X'} X X {_subfield(device or '')}"


def _date(day: date) -> str:
    return f"{day.day:02d}-{_MONTHS[day.month - 1]}-{day.year}"


def _subfield(text: str) -> str:
    """Return text as EDF+ has it: ASCII, with underscores for blanks, and X for unknown."""
    plain = unicodedata.normalize("NFKD", printable(text, None)).encode("ascii", "ignore").decode()
    return "_".join(plain.split()) or "X"
