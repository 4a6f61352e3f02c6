"""EDF, EDF+ and BDF."""

import re
from datetime import datetime, timedelta

import numpy as np
from ecgdatakit.models import ECGRecord
from ecgdatakit.parsing.helpers.labels import decode_text
from ecgdatakit.parsing.parsers.edf import EDFParser

from einthoven.arrays import Float64Array
from einthoven.errors import RecordingError
from einthoven.readers.acquisition import Stated, device_in_free_text
from einthoven.readers.ecgdatakit_adapter import parse, to_tracing
from einthoven.readers.redact import list_labels
from einthoven.readers.tracing import Tracing, max_values
from einthoven.recording import RecordingWarning

_BDF = b"\xffBIOSEMI"
_DATE, _TIME = slice(168, 176), slice(176, 184)
_RECORDING = slice(88, 168)
_NO_DATE = b"01.01.85"
"""The date of anonymous files (EDF+, 2.1.3.2)."""
_POINTS = bytes.maketrans(b",_", b".?")
"""Turns decimal commas into points, and 1_000, which Python accepts, into text that is not a number."""
_JITTER = 0.002
"""Difference in s between the onsets of data records and their duration from which it is a gap."""
FIELD_LENGTHS = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)
"""Lengths of the header's fields for each signal, from the label to the samples per record and the reserved field."""
_RANGE = slice(3, 7)
"""Places of physical minimum and maximum, and digital minimum and maximum, in FIELD_LENGTHS."""
_FLOAT = re.compile(rb"[-+]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][-+]?\d{1,2})?")
_INTEGER = re.compile(rb"[-+]?\d{1,7}")
_ANNOTATIONS = "EDF Annotations"
_ONSET = re.compile(rb"(?:\A|\0)([+-]\d{1,12}(?:\.\d*)?)(?:\x15\d+(?:\.\d*)?)?\x14")
MAX_SIGNALS = 512
MAX_BLOCKS = 1_000_000
"""Data records of a file; a day in tenths of a second has 864,000."""


def is_edf(data: bytes) -> bool:
    """Return whether a file begins like EDF.

    Parameters
    ----------
    data
        Content of the file.

    Returns
    -------
    bool
        True also for BioSemi's BDF.
    """
    return len(data) >= 256 and (data[:8].rstrip(b" \0") == b"0" or data.startswith(_BDF))


def read_edf(data: bytes) -> Tracing:
    """Read all signals except the annotations of an EDF, EDF+ or BDF file.

    The gaps of a discontinuous EDF+D become NaN. BDF is EDF of 24 bits.

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
        If the file is damaged, cut short or not plausible as an ECG.
    """
    wide = data.startswith(_BDF)
    declared, signals = _number(data[236:244]), _number(data[252:256])
    if signals > MAX_SIGNALS or declared > MAX_BLOCKS:
        raise RecordingError(f"declares {declared} data records of {signals} signals; no EDF ECG is that large.")
    if wide and data[192:197] == b"BDF+D":
        raise RecordingError("is a BDF+ file of separate data records; convert it to a continuous one.")
    header = b"0".ljust(8) + data[8 : 256 + 256 * signals]
    for numbers in (slice(244, 252), slice(256 + 104 * signals, 256 + 136 * signals)):  # some have a decimal comma
        header = header[: numbers.start] + header[numbers].translate(_POINTS) + header[numbers.stop :]
    onsets: list[float] = []
    body = data[len(header) :]
    header = _mark_without_range(header, signals)
    if not wide:
        header, body, onsets = _without_annotations(header, body, declared, signals)
    record, warnings = _parse_wide(header, body) if wide else parse(EDFParser, header + body)
    n_records = record.raw_metadata["num_records"]
    if declared > n_records:
        raise RecordingError(f"is cut short: it has {n_records} of {declared} data records; get it again.")
    name, rates = ("BDF" if wide else "EDF"), record.raw_metadata.get("exact_sampling_rates")
    tracing = to_tracing(name, record, warnings, rates, missing=None)  # the lowest value is the limit of the amplifier
    tracing.acquisition.device = device_in_free_text(tracing.acquisition.device)
    tracing.acquisition.time = _start(data, tracing.acquisition.time, onsets)
    # The library gives its warnings no category. The gaps are opened below, and leads without a range left out.
    known = ("gaps between data records", "invalid range")
    tracing.warnings = [warning for warning in warnings if not any(words in warning.text for words in known)]
    if record.file_format.version == "EDF+D" and len(onsets) != n_records:
        raise RecordingError("consists of separate data records that do not all state their times; get it again.")
    _leave_out_unscaled(tracing)
    seconds = record.raw_metadata["record_duration"]
    begins = np.array(onsets) if record.raw_metadata["is_edfplus"] and len(onsets) == n_records else np.empty(0)
    if (np.abs(np.diff(begins) - seconds) > _JITTER).any():
        _open_gaps(tracing, begins - begins[0], seconds, len(data))
    return tracing


def _start(data: bytes, parsed: Stated, onsets: list[float]) -> Stated:
    """Return the time that the header states; `parsed` is the part that ecgdatakit understands.

    The fraction of its second is the onset of the first data record (EDF+, 2.2.4).
    """
    if data[_DATE] == _NO_DATE or data[_RECORDING].startswith(b"Startdate X "):
        return None
    if isinstance(parsed, datetime) and onsets:
        return parsed + timedelta(seconds=max(onsets[0], 0) % 1)  # a part begins at a whole second
    return parsed or data[_DATE].decode("latin-1").replace("\0", "")


