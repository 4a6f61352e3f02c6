"""All beats of a signal: times, kinds, regularity, pauses, and the relation of the atria to them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from einthoven.arrays import BoolArray, Float32Array, IndexArray
from einthoven.signal.atria import atrial_activity
from einthoven.signal.bands import RATE, Bands
from einthoven.signal.beat_values import PAUSE_S, Beats, Pause
from einthoven.signal.heart_rate import find_qrs, rate_of, steepest_qrs
from einthoven.signal.medians import median
from einthoven.signal.small_arrays import mean, neighbours, where_true
from einthoven.signal.unorganized import find_unorganized, is_run

_HALF = RATE // 10  # samples on either side of a beat that are compared
_REACH = RATE * 4 // 100  # samples that a beat may move to fit another one
_BEFORE_QRS = RATE * 4 // 100  # minimum number of samples from the onset of a QRS complex to its steepest part
_ALIKE = 0.85  # correlation of QRS complexes of one form
_OTHER = 0.75  # correlation below which a QRS complex has another form
_PREMATURE = 0.85  # of the usual RR interval
_PREMATURE_ALIKE = 0.8  # of the usual RR interval, for a beat of the dominant form; sinus arrhythmia rarely reaches it
_FAST_RR, _SLOWER = RATE / 2, 1.2  # samples between beats of a tachycardia, and how much slower the rhythm before it is
_WIDER_S = 0.03  # by which a ventricular beat is wider than the dominant one, if it is not premature
_STEADY, _MIN_STEADY = 0.1, 0.4  # share of RR intervals near the usual one, without which no beat is premature
_MAX_RR_SPREAD, _MIN_RR_SPREAD_S = 0.15, 0.04  # longest less shortest RR of a regular rhythm, as share of the usual one
_MIN_STEEPEST, _MIN_STEEPEST_ALIKE = 3, 0.8  # if only the steepest candidates are beats: their number, and share alike
_MIN_ALIKE_SHARE = 0.3  # share of organized beats that have the commonest form


def analyze_beats(bands: Bands) -> Beats:
    """Analyze the beats of a signal.

    Parameters
    ----------
    bands
        Frequency bands of one signal, pacing spikes removed.

    Returns
    -------
    Beats
        The beats; not organized and without beats if none stand out.
    """
    qrs = find_qrs(bands)
    at = qrs.all
    if len(at) < 2:
        return Beats()
    forms = _forms(bands.ecg, at)
    if not forms.is_common(_MIN_ALIKE_SHARE):
        qrs = steepest_qrs(bands, qrs)  # noise, as steep as a usual wave of the signal, but not as QRS complexes
        if len(at := qrs.all) < _MIN_STEEPEST or not (forms := _forms(bands.ecg, at)).is_common(_MIN_STEEPEST_ALIKE):
            return Beats()
    fits, onset, width, alike, dominant = forms
    samples = bands.ecg.shape[1]
    moved = np.where(alike[dominant] > _ALIKE, fits[:, :, dominant].argmax(axis=0) - _REACH, 0)
    at, onset = np.minimum(np.maximum(at + moved, 0), samples - 1), onset + moved
    clear = (at >= _HALF) & (at < samples - _HALF) & ~qrs.all_doubtful
    kinds = _kinds(at, alike[dominant], width, clear | _in_run(alike > _ALIKE, dominant))
    unorganized = find_unorganized(bands.common_slope, at, alike > _ALIKE, kinds)
    atria = atrial_activity(bands, at, onset, kinds == "dominant")
    if atria.p_waves == "absent":  # a beat of an irregular rhythm is not premature
        kinds[kinds == "supraventricular"] = "dominant"
    return Beats(
        times_s=at / RATE,
        kinds=tuple(kinds.tolist()),
        rate_bpm=rate_of(qrs),
        regular=is_regular(at, kinds),
        pauses=tuple([pause for pause in find_pauses(at, samples) if pause not in unorganized]),
        p_waves=atria.p_waves,
        atrial_rate_bpm=atria.rate_bpm,
        pr_s=atria.pr_s,
        steep_s=float(median(width[alike[dominant] > _ALIKE])) / RATE,
        organized=True,
        unorganized=unorganized,
        edges_s=(float(at[0]) / RATE, float(at[-1]) / RATE),
    )


class _Forms(NamedTuple):
    """The forms of the QRS complexes of a signal, and their similarity."""

    fits: Float32Array
    """Correlation of each complex, moved by up to _REACH, with each other one, shape (moves, beats, beats)."""
    onset: IndexArray
    width: IndexArray
    alike: Float32Array
    """The best correlation of each complex with each other one, shape (beats, beats)."""
    dominant: int
    """The most typical beat of the commonest form."""

    def is_common(self, share: float) -> bool:
        """Return whether at least two beats, and at least a share of all, have the commonest form, dominant or not."""
        alike = (self.alike > _ALIKE).sum(axis=1).max()
        return bool(alike >= 2 and alike >= share * len(self.alike))


def _forms(ecg: Float32Array, at: IndexArray) -> _Forms:
    reach = _HALF + _REACH
    around = ecg[:, neighbours(at, reach, ecg.shape[1])].transpose(1, 0, 2)  # (beats, leads, samples)
    moves, length = 2 * _REACH + 1, 2 * _HALF + 1
    pieces = np.concatenate([around[:, :, k : k + length].reshape(-1, length) for k in range(moves)])
    pieces -= (pieces @ np.full(length, 1 / length, np.float32))[:, None]  # faster than their mean
    shifted = pieces.reshape(moves, len(at), -1)
    size = np.sqrt(np.einsum("mbt,mbt->mb", shifted, shifted))  # faster than np.linalg.norm
    shifted /= np.maximum(size, np.float32(1e-6))[:, :, None]
    fits = (shifted.reshape(moves * len(at), -1) @ shifted[_REACH].T).reshape(moves, len(at), -1)
    slope = mean(np.abs(around[:, :, 1:] - around[:, :, :-1]), axis=1)
    apart = max(int(median(at[1:] - at[:-1])) // 2 - 1, _BEFORE_QRS)  # the next beat may be near
    slope[:, : max(reach - apart, 0)] = slope[:, reach + apart :] = 0
    steep = slope >= 0.25 * slope.max(axis=1, keepdims=True)
    first, last = steep.argmax(axis=1), steep.shape[1] - steep[:, ::-1].argmax(axis=1)
    onset = at + np.minimum(first - reach - 1, -_BEFORE_QRS)
    alike = np.maximum(best := fits.max(axis=0), best.T)
    width = last - first
    return _Forms(fits, onset, width, alike, _dominant_form(alike, width, at))


def _dominant_form(alike: Float32Array, width: IndexArray, at: IndexArray) -> int:
    """Return the most typical beat of the commonest form; of similarly common forms, the narrower, then the later one.

    A narrower and slower form before a tachycardia is dominant, however common the beats of the tachycardia are."""
    forms = (alike > _ALIKE) | np.eye(len(at), dtype=bool)
    count = forms.sum(axis=1)
    rr = np.concatenate([at[1:2] - at[:1], at[1:] - at[:-1]])
    widths, waits = forms @ width / count, forms @ rr / count
    common = where_true(count >= 0.7 * count.max())
    most = count.argmax()
    if waits[most] <= _FAST_RR:
        slower = (
            (count >= _MIN_STEEPEST) & (waits >= _SLOWER * waits[most]) & (widths <= widths[most] - _WIDER_S * RATE)
        )
        common = where_true(slower) if slower.any() else common
    narrow = common[widths[common] <= widths[common].min() + 1]
    late = narrow[waits[narrow] >= _PREMATURE * waits[narrow].max()]
    return int(late[alike[late].sum(axis=1).argmax()])


def _kinds(at: IndexArray, likeness: Float32Array, width: IndexArray, clear: BoolArray) -> NDArray[np.str_]:
    """Return the BeatKind of each beat by its likeness to the dominant form; those that are not `clear` have none."""
    rr = np.concatenate([[np.inf], at[1:] - at[:-1]])
    usual_rr, usual_width = _usual_rr(at, likeness > _ALIKE), median(width[likeness > _ALIKE])
    steady = (np.abs(rr[1:] / usual_rr - 1) < _STEADY).mean() >= _MIN_STEADY
    same, other = likeness > _ALIKE, clear & (likeness < _OTHER)
    earlier = rr < _PREMATURE * np.concatenate([[np.inf], rr[:-1]])
    early = steady & earlier & (rr < _PREMATURE_ALIKE * usual_rr)
    wide = width >= usual_width + _WIDER_S * RATE
    kinds = np.full(len(at), "unclassified", "<U16")
    kinds[other & (wide | (rr < _PREMATURE * usual_rr))] = "ventricular"
    kinds[same] = "dominant"
    kinds[same & early] = "supraventricular"
    return kinds


def _in_run(alike: BoolArray, dominant: int) -> BoolArray:
    """Return the beats of another form that follow each other and are alike: these are not noise, however flat."""
    usual = alike[dominant]
    rows, found = np.cumsum(usual), np.zeros(len(usual), bool)
    for row in np.unique(rows[~usual]):
        others = ~usual & (rows == row)
        if is_run(alike, others):
            found |= others
    return found


def _usual_rr(at: IndexArray, dominant: BoolArray) -> float:
    """Return the median time between two consecutive dominant beats; between all beats if there are too few."""
    rr = at[1:] - at[:-1]
    pairs = rr[dominant[1:] & dominant[:-1]]
    return float(median(pairs if len(pairs) > 1 else rr))


def is_regular(at: IndexArray, kinds: NDArray[np.str_]) -> bool | None:
    """Report whether the RR intervals between dominant beats are alike; intervals next to other beats are ignored.

    Parameters
    ----------
    at
        Samples of the beats at 100 Hz, ascending.
    kinds
        BeatKind of each beat.

    Returns
    -------
    bool or None
        None with fewer than two such intervals.
    """
    basic = kinds == "dominant"
    rr = (at[1:] - at[:-1])[basic[1:] & basic[:-1]]
    if len(rr) < 2:
        return None
    return bool(rr.max() - rr.min() <= max(_MAX_RR_SPREAD * median(rr), _MIN_RR_SPREAD_S * RATE))


def find_pauses(at: IndexArray, samples: int) -> tuple[Pause, ...]:
    """Find the times without beats.

    Parameters
    ----------
    at
        Samples of the beats at 100 Hz, ascending.
    samples
        Length of the signal.

    Returns
    -------
    tuple of Pause
        Pauses, in order.
    """
    ends = np.concatenate([[0], at, [samples]]) / RATE
    seconds = ends[1:] - ends[:-1]
    return tuple([Pause(float(ends[k]), float(seconds[k])) for k in where_true(seconds > PAUSE_S)])
