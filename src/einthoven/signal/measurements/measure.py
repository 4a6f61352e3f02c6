"""Measure PR, QRS and QT intervals, QTc and the frontal axis; each is None if it is unclear."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import atan2, cbrt, degrees, hypot, sqrt

import numpy as np

from einthoven.arrays import BoolArray, Float32Array
from einthoven.signal.bands import Bands, split
from einthoven.signal.heart_rate import heart_rate_bpm
from einthoven.signal.measurements.delineate import Boundaries, delineate, remove_line
from einthoven.signal.measurements.median_beat import RATE, MedianBeat, median_beat
from einthoven.signal.measurements.values import IntervalValues

# The even and the odd beats are measured separately, too. They differ by about twice the error of all beats.
_MAX_DIFFERENCE_MS = {"qrs_onset": 12.0, "qrs_offset": 16.0, "p_onset": 30.0, "t_offset": 36.0}
_MAX_AXIS_DIFFERENCE = 20.0  # degrees
_MIN_P_CORRELATION = 0.75  # of their P waves: in PTB-XL 98 % of normal ECGs have more, fibrillating atria seldom
_MIN_NET_AREA = 0.1  # of the QRS complex's absolute area: with less the axis is indeterminate


@dataclass(frozen=True, eq=False)
class Intervals(IntervalValues):
    """The intervals of a signal, and where they were measured."""

    beat: MedianBeat | None = field(default=None, repr=False)
    boundaries: Boundaries | None = None
    """In samples of `beat`; only those that are clear."""


def measure_intervals(signal: Float32Array, rate: float, leads: Sequence[str], bands: Bands | None = None) -> Intervals:
    """Measure the intervals of a signal in its median beat.

    Parameters
    ----------
    signal
        Shape (leads, samples) in mV.
    rate
        Sampling rate in Hz, at least 100.
    leads
        Standard names of the rows.
    bands
        The bands of `signal`, if they are known.

    Returns
    -------
    Intervals
        All None if fewer than four beats are alike, or if even and odd beats disagree on the QRS complex. PR and QT are
        None if these disagree on the P wave or on the end of the T wave; QTc also if the heart rate is unclear.

    Raises
    ------
    ValueError
        If the rate is below 100 Hz, the signal is shorter than 2.5 s, or a value is not finite.
    """
    bands = bands or split(signal, rate)
    beat = median_beat(signal, rate, bands)
    if beat is None:
        return Intervals()
    boundaries = _clear_boundaries(beat)
    if boundaries is None:
        return Intervals(beat=beat)
    qt_ms = None if boundaries.t_offset is None else _ms(boundaries.t_offset - boundaries.qrs_onset)
    rr_s = None if qt_ms is None or (bpm := heart_rate_bpm(signal, rate, bands)) is None else 60 / bpm
    return Intervals(
        pr_ms=None if boundaries.p_onset is None else _ms(boundaries.qrs_onset - boundaries.p_onset),
        qrs_ms=_ms(boundaries.qrs_offset - boundaries.qrs_onset),
        qt_ms=qt_ms,
        qtc_bazett_ms=None if qt_ms is None or rr_s is None else qt_ms / sqrt(rr_s),
        qtc_fridericia_ms=None if qt_ms is None or rr_s is None else qt_ms / cbrt(rr_s),
        axis_degrees=_axis(beat, boundaries, leads),
        beat=beat,
        boundaries=boundaries,
    )


def _ms(samples: float) -> float:
    return samples * 1000 / RATE


def _clear_boundaries(beat: MedianBeat) -> Boundaries | None:
    """The boundaries of the whole median beat that its halves agree on."""
    whole, even, odd = (delineate(b[beat.usable], beat.rr_ms) for b in (beat.whole, *beat.halves))
    if whole is None or even is None or odd is None:
        return None

    def agree(name: str) -> bool:
        places = getattr(whole, name), getattr(even, name), getattr(odd, name)
        return None not in places and _ms(max(places) - min(places)) <= _MAX_DIFFERENCE_MS[name]

    if not (agree("qrs_onset") and agree("qrs_offset")):
        return None
    p_clear = agree("p_onset") and _p_correlation(beat, whole) >= _MIN_P_CORRELATION
    return Boundaries(
        whole.qrs_onset,
        whole.qrs_offset,
        whole.p_onset if p_clear else None,
        whole.t_offset if agree("t_offset") else None,
    )


def _p_correlation(beat: MedianBeat, boundaries: Boundaries) -> float:
    """Correlation of the halves from P wave to QRS complex, over all leads; near 0 for fibrillation waves."""
    if boundaries.p_onset is None:
        return 0.0
    place = slice(max(round(boundaries.p_onset) - RATE // 50, 0), round(boundaries.qrs_onset) - RATE // 100)
    even, odd = (remove_line(half[beat.usable, place]) for half in beat.halves)
    size = sqrt(float(np.square(even).sum()) * float(np.square(odd).sum()))
    return float((even * odd).sum()) / size if size > 0 else 0.0


def _axis(beat: MedianBeat, boundaries: Boundaries, leads: Sequence[str]) -> float | None:
    """The axis from the net areas of the QRS complex in I and aVF; None if they are small or the halves disagree."""
    axes = [_axis_of(b, boundaries, leads, beat.usable) for b in (beat.whole, *beat.halves)]
    if None in axes:
        return None
    whole, even, odd = (axis for axis in axes if axis is not None)
    return whole if abs((even - odd + 180) % 360 - 180) <= _MAX_AXIS_DIFFERENCE else None


def _axis_of(beat: Float32Array, boundaries: Boundaries, leads: Sequence[str], usable: BoolArray) -> float | None:
    # less a line, so that a raised ST segment has no area
    qrs = remove_line(beat[:, round(boundaries.qrs_onset) : round(boundaries.qrs_offset) + 1])
    lead = {name: part for name, use, part in zip(leads, usable, qrs, strict=True) if use}
    if "I" not in lead or not lead.keys() & {"II", "aVF"}:
        return None
    down = lead["aVF"] if "aVF" in lead else lead["II"] - lead["I"] / 2
    frontal = lead["I"], down * np.float32(2 / sqrt(3))  # an augmented lead sees less than one between two limbs
    x, y = (float(part.sum()) for part in frontal)
    whole = float(np.hypot(*frontal).sum())
    return degrees(atan2(y, x)) if hypot(x, y) > _MIN_NET_AREA * whole else None
