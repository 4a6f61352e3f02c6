"""Reconcile model, measurements, criteria and rhythm into one answer without contradictions."""

from dataclasses import replace

from einthoven.interpret.acute.values import AcutePattern
from einthoven.interpret.answer import Answer, Finding
from einthoven.interpret.consistency.conclusion import conclude
from einthoven.interpret.consistency.critical import critical_values
from einthoven.interpret.consistency.exclusions import exclude_blocks, exclude_by_atria, exclude_rhythms
from einthoven.interpret.consistency.infarct import follow_acute, reconcile_acute, reconcile_infarct
from einthoven.interpret.consistency.measured import explains_wide_qrs, measured_statements, wide_qrs
from einthoven.interpret.consistency.statements import Statements, apply_ruling, by_label, is_present
from einthoven.interpret.consistency.superclasses import follow_statements
from einthoven.interpret.consistency.values import Conclusion, Reconciled
from einthoven.interpret.consistency.withheld import unreadable, withholding
from einthoven.interpret.evidence import Evidence
from einthoven.interpret.rhythm.values import Rhythm

NORM = "NORM"
_WIDE = ("CLBBB", "CRBBB", "IVCD", "WPW", "PACE")  # statements that imply a wide QRS complex


def reconcile(evidence: Evidence, rhythm: Rhythm, acute: AcutePattern | None) -> Reconciled:
    """Reconcile the evidence about an ECG.

    Parameters
    ----------
    evidence
        Evidence of the ECG, with its criteria.
    rhythm
        Rhythm of the ECG.
    acute
        The answer about an acute infarct before the rules of consistency.

    Returns
    -------
    Reconciled
        An answer that obeys every rule.
    """
    interpreted = not evidence.refusal_reasons and evidence.measurements is not None
    statements, findings = by_label(evidence.answer.statements), by_label(evidence.answer.findings)
    if interpreted:
        _decide_statements(statements, evidence, rhythm)
    acute = reconcile_acute(acute, unreadable(evidence, rhythm))
    critical = critical_values(evidence, rhythm, acute)
    withheld = withholding(evidence, rhythm, statements, critical)
    acute = reconcile_acute(acute, next((reason for reason in withheld if reason.acute_too), None))
    mi = reconcile_infarct(evidence, rhythm, findings, statements, withheld[0] if withheld else None)
    mi = follow_acute(mi, acute)
    follow_statements(findings, statements)
    answer = replace(evidence.answer, mi=mi, findings=tuple(findings.values()), statements=tuple(statements.values()))
    conclusion, reasons = conclude(evidence, rhythm, answer, acute, critical)
    return Reconciled(with_conclusion(answer, conclusion), acute, conclusion, reasons, critical)


def _decide_statements(statements: Statements, evidence: Evidence, rhythm: Rhythm) -> None:
    """Apply the rules about statements in place: first the measurements, then the exclusions."""
    for ruling in measured_statements(evidence, rhythm):
        apply_ruling(statements, ruling)
    exclude_rhythms(statements, rhythm)
    exclude_by_atria(statements, rhythm)
    exclude_blocks(statements, evidence.qrs_ms)
    wide = wide_qrs(evidence)
    if wide and not explains_wide_qrs(rhythm) and not any(is_present(statements, label) for label in _WIDE):
        apply_ruling(statements, wide)


def with_conclusion(answer: Answer, conclusion: Conclusion) -> Answer:
    """State "normal ECG" only if that is the conclusion.

    Parameters
    ----------
    answer
        The answer after all rules.
    conclusion
        Conclusion about the same ECG.

    Returns
    -------
    Answer
        The answer, otherwise unchanged.
    """

    def with_decision(finding: Finding) -> Finding:
        if finding.label != NORM or conclusion == "normal" or not finding.reported:
            return finding
        return finding._replace(present=False, possible=False, source="criteria", reason=f"Conclusion: {conclusion}.")

    return replace(
        answer,
        findings=tuple([with_decision(finding) for finding in answer.findings]),
        statements=tuple([with_decision(finding) for finding in answer.statements]),
    )
