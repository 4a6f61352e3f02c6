"""Intervals, axes and amplitudes, measured in the median beat."""
