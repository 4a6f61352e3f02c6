"""What Einthoven says of a recording."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import orjson

from einthoven.interpret.explanation import Explanation
from einthoven.signal.intervals import VALUES, Intervals
from einthoven.signal.quality import Quality

Decision = Literal["rule-in", "rule-out", "undecided"]

MI_IN_WORDS: Mapping[Decision, str] = {
    "rule-in": "infarct pattern, acute or old",
    "rule-out": "no infarct pattern found; this does not exclude infarction",
    "undecided": "undecided",
}
"""The only words for the infarct-pattern answer wherever a person reads it."""
NOTICE = "Research software, not a medical device."
_SHORT = 10_000


@dataclass(frozen=True)
class InfarctPattern:
    """The first answer: does the tracing show an infarct, acute or old?

    PTB-XL's MI is an infarct statement on the ECG, of any age: not an acute coronary occlusion. No ECG excludes one.
    """

    probability: float
    decision: Decision
    prevalence: float
    """What the probability assumes."""
    rule_in: float
    """`rule-in` from this probability: specificity .95 on the validation fold."""
    rule_out: float
    """`rule-out` below this probability: sensitivity .99 there."""


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


@dataclass(frozen=True)
class Answer:
    """What the model says of a tracing, or of a stretch of it."""

    mi: InfarctPattern | None
    """None where the model has no MI among its labels."""
    findings: tuple[Finding, ...]
    """The superclasses."""
    statements: tuple[Finding, ...]
    """All others: diagnoses, form, rhythm."""
    scores_only: tuple[Score, ...]


@dataclass(frozen=True)
class SegmentResult:
    """What was found in one segment, 10 s at most."""

    start_s: float
    end_s: float
    quality: Quality
    abstained_because: tuple[str, ...]
    """Why it is not fit to be interpreted; empty where it is."""
    doubts: tuple[str, ...]
    """What makes it unlike other ECGs, though not so much as to withhold an answer."""
    answer: Answer | None
    heart_rate_bpm: float | None
    intervals: Intervals | None = None
    """None where they were not asked for, or the segment is not interpreted."""


@dataclass(frozen=True)
class Stretch:
    """The most abnormal 30 s of a longer recording: those with the lowest probability of a normal tracing."""

    start_s: float
    end_s: float
    answer: Answer


@dataclass(frozen=True)
class Interpretation:
    """What Einthoven says of a recording, and of which model it comes."""

    model: Mapping[str, str]
    """name, version, sha256 (of model.onnx)."""
    recording: Mapping[str, Any]
    """source, format, rate_hz, duration_s, short, leads, derived_leads, warnings; nothing that names a person."""
    quality: Quality
    """Of all segments together: a problem counts that a lead has in half of them."""
    abstained_because: tuple[str, ...]
    """Why no answer is given; empty where one is."""
    warnings: tuple[str, ...]
    """What a reader of the answer should know."""
    answer: Answer | None
    """Median over the segments that are fit; None where none is."""
    heart_rate_bpm: float | None
    segments: tuple[SegmentResult, ...]
    most_abnormal: Stretch | None
    """None for recordings of less than 30 s."""
    explanations: tuple[Explanation, ...] = ()
    """Of the labels for which one was asked; empty where no answer is given."""
    intervals: Intervals | None = None
    """Medians over the segments that are fit; None where they were not asked for, or no answer is given."""

    @property
    def abstained(self) -> bool:
        """Whether no answer is given."""
        return self.answer is None

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, lists, strings and numbers in the shape of interpretation.schema.json."""
        return {
            "schema_version": 1,
            "notice": NOTICE,
            "model": dict(self.model),
            "recording": dict(self.recording),
            "quality": _quality(self.quality),
            "abstained": self.abstained,
            "abstained_because": list(self.abstained_because),
            "warnings": list(self.warnings),
            **_answer(self.answer),
            "heart_rate_bpm": _rounded(self.heart_rate_bpm, 1),
            "intervals": self.intervals and {name: _whole(getattr(self.intervals, name)) for name in VALUES},
            "segments": [_segment(segment) for segment in self.segments] if len(self.segments) > 1 else [],
            "most_abnormal": self.most_abnormal and _span(self.most_abnormal) | _answer(self.most_abnormal.answer),
            "explanations": [explanation.to_dict() for explanation in self.explanations],
        }

    def to_json(self) -> str:
        """`to_dict` as JSON on one line; the same interpretation gives the same text."""
        return orjson.dumps(self.to_dict(), option=orjson.OPT_SERIALIZE_NUMPY).decode()


def _answer(answer: Answer | None) -> dict[str, Any]:
    if answer is None:
        return {"mi": None, "findings": [], "statements": [], "scores_only": []}
    return {
        "mi": answer.mi and _mi(answer.mi),
        "findings": [_finding(finding) for finding in answer.findings],
        "statements": [_finding(finding) for finding in answer.statements],
        "scores_only": [_score(score) for score in answer.scores_only],
    }


def _mi(mi: InfarctPattern) -> dict[str, Any]:
    return {
        "probability": _fine(mi.probability),
        "decision": mi.decision,
        "in_words": MI_IN_WORDS[mi.decision],
        "prevalence": _fine(mi.prevalence),
        "rule_in_from": _fine(mi.rule_in),
        "rule_out_below": _fine(mi.rule_out),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "label": finding.label,
        "name": finding.name,
        "probability": _short(finding.probability),
        "present": finding.present,
        "threshold": _short(finding.threshold),
    }


def _score(score: Score) -> dict[str, Any]:
    return {"label": score.label, "name": score.name, "score": _short(score.score)}


def _quality(quality: Quality) -> dict[str, Any]:
    return {
        "acceptable": quality.acceptable,
        "reasons": list(quality.reasons),
        "arms_swapped": quality.arms_swapped,
        "leads": [{"lead": lead.lead, "problems": list(lead.problems)} for lead in quality.leads],
    }


def _segment(segment: SegmentResult) -> dict[str, Any]:
    """A segment in short: the whole answer would make hours of recording unreadable."""
    answer = _answer(segment.answer)
    return _span(segment) | {
        "quality": {"acceptable": segment.quality.acceptable, "reasons": list(segment.quality.reasons)},
        "abstained_because": list(segment.abstained_because),
        "mi": answer["mi"] and {key: answer["mi"][key] for key in ("probability", "decision")},
        "present": [f["label"] for f in answer["findings"] + answer["statements"] if f["present"]],
        "findings": {finding["label"]: finding["probability"] for finding in answer["findings"]},
        "heart_rate_bpm": _rounded(segment.heart_rate_bpm, 1),
    }


def _short(share: float) -> float:
    """To four digits. There are some 130 in an answer, and round(share, 4) takes three times as long."""
    return round(share * _SHORT) / _SHORT


def _fine(share: float) -> float:
    """The same, but two digits that count where infarcts are so rare that the first four would be 0."""
    return _short(share) if share >= 0.001 else float(f"{share:.2g}")


def _span(part: SegmentResult | Stretch) -> dict[str, Any]:
    return {"start_s": round(part.start_s, 2), "end_s": round(part.end_s, 2)}


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
