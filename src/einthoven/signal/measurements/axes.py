"""The frontal axes of the P wave, the QRS complex and the T wave, from their net areas in I and aVF."""

from collections.abc import Sequence
from math import sqrt

import numpy as np

from einthoven.arrays import BoolArray, Float32Array
from einthoven.signal.measurements.delineate import remove_line

_MAX_DIFFERENCE = 20.0  # degrees between the axes of even and odd beats
_MIN_NET_AREA = 0.1  # of the wave's absolute area: with less the axis is indeterminate


def frontal_vector(beats: Float32Array, leads: Sequence[str], usable: BoolArray) -> Float32Array | None:
    """Compute the heart vector in the frontal plane over time.

    Parameters
    ----------
    beats
        Median beats, shape (beats, leads, samples).
    leads
        Standard names of the rows.
    usable
        Boolean mask (leads,) of the leads to measure.

    Returns
    -------
    Float32Array or None
        Vector to the left and to the feet, shape (beats, 2, samples) in mV; None without I and one of II and aVF.
    """
    row = {name: k for k, name in enumerate(leads) if usable[k]}
    if "I" not in row or not row.keys() & {"II", "aVF"}:
        return None
    left = beats[:, row["I"]]
    feet = beats[:, row["aVF"]] if "aVF" in row else beats[:, row["II"]] - left / 2
    # an augmented lead sees less than one between two limbs
    return np.array([left, feet * np.float32(2 / sqrt(3))]).swapaxes(0, 1)


def frontal_axis(vector: Float32Array | None, start: float | None, end: float | None) -> float | None:
    """Compute the frontal axis of a wave.

    Parameters
    ----------
    vector
        Output of `frontal_vector` for the median of all beats, of the even beats and of the odd beats.
    start, end
        First and last sample of the wave; None if unclear.

    Returns
    -------
    float or None
        Axis in degrees, -180 to 180. None without a vector or a wave, if the net area is small, or if even and odd
        beats disagree.
    """
    if vector is None or start is None or end is None or end - start < 2:
        return None
    wave = vector[:, :, round(start) : round(end) + 1]
    # less a line, so that a raised ST segment has no area
    rest = remove_line(wave)
    x, y = rest.sum(axis=2).T.astype(float)
    if (np.hypot(x, y) <= _MIN_NET_AREA * np.hypot(rest[:, 0], rest[:, 1]).sum(axis=1)).any():
        return None
    whole, even, odd = np.degrees(np.arctan2(y, x)).tolist()
    return whole if abs((even - odd + 180) % 360 - 180) <= _MAX_DIFFERENCE else None
