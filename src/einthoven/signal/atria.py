"""P waves between the beats: whether they lead each QRS complex, are dropped, dissociated or absent, and their rate.

P waves are searched for while the ventricles are silent, from the end of the T wave to the next QRS complex. The
shape that recurs most often there is taken as the P wave; every place that matches it is a P wave.
"""

from itertools import pairwise
from math import sqrt
from typing import NamedTuple

import numpy as np

from einthoven.arrays import BoolArray, Float32Array, IndexArray
from einthoven.signal.bands import RATE, Bands
from einthoven.signal.beat_values import PWaves
from einthoven.signal.hidden_atria import halfway_p_wave, without_beats
from einthoven.signal.medians import median
from einthoven.signal.small_arrays import mean, where_true, windows

_HALF = RATE * 5 // 100  # samples on either side of a P wave's top: 100 ms in all
_QT_S = 0.40  # from the middle of the QRS complex to the end of the T wave at 60 bpm; grows with the root of RR
_MAX_QT_FACTOR = 1.2
_SHORTEST_T, _CALM = 0.7, 0.15  # share of that time that passes in any case; of the T wave's steepest slope
_SAME_FORM, _FITS, _MIN_SIZE = 0.7, 0.6, 0.5  # correlations; share of the usual P wave's size
_MIN_APART = RATE * 12 // 100
# From the P wave's top to the QRS complex's steepest part: a PR interval of 0.12 s at least, of 0.4 s at most.
_MIN_PR, _MAX_PR = RATE * 8 // 100, RATE * 40 // 100
_PR_SPREAD = RATE * 4 // 100
_MIN_ROOM = 2 * _HALF + RATE * 4 // 100  # silent samples before a QRS complex, so that its P wave can be seen
_MIN_BEATS = 3
# In PTB-XL's folds 1-8, 95 % of records in sinus rhythm have P waves at one distance before 89 % of the beats or more;
# 75 % of records in atrial fibrillation before 59 % or fewer.
_LEADING, _NOT_LEADING = 0.75, 0.6
_MAX_NOISE_MV = 0.02  # above 20 Hz: with more, P waves that are not seen may be there
_PP_TOLERANCE = 0.08  # share by which PP intervals vary in a regular atrial rhythm
_MIN_PP, _MAX_PP = RATE * 16 // 100, RATE * 2
_PP_REGULAR, _PP_VISIBLE = 0.8, 0.7  # shares of the PP intervals that fit, of the P waves to be expected that are seen
_FASTER = 1.15  # atrial rate relative to the ventricular one, so that P waves are dropped or dissociated
_MIN_EXTRA = 1.5  # P waves more than beats, from the first beat to the last
_LONG_RR, _LONGER = RATE * 19 // 10, 1.5  # an RR interval so long, also relative to the usual one, holds P waves
# The fastest beats between which blocked P waves are searched; and halfway between others if none are seen.
_MAX_SLOW_BPM, _MAX_HALF_BPM = 90.0, 56.0
# None of 648 slow records of PTB-XL's folds 1-9 with regular leading P waves fits so well; simulated 2:1 blocks do.
_MIN_HALFWAY_FIT, _HALFWAY_SIZE = 0.92, (0.45, 1.4)
_MIN_DOUBTFUL_FIT = 0.85
_SEEN_HALFWAY_FIT = 0.8  # if regular P waves were found there: U waves in their place have 0.6 at most
_MAX_BLOCKED_BPM = 150.0  # more are ends of T waves or U waves rather than P waves that are not conducted
_MAX_IRREGULAR_BPM = 115.0  # likewise if the beats are irregular: P waves so fast lead any beat at some distance
_NO_P_WAVES_BPM = 220.0  # faster atria flutter: no P waves
# Root mean square over the leads of the mean wave before QRS complexes. Of normal ECGs of folds 1-8, 95 % have more;
# the waves of fibrillation cancel out to 0.011 (median).
_MAX_NO_WAVE_MV, _MAX_IRREGULAR_WAVE_MV = 0.018, 0.025  # more of the T wave remains before an early beat
_IRREGULAR = 0.1  # standard deviation of the RR intervals, as a share of their mean


class Atria(NamedTuple):
    """Atrial activity of a signal."""

    p_waves: PWaves | None = None
    """Relation of the P waves to the dominant beats; None if unclear."""
    rate_bpm: float | None = None
    pr_s: tuple[float | None, ...] = ()
    """Time in s from the top of a P wave that may lead the beat to the middle of the QRS complex; empty if unclear."""


