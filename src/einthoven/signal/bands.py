"""A tracing split by frequency and brought to 100 Hz: what the quality gate and the heart rate look at.

The cosine transform takes a tracing to go on mirrored at its ends, so that neither an offset nor a drift makes a step
there; keeping the lowest coefficients resamples. Whatever a recording's rate, the bands hold the same.
"""

from dataclasses import dataclass, fields
from functools import cached_property, lru_cache

import numpy as np

from einthoven.arrays import Float32Array
from einthoven.recording import MIN_SECONDS
from einthoven.signal.resampling import cosine_spectrum, resample_spectrum

RATE = 100  # Hz
_SMOOTH = RATE // 10  # samples: about a QRS complex
_MAINS = (50.0, 60.0)  # Hz


@dataclass(frozen=True)
class Bands:
    """Parts of a tracing (leads, samples) in mV at RATE, or of several with the same leads and length (tracings, ...).

    Several at once take a third less time than one after the other, and give the same to the last bit.
    """

    wander: Float32Array
    """Baseline wander: below 0.6 Hz, less its mean."""
    ecg: Float32Array
    """The heart: 0.6 to 42 Hz."""
    high_frequency: Float32Array
    """20 to 42 Hz: muscle noise, and the QRS complex's edges."""
    mains: Float32Array
    """Amplitude in mV of the 50 or 60-Hz sine in each lead (leads,); 0 where the rate does not show it."""
    slope: Float32Array
    """How steep each lead is over time: its mean absolute slope in 0.1 s, 1 being a usual beat's.

    A lead without any slope is 0 throughout; what is twice as steep as a beat counts as twice."""
    common_slope: Float32Array
    """The median (samples,) of `slope` over the leads that have any slope: what one bad lead does not change.

    Leads that were not recorded do not count, however many they are; where none has a slope it is 0."""

    @cached_property
    def resting_slope(self) -> float:
        """How steep the leads of a tracing are together half of the time: low where they rest between beats."""
        return float(median(self.common_slope))

    def of(self, tracing: int) -> "Bands":
        """Those of one tracing, where these are of several."""
        return Bands(*(getattr(self, part.name)[tracing] for part in fields(self)))


def split(signal: Float32Array, rate: float) -> Bands:
    """Split `signal` (leads, samples) in mV at `rate` Hz, or several of one shape (tracings, leads, samples).

    Raises ValueError when it is sampled below RATE, is shorter than MIN_SECONDS, or holds values that are not finite.
    """
    samples = signal.shape[-1]
    if rate < RATE or samples < MIN_SECONDS * rate:
        raise ValueError(f"{samples} samples at {rate} Hz: at least {MIN_SECONDS} s at {RATE} Hz are needed")
    if not np.isfinite(signal).all():  # no comparison with NaN holds, so it would pass every limit unnoticed
        raise ValueError("the signal holds NaN or infinite values")
    spectrum = cosine_spectrum(signal)
    kept = round(samples * RATE / rate)
    wander, ecg, high_frequency = (resample_spectrum(spectrum, mask, kept) for mask in _masks(samples, rate, kept))
    slope = _relative_slope(ecg)
    return Bands(wander, ecg, high_frequency, _mains(spectrum, rate), slope, _common_slope(slope))


def _relative_slope(ecg: Float32Array) -> Float32Array:
    slope = np.zeros_like(ecg)
    np.abs(ecg[..., 1:] - ecg[..., :-1], out=slope[..., 1:])
    half = _SMOOTH // 2  # mirrored at the ends, as at both sides of a sample
    mirrored = [slope[..., half - 1 : 0 : -1], slope, slope[..., -2 : -half - 2 : -1]]
    steep = sliding_sum(np.concatenate(mirrored, axis=-1), _SMOOTH)
    place = round(0.95 * steep.shape[-1])  # the steepest tenth of the time is QRS complexes: its middle
    usual = np.partition(steep, place, axis=-1)[..., place, None]
    relative: Float32Array = np.minimum(steep / np.maximum(usual, np.float32(1e-3)), 2)
    return relative


def _common_slope(slope: Float32Array) -> Float32Array:
    if slope.ndim > 2:
        return np.array([_common_slope(lead_slopes) for lead_slopes in slope])
    recorded = slope[slope.max(axis=1) >= 1]
    return median(recorded) if len(recorded) else np.zeros(slope.shape[1], np.float32)


def sliding_sum(values: Float32Array, length: int) -> Float32Array:
    """Sums (..., samples - length + 1) of each `length` neighbours in `values` (..., samples).

    Of sums of 1, 2, 4 ... neighbours those are put together that `length` is made of: quicker and more exact than
    differences of a cumulative sum. The rows are taken for one long one, which is quicker; sums over two are cut off.
    """
    wanted = values.size - length + 1
    sums, size, done = values.ravel(), 1, 0
    total = np.zeros(values.size, np.float32)
    while True:
        if length & size:
            total[:wanted] += sums[done : done + wanted]
            done += size
        if done == length:
            return total.reshape(values.shape)[..., : values.shape[-1] - length + 1]
        sums, size = sums[size:] + sums[:-size], 2 * size


def median(values: Float32Array) -> Float32Array:
    """The median of `values` over the first axis, which is short: several times as fast as np.median."""
    ordered = np.sort(values, axis=0)
    result: Float32Array = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
    return result


@lru_cache(16)  # nearly all recordings of a folder have the same length and rate
def _masks(samples: int, rate: float, kept: int) -> Float32Array:
    """What makes the `kept` coefficients of `samples` at `rate` Hz those of the three bands: (bands, kept)."""
    frequency = np.arange(kept, dtype=np.float32) * np.float32(rate / (2 * samples))
    heart = _ramp(frequency, 0.4, 0.8) * _ramp(frequency, 45, 40)
    return np.stack([1 - _ramp(frequency, 0.4, 0.8), heart, heart * _ramp(frequency, 18, 22)])


def _ramp(frequency: Float32Array, start: float, end: float) -> Float32Array:
    """0 at `start` Hz and beyond, 1 at `end` Hz and beyond, straight between."""
    share: Float32Array = np.clip((frequency - np.float32(start)) / np.float32(end - start), 0, 1)
    return share


def _mains(spectrum: Float32Array, rate: float) -> Float32Array:
    """Amplitude (..., leads) of a sine at a mains frequency, less what its neighbours in the spectrum have."""
    samples = spectrum.shape[-1]
    per_hz = 2 * samples / rate  # coefficients
    amplitude = np.zeros(spectrum.shape[:-1], np.float32)
    for mains in _MAINS:
        if mains + 4 < rate / 2:
            around = [
                np.square(spectrum[..., int((mains + a) * per_hz) : int((mains + b) * per_hz)])
                for a, b in ((-1, 1), (-4, -2), (2, 4))
            ]
            line, below, above = (part.sum(axis=-1) for part in around)
            amplitude = np.maximum(amplitude, np.sqrt(2 * np.maximum(line - (below + above) / 2, 0) / samples))
    return amplitude
