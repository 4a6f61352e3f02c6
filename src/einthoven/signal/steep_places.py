"""Find places at which the leads are steep simultaneously, as in a heartbeat.

A beat is such a place: each lead's slope, smoothed over a QRS complex as in Pan and Tompkins (IEEE Trans Biomed Eng
1985, 32:230), relative to that lead's usual beat, and its median over the leads.
"""

import numpy as np

from einthoven.arrays import Float32Array, IndexArray
from einthoven.signal.bands import RATE, Bands
from einthoven.signal.small_arrays import mean, neighbours, where_true

REFRACTORY = RATE // 4
"""Samples between two beats at least: at most 240 bpm."""
STRICT = 0.5
"""Share of a usual beat's slope above which a position is not noise."""
_LAX = 0.3  # likewise, above which it may be a beat
_STEEP_REACH = 8  # samples on either side of a place in which it is steepest
BEAT_PARAMETERS = {"refractory_samples": REFRACTORY, "lax": _LAX, "strict": STRICT, "steep_samples": _STEEP_REACH}
"""Parameters of `find_beats` and `steepest_mv`, for ports to other languages."""
EDGE = RATE // 10
"""Samples at the ends of a signal, which is mirrored there: only high beats count."""
MIN_QRS_SLOPE_MV = 0.08
"""Least steepness of QRS complexes: of the steepest centisecond, mean over the leads.

QRS complexes of PTB-XL have 0.13 and more (3,000 records of folds 1-9), simulated P waves without QRS complexes 0.055
at most.
"""
# Resting slope. PTB-XL's folds 1-9 have 0.45 at most (fast and broad complexes), noise alone has 0.6, ventricular
# fibrillation 0.8.
_MAX_RESTING_SLOPE = 0.5


def find_beats(slope: Float32Array, threshold: float = _LAX) -> IndexArray:
    """Find the beats in the common slope of a signal.

    Parameters
    ----------
    slope
        `Bands.common_slope`, shape (samples,).
    threshold
        Smallest slope of a beat, where 1 is a usual beat's.

    Returns
    -------
    IndexArray
        Positions in samples at 100 Hz, ascending, with at least 0.25 s between them.
    """
    rises = np.empty(len(slope) + 1, bool)  # to each sample; before the first and after the last, the slope is 0
    rises[0], rises[-1] = slope[0] > 0, False
    np.greater(slope[1:], slope[:-1], out=rises[1:-1])
    peaks = where_true(rises[:-1] & ~rises[1:] & (slope > threshold))
    beats: list[int] = []
    for peak in peaks.tolist():
        if not beats or peak - beats[-1] >= REFRACTORY:
            beats.append(peak)
        elif slope[peak] > slope[beats[-1]]:
            beats[-1] = peak
    return np.array(beats, np.intp)


def steepest_mv(bands: Bands, at: IndexArray) -> Float32Array:
    """Compute the steepness of a signal at some places.

    Parameters
    ----------
    bands
        Frequency bands of one signal.
    at
        Positions in samples at 100 Hz.

    Returns
    -------
    Float32Array
        Change in mV within a sample at the steepest point of each position, mean over the leads, shape (places,).
    """
    waves = bands.ecg[bands.live][:, neighbours(at, _STEEP_REACH, bands.ecg.shape[1])]
    changes = mean(np.abs(waves[:, :, 1:] - waves[:, :, :-1]), axis=0)
    steepest: Float32Array = changes.max(axis=1)
    return steepest


def beats_stand_out(bands: Bands) -> bool:
    """Report whether the leads rest between beats, unlike in noise and in ventricular fibrillation.

    Parameters
    ----------
    bands
        Frequency bands of one signal.

    Returns
    -------
    bool
        True if the leads rest; False also if no lead has a slope.
    """
    return bool(bands.common_slope.any() and bands.resting_slope <= _MAX_RESTING_SLOPE)
