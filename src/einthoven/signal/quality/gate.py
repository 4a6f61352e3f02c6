"""The quality gate: the problems of each lead, and whether the rest suffices for an interpretation.

A lead loses the seconds in which it is a straight line or changes more than any ECG does. It loses all of them if its
beats do not coincide with the other leads'. One limb lead alone may be small, because it is perpendicular to the
heart's axis; an electrode that is off shows in at least two of I, II and III.

A signal is refused if more than LOST_LIMIT of all leads' time is lost, which is one and a half of twelve leads, so that
one lead may be off. It is also refused if no heartbeats stand out in the leads. docs/explanation/quality.md gives the
sources of the limits, and the accuracy of the rule on the data of the PhysioNet/CinC Challenge 2011 (Silva, Moody and
Celi, Computing in Cardiology 2011, 38:273).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress
from typing import NamedTuple

import numpy as np

from einthoven.arrays import BoolArray, Float32Array, Float64Array
from einthoven.recording import LEADS
from einthoven.signal.bands import Bands, split
from einthoven.signal.quality.measures import Measures, measure
from einthoven.signal.small_arrays import mean
from einthoven.signal.steep_places import beats_stand_out

LOST_LIMIT = 1.5 / 12
"""Share of the leads' time above which a signal is refused."""
FLAT_MV = 0.02  # range in a second below which a lead is a straight line
LEAP_MV = 8.0  # range in a second, without wander, beyond that of an ECG, if also twice the usual range of the lead
WILD_MV = 20.0  # the same, whatever the usual range of the lead
AGREEMENT = 0.5  # correlation below which a lead's beats do not coincide with the others'
NOISE_MV = 0.025  # standard deviation, 20 to 42 Hz: over a small square of ECG paper from crest to trough
HUM_MV = 0.05  # amplitude: a small square from crest to trough
WANDER_MV = 1.0  # range below 0.6 Hz: two large squares
STEP_MV = 1.5
CLIPPED_S = 0.1

PROBLEM_TEXTS = {
    "off": "off",
    "flat": "flat at times",
    "saturated": "cut off at the recorder's limit",
    "steps": "jumping",
    "noise": "noisy",
    "hum": "disturbed by mains hum",
    "wander": "wandering",
}
"""The problems that a lead may have, worst first, and how a report words them: V2 is ..."""
_CAUSES = ("off", "flat", "saturated", "steps", "noise")  # of lost time, unlike hum and wander
NO_BEATS = "no heartbeats stand out"


class LeadQuality(NamedTuple):  # quicker to make than a dataclass, and a recording has a dozen
    """Quality problems of one lead."""

    lead: str
    problems: tuple[str, ...]
    """Keys of PROBLEM_TEXTS, worst first; empty if the lead is good, "off" alone if it is off throughout."""
    lost_share: float
    """Share of the time, 0-1, in which the lead cannot be read."""
    lost_seconds: tuple[bool, ...] = ()
    """Whether each second is lost; empty for the overall quality of several segments."""


@dataclass(frozen=True)
class Quality:
    """Whether a signal is fit to be interpreted, and its problems."""

    acceptable: bool
    leads: tuple[LeadQuality, ...]
    has_beats: bool
    """Whether heartbeats stand out in the leads; if not, the signal is not acceptable."""

    @property
    def reasons(self) -> tuple[str, ...]:
        """Reasons why the signal is refused, such as "V1 and V2 are off"; empty if it is acceptable."""
        if self.acceptable:
            return ()
        return causes(self) + self._overall

    @property
    def lead_problems(self) -> tuple[str, ...]:
        """Problems of the leads, whether the signal is acceptable or not, in the same words."""
        return _sentences(self.leads, tuple(PROBLEM_TEXTS), len(self.leads))

    @property
    def problems(self) -> tuple[str, ...]:
        """All problems of the signal, whether it is acceptable or not, in the same words."""
        return self.lead_problems + self._overall

    @property
    def _overall(self) -> tuple[str, ...]:
        """Problems that affect all leads equally."""
        return () if self.has_beats else (NO_BEATS,)


def causes(quality: Quality) -> tuple[str, ...]:
    """Return the problems for which a signal loses leads, whether it is acceptable or not.

    Parameters
    ----------
    quality
        Quality of one signal.

    Returns
    -------
    tuple of str
        Clauses such as "V1 and V2 are off": for all leads if no beats stand out, else for those that lost time.
    """
    failing = [lead for lead in quality.leads if lead.lost_share > 0 or not quality.has_beats]
    return _sentences(failing, _CAUSES, len(quality.leads))


def assess(signal: Float32Array, rate: float, leads: Sequence[str], bands: Bands | None = None) -> Quality:
    """Assess the quality of a signal, in about a millisecond.

    Parameters
    ----------
    signal
        Signal of shape (leads, samples) in mV. A row of zeros is a lead that is off; a lead without a row does not
        count.
    rate
        Sampling rate in Hz, at least 100.
    leads
        Standard names of the rows.
    bands
        The bands of `signal`, if they are known.

    Returns
    -------
    Quality
        Quality with one LeadQuality for each row.

    Raises
    ------
    ValueError
        If the names do not fit the rows, the rate is below 100 Hz, the signal is shorter than 2.5 s, or a value is not
        finite.
    """
    if signal.ndim != 2 or len(signal) != len(leads) or not len(leads):
        raise ValueError(f"signal is {signal.shape}, not ({len(leads)} leads, samples)")
    bands = bands or split(signal, rate)
    return assess_measures(measure(signal, rate, bands), bands, leads)


