"""PR, QRS and QT intervals and the heart's axis."""

from einthoven.intervals.measure import Intervals, measure_intervals

__all__ = ["Intervals", "measure_intervals"]
