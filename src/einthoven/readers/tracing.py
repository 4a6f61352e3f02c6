"""Tracings as every reader returns them: channels as the file holds them, not yet normalized."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from einthoven.arrays import FloatArray
from einthoven.errors import RecordingError
from einthoven.readers.acquisition import Acquisition
from einthoven.readers.span import HOW_TO_CUT, WHOLE, Span
from einthoven.recording import Patient, RecordingWarning

MAX_VALUES = 100_000_000
"""Largest number of values (leads times samples) of a recording: 12 leads at 500 Hz for 4.6 hours."""
FREE_VALUES = 1_500_000
"""Values that a file may declare without holding them, such as gaps: 12 leads at 500 Hz for four minutes."""
VALUES_PER_BYTE = 1.4
"""Values that each byte of a file may represent beyond these; PTB-XL's records compress to 0.8 to 1.3."""
MAX_AGE = 150
"""Years; a higher age is an error in the file."""
MISSING = -32768
"""Value that 16-bit recorders store if an electrode is off, whether or not their format defines one."""
MULTIPLEXED = 0.01
"""Largest delay in s between the channels of one multiplexer; they are read as simultaneous."""

SIMULATED = RecordingWarning("simulated", "The recording is simulated; it is not the ECG of a patient.")
"""Warning for a file that states that it is simulated."""


@dataclass
class Channel:
    """One channel of the rhythm tracing."""

    name: str
    """Name as in the file."""
    values: FloatArray
    """Samples in `unit`, shape (samples,); NaN for missing samples."""
    rate: float
    """Hz."""
    unit: str
    """Amplitude unit as in the file; "" if the file gives no amplitude scale."""
    start: int = 0
    """Index of the first sample on the common time line, for files whose leads start at different times."""


@dataclass
class Tracing:
    """Content of a file as its reader returns it."""

    format: str
    channels: list[Channel]
    patient: Patient = field(default_factory=Patient)
    warnings: list[RecordingWarning] = field(default_factory=list)
    acquisition: Acquisition = field(default_factory=Acquisition)


def cut(tracing: Tracing, span: Span, skipped_s: float = 0.0) -> None:
    """Keep only a part of a tracing.

    Parameters
    ----------
    tracing
        Tracing from a reader; changed in place.
    span
        Times on the common time line, in s.
    skipped_s
        Time in s from the start of the recording to the start of the tracing.

    Raises
    ------
    RecordingError
        If the tracing ends before.
    """
    if span == WHOLE and not skipped_s:
        return
    end_s = max(((channel.start + len(channel.values)) / channel.rate for channel in tracing.channels), default=0)
    if span.start_s >= end_s:
        raise RecordingError(
            f"ends at {skipped_s + end_s:.6g} s, before the part that is to be read; choose an earlier one."
        )
    for channel in tracing.channels:
        first = round(span.start_s * channel.rate)
        last = len(channel.values) + channel.start if span.end_s is None else round(span.end_s * channel.rate)
        kept = slice(max(first - channel.start, 0), max(last - channel.start, 0))
        channel.values, channel.start = channel.values[kept].copy(), max(channel.start - first, 0)
    if isinstance(tracing.acquisition.time, datetime):
        tracing.acquisition.time += timedelta(seconds=skipped_s + span.start_s)


def empty_lead(name: str) -> RecordingWarning:
    """Return the warning that a lead without samples is left out.

    Parameters
    ----------
    name
        Name of the lead, safe to show.

    Returns
    -------
    RecordingWarning
        Warning with the code "lead-empty".
    """
    return RecordingWarning("lead-empty", f"Lead {name} holds no samples and is left out.")


def rhythms_left_out(count: int) -> list[RecordingWarning]:
    """Return the warning that a file holds more rhythms than are read.

    Parameters
    ----------
    count
        Number of rhythms that are left out.

    Returns
    -------
    list of RecordingWarning
        List with the warning; empty if no rhythms are left out.
    """
    which = "1 more rhythm of the file is" if count == 1 else f"{count} more rhythms of the file are"
    return [RecordingWarning("rhythms-left-out", f"{which} left out.")] if count else []


def exact_rate(rate: float) -> float:
    """Return a sampling rate without the rounding error of files, which write 600 Hz as steps of 0.001667 s.

    Parameters
    ----------
    rate
        Hz.

    Returns
    -------
    float
        Hz; a whole number if `rate` is within 0.1 % of one.
    """
    whole = float(np.round(rate))
    return whole if abs(whole - rate) < 1e-3 * rate else rate


def max_values(n_bytes: int, per_byte: float = VALUES_PER_BYTE) -> int:
    """Return the largest number of values in a recording, given the size of its file, compressed or not.

    Every format whose samples can be fewer in the file than in memory has this limit: compression, gaps, repeats.

    Parameters
    ----------
    n_bytes
        Size of the file in bytes.
    per_byte
        Values that each byte may represent.

    Returns
    -------
    int
        Leads times samples.
    """
    return min(MAX_VALUES, FREE_VALUES + int(per_byte * n_bytes))


def check_count(values: int) -> None:
    """Refuse more values than any recording may have.

    Parameters
    ----------
    values
        Leads times samples.

    Raises
    ------
    RecordingError
        If there are more than MAX_VALUES.
    """
    if values > MAX_VALUES:
        raise RecordingError(f"has more than {MAX_VALUES:,} values; {HOW_TO_CUT}.")


def check_size(values: int, n_bytes: int, per_byte: float = VALUES_PER_BYTE) -> None:
    """Refuse more values than a file of this size may represent; call it before memory is allocated.

    Parameters
    ----------
    values
        Leads times samples.
    n_bytes
        Size of the file in bytes.
    per_byte
        Values that each byte may represent.

    Raises
    ------
    RecordingError
        If there are more than `max_values` allows.
    """
    check_count(values)
    if values > max_values(n_bytes, per_byte):
        raise RecordingError("declares far more samples than its files hold; get it again.")
