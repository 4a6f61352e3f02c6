"""Answers of the engine and of its bare model about each record."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from einthoven.interpret.answer import Answer, Decision
from einthoven.interpret.consistency.contradictions import find_contradictions

if TYPE_CHECKING:
    from einthoven.interpret.interpretation import Interpretation


@dataclass(frozen=True)
class RecordAnswer:
    """Answers about one record; small enough to keep for every record of a data set."""

    refused_because: tuple[str, ...] = ()
    """Reasons for refusing the recording; empty if it is answered."""
    conclusion: str = "not interpreted"
    rhythm: str = ""
    """Code of the rhythm; empty for the bare model."""
    mi: Decision | None = None
    """Decision about an infarct pattern; None if refused, or if the model has no label MI."""
    acute: Decision | None = None
    """Decision about an acute pattern; None if refused, or without an answer about one."""
    present: frozenset[str] = frozenset()
    possible: frozenset[str] = frozenset()
    critical: tuple[str, ...] = ()
    """Codes of the critical values."""
    probabilities: Mapping[str, float] = field(default_factory=dict)
    acute_probability: float | None = None
    contradictions: tuple[str, ...] | None = None
    """Contradictions in words; None if they are not looked for."""

    @property
    def answered(self) -> bool:
        """Whether the recording is not refused."""
        return not self.refused_because

    @property
    def reported(self) -> frozenset[str]:
        """The labels that are present or possible."""
        return self.present | self.possible


def model_answer(answer: Answer) -> RecordAnswer:
    """Return the bare model's answer: each label whose probability reaches its threshold of the highest F1.

    Parameters
    ----------
    answer
        Answer of the model, before any rule.

    Returns
    -------
    RecordAnswer
        All labels that reach their threshold are present.
    """
    found = frozenset(finding.label for finding in answer.findings + answer.statements if finding.reported)
    return RecordAnswer(
        conclusion="normal" if "NORM" in found else "abnormal",
        mi=answer.mi.decision if answer.mi else None,
        present=found,
        probabilities=_probabilities(answer),
    )


def engine_answer(interpretation: "Interpretation") -> RecordAnswer:
    """Return the engine's answer.

    Parameters
    ----------
    interpretation
        Interpretation of a record.

    Returns
    -------
    RecordAnswer
        A rhythm is named, and a critical value reported, even if the recording is refused.
    """
    findings = interpretation.findings + interpretation.statements
    mi, acute = interpretation.mi, interpretation.acute
    return RecordAnswer(
        refused_because=interpretation.abstained_because,
        conclusion=interpretation.conclusion,
        rhythm=interpretation.rhythm.code,
        mi=mi.decision if mi else None,
        acute=acute.decision if acute else None,
        present=frozenset({f.label for f in findings if f.present} | {interpretation.rhythm.code}),
        possible=frozenset(f.label for f in findings if f.possible),
        critical=tuple([value.code for value in interpretation.critical]),
        probabilities=_probabilities(interpretation),
        acute_probability=acute.probability if acute else None,
        contradictions=find_contradictions(interpretation),
    )


def _probabilities(answer: Answer) -> dict[str, float]:
    known = answer.findings + answer.statements
    return {finding.label: finding.probability for finding in known if finding.probability is not None}