def atrial_activity(bands: Bands, at: IndexArray, onsets: IndexArray, dominant: BoolArray) -> Atria:
    """Determine how the atrial activity relates to the beats.

    Parameters
    ----------
    bands
        Frequency bands of one signal.
    at
        Samples of the QRS complexes, ascending; at least two.
    onsets
        Sample at which each QRS complex begins, shape (beats,).
    dominant
        Boolean mask of the QRS complexes of the dominant kind, shape (beats,).

    Returns
    -------
    Atria
        Atrial activity; values that are unclear keep their defaults.
    """
    waves = _smoothed(bands.ecg)
    silent = _silent(waves, at, onsets, dominant)
    p_waves, form = _p_waves(waves, silent)
    pr = _pr(p_waves, at)
    silent_until = np.append(0, np.cumsum(silent))
    room = silent_until[at] - silent_until[np.maximum(at - _MAX_PR, 0)] >= _MIN_ROOM
    room &= dominant
    room[0] = False  # what precedes it may be cut off
    if room.sum() < min(_MIN_BEATS, len(at) // 2):
        return Atria()
    with_p = pr[room] > 0
    usual_pr = float(median(pr[room][with_p])) if with_p.any() else 0.0
    at_one_distance = float((with_p & (np.abs(pr[room] - usual_pr) <= _PR_SPREAD)).mean())
    ventricular, rr = 60 * RATE * (len(at) - 1) / float(at[-1] - at[0]), at[1:] - at[:-1]
    steady = bool(np.ptp(rr) <= 2 * _PP_TOLERANCE * median(rr))
    period = _period(p_waves, silent)
    if period is not None and 60 * RATE / period >= _NO_P_WAVES_BPM:
        return Atria("absent", 60 * RATE / period)
    leading = at_one_distance >= _LEADING
    doubtful = not (leading and steady) and ventricular <= _MAX_SLOW_BPM
    if doubtful and form is not None and not _is_blocked(period, at, p_waves):
        rest, visible = without_beats(waves, at, dominant)  # P waves that are not conducted may lie on T waves
        hidden = _places(rest, visible, form)
        if _is_blocked(more := _period(hidden, visible), at, hidden):
            period, p_waves = more, hidden
            pr = _pr(p_waves, at)
    blocked, half = _is_blocked(period, at, p_waves), 2 * ventricular
    seen = blocked and period is not None and abs(60 * RATE / period - half) <= _PP_TOLERANCE * half
    if leading and (seen or (steady and ventricular <= _MAX_HALF_BPM)):
        fit, size = halfway_p_wave(waves, at, round(usual_pr))
        if fit >= (_SEEN_HALFWAY_FIT if seen else _MIN_HALFWAY_FIT) and _HALFWAY_SIZE[0] <= size <= _HALFWAY_SIZE[1]:
            return Atria("dropped", half, _seconds(pr))
        if fit >= _MIN_DOUBTFUL_FIT and not seen and size >= _HALFWAY_SIZE[0]:
            return Atria(None, None, _seconds(pr))
        blocked &= not seen  # U waves may come halfway between P waves
    if blocked and period is not None:
        pr = _pr(_filled(p_waves, period, waves.shape[1]), at)
        drift = np.ptp(pr[pr > 0]) if (pr > 0).any() else 0
        bound = (pr[room] > 0).mean() >= _LEADING and (drift <= 2 * _PR_SPREAD or not steady)
        if steady or (bound and 60 * RATE / period <= _MAX_IRREGULAR_BPM):
            return Atria("dropped" if bound else "dissociated", 60 * RATE / period, _seconds(pr))
        return Atria()
    if leading:
        return Atria("leading", ventricular, _seconds(pr))
    unled = float((~with_p).mean()) >= _LEADING
    if period is not None and unled and steady and ventricular <= _MAX_HALF_BPM:
        return Atria("dissociated", 60 * RATE / period)  # one for each beat at least, and none that may lead it
    limit_mv = _MAX_NO_WAVE_MV if rr.std() < _IRREGULAR * rr.mean() else _MAX_IRREGULAR_WAVE_MV
    hidden_waves = _noise_mv(bands) > _MAX_NOISE_MV or _mean_wave_mv(waves, silent, onsets[room]) > limit_mv
    unclear = hidden_waves or period is not None or at_one_distance >= _NOT_LEADING
    return Atria(None if unclear else "absent")


def _smoothed(ecg: Float32Array) -> Float32Array:
    """The mean of three samples of each lead, twice, the ends repeated: P waves have nothing above 20 Hz."""
    padded = np.concatenate([ecg[:, :1], ecg[:, :1], ecg, ecg[:, -1:], ecg[:, -1:]], axis=1)
    threes = padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]
    smooth: Float32Array = (threes[:, :-2] + threes[:, 1:-1] + threes[:, 2:]) / np.float32(9)
    return smooth


