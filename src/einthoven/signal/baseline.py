"""Remove the offsets of leads, and set lost seconds to zero, before the model runs.

An electrode that has come off leaves its lead at the end of the amplifier's range, many mV away, and recorders without
a high-pass filter add an offset. The models were trained on signals with neither, and take both for infarcts
(docs/explanation/robustness.md).
"""

from collections.abc import Sequence

import numpy as np

from einthoven.arrays import Float32Array
from einthoven.signal.medians import median
from einthoven.signal.quality.gate import LeadQuality

KEEP_BELOW_MV = 0.2
"""Offset in mV below which it is kept: 98 % of PTB-XL's records have no larger one."""
REMOVE_ABOVE_MV = 0.4
"""Offset in mV above which it is removed entirely; in between, in part, so that no result changes abruptly."""
_EVERY = 4  # samples; of the others the median is the same


def remove_offset(signal: Float32Array, leads: Sequence[LeadQuality]) -> tuple[Float32Array, float]:
    """Remove the offsets of leads, and set their lost seconds to 0 mV.

    A lead's offset is its median over the time in which it can be read.

    Parameters
    ----------
    signal
        Signal of shape (leads, samples) in mV.
    leads
        Quality of each row of `signal`.

    Returns
    -------
    signal : Float32Array
        Corrected signal of shape (leads, samples) in mV.
    offset_mv : float
        Largest offset that was removed, in mV.
    """
    if any(lead.lost_share for lead in leads):
        seconds = np.array([lead.lost_seconds for lead in leads])
        lost = seconds[:, np.arange(signal.shape[1]) * seconds.shape[1] // signal.shape[1]]
        offset = np.array([np.median(row[good]) if good.any() else 0 for row, good in zip(signal, ~lost, strict=True)])
    else:
        lost, offset = np.zeros((1, 1), bool), median(signal[:, ::_EVERY].T)
    size = np.abs(offset)
    removed = offset * np.clip((size - KEEP_BELOW_MV) / (REMOVE_ABOVE_MV - KEEP_BELOW_MV), 0, 1)
    if lost.any() or removed.any():
        signal = np.where(lost, np.float32(0), signal - removed[:, None].astype(np.float32))
    return signal, float(np.abs(removed).max())
