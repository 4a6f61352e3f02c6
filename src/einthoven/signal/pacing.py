"""Find pacing spikes and cut them out.

A pacing spike is narrower than any wave of the heart: 0.2 to 2 ms at the electrode, one to three samples of a
recording. The search uses the recording's own rate, before any filter that would smear it (AHA/ACC recommendations
for the electrocardiogram, Kligfield et al., J Am Coll Cardiol 2007, 49:1109, section "Pacemaker stimulus outputs").

Three properties distinguish it from a QRS complex, however steep that is. Nearly all its energy lies in the fourth
difference of the samples. It is one dipole, so that all leads show the same time course, while the vector of a QRS
complex rotates. And it recurs with the same sizes in the leads.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from einthoven.arrays import BoolArray, Float32Array, Float64Array, IndexArray
from einthoven.signal.small_arrays import where_true, windows

_STEP_S = 0.006  # between the samples of the fourth difference: longer than a spike, shorter than a wave
_MIN_OVER_FLOOR = 30.0  # energy of a spike, relative to the usual energy of the tracing at rest
_MIN_HEIGHT_MV = 0.1  # in the lead that shows it best
_MIN_SHARPNESS, _MIN_WEAK_SHARPNESS = 0.45, 0.2
_MIN_ONE_DIPOLE = 0.85
_MIN_LEADS = 2.0
_MIN_ALIKE = 0.9
_MAX_HEIGHT_RATIO = 1.7  # of two spikes that are alike; a sample may lie next to a spike's top
_MAX_CANDIDATES = 80
PEAK_PARAMETERS = {"step_s": _STEP_S, "over_floor": _MIN_OVER_FLOOR, "most_peaks": _MAX_CANDIDATES}
"""Parameters that a port of `sharp_peaks` to another language needs."""
_FEW = 3  # fewer spikes than this must be higher and sharper: two peaks of noise or two QRS complexes may look alike
_MIN_HEIGHT_OF_FEW_MV, _MIN_SHARPNESS_OF_FEW = 0.25, 0.65
_SAME_SPIKE_S = 0.03  # between a spike that was found and the recorder's mark of it
_STEEP = 0.2  # of a spike's steepest change: its sides end where less remains
_CROWD_S = 0.08  # three narrow peaks within this time on either side are noise; two may be one for each ventricle
_RINGING_HZ, _RINGING_S = 140.0, 0.05  # of the recorder's filter; how long it rings before and after a spike
_RINGING = 0.5  # a peak so near and lower than this share of its neighbour is an echo of the recorder's filter


@dataclass(frozen=True)
class Pacing:
    """The pacing spikes of a segment."""

    spikes: tuple[float, ...] = ()
    """Times in s from the start of the segment."""
    captured: bool | None = None
    """Whether the heart responds to the spikes; None without spikes, or if it is unclear."""


@dataclass(frozen=True)
class _Peaks:
    """Peaks of a signal with a sharpness of at least _MIN_WEAK_SHARPNESS; each array has one entry per peak."""

    at: IndexArray
    """Sample in the middle of each peak."""
    sharpness: Float32Array
    """Energy of the fourth difference, relative to that of the signal: 1.94 for a single sample, 0.05 to 0.3 for a QRS
    complex."""
    one_dipole: Float32Array
    """Share of the energy that a single time course explains in all leads."""
    pattern: Float32Array
    """Height in each lead in mV, shape (peaks, leads)."""

    def select(self, which: BoolArray) -> "_Peaks":
        return _Peaks(self.at[which], self.sharpness[which], self.one_dipole[which], self.pattern[which])


def find_spikes(signal: Float32Array, rate: float) -> Float64Array:
    """Find the pacing spikes of a signal.

    Parameters
    ----------
    signal
        Signal in mV, shape (leads, samples), unfiltered.
    rate
        Sampling rate in Hz, at least 100.

    Returns
    -------
    Float64Array
        Times in s, ascending, shape (spikes,). Empty unless at least two spikes are alike.
    """
    peaks = _peaks(signal, rate)
    if len(peaks.at) < 2:
        return np.zeros(0)
    heights = np.abs(peaks.pattern).max(axis=1, initial=0)
    possible = (heights >= _MIN_HEIGHT_MV) & (peaks.one_dipole >= _MIN_ONE_DIPOLE)
    possible &= _leads_involved(peaks.pattern) >= min(_MIN_LEADS, np.ptp(signal, axis=1).astype(bool).sum())
    strong = possible & (peaks.sharpness >= _MIN_SHARPNESS)
    strong[strong] &= ~_crowded(peaks.at[strong], heights[strong], rate)
    if strong.sum() < 2:
        return np.zeros(0)
    units = peaks.pattern / np.maximum(heights[:, None], np.float32(1e-9))
    units /= np.maximum(np.linalg.norm(units, axis=1, keepdims=True), np.float32(1e-9))
    alike = np.abs(units @ units[strong].T) >= _MIN_ALIKE
    alike &= np.abs(np.log(np.maximum(heights[:, None], 1e-9) / heights[strong])) <= np.log(_MAX_HEIGHT_RATIO)
    repeated = strong.copy()
    repeated[strong] = alike[strong].sum(axis=1) >= 2  # itself and another one
    of_repeated = alike[:, repeated[strong]]
    weak = possible & of_repeated.any(axis=1)
    spikes = repeated | weak
    spikes[spikes] &= ~_crowded(peaks.at[spikes], heights[spikes], rate)
    if spikes.sum() < 2 or np.median(peaks.sharpness[spikes]) < _MIN_SHARPNESS:  # QRS complexes, some of them steeper
        return np.zeros(0)
    if spikes.sum() < _FEW:
        clear = (heights[spikes] >= _MIN_HEIGHT_OF_FEW_MV) & (peaks.sharpness[spikes] >= _MIN_SHARPNESS_OF_FEW)
        if not clear.all():
            return np.zeros(0)
    return np.asarray(peaks.at[spikes] / rate, np.float64)


def sharp_peaks(signal: Float32Array, rate: float, sharpness: float, height_mv: float) -> int:
    """Count the peaks that may be spikes, at least as many as `find_spikes` finds.

    Parameters
    ----------
    signal
        Signal in mV, shape (leads, samples), unfiltered.
    rate
        Sampling rate in Hz, at least 100.
    sharpness
        Least energy of the fourth difference of a peak, relative to the peak's.
    height_mv
        Least height in the lead that shows it best.

    Returns
    -------
    int
        Number of peaks.
    """
    peaks = _peaks(signal, rate)
    high = np.abs(peaks.pattern).max(axis=1, initial=0) >= height_mv
    return int((high & (peaks.sharpness >= sharpness)).sum())


def _peaks(signal: Float32Array, rate: float) -> _Peaks:
    step = _step(rate)
    difference = _fourth_difference(signal, step)
    reach = 2 * step
    energy = np.convolve(np.einsum("ls,ls->s", difference, difference), np.ones(max(5, step), np.float32), "same")
    usual = np.partition(energy, len(energy) // 2)[len(energy) // 2]
    at = _separate_maxima(energy, _MIN_OVER_FLOOR * float(usual), 2 * reach)
    at = at[(at >= 3 * step) & (at < signal.shape[1] - 3 * step)]
    around = windows(signal, 6 * step + 1)[:, at - 3 * step].transpose(1, 0, 2)
    ramp = np.arange(6 * step + 1, dtype=np.float32) / np.float32(6 * step)
    height = around - around[..., :1] * (1 - ramp) - around[..., -1:] * ramp
    sharp = windows(difference, 2 * reach + 1)[:, np.maximum(at - reach, 0)].transpose(1, 0, 2)
    scale = np.maximum(np.abs(sharp).max(axis=(1, 2), initial=0, keepdims=True), np.float32(1e-6))  # against overflow
    sharp, height = sharp / scale, height / scale
    sharp_energy = np.einsum("plt,plt->p", sharp, sharp)
    sharpness = sharp_energy / np.maximum(np.einsum("plt,plt->p", height, height), np.float32(1e-9))
    narrow = sharpness >= _MIN_WEAK_SHARPNESS  # few QRS complexes are
    at, sharp, height, scale = at[narrow], sharp[narrow], height[narrow], scale[narrow]
    sharp_energy, sharpness = sharp_energy[narrow], sharpness[narrow]
    largest = np.linalg.eigvalsh(np.einsum("plt,pls->pts", sharp, sharp))[:, -1] if len(at) else sharp_energy
    top = np.abs(height).mean(axis=1).argmax(axis=1) if len(at) else at
    return _Peaks(
        at=at + top - 3 * step,
        sharpness=sharpness,
        one_dipole=largest / np.maximum(sharp_energy, np.float32(1e-12)),
        pattern=height[np.arange(len(at)), :, top] * scale[:, 0],
    )


def _fourth_difference(signal: Float32Array, step: int) -> Float32Array:
    """Return the difference between each sample and its interpolation by a cubic through its neighbours."""
    difference = np.zeros_like(signal)
    near = signal[:, step : -3 * step] + signal[:, 3 * step : -step]
    far = signal[:, : -4 * step] + signal[:, 4 * step :]
    difference[:, 2 * step : -2 * step] = signal[:, 2 * step : -2 * step] - (4 * near - far) / 6
    return difference


def _separate_maxima(values: Float32Array, least: float, distance: int) -> IndexArray:
    """Return the highest local maxima above `least`, at least `distance` apart."""
    inner = values[1:-1]
    at = 1 + where_true((inner > values[:-2]) & (inner >= values[2:]) & (inner > max(least, 1e-6)))
    chosen: list[int] = []
    near = bytearray(len(values) + distance)  # positions that are too near a chosen one
    for place in at[np.argsort(-values[at], kind="stable")].tolist():
        if len(chosen) == _MAX_CANDIDATES:
            break
        if not near[place]:
            chosen.append(place)
            first = max(place - distance + 1, 0)
            near[first : place + distance] = b"\1" * (place + distance - first)
    return np.array(sorted(chosen), np.intp)


def _leads_involved(pattern: Float32Array) -> Float32Array:
    """Return the number of leads that share each pattern: 1 if one lead has it all."""
    squares = np.square(pattern / np.maximum(np.abs(pattern).max(axis=1, keepdims=True), np.float32(1e-9)))
    leads: Float32Array = np.square(squares.sum(axis=1)) / np.maximum(np.square(squares).sum(axis=1), 1e-12)
    return leads


def _crowded(at: IndexArray, heights: Float32Array, rate: float) -> BoolArray:
    """Return the peaks that are echoes of a higher one, or belong to a burst of noise."""
    near = np.abs(at[:, None] - at) < _CROWD_S * rate
    echo = (near & (heights[:, None] < _RINGING * heights)).any(axis=1)
    crowded: BoolArray = echo | ((near & ~echo).sum(axis=1) > 2)
    return crowded


def all_spikes(found: Float64Array, marked: Sequence[float]) -> Float64Array:
    """Join the spikes that were found with those that the recorder marked.

    Parameters
    ----------
    found
        Times in s of the spikes that `find_spikes` found.
    marked
        Times in s of the spikes that the recorder marked.

    Returns
    -------
    Float64Array
        Times in s, ascending; for a spike in both, the time from `find_spikes`.
    """
    others = [at for at in marked if not (np.abs(found - at) < _SAME_SPIKE_S).any()]
    return np.sort(np.concatenate([found, others])) if others else found


def remove_spikes(signal: Float32Array, rate: float, spikes: Float64Array) -> Float32Array:
    """Cut spikes out of a signal: a line from the sample before each to the sample after it.

    Parameters
    ----------
    signal
        Signal in mV, shape (leads, samples), unfiltered.
    rate
        Sampling rate in Hz.
    spikes
        Times in s of the spikes, from `find_spikes`.

    Returns
    -------
    Float32Array
        Signal without the spikes, shape (leads, samples); `signal` itself if there are no spikes.
    """
    if not len(spikes):
        return signal
    cleaned = signal.copy()
    for at in np.rint(spikes * rate).astype(int).tolist():
        first = at - _reach_to_rest(signal[:, : at + 1][:, ::-1], rate)
        last = at + _reach_to_rest(signal[:, at:], rate)
        ramp = np.linspace(0, 1, last - first + 1, dtype=np.float32)
        cleaned[:, first : last + 1] = signal[:, first, None] * (1 - ramp) + signal[:, last, None] * ramp
        _smooth_ringing(cleaned, at, rate)
    return cleaned


def _smooth_ringing(signal: Float32Array, at: int, rate: float) -> None:
    """Smooth around a spike in place: the recorder's filter rings there, near its cut-off frequency."""
    step, reach = max(1, round(rate / (2 * _RINGING_HZ))), round(_RINGING_S * rate)
    first, last = max(at - reach, 2 * step), min(at + reach, signal.shape[1] - 2 * step)
    if first < last:
        parts = [signal[:, first + k * step : last + k * step] for k in range(-2, 3)]
        # zero at the cut-off frequency, and flat up to a third of it
        signal[:, first:last] = (10 * parts[2] + 4 * (parts[1] + parts[3]) - parts[0] - parts[4]) / 16


def _reach_to_rest(side: Float32Array, rate: float) -> int:
    """Return the number of samples in a side of a spike, which begins at its top."""
    changes = np.abs(np.diff(side[:, : 2 * _step(rate) + 1], axis=1)).mean(axis=0)
    steep = np.flatnonzero(changes > _STEEP * changes.max(initial=0))
    return int(steep[-1]) + 1 if len(steep) else 0


def _step(rate: float) -> int:
    return max(1, round(_STEP_S * rate))
