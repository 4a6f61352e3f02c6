"""Analyze segments before the model runs: pacing, quality, outlier score, beats, measurements, the model's input."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import compress, groupby, islice
from typing import NamedTuple

import numpy as np

from einthoven.arrays import Float32Array, Float64Array
from einthoven.signal import outlier
from einthoven.signal.bands import Bands, soften, split
from einthoven.signal.baseline import remove_offset
from einthoven.signal.beat_times import rr_features
from einthoven.signal.beat_values import Beats
from einthoven.signal.beats import analyze_beats
from einthoven.signal.electrodes.detect import DetectionInput, detect_exchanges
from einthoven.signal.electrodes.values import Electrodes
from einthoven.signal.fitness import Doubt, Fitness, assess_fitness, readable_quality
from einthoven.signal.measurements.measure import SignalMeasurements, SignalParts, measure_each
from einthoven.signal.noisy_beats import NOISY_MV, analyze_noisy_beats, usual_noise_mv
from einthoven.signal.outlier import Outlier
from einthoven.signal.pacing import Pacing, all_spikes, find_spikes, remove_spikes
from einthoven.signal.pacing_capture import is_captured, without_remains
from einthoven.signal.plausibility import scaled_separately
from einthoven.signal.quality.gate import Quality, assess_measures
from einthoven.signal.quality.measures import Measures, measure
from einthoven.signal.recording_features import RecordingFeatures
from einthoven.signal.rr_intervals import unknown_rr
from einthoven.signal.segments import Segment

_MIN_LEADS = 3  # in which beats are looked for
_BATCH_VALUES = 200_000  # of segments that are analyzed together: 16 of 10 s at 100 Hz


class SegmentAnalysis(NamedTuple):
    """Analysis of one segment before the model runs; all but `model_input` describe the signal without spikes."""

    segment: Segment
    model_input: Float32Array
    """Input of the model, shape (the model's leads, samples), in mV at the model's rate, offsets removed."""
    offset_mv: float
    """The largest offset that was removed from one of the model's leads."""
    quality: Quality
    refusal_reasons: tuple[str, ...]
    """Reasons not to interpret the segment; empty if it can be interpreted."""
    interpretable: bool
    """Whether it is interpreted: there is no reason to refuse it, or the caller forces it."""
    doubts: tuple[Doubt, ...]
    """Anything unusual or wrong about a segment that is not refused."""
    pacing: Pacing
    beats: Beats
    measurements: SignalMeasurements | None
    """Measurements of the segment; None if it is not interpretable."""
    electrodes: Electrodes
    features: RecordingFeatures
    """RR intervals and measurements for the model; unknown if the signal is noisy."""
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
    for (_, shape), alike in groupby(segments, key=lambda segment: (segment.recording.rate, segment.signal.shape)):
        while batch := list(islice(alike, max(1, _BATCH_VALUES // (shape[0] * shape[1])))):
            yield from _analyze(batch, leads, force=force)


class _Unpaced(NamedTuple):
    """A segment, and its signal and measures without pacing spikes."""

    segment: Segment
    signal: Float32Array
    spikes: Float64Array
    bands: Bands
    measures: Measures

    @property
    def leads(self) -> Sequence[str]:
        return self.segment.recording.leads


class _Assessed(NamedTuple):
    """Result of the quality gate for one segment."""

    quality: Quality
    readable: Quality
    """Quality of the leads that can be read: `quality`, or without frequencies above 20 Hz if the signal is noisy."""
    off: list[str]
    noise_mv: float | None
    """Usual noise of the leads if most are noisy."""


def _analyze(batch: Sequence[Segment], leads: Sequence[str], *, force: bool) -> Iterator[SegmentAnalysis]:
    """Analyze segments of one shape: a step for all of them, then the next, so that its code stays in the cache."""
    signals = _unpaced(batch)
    assessed = [_assess(unpaced) for unpaced in signals]
    beats = [_find_beats(*known) for known in zip(signals, assessed, strict=True)]
    scaled = [
        scaled_separately(unpaced.bands, unpaced.leads, {*quality.off, *unpaced.segment.recording.derived_leads})
        for unpaced, quality in zip(signals, assessed, strict=True)
    ]
    scores = [_score(*known) for known in zip(signals, assessed, strict=True)]
    fitness = [_fitness(*known) for known in zip(signals, assessed, beats, scores, scaled, strict=True)]
    electrodes = _detect_exchanges(signals, assessed, scaled, fitness)
    pacing = [_pacing(*known) for known in zip(signals, beats, strict=True)]
    measured = _measure(signals, beats, pacing, [force or not judged.refusal_reasons for judged in fitness])
    for k, segment in enumerate(batch):
        readable = {lead.lead: lead for lead in assessed[k].readable.leads}
        rows = [segment.recording.leads.index(lead) for lead in leads]
        model_input, offset_mv = remove_offset(segment.resampled[rows], [readable[lead] for lead in leads])
        yield SegmentAnalysis(
            segment=segment,
            model_input=model_input,
            offset_mv=offset_mv,
            quality=assessed[k].quality,
            refusal_reasons=fitness[k].refusal_reasons,
            interpretable=force or not fitness[k].refusal_reasons,
            doubts=fitness[k].doubts,
            pacing=pacing[k],
            beats=beats[k],
            measurements=measured[k],
            electrodes=electrodes[k],
            features=_features(signals[k].bands, assessed[k], measured[k]),
        )


def _unpaced(batch: Sequence[Segment]) -> list[_Unpaced]:
    rate = batch[0].recording.rate
    spikes = [all_spikes(find_spikes(segment.signal, rate), segment.marked_spikes_s) for segment in batch]
    signals = np.stack([remove_spikes(s.signal, rate, at) for s, at in zip(batch, spikes, strict=True)])
    bands = split(signals, rate)
    measures = measure(signals, rate, bands)
    return [
        _Unpaced(segment, signals[k], spikes[k], bands.select(k), measures.select(k)) for k, segment in enumerate(batch)
    ]


def _assess(unpaced: _Unpaced) -> _Assessed:
    _, _, _, bands, measures = unpaced
    quality = assess_measures(measures, bands, unpaced.leads)
    noise_mv = usual_noise_mv(measures)
    noisy = noise_mv > NOISY_MV
    readable = readable_quality(measures, bands, unpaced.leads) if noisy else quality
    off = [lead.lead for lead in readable.leads if lead.lost_share == 1]
    return _Assessed(quality, readable, off, noise_mv if noisy else None)


def _find_beats(unpaced: _Unpaced, assessed: _Assessed) -> Beats:
    bands = unpaced.bands
    beats = analyze_beats(_kept(bands, assessed.readable)) if assessed.noise_mv is None else Beats()
    return beats if beats.organized else analyze_noisy_beats(bands, unpaced.leads)


def _features(bands: Bands, assessed: _Assessed, measured: SignalMeasurements | None) -> RecordingFeatures:
    if assessed.noise_mv is not None:
        return RecordingFeatures(unknown_rr(), None)
    return RecordingFeatures(rr_features(bands.common_slope), measured.features if measured else None)


def _kept(bands: Bands, quality: Quality) -> Bands:
    """The bands without leads that are lost for a while: beats with and without them would seem to be of two kinds."""
    rows = np.flatnonzero([not lead.lost_share for lead in quality.leads])
    return bands.of_leads(rows) if _MIN_LEADS <= len(rows) < len(quality.leads) else bands


def _score(unpaced: _Unpaced, assessed: _Assessed) -> Outlier:
    return outlier.score(unpaced.bands, unpaced.leads, assessed.off, unpaced.segment.recording.derived_leads)


def _fitness(unpaced: _Unpaced, assessed: _Assessed, beats: Beats, score: Outlier, scaled: bool) -> Fitness:
    quality, readable, _, noise_mv = assessed
    paced = bool(len(unpaced.spikes))
    return assess_fitness(unpaced.bands, beats, quality, readable, score, noise_mv=noise_mv, paced=paced, scaled=scaled)


def _detect_exchanges(
    signals: Sequence[_Unpaced], assessed: Sequence[_Assessed], scaled: Sequence[bool], fitness: Sequence[Fitness]
) -> list[Electrodes]:
    """Exchanged electrodes; nothing is known of signals that are not fit for that."""
    inputs = {
        k: DetectionInput(
            soften(unpaced.bands) if assessed[k].noise_mv is not None else unpaced.bands, unpaced.leads, assessed[k].off
        )
        for k, unpaced in enumerate(signals)
        if not scaled[k] and (assessed[k].quality.acceptable or not fitness[k].refusal_reasons)
    }
    known = dict(zip(inputs, detect_exchanges(list(inputs.values())), strict=True))
    return [known.get(k, Electrodes()) for k in range(len(signals))]


def _pacing(unpaced: _Unpaced, beats: Beats) -> Pacing:
    seconds = unpaced.signal.shape[1] / unpaced.segment.recording.rate
    answers = without_remains(np.asarray(beats.times_s), unpaced.spikes, unpaced.bands.ecg)
    return Pacing(tuple(unpaced.spikes.tolist()), is_captured(unpaced.spikes, answers, seconds))


def _measure(
    signals: Sequence[_Unpaced], beats: Sequence[Beats], pacing: Sequence[Pacing], interpretable: Sequence[bool]
) -> list[SignalMeasurements | None]:
    parts = [_parts(*known) for known in zip(signals, beats, pacing, strict=True)]
    measured = iter(measure_each(list(compress(parts, interpretable))))
    return [next(measured) if wanted else None for wanted in interpretable]


def _parts(unpaced: _Unpaced, beats: Beats, pacing: Pacing) -> SignalParts:
    segment, rate = unpaced.segment, unpaced.segment.recording.rate
    bpm = None if pacing.captured is False else beats.rate_bpm
    others = {lead: remove_spikes(wave[None], rate, unpaced.spikes)[0] for lead, wave in segment.supplemental.items()}
    return SignalParts(unpaced.bands, rate, unpaced.leads, bpm, others)
