"""Identify the rhythm of a segment."""

from einthoven.interpret.evidence import Evidence
from einthoven.interpret.rhythm.values import Rhythm

NO_P_WAVES = frozenset({"AFIB", "AFLT", "3AVB", "WCT", "IVR", "PACE", "JUNCTIONAL", "NO-BEATS", "PACING-NO-CAPTURE"})
"""Rhythms in which no P wave leads the beats, so that there is no PR interval."""


def identify_rhythm(evidence: Evidence) -> Rhythm:
    """Identify the rhythm of a segment.

    Parameters
    ----------
    evidence
        Of one segment, with its measurements before any is dropped.

    Returns
    -------
    Rhythm
        "Rhythm uncertain" with the reason, if it cannot be told.
    """
    beats = evidence.beats
    return Rhythm(
        "UNCERTAIN",
        "rhythm uncertain",
        rate_bpm=None if evidence.pacing.captured is False or beats.rate_bpm is None else round(beats.rate_bpm, 1),
        regular=beats.regular,
        reason="The rhythm is not identified yet.",
        p_waves=beats.p_waves,
        atrial_rate_bpm=beats.atrial_rate_bpm,
        pauses=beats.pauses,
    )
