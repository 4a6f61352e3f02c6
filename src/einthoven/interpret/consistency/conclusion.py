"""The conclusion of an ECG: normal, borderline or abnormal, with every reason in words."""

from einthoven.interpret.acute.values import AcutePattern
from einthoven.interpret.answer import Answer
from einthoven.interpret.consistency.deviations import deviations, why_not_norm
from einthoven.interpret.consistency.values import Conclusion, CriticalValue
from einthoven.interpret.evidence import Evidence
from einthoven.interpret.rhythm.values import Rhythm


def conclude(
    evidence: Evidence,
    rhythm: Rhythm,
    answer: Answer,
    acute: AcutePattern | None,
    critical: tuple[CriticalValue, ...],
) -> tuple[Conclusion, tuple[str, ...]]:
    """Conclude whether an ECG is normal.

    Parameters
    ----------
    evidence
        Of the ECG.
    rhythm
        Of the ECG.
    answer
        After all rules but this one.
    acute
        After all rules.
    critical
        Critical values; any of them makes the ECG abnormal.

    Returns
    -------
    tuple of Conclusion and tuple of str
        With the reasons, the abnormal ones first; none for a normal ECG.
    """
    if evidence.refusal_reasons or evidence.measurements is None:
        return "not interpreted", evidence.refusal_reasons
    found = list(deviations(evidence, rhythm, answer, acute))
    if not found and not critical and (reason := why_not_norm(answer)):
        found.append(reason)
    reasons = dict.fromkeys(value.name for value in critical)
    reasons |= dict.fromkeys(deviation.text for deviation in found if not deviation.minor)
    conclusion: Conclusion = "abnormal" if reasons else "borderline" if found else "normal"
    reasons |= dict.fromkeys(deviation.text for deviation in found)
    return conclusion, tuple([f"{reason[0].upper()}{reason[1:]}." for reason in reasons])
