"""What can be said of a recording before the model is asked: quality, whether it is an ECG, heart rate, intervals."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from einthoven.bands import split
from einthoven.heart_rate import heart_rate_bpm
from einthoven.interpret.outlier import judge
from einthoven.interpret.segments import Segment, segments
from einthoven.intervals import Intervals, measure_intervals
from einthoven.quality import Quality, assess
from einthoven.recording import Recording


class Look(NamedTuple):
    """What a look at one segment says."""

    segment: Segment
    signal: NDArray[np.float32]
    """What the model is to see, (the model's leads, samples) in mV at its rate."""
    quality: Quality
    unfit: tuple[str, ...]
    """Why it should not be interpreted; empty where it may be."""
    wanted: bool
    """Whether it is to be interpreted: it is fit, or that was asked all the same."""
    doubts: tuple[str, ...]
    heart_rate_bpm: float | None
    intervals: Intervals | None


def looks(recording: Recording, leads: Sequence[str], rate: int, *, force: bool, intervals: bool) -> Iterator[Look]:
    """A look at each segment of `recording`, for a model of `leads` at `rate` Hz; options as of the Interpreter."""
    rows = [recording.leads.index(lead) for lead in leads]
    for segment in segments(recording, rate):
        bands = split(segment.recorded, recording.rate)
        quality = assess(segment.recorded, recording.rate, recording.leads, bands)
        off = [lead.lead for lead in quality.leads if lead.lost == 1]
        outlier = judge(bands, recording.leads, off, recording.derived_leads)
        unfit = quality.reasons or outlier.reasons
        wanted = force or not unfit
        measured = None
        if wanted and intervals:
            measured = measure_intervals(segment.recorded, recording.rate, recording.leads, bands)
        beats = heart_rate_bpm(segment.recorded, recording.rate, bands)
        signal = segment.resampled[rows]
        yield Look(segment, signal, quality, unfit, wanted, outlier.doubts, beats, measured)
