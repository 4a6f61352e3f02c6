"""The median beat for amplitudes: of the same beats as the one for boundaries, filtered only from .05 to 150 Hz.

Filters that find boundaries well take a tenth of a millivolt off the R wave; AHA/ACC/HRS demand .05 to 150 Hz for
amplitudes (Kligfield et al., J Am Coll Cardiol 2007, 49:1109, recommendations on low- and high-frequency filtering).
"""

from typing import NamedTuple

import numpy as np

from einthoven.arrays import Float32Array, IndexArray
from einthoven.signal.bands import cosine_spectrum, median, resample_spectrum
from einthoven.signal.measurements.median_beat import RATE, cut_beats

_LEVEL = RATE * 14 // 1000  # samples before the onset of the QRS complex in which its level is measured
_GAP = 1  # samples between them and the onset
_MAX_SECONDS_APART = 2.5  # of two beats between which the baseline is taken as straight
_LOW_HZ, _HIGH_HZ = (0.03, 0.07), (150.0, 200.0)  # ramps of the filter


class AmplitudeBeat(NamedTuple):
    """Median beats (leads, BEFORE + AFTER) in mV at RATE; 0 is the level at the onset of the QRS complex."""

    whole: Float32Array
    halves: tuple[Float32Array, Float32Array]
    """The same of the even beats alone, and of the odd ones."""


def amplitude_beat(signal: Float32Array, rate: float, places: IndexArray, qrs_onset: float) -> AmplitudeBeat:
    """Compute the median beat in which amplitudes are measured.

    The baseline is a straight line from one QRS onset to the next, which keeps wander out of the ST segment without a
    filter that would shift it.

    Parameters
    ----------
    signal
        Shape (leads, samples) in mV.
    rate
        Sampling rate in Hz.
    places
        Of the beats, as of `MedianBeat`.
    qrs_onset
        In samples from the start of a median beat.

    Returns
    -------
    AmplitudeBeat
        Of all these beats and of the halves.
    """
    wave = _filter(signal, rate)
    beats = cut_beats(wave, places)
    onset = round(qrs_onset)
    level = _level(beats, onset)
    drift = _drift(level, places)
    time = np.arange(beats.shape[2], dtype=np.float32) - onset
    beats -= level[:, :, None] + drift[:, :, None] * time
    whole, even, odd = (_from_onset(median(part), onset) for part in (beats, beats[::2], beats[1::2]))
    return AmplitudeBeat(whole, (even, odd))


def _level(beats: Float32Array, onset: int) -> Float32Array:
    """The level (..., leads) just before sample `onset`."""
    level: Float32Array = beats[..., onset - _GAP - _LEVEL : onset - _GAP].mean(axis=-1)
    return level


def _from_onset(beat: Float32Array, onset: int) -> Float32Array:
    zeroed: Float32Array = beat - _level(beat, onset)[:, None]
    return zeroed


def _drift(level: Float32Array, places: IndexArray) -> Float32Array:
    """The slope of the baseline (beats, leads) in mV a sample up to the next beat; for the last beat the one before."""
    apart = np.diff(places)
    slope = np.asarray((level[1:] - level[:-1]) / apart[:, None], np.float32)
    slope[apart > _MAX_SECONDS_APART * RATE] = 0
    return np.concatenate([slope, slope[-1:]])


def _filter(signal: Float32Array, rate: float) -> Float32Array:
    """Resample a signal to RATE and filter it from .05 to 150 Hz, or to what its rate holds."""
    samples = signal.shape[1]
    count = round(samples * RATE / rate)
    frequency = np.arange(min(samples, count), dtype=np.float32) * np.float32(rate / (2 * samples))
    low, high = ((frequency - start) / np.float32(end - start) for start, end in (_LOW_HZ, _HIGH_HZ))
    gain = np.clip(low, 0, 1) * (0.5 + 0.5 * np.cos(np.pi * np.clip(high, 0, 1)))
    return resample_spectrum(cosine_spectrum(signal), gain.astype(np.float32), count)
