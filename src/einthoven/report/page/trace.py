"""Turn samples into a line, and place rows of lines on the paper."""

import numpy as np

from einthoven.arrays import Float64Array, FloatArray

_DRAWN_HZ = 500
"""Maximum number of points per second: one per 0.05 mm at 25 mm/s."""
_LEAST_ABOVE, _LEAST_BELOW = 4.0, 2.0  # mm that a row takes at least: a lead's name, and space
_OUTER = 0.25  # if lines cross: share of the paper above the first baseline, and below the last one, at most


def polyline(values: FloatArray, rate: float) -> tuple[Float64Array, Float64Array]:
    """Return the line of a signal with at most 500 points/s, which keeps all peaks.

    At higher rates, each bin of samples is drawn as its minimum and its maximum, in their order.

    Parameters
    ----------
    values
        Samples of shape (samples,).
    rate
        Sampling rate in Hz.

    Returns
    -------
    times : Float64Array
        Times in s, shape (points,).
    values : Float64Array
        Values of shape (points,).
    """
    drawn = values.astype(np.float64)
    if rate <= _DRAWN_HZ:
        return np.arange(len(drawn)) / rate, drawn
    size = int(np.ceil(2 * rate / _DRAWN_HZ))
    padded = np.pad(drawn, (0, -len(drawn) % size), mode="edge").reshape(-1, size)
    within = np.sort([padded.argmin(axis=1), padded.argmax(axis=1)], axis=0).T  # (bins, 2)
    places = np.minimum((np.arange(len(padded))[:, None] * size + within).ravel(), len(drawn) - 1)
    places = np.unique(np.concatenate([[0], places, [len(drawn) - 1]]))
    return places / rate, drawn[places]


def baselines(above: Float64Array, below: Float64Array, height: float) -> Float64Array:
    """Place the baselines of rows so that each line has room.

    Rows are equally spaced if that suffices. Otherwise rows with large deflections get more room. If lines must cross,
    both rules contribute half.

    Parameters
    ----------
    above, below
        Heights in mm of each row's line above and below its baseline, along the row, shape (rows, places).
    height
        Height of the paper in mm.

    Returns
    -------
    Float64Array
        Position of each baseline in whole mm from the upper edge of the paper, shape (rows,).
    """
    count = len(above)
    above, below = np.maximum(above, _LEAST_ABOVE), np.maximum(below, _LEAST_BELOW)
    if count == 1:
        return np.array([round(height / 2)], float)
    first, last = float(above[0].max()), float(below[-1].max())
    needed = (below[:-1] + above[1:]).max(axis=1)  # (rows - 1,)
    even = height / count
    if np.all(needed <= even) and first + even * (count - 1) + last <= height:
        gaps = np.full(count - 1, even)
    elif (spare := height - first - last - needed.sum()) >= 0:
        gaps = needed + spare / count
    else:
        first, last = min(first, _OUTER * height), min(last, _OUTER * height)
        gaps = (height - first - last) * (needed / needed.sum() + 1 / len(needed)) / 2
    top = first + (height - first - last - gaps.sum()) / 2
    return np.asarray(np.round(top + np.concatenate([[0.0], np.cumsum(gaps)])))
