"""Find the onsets and offsets of the waves of a median beat.

A boundary is global: the earliest onset or the latest offset in any lead, as the CSE Working Party defines it (Eur
Heart J 1985, 6:815) and commercial programs measure it. All leads enter at once, through the root mean square of their
slopes, and one rule finds every boundary: outwards from a wave's steepest point, it is where the slope has fallen to a
share of that and stays there.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import sqrt

import numpy as np

from einthoven.arrays import Float32Array, Float64Array
from einthoven.signal.measurements.median_beat import BEFORE, RATE
from einthoven.signal.small_arrays import mean, where_true, windows


@dataclass(frozen=True)
class Boundaries:
    """Boundaries in samples from the first of a median beat; None if unclear."""

    qrs_onset: float
    qrs_offset: float
    p_onset: float | None = None
    p_offset: float | None = None
    t_offset: float | None = None


@dataclass(frozen=True)
class _Side:
    """Criterion for the end of one side of a wave: the slope stays below a limit for `calm` samples."""

    share: float
    """Limit as a share of the largest slope, counted from the slope at rest."""
    calm: int
    rest_quantile: float
    """The slope at rest is this quantile of the slopes outwards."""
    min_slope: float = 0.0
    """A slope in mV/s that is always low enough."""


def _samples(ms: float) -> int:
    return round(ms * RATE / 1000)


# The shares were set by the measurements in the files of six recorders, by bundle branch blocks and first-degree AV
# blocks of PTB-XL (folds 1 to 9), and by eye. An offset needs a longer calm, because the slow end of a bundle branch
# block has turning points.
_QRS_ONSET = _Side(0.06, _samples(12), 0.1, 0.6)
_QRS_OFFSET = _Side(0.04, _samples(24), 0.1, 0.6)
_P_ONSET = _Side(0.25, _samples(16), 0.3)
_P_OFFSET = _Side(0.3, _samples(10), 0.1)
_T_OFFSET = _Side(0.15, _samples(24), 0.2)
_P_SMOOTHING, _T_SMOOTHING = _samples(32), _samples(48)  # P and T waves have nothing above 20 Hz
_QRS_FIRST, _QRS_LAST = BEFORE - _samples(100), BEFORE + _samples(100)  # its steepest part lies between
_LONGEST_R, _LONGEST_S = _samples(180), _samples(240)  # from the steepest part to the onset and to the offset
_LONGEST_PR = _samples(390)
_LAST_P = _QRS_LAST  # where every P wave has ended
_USUAL_QT_MS = 420.0  # at 60 bpm: where the last T wave ends if that is unclear
_MIN_TP = 24.0 * RATE / 1000  # samples from the end of the last T wave to the onset of the P wave
_MAX_NADIR = 0.25  # of the steepest slope of the T wave's end: so low it is before a P or U wave
_NEXT_WAVE = 0.08  # of the steepest slope of the T wave's end: by how much the slope of a P or U wave rises again
_BLOCK = 32  # samples that are smoothed at once
_MIN_P_MV = 0.01  # root mean square over the leads


def delineate(beats: Float32Array, rr_ms: float) -> list[Boundaries | None]:
    """Find the boundaries of the waves in median beats.

    Parameters
    ----------
    beats
        Median beats of shape (beats, leads, samples) in mV at 500 Hz: several at once take less time.
    rr_ms
        Time between beats in ms.

    Returns
    -------
    list of Boundaries or None
        Wave boundaries of each beat; None if no QRS complex stands out.
    """
    slopes = _slope(beats)
    p_waves, t_waves = _smoothed(beats[..., :_LAST_P], _P_SMOOTHING), _smoothed(beats, _T_SMOOTHING)
    return [_delineate(*parts, rr_ms) for parts in zip(slopes, p_waves, t_waves, strict=True)]


def _delineate(slope: Float32Array, p_wave: Float32Array, t_wave: Float32Array, rr_ms: float) -> Boundaries | None:
    """The boundaries in one beat from its `slope` (samples,), and itself, smoothed for P and T waves."""
    peak = _QRS_FIRST + int(slope[_QRS_FIRST:_QRS_LAST].argmax())
    before = _samples_to_end(slope[peak - _LONGEST_R : peak + 1][::-1], _QRS_ONSET)
    after = _samples_to_end(slope[peak : peak + _LONGEST_S], _QRS_OFFSET)
    if before is None or after is None:
        return None
    onset, offset = peak - before, peak + after
    t_offset = _t_offset(t_wave, round(onset), round(offset), rr_ms)
    last_t = t_offset if t_offset is not None else onset + _samples(_USUAL_QT_MS * sqrt(rr_ms / 1000))
    last_t -= _samples(rr_ms)
    first = max(round(last_t), round(onset) - _LONGEST_PR, 0)
    p_onset, p_offset = _p_wave(p_wave, first, round(onset))
    if p_onset is not None and p_onset < last_t + _MIN_TP:
        p_onset = p_offset = None  # the last T wave hides it
    return Boundaries(onset, offset, p_onset, p_offset, t_offset)


def remove_line(part: Float32Array) -> Float32Array:
    """Subtract from each lead the line through its first and last sample.

    Parameters
    ----------
    part
        Signal of shape (..., samples).

    Returns
    -------
    Float32Array
        Signal of shape (..., samples); 0 at both ends.
    """
    falling, rising = _ramps(part.shape[-1])
    rest = part - part[..., :1] * falling
    rest -= part[..., -1:] * rising
    return rest


@lru_cache(1000)
def _ramps(samples: int) -> tuple[Float32Array, Float32Array]:
    """A line from 1 to 0, and one from 0 to 1."""
    rising = np.arange(samples, dtype=np.float32) / np.float32(max(samples - 1, 1))
    return 1 - rising, rising


def _t_offset(wave: Float32Array, onset: int, offset: int, rr_ms: float) -> float | None:
    """The offset of the T wave, for a QRS complex from `onset` to `offset`; None if unclear."""
    first, last = offset + _samples(60), onset + _samples(min(0.5 * rr_ms + 80, 540))  # its top lies between
    if last - first < _samples(60):
        return None
    start = onset - _samples(16)
    isoelectric = mean(wave[:, start : start + _samples(12)])[:, None]
    top = _last_top(_rms(wave[:, first:last] - isoelectric), 0.75)  # a U wave is lower
    if top is None:
        return None
    top += first
    end = min(top + _samples(260), onset + _samples(0.9 * rr_ms))
    slope = _slope(wave[:, top:end])
    steepest = int(slope[: _samples(160)].argmax())
    further = _samples_to_end(slope[steepest:], _T_OFFSET)
    if further is None:
        return None
    return top + steepest + min(further, _samples_to_next_wave(slope[steepest : steepest + int(further)]))


def _samples_to_next_wave(slope: Float32Array) -> float:
    """Number of samples from the T wave's steepest descent to the nadir before a P or U wave; infinite without one.

    Lepeschkin and Surawicz (Circulation 1952, 6:378) measure QT to the nadir between the T wave and the next wave.
    """
    if not len(slope):
        return np.inf
    later = np.maximum.accumulate(slope[::-1])[::-1]
    nadirs = (slope <= _MAX_NADIR * slope[0]) & (later - slope > _NEXT_WAVE * slope[0])
    return float(nadirs.argmax()) if nadirs.any() else np.inf


def _p_wave(wave: Float32Array, first: int, qrs_onset: int) -> tuple[float | None, float | None]:
    """Onset and offset of the P wave between `first`, after the last T wave, and the QRS complex; None if unclear."""
    last = qrs_onset - _samples(10)
    if last - first < _samples(60):
        return None, None
    part = wave[:, first:last]
    height = _rms(remove_line(part))
    top = _last_top(height, 0.5)
    if top is None or height[top] < _MIN_P_MV:
        return None, None
    slope = _slope(part)
    before = _steepest_to_end(slope[: top + 1][::-1], _samples(110), _samples(180), _P_ONSET)
    if before is None:
        return None, None
    after = _steepest_to_end(slope[top:], _samples(80), _samples(140), _P_OFFSET)
    return first + top - before, None if after is None else first + top + after


def _steepest_to_end(slope: Float32Array, reach: int, length: int, side: _Side) -> float | None:
    """Number of samples from the top of a wave to the end of its side, which is steepest within `reach` samples."""
    steepest = int(slope[:reach].argmax())
    further = _samples_to_end(slope[steepest : steepest + length], side)
    return None if further is None else steepest + further


def _samples_to_end(slope: Float32Array, side: _Side) -> float | None:
    """Number of samples from the first and steepest one to the end of the wave's `side`; None without an end."""
    if len(slope) < 2 * side.calm:
        return None
    place = int((len(slope) - side.calm) * side.rest_quantile)
    rest = np.partition(slope[side.calm :], place)[place]
    limit = rest + max(side.share * (slope[0] - rest), side.min_slope)
    at = _calm_from(slope.tolist(), float(limit), side.calm)
    return float(at - (limit - slope[at]) / (slope[at - 1] - slope[at])) if at else None


