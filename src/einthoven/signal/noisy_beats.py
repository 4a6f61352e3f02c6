"""Find beats in muscle noise by their recurring shape.

Most muscle noise is above 20 Hz. Without it, the beats that stand out give a shape, the mean of the commonest kind in
all leads, and each position at which the signal's slope correlates with this shape is a beat (matched filter: Turin,
IRE Trans Inf Theory 1960, 6:311). A place that is as steep as a beat but has another shape may be a beat too; the rate
is unclear if it depends on such places.
"""

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from einthoven.arrays import Float32Array, IndexArray
from einthoven.recording import LEADS
from einthoven.signal.bands import RATE, Bands, soften
from einthoven.signal.beat_values import Beats
from einthoven.signal.beats import analyze_beats, find_pauses, is_regular
from einthoven.signal.heart_rate import QrsComplexes, rate_of
from einthoven.signal.medians import median
from einthoven.signal.quality.measures import Measures
from einthoven.signal.small_arrays import mean
from einthoven.signal.steep_places import find_beats

NOISY_MV = 0.035
"""Usual noise of the leads above which beats are searched for with this method.

Muscle noise of 0.05 mV at each electrode has 0.043; sharp waves of fast rhythms without noise rarely have as much."""
_HALF = RATE // 10  # samples on either side of a beat that are compared
_MIN_APART = RATE // 4
_MIN_FIT = 0.6  # correlation of the slope at a place with that of the beats, in all leads
_MIN_SIZE = 0.5  # relative to the size of that form: a T wave is less steep
_STEEP = 0.7  # share of the slope of the beats that fit
_MIN_BEATS = 3
_ROUNDS = 2  # iterations of the form and of the beats that fit it


def usual_noise_mv(measures: Measures) -> float:
    """Return the usual noise of the leads.

    Parameters
    ----------
    measures
        Quality measures of one signal.

    Returns
    -------
    float
        Median over the leads of their mean standard deviation in mV, 20 to 42 Hz, QRS complexes left out.
    """
    return float(median(mean(measures.noise)))


def analyze_noisy_beats(bands: Bands, leads: Sequence[str]) -> Beats:
    """Analyze the beats of a noisy signal.

    Parameters
    ----------
    bands
        Frequency bands of one signal, pacing spikes removed.
    leads
        Standard names of the leads, in the order of the signal's rows.

    Returns
    -------
    Beats
        The beats. Those of another form than the dominant one are "ventricular" or "unclassified"; P waves are not
        searched for. Not organized and without beats if no shape recurs.
    """
    soft = soften(bands)
    beats = analyze_beats(soft)
    seeds = _samples(beats, "dominant")
    if not beats.organized or not len(seeds):
        return Beats()
    rows = [row for row, lead in enumerate(leads) if lead not in LEADS[2:6]]  # the others follow from I and II
    at = _matching(soft.ecg[rows or slice(None)], seeds)
    if len(at) < _MIN_BEATS:
        return Beats()
    steep = find_beats(soft.common_slope, _STEEP * float(np.median(soft.common_slope[at])))
    other = steep[np.abs(steep[:, None] - at).min(axis=1) >= _MIN_APART]
    qrs = QrsComplexes(at, other)
    ventricular = _samples(beats, "ventricular")
    kinds = np.full(len(qrs.all), "unclassified", "<U16")
    kinds[np.isin(qrs.all, at)] = "dominant"
    kinds[np.isin(qrs.all, other) & (np.abs(qrs.all[:, None] - ventricular).min(axis=1, initial=RATE) <= _HALF)] = (
        "ventricular"
    )
    doubtful = np.sort(np.concatenate([at, find_beats(soft.common_slope)]))  # also positions that may hide a beat
    return Beats(
        times_s=qrs.all / RATE,
        kinds=tuple(kinds.tolist()),
        rate_bpm=rate_of(qrs),
        regular=is_regular(qrs.all, kinds),
        pauses=find_pauses(doubtful, soft.ecg.shape[1]),
        steep_s=_steep_s(bands, beats),
        organized=True,
        unorganized=beats.unorganized,
        edges_s=(float(doubtful[0]) / RATE, float(doubtful[-1]) / RATE),
    )


def _steep_s(bands: Bands, soft: Beats) -> float | None:
    """Return the duration of the steep part without the softening that widens it, if beats are found without it too."""
    hard = analyze_beats(bands)
    if not hard.organized or hard.steep_s is None or soft.steep_s is None:
        return soft.steep_s
    return min(hard.steep_s, soft.steep_s)


def _samples(beats: Beats, kind: str) -> IndexArray:
    of_kind = np.array([of_beat == kind for of_beat in beats.kinds], bool)
    return np.asarray(np.rint(beats.times_s[of_kind] * RATE), np.intp)


def _matching(ecg: Float32Array, seeds: IndexArray) -> IndexArray:
    """Return positions at which the slope of the signal (leads, samples) matches the beats at `seeds`."""
    change = np.diff(ecg, axis=1, prepend=ecg[:, :1])
    around = sliding_window_view(change, 2 * _HALF + 1, axis=1)
    size = np.maximum(np.sqrt(np.einsum("lsw,lsw->s", around, around)), np.float32(1e-6))
    at = seeds[(seeds >= _HALF) & (seeds < ecg.shape[1] - _HALF)] - _HALF
    for _ in range(_ROUNDS):
        if not len(at):
            break
        form = np.median(around[:, at], axis=1)
        length = max(float(np.linalg.norm(form)), 1e-6)
        product = np.einsum("lsw,lw->s", around, form)
        at = find_beats(np.where(product >= _MIN_SIZE * length**2, product / (length * size), 0), _MIN_FIT)
    return np.asarray(at + _HALF, np.intp)
