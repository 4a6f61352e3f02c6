"""What every format's reader hands over: channels as the file holds them, not yet in the one shape."""

from dataclasses import dataclass, field

import numpy as np

from einthoven.arrays import FloatArray
from einthoven.errors import RecordingError
from einthoven.recording import Patient, RecordingWarning

MAX_VALUES = 100_000_000
"""Most values (leads times samples) that one recording may have: 12 leads at 500 Hz for 4.6 hours."""
FREE_VALUES = 1_500_000
"""Values that a file may declare without holding them, such as gaps: 12 leads at 500 Hz for four minutes."""
VALUES_PER_BYTE = 1.4
"""Values that each byte of a file may stand for beyond these; PTB-XL's records compress to 0.8 to 1.3."""
MISSING = -32768
"""What recorders of 16 bits store where an electrode is off, whether their format provides for it or not."""
MULTIPLEXED = 0.01
"""Most seconds between the channels of one multiplexer; they are read as simultaneous."""


@dataclass
class Channel:
    """One channel of the rhythm tracing."""

    name: str
    """As the file calls it."""
    values: FloatArray
    """(samples,) in `unit`; NaN where nothing was recorded."""
    rate: float
    """Hz."""
    unit: str
    """As the file writes it; "" when the file gives no amplitude scale."""
    start: int = 0
    """First sample's place on the common time line, for files whose leads start at different times."""


@dataclass
class Tracing:
    """All that a reader found in a file."""

    format: str
    channels: list[Channel]
    patient: Patient = field(default_factory=Patient)
    warnings: list[RecordingWarning] = field(default_factory=list)


def empty_lead(name: str) -> RecordingWarning:
    """The warning that a lead without samples is left out."""
    return RecordingWarning("lead-empty", f"Lead {name} holds no samples and is left out.")


def rhythms_left_out(count: int) -> list[RecordingWarning]:
    """The warning that a file holds `count` more rhythms than are read; none if it does not."""
    which = "1 more rhythm of the file is" if count == 1 else f"{count} more rhythms of the file are"
    return [RecordingWarning("rhythms-left-out", f"{which} left out.")] if count else []


def exact_rate(rate: float) -> float:
    """`rate` in Hz, whole if rounding alone made it another: files write 600 Hz as steps of 0.001667 s."""
    whole = float(np.round(rate))
    return whole if abs(whole - rate) < 1e-3 * rate else rate


def max_values(held: int) -> int:
    """How many values a recording may have of which a file holds `held` bytes, compressed or not.

    Every format whose samples can be fewer in the file than in memory has this limit: compression, gaps, repeats.
    """
    return min(MAX_VALUES, FREE_VALUES + int(VALUES_PER_BYTE * held))


def check_count(values: int) -> None:
    """Raise RecordingError if `values` are more than one recording may have."""
    if values > MAX_VALUES:
        raise RecordingError(f"has more than {MAX_VALUES:,} values; cut the recording into parts.")


def check_size(values: int, held: int) -> None:
    """Raise RecordingError if `values` are more than `max_values(held)`. Call it before memory is taken."""
    check_count(values)
    if values > max_values(held):
        raise RecordingError("declares far more samples than its files hold; get it again.")
