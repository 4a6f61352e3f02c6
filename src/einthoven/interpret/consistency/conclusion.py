"""The conclusion of an ECG: normal, borderline or abnormal, with every reason in words."""

from einthoven.interpret.acute.values import AcutePattern
from einthoven.interpret.answer import Answer
from einthoven.interpret.consistency.deviations import Deviation, deviations, normal_deviation
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
        Evidence of the ECG.
    rhythm
        Rhythm of the ECG.
    answer
        The answer after all rules except the conclusion.
    acute
        The answer about an acute infarct after all rules.
    critical
        Critical values; any of them makes the ECG abnormal.

    Returns
    -------
    tuple of Conclusion and tuple of str
        The conclusion, and its reasons as parts of a sentence, the abnormal ones first; no reasons for a normal ECG.
    """
    if evidence.refusal_reasons or evidence.measurements is None:
        return "not interpreted", evidence.refusal_reasons
    reasons = list(deviations(evidence, rhythm, answer, acute, critical))
    if not reasons and not critical and (reason := normal_deviation(answer)):
        reasons.append(reason)
    if not reasons and not critical:
        return "normal", ()
    abnormal = bool(critical) or any(not deviation.minor for deviation in reasons)
    return "abnormal" if abnormal else "borderline", _texts(reasons)


def _texts(reasons: list[Deviation]) -> tuple[str, ...]:
    """Return the texts, abnormal ones first, one for each subject, without those that another text contains."""
    by_subject: dict[str, str] = {}
    for deviation in sorted(reasons, key=lambda deviation: deviation.minor):
        by_subject.setdefault(deviation.subject or deviation.text, deviation.text)
    texts = list(dict.fromkeys(by_subject.values()))
    return tuple([text for text in texts if not any(text in other for other in texts if other != text)])
