"""The plain gate of a port: measure a signal with the Interpreter's functions, and compare with stricter limits.

The gate accepts only signals that are plainly fit. It leaves noisy, unusual or incomplete ones, which the Interpreter
may interpret with doubts, to the Interpreter.
"""

from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from einthoven.arrays import Float32Array, Float64Array, IndexArray
from einthoven.model.port.limits import Limits
from einthoven.recording import LEADS, MIN_SECONDS
from einthoven.signal import outlier
from einthoven.signal.bands import RATE, Bands, split
from einthoven.signal.electrodes.network import BEFORE, INDEPENDENT, median_beat
from einthoven.signal.medians import median
from einthoven.signal.noisy_beats import usual_noise_mv
from einthoven.signal.pacing import sharp_peaks
from einthoven.signal.plausibility import limb_scales
from einthoven.signal.quality.measures import Measures, measure
from einthoven.signal.segments import SECONDS
from einthoven.signal.steep_places import STRICT, find_beats, steepest_mv

_ROWS = [LEADS.index(lead) for lead in INDEPENDENT]
_HALF, _MOVES = RATE // 10, RATE * 4 // 100  # samples on either side of a beat that are compared, and by which it moves
_ROUNDED = 0.5  # samples: rates need not be whole numbers


class Beats(NamedTuple):
    """The beats of a signal, in samples at 100 Hz."""

    lax: Float64Array
    """All positions that may be beats."""
    strict: Float64Array
    """Positions that are as steep as usual beats."""
    steep_mv: float
    """Median steepness of the strict beats, in mV per sample."""
    alike: Float64Array
    """Correlation of each strict beat that is whole with the median of these beats."""
    rate_bpm: float
    """Mean rate of the lax beats; 0 with fewer than two."""
    strict_bpm: float
    """Mean rate of the strict beats, which T waves raise less often; 0 with fewer than two."""


class Stages(NamedTuple):
    """Measurements of the gate, in order; None from the first stage that cannot be measured."""

    spikes: int | None = None
    bands: Bands | None = None
    measures: Measures | None = None
    noise_mv: float | None = None
    distances: outlier.Outlier | None = None
    scales: tuple[float, float, float] | None = None
    beats: Beats | None = None
    median_beat: Float32Array | None = None
    """Median beat in the leads INDEPENDENT, for the placement network; None also with fewer than two whole beats."""


def assess(signal: Float32Array, rate: float, limits: Limits) -> tuple[tuple[str, ...], Stages]:
    """Judge whether a signal is plainly fit.

    Parameters
    ----------
    signal
        Signal of shape (12, samples) in mV, leads in standard order.
    rate
        Sampling rate in Hz.
    limits
        Limits of a bundle's gate.

    Returns
    -------
    reasons : tuple of str
        Codes of CODES, in order; empty for a fit signal.
    stages : Stages
        Measurements that were made: none after "input", and no distances and no beats after "lost".
    """
    if not _is_input(signal, rate):
        return ("input",), Stages()
    bands = split(signal, rate)
    measures = measure(signal, rate, bands)
    stages = Stages(
        spikes=sharp_peaks(signal, rate, limits.spike_sharpness, limits.spike_mv),
        bands=bands,
        measures=measures,
        noise_mv=usual_noise_mv(measures),
    )
    reasons = _quality_reasons(stages, bands, measures, limits)
    if "lost" in reasons:
        return reasons, stages
    distances = outlier.score(bands, LEADS)
    scales = limb_scales(bands, LEADS)
    beats = _find_beats(bands)
    beat = median_beat(bands.ecg[_ROWS], beats.lax.astype(np.intp))
    stages = stages._replace(distances=distances, scales=scales, beats=beats, median_beat=beat)
    reasons += _outlier_reasons(distances, scales, limits) + _beat_reasons(beats, beat, limits)
    return reasons, stages


def qrs_size_mv(median_beat: Float32Array) -> float:
    """Compute the size of the QRS complexes.

    Parameters
    ----------
    median_beat
        Median beat, as in `Stages.median_beat`.

    Returns
    -------
    float
        Geometric mean, in mV, of the largest range of a limb lead and of a chest lead, 0.1 s around the steepest part.
    """
    i, ii, *chest = median_beat[:, BEFORE - _HALF : BEFORE + _HALF + 1].astype(np.float64)
    limb = (i, ii, ii - i, (i + ii) / 2, i - ii / 2, ii - i / 2)
    largest = [max(float(np.ptp(lead)) for lead in leads) for leads in (limb, chest)]
    return float(np.sqrt(largest[0] * largest[1]))


