"""EDF, EDF+ and BDF."""

import re

import numpy as np
from ecgdatakit.models import ECGRecord
from ecgdatakit.parsing.helpers.labels import decode_text
from ecgdatakit.parsing.parsers.edf import EDFParser

from einthoven.arrays import Float64Array
from einthoven.errors import RecordingError
from einthoven.readers.ecgdatakit_adapter import parse, tracing
from einthoven.readers.tracing import Tracing, max_values
from einthoven.recording import RecordingWarning

_BDF = b"\xffBIOSEMI"
_POINTS = bytes.maketrans(b",_", b".?")
"""Points for decimal commas; and no number for Python's 1_000."""
_JITTER = 0.002
"""What the times of data records may differ from their duration, in s, before that is a gap."""
_FIELDS = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)
"""Lengths of what the header says of each signal, from the label to the samples per record and the reserved field."""
_ANNOTATIONS = "EDF Annotations"
_ONSET = re.compile(rb"(?:\A|\0)([+-]\d{1,12}(?:\.\d*)?)(?:\x15\d+(?:\.\d*)?)?\x14")
MAX_SIGNALS = 512
MAX_BLOCKS = 1_000_000
"""Data records of one file; a day of tenths of a second has 864,000."""


def is_edf(data: bytes) -> bool:
    """Whether `data` begins like EDF, or like BioSemi's BDF."""
    return len(data) >= 256 and (data[:8].rstrip(b" \0") == b"0" or data.startswith(_BDF))


def read_edf(data: bytes) -> Tracing:
    """All signals but the annotations. The gaps of a discontinuous EDF+D become NaN. BDF is EDF of 24 bits."""
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
    if not wide:
        header, body, onsets = _without_annotations(header, body, declared, signals)
    record, said = _parse_wide(header, body) if wide else parse(EDFParser, header + body)
    came = record.raw_metadata["num_records"]
    if declared > came:
        raise RecordingError(f"is cut short: {came} of {declared} data records came; get it again.")
    name, rates = ("BDF" if wide else "EDF"), record.raw_metadata.get("exact_sampling_rates")
    found = tracing(name, record, said, rates, missing=None)  # the lowest value is where the amplifier ends
    # The library gives its warnings no category. The gaps are opened below.
    found.warnings = [warning for warning in said if "gaps between data records" not in warning.text]
    if record.file_format.version == "EDF+D" and len(onsets) != came:
        raise RecordingError("consists of separate data records that do not all state their times; get it again.")
    seconds = record.raw_metadata["record_duration"]
    begins = np.array(onsets) if record.raw_metadata["is_edfplus"] and len(onsets) == came else np.empty(0)
    if (np.abs(np.diff(begins) - seconds) > _JITTER).any():
        _open_gaps(found, begins - begins[0], seconds, len(data))
    return found


def _without_annotations(header: bytes, body: bytes, declared: int, signals: int) -> tuple[bytes, bytes, list[float]]:
    """The file without its annotations, and when its data records begin (s), which the annotations say first.

    Annotations can be many: ecgdatakit would make an object of every second byte.
    """
    labels = [header[256 + 16 * k : 272 + 16 * k] for k in range(signals)]
    notes = [_is_note(label) for label in labels]
    if not any(notes) or all(notes):
        return header, body, []
    columns, place = [], 256
    for length in _FIELDS:
        columns.append([header[place + length * k : place + length * (k + 1)] for k in range(signals)])
        place += length * signals
    counts = [_number(field) for field in columns[-2]]
    width = sum(counts)
    if min(counts) < 0 or not 0 < 2 * width <= len(body):
        raise RecordingError(
            f"is cut short, or damaged: {len(body)} bytes came where a data record has {2 * width}; get it again."
        )
    records = len(body) // (2 * width) if declared < 0 else min(declared, len(body) // (2 * width))
    samples = np.frombuffer(body, "<i2", records * width).reshape(records, width)
    texts = samples[:, np.repeat(notes, counts)]
    onsets = [float(onset[1]) for text in texts if (onset := _ONSET.search(text.tobytes()))]
    kept = [k for k in range(signals) if not notes[k]]
    rest = b"".join(column[k] for column in columns for k in kept)
    size, count = b"%-8d" % (256 * (len(kept) + 1)), b"%-4d" % len(kept)
    header = header[:184] + size + header[192:252] + count + rest
    starts = np.cumsum([0, *counts])
    leads = np.concatenate([samples[:, starts[k] : starts[k + 1]] for k in kept], axis=1)
    return header, leads.tobytes(), onsets


def _is_note(label: bytes) -> bool:
    """Whether ecgdatakit takes a signal of this label for annotations."""
    return decode_text(label).replace("\0", "").strip() == _ANNOTATIONS


def _parse_wide(header: bytes, data: bytes) -> tuple[ECGRecord, list[RecordingWarning]]:
    """BDF as two EDF files: one of the upper 16 bits of each sample, one of the lower 8."""
    signals = _number(header[252:256])
    labels = [header[256 + 16 * k : 272 + 16 * k] for k in range(signals)]
    labels = [b"BDF Annotations " if _is_note(label) else label for label in labels]  # which nothing takes apart
    header = header[:256] + b"".join(labels) + header[256 + 16 * signals :]
    values = np.frombuffer(data, np.uint8, len(data) // 3 * 3).reshape(-1, 3)
    record, said = parse(EDFParser, header + values[:, 1:].tobytes())
    lower, _ = parse(EDFParser, header + values[:, 0].astype("<u2").tobytes())
    for lead, low in zip(record.leads, lower.leads, strict=True):
        lead.samples = lead.samples * 256 + low.samples
    return record, said


def _number(field: bytes) -> int:
    try:
        return int(field.translate(_POINTS).decode("ascii").strip(" \0"))
    except ValueError:
        raise RecordingError("is a damaged EDF file: something else came where a number is expected.") from None


def _open_gaps(found: Tracing, onsets: Float64Array, seconds: float, held: int) -> None:
    """Put each data record of `seconds` at its time (`onsets`, s); ecgdatakit joins them, which is another rhythm.

    `held` is the size of the file in bytes.
    """
    total = (onsets[-1] + seconds) * sum(channel.rate for channel in found.channels)
    if (np.diff(onsets) < max(seconds - _JITTER, 0)).any() or not 0 < total <= max_values(held):
        raise RecordingError("its data records overlap or lie too far apart; cut it into continuous parts.")
    for channel in found.channels:
        blocks = channel.values.reshape(len(onsets), -1)
        spread = np.full(round((onsets[-1] + seconds) * channel.rate) + 1, np.nan)
        for onset, block in zip(onsets, blocks, strict=True):
            start = round(onset * channel.rate)
            spread[start : start + len(block)] = block
        channel.values = spread[: start + len(block)]
