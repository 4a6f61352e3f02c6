"""Data classes for the beats of a segment, as `einthoven.signal.beats` returns them."""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np

from einthoven.arrays import Float64Array

PWaves = Literal["leading", "absent", "dissociated", "dropped"]
"""Relation of the P waves to the beats."""
BeatKind = Literal["dominant", "ventricular", "supraventricular", "unclassified"]

PAUSE_S = 2.0
"""An RR interval longer than this is a pause (ACC/AHA/HRS guideline on bradycardia, Kusumoto et al., Circulation 2019,
140:e382, Table 3 calls 3 s a pause that may be pathological; monitors list those of 2 s)."""


class Pause(NamedTuple):
    """A time without beats, longer than PAUSE_S."""

    start_s: float
    """Time in s of the last beat before the pause, or the start of the segment."""
    seconds: float
    """Duration until the next beat in s; at the ends of the segment, the visible part."""


@dataclass(frozen=True)
class Beats:
    """The beats of a segment."""

    times_s: Float64Array = field(default_factory=lambda: np.zeros(0))
    """Time of the steepest part of each QRS complex, in s from the start of the segment, shape (beats,)."""
    kinds: tuple[BeatKind, ...] = ()
    rate_bpm: float | None = None
    """Mean rate over all beats; None with fewer than three, or if it is unclear which positions are beats."""
    regular: bool | None = None
    """Whether the RR intervals differ little, except those next to premature beats; None with fewer than three."""
    pauses: tuple[Pause, ...] = ()
    p_waves: PWaves | None = None
    """Relation of the P waves to the beats; None if unclear."""
    atrial_rate_bpm: float | None = None
    pr_s: tuple[float | None, ...] = ()
    """Time in s from the top of a P wave that may lead the beat to the middle of its QRS complex; empty if unclear."""
    steep_s: float | None = None
    """Duration in s of the steep part of dominant QRS complexes, a little less than QRS duration; median over beats."""
    organized: bool = False
    """Whether there are beats at all: not in asystole, ventricular fibrillation and noise."""
    unorganized: tuple[Pause, ...] = ()
    """Times in which the leads move without a beat of the dominant form, as in late ventricular fibrillation."""
    edges_s: tuple[float, float] | None = None
    """Times of the first and the last possible beat, in s from the start of the segment."""