def _calm_from(slope: list[float], limit: float, calm: int) -> int:
    """The first of `calm` samples in a row that do not exceed the limit; 0 without any."""
    count = 0
    for place, value in enumerate(slope):  # it ends soon, so that NumPy would take longer
        count = count + 1 if value <= limit else 0
        if count == calm:
            return place + 1 - calm
    return 0


def _last_top(height: Float32Array, share: float) -> int | None:
    """The last local maximum that has at least `share` of the highest one's height."""
    at = 1 + where_true((height[1:-1] > height[:-2]) & (height[1:-1] >= height[2:]))
    return int(at[height[at] >= share * height[at].max()][-1]) if len(at) else None


def _rms(leads: Float32Array) -> Float32Array:
    """Root mean square (..., samples) over the leads (..., leads, samples)."""
    root: Float32Array = np.sqrt(np.einsum("...ls,...ls->...s", leads, leads) / np.float32(leads.shape[-2]))
    return root


def _slope(beat: Float32Array) -> Float32Array:
    """Root mean square over the leads of the slope (..., samples) in mV/s."""
    if beat.shape[-1] < 2:
        return np.zeros((*beat.shape[:-2], beat.shape[-1]), np.float32)
    change = np.empty_like(beat)  # as of np.gradient, which takes longer
    np.subtract(beat[..., 2:], beat[..., :-2], out=change[..., 1:-1])
    change[..., 1:-1] /= 2
    change[..., 0], change[..., -1] = beat[..., 1] - beat[..., 0], beat[..., -1] - beat[..., -2]
    return _rms(change) * np.float32(RATE)


