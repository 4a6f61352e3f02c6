"""Record features that cost nothing; a module of its own, because worker processes import it."""

import numpy as np

from einthoven.arrays import Float32Array


def mean_and_rate(signal: Float32Array, rate: int) -> Float32Array:
    """Of each lead the mean in mV, and the rate."""
    return np.append(signal.mean(1), np.float32(rate))
