"""Find heartbeats and the heart rate in all leads, or report that they are unclear.

A beat is a time at which the leads are steep simultaneously: each lead's slope, smoothed over a QRS complex as in Pan
and Tompkins (IEEE Trans Biomed Eng 1985, 32:230), relative to that lead's usual beat, and its median over the leads.
After a wide QRS complex a T wave is steep too; its lack of high frequencies distinguishes it.
"""

from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from einthoven.arrays import BoolArray, Float32Array, IndexArray
from einthoven.signal.bands import RATE, Bands, split
from einthoven.signal.medians import median
from einthoven.signal.small_arrays import mean, neighbours, where_true

_REFRACTORY = RATE // 4  # samples: at most 240 bpm
STRICT = 0.5
"""Share of a usual beat's slope above which a position is not noise."""
_LAX = 0.3  # likewise, above which it may be a beat
_STEEP_REACH = 8  # samples on either side of a place in which it is steepest
BEAT_PARAMETERS = {"refractory_samples": _REFRACTORY, "lax": _LAX, "strict": STRICT, "steep_samples": _STEEP_REACH}
"""Parameters of `find_beats` and `steepest_mv`, for ports to other languages."""
_USUAL, _SHARP = 0.7, 0.6  # slope and high frequencies from which on a beat serves as a measure for others
_MIN_BEATS = 3
_MAX_DIFFERENCE = 0.05  # share by which the rates with and without doubtful beats may differ
_LAST_T_WAVE, _LAST_P_WAVE = 48 * RATE // 100, 30 * RATE // 100  # samples after and before a QRS complex
# What follows a QRS complex is a T wave if it has at most these shares of its slope and of its high frequencies. The
# share of the slope may be larger if the other QRS complexes have such a wave, too: a premature beat comes once.
_T_WAVE, _RECURRENT_T_WAVE = (0.5, 0.5), (0.65, 0.5)
_P_WAVE = (0.6, 0.4)  # likewise what precedes a QRS complex
_RECURRENT = 0.6  # share of the slope that the others have at this time
_SLOW_RR = RATE * 11 // 10  # samples between QRS complexes so few that P and T waves count as usual slopes
# Share of a QRS complex's steepest change that is above 20 Hz: 0.1 if narrow, 0.01 if wide and smooth; and the least.
_SHARP_EDGE, _MIN_SHARP_MV = 0.05, 0.012
_EDGE = RATE // 10  # samples at the ends of a signal, which is mirrored there: only high beats count
_HALF_QRS = RATE // 20
# A fast regular rhythm has at least so many RR intervals, of so small a standard deviation, all short; the slope falls
# so low between the beats, and they correlate so much with their mean. Noise and ventricular fibrillation do not.
_MIN_FAST_BEATS, _FAST_RR_SPREAD, _MAX_FAST_RR = 5, 0.15, 60 * RATE // 100
_MAX_FAST_LOW, _MIN_FAST_FIT = 0.4, 0.8
# Correlation of a signal with itself one period later, and of each beat with one of them: simulated ventricular
# fibrillation reaches 0.55. Share of the beats to be expected that must be found.
_MIN_PERIODIC, _PERIOD_REACH, _MIN_PERIODIC_SHARE = 0.8, 4, 0.7
_FIRST_PERIOD = 0.92  # correlation of the shortest period, relative to the best
# Of the steepest centisecond, mean over the leads. QRS complexes of PTB-XL have 0.13 and more (3,000 records of folds
# 1-9), simulated P waves without QRS complexes 0.055 at most.
_MIN_QRS_SLOPE_MV = 0.08
# Resting slope. PTB-XL's folds 1-9 have 0.45 at most (fast and broad complexes), noise alone has 0.6, ventricular
# fibrillation 0.8.
_MAX_RESTING_SLOPE = 0.5


def heart_rate_bpm(signal: Float32Array, rate: float, bands: Bands | None = None) -> float | None:
    """Compute the ventricular rate from the mean time between beats, which also holds for irregular rhythms.

    Parameters
    ----------
    signal
        Signal of shape (leads, samples) in mV.
    rate
        Sampling rate in Hz, at least 100.
    bands
        The bands of `signal`, if they are known.

    Returns
    -------
    float or None
        Rate in bpm, at most 240. None if it is unclear: fewer than three beats, no rest between beats, or doubtful
        beats that would change the rate by more than 5 %.

    Raises
    ------
    ValueError
        If the rate is below 100 Hz, the signal is shorter than 2.5 s, or a value is not finite.
    """
    return rate_of(find_qrs(bands or split(signal, rate)))


