"""Split a signal into frequency bands at 100 Hz, in which quality, beats and the outlier score are measured.

The cosine transform extends a signal by its mirror image at both ends, so that neither an offset nor a drift makes a
step there; keeping its lowest coefficients resamples. The bands do not depend on a recording's sampling rate.
"""

from dataclasses import dataclass, fields, replace
from functools import cached_property, lru_cache

import numpy as np
from scipy.fft import dct, idct

from einthoven.arrays import Float32Array, IndexArray
from einthoven.recording import MIN_SECONDS
from einthoven.signal.medians import median

RATE = 100
"""Sampling rate of the bands in Hz."""
_SMOOTHING = RATE // 10  # samples: about a QRS complex
_MAINS_HZ = (50.0, 60.0)
_WANDER_HZ, _LOW_PASS_HZ, _HIGH_HZ = (0.4, 0.8), (45, 40), (18, 22)  # gains change linearly between the two
_USUAL_PLACE, _LEAST_SLOPE_MV, _MOST_SLOPE = 0.95, 1e-3, 2
PARAMETERS = {
    "rate_hz": RATE,
    "wander_hz": _WANDER_HZ,
    "low_pass_hz": _LOW_PASS_HZ,
    "high_frequency_hz": _HIGH_HZ,
    "smoothing_samples": _SMOOTHING,
    "usual_slope_place": _USUAL_PLACE,
    "least_slope_mv": _LEAST_SLOPE_MV,
    "most_slope": _MOST_SLOPE,
}
"""Parameters of `split`, for ports to other languages."""


@dataclass(frozen=True)
class Bands:
    """The bands of a signal at RATE, or of several signals of one shape, with an additional first axis.

    Several at once take a third less time than one after the other, and give the same to the last bit.
    """

    wander: Float32Array
    """Baseline wander in mV (leads, samples): below 0.6 Hz, less its mean."""
    ecg: Float32Array
    """The ECG in mV (leads, samples): 0.6 to 42 Hz."""
    high_frequency: Float32Array
    """Muscle noise and the edges of QRS complexes in mV (leads, samples): 20 to 42 Hz."""
    mains: Float32Array
    """Amplitude in mV (leads,) of the 50 or 60-Hz sine; 0 if the sampling rate does not show it."""
    slope: Float32Array
    """Absolute slope of each lead (leads, samples), averaged over 0.1 s and relative to the slope of a usual beat.

    A lead without any slope is 0 throughout; values end at 2."""
    common_slope: Float32Array
    """The median (samples,) of `slope` over the leads that have any, which one bad lead does not change.

    Leads that were not recorded do not count, however many they are; it is 0 if no lead has a slope."""
    spectrum: Float32Array
    """The `cosine_spectrum` of the signal (leads, samples at its own rate), for other filters."""

    @cached_property
    def resting_slope(self) -> float:
        """Median of `common_slope` over time: low if the leads rest between beats. Of one signal only."""
        return float(median(self.common_slope))

    @cached_property
    def live(self) -> IndexArray:
        """Leads that have any slope. Of one signal only."""
        return np.flatnonzero(self.slope.max(axis=1) >= 1)

    def select(self, index: int) -> "Bands":
        """Return the bands of one signal of several.

        Parameters
        ----------
        index
            Index of the signal.

        Returns
        -------
        Bands
            Bands of the signal, as views of the arrays.
        """
        return Bands(*(getattr(self, band.name)[index] for band in fields(self)))

    def of_leads(self, rows: IndexArray) -> "Bands":
        """Return the bands of some leads of one signal.

        Parameters
        ----------
        rows
            Row indices of the leads.

        Returns
        -------
        Bands
            Bands of these leads, with their common slope.
        """
        values = {band.name: getattr(self, band.name) for band in fields(self)}
        common = _common_slope(self.slope[rows])
        return Bands(**{name: common if name == "common_slope" else value[rows] for name, value in values.items()})