def assess_measures(measures: Measures, bands: Bands, leads: Sequence[str]) -> Quality:
    """Assess the quality of a signal that was measured.

    Parameters
    ----------
    measures
        Quality measures of one signal.
    bands
        Frequency bands of the same signal.
    leads
        Standard names of its rows.

    Returns
    -------
    Quality
        Quality with one LeadQuality for each row.
    """
    has_beats = beats_stand_out(bands)
    agreement = AGREEMENT if has_beats else -1  # without beats there is nothing to agree with
    seconds = lost_seconds(measures, leads, agreement=agreement)
    shares = np.add.reduce(seconds, axis=1) / seconds.shape[1]
    acceptable = has_beats and bool(shares.mean() <= LOST_LIMIT)
    problems = _problems(measures, shares)
    return Quality(
        acceptable=acceptable,
        leads=tuple(map(LeadQuality, leads, problems, shares.tolist(), map(tuple, seconds.tolist()))),
        has_beats=has_beats,
    )


def overall_quality(segments: Sequence[Quality]) -> Quality:
    """Combine the qualities of a recording's segments.

    Parameters
    ----------
    segments
        Qualities of the segments, at least one, all of the same leads.

    Returns
    -------
    Quality
        Quality of the recording, acceptable if a segment is. A lead has the problems that it has in half of the
        segments; if no segment is acceptable, in any, so that the refusal has its reasons.
    """
    if len(segments) == 1:
        return segments[0]
    acceptable = [quality for quality in segments if quality.acceptable]
    least = len(segments) / 2 if acceptable else 1
    leads = []
    for lead_in_segments in zip(*(quality.leads for quality in segments), strict=True):
        frequent = tuple(
            problem for problem in PROBLEM_TEXTS if sum(problem in lead.problems for lead in lead_in_segments) >= least
        )
        lost_share = sum(lead.lost_share for lead in lead_in_segments) / len(segments)
        leads.append(LeadQuality(lead_in_segments[0].lead, frequent, lost_share))
    return Quality(
        acceptable=bool(acceptable),
        leads=tuple(leads),
        has_beats=any(quality.has_beats for quality in segments),
    )


def lost_seconds(
    measures: Measures, leads: Sequence[str], leap_mv: float = LEAP_MV, agreement: float = AGREEMENT
) -> BoolArray:
    """Determine the lost seconds of each lead.

    Parameters
    ----------
    measures
        Quality measures of one signal.
    leads
        Standard names of its rows.
    leap_mv
        Range in a second beyond which a lead leaps.
    agreement
        Correlation below which a lead's beats do not coincide with the others'.

    Returns
    -------
    BoolArray
        Boolean mask of shape (leads, seconds).
    """
    lost = (measures.recorded_range < FLAT_MV) | _leaps(measures, leap_mv)
    alone = measures.agreement < agreement
    if alone[[lead in LEADS[:3] for lead in leads]].sum() == 1:
        alone &= [lead not in LEADS[:6] for lead in leads]
    lost[alone] = True
    return lost


def _leaps(measures: Measures, leap_mv: float = LEAP_MV) -> BoolArray:
    """Boolean mask (leads, seconds) of the seconds in which a lead leaps."""
    if measures.ecg_range.max() <= leap_mv:
        return np.zeros(measures.ecg_range.shape, bool)
    usual = np.median(measures.ecg_range, axis=1, keepdims=True)
    leaps: BoolArray = measures.ecg_range > np.clip(2 * usual, leap_mv, WILD_MV)
    return leaps


def _problems(measures: Measures, lost_shares: Float64Array) -> list[tuple[str, ...]]:
    """The problems of each lead, worst first."""
    flat = np.add.reduce(measures.recorded_range < FLAT_MV, axis=1) / measures.recorded_range.shape[1]
    problems = {
        "saturated": measures.clipped_s > CLIPPED_S,
        "steps": (measures.jump > STEP_MV) | _leaps(measures).any(axis=1),
        "noise": mean(measures.noise) > NOISE_MV,
        "hum": measures.mains > HUM_MV,
        "wander": measures.wander > WANDER_MV,
    }
    # A lead that loses all its time is off unless something else hides its beats
    hidden = problems["saturated"] | problems["steps"] | problems["noise"]
    problems["off"] = (flat > 0.5) | ((lost_shares == 1) & ~hidden)
    problems["flat"] = (flat > 0) & ~problems["off"]
    flags = np.array([problems[name] for name in PROBLEM_TEXTS]).T  # (leads, problems)
    return [("off",) if has[0] else tuple(compress(PROBLEM_TEXTS, has)) for has in flags.tolist()]


def _sentences(leads: Sequence[LeadQuality], problems: Sequence[str], lead_count: int) -> tuple[str, ...]:
    """A sentence for each of the `problems` that a lead has; the signal has `lead_count` leads in all."""
    sentences = []
    for problem in problems:
        names = [lead.lead for lead in leads if problem in lead.problems]
        if len(names) == lead_count > 1:
            sentences.append(f"all leads are {PROBLEM_TEXTS[problem]}")
        elif len(names) > 1:
            sentences.append(f"{', '.join(names[:-1])} and {names[-1]} are {PROBLEM_TEXTS[problem]}")
        elif names:
            sentences.append(f"{names[0]} is {PROBLEM_TEXTS[problem]}")
    return tuple(sentences)
