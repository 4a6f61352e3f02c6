"""Times of beats with sub-sample resolution, and features of their RR intervals."""

import numpy as np

from einthoven.arrays import Float32Array, Float64Array
from einthoven.signal.bands import RATE
from einthoven.signal.rr_intervals import describe
from einthoven.signal.steep_places import find_beats

_AROUND = RATE // 10  # samples on either side of a beat that tell its time
_MARGIN = RATE // 4  # samples at the ends, where recordings are often padded


def rr_features(slope: Float32Array) -> Float64Array:
    """Describe the RR intervals of a signal.

    Parameters
    ----------
    slope
        `Bands.common_slope` of the signal, shape (samples,).

    Returns
    -------
    Float64Array
        Features of the RR intervals, shape (FEATURES,), as for `describe`.
    """
    return describe(beat_times(slope))


def beat_times(slope: Float32Array) -> list[float]:
    """Compute the times at which the whole beats of a signal are steepest, to a fraction of a sample.

    Parameters
    ----------
    slope
        `Bands.common_slope` of the signal, shape (samples,).

    Returns
    -------
    list of float
        Times in s, ascending: the centre of the slope above half its peak.
    """
    beats = find_beats(slope)
    beats = beats[(beats >= _MARGIN) & (beats < len(slope) - _MARGIN)]
    around = slope[beats[:, None] + np.arange(-_AROUND, _AROUND + 1)].astype(np.float64)
    above = np.maximum(around - around[:, _AROUND, None] / 2, 0)
    centres = beats + above @ np.arange(-_AROUND, _AROUND + 1) / above.sum(axis=1)
    times: list[float] = (centres / RATE).tolist()
    return times