def _is_input(signal: Float32Array, rate: float) -> bool:
    if signal.ndim != 2 or len(signal) != len(LEADS) or not rate >= RATE:
        return False
    fits = MIN_SECONDS * rate <= signal.shape[1] <= SECONDS * rate + _ROUNDED
    return fits and bool(np.isfinite(signal).all())


def _codes(**failed: bool) -> tuple[str, ...]:
    return tuple(code.replace("_", "-") for code, fails in failed.items() if fails)


def _quality_reasons(stages: Stages, bands: Bands, measures: Measures, limits: Limits) -> tuple[str, ...]:
    assert stages.spikes is not None
    assert stages.noise_mv is not None
    rests = bands.resting_slope <= limits.resting_slope
    apart = ~(measures.agreement >= (limits.agreement if rests else -1))  # else there are no beats to agree with
    allowed = apart.sum() == 1 and apart[:3].any()
    rms = np.sqrt(np.square(bands.ecg).mean(axis=1))
    lost = (
        measures.recorded_range.min() < limits.flat_mv
        or measures.ecg_range.max() > limits.leap_mv
        or (apart.any() and not allowed)
        or rms.min() <= outlier.FLAT_MV
    )
    return _codes(
        spikes=stages.spikes > limits.spikes,
        lost=bool(lost),
        noise=not stages.noise_mv <= limits.noise_mv,
        no_rest=not rests,
    )


def _outlier_reasons(distances: outlier.Outlier, scales: tuple[float, float, float], limits: Limits) -> tuple[str, ...]:
    rest, second, difference = scales
    scales_known = rest <= limits.law_rest and second >= limits.law_plane
    return _codes(
        leads=not distances.leads <= limits.leads,
        spectrum=not distances.spectrum <= limits.spectrum,
        limb_leads=not distances.contradiction <= limits.contradiction,
        scaled_separately=scales_known and difference > limits.law_scale,
        scale=not (
            limits.factor_low <= distances.factor <= limits.factor_high
            and limits.size_low <= distances.size <= limits.size_high
        ),
    )


def _beat_reasons(beats: Beats, beat: Float32Array | None, limits: Limits) -> tuple[str, ...]:
    enough = len(beats.alike) >= limits.beats and beat is not None
    alike = enough and (beats.alike >= limits.alike).mean() >= limits.alike_share
    return _codes(
        beats=not (alike and beats.steep_mv >= limits.steep_mv),
        fast=not beats.rate_bpm <= limits.rate_bpm,
    )


def _find_beats(bands: Bands) -> Beats:
    lax, strict = find_beats(bands.common_slope), find_beats(bands.common_slope, STRICT)
    whole = strict[(strict >= _HALF + _MOVES) & (strict < bands.ecg.shape[1] - _HALF - _MOVES)]
    return Beats(
        lax=lax.astype(np.float64),
        strict=strict.astype(np.float64),
        steep_mv=float(median(steepest_mv(bands, strict))) if len(strict) else 0.0,
        alike=_likeness(bands.ecg[_ROWS], whole) if len(whole) else np.zeros(0),
        rate_bpm=_mean_bpm(lax),
        strict_bpm=_mean_bpm(strict),
    )


def _mean_bpm(beats: IndexArray) -> float:
    return 60 * RATE * (len(beats) - 1) / float(beats[-1] - beats[0]) if len(beats) > 1 else 0.0


def _likeness(ecg: Float32Array, beats: IndexArray) -> Float64Array:
    """The correlation of each beat with the median of all, moved so that it is highest."""
    places = beats[:, None] + np.arange(-_HALF - _MOVES, _HALF + _MOVES + 1)
    around = ecg[:, places].transpose(1, 0, 2).astype(np.float64)  # (beats, leads, samples)
    moved = (
        sliding_window_view(around, 2 * _HALF + 1, axis=2).transpose(2, 0, 1, 3).reshape(2 * _MOVES + 1, len(beats), -1)
    )
    waves = moved - moved.mean(axis=2, keepdims=True)
    form = np.median(waves[_MOVES], axis=0)
    size = np.linalg.norm(waves, axis=2) * np.linalg.norm(form)
    likeness: Float64Array = (waves @ form / np.maximum(size, 1e-6)).max(axis=0)
    return likeness
