"""Beats of fast rhythms in which the leads never rest, as in a tachycardia of wide complexes."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from einthoven.arrays import Float32Array, IndexArray
from einthoven.signal.bands import RATE, Bands
from einthoven.signal.steep_places import EDGE, MIN_QRS_SLOPE_MV, REFRACTORY, STRICT, find_beats, steepest_mv

# A fast regular rhythm has at least so many RR intervals, of so small a standard deviation, all short; the slope falls
# so low between the beats, and they correlate so much with their mean. Noise and ventricular fibrillation do not.
_MIN_BEATS, _RR_SPREAD, _MAX_RR = 5, 0.15, 60 * RATE // 100
_MAX_LOW, _MIN_FIT = 0.4, 0.8
# Correlation of a signal with itself one period later, and of each beat with one of them: simulated ventricular
# fibrillation reaches 0.55. Share of the beats to be expected that must be found.
_MIN_PERIODIC, _PERIOD_REACH, _MIN_PERIODIC_SHARE = 0.8, 4, 0.7
_FIRST_PERIOD = 0.92  # correlation of the shortest period, relative to the best


def is_fast_rhythm(bands: Bands) -> bool:
    """Report whether one wave comes fast and regularly.

    Parameters
    ----------
    bands
        Frequency bands of one signal.

    Returns
    -------
    bool
        True for at least five similar, short RR intervals between similar waves, with low slopes between them.
    """
    slope = bands.common_slope
    at = find_beats(slope, STRICT)
    at = at[(at >= EDGE) & (at < len(slope) - EDGE)]
    rr = np.diff(at)
    if len(rr) < _MIN_BEATS or rr.std() > _RR_SPREAD * np.median(rr) or np.median(rr) > _MAX_RR:
        return False
    lows = np.minimum.reduceat(slope[: at[-1]], at[:-1])
    if np.median(lows) > _MAX_LOW:
        return False
    waves = bands.ecg[:, at[:, None] + np.arange(-EDGE, EDGE)].transpose(1, 0, 2).reshape(len(at), -1)
    form = waves.mean(axis=0)
    fit = waves @ form / np.maximum(np.linalg.norm(waves, axis=1) * np.linalg.norm(form), np.float32(1e-6))
    return bool(np.median(fit) >= _MIN_FIT)


def periodic_beats(bands: Bands) -> IndexArray:
    """Find the beats of a signal that repeats itself.

    Parameters
    ----------
    bands
        Frequency bands of one signal.

    Returns
    -------
    IndexArray
        Positions in samples at 100 Hz, ascending; empty if the signal does not repeat itself, or faster than beats do.
    """
    signal, nothing = bands.ecg[bands.live], np.zeros(0, np.intp)
    period = _period(signal) if len(signal) else None
    if period is None or period < REFRACTORY:  # ventricular flutter, fibrillation or tremor
        return nothing
    samples = signal.shape[1]
    middle = int(bands.common_slope[samples // 2 : samples // 2 + period].argmax()) + samples // 2
    places = _repetitions(signal, middle, period)
    enough = len(places) >= max(_MIN_BEATS, _MIN_PERIODIC_SHARE * samples / period)
    steep = enough and np.median(steepest_mv(bands, places)) >= MIN_QRS_SLOPE_MV
    return places if steep else nothing


def _period(signal: Float32Array) -> int | None:
    """Samples after which a signal of shape (leads, samples) repeats itself; None if it does not."""
    lags = np.arange(REFRACTORY // 2, min(_MAX_RR, signal.shape[1] // 3))
    alike = np.array([_likeness(signal[:, lag:], signal[:, :-lag]) for lag in lags])
    if alike.max() < _MIN_PERIODIC:
        return None
    # the shortest, because twice the period fits, too
    first = int((alike >= max(_MIN_PERIODIC, _FIRST_PERIOD * float(alike.max()))).argmax())
    return int(lags[first + alike[first : first + _PERIOD_REACH].argmax()])


def _repetitions(signal: Float32Array, middle: int, period: int) -> IndexArray:
    """Positions of the repetitions of the part around `middle`, one in about every period."""
    samples = signal.shape[1]
    form = signal[:, middle - period // 2 : middle + period // 2 + 1]
    around = sliding_window_view(signal, form.shape[1], axis=1)
    product = np.einsum("lst,lt->s", around, form)
    fit = product / np.maximum(np.linalg.norm(form) * np.sqrt(np.einsum("lst,lst->s", around, around)), 1e-6)
    places = [middle]
    for step in (-period, period):
        at = middle + step
        while period // 2 + _PERIOD_REACH <= at < samples - period // 2 - _PERIOD_REACH:
            near = fit[at - period // 2 - _PERIOD_REACH : at - period // 2 + _PERIOD_REACH + 1]
            at += int(near.argmax()) - _PERIOD_REACH
            if near.max() >= _MIN_PERIODIC:
                places.append(at)
            at += step
    return np.array(sorted(places), np.intp)


def _likeness(one: Float32Array, other: Float32Array) -> float:
    scale = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(np.einsum("ls,ls->", one, other)) / max(scale, 1e-6)
