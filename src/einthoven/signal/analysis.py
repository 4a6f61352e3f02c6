"""What can be said of a recording before the model is asked: quality, whether it is an ECG, heart rate, intervals."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from typing import NamedTuple

import numpy as np

from einthoven.arrays import Float32Array
from einthoven.signal.bands import Bands, split
from einthoven.signal.baseline import remove_offset
from einthoven.signal.heart_rate import heart_rate_bpm
from einthoven.signal.intervals import Intervals, measure_intervals
from einthoven.signal.outlier import score
from einthoven.signal.quality import Quality
from einthoven.signal.quality.gate import assess_measures
from einthoven.signal.quality.measures import Measures, measure
from einthoven.signal.segments import Segment

_VALUES = 50_000  # of segments that are measured together: what stays in a processor's cache


class SegmentAnalysis(NamedTuple):
    """What is known of one segment before the model has seen it."""

    segment: Segment
    signal: Float32Array
    """What the model sees, (the model's leads, samples) in mV at its rate."""
    offset_mv: float
    """The largest offset that was removed from one of its leads."""
    quality: Quality
    unfit: tuple[str, ...]
    """Why it should not be interpreted; empty where it may be."""
    interpretable: bool
    """Whether it is interpreted: it is fit, or the caller forces it."""
    doubts: tuple[str, ...]
    heart_rate_bpm: float | None
    intervals: Intervals | None


def analyze_segments(
    pieces: Iterable[Segment], leads: Sequence[str], *, force: bool, intervals: bool
) -> Iterator[SegmentAnalysis]:
    """The analysis of each of `pieces`, for a model of `leads`; options as of the Interpreter.

    Those of one shape are measured a few together, which takes less time and gives the same to the last bit.
    """
    for (rate, shape), same in groupby(pieces, key=lambda piece: (piece.recording.rate, piece.recorded.shape)):
        while some := list(islice(same, max(1, _VALUES // (shape[0] * shape[1])))):
            signals = np.stack([piece.recorded for piece in some])
            bands = split(signals, rate)
            measures = measure(signals, rate, bands)
            for k, piece in enumerate(some):
                yield _analyze(piece, bands.of(k), measures.of(k), leads, force=force, intervals=intervals)


def _analyze(
    segment: Segment, bands: Bands, measures: Measures, leads: Sequence[str], *, force: bool, intervals: bool
) -> SegmentAnalysis:
    recording, signal = segment.recording, segment.recorded
    quality = assess_measures(measures, bands, recording.leads)
    off = [lead.lead for lead in quality.leads if lead.lost == 1]
    outlier = score(bands, recording.leads, off, recording.derived_leads)
    unfit = quality.reasons or outlier.reasons
    interpretable = force or not unfit
    rows = [recording.leads.index(lead) for lead in leads]
    seen, offset_mv = remove_offset(segment.resampled[rows], [quality.leads[row] for row in rows])
    measured = None
    if interpretable and intervals:
        measured = measure_intervals(signal, recording.rate, recording.leads, bands)
    return SegmentAnalysis(
        segment=segment,
        signal=seen,
        offset_mv=offset_mv,
        quality=quality,
        unfit=unfit,
        interpretable=interpretable,
        doubts=outlier.doubts,
        heart_rate_bpm=heart_rate_bpm(signal, recording.rate, bands),
        intervals=measured,
    )