def soften(bands: Bands) -> Bands:
    """Remove frequencies above 20 Hz, which contain most of the muscle noise.

    Parameters
    ----------
    bands
        Frequency bands of one signal.

    Returns
    -------
    Bands
        Bands with the ECG from 0.6 to 20 Hz, and its slope. `high_frequency` holds the frequencies that were removed.
    """
    ecg = bands.ecg - bands.high_frequency
    slope = _relative_slope(ecg)
    return replace(bands, ecg=ecg, slope=slope, common_slope=_common_slope(slope))


def split(signal: Float32Array, rate: float) -> Bands:
    """Split a signal into bands.

    Parameters
    ----------
    signal
        Signal of shape (leads, samples) in mV, or signals of shape (signals, leads, samples).
    rate
        Sampling rate in Hz, at least 100.

    Returns
    -------
    Bands
        Bands at 100 Hz.

    Raises
    ------
    ValueError
        If the rate is below 100 Hz, the signal is shorter than 2.5 s, or a value is not finite.
    """
    _check(signal, rate)
    samples = signal.shape[-1]
    spectrum = cosine_spectrum(signal)
    count = round(samples * RATE / rate)
    wander, ecg, high_frequency = (resample_spectrum(spectrum, gain, count) for gain in _gains(samples, rate, count))
    slope = _relative_slope(ecg)
    return Bands(wander, ecg, high_frequency, _mains(spectrum, rate), slope, _common_slope(slope), spectrum)


def common_slope(signal: Float32Array, rate: float) -> Float32Array:
    """Compute the common slope of a signal alone, in less than half the time that all bands take.

    Parameters
    ----------
    signal, rate
        Signal and sampling rate as for `split`, but of one signal.

    Returns
    -------
    Float32Array
        `Bands.common_slope`, shape (samples,).

    Raises
    ------
    ValueError
        For the same reasons as `split`.
    """
    _check(signal, rate)
    samples = signal.shape[-1]
    count = round(samples * RATE / rate)
    _, gain, _ = _gains(samples, rate, count)
    return _common_slope(_relative_slope(resample_spectrum(cosine_spectrum(signal), gain, count)))


def _check(signal: Float32Array, rate: float) -> None:
    samples = signal.shape[-1]
    if rate < RATE or samples < MIN_SECONDS * rate:
        raise ValueError(f"{samples} samples at {rate} Hz: at least {MIN_SECONDS} s at {RATE} Hz are needed")
    if not np.isfinite(signal).all():  # no comparison with NaN holds, so it would pass every limit unnoticed
        raise ValueError("the signal holds NaN or infinite values")


def cosine_spectrum(signal: Float32Array) -> Float32Array:
    """Compute the cosine transform of a signal less its mean.

    The transform extends the signal by its mirror image at both ends, so that neither an offset nor a drift makes a
    step there.

    Parameters
    ----------
    signal
        Signal of shape (..., samples).

    Returns
    -------
    Float32Array
        Coefficients of frequencies from 0 to half the sampling rate, shape (..., samples).
    """
    centred = np.asarray(signal - signal.mean(axis=-1, keepdims=True), np.float32)
    spectrum: Float32Array = dct(centred, norm="ortho", overwrite_x=True)
    return spectrum


def resample_spectrum(spectrum: Float32Array, gain: Float32Array, samples: int) -> Float32Array:
    """Compute the filtered signal of a cosine spectrum at another sampling rate.

    Parameters
    ----------
    spectrum
        Output of `cosine_spectrum`, shape (..., samples of the signal).
    gain
        Factor of each of the lowest frequencies, shape (coefficients,); the others become 0. At most `samples`.
    samples
        Length of the new signal, which determines its rate.

    Returns
    -------
    Float32Array
        Signal of shape (..., `samples`).
    """
    scale = np.float32(np.sqrt(samples / spectrum.shape[-1]))
    signal: Float32Array = idct(spectrum[..., : len(gain)] * (gain * scale), n=samples, norm="ortho", overwrite_x=True)
    return signal