class QrsComplexes(NamedTuple):
    """Positions of the QRS complexes of a signal, in samples at 100 Hz."""

    certain: IndexArray
    doubtful: IndexArray
    """Positions that may be QRS complexes or noise."""

    @property
    def all(self) -> IndexArray:
        """Certain and doubtful positions, ascending."""
        return np.sort(np.concatenate(self)) if len(self.doubtful) else self.certain

    @property
    def all_doubtful(self) -> BoolArray:
        """Boolean mask of the doubtful complexes in `all`."""
        return np.isin(self.all, self.doubtful) if len(self.doubtful) else np.zeros(len(self.certain), bool)


def rate_of(qrs: QrsComplexes) -> float | None:
    """Compute the rate of QRS complexes.

    Parameters
    ----------
    qrs
        QRS complexes of one signal.

    Returns
    -------
    float or None
        Rate in bpm. None with fewer than three complexes, or if it depends on the doubtful ones.
    """
    if len(qrs.certain) < _MIN_BEATS:
        return None
    strict, lax = (float(60 * RATE * (len(at) - 1) / (at[-1] - at[0])) for at in (qrs.certain, qrs.all))
    return strict if abs(lax - strict) <= _MAX_DIFFERENCE * strict else None


def find_qrs(bands: Bands) -> QrsComplexes:
    """Find the QRS complexes of a signal, T and P waves left out.

    Parameters
    ----------
    bands
        Frequency bands of one signal.

    Returns
    -------
    QrsComplexes
        QRS complexes; empty if nothing stands out, or if nothing is as steep as a QRS complex.
    """
    slope, nothing = bands.common_slope, np.zeros(0, np.intp)
    if not beats_stand_out(bands) and not _is_fast_rhythm(bands):
        return QrsComplexes(_periodic_beats(bands), nothing)
    at = find_beats(slope)
    at = at[(slope[at] >= STRICT) | ((at >= _EDGE) & (at < len(slope) - _EDGE))]
    at = _steep_as_qrs(bands, at)
    if not len(at):
        return QrsComplexes(nothing, nothing)
    at = at[_are_qrs(at, slope, _high_frequencies(bands, at))]
    return QrsComplexes(at[slope[at] >= STRICT], at[slope[at] < STRICT])


def steepest_qrs(bands: Bands, qrs: QrsComplexes) -> QrsComplexes:
    """Leave only the QRS complexes that are steepest in mV, for signals in which the others are noise.

    Parameters
    ----------
    bands
        Frequency bands of one signal.
    qrs
        QRS complexes of this signal, at least one.

    Returns
    -------
    QrsComplexes
        The complexes that are at least half as steep as the steepest one.
    """
    at = qrs.all
    steep = steepest_mv(bands, at)
    return QrsComplexes(at[steep >= STRICT * steep.max()], np.zeros(0, np.intp))


def _steep_as_qrs(bands: Bands, at: IndexArray) -> IndexArray:
    """The candidates `at` that may be QRS complexes by their steepness in mV.

    The common slope relates to its usual size, which P and T waves have a part in if QRS complexes are few.
    """
    if not len(at):
        return at
    chosen: IndexArray = at[_may_be_qrs(bands, at)]
    return chosen


def _may_be_qrs(bands: Bands, at: IndexArray) -> BoolArray:
    steep = steepest_mv(bands, at)
    steepest: BoolArray = steep >= max(_MIN_QRS_SLOPE_MV, STRICT * float(steep.max()))
    places = at[steepest]
    if len(places) > 1 and median(places[1:] - places[:-1]) >= _SLOW_RR:
        sharp_mv = mean(_high_frequencies_mv(bands, at), axis=0)
        if median(sharp_mv[steepest] / steep[steepest]) < _SHARP_EDGE:
            return np.asarray(steepest | (sharp_mv >= np.maximum(_SHARP_EDGE * steep, _MIN_SHARP_MV)))
    return np.ones(len(at), bool) if median(steep) >= _MIN_QRS_SLOPE_MV else steepest


