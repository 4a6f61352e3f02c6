"""The rhythm of a recording of several segments."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from einthoven.interpret.rhythm.values import Rhythm
from einthoven.signal.beat_values import Pause


def combine_rhythms(rhythms: Sequence[Rhythm], starts_s: Sequence[float]) -> Rhythm:
    """Combine the rhythms of the segments of a recording.

    Parameters
    ----------
    rhythms
        Of at least one segment.
    starts_s
        When each segment starts, in s from the start of the recording.

    Returns
    -------
    Rhythm
        The one of most segments, of the segment with their median rate, and with the pauses and premature beats of all.
    """
    if len(rhythms) == 1:
        return rhythms[0]
    code = Counter(rhythm.code for rhythm in rhythms).most_common(1)[0][0]
    usual = [rhythm for rhythm in rhythms if rhythm.code == code]
    rates = sorted(rhythm.rate_bpm for rhythm in usual if rhythm.rate_bpm is not None)
    median_bpm = rates[(len(rates) - 1) // 2] if rates else None  # of one of them: its reason states this rate
    chosen = next((rhythm for rhythm in usual if rhythm.rate_bpm == median_bpm), usual[0])
    pauses = {
        round(start + pause.start_s, 2): pause
        for rhythm, start in zip(rhythms, starts_s, strict=True)
        for pause in rhythm.pauses
    }
    return replace(
        chosen,
        pauses=tuple([Pause(start, pause.seconds) for start, pause in sorted(pauses.items())]),
        premature_ventricular=sum(rhythm.premature_ventricular for rhythm in rhythms),
        premature_supraventricular=sum(rhythm.premature_supraventricular for rhythm in rhythms),
    )