def _columns(header: bytes, signals: int) -> list[list[bytes]]:
    """Return the header's fields of each signal, in the order of FIELD_LENGTHS."""
    columns, offset = [], 256
    for length in FIELD_LENGTHS:
        columns.append([header[offset + length * k : offset + length * (k + 1)] for k in range(signals)])
        offset += length * signals
    return columns


def _mark_without_range(header: bytes, signals: int) -> bytes:
    """Write 0 for a range that is not all numbers, so that ecgdatakit does not refuse the other signals too."""
    columns = _columns(header, signals)
    ranges = columns[_RANGE]
    for k in range(signals):
        fields = [column[k].strip(b" \0") for column in ranges]
        physical = all(_FLOAT.fullmatch(field) for field in fields[:2])
        if not (physical and all(_INTEGER.fullmatch(field) for field in fields[2:])):
            for column in ranges:
                column[k] = b"0".ljust(8)
    return header[:256] + b"".join(field for column in columns for field in column)


def _leave_out_unscaled(tracing: Tracing) -> None:
    """Remove the channels without a range, if others have one."""
    unscaled = [channel.name for channel in tracing.channels if not channel.unit]
    if 0 < len(unscaled) < len(tracing.channels):
        tracing.channels = [channel for channel in tracing.channels if channel.unit]
        text = f"Channels without a range of amplitudes are left out: {list_labels(unscaled)}."
        tracing.warnings.append(RecordingWarning("channels-left-out", text))


def _without_annotations(header: bytes, body: bytes, declared: int, signals: int) -> tuple[bytes, bytes, list[float]]:
    """Return the file (header, data) without its annotations, and the onsets of its data records in s.

    Annotations can be many, and ecgdatakit would create an object for every second byte. Signals without samples, which
    ecgdatakit refuses, are left out too.
    """
    columns = _columns(header, signals)
    counts = [_number(field) for field in columns[-2]]
    is_annotation = [_is_annotation(label) for label in columns[0]]
    is_left_out = [kind or count == 0 for kind, count in zip(is_annotation, counts, strict=True)]
    if not any(is_left_out) or all(is_left_out):
        return header, body, []
    width = sum(counts)
    if min(counts) < 0 or not 0 < 2 * width <= len(body):
        raise RecordingError(
            f"is cut short, or damaged: it has {len(body)} bytes, and a data record has {2 * width}; get it again."
        )
    records = len(body) // (2 * width) if declared < 0 else min(declared, len(body) // (2 * width))
    samples = np.frombuffer(body, "<i2", records * width).reshape(records, width)
    texts = samples[:, np.repeat(is_annotation, counts)]
    onsets = [float(onset[1]) for text in texts if (onset := _ONSET.search(text.tobytes()))]
    signal_indices = [k for k in range(signals) if not is_left_out[k]]
    rest = b"".join(column[k] for column in columns for k in signal_indices)
    size, count = b"%-8d" % (256 * (len(signal_indices) + 1)), b"%-4d" % len(signal_indices)
    header = header[:184] + size + header[192:252] + count + rest
    starts = np.cumsum([0, *counts])
    leads = np.concatenate([samples[:, starts[k] : starts[k + 1]] for k in signal_indices], axis=1)
    return header, leads.tobytes(), onsets


def _is_annotation(label: bytes) -> bool:
    """Return whether ecgdatakit takes a signal of this label for annotations."""
    return decode_text(label).replace("\0", "").strip() == _ANNOTATIONS


def _parse_wide(header: bytes, data: bytes) -> tuple[ECGRecord, list[RecordingWarning]]:
    """Parse BDF as two EDF files: one of the upper 16 bits of each sample, one of the lower 8."""
    signals = _number(header[252:256])
    labels = [header[256 + 16 * k : 272 + 16 * k] for k in range(signals)]
    labels = [b"BDF Annotations " if _is_annotation(label) else label for label in labels]
    header = header[:256] + b"".join(labels) + header[256 + 16 * signals :]
    values = np.frombuffer(data, np.uint8, len(data) // 3 * 3).reshape(-1, 3)
    record, warnings = parse(EDFParser, header + values[:, 1:].tobytes())
    lower, _ = parse(EDFParser, header + values[:, 0].astype("<u2").tobytes())
    for lead, low in zip(record.leads, lower.leads, strict=True):
        lead.samples = lead.samples * 256 + low.samples
    return record, warnings


def _number(field: bytes) -> int:
    try:
        return int(field.translate(_POINTS).decode("ascii").strip(" \0"))
    except ValueError:
        raise RecordingError("is a damaged EDF file: a field of its header is not a number.") from None


def _open_gaps(tracing: Tracing, onsets: Float64Array, seconds: float, n_bytes: int) -> None:
    """Place each data record of `seconds` at its onset (s); ecgdatakit joins them, which changes the rhythm.

    `n_bytes` is the size of the file.
    """
    total = (onsets[-1] + seconds) * sum(channel.rate for channel in tracing.channels)
    if (np.diff(onsets) < max(seconds - _JITTER, 0)).any() or not 0 < total <= max_values(n_bytes):
        raise RecordingError("its data records overlap or lie too far apart; cut it into continuous parts.")
    for channel in tracing.channels:
        blocks = channel.values.reshape(len(onsets), -1)
        spread = np.full(round((onsets[-1] + seconds) * channel.rate) + 1, np.nan)
        for onset, block in zip(onsets, blocks, strict=True):
            start = round(onset * channel.rate)
            spread[start : start + len(block)] = block
        channel.values = spread[: start + len(block)]
