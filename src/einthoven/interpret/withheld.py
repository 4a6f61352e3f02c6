"""Withhold the answer about an infarct from ECGs whose electrodes may be exchanged."""

from collections.abc import Sequence
from dataclasses import replace

from einthoven.interpret.answer import Answer, Finding
from einthoven.interpret.criteria import Criterion
from einthoven.ptbxl.vocabulary import STATEMENTS

_INTERVALS = ("PR-LONG", "PR-SHORT", "QTC-LONG", "QTC-500")  # codes of criteria
_WITHHELD = {"NORM", "MI"} | {code for code, statement in STATEMENTS.items() if statement.diagnostic_class == "MI"}


def withhold_infarct(answer: Answer) -> Answer:
    """Withhold what an answer says about infarcts, and that an ECG is normal; probabilities stay.

    Parameters
    ----------
    answer
        Of an ECG whose leads are not those of its electrodes' places.

    Returns
    -------
    Answer
        With neither rule-in nor rule-out; infarct statements and "normal ECG" are not present.
    """
    return replace(
        answer,
        mi=answer.mi and replace(answer.mi, decision="undecided"),
        findings=_not_present(answer.findings),
        statements=_not_present(answer.statements),
    )


def withhold_rule_out(answer: Answer) -> Answer:
    """Withhold that there is no infarct, and that an ECG is normal; probabilities stay.

    Parameters
    ----------
    answer
        Of an ECG that may hide an infarct.

    Returns
    -------
    Answer
        Without rule-out; "normal ECG" is not present.
    """
    if answer.mi is None or answer.mi.decision != "rule-out":
        mi = answer.mi
    else:
        mi = replace(answer.mi, decision="undecided")
    findings, statements = (
        tuple([finding._replace(present=False) if finding.label == "NORM" else finding for finding in group])
        for group in (answer.findings, answer.statements)
    )
    return replace(answer, mi=mi, findings=findings, statements=statements)


def withhold_criteria(criteria: Sequence[Criterion]) -> tuple[Criterion, ...]:
    """Withhold the criteria that compare leads; intervals are the same in all leads.

    Parameters
    ----------
    criteria
        Of an ECG whose leads are not those of its electrodes' places.

    Returns
    -------
    tuple of Criterion
        Neither met nor not met, except for intervals.
    """
    reason = "Electrodes may be exchanged, so that leads may not be those of their names."
    return tuple(
        [
            criterion
            if criterion.code in _INTERVALS
            else replace(criterion, met=None, leads={}, quantity=None, reason=reason)
            for criterion in criteria
        ]
    )


def _not_present(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple([f._replace(present=False) if f.label in _WITHHELD else f for f in findings])
