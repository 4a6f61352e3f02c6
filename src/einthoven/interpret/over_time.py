"""Change of a longer recording over time: share of time and longest episode of each rhythm and finding.

A median over hours hides ten minutes of atrial fibrillation or of an infarct pattern; these shares do not.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from einthoven.interpret.consistency.values import Reconciled
from einthoven.interpret.rhythm.values import Rhythm
from einthoven.interpret.segment_results import Episode, ShareKind, TimeShare
from einthoven.signal.analysis import SegmentAnalysis

_KINDS: tuple[ShareKind, ...] = ("critical", "acute", "infarct", "rhythm", "finding", "not interpreted")


class _Item(NamedTuple):
    kind: ShareKind
    code: str
    name: str


def over_time(
    analyses: Sequence[SegmentAnalysis], rhythms: Sequence[Rhythm], answers: Sequence[Reconciled]
) -> tuple[TimeShare, ...]:
    """Sum up the segments of a recording.

    Parameters
    ----------
    analyses
        Analyses of the segments, in order.
    rhythms, answers
        Rhythm and answer of each segment.

    Returns
    -------
    tuple of TimeShare
        Shares, the most urgent kind first, and in each kind the largest share; empty for a single segment.
    """
    if len(analyses) < 2:
        return ()
    spans = _spans(analyses)
    episodes: dict[_Item, list[Episode]] = {}
    for span, rhythm, answer in zip(spans, rhythms, answers, strict=True):
        for item in _items(rhythm, answer):
            item_episodes = episodes.setdefault(item, [])
            if item_episodes and item_episodes[-1].end_s == span.start_s:
                item_episodes[-1] = Episode(item_episodes[-1].start_s, span.end_s)
            else:
                item_episodes.append(span)
    total = spans[-1].end_s - spans[0].start_s
    shares = [_share(item, item_spans, total) for item, item_spans in episodes.items()]
    return tuple(sorted(shares, key=lambda share: (_KINDS.index(share.kind), -share.share, share.code)))


def _spans(analyses: Sequence[SegmentAnalysis]) -> list[Episode]:
    """Return the time of each segment; a segment that overlaps the next one ends at its start."""
    starts = [round(analysis.segment.start_s, 2) for analysis in analyses]
    ends = [*starts[1:], round(analyses[-1].segment.end_s, 2)]
    return [Episode(start, end) for start, end in zip(starts, ends, strict=True)]


def _items(rhythm: Rhythm, reconciled: Reconciled) -> Iterator[_Item]:
    answer, acute = reconciled.answer, reconciled.acute
    for value in reconciled.critical:
        yield _Item("critical", value.code, value.name)
    yield _Item("rhythm", rhythm.code, rhythm.name)
    if reconciled.conclusion == "not interpreted":
        yield _Item("not interpreted", "NOT-INTERPRETED", "not interpreted")
        return
    if acute and acute.decision == "rule-in":
        yield _Item("acute", "ACUTE", "acute infarct pattern")
    if answer.mi and answer.mi.decision == "rule-in":
        yield _Item("infarct", "MI", "infarct pattern")
    present = {finding.label: finding for finding in answer.findings + answer.statements if finding.present}
    for label, finding in present.items():
        if label not in ("MI", rhythm.code):
            yield _Item("finding", label, finding.name)


def _share(item: _Item, episodes: Sequence[Episode], total: float) -> TimeShare:
    seconds = round(sum(episode.seconds for episode in episodes), 2)
    longest = max(episodes, key=lambda episode: episode.seconds)
    return TimeShare(*item, min(round(seconds / total, 4), 1.0), seconds, len(episodes), longest)
