"""Measure the quality of each lead; `gate` draws the conclusions."""

from dataclasses import dataclass, fields

import numpy as np

from einthoven.arrays import Float32Array
from einthoven.signal.bands import RATE, Bands, sliding_sum

_HALF = RATE // 2  # samples before and after a jump that are compared
_GAP = RATE // 20  # samples on either side of a jump that are not
_NORMAL = 3.138  # standard deviations in the first quartile of normal noise's absolute values


@dataclass(frozen=True)
class Measures:
    """Measures of a signal, or of several, with an additional first axis; seconds are equal parts of about 1 s."""

    recorded_range: Float32Array
    """Range in mV of the recording in each second (leads, seconds)."""
    ecg_range: Float32Array
    """Range in mV between 0.6 and 42 Hz in each second (leads, seconds)."""
    noise: Float32Array
    """Standard deviation in mV, 20 to 42 Hz, in each second, QRS complexes left out (leads, seconds)."""
    agreement: Float32Array
    """Correlation (leads,) of the lead's slope with the common slope: whether it beats when the others do."""
    wander: Float32Array
    """Range in mV below 0.6 Hz (leads,)."""
    jump: Float32Array
    """Height in mV (leads,) of the greatest sudden change that lasts half a second."""
    mains: Float32Array
    """Amplitude in mV (leads,) of the mains' sine; 0 at sampling rates that do not show it."""
    clipped_s: Float32Array
    """Time in s (leads,) that the recording lies at its highest or lowest value, far from its mean."""

    def select(self, index: int) -> "Measures":
        """Return the measures of one signal of several.

        Parameters
        ----------
        index
            Index of the signal.

        Returns
        -------
        Measures
            Measures of the signal, as views of the arrays.
        """
        return Measures(*(getattr(self, measure.name)[index] for measure in fields(self)))


def measure(signal: Float32Array, rate: float, bands: Bands) -> Measures:
    """Measure the quality of a signal.

    Parameters
    ----------
    signal
        Signal of shape (leads, samples) in mV, or (signals, leads, samples).
    rate
        Sampling rate in Hz.
    bands
        The bands of `signal`.

    Returns
    -------
    Measures
        Measures of the signal, or of all signals with an additional first axis.
    """
    seconds = round(signal.shape[-1] / rate)
    return Measures(
        recorded_range=np.ptp(_parts(signal, seconds), axis=-1),
        ecg_range=np.ptp(_parts(bands.ecg, seconds), axis=-1),
        noise=np.float32(_NORMAL) * _first_quartile(np.abs(_parts(bands.high_frequency, seconds))),
        agreement=agreement(bands.slope, bands.common_slope),
        wander=np.ptp(bands.wander, axis=-1),
        jump=_jump(bands.wander + bands.ecg),
        mains=bands.mains,
        clipped_s=_clipped(signal) / np.float32(rate),
    )


def _parts(wave: Float32Array, count: int) -> Float32Array:
    """Shape (..., leads, count, samples of a part), the rest of the division left out."""
    length = wave.shape[-1] // count
    return wave[..., : count * length].reshape(*wave.shape[:-1], count, length)


def _first_quartile(values: Float32Array) -> Float32Array:
    """First quartile over the last axis: so low that neither fast nor wide QRS complexes count as noise."""
    place = values.shape[-1] // 4
    quartile: Float32Array = np.partition(values, place, axis=-1)[..., place]
    return quartile


def agreement(slope: Float32Array, common: Float32Array) -> Float32Array:
    """Correlate the slope of each lead with the common slope.

    Parameters
    ----------
    slope
        `Bands.slope`, shape (..., leads, samples).
    common
        `Bands.common_slope`, shape (..., samples).

    Returns
    -------
    Float32Array
        Correlation of shape (..., leads): 1 if a lead beats when the others do, 0 if nothing happens in it.
    """
    common = (common - common.mean(axis=-1, keepdims=True))[..., None, :]
    own = slope - slope.mean(axis=-1, keepdims=True)
    size = np.sqrt(_products(own, own) * _products(common, common))
    correlation: Float32Array = _products(own, common) / np.maximum(size, np.float32(1e-6))
    return correlation


def _products(a: Float32Array, b: Float32Array) -> Float32Array:
    """Sums (..., leads) over the samples of `a` times `b`."""
    sums: Float32Array = np.einsum("...j,...j->...", a, b)
    return sums


def _jump(wave: Float32Array) -> Float32Array:
    """Height in mV (..., leads) of the greatest change both sudden, in 0.1 s, and lasting, over half a second."""
    mean = sliding_sum(wave, _HALF) / np.float32(_HALF)
    lasting = mean[..., _HALF + 2 * _GAP :] - mean[..., : -_HALF - 2 * _GAP]
    sudden = (wave[..., 2 * _GAP :] - wave[..., : -2 * _GAP])[..., _HALF : _HALF + lasting.shape[-1]]
    up, down = np.minimum(lasting, sudden).max(axis=-1), -np.maximum(lasting, sudden).min(axis=-1)
    # negative if the two point in different directions: no jump
    highest: Float32Array = np.maximum(np.maximum(up, down), 0)
    return highest


def _clipped(signal: Float32Array) -> Float32Array:
    """Samples (..., leads) at the end of the range, if that end is more than 1 mV from the mean."""
    mean = signal.mean(axis=-1, keepdims=True)
    high, low = signal.max(axis=-1, keepdims=True), signal.min(axis=-1, keepdims=True)
    near = np.float32(1e-3) * (high - low)
    at_top = (signal >= high - near).sum(axis=-1) * (high - mean > 1)[..., 0]
    at_bottom = (signal <= low + near).sum(axis=-1) * (mean - low > 1)[..., 0]
    samples: Float32Array = np.maximum(at_top, at_bottom).astype(np.float32)
    return samples
