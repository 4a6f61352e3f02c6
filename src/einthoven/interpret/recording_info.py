"""The parts of an Interpretation that are about the recording: its file, and the quality of its signal."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from einthoven.model.json_fields import NULLABLE, JsonFields
from einthoven.recording import Filters, RecordingWarning


@dataclass(frozen=True)
class RecordingInfo(JsonFields):
    """What a reader of an interpretation needs to know about the recording; nothing that names a person."""

    source: str
    format: str
    rate_hz: float
    duration_s: float
    short: bool
    """Less than 10 s."""
    leads: tuple[str, ...]
    derived_leads: tuple[str, ...] = ()
    supplemental_leads: tuple[str, ...] = ()
    """Those of V3R, V4R and V7 to V9 that were recorded."""
    recorded_at: datetime | None = field(default=None, metadata=NULLABLE)
    """With a time zone if the file states one, else local time."""
    device: str | None = field(default=None, metadata=NULLABLE)
    """Maker and model of the recorder."""
    filters: Filters | None = field(default=None, metadata=NULLABLE)
    warnings: tuple[RecordingWarning, ...] = ()


@dataclass(frozen=True)
class SegmentQuality(JsonFields):
    """Whether a segment is fit to be interpreted."""

    acceptable: bool
    reasons: tuple[str, ...]
    """Why it is unfit; empty if it is acceptable."""


@dataclass(frozen=True)
class PacingInfo(JsonFields):
    """The pacing spikes of a recording."""

    spikes: tuple[float, ...]
    """Times in s from its start."""
    captured: bool | None
    """False if the heart does not answer them in some segment; None without spikes, or if it is unclear."""


NO_PACING = PacingInfo((), None)


class LeadProblems(NamedTuple):
    """The problems of one lead."""

    lead: str
    problems: tuple[str, ...]
    """Keys of `einthoven.signal.quality.gate.PROBLEM_TEXTS`, worst first."""


@dataclass(frozen=True)
class QualityInfo(SegmentQuality):
    """Whether a recording is fit to be interpreted, and the problems of its leads."""

    arms_swapped: bool
    """Whether the arm electrodes may be swapped."""
    leads: tuple[LeadProblems, ...]
    """A problem counts that a lead has in at least half of the segments."""
