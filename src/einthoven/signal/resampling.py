"""Windows and sampling rates: the steps before a network that training and interpretation share."""

from fractions import Fraction
from functools import lru_cache

import numpy as np

from einthoven.arrays import Float32Array


def window_starts(samples: int, length: int, stride: int, edge: int = 0) -> list[int]:
    """Return the first samples of evenly spaced windows that cover a signal.

    A signal of exactly `length` has one window.

    Parameters
    ----------
    samples
        Length of the signal.
    length
        Length of a window in samples.
    stride
        Largest number of samples between the starts of two windows.
    edge
        Number of samples to leave out at each end, as far as there is room, because recordings are often padded there
        and filters have not settled.

    Returns
    -------
    list of int
        First samples in ascending order.

    Raises
    ------
    ValueError
        If the signal is shorter than a window.
    """
    if length > samples:
        raise ValueError(f"windows of {length} samples do not fit a signal of {samples}")
    first = min(edge, (samples - length) // 2)
    distance = samples - length - 2 * first
    steps = -(-distance // stride)
    return [first + round(k * (distance / steps)) for k in range(steps)] + [first + distance]


def resample(signal: Float32Array, rate: float, target: int) -> Float32Array:
    """Resample a signal with a linear-phase low-pass filter that prevents aliasing.

    The signal is extended at its ends along the line through its first and last sample, so that an offset makes no step
    there.

    Parameters
    ----------
    signal
        Signal of shape (..., samples).
    rate
        Sampling rate in Hz.
    target
        Sampling rate of the result in Hz.

    Returns
    -------
    Float32Array
        Resampled signal of shape (..., samples at `target`); `signal` itself if it has this rate.
    """
    if rate == target:
        return signal
    from scipy.signal import resample_poly  # takes half a second to import

    ratio = Fraction(target / rate).limit_denominator(1000)
    up, down = ratio.numerator, ratio.denominator
    resampled = resample_poly(signal, up, down, axis=-1, window=_low_pass(max(up, down)), padtype="line")
    return np.ascontiguousarray(resampled, np.float32)


@lru_cache(16)
def _low_pass(factor: int) -> Float32Array:
    """The filter that resample_poly would design again for each signal; `factor` is the larger of its two."""
    from scipy.signal import firwin

    return np.asarray(firwin(20 * factor + 1, 1 / factor, window=("kaiser", 5.0)), np.float32)
