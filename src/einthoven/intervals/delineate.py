"""Where the waves of a median beat begin and end, in all leads together.

As commercial programs do, and as the CSE Working Party defines it (Eur Heart J 1985, 6:815), a boundary is global: the
first begin and the last end in any lead. All leads enter at once, through their root mean square and that of their slopes.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from einthoven.intervals.median_beat import BEFORE, RATE, Floats

_QRS_SHARE = 0.06  # of the QRS complex's largest slope: less is not QRS ...
_QRS_SLOPE = 0.6  # mV/s, ... nor is this, 0.006 mV in 10 ms
_EDGE = 0.2  # of the largest slope of a P or T wave's side: there it begins or ends
_P_LEAST = 0.01  # mV, root mean square over leads


@dataclass(frozen=True)
class Boundaries:
    """Samples of a median beat where waves begin and end; None where that cannot be told."""

    qrs_begin: float
    qrs_end: float
    p_begin: float | None = None
    t_end: float | None = None


def delineate(beat: Floats, rr_ms: float) -> Boundaries | None:
    """The boundaries in `beat` (leads, samples) in mV; None when not even a QRS complex stands out."""
    slope = _slope(beat)
    begin, end = _qrs(slope)
    if begin is None or end is None:
        return None
    smooth = _smoothed(beat, 40)
    t_end = _t_end(smooth, begin, end, rr_ms)
    before = 0 if t_end is None else round(t_end - _samples(rr_ms))  # where the last beat's T wave ends
    return Boundaries(begin, end, _p_begin(_smoothed(beat, 20), begin, max(before, 0)), t_end)


def p_window(begin: float) -> slice:
    """Where the P wave of a QRS complex that begins at `begin` is looked for."""
    return slice(max(round(begin) - _samples(300), 0), round(begin) - _samples(10))


def _samples(ms: float) -> int:
    return round(ms * RATE / 1000)


def _rms(leads: Floats) -> Floats:
    root: Floats = np.sqrt(np.square(leads).mean(axis=0))
    return root


def _slope(beat: Floats) -> Floats:
    """Root mean square over the leads of the slope, in mV/s."""
    return _rms(np.gradient(beat, axis=1)) * RATE


def _smoothed(beat: Floats, ms: float) -> Floats:
    window = np.hanning(_samples(ms) + 2)[1:-1].astype(np.float32)
    from scipy.ndimage import convolve1d
    return convolve1d(beat, window / window.sum(), axis=1, mode="nearest")


def _qrs(slope: Floats) -> tuple[int | None, int | None]:
    """Where the slope leaves its level before the QRS complex for the first time, and comes to that after it."""
    near = slice(BEFORE - _samples(100), BEFORE + _samples(100))
    peak = near.start + int(slope[near].argmax())
    before, after = slope[peak - _samples(180) : peak][::-1], slope[peak : peak + _samples(240)]
    begin = _settles(before, 60)
    end = _settles(after, 80)
    return None if begin is None else peak - 1 - begin, None if end is None else peak + end


def _settles(slope: Floats, ms: float) -> int | None:
    """First of the samples from which the slope rests for 12 ms."""
    rest = np.percentile(slope[_samples(ms)//2 :], 10)
    calm = slope < rest + max(_QRS_SHARE * (slope[0] - rest), _QRS_SLOPE)
    run = _samples(12)
    still = np.convolve(calm, np.ones(run), "valid") == run
    return int(still.argmax()) if still.any() else None


def _last_hump(height: Floats, share: float) -> int | None:
    """The last local maximum that has at least `share` of the highest one's height."""
    inner = height[1:-1]
    at = 1 + np.flatnonzero((inner > height[:-2]) & (inner >= height[2:]))
    if not len(at):
        return None
    return int(at[height[at] >= share * height[at].max()][-1])


def _t_end(beat: Floats, begin: int, end: int, rr_ms: float) -> float | None:
    """Where the slope after the T wave's top has fallen to a share of its largest."""
    level = beat[:, begin - _samples(16) : begin - _samples(4)].mean(axis=1, keepdims=True)
    first, last = end + _samples(60), begin + _samples(min(0.62 * rr_ms + 40, 540))
    if last - first < _samples(60):
        return None
    top = _last_hump(_rms(beat[:, first:last] - level), 0.6)
    if top is None:
        return None
    top += first
    stop = min(top + _samples(240), begin + _samples(0.9 * rr_ms))
    edge = _edge(_slope(beat[:, top:stop]), _samples(160))
    return None if edge is None else top + edge


def _p_begin(beat: Floats, begin: int, first: int) -> float | None:
    last = begin - _samples(10)
    first = max(first, begin - _samples(390))
    if last - first < _samples(60):
        return None
    part = beat[:, first:last]
    ramp = np.linspace(0, 1, last - first, dtype=np.float32)
    height = _rms(part - part[:, :1] * (1 - ramp) - part[:, -1:] * ramp)
    top = _last_hump(height, 0.5)
    if top is None or height[top] < _P_LEAST:
        return None
    edge = _edge(_slope(part[:, : top + 1])[::-1], _samples(110))
    return None if edge is None else first + top - edge


def _edge(slope: Floats, reach: int) -> float | None:
    """Where `slope`, from the top of a wave outwards, has fallen to a share of its largest within `reach`."""
    if len(slope) < 3: return None
    steepest = int(slope[:reach].argmax())
    rest = np.percentile(slope[steepest : steepest + _samples(140)], 10)
    limit = rest + _EDGE * (slope[steepest] - rest)
    under = np.flatnonzero(slope[steepest:] <= limit)
    if not len(under) or under[0] == 0:
        return None
    at = steepest + int(under[0])
    return float(at - (limit - slope[at]) / (slope[at - 1] - slope[at]))
