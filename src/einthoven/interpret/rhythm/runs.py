"""Runs of ventricular beats."""

from math import inf
from typing import NamedTuple

from einthoven.signal.beat_values import Beats

_MIN_BEATS, _MAX_RR_S = 3, 0.6


class Run(NamedTuple):
    """Ventricular beats in a row."""

    beats: int
    bpm: float
    to_end: bool
    """Whether the run continues to the end of the segment, so that its full length is unknown."""

    @property
    def in_words(self) -> str:
        """Text such as "run of 8 ventricular beats at 152 bpm to the end of the strip (ventricular tachycardia)"."""
        how = " to the end of the strip (ventricular" if self.to_end else " (non-sustained ventricular"
        return f"run of {self.beats} ventricular beats at {self.bpm:.0f} bpm{how} tachycardia)"


def longest_run(beats: Beats) -> Run | None:
    """Find the longest run of three or more ventricular beats at over 100 bpm.

    Parameters
    ----------
    beats
        The beats of a segment.

    Returns
    -------
    Run or None
        The first of the longest runs; None without such a run.
    """
    if beats.kinds.count("ventricular") < _MIN_BEATS:
        return None
    rr_s = beats.times_s[1:] - beats.times_s[:-1]
    longest = count = last = 0
    for k, (kind, interval) in enumerate(zip(beats.kinds, [inf, *rr_s.tolist()], strict=True)):
        count = (count + 1 if count == 0 or interval < _MAX_RR_S else 1) if kind == "ventricular" else 0
        if count > longest:
            longest, last = count, k
    if longest < _MIN_BEATS:
        return None
    seconds = float(rr_s[last - longest + 1 : last].sum())
    to_end = set(beats.kinds[last + 1 :]) <= {"unclassified"}  # a beat at the edge is unclassified
    return Run(longest, 60 * (longest - 1) / seconds, to_end)
