"""The parts of an Interpretation that are about the recording: its file, and the quality of its signal."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from einthoven.model.json_fields import NULLABLE, JsonFields
from einthoven.recording import Filters, RecordingWarning


@dataclass(frozen=True)
class RecordingInfo(JsonFields):
    """The facts about a recording for a reader of its interpretation, without any that identify a person."""

    source: str
    format: str
    rate_hz: float
    duration_s: float
    short: bool
    """Whether the recording is shorter than 10 s."""
    leads: tuple[str, ...]
    derived_leads: tuple[str, ...] = ()
    supplemental_leads: tuple[str, ...] = ()
    """Recorded supplemental leads, of V3R, V4R and V7 to V9."""
    recorded_at: datetime | None = field(default=None, metadata=NULLABLE)
    """Time of the recording, with a time zone if the file states one, else local time."""
    device: str | None = field(default=None, metadata=NULLABLE)
    """Manufacturer and model of the recorder."""
    filters: Filters | None = field(default=None, metadata=NULLABLE)
    warnings: tuple[RecordingWarning, ...] = ()


@dataclass(frozen=True)
class SegmentQuality(JsonFields):
    """Whether a segment is fit to be interpreted."""

    acceptable: bool
    reasons: tuple[str, ...]
    """Reasons why the segment is unfit; empty if it is acceptable."""


@dataclass(frozen=True)
class PacingInfo(JsonFields):
    """The pacing spikes of a recording."""

    spikes: tuple[float, ...]
    """Times in s from the start of the recording."""
    captured: bool | None
    """False if the heart does not respond to them in some segment; None without spikes, or if it is unclear."""


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
    """Problems of each lead that it has in at least half of the segments."""
