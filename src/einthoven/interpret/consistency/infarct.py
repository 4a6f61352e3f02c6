"""The infarct pattern: withheld if it cannot be decided (rule 2), with its territory and the MI finding (rule 3)."""

from collections.abc import Sequence
from dataclasses import replace

from einthoven.interpret.acute.values import AcutePattern
from einthoven.interpret.answer import Finding, InfarctPattern, undecided_because
from einthoven.interpret.consistency.caveats import confounder, rule_in_caveats
from einthoven.interpret.consistency.statements import Statements, is_reported
from einthoven.interpret.consistency.territory import INFARCTS, infarct_territory, missing_territory_reason
from einthoven.interpret.consistency.withheld import Withheld, unreadable
from einthoven.interpret.criteria.wording import number
from einthoven.interpret.decisions import MI
from einthoven.interpret.evidence import Evidence
from einthoven.interpret.rhythm.values import Rhythm
from einthoven.interpret.small_qrs import USUAL_MV, qrs_size_mv
from einthoven.text import capitalize

ACUTE_OPEN = "an acute infarct pattern is not ruled out"
"""Reason against the rule-out of an infarct of any age if the acute one is undecided by its probability."""
_SMALL_QRS = "small QRS complexes can imitate an infarct pattern"


def with_rule_in(evidence: Evidence, rhythm: Rhythm) -> Evidence:
    """Return the evidence with an infarct pattern ruled in only if the final answer rules it in.

    Parameters
    ----------
    evidence
        Evidence of the ECG.
    rhythm
        Rhythm of the ECG.

    Returns
    -------
    Evidence
        Evidence for the answer about an acute pattern, which states whether there is an infarct pattern of any age.
    """
    pattern = evidence.answer.mi
    if pattern is None or pattern.decision != "rule-in":
        return evidence
    withheld = unreadable(evidence, rhythm)
    decided = replace(pattern, decision="undecided") if withheld else _decide(pattern, evidence, rhythm, None)
    return replace(evidence, answer=replace(evidence.answer, mi=decided))


def reconcile_infarct(
    evidence: Evidence,
    rhythm: Rhythm,
    findings: Statements,
    statements: Statements,
    withheld: Withheld | None,
) -> InfarctPattern | None:
    """Reconcile the infarct pattern with the rest of the answer.

    Parameters
    ----------
    evidence
        Evidence of the ECG.
    rhythm
        Rhythm of the ECG.
    findings
        The superclasses by label; MI is changed in place.
    statements
        Statements by label, after the rules about statements; infarct statements are changed in place.
    withheld
        Reason why an infarct pattern is not ruled out; None if there is no reason.

    Returns
    -------
    InfarctPattern or None
        The pattern; None if the model has no label MI.
    """
    pattern = evidence.answer.mi
    if withheld and withheld.rule_in_too:
        for group in (findings, statements):
            _retract_infarcts(group, withheld.because)
        if pattern:
            pattern = replace(pattern, decision="undecided", withheld_because=withheld.because)
        return pattern
    if pattern:
        pattern = _decide(pattern, evidence, rhythm, withheld)
    territory = infarct_territory(statements)
    _decide_finding(findings, pattern, statements)
    if pattern is None:
        return None
    caveats = list(pattern.caveats)
    if pattern.decision == "rule-in":
        caveats += rule_in_caveats(evidence, rhythm, statements)
    if is_reported(findings, MI) and not territory:
        caveats.append(missing_territory_reason(statements))
    if territory and pattern.decision == "rule-out":
        because = f"the model finds signs of an infarct ({', '.join(territory)})"
        pattern = replace(pattern, decision="undecided", withheld_because=because)
    return replace(pattern, territory=territory, caveats=tuple(caveats))


def follow_acute(pattern: InfarctPattern | None, acute: AcutePattern | None) -> InfarctPattern | None:
    """Withhold a rule-out of an infarct of any age if an acute one is not ruled out.

    Parameters
    ----------
    pattern
        The infarct pattern after all other rules.
    acute
        The answer about an acute infarct after all rules.

    Returns
    -------
    InfarctPattern or None
        The pattern; undecided instead of ruled out if the acute one is left open or ruled in.
    """
    if pattern is None or pattern.decision != "rule-out" or acute is None or acute.decision == "rule-out":
        return pattern
    return replace(pattern, decision="undecided", withheld_because=acute.withheld_because or ACUTE_OPEN)