def _filled(p_waves: IndexArray, period: float, samples: int) -> IndexArray:
    """P waves at a PP interval, with those between, before and after them that are not seen."""
    first, last = float(p_waves[0]), float(p_waves[-1])
    ends = [first - period * (int(first / period) + 1), *p_waves, last + period * (int((samples - last) / period) + 1)]
    filled = [np.linspace(a, b, max(round((b - a) / period), 1), endpoint=False) for a, b in pairwise(ends)]
    places: IndexArray = np.rint(np.concatenate(filled)).astype(np.intp)
    return places


def _is_blocked(period: float | None, at: IndexArray, p_waves: IndexArray) -> bool:
    """Whether some of the P waves, which come at a PP interval, are not conducted."""
    if period is None:
        return False
    beats, seconds, atrial = len(at) - 1, float(at[-1] - at[0]), 60 * RATE / period
    extra = seconds / period - beats
    if extra < _MIN_EXTRA or seconds / period < _FASTER * beats or atrial > _MAX_BLOCKED_BPM:
        return False
    rr = at[1:] - at[:-1]
    for start, gap in zip(at[:-1], rr, strict=True):
        inside = int(((p_waves > start) & (p_waves < start + gap)).sum())
        if gap >= max(_LONG_RR, _LONGER * median(rr)) and inside < gap / period / 2:
            return False  # sinus arrest rather than P waves that are not conducted
    return True


def _pr(p_waves: IndexArray, at: IndexArray) -> IndexArray:
    """Samples from the last P wave that may lead each beat to it; 0 without one."""
    last = np.searchsorted(p_waves, at - _MIN_PR, side="right")
    pr: IndexArray = at - np.append(-_MAX_PR - 1, p_waves)[last]  # before the first P wave is none
    return np.where(pr <= _MAX_PR, pr, 0)


def _seconds(pr: IndexArray) -> tuple[float | None, ...]:
    return tuple([samples / RATE if samples else None for samples in pr.tolist()])


def _noise_mv(bands: Bands) -> float:
    """Noise above 20 Hz between the beats."""
    middle = bands.high_frequency.size // 2
    return float(np.partition(np.abs(bands.high_frequency), middle, axis=None)[middle])


def _mean_wave_mv(waves: Float32Array, silent: BoolArray, onsets: IndexArray) -> float:
    """Size of the highest wave in the mean of what precedes the QRS complexes."""
    before = int(median(np.array([silent[max(onset - _MAX_PR, 0) : onset].sum() for onset in onsets])))
    starts = onsets[onsets >= before] - before
    if before <= 2 * _HALF or not len(starts):
        return 0.0
    mean_wave = mean(windows(waves, before)[:, starts], axis=1)
    shapes = _less_line(mean_wave, np.arange(before - 2 * _HALF))
    return float(np.sqrt(np.square(shapes).sum(axis=0).max() / (len(waves) * (2 * _HALF + 1))))


def _less_line(waves: Float32Array, starts: IndexArray) -> Float32Array:
    """The waves (leads, samples) after each start, minus the line through the first and the last sample.

    Shape (leads x samples of a P wave, starts): long rows, with which NumPy is fastest. The two samples are left out.
    """
    time = np.arange(1, 2 * _HALF)[:, None]
    ramp = time.astype(np.float32) / np.float32(2 * _HALF)
    rest: Float32Array = np.take(waves, starts + time, axis=1)
    line = np.take(waves, starts, axis=1)[:, None] * (1 - ramp)
    rest -= line
    rest -= np.multiply(np.take(waves, starts + 2 * _HALF, axis=1)[:, None], ramp, out=line)
    return rest.reshape(len(waves) * len(time), len(starts))


def _p_waves(waves: Float32Array, silent: BoolArray) -> tuple[IndexArray, Float32Array | None]:
    """Samples of the tops of the P waves that can be seen, and their form (leads x samples,); None without any."""
    starts, shapes, sizes = _shapes(waves, silent)
    tops = _tops(sizes, starts, 0.0)
    if not len(tops):
        return tops, None
    highest = np.take(shapes, tops, axis=1)
    units = highest / sizes[tops]
    alike = units.T @ units >= _SAME_FORM
    form = highest[:, alike[int((alike * sizes[tops]).sum(axis=1).argmax())]].mean(axis=1)
    return _fitting(starts, shapes, sizes, form), form


def _places(waves: Float32Array, visible: BoolArray, form: Float32Array) -> IndexArray:
    """Samples of the tops of the P waves of a known form."""
    return _fitting(*_shapes(waves, visible), form)


def _shapes(waves: Float32Array, silent: BoolArray) -> tuple[IndexArray, Float32Array, Float32Array]:
    """Possible starts of P waves, their detrended shapes (leads x samples, places), and the norm of each shape."""
    starts = where_true(_all_in_a_row(silent))
    if len(starts) < 2 * _HALF + 1:
        starts = starts[:0]
    shapes = _less_line(waves, starts)
    size = np.sqrt(np.einsum("wp,wp->p", shapes, shapes))
    return starts, shapes, np.maximum(size, np.float32(1e-6))


