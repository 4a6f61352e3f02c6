"""Reconcile model, measurements, criteria and rhythm into one answer without contradictions."""

from einthoven.interpret.acute.values import AcutePattern
from einthoven.interpret.consistency.values import Conclusion, Reconciled
from einthoven.interpret.evidence import Evidence
from einthoven.interpret.rhythm.values import Rhythm
from einthoven.interpret.withheld import withhold_infarct, withhold_rule_out


def reconcile(evidence: Evidence, rhythm: Rhythm, acute: AcutePattern | None) -> Reconciled:
    """Reconcile what is known about an ECG.

    Parameters
    ----------
    evidence
        With criteria.
    rhythm
        Of the ECG.
    acute
        Before the rules of consistency.

    Returns
    -------
    Reconciled
        An answer that obeys every rule.
    """
    del rhythm
    answer = evidence.answer
    if evidence.electrodes.suspected or evidence.withheld("infarct"):
        answer = withhold_infarct(answer)
    elif evidence.withheld("rule-out"):
        answer = withhold_rule_out(answer)
    if evidence.measurements is None:
        return Reconciled(answer, acute, "not interpreted", evidence.refusal_reasons, ())
    normal = any(finding.label == "NORM" and finding.present for finding in answer.findings)
    conclusion: Conclusion = "normal" if normal else "abnormal"
    return Reconciled(answer, acute, conclusion, (), ())
