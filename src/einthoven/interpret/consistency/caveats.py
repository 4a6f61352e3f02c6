"""Conditions that make the rule-in of an infarct pattern less certain, with the measured rate of false rule-ins.

benchmarks/accuracy/consistency.py measures the rates.
"""

from collections.abc import Iterator, Mapping

from einthoven.interpret.answer import Finding
from einthoven.interpret.consistency.statements import is_reported
from einthoven.interpret.consistency.withheld import PACED_HIDES, is_preexcited
from einthoven.interpret.criteria.ecg import NARROW_BELOW_MS
from einthoven.interpret.evidence import Evidence
from einthoven.interpret.rhythm.names import FIBRILLATION
from einthoven.interpret.rhythm.values import Rhythm
from einthoven.ptbxl.vocabulary import NAMES
from einthoven.text import capitalize

FALSE_RULE_IN = {"AFIB": 10, "IVCD": 14, "CRBBB": 11, "LVH": 5, "CLBBB": 2}
"""Percent of records without an infarct that are ruled in, by their statement: fold 9, bundle default."""
FALSE_RULE_IN_OF_ALL = 4
"""Percent of all records without an infarct that are ruled in."""


def confounder(evidence: Evidence, rhythm: Rhythm) -> str | None:
    """Return the condition that requires the stricter threshold for a rule-in.

    At the usual threshold, 5 % of records without an infarct should be ruled in. In fold 9, 26 % of those with atrial
    fibrillation are, and 11 % of those with a QRS of at least 120 ms. With V1 to V3 off, 7 of 70 others are ruled in.

    Parameters
    ----------
    evidence
        Evidence of the ECG.
    rhythm
        Rhythm of the ECG.

    Returns
    -------
    str or None
        A noun; None if the usual threshold applies.
    """
    if rhythm.code in FIBRILLATION:
        return rhythm.name
    qrs_ms = evidence.qrs_ms
    if qrs_ms is not None and qrs_ms >= NARROW_BELOW_MS:
        return "a wide QRS complex"
    if any("off" in lead.problems for lead in evidence.quality.leads):
        return "leads that are off"
    return None


def rule_in_caveats(evidence: Evidence, rhythm: Rhythm, statements: Mapping[str, Finding]) -> Iterator[str]:
    """Describe the conditions that make a rule-in less certain in this ECG.

    Parameters
    ----------
    evidence
        Evidence of the ECG.
    rhythm
        Rhythm of the ECG.
    statements
        Statements by label, after the rules about statements.

    Yields
    ------
    str
        Sentences, one for each condition.
    """
    for label, percent in FALSE_RULE_IN.items():
        if rhythm.code in FIBRILLATION if label == "AFIB" else is_reported(statements, label):
            name = rhythm.name if label == "AFIB" else NAMES[label]
            yield (
                f"{capitalize(name)} can imitate an infarct pattern: {percent} % of such ECGs without an "
                f"infarct are ruled in (of all ECGs {FALSE_RULE_IN_OF_ALL} %)."
            )
    if rhythm.code == "PACE" or evidence.pacing.spikes or is_reported(statements, "PACE"):
        yield f"{capitalize(PACED_HIDES)}."
    if is_preexcited(evidence):
        yield "Pre-excitation can imitate an infarct pattern."
    if rhythm.code == "UNCERTAIN":
        yield "The rhythm is uncertain."
