"""The quality gate: what is wrong with each lead, and whether enough is left to interpret.

Of each lead the share of the time is taken that is lost: seconds in which it is a straight line or leaps further than
a heart does; all of it where the lead does not beat when the others do. One limb lead may be small, where the heart's
axis is across it; that an electrode is off shows in two of I, II and III at least. A tracing is refused when more than
LOST_LIMIT of all leads' time is lost, which is one and a half of twelve leads, so that one lead may be off; or when no
heart beats stand out in the leads together. Where the limits come from, and what the rule is worth on the data of the
PhysioNet/CinC Challenge 2011 (Silva, Moody and Celi, Computing in Cardiology 2011, 38:273), stands in
docs/explanation/quality.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress

import numpy as np

from einthoven.arrays import BoolArray, Float32Array, Float64Array
from einthoven.recording import LEADS
from einthoven.signal.bands import Bands, split
from einthoven.signal.heart_rate import beats_stand_out, find_beats
from einthoven.signal.quality.arms import NEEDED, arms_swapped
from einthoven.signal.quality.measures import Measures, measure

LOST_LIMIT = 1.5 / 12
"""Share of the leads' time beyond which a tracing is refused."""
FLAT_MV = 0.02  # range in a second below which a lead is a straight line
LEAP_MV = 8.0  # range in a second, without wander, that is beyond a heart, if also twice what the lead usually has
WILD_MV = 20.0  # the same, whatever the lead usually has
AGREEMENT = 0.5  # correlation below which a lead does not beat with the others
NOISE_MV = 0.025  # standard deviation, 20 to 42 Hz: over a small square of ECG paper from crest to trough
HUM_MV = 0.05  # amplitude: a small square from crest to trough
WANDER_MV = 1.0  # range below 0.6 Hz: two large squares
STEP_MV = 1.5
CLIPPED_S = 0.1

IN_WORDS = {
    "off": "off",
    "flat": "flat at times",
    "saturated": "cut off at the recorder's limit",
    "steps": "jumping",
    "noise": "noisy",
    "hum": "disturbed by mains hum",
    "wander": "wandering",
}
"""The problems that a lead may have, worst first, and what a report says: V2 is ..."""
_CAUSES = ("off", "flat", "saturated", "steps", "noise")  # of lost time; hum and wander come on top
NO_BEATS = "no heart beats can be made out"
SWAPPED = "the arm electrodes may be swapped"


@dataclass(frozen=True)
class LeadQuality:
    """What is wrong with one lead."""

    lead: str
    problems: tuple[str, ...]
    """Keys of IN_WORDS, in that order; none where the lead is good, "off" alone where it is off throughout."""
    lost: float
    """Share of the time, 0-1, in which it cannot be read."""
    lost_in: tuple[bool, ...] = ()
    """Whether that is so in each second; empty where several parts of a recording are taken together."""


