"""Heart beats and heart rate from all leads together, or the admission that they cannot be told.

A beat is where the leads are steep together: the slope, smoothed over a QRS complex, as in Pan and Tompkins (IEEE Trans
Biomed Eng 1985, 32:230), relative to each lead's own, and its median over the leads.
"""

import numpy as np

from einthoven.arrays import Float32Array, IndexArray
from einthoven.signal.bands import RATE, Bands, split

_REFRACTORY = RATE // 4  # samples: 240 beats a minute at most
_THRESHOLDS = (0.3, 0.5)  # shares of a typical beat's height
_LEAST_BEATS = 3
_AGREE = 0.05
# Steepness half of the time. PTB-XL's folds 1-9 have 0.45 at most (fast and broad complexes), noise alone has 0.6,
# fibrillating ventricles 0.8.
_REST = 0.5


def heart_rate_bpm(signal: Float32Array, rate: float, bands: Bands | None = None) -> float | None:
    """Ventricular rate per minute of `signal` (leads, samples) in mV at `rate` Hz, up to 240; None when unsure.

    It is 60 over the mean time between beats, so that it also holds for irregular rhythms. Unsure means: fewer than
    three beats, leads that never rest between beats, or a laxer and a stricter eye that differ by more than 5 %.
    `bands`: those of the signal, where they are there already. Raises ValueError when the signal is sampled below
    100 Hz, shorter than 2.5 s or not finite.
    """
    bands = bands or split(signal, rate)
    if not beats_stand_out(bands):
        return None
    slope = bands.common_slope
    rates = []
    for threshold in _THRESHOLDS:
        beats = find_beats(slope, threshold)
        if len(beats) < _LEAST_BEATS:
            return None
        rates.append(float(60 * RATE * (len(beats) - 1) / (beats[-1] - beats[0])))
    lax, strict = rates
    return (lax + strict) / 2 if abs(lax - strict) <= _AGREE * strict else None


def beats_stand_out(bands: Bands) -> bool:
    """Whether the leads rest between beats, as they do not in noise or in fibrillating ventricles."""
    return bool(bands.common_slope.any() and bands.resting_slope <= _REST)


def find_beats(slope: Float32Array, threshold: float = _THRESHOLDS[0]) -> IndexArray:
    """Samples at RATE where `slope` (samples,) has a beat, at least `threshold` of a usual one's height."""
    padded = np.concatenate([np.zeros(1, np.float32), slope, np.zeros(1, np.float32)])
    peaks = np.flatnonzero((padded[1:-1] > padded[:-2]) & (padded[1:-1] >= padded[2:]) & (slope > threshold))
    beats: list[int] = []
    for peak in peaks.tolist():
        if not beats or peak - beats[-1] >= _REFRACTORY:
            beats.append(peak)
        elif slope[peak] > slope[beats[-1]]:
            beats[-1] = peak
    return np.array(beats, np.intp)
