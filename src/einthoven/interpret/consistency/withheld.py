"""Reasons why an infarct pattern cannot be decided (rule 2), in the words of the answer; each sentence is only here."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from einthoven.interpret.acute.limits import forbids_rule_out, is_paced
from einthoven.interpret.acute.st_findings import StFindings
from einthoven.interpret.answer import Finding
from einthoven.interpret.consistency.statements import is_reported
from einthoven.interpret.consistency.values import CriticalValue
from einthoven.interpret.criteria import Criterion
from einthoven.interpret.criteria.ecg import NARROW_BELOW_MS
from einthoven.interpret.criteria.wording import number, percent
from einthoven.interpret.evidence import Evidence
from einthoven.interpret.rhythm.names import AV_BLOCKS, NO_RHYTHM, VENTRICULAR
from einthoven.interpret.rhythm.values import Rhythm
from einthoven.text import capitalize

PACED_HIDES = "a paced rhythm can hide or imitate an infarct pattern"
_INTERVALS = ("PR-LONG", "PR-SHORT", "QTC-LONG", "QTC-500")  # codes of criteria
_Q_WAVES = ("Q-V2V3-UDMI4", "Q-UDMI4", "R-V1V2-UDMI4")
_UNCERTAIN = ("UNCERTAIN", "BRADY", "TACHY")
_SLOW_BPM = 50.0  # 2:1 AV block at 45 bpm looks like sinus bradycardia if the blocked P waves lie on T waves
_PREEXCITATION_SCORE = 0.3  # 4 of 7 records of fold 9 with the statement reach it, and one other
NOT_WITHHOLDING = ("QTC-500",)
"""Critical values that do not affect the infarct answer."""


class Withheld(NamedTuple):
    """Reason why an infarct pattern is not ruled out."""

    because: str
    rule_in_too: bool = False
    """Whether the pattern is not ruled in either, because the leads or the beats are not those of a readable ECG."""
    acute_too: bool = True
    """Whether the reason also applies to an acute pattern; signs of an old infarct do not."""


def withholding(
    evidence: Evidence, rhythm: Rhythm, statements: Mapping[str, Finding], critical: Sequence[CriticalValue]
) -> tuple[Withheld, ...]:
    """Return the reasons why an infarct pattern must not be ruled out.

    Parameters
    ----------
    evidence
        Evidence of the ECG.
    rhythm
        Rhythm of the ECG.
    statements
        Statements by label, after the rules about statements.
    critical
        Critical values of the ECG.

    Returns
    -------
    tuple of Withheld
        Reasons, the most important first; empty if there are none.
    """
    return tuple(_reasons(evidence, rhythm, statements, critical))


def unreadable(evidence: Evidence, rhythm: Rhythm) -> Withheld | None:
    """Return the reason why an infarct pattern can be neither ruled in nor ruled out.

    Parameters
    ----------
    evidence
        Evidence of the ECG.
    rhythm
        Rhythm of the ECG.

    Returns
    -------
    Withheld or None
        None if the leads and the beats are those of a readable ECG.
    """
    if evidence.leads_doubt:
        return Withheld(evidence.leads_doubt, rule_in_too=True)
    if rhythm.code in NO_RHYTHM:
        return Withheld(rhythm.name, rule_in_too=True)
    if rhythm.code in VENTRICULAR:
        return Withheld(f"{_article(rhythm.name)} can hide or imitate an infarct pattern", rule_in_too=True)
    return None


def _reasons(
    evidence: Evidence, rhythm: Rhythm, statements: Mapping[str, Finding], critical: Sequence[CriticalValue]
) -> Iterator[Withheld]:
    if leads_or_beats := unreadable(evidence, rhythm):
        yield leads_or_beats
    yield from (Withheld(doubt.text) for doubt in evidence.doubts if doubt.withholds == "rule-out")
    if is_paced(evidence, rhythm):
        yield Withheld(PACED_HIDES)
    elif spikes := len(evidence.pacing.spikes):
        yield Withheld(f"{spikes} possible pacing spikes, so that a paced rhythm is not excluded")
    elif evidence.likely("PACE"):  # a measured rhythm excludes the statement, but pacing may come and go
        yield Withheld(f"the model finds a paced rhythm possible ({percent(evidence.probability('PACE'))})")
    elif evidence.patient.pacemaker:
        yield Withheld("the patient has a pacemaker, so that a paced rhythm is not excluded")
    yield from _conduction(evidence, statements)
    if rhythm.code in _UNCERTAIN:
        yield Withheld("the rhythm is uncertain")
    if reason := forbids_rule_out(evidence, rhythm, StFindings(evidence)):
        yield Withheld(reason)
    if any(evidence.met(code) for code in _Q_WAVES):
        yield Withheld("Q or R waves meet the criteria of an infarct", acute_too=False)
    for value in critical:
        if value.code not in NOT_WITHHOLDING:
            yield Withheld(f"{value.name} needs attention first")
    if rhythm.code in AV_BLOCKS:
        yield Withheld(f"{rhythm.name} needs attention first")
    if rhythm.rate_bpm is None:
        yield Withheld("the heart rate is unclear")
    elif rhythm.rate_bpm < _SLOW_BPM:
        yield Withheld(f"heart rate below {number(_SLOW_BPM)} bpm: AV block is not excluded")


def _conduction(evidence: Evidence, statements: Mapping[str, Finding]) -> Iterator[Withheld]:
    """Yield the reasons of abnormal activation of the ventricles."""
    if is_reported(statements, "CLBBB") or evidence.met("LBBB-PATTERN"):
        yield Withheld("left bundle branch block can hide an infarct pattern")
    if is_preexcited(evidence):
        yield Withheld("pre-excitation can hide or imitate an infarct pattern")
    qrs_ms = evidence.qrs_ms
    right = is_reported(statements, "CRBBB") or evidence.met("RBBB-AHA")
    if qrs_ms is not None and qrs_ms >= NARROW_BELOW_MS and not right:
        yield Withheld(f"a wide QRS complex ({number(qrs_ms)} ms) can hide an infarct pattern")


def is_preexcited(evidence: Evidence) -> bool:
    """Return whether the ventricles may be pre-excited.

    Parameters
    ----------
    evidence
        Evidence of the ECG.

    Returns
    -------
    bool
        True by the model's statement, by its score if the statement has no threshold, or by the criterion.
    """
    likely = evidence.likely("WPW")
    if likely is None:
        likely = (evidence.probability("WPW") or 0.0) >= _PREEXCITATION_SCORE
    return likely or evidence.met("WPW-AHA") is True


def withhold_criteria(criteria: Sequence[Criterion], because: str) -> tuple[Criterion, ...]:
    """Withhold the criteria that compare leads or amplitudes; intervals are the same in all leads.

    Parameters
    ----------
    criteria
        Criteria of an ECG whose leads may be exchanged or whose amplitudes may not be those of the heart.
    because
        A clause with the reason.

    Returns
    -------
    tuple of Criterion
        The criteria, neither met nor not met, except for intervals.
    """
    reason = f"{capitalize(because)}."
    return tuple(
        [
            criterion
            if criterion.code in _INTERVALS
            else criterion._replace(met=None, leads={}, quantity=None, reason=reason)
            for criterion in criteria
        ]
    )


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