def _all_in_a_row(silent: BoolArray) -> BoolArray:
    """Whether it is silent from each place on, for as long as a P wave."""
    width = 2 * _HALF + 1
    until = np.zeros(len(silent) + 1, np.intp)
    np.cumsum(silent, out=until[1:])
    all_silent: BoolArray = until[width:] - until[:-width] == width
    return all_silent


def _fitting(starts: IndexArray, shapes: Float32Array, sizes: Float32Array, form: Float32Array) -> IndexArray:
    length = max(float(np.linalg.norm(form)), 1e-6)
    product = form @ shapes
    relative_size = np.where(product >= _FITS * length * sizes, product / length**2, 0)
    places: IndexArray = starts[_tops(relative_size, starts, _MIN_SIZE)] + _HALF
    return places


def _tops(size: Float32Array, starts: IndexArray, least: float) -> IndexArray:
    """Indices of the local maxima of `size`, as far as both neighbours are known: `starts` that follow each other."""
    if len(starts) < 3:
        return np.zeros(0, np.intp)
    inner = size[1:-1]
    known = starts[2:] - starts[:-2] == 2
    tops = 1 + where_true(known & (inner > size[:-2]) & (inner >= size[2:]) & (inner > least))
    chosen: list[int] = []
    last_place, last_height = -_MIN_APART, 0.0
    for top, place, height in zip(tops.tolist(), starts[tops].tolist(), size[tops].tolist(), strict=True):
        near = place - last_place < _MIN_APART
        if near and height <= last_height:
            continue
        if near:
            chosen.pop()
        chosen.append(top)
        last_place, last_height = place, height
    return np.array(chosen, np.intp)


def _silent(waves: Float32Array, at: IndexArray, onsets: IndexArray, dominant: BoolArray) -> BoolArray:
    """Boolean mask of the samples without ventricular activity: from the end of each T wave to the next QRS complex."""
    samples, rr = waves.shape[1], float(median(at[1:] - at[:-1]))
    to_t_end = _to_t_end(waves, at[dominant], rr)
    silent = np.zeros(samples, bool)
    last = at[0] - round(rr)  # a beat before the first may have a T wave, too
    for beat, following in zip([last, *at], [*onsets, samples], strict=True):
        silent[max(beat + to_t_end, 0) : max(following, 0)] = True
    return silent


def _to_t_end(waves: Float32Array, at: IndexArray, rr: float) -> int:
    """Samples from the middle of a QRS complex to the end of its T wave: where the mean T wave's slope has ended, or as
    usual at this rate."""
    longest = round(_QT_S * min(sqrt(rr / RATE), _MAX_QT_FACTOR) * RATE)
    first = round(_SHORTEST_T * longest)
    whole = at[at < waves.shape[1] - longest - 1]
    if len(whole) < _MIN_BEATS:
        return longest
    usual = mean(windows(waves, longest + 1)[:, whole], axis=1)
    slope = mean(np.abs(usual[:, 1:] - usual[:, :-1]), axis=0)[first // 2 :]
    steepest = int(slope[: longest - first // 2].argmax())
    calm = where_true(slope[steepest:] < _CALM * slope[steepest])
    return min(max(first // 2 + steepest + int(calm[0]) + 2, first), longest) if len(calm) else longest


def _period(p_waves: IndexArray, silent: BoolArray) -> float | None:
    """The PP interval in samples; None unless the P waves are regular and seen at every possible place."""
    pp = p_waves[1:] - p_waves[:-1]
    if len(pp) < _MIN_BEATS:
        return None
    visible = _all_in_a_row(np.concatenate([np.zeros(_HALF, bool), silent, np.zeros(_HALF, bool)]))
    periods = np.array(sorted(set(pp[(pp >= _MIN_PP) & (pp <= _MAX_PP)].tolist()), reverse=True))[:, None]
    counts = np.maximum(np.rint(pp / periods), 1)
    fitting = np.abs(pp - counts * periods) <= _PP_TOLERANCE * periods * np.sqrt(counts)
    regular = (fitting.mean(axis=1) >= _PP_REGULAR) & ((fitting & (counts == 1)).sum(axis=1) >= 2)
    for count, fits in zip(counts[regular], fitting[regular], strict=True):
        exact = float(pp[fits].sum() / count[fits].sum())
        between = [
            start + k * gap / n for start, gap, n in zip(p_waves, pp, count, strict=False) for k in range(1, int(n))
        ]
        missing = int(visible[np.rint(between).astype(int)].sum()) if between else 0
        if len(p_waves) >= _PP_VISIBLE * (len(p_waves) + missing):
            return exact
    return None
