"""Analyze segments before the model runs: pacing, quality, outlier score, beats, measurements, the model's input."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from typing import NamedTuple

import numpy as np

from einthoven.arrays import Float32Array, Float64Array
from einthoven.signal import outlier
from einthoven.signal.bands import Bands, soften, split
from einthoven.signal.baseline import remove_offset
from einthoven.signal.beat_values import Beats
from einthoven.signal.beats import analyze_beats
from einthoven.signal.electrodes.detect import detect_exchange
from einthoven.signal.electrodes.values import Electrodes
from einthoven.signal.fitness import Doubt, judge, readable_quality
from einthoven.signal.measurements.measure import SignalMeasurements, measure_bands
from einthoven.signal.noisy_beats import NOISY_MV, analyze_noisy_beats, usual_noise_mv
from einthoven.signal.pacing import Pacing, all_spikes, find_spikes, is_captured, remove_spikes
from einthoven.signal.plausibility import scaled_separately
from einthoven.signal.quality.gate import Quality, assess_measures
from einthoven.signal.quality.measures import Measures, measure
from einthoven.signal.segments import Segment

_MAX_LOST_SHARE, _MIN_LEADS = 0.2, 3  # of a lead in which beats are looked for; of these leads
_BATCH_VALUES = 50_000  # of segments that are measured at once: they fit into a processor's cache


class SegmentAnalysis(NamedTuple):
    """What is known about one segment before the model runs; all but its input is of the signal without spikes."""

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
    doubts: tuple[Doubt, ...]
    """What is unusual or wrong about it, though it is not refused."""
    pacing: Pacing
    beats: Beats
    measurements: SignalMeasurements | None
    """None if it is not interpretable."""
    electrodes: Electrodes
    infarct_if_enlarged: float | None = None
    """Probability of an infarct with its small QRS complexes enlarged, once the model has run; see
    interpret/small_qrs.py."""

    @property
    def heart_rate_bpm(self) -> float | None:
        """The ventricular rate; None if it is unclear, or if pacing spikes are not captured."""
        return None if self.pacing.captured is False else self.beats.rate_bpm


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
            spikes = [all_spikes(find_spikes(segment.signal, rate), segment.marked_spikes_s) for segment in batch]
            signals = np.stack([remove_spikes(s.signal, rate, at) for s, at in zip(batch, spikes, strict=True)])
            bands = split(signals, rate)
            measures = measure(signals, rate, bands)
            for k, segment in enumerate(batch):
                unpaced = _Unpaced(segment, signals[k], spikes[k], bands.select(k), measures.select(k))
                yield _analyze(unpaced, leads, force=force)


class _Unpaced(NamedTuple):
    """A segment, and what it is without its pacing spikes."""

    segment: Segment
    signal: Float32Array
    spikes: Float64Array
    bands: Bands
    measures: Measures


def _kept(bands: Bands, quality: Quality) -> Bands:
    """The bands without leads that are lost for a while: beats with and without them would seem to be of two kinds."""
    rows = np.flatnonzero([lead.lost_share <= _MAX_LOST_SHARE for lead in quality.leads])
    return bands.of_leads(rows) if _MIN_LEADS <= len(rows) < len(quality.leads) else bands


def _analyze(unpaced: _Unpaced, leads: Sequence[str], *, force: bool) -> SegmentAnalysis:
    segment, signal, spikes, bands, measures = unpaced
    recording = segment.recording
    quality = assess_measures(measures, bands, recording.leads)
    noise_mv = usual_noise_mv(measures)
    noisy = noise_mv > NOISY_MV
    readable = readable_quality(measures, bands, recording.leads) if noisy else quality
    off = [lead.lead for lead in readable.leads if lead.lost_share == 1]
    distances = outlier.score(bands, recording.leads, off, recording.derived_leads)
    beats = Beats() if noisy else analyze_beats(_kept(bands, readable))
    if not beats.organized:
        beats = analyze_noisy_beats(bands, recording.leads)
    scaled = scaled_separately(bands, recording.leads, {*off, *recording.derived_leads})
    fitness = judge(
        bands,
        beats,
        quality,
        readable,
        distances,
        noise_mv=noise_mv if noisy else None,
        paced=bool(len(spikes)),
        scaled=scaled,
    )
    interpretable = force or not fitness.refusal_reasons
    rows = [recording.leads.index(lead) for lead in leads]
    model_input, offset_mv = remove_offset(segment.resampled[rows], [readable.leads[row] for row in rows])
    electrodes = Electrodes()
    if not scaled and (quality.acceptable or not fitness.refusal_reasons):
        electrodes = detect_exchange(soften(bands) if noisy else bands, recording.leads, off)
    captured = is_captured(spikes, beats.times_s, signal.shape[1] / recording.rate)
    bpm = None if captured is False else beats.rate_bpm
    others = {lead: remove_spikes(wave[None], recording.rate, spikes)[0] for lead, wave in segment.supplemental.items()}
    measured = measure_bands(bands, recording.rate, recording.leads, bpm, others) if interpretable else None
    return SegmentAnalysis(
        segment=segment,
        model_input=model_input,
        offset_mv=offset_mv,
        quality=quality,
        refusal_reasons=fitness.refusal_reasons,
        interpretable=interpretable,
        doubts=fitness.doubts,
        pacing=Pacing(tuple(spikes.tolist()), captured),
        beats=beats,
        measurements=measured,
        electrodes=electrodes,
    )
