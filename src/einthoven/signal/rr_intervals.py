"""Describe the times between heartbeats by a few numbers, for rhythms that need more than a few beats."""

from collections.abc import Sequence
from itertools import pairwise
from math import log, sqrt
from statistics import median

import numpy as np

from einthoven.arrays import Float64Array

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
MIN_INTERVALS = 3
"""Smallest number of intervals that is described; with fewer, all numbers are 0."""
_USUAL_S, _LONGEST = 0.8, 2.0  # median RR interval of an adult at rest; limit of extremes, in median intervals
_ALMOST, _CLEARLY = 0.05, 0.2  # shares of the median interval by which one is not, and is, early or late
_STEADY, _STEADY_POWER = 0.01, 1e-4  # of the median interval: keeps ratios of steady rhythms finite


def unknown_rr() -> Float64Array:
    """Return the features of unknown RR intervals, for noisy signals.

    Returns
    -------
    Float64Array
        Zeros of shape (FEATURES,).
    """
    return np.zeros(len(FEATURES))


def describe(times: Sequence[float]) -> Float64Array:
    """Describe the intervals between beats; docs/reference/bundles.md has each number as a formula.

    Parameters
    ----------
    times
        Times of the beats in s, ascending.

    Returns
    -------
    Float64Array
        Features of the intervals, shape (FEATURES,).
    """
    seconds = _differences(times)  # a dozen numbers, for which Python is faster than NumPy
    if len(seconds) < MIN_INTERVALS:
        return unknown_rr()
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
        _mean([_ramp(1 - interval) for interval in rr]),
        _mean([_ramp(interval - 1) for interval in rr]),
        sum(_ramp(1 - first) * _ramp(second - 1) for first, second in pairwise(rr)) / 5,
        successive / (power + _STEADY_POWER),
        min(apart_2 / apart_1, 3.0),
        min(apart_3 / apart_1, 3.0),
        len(rr) / 10,
    )
    return np.array(values)


def _ramp(difference: float) -> float:
    """Ramp from 0 for intervals of about the usual length to 1 for those that clearly differ."""
    return min(max((difference - _ALMOST) / (_CLEARLY - _ALMOST), 0.0), 1.0)


def _differences(values: Sequence[float], apart: int = 1) -> list[float]:
    return [later - value for value, later in zip(values, values[apart:], strict=False)]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
