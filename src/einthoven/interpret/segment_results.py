"""Results about parts of a recording: its segments, its most abnormal 30 s, and explanations."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Self

from einthoven.interpret.answer import Answer, Decision, InfarctDecision, answer_from_dict, answer_to_dict
from einthoven.interpret.consistency.values import Conclusion
from einthoven.interpret.recording_info import SegmentQuality
from einthoven.model.json_fields import JsonFields
from einthoven.text import format_duration


@dataclass(frozen=True)
class SegmentResult(JsonFields):
    """The result of one segment of at most 10 s, in brief: hours of recording have hundreds of them."""

    start_s: float
    end_s: float
    quality: SegmentQuality
    abstained_because: tuple[str, ...]
    """Reasons why the segment is not interpreted; empty if it is."""
    conclusion: Conclusion
    rhythm: str
    """Code of the rhythm."""
    critical: tuple[str, ...]
    """Codes of the critical values."""
    acute: Decision | None
    """Decision about the pattern of an acute infarct."""
    mi: InfarctDecision | None
    present: tuple[str, ...]
    """Labels of the findings and statements that are present."""
    probabilities: Mapping[str, float] = field(metadata={"json": "findings"})
    """Probabilities of the superclasses; empty if the segment is not interpreted."""
    heart_rate_bpm: float | None


ShareKind = Literal["critical", "acute", "infarct", "rhythm", "finding", "not interpreted"]
"""Subject of a share, the most urgent first."""


class Episode(NamedTuple):
    """Consecutive segments with the same finding."""

    start_s: float
    end_s: float

    @property
    def seconds(self) -> float:
        """Duration in s."""
        return self.end_s - self.start_s


@dataclass(frozen=True)
class TimeShare(JsonFields):
    """The share of a recording's time that has a rhythm or a finding."""

    kind: ShareKind
    code: str
    """Code of the rhythm or critical value, or label of the finding."""
    name: str
    """English name."""
    share: float
    """Share of the recording's time, from 0 to 1."""
    seconds: float
    """Total duration of all episodes in s."""
    episodes: int
    longest: Episode

    @property
    def in_words(self) -> str:
        """Text such as "atrial fibrillation: 45 % of the time, the longest of 2 episodes 2:00 min from 30 s"."""
        longest = f"{format_duration(self.longest.seconds)} from {format_duration(self.longest.start_s)}"
        episodes = f"the longest of {self.episodes} episodes" if self.episodes > 1 else "one episode of"
        percent = "<1 %" if self.share < 0.01 else f"{100 * self.share:.0f} %"  # a fact, which may be 100 %
        return f"{self.name}: {percent} of the time, {episodes} {longest}"


@dataclass(frozen=True, kw_only=True)
class Excerpt(Answer):
    """The most abnormal 30 s of a longer recording: those with the lowest probability of a normal ECG."""

    start_s: float
    end_s: float

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object.

        Returns
        -------
        dict
            `most_abnormal` in interpretation.schema.json.
        """
        return {"start_s": self.start_s, "end_s": self.end_s, **answer_to_dict(self)}

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Self:
        """Return the value of a JSON object.

        Parameters
        ----------
        fields
            The fields that `to_dict` returns.

        Returns
        -------
        Excerpt
            The value from which `to_dict` made the fields.
        """
        return cls(start_s=fields["start_s"], end_s=fields["end_s"], **vars(answer_from_dict(fields)))


@dataclass(frozen=True)
class Explanation(JsonFields):
    """The support of each lead at each time for a label in one segment.

    It shows the parts of the signal that the model uses, not whether the label is correct.
    """

    label: str
    start_s: float
    """Start of the segment: the interpreted one in which the label is most probable."""
    seconds_per_bin: float
    """Duration of a bin: the segment is cut into equal bins of about a quarter of a second."""
    leads: tuple[str, ...]
    values: tuple[tuple[float, ...], ...] = field(repr=False)
    """Decrease of the log-odds of the label's score if this piece is hidden, shape (leads, bins); negative if they
    increase."""

    @property
    def end_s(self) -> float:
        """End of the segment."""
        return self.start_s + self.seconds_per_bin * len(self.values[0])
