"""PR, QRS and QT intervals and the heart's axis."""

from einthoven.intervals.measure import Intervals, measure_intervals
from einthoven.intervals.parts import VALUES, median_intervals

__all__ = ["VALUES", "Intervals", "measure_intervals", "median_intervals"]
