"""Describe the times between heartbeats by a few numbers, for rhythms that need more than a few beats."""

from collections.abc import Sequence
from itertools import pairwise
from math import log, sqrt
from statistics import median

import numpy as np

from einthoven.arrays import Float64Array, IndexArray

FEATURES = (
    "known",
    "log_median",
    "range",
    "deviation",
    "difference",
    "second_difference",
    "usual_difference",
    "shortest",
    "longest",
    "early",
    "late",
    "early_then_late",
    "correlation",
    "repeats_after_two",
    "repeats_after_three",
    "count",
)
"""Names of the numbers, in order."""
RATE = 100
"""Sampling rate of the beats in Hz."""
MIN_INTERVALS = 3
"""With fewer, nothing is known, and all numbers are 0."""
_USUAL_S, _LONGEST = 0.8, 2.0  # median RR interval of an adult at rest; limit of extremes, in median intervals
_EARLY, _LATE = 0.87, 1.15  # share of the median interval from which one is early or late
_SHORTER, _LONGER = 0.9, 1.05  # the same if a short interval is followed by a long one
_STEADY, _STEADY_POWER = 0.01, 1e-4  # of the median interval: keeps ratios of steady rhythms finite


def rr_features(beats: IndexArray | Float64Array) -> Float64Array:
    """Describe RR intervals; docs/reference/bundles.md has each number as a formula.

    Parameters
    ----------
    beats
        Samples of the heartbeats at 100 Hz, ascending.

    Returns
    -------
    Float64Array
        Shape (FEATURES,).
    """
    at = [beat / RATE for beat in beats.tolist()]  # a dozen numbers, for which Python is faster than NumPy
    seconds = _differences(at)
    if len(seconds) < MIN_INTERVALS:
        return np.zeros(len(FEATURES))
    usual = median(seconds)
    rr = [interval / usual for interval in seconds]
    steps, mean = _differences(rr), _mean(rr)
    apart_1 = _mean([abs(step) for step in steps]) + _STEADY
    apart_2 = _mean([abs(step) for step in _differences(rr, 2)])
    apart_3 = _mean([abs(step) for step in _differences(rr, 3)]) if len(rr) > MIN_INTERVALS else apart_2
    power = sum((interval - mean) ** 2 for interval in rr)
    successive = sum((first - mean) * (second - mean) for first, second in pairwise(rr))
    values = (
        1.0,
        log(usual / _USUAL_S),
        min(max(rr) - min(rr), _LONGEST),
        min(sqrt(power / len(rr)), 1.0),
        min(sqrt(_mean([step**2 for step in steps])), 1.0),
        min(_mean([abs(step) for step in _differences(steps)]), 2.0),
        median([abs(step) for step in steps]),
        min(rr) - 1,
        min(max(rr) - 1, _LONGEST),
        _mean([interval < _EARLY for interval in rr]),
        _mean([interval > _LATE for interval in rr]),
        sum(first < _SHORTER and second > _LONGER for first, second in pairwise(rr)) / 5,
        successive / (power + _STEADY_POWER),
        min(apart_2 / apart_1, 3.0),
        min(apart_3 / apart_1, 3.0),
        len(rr) / 10,
    )
    return np.array(values)


def _differences(values: list[float], apart: int = 1) -> list[float]:
    return [later - value for value, later in zip(values, values[apart:], strict=False)]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
