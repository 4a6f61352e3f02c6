"""The rhythm of a recording of several segments."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from einthoven.interpret.rhythm.values import Rhythm
from einthoven.signal.analysis import SegmentAnalysis
from einthoven.signal.beat_values import PAUSE_S, Pause
from einthoven.text import format_duration

_ADJACENT_S = 0.01  # longest gap between consecutive segments


def combine_rhythms(rhythms: Sequence[Rhythm], analyses: Sequence[SegmentAnalysis]) -> Rhythm:
    """Combine the rhythms of the segments of a recording.

    Parameters
    ----------
    rhythms
        Rhythms of at least one segment.
    analyses
        Analyses of the segments, in order.

    Returns
    -------
    Rhythm
        The most frequent rhythm, from its segment with the median rate, with pauses and premature beats of all. Its
        reason says which segment it describes.
    """
    if len(rhythms) == 1:
        return rhythms[0]
    code = Counter(rhythm.code for rhythm in rhythms).most_common(1)[0][0]
    usual = [rhythm for rhythm in rhythms if rhythm.code == code]
    rates = sorted(rhythm.rate_bpm for rhythm in usual if rhythm.rate_bpm is not None)
    median_bpm = rates[(len(rates) - 1) // 2] if rates else None  # of one segment, whose reason states this rate
    chosen = next((rhythm for rhythm in usual if rhythm.rate_bpm == median_bpm), usual[0])
    start_s = analyses[next(k for k, rhythm in enumerate(rhythms) if rhythm is chosen)].segment.start_s
    return replace(
        chosen,
        reason=f"In the segment from {format_duration(start_s)}: {chosen.reason[:1].lower()}{chosen.reason[1:]}",
        pauses=_pauses(analyses),
        premature_ventricular=sum(rhythm.premature_ventricular for rhythm in rhythms),
        premature_supraventricular=sum(rhythm.premature_supraventricular for rhythm in rhythms),
    )


def _pauses(analyses: Sequence[SegmentAnalysis]) -> tuple[Pause, ...]:
    """Return the pauses of all segments; a pause that continues in the next segment is one pause."""
    quiet: list[Pause] = []
    for analysis in analyses:
        start = analysis.segment.start_s
        for span in _quiet(analysis):
            last = quiet[-1] if quiet else None
            if last and span.start_s <= start <= last.start_s + last.seconds + _ADJACENT_S:
                end = max(last.start_s + last.seconds, span.start_s + span.seconds)
                quiet[-1] = Pause(last.start_s, end - last.start_s)
            else:
                quiet.append(span)
    pauses = {round(span.start_s, 2): round(span.seconds, 2) for span in quiet if span.seconds > PAUSE_S}
    return tuple([Pause(start, seconds) for start, seconds in sorted(pauses.items())])


def _quiet(analysis: SegmentAnalysis) -> list[Pause]:
    """Return the time before the first beat of a segment, its pauses, and the time after its last beat."""
    segment, beats = analysis.segment, analysis.beats
    spans = {Pause(segment.start_s + pause.start_s, pause.seconds) for pause in beats.pauses}
    if beats.edges_s:
        first, last = beats.edges_s
        spans |= {Pause(segment.start_s, first), Pause(segment.start_s + last, segment.end_s - segment.start_s - last)}
    return sorted(spans)
