"""A recording in pieces of 10 s, the unit of interpretation."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from einthoven.arrays import Float32Array
from einthoven.recording import MIN_SECONDS, Recording
from einthoven.signal.resampling import resample, window_starts

SECONDS = 10
TAIL = 0.5
"""What is left after whole segments is not worth one of its own when it is shorter than this, in s."""


@dataclass(frozen=True)
class Segment:
    """At most 10 s of a recording, as recorded and as the model takes it."""

    recording: Recording
    start_s: float
    end_s: float
    recorded: Float32Array
    """(leads, samples) in mV at the recording's rate."""
    resampled: Float32Array
    """(leads, samples) in mV at the model's rate."""


def segments(recording: Recording, rate: int) -> Iterator[Segment]:
    """The segments of a recording, brought to `rate` Hz; the last one overlaps the one before where it must.

    A recording of less than 10 s is one segment; one that lacks a sample of MIN_SECONDS gets its last one twice.
    """
    recorded = _lasting(recording.signal, MIN_SECONDS * recording.rate)
    resampled = _lasting(resample(recorded, recording.rate, rate), MIN_SECONDS * rate)
    length, samples = SECONDS * rate, resampled.shape[1]
    whole = samples % length if samples > length else 0
    covered = samples - whole if whole < TAIL * rate else samples
    for start in window_starts(covered, min(length, covered), length):
        end = min(start + length, samples)
        first, last = (round(at / rate * recording.rate) for at in (start, end))
        yield Segment(recording, start / rate, end / rate, recorded[:, first:last], resampled[:, start:end])


def _lasting(signal: Float32Array, samples: float) -> Float32Array:
    missing = math.ceil(samples) - signal.shape[1]
    return signal if missing <= 0 else np.pad(signal, ((0, 0), (0, missing)), mode="edge")
