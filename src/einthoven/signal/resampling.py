"""From a signal to what a network takes: the code that training and use share."""

from fractions import Fraction
from functools import lru_cache

import numpy as np
from scipy.fft import dct, idct

from einthoven.arrays import Float32Array


def window_starts(samples: int, length: int, stride: int, edge: int = 0) -> list[int]:
    """First samples of the windows of `length` that cover `samples`, evenly spaced and at most `stride` apart.

    As far as there is room, they leave out `edge` samples at each end, where recordings are often padded and filters
    not yet settled. A signal of exactly `length` has one window. Raises ValueError when it is shorter.
    """
    if length > samples:
        raise ValueError(f"windows of {length} samples do not fit a signal of {samples}")
    first = min(edge, (samples - length) // 2)
    way = samples - length - 2 * first
    steps = -(-way // stride)
    return [first + round(k * (way / steps)) for k in range(steps)] + [first + way]


def resample(signal: Float32Array, rate: float, wanted: int) -> Float32Array:
    """`signal` (..., samples) at `rate` Hz as `wanted` Hz, by a linear-phase filter that lets nothing fold back.

    Beyond its ends the signal is taken to go on along the line through its first and last sample, so that an offset
    makes no step there. A signal that has the wanted rate is returned as it is.
    """
    if rate == wanted:
        return signal
    from scipy.signal import resample_poly  # takes half a second to import

    ratio = Fraction(wanted / rate).limit_denominator(1000)
    up, down = ratio.numerator, ratio.denominator
    resampled = resample_poly(signal, up, down, axis=-1, window=_low_pass(max(up, down)), padtype="line")
    return np.ascontiguousarray(resampled, np.float32)


def cosine_spectrum(signal: Float32Array) -> Float32Array:
    """The cosine transform (..., samples) of `signal` less its mean.

    It takes the signal to go on mirrored at its ends, so that neither an offset nor a drift makes a step there.
    """
    wave = np.asarray(signal - signal.mean(axis=-1, keepdims=True), np.float32)
    spectrum: Float32Array = dct(wave, norm="ortho", overwrite_x=True)
    return spectrum


def resample_spectrum(spectrum: Float32Array, gain: Float32Array, samples: int) -> Float32Array:
    """The signal (..., samples) that has the lowest coefficients of a cosine `spectrum`, each times its `gain`."""
    scale = np.float32(np.sqrt(samples / spectrum.shape[-1]))
    signal: Float32Array = idct(spectrum[..., : len(gain)] * (gain * scale), n=samples, norm="ortho", overwrite_x=True)
    return signal


@lru_cache(16)
def _low_pass(factor: int) -> Float32Array:
    """The filter that resample_poly would design anew for each signal; `factor` is the larger of its two."""
    from scipy.signal import firwin

    return np.asarray(firwin(20 * factor + 1, 1 / factor, window=("kaiser", 5.0)), np.float32)
