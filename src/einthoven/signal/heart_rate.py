"""Find QRS complexes and the heart rate in all leads, or report that they are unclear.

QRS complexes are the places at which all leads are steep (`steep_places.py`), except T and P waves. After a wide QRS
complex a T wave is steep too; its lack of high frequencies distinguishes it.
"""

from typing import NamedTuple

import numpy as np

from einthoven.arrays import BoolArray, Float32Array, IndexArray
from einthoven.signal.bands import RATE, Bands, split
from einthoven.signal.fast_rhythms import is_fast_rhythm, periodic_beats
from einthoven.signal.medians import median
from einthoven.signal.small_arrays import mean, neighbours
from einthoven.signal.steep_places import EDGE, MIN_QRS_SLOPE_MV, STRICT, beats_stand_out, find_beats, steepest_mv

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
_HALF_QRS = RATE // 20


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
    if not beats_stand_out(bands) and not is_fast_rhythm(bands):
        return QrsComplexes(periodic_beats(bands), nothing)
    at = find_beats(slope)
    at = at[(slope[at] >= STRICT) | ((at >= EDGE) & (at < len(slope) - EDGE))]
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
    steepest: BoolArray = steep >= max(MIN_QRS_SLOPE_MV, STRICT * float(steep.max()))
    places = at[steepest]
    if len(places) > 1 and median(places[1:] - places[:-1]) >= _SLOW_RR:
        sharp_mv = mean(_high_frequencies_mv(bands, at), axis=0)
        if median(sharp_mv[steepest] / steep[steepest]) < _SHARP_EDGE:
            return np.asarray(steepest | (sharp_mv >= np.maximum(_SHARP_EDGE * steep, _MIN_SHARP_MV)))
    return np.ones(len(at), bool) if median(steep) >= MIN_QRS_SLOPE_MV else steepest


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
