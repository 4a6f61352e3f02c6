"""Find seconds of a signal in which the leads move, but no beats are organized: ventricular fibrillation or artefact.

The module searches for a time without beats of the dominant form in which the leads never rest, although they rest
between the beats elsewhere. In a pause, the leads rest; a run of ventricular beats has one form.
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from einthoven.arrays import BoolArray, Float32Array, IndexArray
from einthoven.signal.bands import RATE
from einthoven.signal.beat_values import PAUSE_S, Pause

_AFTER_BEAT, _BEFORE_BEAT = 30 * RATE // 100, 20 * RATE // 100  # samples of the beats at both ends
_RESTING_SHARE = 0.2  # of the time, at least, in which leads rest between beats
# Slope at rest, as share of a usual beat's; and relative to the usual slope elsewhere. Simulated ventricular
# fibrillation of 3 to 6 s in real ECGs has 0.11 and 1.4 at least in all but a few, and usually 0.3; slow beats in noise
# have 0.3 as well, but nothing between them.
_RESTLESS, _MORE_THAN_ELSEWHERE, _RESTLESS_ANYWHERE = 0.1, 1.2, 0.25
_MIN_RUN, _MIN_ALIKE_SHARE = 4, 0.8  # beats of another form that make a run


def find_unorganized(
    slope: Float32Array, at: IndexArray, alike: BoolArray, kinds: NDArray[np.str_]
) -> tuple[Pause, ...]:
    """Find the times without organized beats.

    Parameters
    ----------
    slope
        Slope that the leads have in common, `Bands.common_slope`, shape (samples,).
    at
        Samples of possible beats at 100 Hz, ascending.
    alike
        Whether each pair of beats has the same form, shape (beats, beats).
    kinds
        BeatKind of each beat.

    Returns
    -------
    tuple of Pause
        Times without organized beats, each from the previous beat (or the start) to the next beat (or the end).
    """
    usual = np.isin(kinds, ("dominant", "supraventricular"))
    ends = np.concatenate([[0], at[usual], [len(slope)]])
    found = []
    for start, end in pairwise(ends.tolist()):
        others = (at > start) & (at < end) & ~usual
        long = end - start > PAUSE_S * RATE
        if long and _is_restless(slope, start, end, alone=not others.any()) and not is_run(alike, others):
            found.append(Pause(start / RATE, (end - start) / RATE))
    return tuple(found)


def _is_restless(slope: Float32Array, start: int, end: int, *, alone: bool) -> bool:
    """Return whether the leads rest less than elsewhere; or hardly, if anything as steep as a beat is there."""
    first = start + _AFTER_BEAT if start else 0
    last = end - _BEFORE_BEAT if end < len(slope) else end
    resting = float(np.quantile(slope[first:last], _RESTING_SHARE))
    if not alone and resting >= _RESTLESS_ANYWHERE:
        return True
    elsewhere = np.concatenate([slope[:first], slope[last:]])
    usual = float(np.median(elsewhere)) if len(elsewhere) else 0.0
    return resting >= max(_RESTLESS, _MORE_THAN_ELSEWHERE * usual)


def is_run(alike: BoolArray, others: BoolArray) -> bool:
    """Report whether most of some beats have the same form, as in a tachycardia.

    Parameters
    ----------
    alike
        Whether each pair of beats has the same form, shape (beats, beats).
    others
        Mask of the beats to compare, shape (beats,).

    Returns
    -------
    bool
        False for fewer than four.
    """
    count = int(others.sum())
    return count >= _MIN_RUN and alike[others][:, others].sum(axis=1).max() >= _MIN_ALIKE_SHARE * count
