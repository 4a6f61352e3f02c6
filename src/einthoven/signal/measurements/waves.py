"""Measure the amplitudes and durations of the waves in every lead of a median beat.

Waves are counted as in IEC 60601-2-25 and by the CSE Working Party (Eur Heart J 1985, 6:815): deflections of at least
20 uV and 6 ms, from the level at the onset of the QRS complex; those of P waves from a line through their ends.
"""

from collections.abc import Sequence

import numpy as np

from einthoven.arrays import BoolArray, Float32Array, Float64Array, IndexArray
from einthoven.signal.measurements.delineate import Boundaries, remove_line
from einthoven.signal.measurements.median_beat import RATE
from einthoven.signal.measurements.values import LEAD_NAMES, LeadMeasurements
from einthoven.signal.small_arrays import mean, neighbours

_MIN_MV = 0.02
_MIN_SAMPLES = 6 * RATE // 1000
_FOOT_MV = 0.015  # a wave lasts while it is higher, so that a small ST displacement does not prolong it
_MAX_END_OF_QS = 0.3  # of the depth of a QS complex: so high its end may be with a raised ST segment
_MIN_ABOVE_ST = 0.25  # a wave that stands out from the ST segment by a smaller share of it merges with it
_ST_MS = (0, 20, 40, 60, 80)
_ST_SAMPLES = 3  # mean over 6 ms, from the J point on so that the QRS complex is not in it
_T_AFTER_J = 80 * RATE // 1000  # samples: the T wave's top lies later
_TOP_REACH = 40 * RATE // 1000  # samples around the place where the T wave stands out most
# Even and odd beats may differ by this; they differ by about twice the error of all beats.
_MAX_DIFFERENCE_MV, _MAX_DIFFERENCE_SHARE, _MAX_DIFFERENCE_MS = 0.06, 0.2, 16.0

Values = dict[str, Float32Array]
"""Measurements by name, each of shape (leads,)."""


def measure_leads(
    medians: Float32Array, boundaries: Boundaries, leads: Sequence[str], usable: BoolArray
) -> dict[str, LeadMeasurements]:
    """Measure the waves of each lead.

    Parameters
    ----------
    medians
        Median beats from `amplitude_beats`, shape (3, leads, samples).
    boundaries
        Boundaries of the waves.
    leads
        Standard names of the rows.
    usable
        Boolean mask (leads,): True for the leads to measure.

    Returns
    -------
    dict of str to LeadMeasurements
        Measurements of each usable lead; None where even and odd beats disagree, or the wave has no boundaries.
    """
    values = wave_values(np.concatenate(medians[:, usable]), boundaries)
    whole, even, odd = np.array(list(values.values())).reshape(len(values), 3, -1).swapaxes(0, 1)
    row_of = {name: row for row, name in enumerate(values)}
    is_mv = np.array([name.endswith("_mv") for name in values])[:, None]
    limit = np.maximum(_MAX_DIFFERENCE_MV, _MAX_DIFFERENCE_SHARE * np.abs(whole))
    clear = np.abs(even - odd) <= np.where(is_mv, limit, _MAX_DIFFERENCE_MS)
    for wave in "qrs":
        clear[row_of[f"{wave}_ms"]] &= clear[row_of[f"{wave}_mv"]]
    names = [lead for lead, use in zip(leads, usable, strict=True) if use]
    known = whole.astype(object)
    known[~clear | np.isnan(whole)] = None
    table = np.full((len(LEAD_NAMES), len(names)), None, object)
    table[[LEAD_NAMES.index(name) for name in values]] = known
    return dict(zip(names, map(LeadMeasurements._make, table.T.tolist()), strict=True))


def wave_values(beat: Float32Array, boundaries: Boundaries) -> Values:
    """Measure the waves of each lead, whether they are clear or not.

    Parameters
    ----------
    beat
        Median beat of shape (leads, samples) in mV, in which 0 is the level at the onset of the QRS complex.
    boundaries
        Boundaries of the waves.

    Returns
    -------
    dict of str to Float32Array
        Measurements by name, each of shape (leads,); R is NaN if there may be one or none.
    """
    onset, offset = round(boundaries.qrs_onset), round(boundaries.qrs_offset)
    values = _qrs(beat[:, onset : offset + 1])
    for ms in _ST_MS:
        at = offset + ms * RATE // 1000
        values[f"st_j{ms or ''}_mv"] = mean(beat[:, at : at + _ST_SAMPLES])
    if boundaries.p_onset is not None:
        end = onset if boundaries.p_offset is None else round(boundaries.p_offset)
        values["p_mv"] = _top(remove_line(beat[:, round(boundaries.p_onset) : end + 1]))
    if boundaries.t_offset is not None:
        t_wave = beat[:, offset + _T_AFTER_J : round(boundaries.t_offset) + 1]
        if t_wave.shape[1] > 2 * _TOP_REACH:
            values["t_mv"] = _t_top(t_wave)
    return values


