"""The result of the electrode check, and its wording."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

PRIOR = 0.02
"""Probability of an exchange before the ECG is seen: .4 % in an outpatient clinic, 4 % in an intensive care unit
(Rudiger, Hellermann, Mukherjee, Follath and Turina, Am J Emerg Med 2007, 25:174)."""

ALL_INVERTED = "all inverted"
_CHECK = "Check the electrodes and record again"
_CHECK_POLARITY = "Check the polarity of the file or the recorder"
_IN_WORDS = {
    "RA/LA": "the right and left arm electrodes may be exchanged (I is inverted, II and III have changed places)",
    "RA/LL": "the right arm and left leg electrodes may be exchanged (II is inverted)",
    "LA/LL": "the left arm and left leg electrodes may be exchanged (III is inverted, I and II have changed places)",
    "RL/RA": "the right leg and right arm electrodes may be exchanged (II is almost flat)",
    "RL/LA": "the right leg and left arm electrodes may be exchanged (III is almost flat)",
    "arms/legs": "the arm electrodes may be at the legs and the leg electrodes at the arms (I is almost flat)",
    "V1-V6 reversed": "the chest electrodes may be in reverse order (V1 looks like V6)",
    "dextrocardia": "the heart may lie on the right side (dextrocardia: I is inverted, R waves shrink from V1 to V6)",
    ALL_INVERTED: "all leads may be inverted, so that the whole tracing is upside down",
}


@dataclass(frozen=True)
class Electrodes:
    """Whether electrodes may be exchanged."""

    suspected: str | None = None
    """The exchange, such as "RA/LL", "V1/V2", "V1-V6 reversed", "V3 inverted"; None if none is suspected."""
    probability: float | None = None
    """Probability of any exchange, at PRIOR; None if a lead or the beats are missing."""

    @property
    def in_words(self) -> str:
        """Sentence about the suspected exchange and how to correct it; empty if none is suspected."""
        if self.suspected is None:
            return ""
        first, _, second = self.suspected.partition("/")
        words = _IN_WORDS.get(self.suspected)
        if words is None and second:
            words = f"the electrodes of {first} and {second} may be exchanged"
        return f"{words or self.suspected.replace(' ', ' may be ')}. {self.advice}"

    @property
    def doubt(self) -> str:
        """Short clause about the suspected error; empty if no exchange is suspected."""
        if self.suspected is None:
            return ""
        if self.suspected == ALL_INVERTED:
            return "the tracing may be upside down"
        lead, _, problem = self.suspected.partition(" ")
        return f"lead {lead} may be inverted" if problem == "inverted" else "electrodes may be exchanged"

    @property
    def within_chest(self) -> bool:
        """Whether only chest leads may be wrong: limb leads show what their names say."""
        return self.suspected is not None and self.suspected.startswith("V")

    @property
    def advice(self) -> str:
        """Advice for a suspected exchange."""
        return _CHECK_POLARITY if self.suspected == ALL_INVERTED else _CHECK


def overall_electrodes(segments: Sequence[Electrodes]) -> Electrodes:
    """Combine the results of a recording's segments.

    Parameters
    ----------
    segments
        Results of the segments, at least one, all of the same recording.

    Returns
    -------
    Electrodes
        The exchange that more than half of the segments with a probability suspect, and the median of their
        probabilities, rounded to four decimal places.
    """
    known = [segment for segment in segments if segment.probability is not None]
    if not known:
        return Electrodes()
    suspected = [segment.suspected for segment in known]
    usual = max(suspected, key=suspected.count)
    probability = median(segment.probability for segment in known if segment.probability is not None)
    return Electrodes(usual if suspected.count(usual) * 2 > len(known) else None, round(probability, 4))