def _smoothed(beats: Float32Array, samples: int) -> Float32Array:
    """The beats (..., samples) smoothed over `samples`, by a matrix product."""
    count, blocks = beats.shape[-1], -(-beats.shape[-1] // _BLOCK)
    padded = np.empty((*beats.shape[:-1], blocks * _BLOCK + 2 * samples), np.float32)
    padded[..., :samples] = beats[..., :1]
    padded[..., samples : samples + count] = beats
    padded[..., samples + count :] = beats[..., -1:]
    pieces = windows(padded, _BLOCK + 2 * samples)[..., ::_BLOCK, :].astype(np.float64)
    smooth = (pieces @ _smoothing(samples)).astype(np.float32)
    return smooth.reshape(*beats.shape[:-1], blocks * _BLOCK)[..., :count]


@lru_cache(2)
def _smoothing(samples: int) -> Float64Array:
    """The matrix (samples of a block and its neighbours, those of the block) that smooths over `samples`."""
    window = np.hanning(samples + 2)[1:-1].astype(np.float32)
    smooth, column = np.zeros((_BLOCK + 2 * samples, _BLOCK)), np.arange(_BLOCK)
    for k, weight in enumerate(window / window.sum(), start=samples // 2 + 1):
        smooth[column + k, column] = weight
    return smooth
