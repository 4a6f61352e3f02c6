"""A recording of several segments: the whole never hides what a segment shows."""

from collections.abc import Sequence
from dataclasses import replace

from einthoven.interpret.consistency.critical import URGENCY
from einthoven.interpret.consistency.infarct import reconcile_acute
from einthoven.interpret.consistency.reconcile import with_conclusion
from einthoven.interpret.consistency.values import CriticalValue, Reconciled
from einthoven.interpret.consistency.withheld import NOT_WITHHOLDING, Withheld


def with_segments(whole: Reconciled, segments: Sequence[Reconciled]) -> Reconciled:
    """Add to the answer about a recording what its segments show.

    Parameters
    ----------
    whole
        By the medians of the segments.
    segments
        Of all segments, interpreted or not.

    Returns
    -------
    Reconciled
        With the critical values of all. Neither normal nor ruled out if a segment is not.
    """
    critical = _critical((whole, *segments))
    conclusion, reasons = whole.conclusion, whole.conclusion_reasons
    mi, acute = whole.answer.mi, whole.acute
    if conclusion == "not interpreted":
        return whole._replace(critical=critical)
    ruled_in = sum(bool(segment.answer.mi and segment.answer.mi.decision == "rule-in") for segment in segments)
    because = [f"{value.name} for a part of the recording" for value in critical if value.code not in NOT_WITHHOLDING]
    because += [f"{ruled_in} of {len(segments)} segments have an infarct pattern"] if ruled_in else []
    if because and mi and mi.decision == "rule-out":
        mi = replace(mi, decision="undecided", withheld_because=because[0])
    acute = reconcile_acute(acute, Withheld(because[0]) if because else None)
    added = [value.name for value in critical if value not in whole.critical]
    abnormal = sum(segment.conclusion == "abnormal" for segment in segments)
    if added:
        conclusion = "abnormal"
        texts = tuple([f"{name[0].upper()}{name[1:]} for a part of the recording." for name in added])
        reasons = texts + reasons
    elif conclusion == "normal" and (abnormal or because):
        conclusion = "borderline"
        reasons = (f"{abnormal or ruled_in} of {len(segments)} segments are abnormal.",)
    answer = with_conclusion(replace(whole.answer, mi=mi), conclusion)
    return Reconciled(answer, acute, conclusion, reasons, critical)


def _critical(parts: Sequence[Reconciled]) -> tuple[CriticalValue, ...]:
    """Each critical value once, that of the whole before those of its segments, the most urgent first."""
    first = {value.code: value for part in reversed(parts) for value in reversed(part.critical)}
    return tuple([first[code] for code in URGENCY if code in first])
