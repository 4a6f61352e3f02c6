"""What Einthoven says of a recording: `Result`, which is an Interpretation or a Failure.

Numbers are rounded when an Interpretation is made, so that Python, JSON and every report say the same. `to_dict` gives
the shape of interpretation.schema.json, and `from_dict` gives back an equal value.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, NamedTuple, Self

from einthoven.errors import EinthovenError, RecordingError
from einthoven.interpret.json_text import dumps, loads
from einthoven.recording import RecordingWarning
from einthoven.signal.intervals.values import IntervalValues
from einthoven.text import path_text

Decision = Literal["rule-in", "rule-out", "undecided"]

MI_IN_WORDS: Mapping[Decision, str] = {
    "rule-in": "infarct pattern, acute or old",
    "rule-out": "no infarct pattern found; this does not exclude infarction",
    "undecided": "undecided",
}
"""The only words for the infarct-pattern answer wherever a person reads it."""
INFARCT_PATTERN = "infarct pattern"
"""What that answer is about, in FHIR and DICOM: a pattern of any age, not the diagnosis of an infarction."""
NOTICE = "Research software, not a medical device."
SCHEMA_VERSION = 1


@dataclass(frozen=True)
class ModelInfo:
    """Which model an interpretation comes from."""

    name: str
    version: str
    sha256: str
    """Of model.onnx."""

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


@dataclass(frozen=True)
class RecordingInfo:
    """What a reader of an interpretation needs to know of the recording; nothing that names a person."""

    source: str
    format: str
    rate_hz: float
    duration_s: float
    short: bool
    """Less than 10 s."""
    leads: tuple[str, ...]
    derived_leads: tuple[str, ...] = ()
    warnings: tuple[RecordingWarning, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return vars(self) | {
            "leads": list(self.leads),
            "derived_leads": list(self.derived_leads),
            "warnings": [warning._asdict() for warning in self.warnings],
        }

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> Self:
        """The value whose `to_dict` is `facts`."""
        lists = {"leads": tuple(facts["leads"]), "derived_leads": tuple(facts["derived_leads"])}
        return cls(**{**facts, **lists, "warnings": _warnings_of(facts)})


def _warnings_of(facts: Mapping[str, Any]) -> tuple[RecordingWarning, ...]:
    return tuple([RecordingWarning(**warning) for warning in facts["warnings"]])


@dataclass(frozen=True)
class SegmentQuality:
    """Whether a segment is fit to be interpreted."""

    acceptable: bool
    reasons: tuple[str, ...]
    """Why it is not; empty where it is."""


class LeadProblems(NamedTuple):
    """What is wrong with one lead."""

    lead: str
    problems: tuple[str, ...]
    """Keys of `einthoven.signal.quality.gate.PROBLEM_TEXTS`, worst first."""


@dataclass(frozen=True)
class QualityInfo(SegmentQuality):
    """Whether a recording is fit to be interpreted, and what is wrong with its leads."""

    arms_swapped: bool
    """The arm electrodes may be swapped."""
    leads: tuple[LeadProblems, ...]
    """Of several segments: a problem counts that a lead has in half of them."""

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "acceptable": self.acceptable,
            "reasons": list(self.reasons),
            "arms_swapped": self.arms_swapped,
            "leads": [{"lead": lead, "problems": list(problems)} for lead, problems in self.leads],
        }

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> Self:
        """The value whose `to_dict` is `facts`."""
        leads = tuple(LeadProblems(lead["lead"], tuple(lead["problems"])) for lead in facts["leads"])
        return cls(facts["acceptable"], tuple(facts["reasons"]), facts["arms_swapped"], leads)


@dataclass(frozen=True)
class InfarctDecision:
    """Whether a tracing, or a part of it, shows an infarct pattern."""

    probability: float
    decision: Decision

    @property
    def in_words(self) -> str:
        """The decision as a person reads it."""
        return MI_IN_WORDS[self.decision]


@dataclass(frozen=True)
class InfarctPattern(InfarctDecision):
    """The first answer: does the tracing show an infarct, acute or old?

    PTB-XL's MI is an infarct statement on the ECG, of any age: not an acute coronary occlusion. No ECG excludes one.
    """

    prevalence: float
    """What the probability assumes."""
    rule_in_from: float
    """`rule-in` from this probability: specificity .95 on the validation fold."""
    rule_out_below: float
    """`rule-out` below this probability: sensitivity .99 there."""

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "probability": self.probability,
            "decision": self.decision,
            "in_words": self.in_words,
            "prevalence": self.prevalence,
            "rule_in_from": self.rule_in_from,
            "rule_out_below": self.rule_out_below,
        }

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> Self:
        """The value whose `to_dict` is `facts`."""
        return cls(**{name: value for name, value in facts.items() if name != "in_words"})


class Finding(NamedTuple):  # quicker to make than a dataclass, and there are some eighty in an answer
    """A label with its calibrated probability."""

    label: str
    name: str
    """In English."""
    probability: float
    present: bool
    threshold: float
    """Present from this probability: the highest F1 on the validation fold."""


class Score(NamedTuple):
    """A label of which the data held too few to claim more than an order of its scores."""

    label: str
    name: str
    score: float


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the model says of a tracing, or of a part of it; empty where it is not interpreted."""

    mi: InfarctPattern | None = None
    """None also where the model has no MI among its labels."""
    findings: tuple[Finding, ...] = ()
    """The superclasses."""
    statements: tuple[Finding, ...] = ()
    """All others: diagnoses, form, rhythm."""
    scores_only: tuple[Score, ...] = ()


