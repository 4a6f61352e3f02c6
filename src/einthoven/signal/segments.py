"""Cut a recording into segments of 10 s, the unit of interpretation."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from einthoven.arrays import Float32Array
from einthoven.recording import MIN_SECONDS, Recording
from einthoven.signal.resampling import resample, window_starts

SECONDS = 10
"""Length of a segment."""
_MIN_TAIL_SECONDS = 0.5  # a shorter remainder after whole segments is left out


@dataclass(frozen=True)
class Segment:
    """Part of a recording of at most 10 s, as recorded and at the model's rate."""

    recording: Recording
    start_s: float
    end_s: float
    signal: Float32Array
    """Signal of shape (leads, samples) in mV at the recording's rate."""
    resampled: Float32Array
    """Signal of shape (leads, samples) in mV at the model's rate."""
    supplemental: Mapping[str, Float32Array] = field(default_factory=dict)
    """Waves of `Recording.supplemental` in this segment."""

    @property
    def marked_spikes_s(self) -> list[float]:
        """The pacing spikes that the recorder marked in this segment, in s from its start."""
        return [at - self.start_s for at in self.recording.pacing_spikes_s if self.start_s <= at < self.end_s]


def step_s(rate: int, every_s: float) -> float:
    """Return the distance between the starts of segments.

    Parameters
    ----------
    rate
        The model's sampling rate in Hz.
    every_s
        The distance that is asked for, in s.

    Returns
    -------
    float
        Distance in s, a whole number of samples.
    """
    return round(every_s * rate) / rate


def segments(
    recording: Recording, rate: int, every_s: float = SECONDS, resampled: Float32Array | None = None
) -> Iterator[Segment]:
    """Cut a recording into segments.

    If the duration is not a multiple of 10 s, the segments are evenly spaced and overlap. A recording of less than 10 s
    is one segment; if it lacks a sample of 2.5 s, its last sample is repeated.

    Parameters
    ----------
    recording
        Recording of at least 2.5 s, less one sample.
    rate
        The model's sampling rate in Hz.
    every_s
        Distance in s between the starts of segments, at least their length; a larger distance leaves out the time in
        between.
    resampled
        The signal at the model's rate, if it is known.

    Yields
    ------
    Segment
        The segments in order.
    """
    signal = _lengthen(recording.signal, MIN_SECONDS * recording.rate)
    resampled = resample(signal, recording.rate, rate) if resampled is None else resampled
    resampled = _lengthen(resampled, MIN_SECONDS * rate)
    length, samples = SECONDS * rate, resampled.shape[1]
    tail = samples % length if samples > length else 0
    covered = samples - tail if tail < _MIN_TAIL_SECONDS * rate else samples
    starts: Iterable[int] = window_starts(covered, min(length, covered), length)
    if every_s > SECONDS and covered > length:
        starts = range(0, covered - length + 1, round(every_s * rate))
    for start in starts:
        end = min(start + length, samples)
        first, last = (round(at / rate * recording.rate) for at in (start, end))
        supplemental = {lead: wave[first:last] for lead, wave in recording.supplemental.items()}
        yield Segment(recording, start / rate, end / rate, signal[:, first:last], resampled[:, start:end], supplemental)


def _lengthen(signal: Float32Array, samples: float) -> Float32Array:
    missing = math.ceil(samples) - signal.shape[1]
    return signal if missing <= 0 else np.pad(signal, ((0, 0), (0, missing)), mode="edge")