def _top(wave: Float32Array) -> Float32Array:
    """The largest deflection (leads,) with its sign."""
    top: Float32Array = wave[np.arange(len(wave)), np.abs(wave).argmax(axis=1)]
    return top


def _t_top(wave: Float32Array) -> Float32Array:
    """The T wave's top: the extreme around the place that is furthest from the line between the ends of `wave`.

    A raised ST segment is higher than a small or inverted T wave, but does not stand out from that line.
    """
    rest = remove_line(wave)
    at = np.abs(rest).argmax(axis=1)
    rows = np.arange(len(wave))
    sign = np.sign(rest[rows, at])
    around = wave[rows[:, None], neighbours(at, _TOP_REACH, wave.shape[1])]
    top: Float32Array = (around * sign[:, None]).max(axis=1) * sign
    return top


def _qrs(x: Float32Array) -> Values:
    """The waves of the QRS complex (leads, samples) from its onset to its offset; in a QS complex all is Q.

    The rise into a raised ST segment is not an R wave if there is an earlier one or if it ends a deep QS complex.
    Otherwise R is NaN, because there may be one or none. An S wave that merges into a depressed ST segment is 0.
    """
    place = np.arange(x.shape[1])
    has_r, first_r = _first(x >= _MIN_MV)
    before, after = place < first_r[:, None], place > first_r[:, None]
    waves = np.concatenate([np.where(before, -x, 0), np.where(before, 0, x), np.where(after, -x, 0)])  # Q, R, S
    sizes, merge = _largest(waves, waves[:, -1], np.concatenate([np.ones(len(x), bool), has_r, has_r]))
    (q, r, s), (_, r_merges, s_merges) = sizes.reshape(2, 3, -1).swapaxes(0, 1), merge.reshape(3, -1)
    if r_merges.any():
        wave = waves[len(x) : 2 * len(x)]
        rise = np.where(wave > _FOOT_MV, -1, place).max(axis=1)  # the last run starts after this sample
        earlier, _ = _largest(np.where(place <= rise[:, None], wave, 0), wave[:, -1], has_r)
        hidden = (earlier[0] == 0) & (r[0] > _MAX_END_OF_QS * q[0].astype(np.float32))
        r = np.where(r_merges, np.where(hidden, np.nan, earlier), r)
    s[:, s_merges] = 0
    values: Values = {}
    for name, sign, size in (("q", -1, q), ("r", 1, r), ("s", -1, s)):
        values[f"{name}_mv"], values[f"{name}_ms"] = (size * np.array([[sign], [1]]) + 0.0).astype(np.float32)  # no -0
    return values


def _largest(wave: Float32Array, end: Float32Array, possible: BoolArray) -> tuple[Float64Array, BoolArray]:
    """Height and width (2, leads) of the largest wave, 0 without one, and whether it merges into the ST segment."""
    top = wave.argmax(axis=1)
    height = wave[np.arange(len(wave)), top]
    width = _width(wave > _FOOT_MV, top)
    exists = possible & (height >= _MIN_MV) & (width >= _MIN_SAMPLES)
    merges = exists & (height - end < np.maximum(_MIN_MV, _MIN_ABOVE_ST * end)) & (end >= _MIN_MV)
    return np.where(exists, np.array([height, width * (1000 / RATE)]), 0), merges


def _first(high: BoolArray) -> tuple[BoolArray, IndexArray]:
    """Whether a row is high for _MIN_SAMPLES, and where it first is; else its length."""
    runs = high[:, : high.shape[1] - _MIN_SAMPLES + 1].copy()
    for k in range(1, _MIN_SAMPLES):
        runs &= high[:, k : k + runs.shape[1]]
    found = np.asarray(runs.any(axis=1))
    first: IndexArray = np.where(found, runs.argmax(axis=1), high.shape[1])
    return found, first


def _width(inside: BoolArray, at: IndexArray) -> IndexArray:
    """Length of the run of True around column `at` of each row."""
    place = np.arange(inside.shape[1])
    outside = ~inside
    before = np.where(outside & (place < at[:, None]), place, -1).max(axis=1)
    after = np.where(outside & (place > at[:, None]), place, inside.shape[1]).min(axis=1)
    width: IndexArray = after - before - 1
    return width
