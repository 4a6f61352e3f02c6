"""A tracing as a model sees it: on the zero line, and without what cannot be read.

An electrode that has come off leaves its lead at the end of the amplifier's range, many mV away, and recorders without
a high-pass add an offset. Models have learnt from tracings with neither, and take both for infarcts
(docs/explanation/robustness.md).
"""

from collections.abc import Sequence

import numpy as np

from einthoven.arrays import Float32Array
from einthoven.signal.bands import median
from einthoven.signal.quality import LeadQuality

KEEP_BELOW_MV = 0.2
"""An offset below it is kept: 98 % of PTB-XL's records have no larger one."""
REMOVE_ABOVE_MV = 0.4
"""An offset above it is removed whole. Between the two limits a part is removed, so that no answer changes abruptly."""
_EVERY = 4  # samples; of the others the median is the same


def remove_offset(signal: Float32Array, leads: Sequence[LeadQuality]) -> tuple[Float32Array, float]:
    """`signal` (leads, samples) in mV with its leads on the zero line, and the largest offset in mV that was removed.

    `leads` tells the quality of each; what is lost of it becomes 0 mV. An offset is the median of the rest.
    """
    if any(lead.lost for lead in leads):
        lost = np.array([lead.lost_in for lead in leads])
        gone = lost[:, np.arange(signal.shape[1]) * lost.shape[1] // signal.shape[1]]
        offset = np.array([np.median(row[kept]) if kept.any() else 0 for row, kept in zip(signal, ~gone, strict=True)])
    else:
        gone, offset = np.zeros((1, 1), bool), median(signal[:, ::_EVERY].T)
    size = np.abs(offset)
    removed = offset * np.clip((size - KEEP_BELOW_MV) / (REMOVE_ABOVE_MV - KEEP_BELOW_MV), 0, 1)
    if gone.any() or removed.any():
        signal = np.where(gone, np.float32(0), signal - removed[:, None].astype(np.float32))
    return signal, float(np.abs(removed).max())
