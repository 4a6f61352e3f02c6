"""Judge whether the heart responds to pacing spikes: capture.

A beat in the signal without the spikes is a response if it follows a spike soon, or at a constant time, as after an
atrial spike. What the removal leaves of a spike is not a beat.
"""

import numpy as np

from einthoven.arrays import Float32Array, Float64Array
from einthoven.signal.bands import RATE

# From a spike to the steepest part of the QRS complex that answers it, which begins within 20 to 150 ms; and to that
# after an atrial spike, if the time is about constant.
_VENTRICULAR_S, _ATRIAL_S, _ATRIAL_SPREAD_S = (0.02, 0.2), (0.12, 0.45), 0.04
# A beat so near a spike, on either side, and so small in its third largest lead is a remnant of the spike. In
# PTB-XL's paced records with such beats, the smallest has 0.45 mV; remnants of simulated spikes have at most 0.36 mV.
_REMAINS_S, _REMAINS_MV, _REMAINS_LEADS = 0.035, 0.4, 3
_HALF_QRS = 6 * RATE // 100  # samples at 100 Hz
_REFRACTORY_S = 0.3  # after a QRS complex, in which no spike can be answered
_CAPTURED, _NOT_CAPTURED = 0.9, 0.5  # shares of the spikes that are answered
_MIN_JUDGED = 3  # spikes needed to judge whether the heart responds; if it does not, at about constant intervals
_INTERVAL_TOLERANCE, _MIN_EVEN = 0.05, 0.6


def without_remains(beats_s: Float64Array, spikes: Float64Array, ecg: Float32Array) -> Float64Array:
    """Leave out beats that are only remnants of a removed spike.

    Parameters
    ----------
    beats_s
        Times in s of the beats in the signal without the spikes.
    spikes
        Times in s of the spikes, from `find_spikes`.
    ecg
        `Bands.ecg` of the same signal, shape (leads, samples).

    Returns
    -------
    Float64Array
        Times in s of the other beats.
    """
    if not len(spikes) or not len(beats_s):
        return beats_s
    near = np.abs(beats_s[:, None] - spikes).min(axis=1) <= _REMAINS_S
    at = np.rint(beats_s * RATE).astype(int)
    ranges = np.array([np.ptp(ecg[:, max(k - _HALF_QRS, 0) : k + _HALF_QRS + 1], axis=1) for k in at])
    size = np.sort(ranges, axis=1)[:, -min(_REMAINS_LEADS, len(ecg))]
    others: Float64Array = beats_s[~(near & (size < _REMAINS_MV))]
    return others


def is_captured(spikes: Float64Array, beats_s: Float64Array, seconds: float) -> bool | None:
    """Judge whether the heart responds to pacing spikes.

    Parameters
    ----------
    spikes
        Times in s of the spikes, from `find_spikes`.
    beats_s
        Times in s of the beats in the signal without the spikes.
    seconds
        Length of the signal.

    Returns
    -------
    bool or None
        True if nearly all of at least three spikes have a QRS complex soon after them, or after a constant time, as
        after a P wave. False if most of at least three regular spikes do not. None otherwise: one or two may be noise.
    """
    if not len(spikes):
        return None
    last = np.insert(beats_s, 0, -np.inf)[np.searchsorted(beats_s, spikes + _VENTRICULAR_S[0])]
    judged = spikes[(spikes < seconds - _ATRIAL_S[1]) & (spikes - last > _REFRACTORY_S)]
    if len(judged) < _MIN_JUDGED:
        return None
    following = np.append(beats_s, np.inf)[np.searchsorted(beats_s, judged + _VENTRICULAR_S[0])] - judged
    soon = following <= _VENTRICULAR_S[1]
    later = (following >= _ATRIAL_S[0]) & (following <= _ATRIAL_S[1])
    if later.any():
        later &= np.abs(following - np.median(following[later])) <= _ATRIAL_SPREAD_S
    answered = float((soon | later).mean())
    if answered >= _CAPTURED:
        return True
    return False if answered <= _NOT_CAPTURED and _are_even(spikes) else None


def _are_even(spikes: Float64Array) -> bool:
    """Return whether most spikes are evenly spaced, or by two intervals if one is missed, unlike peaks of noise."""
    intervals = np.diff(spikes)
    relative = intervals / np.median(intervals)
    return bool((np.abs(relative - np.maximum(np.rint(relative), 1)) <= _INTERVAL_TOLERANCE).mean() >= _MIN_EVEN)
