"""The intervals of a recording of several parts."""

from collections.abc import Sequence
from statistics import median
from typing import Any

import numpy as np

from einthoven.signal.intervals.measure import Intervals

VALUES = ("pr_ms", "qrs_ms", "qt_ms", "qtc_bazett_ms", "qtc_fridericia_ms", "axis_degrees")
"""What is a number among the fields of Intervals."""


def median_intervals(parts: Sequence[Intervals]) -> Intervals:
    """The median of each interval over the `parts`, at least one; None where fewer than half of them have it.

    Of axes, which lie on a circle, the one that is closest to all others.
    """
    if len(parts) == 1:
        return parts[0]
    found: dict[str, Any] = {}
    for name in VALUES:
        known = [value for part in parts if (value := getattr(part, name)) is not None]
        if known and 2 * len(known) >= len(parts):
            found[name] = _median_axis(known) if name == "axis_degrees" else median(known)
    return Intervals(**found)


def _median_axis(degrees: Sequence[float]) -> float:
    axes = np.asarray(degrees)
    apart = np.abs((axes[:, None] - axes + 180) % 360 - 180)
    return float(axes[apart.sum(axis=1).argmin()])
