"""Write WFDB records: format 16, and its FLAC form 516.

Format: https://physionet.org/physiotools/wag/header-5.htm and https://wfdb.io/spec/signal-files.html
"""

import io
import re

import numpy as np

from einthoven.convert.channels import Channel, channels
from einthoven.convert.encoded import Encoded
from einthoven.errors import EinthovenError, missing_extra
from einthoven.recording import Recording

_NAME = re.compile(r"[A-Za-z0-9_-]+")
_NO_NAME = re.compile(r"[^A-Za-z0-9_-]+")
_MAX_FLAC_CHANNELS = 8
_FLAC_RATE = 96_000
"""Rate that WFDB's own programs state in FLAC files, regardless of the rate of the record."""


def record_name(text: str) -> str:
    """Return a name that WFDB allows for a record.

    Parameters
    ----------
    text
        Any name.

    Returns
    -------
    str
        Letters, digits, hyphens and underscores.
    """
    return _NO_NAME.sub("_", text) or "_"


def encode_wfdb(recording: Recording, name: str) -> Encoded:
    """Encode a recording as a WFDB record of format 16.

    Parameters
    ----------
    recording
        The recording.
    name
        Name of the record.

    Returns
    -------
    Encoded
        NAME.dat and NAME.hea.

    Raises
    ------
    EinthovenError
        If WFDB does not allow the name.
    """
    parts = channels(recording, pacing=True)
    samples = np.stack([channel.codes for channel in parts], axis=1).astype("<i2", copy=False)
    files = {f"{name}.dat": samples.tobytes()}
    return Encoded(files | _header(recording, name, [(f"{name}.dat", 16, channel) for channel in parts]))


def encode_wfdb_flac(recording: Recording, name: str) -> Encoded:
    """Encode a recording as a WFDB record of format 516.

    Parameters
    ----------
    recording
        The recording.
    name
        Name of the record.

    Returns
    -------
    Encoded
        NAME_1.flac and so on, of eight signals each, which is FLAC's limit, and NAME.hea.

    Raises
    ------
    EinthovenError
        If WFDB does not allow the name, or soundfile is not installed.
    """
    try:
        import soundfile
    except ImportError as error:
        raise EinthovenError(f"WFDB with FLAC needs {missing_extra('soundfile', 'flac')}") from error
    parts = channels(recording, pacing=True)
    files, signals = dict[str, bytes](), list[tuple[str, int, Channel]]()
    for first in range(0, len(parts), _MAX_FLAC_CHANNELS):
        group = parts[first : first + _MAX_FLAC_CHANNELS]
        file, data = f"{name}_{1 + first // _MAX_FLAC_CHANNELS}.flac", io.BytesIO()
        samples = np.stack([channel.codes for channel in group], axis=1)
        soundfile.write(data, samples, _FLAC_RATE, format="FLAC", subtype="PCM_16")
        files[file] = data.getvalue()
        signals += [(file, 516, channel) for channel in group]
    return Encoded(files | _header(recording, name, signals))


def _header(recording: Recording, name: str, signals: list[tuple[str, int, Channel]]) -> dict[str, bytes]:
    """Return the header, given file, format and channel of each signal."""
    if not _NAME.fullmatch(name):
        raise EinthovenError(
            f"{name!r} cannot be the name of a WFDB record, which has only letters, digits, - and _; "
            f"choose another name, such as {record_name(name)}.hea."
        )
    when = recording.recorded_at
    start = f" {when:%H:%M:%S}.{when.microsecond:06d} {when:%d/%m/%Y}" if when else ""
    lines = [f"{name} {len(signals)} {recording.rate:.12g} {len(signals[0][2].codes)}{start}"]
    for file, format_, (lead, codes, unit_uv) in signals:
        checksum = int(codes.sum(dtype=np.int16))
        lines.append(f"{file} {format_} {1000 / unit_uv:.12g}(0)/mV 16 0 {codes[0]} {checksum} 0 {lead}")
    lines += _comments(recording)
    return {f"{name}.hea": "".join(f"{line}\n" for line in lines).encode()}


def _comments(recording: Recording) -> list[str]:
    age, sex = recording.patient.age, recording.patient.sex
    comments = [f"#Age: {age:g}"] if age is not None else []
    comments += [f"#Sex: {sex.capitalize()}"] if sex else []
    simulated = any(code == "simulated" for code, _ in recording.warnings)
    return comments + ["#SIMULATED: not the ECG of a patient"] * simulated
