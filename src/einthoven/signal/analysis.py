"""Analyze segments before the model runs: quality, outlier score, measurements, and the model's input."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from typing import NamedTuple

import numpy as np

from einthoven.arrays import Float32Array
from einthoven.signal import outlier
from einthoven.signal.bands import Bands, split
from einthoven.signal.baseline import remove_offset
from einthoven.signal.electrodes.detect import detect_exchange
from einthoven.signal.electrodes.values import Electrodes
from einthoven.signal.heart_rate import heart_rate_bpm
from einthoven.signal.measurements.measure import SignalMeasurements, measure_signal
from einthoven.signal.quality.gate import Quality, assess_measures
from einthoven.signal.quality.measures import Measures, measure
from einthoven.signal.segments import Segment

_BATCH_VALUES = 50_000  # of segments that are measured at once: they fit into a processor's cache


class SegmentAnalysis(NamedTuple):
    """What is known about one segment before the model runs."""

    segment: Segment
    model_input: Float32Array
    """Shape (the model's leads, samples), in mV at the model's rate, offsets removed."""
    offset_mv: float
    """The largest offset that was removed from one of the model's leads."""
    quality: Quality
    refusal_reasons: tuple[str, ...]
    """Why it should not be interpreted; empty if it may be."""
    interpretable: bool
    """Whether it is interpreted: there is no reason to refuse it, or the caller forces it."""
    doubts: tuple[str, ...]
    """What is unusual about it, though it is not refused."""
    heart_rate_bpm: float | None
    measurements: SignalMeasurements | None
    """None if it is not interpretable."""
    electrodes: Electrodes


def analyze_segments(segments: Iterable[Segment], leads: Sequence[str], *, force: bool) -> Iterator[SegmentAnalysis]:
    """Analyze segments for a model.

    Segments of one shape are measured a few at once, which takes less time and gives the same to the last bit.

    Parameters
    ----------
    segments
        Segments of recordings that have all of `leads`.
    leads
        The model's leads.
    force
        Whether segments that should be refused are interpretable too.

    Yields
    ------
    SegmentAnalysis
        The analysis of each segment, in order.
    """
    for (rate, shape), alike in groupby(segments, key=lambda segment: (segment.recording.rate, segment.signal.shape)):
        while batch := list(islice(alike, max(1, _BATCH_VALUES // (shape[0] * shape[1])))):
            signals = np.stack([segment.signal for segment in batch])
            bands = split(signals, rate)
            measures = measure(signals, rate, bands)
            for k, segment in enumerate(batch):
                yield _analyze(segment, bands.select(k), measures.select(k), leads, force=force)


def _analyze(
    segment: Segment, bands: Bands, measures: Measures, leads: Sequence[str], *, force: bool
) -> SegmentAnalysis:
    recording, signal = segment.recording, segment.signal
    quality = assess_measures(measures, bands, recording.leads)
    off = [lead.lead for lead in quality.leads if lead.lost_share == 1]
    distances = outlier.score(bands, recording.leads, off, recording.derived_leads)
    refusal_reasons = quality.reasons or distances.reasons
    interpretable = force or not refusal_reasons
    rows = [recording.leads.index(lead) for lead in leads]
    model_input, offset_mv = remove_offset(segment.resampled[rows], [quality.leads[row] for row in rows])
    measured = measure_signal(signal, recording.rate, recording.leads, bands) if interpretable else None
    return SegmentAnalysis(
        segment=segment,
        model_input=model_input,
        offset_mv=offset_mv,
        quality=quality,
        refusal_reasons=refusal_reasons,
        interpretable=interpretable,
        doubts=distances.doubts,
        heart_rate_bpm=measured.heart_rate_bpm if measured else heart_rate_bpm(signal, recording.rate, bands),
        measurements=measured,
        electrodes=detect_exchange(bands, recording.leads, off) if quality.acceptable else Electrodes(),
    )
