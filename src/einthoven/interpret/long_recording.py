"""Interpret a recording of many hours in consecutive parts, and keep only the data of each that is needed later."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from einthoven.arrays import Float32Array
from einthoven.errors import RecordingError
from einthoven.interpret.part import Part
from einthoven.recording import Recording, RecordingWarning
from einthoven.signal.analysis import SegmentAnalysis
from einthoven.signal.resampling import resample

_MARGIN_S = 2.0
"""Margin in s around a part; longer than the filter of resampling."""
_EMPTY = np.empty((0, 0), np.float32)
_MAX_GAPS = 20
_OF_WHOLE = {"lead-flat", "low-amplitude"}
"""Codes of warnings that apply to a recording if they apply to each part."""


def with_resampled(parts: Iterable[Recording], rate: int) -> Iterator[tuple[Recording, Float32Array]]:
    """Resample each part with the samples before and after it, as if the recording had not been cut.

    Parameters
    ----------
    parts
        Consecutive parts of one recording.
    rate
        Sampling rate in Hz.

    Yields
    ------
    part : Recording
        The part.
    resampled : Float32Array
        Signal of the part at `rate`.

    Raises
    ------
    RecordingError
        If the parts differ in leads or rate.
    """
    before: Recording | None = None
    current: Recording | None = None
    for following in parts:
        if current:
            if (following.leads, following.rate) != (current.leads, current.rate):
                raise RecordingError("changes its leads or its rate; interpret a part of it.", current.source)
            yield current, _resampled(before, current, following, rate)
        before, current = current, following
    if current:
        yield current, _resampled(before, current, None, rate)


def _resampled(before: Recording | None, part: Recording, after: Recording | None, rate: int) -> Float32Array:
    if part.rate == rate:
        return part.signal
    margin = round(_MARGIN_S * part.rate)
    first = before.signal[:, -margin:] if before else part.signal[:, :0]
    last = after.signal[:, :margin] if after else part.signal[:, :0]
    resampled = resample(np.concatenate([first, part.signal, last], axis=1), part.rate, rate)
    start, cut_off = (round(_MARGIN_S * rate) if neighbour else 0 for neighbour in (before, after))
    return resampled[:, start : resampled.shape[1] - cut_off]


def without_signal(analysis: SegmentAnalysis, recording: Recording, start_s: float) -> SegmentAnalysis:
    """Return an analysis without the data that is not needed later.

    Parameters
    ----------
    analysis
        Analysis of a segment of a part.
    recording
        The part without its signal.
    start_s
        Start of the part, in s from the start of the recording.

    Returns
    -------
    SegmentAnalysis
        The analysis without signals, with times from the start of the recording.
    """
    segment, measured = analysis.segment, analysis.measurements
    kept = replace(
        segment,
        recording=recording,
        start_s=start_s + segment.start_s,
        end_s=start_s + segment.end_s,
        signal=_EMPTY,
        resampled=_EMPTY,
        supplemental={},
    )
    return analysis._replace(segment=kept, model_input=_EMPTY, measurements=measured and replace(measured, beat=None))


def share_evidence(segment: Part, first: Part) -> Part:
    """Return the interpretation of a segment without its own evidence.

    Parameters
    ----------
    segment
        Interpretation of one of several segments.
    first
        Interpretation of the first segment.

    Returns
    -------
    Part
        Interpretation with the evidence of the first, to save memory: only a recording of one segment needs its own.
    """
    return segment._replace(evidence=first.evidence)


def outline(part: Recording, samples: int, warnings: Sequence[RecordingWarning]) -> Recording:
    """Return a recording without its signal, for the facts that an interpretation states about it.

    Parameters
    ----------
    part
        First part of the recording.
    samples
        Number of samples of the recording.
    warnings
        Warnings from reading the recording.

    Returns
    -------
    Recording
        Recording with a signal of 0 mV, which takes no memory.
    """
    flat = np.broadcast_to(np.zeros(1, np.float32), (len(part.leads), samples))
    others = {lead: _EMPTY[0:0].ravel() for lead in part.supplemental}
    return replace(part, signal=flat, supplemental=others, warnings=tuple(warnings))


def merge_warnings(parts: Sequence[Sequence[RecordingWarning]]) -> list[RecordingWarning]:
    """Return the warnings of a recording.

    Parameters
    ----------
    parts
        The warnings of each of its parts.

    Returns
    -------
    list of RecordingWarning
        Warnings of the recording, each once.
    """
    part_counts = Counter(code for part in parts for code in {warning.code for warning in part})
    merged = list(dict.fromkeys(warning for part in parts for warning in part))
    whole_warnings = [warning for warning in merged if warning.code in _OF_WHOLE]
    kept = [
        min([warning for warning in whole_warnings if warning.code == code], key=lambda warning: len(warning.text))
        for code in dict.fromkeys(warning.code for warning in whole_warnings)
        if part_counts[code] == len(parts)
    ]  # the shortest names the fewest leads
    merged = [warning for warning in merged if warning not in whole_warnings or warning in kept]
    gaps = [warning for warning in merged if warning.code == "signal-gap"]
    if len(gaps) <= _MAX_GAPS:
        return merged
    text = f"There are at least {len(gaps) - _MAX_GAPS} more gaps in the signal; they are 0 mV."
    left_out = set(gaps[_MAX_GAPS:])
    return [*(warning for warning in merged if warning not in left_out), RecordingWarning("signal-gap", text)]
