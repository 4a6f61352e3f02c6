"""PR, QRS and QT intervals and the heart's axis."""

from einthoven.signal.intervals.measure import Intervals, measure_intervals
from einthoven.signal.intervals.parts import VALUES, median_intervals

__all__ = ["VALUES", "Intervals", "measure_intervals", "median_intervals"]
