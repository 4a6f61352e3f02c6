"""Which lead stands where on the paper, and which of its seconds."""

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
"""How full the last column must be at least, for the columns to follow one another in time."""


@dataclass(frozen=True)
class Strip:
    """A stretch of one lead on the paper."""

    lead: str
    row: int
    left_mm: float
    """From where the rows begin."""
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Window:
    """The part of a recording that a page shows."""

    start_s: float
    end_s: float
    reason: str = ""
    """Why this part, in words; "" where it is all."""
    segment: SegmentResult | None = None
    """What is said of this part alone, where that is why."""


def choose_window(interpretation: Interpretation, seconds: float) -> Window:
    """The part, at most `seconds` long, that a reader should see first: what is explained, else the least normal one.

    That is the segment with the lowest probability of a normal tracing, within the most abnormal 30 s where there are
    such.
    """
    duration = interpretation.recording.duration_s
    if duration <= seconds + 0.1:
        return Window(0.0, duration)
    if interpretation.explanations:
        explanation = interpretation.explanations[0]
        start = min(explanation.start_s, duration - seconds)
        segment = next((one for one in interpretation.segments if one.start_s == explanation.start_s), None)
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
    """The strips of those of `leads` that were recorded, and whether columns follow one another in time.

    They do unless the recording is too short for it: then each column begins at the window's start.
    """
    columns = LAYOUTS[layout]
    width = TRACE_MM / len(columns)
    seconds = width / speed
    follow = window.end_s - window.start_s >= (len(columns) - 1 + _FILLED) * seconds
    found = []
    for k, column in enumerate(columns):
        start = window.start_s + k * seconds * follow
        end = min(start + seconds, window.end_s)
        found += [Strip(lead, row, k * width, start, end) for row, lead in enumerate(column) if lead in leads]
    if layout == "3x4":
        rhythm = next(lead for lead in _RHYTHM if lead in leads)
        found.append(Strip(rhythm, 3, 0.0, window.start_s, window.end_s))
    return found, follow or len(columns) == 1


def rows(layout: str) -> int:
    """How many rows of tracings there are."""
    return len(LAYOUTS[layout][0]) + (layout == "3x4")
