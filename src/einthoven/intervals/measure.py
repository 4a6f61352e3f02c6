"""Intervals."""
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from einthoven.intervals.delineate import Boundaries, delineate, p_window
from einthoven.intervals.median_beat import RATE, Floats, MedianBeat, median_beat
from einthoven.heart_rate import heart_rate_bpm

AGREE = {"p": 30.0, "qrs": 16.0, "t": 36.0}
P_ALIKE = 0.6


@dataclass(frozen=True)
class Intervals:
    pr_ms: float | None = None
    qrs_ms: float | None = None
    qt_ms: float | None = None
    qtc_bazett_ms: float | None = None
    qtc_fridericia_ms: float | None = None
    axis_degrees: float | None = None
    debug: object = None


def measure_intervals(signal: Floats, rate: float, leads: Sequence[str]) -> Intervals:
    beat = median_beat(signal, rate)
    if beat is None: return Intervals()
    use = beat.usable
    all_ = [delineate(x[use], beat.rr_ms) for x in (beat.whole, *beat.halves)]
    w, a, b = all_
    if w is None or a is None or b is None: return Intervals(debug=(beat, all_))
    win = p_window(w.qrs_begin)
    x, y = (h[use][:, win] for h in beat.halves)
    r = np.linspace(0, 1, x.shape[1], dtype=np.float32)
    x, y = (s - s[:, :1] * (1 - r) - s[:, -1:] * r for s in (x, y))
    alike = float((x * y).sum() / max(np.sqrt((x**2).sum() * (y**2).sum()), 1e-9))
    d = {k: (None if getattr(a, k) is None or getattr(b, k) is None else 2 * (getattr(a, k) - getattr(b, k))) for k in ("qrs_begin", "qrs_end", "p_begin", "t_end")}
    pr = None if w.p_begin is None else 2 * (w.qrs_begin - w.p_begin)
    qrs = 2 * (w.qrs_end - w.qrs_begin)
    qt = None if w.t_end is None else 2 * (w.t_end - w.qrs_begin)
    bpm = heart_rate_bpm(signal, rate)
    part = beat.whole[:, w.qrs_begin:w.qrs_end]
    part = part - beat.whole[:, w.qrs_begin:w.qrs_begin+1]
    area = part.sum(axis=1)
    I, F = area[list(leads).index("I")], area[list(leads).index("aVF")] * 2 / np.sqrt(3)
    axis = float(np.rad2deg(np.arctan2(F, I)))
    return Intervals(pr, qrs, qt, qt and bpm and qt / np.sqrt(60 / bpm), qt and bpm and qt / np.cbrt(60 / bpm), axis, (beat, all_, d, alike))