def _answer_to_dict(answer: Answer) -> dict[str, Any]:
    return {
        "mi": answer.mi and answer.mi.to_dict(),
        "findings": [finding._asdict() for finding in answer.findings],
        "statements": [finding._asdict() for finding in answer.statements],
        "scores_only": [score._asdict() for score in answer.scores_only],
    }


def _answer_of(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of an Answer of which `_answer_to_dict` makes `facts`."""
    return {
        "mi": facts["mi"] and InfarctPattern.from_dict(facts["mi"]),
        "findings": tuple([Finding(**finding) for finding in facts["findings"]]),
        "statements": tuple([Finding(**finding) for finding in facts["statements"]]),
        "scores_only": tuple([Score(**score) for score in facts["scores_only"]]),
    }


@dataclass(frozen=True)
class SegmentResult:
    """What was found in one segment, 10 s at most, in short: all of it would make hours of recording unreadable."""

    start_s: float
    end_s: float
    quality: SegmentQuality
    abstained_because: tuple[str, ...]
    """Why it is not fit to be interpreted; empty where it is."""
    mi: InfarctDecision | None
    present: tuple[str, ...]
    """Labels of the findings and statements that are present."""
    probabilities: Mapping[str, float]
    """Of the superclasses; empty where the segment is not interpreted."""
    heart_rate_bpm: float | None

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "start_s": self.start_s,
            "end_s": self.end_s,
            "quality": {"acceptable": self.quality.acceptable, "reasons": list(self.quality.reasons)},
            "abstained_because": list(self.abstained_because),
            "mi": self.mi and vars(self.mi),
            "present": list(self.present),
            "findings": dict(self.probabilities),
            "heart_rate_bpm": self.heart_rate_bpm,
        }

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> Self:
        """The value whose `to_dict` is `facts`."""
        quality = facts["quality"]
        return cls(
            start_s=facts["start_s"],
            end_s=facts["end_s"],
            quality=SegmentQuality(quality["acceptable"], tuple(quality["reasons"])),
            abstained_because=tuple(facts["abstained_because"]),
            mi=facts["mi"] and InfarctDecision(**facts["mi"]),
            present=tuple(facts["present"]),
            probabilities=facts["findings"],
            heart_rate_bpm=facts["heart_rate_bpm"],
        )


@dataclass(frozen=True, kw_only=True)
class Excerpt(Answer):
    """The most abnormal 30 s of a longer recording: those with the lowest probability of a normal tracing."""

    start_s: float
    end_s: float

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return {"start_s": self.start_s, "end_s": self.end_s} | _answer_to_dict(self)

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> Self:
        """The value whose `to_dict` is `facts`."""
        return cls(start_s=facts["start_s"], end_s=facts["end_s"], **_answer_of(facts))


@dataclass(frozen=True)
class Explanation:
    """How much each lead at each time speaks for a label in one segment: what the model looked at, not why it is so."""

    label: str
    start_s: float
    """Of the segment, 10 s at most: of a longer recording the interpreted one in which the label is most probable."""
    seconds_per_bin: float
    """The bins are equal parts of the segment, about a quarter of a second each."""
    leads: tuple[str, ...]
    values: tuple[tuple[float, ...], ...] = field(repr=False)
    """(leads, bins): by how much the log-odds of the label's score fall when this piece is hidden; negative where they
    rise."""

    @property
    def end_s(self) -> float:
        """Of the segment."""
        return self.start_s + self.seconds_per_bin * len(self.values[0])

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return vars(self) | {"leads": list(self.leads), "values": [list(row) for row in self.values]}

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> Self:
        """The value whose `to_dict` is `facts`."""
        return cls(**{**facts, "leads": tuple(facts["leads"]), "values": tuple(map(tuple, facts["values"]))})


@dataclass(frozen=True, kw_only=True)
class Interpretation(Answer):
    """What Einthoven says of a recording. Of several segments `mi` and all findings are medians over those that fit."""

    model: ModelInfo
    recording: RecordingInfo
    quality: QualityInfo
    abstained_because: tuple[str, ...] = ()
    """Why no answer is given; empty where one is."""
    warnings: tuple[RecordingWarning, ...] = ()
    """What a reader of the answer should know."""
    heart_rate_bpm: float | None = None
    intervals: IntervalValues | None = None
    """Medians over the segments that are fit; None where they were not asked for, or no answer is given."""
    segments: tuple[SegmentResult, ...] = ()
    """Empty where the recording is one segment."""
    most_abnormal: Excerpt | None = None
    """None for recordings of less than 30 s."""
    explanations: tuple[Explanation, ...] = ()
    """Of the labels for which one was asked; empty where no answer is given."""

    @property
    def abstained(self) -> bool:
        """Whether no answer is given."""
        return bool(self.abstained_because)

    @property
    def source(self) -> str:
        """Where the recording came from."""
        return self.recording.source

    @property
    def all_warnings(self) -> tuple[RecordingWarning, ...]:
        """The warnings of the recording, then those of the answer."""
        return self.recording.warnings + self.warnings

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, lists, strings and numbers in the shape of interpretation.schema.json."""
        return {
            "schema_version": SCHEMA_VERSION,
            "notice": NOTICE,
            "model": asdict(self.model),
            "recording": self.recording.to_dict(),
            "quality": self.quality.to_dict(),
            "abstained": self.abstained,
            "abstained_because": list(self.abstained_because),
            "warnings": [warning._asdict() for warning in self.warnings],
            **_answer_to_dict(self),
            "heart_rate_bpm": self.heart_rate_bpm,
            "intervals": self.intervals and asdict(self.intervals),
            "segments": [segment.to_dict() for segment in self.segments],
            "most_abnormal": self.most_abnormal and self.most_abnormal.to_dict(),
            "explanations": [explanation.to_dict() for explanation in self.explanations],
        }

    def to_json(self) -> str:
        """`to_dict` as JSON on one line; the same interpretation gives the same text."""
        return dumps(self.to_dict()).decode()

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> Self:
        """The interpretation whose `to_dict` is `facts`.

        Raises
        ------
        EinthovenError
            If `facts` are not in the shape of interpretation.schema.json, or in that of another version.
        """
        try:
            if facts["schema_version"] != SCHEMA_VERSION:
                raise EinthovenError(
                    f"The interpretation has schema version {facts['schema_version']!r}, and this version of Einthoven "
                    f"reads {SCHEMA_VERSION}; interpret the recording again."
                )
            return cls(
                **_answer_of(facts),
                model=ModelInfo(**facts["model"]),
                recording=RecordingInfo.from_dict(facts["recording"]),
                quality=QualityInfo.from_dict(facts["quality"]),
                abstained_because=tuple(facts["abstained_because"]),
                warnings=_warnings_of(facts),
                heart_rate_bpm=facts["heart_rate_bpm"],
                intervals=facts["intervals"] and IntervalValues(**facts["intervals"]),
                segments=tuple(map(SegmentResult.from_dict, facts["segments"])),
                most_abnormal=facts["most_abnormal"] and Excerpt.from_dict(facts["most_abnormal"]),
                explanations=tuple(map(Explanation.from_dict, facts["explanations"])),
            )
        except (LookupError, TypeError, AttributeError) as error:
            raise EinthovenError("This is no interpretation: it breaks interpretation.schema.json.") from error


@dataclass(frozen=True)
class Failure:
    """Why there is no interpretation of a file."""

    source: str
    reason: str
    """A sentence, without the source."""

    @classmethod
    def of(cls, source: str, error: EinthovenError) -> Self:
        """The failure of `source` by an error, which is about it or about another file, such as its report."""
        return cls(path_text(source), path_text(error.reason if isinstance(error, RecordingError) else str(error)))

    def __str__(self) -> str:
        return f"{self.source}: {self.reason}"

    def to_dict(self) -> dict[str, Any]:
        """The other shape of interpretation.schema.json."""
        return {"recording": {"source": self.source}, "error": self.reason}

    @classmethod
    def from_dict(cls, facts: Mapping[str, Any]) -> Self:
        """The failure whose `to_dict` is `facts`."""
        return cls(facts["recording"]["source"], facts["error"])


Result = Interpretation | Failure
"""What is said of a file."""


def result_from_json(text: str | bytes) -> Result:
    """The Result of which `text` is the JSON.

    Raises
    ------
    EinthovenError
        As `Interpretation.from_dict` does.
    ValueError
        If `text` is no JSON.
    """
    facts = loads(text)
    return Failure.from_dict(facts) if "error" in facts else Interpretation.from_dict(facts)
