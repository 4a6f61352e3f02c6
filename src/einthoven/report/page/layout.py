"""Arrange leads on the paper, and choose the part of the recording to show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from einthoven.interpret.interpretation import Interpretation
from einthoven.interpret.segment_results import SegmentResult
from einthoven.recording import LEADS

TRACE_MM = 250.0
"""Length of a row of tracings: 10 s at 25 mm/s."""
LAYOUTS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "3x4": (LEADS[:3], LEADS[3:6], LEADS[6:9], LEADS[9:]),
    "6x2": (LEADS[:6], LEADS[6:]),
    "12x1": (LEADS,),
}
"""The leads of each column, from the left; 3x4 has a rhythm strip below."""
_RHYTHM = ("II", "V1", *LEADS)
"""The rhythm strip shows the first of these that was recorded."""
_FILLED = 0.8
"""Least filled share of the last column if columns follow each other in time."""


@dataclass(frozen=True)
class Strip:
    """A section of one lead on the paper."""

    lead: str
    row: int
    left_mm: float
    """Distance from the start of the rows."""
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Window:
    """The part of a recording that a page shows."""

    start_s: float
    end_s: float
    reason: str = ""
    """Reason for the choice, in words; "" for the whole recording."""
    segment: SegmentResult | None = None
    """Result of the segment that was chosen."""


def choose_window(interpretation: Interpretation, seconds: float) -> Window:
    """Choose the part of a recording to show first: the explained one, or the one with the lowest probability of NORM.

    Parameters
    ----------
    interpretation
        Interpretation whose segments decide; only those in the most abnormal 30 s count, if there are any.
    seconds
        Longest duration of the part in s.

    Returns
    -------
    Window
        The part, with the reason for the choice.
    """
    duration = interpretation.recording.duration_s
    if duration <= seconds + 0.1:
        return Window(0.0, duration)
    if interpretation.explanations:
        explanation = interpretation.explanations[0]
        start = min(explanation.start_s, duration - seconds)
        segment = next((s for s in interpretation.segments if s.start_s == explanation.start_s), None)
        return Window(start, start + seconds, f"where {explanation.label} is most probable", segment)
    excerpt = interpretation.most_abnormal
    first, last = (excerpt.start_s, excerpt.end_s) if excerpt else (0.0, duration)
    fit = [
        segment
        for segment in interpretation.segments
        if "NORM" in segment.probabilities and first <= segment.start_s < last
    ]
    if not fit:
        return Window(0.0, seconds, "the beginning")
    least = min(fit, key=lambda segment: segment.probabilities["NORM"])
    start = min(least.start_s, duration - seconds)
    return Window(start, start + seconds, "the least normal part", least)


def strips(layout: str, leads: Sequence[str], window: Window, speed: float) -> tuple[list[Strip], bool]:
    """Divide the page into strips of the recorded leads.

    Parameters
    ----------
    layout
        Key of LAYOUTS.
    leads
        Recorded leads.
    window
        The part of the recording to show.
    speed
        Paper speed in mm/s.

    Returns
    -------
    list of Strip
        One per lead, and a rhythm strip for 3x4.
    bool
        Whether columns follow each other in time. In short recordings, each column begins at the start of the window.
    """
    columns = LAYOUTS[layout]
    width = TRACE_MM / len(columns)
    seconds = width / speed
    consecutive = window.end_s - window.start_s >= (len(columns) - 1 + _FILLED) * seconds
    strips = []
    for k, column in enumerate(columns):
        start = window.start_s + k * seconds * consecutive
        end = min(start + seconds, window.end_s)
        strips += [Strip(lead, row, k * width, start, end) for row, lead in enumerate(column) if lead in leads]
    if layout == "3x4":
        rhythm = next(lead for lead in _RHYTHM if lead in leads)
        strips.append(Strip(rhythm, 3, 0.0, window.start_s, window.end_s))
    return strips, consecutive or len(columns) == 1
