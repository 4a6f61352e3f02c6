"""Measurements as numbers for a network: the same at all sampling rates, NaN where a measurement is unclear.

The answer's amplitudes contain all frequencies that a recording has, so that they are larger at 500 than at 100 Hz.
These are measured in the beat that gives the boundaries, which has the same filter at all rates.
"""

from collections.abc import Sequence
from math import cos, radians, sin

import numpy as np

from einthoven.arrays import Float32Array
from einthoven.recording import LEADS
from einthoven.signal.measurements.amplitude_beat import subtract_level
from einthoven.signal.measurements.delineate import Boundaries
from einthoven.signal.measurements.median_beat import MedianBeat
from einthoven.signal.measurements.values import LEAD_NAMES, LeadMeasurements, Measurements
from einthoven.signal.measurements.waves import measure_leads

_INTERVALS = ("pr_ms", "p_ms", "qrs_ms", "qt_ms")
_AXES = ("p_axis_degrees", "qrs_axis_degrees", "t_axis_degrees")
FEATURES = (
    *_INTERVALS,
    *(f"{function}_{axis.removesuffix('_degrees')}" for axis in _AXES for function in ("cos", "sin")),
    *(f"{lead}_{name}" for lead in LEADS for name in LEAD_NAMES),
)
"""Names of the numbers, in order."""
AMPLITUDES = np.array([name.endswith("_mv") for name in FEATURES])
"""Boolean mask (FEATURES,): True for those that grow with the gain."""


def wave_features(
    beat: MedianBeat, boundaries: Boundaries, leads: Sequence[str], intervals: Measurements
) -> Float32Array:
    """Describe the waves of a median beat.

    Parameters
    ----------
    beat
        Median beat whose first rows are `leads`.
    boundaries
        Its clear boundaries.
    leads
        Standard names of the rows.
    intervals
        Intervals and axes of the same beat.

    Returns
    -------
    Float32Array
        Numbers of shape (FEATURES,).
    """
    medians = subtract_level(beat.medians, round(boundaries.qrs_onset))
    waves = measure_leads(medians, boundaries, leads, beat.usable)
    unclear = LeadMeasurements()
    axes = [getattr(intervals, name) for name in _AXES]
    values: list[float | None] = [
        *(getattr(intervals, name) for name in _INTERVALS),
        *(None if axis is None else function(radians(axis)) for axis in axes for function in (cos, sin)),
        *(value for lead in LEADS for value in waves.get(lead, unclear)),
    ]
    return np.array(values, np.float32)  # None becomes NaN
