"""The parts of an Interpretation that come from the model: infarct pattern, findings, statements and scores."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from einthoven.model.json_fields import NULLABLE, JsonFields

Decision = Literal["rule-in", "rule-out", "undecided"]
FindingSource = Literal["model", "measurement", "criteria"]

MI_IN_WORDS: Mapping[Decision, str] = {
    "rule-in": "infarct pattern, acute or old",
    "rule-out": "no infarct pattern found; this does not exclude infarction",
    "undecided": "undecided",
}
"""The only words for the decision about an infarct pattern, in every output for people."""
INFARCT_PATTERN = "infarct pattern"
"""The subject of that decision in FHIR and DICOM: a pattern of any age, not the diagnosis of an infarction."""


def undecided_because(reason: str) -> str:
    """Return the words for a decision that is withheld.

    Parameters
    ----------
    reason
        A clause, such as "left bundle branch block can hide an infarct pattern".

    Returns
    -------
    str
        The words with the reason.
    """
    return f"{MI_IN_WORDS['undecided']}: {reason}"


@dataclass(frozen=True)
class InfarctDecision(JsonFields):
    """Whether a recording, or a part of it, shows an infarct pattern."""

    probability: float
    decision: Decision

    @property
    def in_words(self) -> str:
        """The decision in the words of every output for people."""
        return MI_IN_WORDS[self.decision]


@dataclass(frozen=True)
class InfarctPattern(InfarctDecision):
    """Whether the ECG shows an infarct pattern, acute or old, and at which prevalence and thresholds.

    PTB-XL's MI is an infarct statement of any age on the ECG: not an acute coronary occlusion. No ECG excludes an
    infarction.
    """

    prevalence: float
    """Prevalence that the probability and the thresholds assume."""
    rule_in_from: float
    """`rule-in` from this probability: specificity .95 on the validation fold."""
    rule_out_below: float
    """`rule-out` below this probability: sensitivity .99 on the validation fold."""
    territory: tuple[str, ...] = ()
    """Walls of the heart, such as inferior; empty without a pattern, or if its place is unclear."""
    caveats: tuple[str, ...] = ()
    """Sentences with the conditions that make the decision less certain in this ECG."""
    withheld_because: str | None = field(default=None, metadata=NULLABLE)
    """Reason why the pattern is not ruled out, regardless of its probability; None if the decision stands."""

    @property
    def in_words(self) -> str:
        """The decision in words, with the reason if it is withheld."""
        return undecided_because(self.withheld_because) if self.withheld_because else super().in_words

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object, with the decision in words.

        Returns
        -------
        dict
            `mi` in interpretation.schema.json.
        """
        return {
            "probability": self.probability,
            "decision": self.decision,
            "in_words": self.in_words,
            **super().to_dict(),
        }


class Finding(NamedTuple):  # quicker to make than a dataclass, and an interpretation has about eighty
    """A label with its calibrated probability, or a statement that a measurement or a criterion decides."""

    label: str
    name: str
    """English name, from `einthoven.ptbxl.vocabulary`."""
    probability: float | None
    """None if the model has no such label."""
    present: bool
    """Decision of a measurement, a criterion or the model. The model needs a probability of at least 50 % that also
    reaches the threshold."""
    threshold: float | None
    """Threshold with the highest F1 on the validation fold."""
    possible: bool = False
    """Whether the probability reaches the threshold, but not 50 %."""
    source: FindingSource = "model"
    """Source of the decision whether the label is present."""
    reason: str | None = None
    """The measured value and its limit, if the model does not decide."""

    @property
    def reported(self) -> bool:
        """Whether a reader should see it: it is present or possible."""
        return self.present or self.possible

    @property
    def title(self) -> str:
        """The name in outputs for people, such as "possible left atrial enlargement"."""
        return f"possible {self.name}" if self.possible else self.name


class Score(NamedTuple):
    """A label with too few training records for a probability: its score only ranks recordings."""

    label: str
    name: str
    """English name, from `einthoven.ptbxl.vocabulary`."""
    score: float


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The model's predictions for a recording, or for a part of it; empty if that is not interpreted."""

    mi: InfarctPattern | None = None
    """The infarct pattern; None also if the model has no label MI."""
    findings: tuple[Finding, ...] = ()
    """The superclasses."""
    statements: tuple[Finding, ...] = ()
    """All other labels: diagnoses, form, rhythm."""
    scores_only: tuple[Score, ...] = ()


def answer_to_dict(answer: Answer) -> dict[str, Any]:
    """Return the JSON fields of an answer.

    Parameters
    ----------
    answer
        Answer about a recording, or about a part of it.

    Returns
    -------
    dict
        The fields mi, findings, statements and scores_only of interpretation.schema.json.
    """
    return {
        "mi": answer.mi and answer.mi.to_dict(),
        "findings": [finding._asdict() for finding in answer.findings],
        "statements": [finding._asdict() for finding in answer.statements],
        "scores_only": [score._asdict() for score in answer.scores_only],
    }


def answer_from_dict(fields: Mapping[str, Any]) -> Answer:
    """Return the answer of a JSON object.

    Parameters
    ----------
    fields
        Fields that `answer_to_dict` returns; other fields are ignored.

    Returns
    -------
    Answer
        The answer from these fields.
    """
    return Answer(
        mi=fields["mi"] and InfarctPattern.from_dict(fields["mi"]),
        findings=tuple([Finding(**finding) for finding in fields["findings"]]),
        statements=tuple([Finding(**finding) for finding in fields["statements"]]),
        scores_only=tuple([Score(**score) for score in fields["scores_only"]]),
    )