def _periodic_beats(bands: Bands) -> IndexArray:
    """Beats of a signal that never rests but repeats itself, as in a fast tachycardia of wide complexes."""
    signal = bands.ecg[bands.live]
    samples = signal.shape[1]
    lags = np.arange(_REFRACTORY // 2, min(_MAX_FAST_RR, samples // 3))
    if not len(signal):
        return np.zeros(0, np.intp)
    alike = np.array([_likeness(signal[:, lag:], signal[:, :-lag]) for lag in lags])
    if alike.max() < _MIN_PERIODIC:
        return np.zeros(0, np.intp)
    # the shortest, because twice the period fits, too
    first = int((alike >= max(_MIN_PERIODIC, _FIRST_PERIOD * float(alike.max()))).argmax())
    lag = int(lags[first + alike[first : first + _PERIOD_REACH].argmax()])
    if lag < _REFRACTORY:  # ventricular flutter, fibrillation or tremor
        return np.zeros(0, np.intp)
    middle = int(bands.common_slope[samples // 2 : samples // 2 + lag].argmax()) + samples // 2
    form = signal[:, middle - lag // 2 : middle + lag // 2 + 1]
    around = sliding_window_view(signal, form.shape[1], axis=1)
    product = np.einsum("lst,lt->s", around, form)
    fit = product / np.maximum(np.linalg.norm(form) * np.sqrt(np.einsum("lst,lst->s", around, around)), 1e-6)
    beats = [middle]
    for step in (-lag, lag):
        at = middle + step
        while lag // 2 + _PERIOD_REACH <= at < samples - lag // 2 - _PERIOD_REACH:
            near = fit[at - lag // 2 - _PERIOD_REACH : at - lag // 2 + _PERIOD_REACH + 1]
            at += int(near.argmax()) - _PERIOD_REACH
            if near.max() >= _MIN_PERIODIC:
                beats.append(at)
            at += step
    places: IndexArray = np.array(sorted(beats), np.intp)
    enough = len(places) >= max(_MIN_FAST_BEATS, _MIN_PERIODIC_SHARE * samples / lag)
    steep = enough and np.median(steepest_mv(bands, places)) >= _MIN_QRS_SLOPE_MV
    return places if steep else np.zeros(0, np.intp)


def _likeness(one: Float32Array, other: Float32Array) -> float:
    scale = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(np.einsum("ls,ls->", one, other)) / max(scale, 1e-6)


def _is_fast_rhythm(bands: Bands) -> bool:
    """Whether one wave comes fast and regularly, as in a tachycardia of wide complexes, whose leads never rest."""
    slope = bands.common_slope
    at = find_beats(slope, STRICT)
    at = at[(at >= _EDGE) & (at < len(slope) - _EDGE)]
    rr = np.diff(at)
    if len(rr) < _MIN_FAST_BEATS or rr.std() > _FAST_RR_SPREAD * np.median(rr) or np.median(rr) > _MAX_FAST_RR:
        return False
    lows = np.minimum.reduceat(slope[: at[-1]], at[:-1])
    if np.median(lows) > _MAX_FAST_LOW:
        return False
    waves = bands.ecg[:, at[:, None] + np.arange(-_EDGE, _EDGE)].transpose(1, 0, 2).reshape(len(at), -1)
    form = waves.mean(axis=0)
    fit = waves @ form / np.maximum(np.linalg.norm(waves, axis=1) * np.linalg.norm(form), np.float32(1e-6))
    return bool(np.median(fit) >= _MIN_FAST_FIT)


def _are_qrs(at: IndexArray, slope: Float32Array, sharpness: Float32Array) -> BoolArray:
    """Boolean mask of the candidates `at` that are neither the last complex's T wave nor the next one's P wave."""
    size = slope[at]

    def is_wave_of(wave: int, qrs: int, limits: tuple[float, float]) -> bool:
        return bool(size[wave] < limits[0] * size[qrs] and sharpness[wave] < limits[1] * sharpness[qrs])

    beats = at[(size >= _USUAL) & (sharpness >= _SHARP)]

    def is_recurrent(wave: int, qrs: int) -> bool:
        delay = at[wave] - at[qrs]
        free = np.diff(beats, append=len(slope)) > delay + _HALF_QRS  # not where the next beat is
        places = beats[free & (beats != at[qrs]), None] + delay + np.arange(-3, 4)
        return bool(len(places) > 1 and np.median(slope[places].max(axis=1)) >= _RECURRENT * size[wave])

    def is_t_wave(wave: int, qrs: int) -> bool:
        if at[wave] - at[qrs] > _LAST_T_WAVE:
            return False
        return is_wave_of(wave, qrs, _T_WAVE) or (is_wave_of(wave, qrs, _RECURRENT_T_WAVE) and is_recurrent(wave, qrs))

    are_qrs = np.zeros(len(at), bool)
    last: int | None = None
    for k in range(len(at)):
        if last is not None and is_t_wave(k, last):
            continue
        if k + 1 < len(at) and at[k + 1] - at[k] <= _LAST_P_WAVE and is_wave_of(k, k + 1, _P_WAVE):
            continue
        are_qrs[k], last = True, k
    return are_qrs


def _high_frequencies(bands: Bands, at: IndexArray) -> Float32Array:
    """High-frequency amplitude above noise at each place, relative to the usual beat; median over the leads."""
    size = _high_frequencies_mv(bands, at)
    beats = bands.common_slope[at] >= _USUAL
    usual = median((size[:, beats] if beats.any() else size).T)[:, None]
    return median(size / np.maximum(usual, np.float32(1e-6)))


def _high_frequencies_mv(bands: Bands, at: IndexArray) -> Float32Array:
    """Mean amplitude above 20 Hz around each place, minus the noise of the lead, (leads, places) in mV."""
    sharp = np.abs(bands.high_frequency[bands.live])
    noise = median(sharp[:, ::3].T)[:, None]
    around = sharp[:, neighbours(at, _HALF_QRS, sharp.shape[1])]
    size: Float32Array = np.maximum(mean(around) - noise, 0)
    return size


def steepest_mv(bands: Bands, at: IndexArray) -> Float32Array:
    """Compute the steepness of a signal at some places.

    Parameters
    ----------
    bands
        Frequency bands of one signal.
    at
        Positions in samples at 100 Hz.

    Returns
    -------
    Float32Array
        Change in mV within a sample at the steepest point of each position, mean over the leads, shape (places,).
    """
    waves = bands.ecg[bands.live][:, neighbours(at, _STEEP_REACH, bands.ecg.shape[1])]
    changes = mean(np.abs(waves[:, :, 1:] - waves[:, :, :-1]), axis=0)
    steepest: Float32Array = changes.max(axis=1)
    return steepest


def beats_stand_out(bands: Bands) -> bool:
    """Report whether the leads rest between beats, unlike in noise and in ventricular fibrillation.

    Parameters
    ----------
    bands
        Frequency bands of one signal.

    Returns
    -------
    bool
        True if the leads rest; False also if no lead has a slope.
    """
    return bool(bands.common_slope.any() and bands.resting_slope <= _MAX_RESTING_SLOPE)


def find_beats(slope: Float32Array, threshold: float = _LAX) -> IndexArray:
    """Find the beats in the common slope of a signal.

    Parameters
    ----------
    slope
        `Bands.common_slope`, shape (samples,).
    threshold
        Smallest slope of a beat, where 1 is a usual beat's.

    Returns
    -------
    IndexArray
        Positions in samples at 100 Hz, ascending, at least 0.25 s apart.
    """
    rises = np.empty(len(slope) + 1, bool)  # to each sample; before the first and after the last, the slope is 0
    rises[0], rises[-1] = slope[0] > 0, False
    np.greater(slope[1:], slope[:-1], out=rises[1:-1])
    peaks = where_true(rises[:-1] & ~rises[1:] & (slope > threshold))
    beats: list[int] = []
    for peak in peaks.tolist():
        if not beats or peak - beats[-1] >= _REFRACTORY:
            beats.append(peak)
        elif slope[peak] > slope[beats[-1]]:
            beats[-1] = peak
    return np.array(beats, np.intp)
