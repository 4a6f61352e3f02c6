"""Find where the waves of a median beat begin and end.

A boundary is global: the earliest onset or the latest offset in any lead, as the CSE Working Party defines it (Eur
Heart J 1985, 6:815) and commercial programs measure it. All leads enter at once, through the root mean square of their
slopes, and one rule finds every boundary: outwards from a wave's steepest point, it is where the slope has fallen to a
share of that and stays there.
"""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import convolve1d

from einthoven.arrays import Float32Array
from einthoven.signal.measurements.median_beat import BEFORE, RATE


@dataclass(frozen=True)
class Boundaries:
    """Boundaries in samples from the first of a median beat; None if unclear."""

    qrs_onset: float
    qrs_offset: float
    p_onset: float | None = None
    t_offset: float | None = None


@dataclass(frozen=True)
class _Side:
    """What ends a side of a wave: a slope that is not exceeded for `calm` samples."""

    share: float
    """Of the largest slope, counted from the slope at rest."""
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
_T_OFFSET = _Side(0.2, _samples(24), 0.2)
_P_SMOOTHING, _T_SMOOTHING = _samples(32), _samples(48)  # P and T waves have nothing above 20 Hz
_MIN_P_MV = 0.01  # root mean square over the leads


def delineate(beat: Float32Array, rr_ms: float) -> Boundaries | None:
    """Find the boundaries of the waves in a median beat.

    Parameters
    ----------
    beat
        Shape (leads, samples) in mV at 500 Hz.
    rr_ms
        Time between beats.

    Returns
    -------
    Boundaries or None
        None if no QRS complex stands out.
    """
    slope = _slope(beat)
    near = slice(BEFORE - _samples(100), BEFORE + _samples(100))
    peak = near.start + int(slope[near].argmax())
    before = _samples_to_end(slope[peak - _samples(180) : peak + 1][::-1], _QRS_ONSET)
    after = _samples_to_end(slope[peak : peak + _samples(240)], _QRS_OFFSET)
    if before is None or after is None:
        return None
    onset, offset = peak - before, peak + after
    t_offset = _t_offset(_smoothed(beat, _T_SMOOTHING), round(onset), round(offset), rr_ms)
    last_t = 0 if t_offset is None else max(round(t_offset) - _samples(rr_ms), 0)
    p_onset = _p_onset(_smoothed(beat, _P_SMOOTHING), max(last_t, round(onset) - _samples(390)), round(onset))
    return Boundaries(onset, offset, p_onset, t_offset)


def remove_line(part: Float32Array) -> Float32Array:
    """Subtract from each lead the line through its first and last sample.

    Parameters
    ----------
    part
        Shape (leads, samples).

    Returns
    -------
    Float32Array
        Shape (leads, samples); 0 at both ends.
    """
    ramp = np.linspace(0, 1, part.shape[1], dtype=np.float32)
    rest: Float32Array = part - part[:, :1] * (1 - ramp) - part[:, -1:] * ramp
    return rest


def _t_offset(beat: Float32Array, onset: int, offset: int, rr_ms: float) -> float | None:
    """Where the T wave ends, if the QRS complex lies between `onset` and `offset`."""
    first, last = offset + _samples(60), onset + _samples(min(0.5 * rr_ms + 80, 540))  # its top lies between
    if last - first < _samples(60):
        return None
    isoelectric = beat[:, onset - _samples(16) : onset - _samples(4)].mean(axis=1, keepdims=True)
    top = _last_top(_rms(beat[:, first:last] - isoelectric), 0.75)  # a U wave is lower
    if top is None:
        return None
    top += first
    slope = _slope(beat[:, top : min(top + _samples(260), onset + _samples(0.9 * rr_ms))])
    steepest = int(slope[: _samples(160)].argmax())
    further = _samples_to_end(slope[steepest:], _T_OFFSET)
    return None if further is None else top + steepest + further


def _p_onset(beat: Float32Array, first: int, qrs_onset: int) -> float | None:
    """Where the P wave begins, which lies between `first`, after the last T wave, and the QRS complex."""
    part = beat[:, first : qrs_onset - _samples(10)]
    if part.shape[1] < _samples(60):
        return None
    height = _rms(remove_line(part))
    top = _last_top(height, 0.5)
    if top is None or height[top] < _MIN_P_MV:
        return None
    slope = _slope(part[:, : top + 1])[::-1]
    steepest = int(slope[: _samples(110)].argmax())
    further = _samples_to_end(slope[steepest : steepest + _samples(180)], _P_ONSET)
    return None if further is None else first + top - steepest - further


def _samples_to_end(slope: Float32Array, side: _Side) -> float | None:
    """How many samples from the first, a wave's steepest, to where its `side` ends; None if it does not."""
    if len(slope) < 2 * side.calm:
        return None
    place = int((len(slope) - side.calm) * side.rest_quantile)
    rest = np.partition(slope[side.calm :], place)[place]
    limit = rest + max(side.share * (slope[0] - rest), side.min_slope)
    calm = np.convolve(slope <= limit, np.ones(side.calm), "valid") == side.calm
    at = int(calm.argmax())
    if at == 0:
        return None
    return float(at - (limit - slope[at]) / (slope[at - 1] - slope[at]))


def _last_top(height: Float32Array, share: float) -> int | None:
    """The last local maximum that has at least `share` of the highest one's height."""
    at = 1 + np.flatnonzero((height[1:-1] > height[:-2]) & (height[1:-1] >= height[2:]))
    return int(at[height[at] >= share * height[at].max()][-1]) if len(at) else None


def _rms(leads: Float32Array) -> Float32Array:
    root: Float32Array = np.sqrt(np.square(leads).mean(axis=0))
    return root


def _slope(beat: Float32Array) -> Float32Array:
    """Root mean square over the leads of the slope (samples,) in mV/s."""
    if beat.shape[1] < 2:
        return np.zeros(beat.shape[1], np.float32)
    return _rms(np.gradient(beat, axis=1)) * np.float32(RATE)


def _smoothed(beat: Float32Array, samples: int) -> Float32Array:
    window = np.hanning(samples + 2)[1:-1].astype(np.float32)
    smooth: Float32Array = convolve1d(beat, window / window.sum(), axis=1, mode="nearest")
    return smooth
