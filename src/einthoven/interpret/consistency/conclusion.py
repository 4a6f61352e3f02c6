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
        With the reasons as they stand within a sentence, the abnormal ones first; none for a normal ECG.
    """
    if evidence.refusal_reasons or evidence.measurements is None:
        return "not interpreted", evidence.refusal_reasons
    found = list(deviations(evidence, rhythm, answer, acute, critical))
    if not found and not critical and (reason := normal_deviation(answer)):
        found.append(reason)
    if not found and not critical:
        return "normal", ()
    abnormal = bool(critical) or any(not deviation.minor for deviation in found)
    return "abnormal" if abnormal else "borderline", _texts(found)


def _texts(found: list[Deviation]) -> tuple[str, ...]:
    """The abnormal ones first, one of each subject, and none that another one contains."""
    of_subject: dict[str, str] = {}
    for deviation in sorted(found, key=lambda deviation: deviation.minor):
        of_subject.setdefault(deviation.subject or deviation.text, deviation.text)
    texts = list(dict.fromkeys(of_subject.values()))
    return tuple([text for text in texts if not any(text in other for other in texts if other != text)])
