"""The clinical order of statements and criteria: rhythm, axis, intervals, conduction, hypertrophy, infarct, ST-T."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple, get_args

from einthoven.interpret.answer import Finding
from einthoven.interpret.criteria import Criterion
from einthoven.interpret.interpretation import Interpretation
from einthoven.ptbxl.vocabulary import STATEMENTS, Statement

Topic = Literal["rhythm", "axis", "intervals", "conduction", "hypertrophy", "infarct", "ST-T", "other", "overall"]
TOPICS: tuple[Topic, ...] = get_args(Topic)
"""Topics in the order of every interpretation."""
ANSWERED_APART = frozenset({"GATE-GOEBEL"})
"""Criteria that qualify another answer; to meet them is not abnormal."""

_CLASS_TOPICS: tuple[Topic, ...] = ("overall", "infarct", "conduction", "hypertrophy", "ST-T")
_OF_CLASS: Mapping[str, Topic] = dict(zip(("NORM", "MI", "CD", "HYP", "STTC"), _CLASS_TOPICS, strict=True))
_OF_LABEL: Mapping[str, Topic] = {
    **dict.fromkeys(("PVC", "PAC", "PRC(S)"), "rhythm"),
    **dict.fromkeys(("LPR", "LNGQT"), "intervals"),
    "QRS-WIDE": "conduction",
    **dict.fromkeys(("VCLVH", "LVOLT", "HVOLT"), "hypertrophy"),
    **dict.fromkeys(("QWAVE", "ABQRS"), "infarct"),
}
_OF_WORD: Mapping[str, Topic] = {
    "axis": "axis",
    "interval": "intervals",
    "tachycardia": "rhythm",
    "bradycardia": "rhythm",
    "rhythm": "rhythm",
    "pause": "rhythm",
    "block": "conduction",
    "voltage": "hypertrophy",
    "infarct": "infarct",
    "infarction": "infarct",
    "ST": "ST-T",
    "T-wave": "ST-T",
}
"""Topics by a word of the name, for labels that PTB-XL does not have."""
_OF_FAMILY: Mapping[str, Topic] = {
    "ST elevation": "infarct",
    "ST depression": "ST-T",
    "Q waves": "infarct",
    "LBBB and pacing": "infarct",
    "hypertrophy": "hypertrophy",
    "conduction": "conduction",
    "possible": "infarct",
}
_OF_CODE: Mapping[str, Topic] = {
    **dict.fromkeys(("PR-LONG", "PR-SHORT", "QTC-LONG", "QTC-500"), "intervals"),
    **dict.fromkeys(("AXIS-LEFT", "AXIS-RIGHT", "AXIS-EXTREME"), "axis"),
    **dict.fromkeys(("TALL-T", "HYPERKALEMIA"), "ST-T"),
}


class Section(NamedTuple):
    """Findings and criteria of an answer on one topic."""

    topic: Topic
    findings: tuple[Finding, ...]
    """Present or possible: the superclass first, then the most probable."""
    criteria: tuple[Criterion, ...]
    """Met, except those that a finding of the section already gives as its reason."""


def finding_topic(finding: Finding) -> Topic:
    """Return the topic of a finding.

    Parameters
    ----------
    finding
        A superclass or a statement.

    Returns
    -------
    str
        Topic by the label; for a label that PTB-XL does not have, by the words of its name, or "other".
    """
    label = finding.label
    if label in _OF_CLASS or label in _OF_LABEL:
        return _OF_LABEL.get(label) or _OF_CLASS[label]
    if statement := STATEMENTS.get(label):
        return _statement_topic(statement)
    return next((topic for word, topic in _OF_WORD.items() if word in finding.name.split()), "other")


def _statement_topic(statement: Statement) -> Topic:
    if statement.rhythm:
        return "rhythm"
    return _OF_CLASS.get(statement.diagnostic_class, "ST-T")


def criterion_topic(criterion: Criterion) -> Topic:
    """Return the topic of a criterion.

    Parameters
    ----------
    criterion
        The criterion.

    Returns
    -------
    str
        Topic by the criterion's code, else by its family.
    """
    return _OF_CODE.get(criterion.code) or _OF_FAMILY[criterion.family]


def met_criteria(criteria: Sequence[Criterion]) -> list[Criterion]:
    """Return the criteria that are met and abnormal.

    Parameters
    ----------
    criteria
        Criteria of an interpretation.

    Returns
    -------
    list of Criterion
        Criteria in their original order.
    """
    return [criterion for criterion in criteria if criterion.met and criterion.code not in ANSWERED_APART]


def sections(interpretation: Interpretation) -> list[Section]:
    """Sort findings that are present or possible, and criteria that are met, into the clinical order.

    Parameters
    ----------
    interpretation
        The interpretation.

    Returns
    -------
    list of Section
        Sections that are not empty. MI is left out if there is an infarct pattern, which uses other thresholds.
    """
    supers = [f for f in interpretation.findings if f.reported and not (interpretation.mi and f.label == "MI")]
    named = {finding.label for finding in interpretation.findings}
    others = [f for f in interpretation.statements if f.reported and f.label not in named]
    findings = supers + sorted(others, key=lambda f: -(1 if f.probability is None else f.probability))
    criteria = met_criteria(interpretation.criteria)
    result = []
    for topic in TOPICS:
        of_topic = tuple([finding for finding in findings if finding_topic(finding) == topic])
        given = {_key(finding.reason) for finding in of_topic if finding.reason}
        met = [c for c in criteria if criterion_topic(c) == topic and not _is_given(c, given)]
        if of_topic or met:
            result.append(Section(topic, of_topic, tuple(met)))
    return result


def _is_given(criterion: Criterion, reasons: set[str]) -> bool:
    return any(_key(criterion.reason) in reason for reason in reasons)


def _key(reason: str) -> str:
    return reason.strip().removesuffix(".").lower()
