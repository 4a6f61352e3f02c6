"""Reconcile a recording of several segments, so that the whole does not hide the findings of a segment."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain

from einthoven.interpret.acute.values import AcutePattern
from einthoven.interpret.answer import InfarctPattern
from einthoven.interpret.consistency.critical import URGENCY
from einthoven.interpret.consistency.infarct import ACUTE_OPEN, follow_acute, reconcile_acute
from einthoven.interpret.consistency.reconcile import with_conclusion
from einthoven.interpret.consistency.values import Conclusion, CriticalValue, Reconciled
from einthoven.interpret.consistency.withheld import NOT_WITHHOLDING, Withheld
from einthoven.interpret.segment_results import TimeShare

_SEVERITY: tuple[Conclusion, ...] = ("not interpreted", "normal", "borderline", "abnormal")
_MAX_REASONS = 5


def with_segments(whole: Reconciled, segments: Sequence[Reconciled], shares: Sequence[TimeShare]) -> Reconciled:
    """Add the findings of the segments to the answer about a recording.

    Parameters
    ----------
    whole
        Answer about the whole recording, from the medians of the segments.
    segments
        Answers about all segments, interpreted or not.
    shares
        Shares of the recording's time, from `over_time`.

    Returns
    -------
    Reconciled
        Answer with the critical values of all segments. Its conclusion is never milder than that of a segment, and at
        least borderline if one is not interpreted. It does not rule out an infarct if a segment rules one in or
        withholds its answer, has a critical value that forbids it, or was not interpreted.
    """
    critical = _critical(whole, shares)
    if whole.conclusion == "not interpreted":
        return whole._replace(critical=critical)
    mi, acute = whole.answer.mi, whole.acute
    refused = sum(segment.conclusion == "not interpreted" for segment in segments)
    unread = [f"{refused} of {len(segments)} segments were not interpreted"] if refused else []
    found = next(chain(_withholding(shares), unread), None)
    if because := found or _withheld([segment.acute for segment in segments]):
        acute = reconcile_acute(acute, Withheld(because))
    because = found or _withheld([segment.answer.mi for segment in segments])
    if because and mi and mi.decision == "rule-out":
        mi = replace(mi, decision="undecided", withheld_because=because)
    mi = follow_acute(mi, acute)
    conclusion, reasons = _conclusion(whole, segments, shares)
    if unread:
        conclusion, reasons = max(conclusion, "borderline", key=_SEVERITY.index), (*reasons, *unread)
    answer = with_conclusion(replace(whole.answer, mi=mi), conclusion)
    return Reconciled(answer, acute, conclusion, reasons, critical)


def _withholding(shares: Sequence[TimeShare]) -> Iterator[str]:
    """Yield the findings of segments that prevent a rule-out of an infarct in the whole."""
    for share in shares:
        if share.kind in ("acute", "infarct") or (share.kind == "critical" and share.code not in NOT_WITHHOLDING):
            yield share.in_words


def _withheld(patterns: Sequence[AcutePattern | InfarctPattern | None]) -> str | None:
    """Return the most frequent reason for which segments withhold their answer, with their number.

    A segment that its probability alone leaves undecided does not count: the median over the segments decides.
    """
    undecided = [pattern for pattern in patterns if pattern and pattern.decision == "undecided"]
    reasons = Counter(pattern.withheld_because for pattern in undecided if pattern.withheld_because)
    del reasons[ACUTE_OPEN]
    if not reasons:
        return None
    because, count = reasons.most_common(1)[0]
    return because if count == len(patterns) else f"{because} (in {count} of {len(patterns)} segments)"


def _conclusion(
    whole: Reconciled, segments: Sequence[Reconciled], shares: Sequence[TimeShare]
) -> tuple[Conclusion, tuple[str, ...]]:
    """Return the most severe conclusion of all, and its reasons."""
    critical = any(share.kind == "critical" for share in shares)  # also in segments that are not interpreted
    severest = "abnormal" if critical else max([segment.conclusion for segment in segments], key=_SEVERITY.index)
    if _SEVERITY.index(severest) <= _SEVERITY.index(whole.conclusion):
        return whole.conclusion, whole.conclusion_reasons
    severest_segments = [segment for segment in segments if segment.conclusion == severest]
    reasons = [share.in_words for share in shares if share.kind in ("critical", "acute", "infarct")]
    reasons += [reason for segment in severest_segments for reason in segment.conclusion_reasons]
    count = [f"{len(severest_segments)} of {len(segments)} segments are {severest}"] if severest_segments else []
    most_important = list(dict.fromkeys(reasons))[:_MAX_REASONS]
    return severest, tuple(dict.fromkeys((*count, *most_important, *whole.conclusion_reasons)))


def _critical(whole: Reconciled, shares: Sequence[TimeShare]) -> tuple[CriticalValue, ...]:
    """Return the critical values of the whole and of its segments, the most urgent first."""
    by_code = {
        share.code: CriticalValue(share.code, share.name, share.in_words)
        for share in shares
        if share.kind == "critical"
    }
    by_code |= {value.code: value for value in whole.critical}
    return tuple([by_code[code] for code in URGENCY if code in by_code])