def _decide(pattern: InfarctPattern, evidence: Evidence, rhythm: Rhythm, withheld: Withheld | None) -> InfarctPattern:
    """Withhold a rule-out if there is a reason, and a rule-in if a condition may imitate the pattern."""
    strict, condition = evidence.rule_in_strict, confounder(evidence, rhythm)
    if condition and strict is not None and strict > pattern.rule_in_from:
        usual, raised = (f"{100 * share:.2g}" for share in (pattern.rule_in_from, strict))
        if pattern.decision == "rule-in" and pattern.probability < strict:
            caveat = f"With {condition}, an infarct pattern is ruled in from {raised} % instead of {usual} %."
            pattern = replace(pattern, decision="undecided", caveats=(caveat,))
        pattern = replace(pattern, rule_in_from=strict)
    if pattern.decision == "rule-in" and (vanishes := _vanishes_if_enlarged(pattern, evidence)):
        pattern = replace(pattern, decision="undecided", withheld_because=_SMALL_QRS, caveats=(vanishes,))
    if withheld and pattern.decision != "rule-in":
        pattern = replace(pattern, decision="undecided", withheld_because=withheld.because)
    return pattern


def _vanishes_if_enlarged(pattern: InfarctPattern, evidence: Evidence) -> str | None:
    """Return a sentence if small QRS complexes prevent a rule-in: the enlarged ECG does not reach its threshold."""
    enlarged = evidence.infarct_if_enlarged
    if enlarged is None or enlarged >= pattern.rule_in_from:
        return None
    size, shares = qrs_size_mv(evidence.measurements), [f"{100 * p:.3g} %" for p in (enlarged, pattern.rule_in_from)]
    small = "" if size is None else f" ({number(round(size, 2))} mV)"
    return (
        f"Small QRS complexes{small} can imitate an infarct pattern: enlarged to {number(USUAL_MV)} mV, "
        f"its probability is {shares[0]}, and it is ruled in from {shares[1]}."
    )


def _decide_finding(findings: Statements, pattern: InfarctPattern | None, statements: Statements) -> None:
    """Make the MI finding agree with the pattern and its territory."""
    finding = findings.get(MI)
    if finding is None:
        return
    if finding.present and pattern and pattern.decision != "rule-in":
        reason = pattern.caveats[0] if pattern.caveats else f"Ruled in from {100 * pattern.rule_in_from:.2g} %."
        findings[MI] = finding._replace(present=False, possible=True, reason=reason)
    elif not finding.reported:
        named = [statements[label] for label in INFARCTS if is_reported(statements, label)]
        if named:
            findings[MI] = finding._replace(possible=True, reason=_because_of(named))
        elif pattern and pattern.decision == "rule-in":
            findings[MI] = finding._replace(possible=True, reason="The infarct pattern is ruled in.")


def _because_of(named: Sequence[Finding]) -> str:
    shares = [f"{finding.title} {100 * (finding.probability or 0):.0f} %" for finding in named]
    text = ", ".join(shares)
    return f"{capitalize(text)}."


def _retract_infarcts(group: Statements, because: str) -> None:
    """Retract the MI finding and all infarct statements, because they cannot be decided."""
    for label in (MI, *INFARCTS):
        finding = group.get(label)
        if finding and finding.reported:
            reason = f"Cannot be decided: {because}."
            group[label] = finding._replace(present=False, possible=False, source="criteria", reason=reason)


def reconcile_acute(acute: AcutePattern | None, withheld: Withheld | None) -> AcutePattern | None:
    """Withhold the answer about an acute infarct for the same reasons.

    Parameters
    ----------
    acute
        The answer about an acute infarct before this rule.
    withheld
        Reason why an infarct pattern is not ruled out.

    Returns
    -------
    AcutePattern or None
        The answer without a rule-out, and without a rule-in if leads or beats are not readable.
    """
    if acute is None or withheld is None:
        return acute
    if acute.decision == "rule-out" or (acute.decision == "rule-in" and withheld.rule_in_too):
        because = withheld.because
        return replace(
            acute,
            decision="undecided",
            territory=() if withheld.rule_in_too else acute.territory,
            in_words=f"acute infarct pattern {undecided_because(because)}",
            withheld_because=because,
        )
    return acute
