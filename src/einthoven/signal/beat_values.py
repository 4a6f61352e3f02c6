"""What is known about the beats of a segment: the values that `einthoven.signal.beats` finds."""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np

from einthoven.arrays import Float64Array

PWaves = Literal["leading", "absent", "dissociated", "dropped"]
"""How P waves relate to the beats."""
BeatKind = Literal["dominant", "ventricular", "supraventricular", "unclassified"]

PAUSE_S = 2.0
"""An RR interval longer than this is a pause (ACC/AHA/HRS guideline on bradycardia, Kusumoto et al., Circulation 2019,
140:e382, Table 3 calls 3 s a pause that may be pathological; monitors list those of 2 s)."""


class Pause(NamedTuple):
    """A time without beats, longer than PAUSE_S."""

    start_s: float
    """The last beat before it, or the start of the segment."""
    seconds: float
    """To the next beat; at the ends of the segment what can be seen of it."""


@dataclass(frozen=True)
class Beats:
    """The beats of a segment."""

    times_s: Float64Array = field(default_factory=lambda: np.zeros(0))
    """Shape (beats,): the steepest part of each QRS complex, in s from the start of the segment."""
    kinds: tuple[BeatKind, ...] = ()
    rate_bpm: float | None = None
    """Mean over all beats; None with fewer than three, or if it is unclear which are beats."""
    regular: bool | None = None
    """Whether the RR intervals differ little, those next to premature beats left out; None with fewer than three."""
    pauses: tuple[Pause, ...] = ()
    p_waves: PWaves | None = None
    """How P waves relate to the beats; None if unclear."""
    atrial_rate_bpm: float | None = None
    pr_s: tuple[float | None, ...] = ()
    """From the top of the P wave that may lead each beat to the middle of its QRS complex; empty if it is unclear."""
    steep_s: float | None = None
    """How long QRS complexes of the dominant kind are steep, a little less than they last; median over the beats."""
    organized: bool = False
    """Whether there are beats at all: not in asystole, ventricular fibrillation and noise."""
    unorganized: tuple[Pause, ...] = ()
    """When the leads move without a beat of the dominant form, as in ventricular fibrillation that begins later."""
    edges_s: tuple[float, float] | None = None
    """The first and the last place that may be a beat, in s from the start of the segment."""