@dataclass(frozen=True)
class Quality:
    """Whether a tracing is fit to be interpreted, and what is wrong with it."""

    acceptable: bool
    leads: tuple[LeadQuality, ...]
    beats_seen: bool
    """Heart beats stand out in the leads; else the tracing is not acceptable."""
    arms_swapped: bool
    """The arm electrodes may be swapped; False too where the tracing is refused, or I, aVF or a chest lead is lost."""

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the tracing is refused, in words such as "V1 and V2 are off"; none where it is acceptable."""
        if self.acceptable:
            return ()
        guilty = [lead for lead in self.leads if lead.lost > 0 or not self.beats_seen]
        return _in_words(guilty, _CAUSES, of=len(self.leads)) + self._overall

    @property
    def lead_remarks(self) -> tuple[str, ...]:
        """What is wrong with the leads, whether the tracing is acceptable or not, in the same words."""
        return _in_words(self.leads, tuple(IN_WORDS), of=len(self.leads))

    @property
    def remarks(self) -> tuple[str, ...]:
        """All that is worth saying about the tracing, acceptable or not, in the same words."""
        return self.lead_remarks + self._overall

    @property
    def _overall(self) -> tuple[str, ...]:
        """What concerns no lead more than another."""
        return (() if self.beats_seen else (NO_BEATS,)) + ((SWAPPED,) if self.arms_swapped else ())


def assess(signal: Float32Array, rate: float, leads: Sequence[str], bands: Bands | None = None) -> Quality:
    """Assess `signal` (leads, samples) in mV at `rate` Hz, `leads` naming its rows; takes about a millisecond.

    `bands`: those of the signal, where they are there already.
    A lead that was not recorded counts as off when it stands there as zeros, and not at all when it does not stand
    there. Raises ValueError when the names do not fit, the rate is below 100 Hz, there are less than 2.5 s, or values
    are not finite.
    """
    if signal.ndim != 2 or len(signal) != len(leads) or not len(leads):
        raise ValueError(f"signal is {signal.shape}, not ({len(leads)} leads, samples)")
    bands = bands or split(signal, rate)
    return assess_measures(measure(signal, rate, bands), bands, leads)


def assess_measures(measures: Measures, bands: Bands, leads: Sequence[str]) -> Quality:
    """What follows from the measures and bands of a tracing, `leads` naming their rows."""
    beats_seen = beats_stand_out(bands)
    agreement = AGREEMENT if beats_seen else -1  # else there is nothing to agree with
    lost_in = unreadable(measures, leads, agreement=agreement)
    lost = lost_in.mean(axis=1)
    acceptable = beats_seen and bool(lost.mean() <= LOST_LIMIT)
    readable = {lead for lead, share in zip(leads, lost, strict=True) if share < 1}
    at = find_beats(bands.common_slope)
    return Quality(
        acceptable=acceptable,
        leads=tuple(map(LeadQuality, leads, _problems(measures, lost), lost.tolist(), map(tuple, lost_in.tolist()))),
        beats_seen=beats_seen,
        arms_swapped=acceptable and readable >= NEEDED and arms_swapped(bands.ecg, at, leads),
    )


def overall_quality(parts: Sequence[Quality]) -> Quality:
    """Of a recording of several parts: fit where one of them is.

    A lead has the problems that it has in half of them; where none is fit, in any, so that the refusal has its reasons.
    """
    if len(parts) == 1:
        return parts[0]
    fit = [part for part in parts if part.acceptable]
    least = len(parts) / 2 if fit else 1
    leads = []
    for same in zip(*(part.leads for part in parts), strict=True):
        often = tuple(name for name in IN_WORDS if sum(name in lead.problems for lead in same) >= least)
        leads.append(LeadQuality(same[0].lead, often, sum(lead.lost for lead in same) / len(parts)))
    return Quality(
        acceptable=bool(fit),
        leads=tuple(leads),
        beats_seen=any(part.beats_seen for part in parts),
        arms_swapped=sum(part.arms_swapped for part in fit) * 2 > len(fit),
    )


def unreadable(
    measures: Measures, leads: Sequence[str], leap_mv: float = LEAP_MV, agreement: float = AGREEMENT
) -> BoolArray:
    """Which seconds of each lead are lost (leads, seconds)."""
    lost = (measures.recorded_range < FLAT_MV) | _leaps(measures, leap_mv)
    alone = measures.agreement < agreement
    if alone[[lead in LEADS[:3] for lead in leads]].sum() == 1:
        alone &= [lead not in LEADS[:6] for lead in leads]
    lost[alone] = True
    return lost


def _leaps(measures: Measures, leap_mv: float = LEAP_MV) -> BoolArray:
    """In which seconds each lead leaps (leads, seconds)."""
    if measures.ecg_range.max() <= leap_mv:
        return np.zeros(measures.ecg_range.shape, bool)
    usual = np.median(measures.ecg_range, axis=1, keepdims=True)
    leaps: BoolArray = measures.ecg_range > np.clip(2 * usual, leap_mv, WILD_MV)
    return leaps


def _problems(measures: Measures, lost: Float64Array) -> list[tuple[str, ...]]:
    """The problems of each lead, worst first."""
    flat = (measures.recorded_range < FLAT_MV).mean(axis=1)
    found = {
        "saturated": measures.clipped > CLIPPED_S,
        "steps": (measures.jump > STEP_MV) | _leaps(measures).any(axis=1),
        "noise": measures.noise.mean(axis=1) > NOISE_MV,
        "hum": measures.mains > HUM_MV,
        "wander": measures.wander > WANDER_MV,
    }
    # No heart beats in it, and nothing else hides them
    hidden = found["saturated"] | found["steps"] | found["noise"]
    found["off"] = (flat > 0.5) | ((lost == 1) & ~hidden)
    found["flat"] = (flat > 0) & ~found["off"]
    flags = np.array([found[name] for name in IN_WORDS]).T  # (leads, problems)
    return [("off",) if has[0] else tuple(compress(IN_WORDS, has)) for has in flags.tolist()]


def _in_words(leads: Sequence[LeadQuality], problems: Sequence[str], of: int) -> tuple[str, ...]:
    """A sentence for each of the `problems` that any of the leads has, which are some `of` so many in the tracing."""
    sentences = []
    for problem in problems:
        names = [lead.lead for lead in leads if problem in lead.problems]
        if len(names) == of > 1:
            sentences.append(f"all leads are {IN_WORDS[problem]}")
        elif len(names) > 1:
            sentences.append(f"{', '.join(names[:-1])} and {names[-1]} are {IN_WORDS[problem]}")
        elif names:
            sentences.append(f"{names[0]} is {IN_WORDS[problem]}")
    return tuple(sentences)
