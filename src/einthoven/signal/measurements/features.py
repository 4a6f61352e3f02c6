"""Measurements as numbers for a network: the same at all sampling rates, NaN where a measurement is unknown.

The answer's amplitudes contain all frequencies that a recording has, so that they are larger at 500 than at 100 Hz.
These are measured in the beat that gives the boundaries, which has the same filter at all rates. Durations of the waves
of single leads are left out: small waves come and go with the sampling rate.
"""

from collections.abc import Sequence
from math import cos, radians, sin

import numpy as np

from einthoven.arrays import Float32Array
from einthoven.recording import LEADS
from einthoven.signal.measurements.amplitude_beat import subtract_level
from einthoven.signal.measurements.delineate import Boundaries
from einthoven.signal.measurements.median_beat import MedianBeat
from einthoven.signal.measurements.values import LEAD_NAMES, Measurements
from einthoven.signal.measurements.waves import wave_values

_INTERVALS = ("pr_ms", "p_ms", "qrs_ms", "qt_ms")
_AXES = ("p_axis_degrees", "qrs_axis_degrees", "t_axis_degrees")
_AMPLITUDES = tuple(name for name in LEAD_NAMES if name.endswith("_mv"))
FEATURES = (
    *_INTERVALS,
    *(f"{function}_{axis.removesuffix('_degrees')}" for axis in _AXES for function in ("cos", "sin")),
    *(f"{lead}_{name}" for name in _AMPLITUDES for lead in LEADS),
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
        Median beat whose rows are `leads`.
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
    axes = [getattr(intervals, name) for name in _AXES]
    numbers = [
        *(getattr(intervals, name) for name in _INTERVALS),
        *(None if axis is None else function(radians(axis)) for axis in axes for function in (cos, sin)),
    ]
    usable = [LEADS.index(lead) for lead, use in zip(leads, beat.usable, strict=True) if use]
    values = wave_values(subtract_level(beat.medians[0, beat.usable], round(boundaries.qrs_onset)), boundaries)
    amplitudes = np.full((len(_AMPLITUDES), len(LEADS)), np.nan, np.float32)
    for row, name in zip(amplitudes, _AMPLITUDES, strict=True):
        row[usable] = values.get(name, np.nan)
    return np.concatenate([np.array(numbers, np.float32), amplitudes.ravel()])  # None becomes NaN
