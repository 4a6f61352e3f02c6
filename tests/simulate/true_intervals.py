"""Where the waves of a simulated heart begin and end: the truth to compare measured intervals with."""

from typing import NamedTuple

import numpy as np

from einthoven.arrays import Float64Array
from einthoven.simulate.heart import Heart, beat

_TIMES = np.arange(-500.0, 900.0, 0.5)  # ms from the R peak
_VISIBLE = 0.02  # mV in some lead: smaller deflections the CSE Working Party does not count
_P_VISIBLE = 0.01  # mV, because P waves are ten times smaller than QRS complexes
_T_REST = 0.2  # of the largest slope of the T wave's end


class TrueIntervals(NamedTuple):
    """Intervals of a heart in ms; `pr` is None without a P wave."""

    pr: float | None
    qrs: float
    qt: float


def true_intervals(heart: Heart, rr: float = 1.0) -> TrueIntervals:
    """The intervals of `heart` when its beats are `rr` s apart, each wave looked at alone.

    Gaussian waves have no end. The QRS complex is where it has 0.02 mV in some lead, the P wave where it has 0.01 mV,
    and the T wave ends where its slope has come down to a fifth of its largest.
    """
    qrs = np.flatnonzero(_largest(_part(heart, "QRS")) > _VISIBLE)
    onset, offset = _TIMES[qrs[[0, -1]]]
    p_waves = _part(heart, "P")
    p = np.flatnonzero(_largest(p_waves) > _P_VISIBLE) if p_waves else qrs[:0]
    t_waves = beat(_part(heart, "T"), _TIMES)
    top = int(np.square(t_waves).sum(axis=0).argmax())
    slope = np.sqrt(np.square(np.gradient(t_waves, axis=1)).sum(axis=0))
    steep = np.flatnonzero(slope > _T_REST * slope[top:].max())
    qt = _TIMES[steep[-1]] * np.sqrt(rr) - onset  # repolarization follows the rate (Bazett)
    return TrueIntervals(onset - _TIMES[p[0]] if len(p) else None, offset - onset, qt)


def _part(heart: Heart, kind: str) -> Heart:
    return {name: wave for name, wave in heart.items() if name.startswith(kind)}


def _largest(waves: Heart) -> Float64Array:
    """The largest voltage in mV in any of I, II, V1-V6 at each of the _TIMES."""
    largest: Float64Array = np.abs(beat(waves, _TIMES)).max(axis=0)
    return largest