def _relative_slope(ecg: Float32Array) -> Float32Array:
    change = np.zeros_like(ecg)
    np.abs(ecg[..., 1:] - ecg[..., :-1], out=change[..., 1:])
    half = _SMOOTHING // 2  # mirrored at the ends, as at both sides of a sample
    mirrored = [change[..., half - 1 : 0 : -1], change, change[..., -2 : -half - 2 : -1]]
    slope = sliding_sum(np.concatenate(mirrored, axis=-1), _SMOOTHING)
    place = round(_USUAL_PLACE * slope.shape[-1])  # QRS complexes are the steepest tenth of the time: its median
    usual = np.partition(slope, place, axis=-1)[..., place, None]
    relative: Float32Array = np.minimum(slope / np.maximum(usual, np.float32(_LEAST_SLOPE_MV)), _MOST_SLOPE)
    return relative


def _common_slope(slope: Float32Array) -> Float32Array:
    if slope.ndim > 2:
        if (slope.max(axis=-1) >= 1).all():
            return median(slope.swapaxes(0, 1))
        return np.array([_common_slope(slope_of_signal) for slope_of_signal in slope])
    recorded = slope[slope.max(axis=1) >= 1]
    return median(recorded) if len(recorded) else np.zeros(slope.shape[1], np.float32)


def sliding_sum(values: Float32Array, length: int) -> Float32Array:
    """Compute the sum of each run of neighbours.

    It adds sums of 1, 2, 4 ... neighbours whose lengths add up to `length`. This is faster and more exact than
    differences of a cumulative sum. All rows are treated as one long row, which is faster too. Sums across two rows are
    cut off.

    Parameters
    ----------
    values
        Values of shape (..., samples).
    length
        Number of neighbours that are added.

    Returns
    -------
    Float32Array
        Sums of shape (..., samples - length + 1).
    """
    count = values.size - length + 1
    sums, size, added = values.ravel(), 1, 0
    total = np.zeros(values.size, np.float32)
    while True:
        if length & size:
            total[:count] += sums[added : added + count]
            added += size
        if added == length:
            return total.reshape(values.shape)[..., : values.shape[-1] - length + 1]
        sums, size = sums[size:] + sums[:-size], 2 * size


@lru_cache(16)  # nearly all recordings of a folder have the same length and rate
def _gains(samples: int, rate: float, count: int) -> Float32Array:
    """The gain of each of the lowest `count` coefficients in the three bands, shape (bands, count)."""
    frequency = np.arange(count, dtype=np.float32) * np.float32(rate / (2 * samples))
    waves = _ramp(frequency, *_WANDER_HZ)
    ecg = waves * _ramp(frequency, *_LOW_PASS_HZ)
    return np.stack([1 - waves, ecg, ecg * _ramp(frequency, *_HIGH_HZ)])


def _ramp(frequency: Float32Array, start: float, end: float) -> Float32Array:
    """0 at `start` Hz and beyond, 1 at `end` Hz and beyond, linear between."""
    gain: Float32Array = np.clip((frequency - np.float32(start)) / np.float32(end - start), 0, 1)
    return gain


def _mains(spectrum: Float32Array, rate: float) -> Float32Array:
    """Amplitude (..., leads) of a sine at a mains frequency, less that of its neighbours in the spectrum."""
    samples = spectrum.shape[-1]
    per_hz = 2 * samples / rate  # coefficients
    amplitude = np.zeros(spectrum.shape[:-1], np.float32)
    for mains in _MAINS_HZ:
        if mains + 4 < rate / 2:
            parts = [
                np.square(spectrum[..., int((mains + a) * per_hz) : int((mains + b) * per_hz)])
                for a, b in ((-1, 1), (-4, -2), (2, 4))
            ]
            line, below, above = (part.sum(axis=-1) for part in parts)
            amplitude = np.maximum(amplitude, np.sqrt(2 * np.maximum(line - (below + above) / 2, 0) / samples))
    return amplitude
