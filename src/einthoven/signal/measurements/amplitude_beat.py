"""The median beat for amplitudes: of the same beats as the one for boundaries, filtered only from .05 to 150 Hz.

Filters that find boundaries well take a tenth of a millivolt off the R wave; AHA/ACC/HRS demand .05 to 150 Hz for
amplitudes (Kligfield et al., J Am Coll Cardiol 2007, 49:1109, recommendations on low- and high-frequency filtering).
"""

from functools import lru_cache

import numpy as np

from einthoven.arrays import Float32Array, IndexArray
from einthoven.signal.measurements.median_beat import RATE, cut_beats, filter_spectrum, frequencies, medians_of
from einthoven.signal.small_arrays import mean

_LEVEL = RATE * 14 // 1000  # samples before the onset of the QRS complex in which its level is measured
_GAP = 1  # samples between them and the onset
_MAX_SECONDS_APART = 2.5  # of two beats between which the baseline is taken as straight
_LOW_HZ, _HIGH_HZ = (0.03, 0.07), (150.0, 200.0)  # ramps of the filter


def amplitude_beats(spectrum: Float32Array, rate: float, places: IndexArray, qrs_onset: float) -> Float32Array:
    """Compute the median beats in which amplitudes are measured.

    The baseline is a straight line from one QRS onset to the next, which keeps wander out of the ST segment without a
    filter that would shift it.

    Parameters
    ----------
    spectrum
        `Bands.spectrum` of the signal, shape (leads, samples).
    rate
        Sampling rate of the signal in Hz.
    places
        Sample positions of the beats, as in `MedianBeat.places`.
    qrs_onset
        Onset of the QRS complex, in samples from the start of a median beat.

    Returns
    -------
    Float32Array
        Medians over all these beats, over the even and over the odd ones (3, leads, BEFORE + AFTER) in mV; 0 is the
        level at the onset of the QRS complex.
    """
    wave = filter_spectrum(spectrum, rate, _gain(spectrum.shape[1], rate))
    beats = cut_beats(wave, places)
    onset = round(qrs_onset)
    level = _level(beats, onset)
    drift = _drift(level, places)
    time = np.arange(beats.shape[2], dtype=np.float32) - onset
    baseline = drift[:, :, None] * time
    baseline += level[:, :, None]
    beats -= baseline
    return subtract_level(medians_of(beats), onset)


def subtract_level(medians: Float32Array, onset: int) -> Float32Array:
    """Subtract the level at the onset of the QRS complex.

    Parameters
    ----------
    medians
        Median beats of shape (..., leads, samples).
    onset
        Sample of the onset.

    Returns
    -------
    Float32Array
        Median beats of the same shape, in which 0 is this level.
    """
    return medians - _level(medians, onset)[..., None]


def _level(beats: Float32Array, onset: int) -> Float32Array:
    """The level (..., leads) just before sample `onset`."""
    return mean(beats[..., onset - _GAP - _LEVEL : onset - _GAP])


def _drift(level: Float32Array, places: IndexArray) -> Float32Array:
    """The slope of the baseline (beats, leads) in mV a sample up to the next beat; for the last beat the one before."""
    apart = places[1:] - places[:-1]
    slope = np.asarray((level[1:] - level[:-1]) / apart[:, None], np.float32)
    slope[apart > _MAX_SECONDS_APART * RATE] = 0
    return np.concatenate([slope, slope[-1:]])


@lru_cache(16)
def _gain(samples: int, rate: float) -> Float32Array:
    """The gain of the filter from .05 to 150 Hz, or to the highest frequency of the rate."""
    frequency = frequencies(samples, rate)
    low, high = ((frequency - start) / np.float32(end - start) for start, end in (_LOW_HZ, _HIGH_HZ))
    gain: Float32Array = np.clip(low, 0, 1) * (0.5 + 0.5 * np.cos(np.float32(np.pi) * np.clip(high, 0, 1)))
    return gain
