"""Find heartbeats and the heart rate in all leads, or report that they are unclear.

A beat is where the leads are steep at the same time: each lead's slope, smoothed over a QRS complex as in Pan and
Tompkins (IEEE Trans Biomed Eng 1985, 32:230), relative to that lead's usual beat, and its median over the leads.
"""

import numpy as np

from einthoven.arrays import Float32Array, IndexArray
from einthoven.signal.bands import RATE, Bands, split

_REFRACTORY = RATE // 4  # samples: at most 240 bpm
_LAX, _STRICT = 0.3, 0.5  # shares of a usual beat's slope
_MIN_BEATS = 3
_MAX_DIFFERENCE = 0.05  # share by which the rates of lax and strict beats may differ
# Resting slope. PTB-XL's folds 1-9 have 0.45 at most (fast and broad complexes), noise alone has 0.6, ventricular
# fibrillation 0.8.
_MAX_RESTING_SLOPE = 0.5


def heart_rate_bpm(signal: Float32Array, rate: float, bands: Bands | None = None) -> float | None:
    """Compute the ventricular rate from the mean time between beats, which also holds for irregular rhythms.

    Parameters
    ----------
    signal
        Shape (leads, samples) in mV.
    rate
        Sampling rate in Hz, at least 100.
    bands
        The bands of `signal`, if they are known.

    Returns
    -------
    float or None
        In bpm, at most 240. None if it is unclear: fewer than three beats, no rest between beats, or a lax and a strict
        threshold for beats give rates that differ by more than 5 %.

    Raises
    ------
    ValueError
        If the rate is below 100 Hz, the signal is shorter than 2.5 s, or a value is not finite.
    """
    bands = bands or split(signal, rate)
    if not beats_stand_out(bands):
        return None
    rates = []
    for threshold in (_LAX, _STRICT):
        beats = find_beats(bands.common_slope, threshold)
        if len(beats) < _MIN_BEATS:
            return None
        rates.append(float(60 * RATE * (len(beats) - 1) / (beats[-1] - beats[0])))
    lax, strict = rates
    return (lax + strict) / 2 if abs(lax - strict) <= _MAX_DIFFERENCE * strict else None


def beats_stand_out(bands: Bands) -> bool:
    """Report whether the leads rest between beats, unlike in noise and in ventricular fibrillation.

    Parameters
    ----------
    bands
        Of one signal.

    Returns
    -------
    bool
        False also if no lead has a slope.
    """
    return bool(bands.common_slope.any() and bands.resting_slope <= _MAX_RESTING_SLOPE)


def find_beats(slope: Float32Array, threshold: float = _LAX) -> IndexArray:
    """Find the beats in the common slope of a signal.

    Parameters
    ----------
    slope
        `Bands.common_slope`, shape (samples,).
    threshold
        The least slope of a beat, 1 being a usual beat's.

    Returns
    -------
    IndexArray
        Samples at 100 Hz, ascending, at least 0.25 s apart.
    """
    padded = np.concatenate([np.zeros(1, np.float32), slope, np.zeros(1, np.float32)])
    peaks = np.flatnonzero((padded[1:-1] > padded[:-2]) & (padded[1:-1] >= padded[2:]) & (slope > threshold))
    beats: list[int] = []
    for peak in peaks.tolist():
        if not beats or peak - beats[-1] >= _REFRACTORY:
            beats.append(peak)
        elif slope[peak] > slope[beats[-1]]:
            beats[-1] = peak
    return np.array(beats, np.intp)
