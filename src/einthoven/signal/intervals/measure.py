"""PR, QRS and QT intervals, QTc and the frontal axis, each left out when unsure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import atan2, cbrt, degrees, hypot, sqrt

import numpy as np

from einthoven.arrays import BoolArray, Float32Array
from einthoven.signal.bands import Bands, split
from einthoven.signal.heart_rate import heart_rate_bpm
from einthoven.signal.intervals.delineate import Boundaries, delineate, level
from einthoven.signal.intervals.median_beat import RATE, MedianBeat, median_beat

# The even and the odd beats are measured apart as well. They differ by about twice what all beats together are off.
_AGREE = {"qrs_onset": 12.0, "qrs_offset": 16.0, "p_onset": 30.0, "t_offset": 36.0}  # ms
_AXES_AGREE = 20.0  # degrees
_P_ALIKE = 0.75  # correlation of their P waves: in PTB-XL 98 % of normal ECGs have more, fibrillating atria seldom
_NET_AREA = 0.1  # of the QRS complex's absolute area: with less the axis is indeterminate


@dataclass(frozen=True, eq=False)
class Intervals:
    """What was measured; None where it cannot be told."""

    pr_ms: float | None = None
    """From the onset of the P wave to that of the QRS complex."""
    qrs_ms: float | None = None
    qt_ms: float | None = None
    """From the onset of the QRS complex to the end of the T wave."""
    qtc_bazett_ms: float | None = None
    """QT / sqrt(RR / s)."""
    qtc_fridericia_ms: float | None = None
    """QT / cbrt(RR / s)."""
    axis_degrees: float | None = None
    """Frontal axis of the QRS complex, over -180 to 180: 0 is to the left, 90 to the feet."""
    beat: MedianBeat | None = field(default=None, repr=False)
    """What it was measured in."""
    boundaries: Boundaries | None = None
    """Where, in samples of `beat`: only those that were sure."""


def measure_intervals(signal: Float32Array, rate: float, leads: Sequence[str], bands: Bands | None = None) -> Intervals:
    """The intervals of `signal` (leads, samples) in mV at `rate` Hz, whose rows are the standard `leads`.

    Everything is None with fewer than four like beats, or when even and odd beats do not agree on the QRS complex; PR
    and QT when they do not agree on the P wave or on the end of the T wave; QTc also without a sure heart rate.
    `bands`: those of the signal, where they are there already. Raises ValueError when the signal is sampled below
    100 Hz, shorter than 2.5 s, or holds NaN.
    """
    bands = bands or split(signal, rate)
    beat = median_beat(signal, rate, bands)
    if beat is None:
        return Intervals()
    found = _agreed(beat)
    if found is None:
        return Intervals(beat=beat)
    qt_ms = None if found.t_offset is None else _ms(found.t_offset - found.qrs_onset)
    rr_s = None if qt_ms is None or (bpm := heart_rate_bpm(signal, rate, bands)) is None else 60 / bpm
    return Intervals(
        pr_ms=None if found.p_onset is None else _ms(found.qrs_onset - found.p_onset),
        qrs_ms=_ms(found.qrs_offset - found.qrs_onset),
        qt_ms=qt_ms,
        qtc_bazett_ms=None if qt_ms is None or rr_s is None else qt_ms / sqrt(rr_s),
        qtc_fridericia_ms=None if qt_ms is None or rr_s is None else qt_ms / cbrt(rr_s),
        axis_degrees=_axis(beat, found, leads),
        beat=beat,
        boundaries=found,
    )


def _ms(samples: float) -> float:
    return samples * 1000 / RATE


def _agreed(beat: MedianBeat) -> Boundaries | None:
    """The boundaries of the whole median beat that its halves agree on."""
    whole, even, odd = (delineate(b[beat.usable], beat.rr_ms) for b in (beat.whole, *beat.halves))
    if whole is None or even is None or odd is None:
        return None

    def agree(name: str) -> bool:
        places = getattr(whole, name), getattr(even, name), getattr(odd, name)
        return None not in places and _ms(max(places) - min(places)) <= _AGREE[name]

    if not (agree("qrs_onset") and agree("qrs_offset")):
        return None
    p_sure = agree("p_onset") and _p_alike(beat, whole) >= _P_ALIKE
    return Boundaries(
        whole.qrs_onset,
        whole.qrs_offset,
        whole.p_onset if p_sure else None,
        whole.t_offset if agree("t_offset") else None,
    )


def _p_alike(beat: MedianBeat, found: Boundaries) -> float:
    """Correlation of the halves from P wave to QRS complex, over all leads; fibrillation waves have none."""
    if found.p_onset is None:
        return 0.0
    place = slice(max(round(found.p_onset) - RATE // 50, 0), round(found.qrs_onset) - RATE // 100)
    even, odd = (level(half[beat.usable, place]) for half in beat.halves)
    size = sqrt(float(np.square(even).sum()) * float(np.square(odd).sum()))
    return float((even * odd).sum()) / size if size > 0 else 0.0


def _axis(beat: MedianBeat, found: Boundaries, leads: Sequence[str]) -> float | None:
    """The axis from the net areas of the QRS complex in I and aVF, or None when they are small or disagree."""
    axes = [_axis_of(b, found, leads, beat.usable) for b in (beat.whole, *beat.halves)]
    if None in axes:
        return None
    whole, even, odd = (axis for axis in axes if axis is not None)
    return whole if abs((even - odd + 180) % 360 - 180) <= _AXES_AGREE else None


def _axis_of(beat: Float32Array, found: Boundaries, leads: Sequence[str], usable: BoolArray) -> float | None:
    qrs = level(
        beat[:, round(found.qrs_onset) : round(found.qrs_offset) + 1]
    )  # so that a raised ST segment has no area
    lead = {name: part for name, use, part in zip(leads, usable, qrs, strict=True) if use}
    if "I" not in lead or not lead.keys() & {"II", "aVF"}:
        return None
    down = lead["aVF"] if "aVF" in lead else lead["II"] - lead["I"] / 2
    frontal = lead["I"], down * np.float32(2 / sqrt(3))  # an augmented lead sees less than one between two limbs
    x, y = (float(part.sum()) for part in frontal)
    whole = float(np.hypot(*frontal).sum())
    return degrees(atan2(y, x)) if hypot(x, y) > _NET_AREA * whole else None
