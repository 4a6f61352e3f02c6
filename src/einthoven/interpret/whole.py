"""The answer for a longer recording: by its medians, but never milder than what one of its segments shows."""

from collections.abc import Sequence
from dataclasses import replace

from einthoven.interpret.answer import Answer, Finding
from einthoven.interpret.consistency.values import Conclusion, CriticalValue, Reconciled
from einthoven.interpret.segment_results import TimeShare
from einthoven.text import format_duration

_ORDER: tuple[Conclusion, ...] = ("not interpreted", "normal", "borderline", "abnormal")
_MAX_REASONS = 5


def heed_segments(whole: Reconciled, segments: Sequence[Reconciled], shares: Sequence[TimeShare]) -> Reconciled:
    """Make the answer for a recording heed its segments.

    Parameters
    ----------
    whole
        By the medians over all segments.
    segments
        The answer for each segment.
    shares
        Of the recording's time, by `over_time`.

    Returns
    -------
    Reconciled
        With the critical values of all segments. It rules out no infarct that a segment rules in, and is not normal
        if a segment is not.
    """
    if not shares:
        return whole
    worst = max((segment.conclusion for segment in segments), key=_ORDER.index)
    conclusion, reasons = whole.conclusion, whole.conclusion_reasons
    if conclusion != "not interpreted" and _ORDER.index(worst) > _ORDER.index(conclusion):
        conclusion, reasons = worst, (*_reasons(segments, worst, shares), *reasons)
    acute, mi = whole.acute, whole.answer.mi
    if acute and acute.decision == "rule-out" and (found := _found(shares, "acute")):
        acute = replace(acute, decision="undecided", in_words=f"undecided: {found}", withheld_because=found)
    if mi and mi.decision == "rule-out" and (found := _found(shares, "infarct")):
        mi = replace(mi, decision="undecided", withheld_because=found)
    answer = replace(whole.answer, mi=mi)
    if conclusion not in ("normal", whole.conclusion):
        answer = _not_normal(answer, conclusion)
    return Reconciled(answer, acute, conclusion, reasons, _critical(whole, shares))


def describe_share(share: TimeShare) -> str:
    """Describe how much of a recording has a rhythm or a finding.

    Parameters
    ----------
    share
        Of the recording's time.

    Returns
    -------
    str
        Such as "atrial fibrillation 17 % of the time (10:00), longest from 20:00 to 30:00".
    """
    percent = "<1" if share.share < 0.01 else f"{100 * share.share:.0f}"
    longest = share.longest
    place = f"from {format_duration(longest.start_s)} to {format_duration(longest.end_s)}"
    longest_text = place if share.episodes == 1 else f"{share.episodes} episodes, the longest {place}"
    return f"{share.name} {percent} % of the time ({format_duration(share.seconds)}), {longest_text}"


def _reasons(segments: Sequence[Reconciled], worst: Conclusion, shares: Sequence[TimeShare]) -> list[str]:
    """Why a part of the recording is worse than its medians."""
    count = sum(segment.conclusion == worst for segment in segments)
    first = f"{count} of {len(segments)} segments are {worst}"
    kinds = ("critical", "acute", "infarct")
    urgent = [describe_share(share) for share in shares if share.kind in kinds]
    of_segments = [
        reason for segment in segments if segment.conclusion == worst for reason in segment.conclusion_reasons
    ]
    return [first, *list(dict.fromkeys([*urgent, *of_segments]))[:_MAX_REASONS]]


def _found(shares: Sequence[TimeShare], kind: str) -> str:
    return next((describe_share(share) for share in shares if share.kind == kind), "")


def _critical(whole: Reconciled, shares: Sequence[TimeShare]) -> tuple[CriticalValue, ...]:
    """The critical values of all segments; where they are, if they are not in the whole."""
    known = {value.code for value in whole.critical}
    others = [share for share in shares if share.kind == "critical" and share.code not in known]
    return (*whole.critical, *(CriticalValue(s.code, s.name, f"{describe_share(s)}.") for s in others))


def _not_normal(answer: Answer, conclusion: Conclusion) -> Answer:
    def decided(finding: Finding) -> Finding:
        if finding.label != "NORM" or not finding.reported:
            return finding
        return finding._replace(present=False, possible=False, source="criteria", reason=f"Conclusion: {conclusion}.")

    findings, statements = (tuple(map(decided, group)) for group in (answer.findings, answer.statements))
    return replace(answer, findings=findings, statements=statements)
