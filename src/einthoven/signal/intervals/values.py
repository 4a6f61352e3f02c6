"""The intervals by name, and those of a recording from its segments'."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np


@dataclass(frozen=True)
class IntervalValues:
    """Intervals in ms and the axis in degrees; None if unclear."""

    pr_ms: float | None = None
    """From the onset of the P wave to that of the QRS complex."""
    qrs_ms: float | None = None
    qt_ms: float | None = None
    """From the onset of the QRS complex to the end of the T wave."""
    qtc_bazett_ms: float | None = None
    """QT / sqrt(RR / s)."""
    qtc_fridericia_ms: float | None = None
    """QT / cbrt(RR / s)."""
    axis_degrees: float | None = None
    """Frontal axis of the QRS complex, -180 to 180: 0 points to the left, 90 to the feet."""


INTERVAL_NAMES = tuple(field.name for field in fields(IntervalValues))


def median_intervals(segments: Sequence[IntervalValues]) -> IntervalValues:
    """Compute the median of each interval over the segments of a recording.

    Parameters
    ----------
    segments
        At least one.

    Returns
    -------
    IntervalValues
        None for intervals that fewer than half of the segments have. The axis, which lies on a circle, is the one that
        is closest to all others.
    """
    medians = {}
    for name in INTERVAL_NAMES:
        known = [value for intervals in segments if (value := getattr(intervals, name)) is not None]
        if known and 2 * len(known) >= len(segments):
            medians[name] = _median_axis(known) if name == "axis_degrees" else float(np.median(known))
    return IntervalValues(**medians)


def _median_axis(degrees: Sequence[float]) -> float:
    axes = np.asarray(degrees)
    differences = np.abs((axes[:, None] - axes + 180) % 360 - 180)
    return float(axes[differences.sum(axis=1).argmin()])
