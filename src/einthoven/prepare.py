"""From a signal to what a network takes: the code that training and use share."""

import numpy as np


def window_starts(samples: int, length: int, stride: int) -> list[int]:
    """First samples of the windows of `length` that cover `samples`, `stride` apart; the last one ends at the end.

    A signal of exactly `length` has one window. Raises ValueError when it is shorter.
    """
    if length > samples:
        raise ValueError(f"windows of {length} samples do not fit a signal of {samples}")
    steps = -(-(samples - length) // stride)
    return [int(s) for s in np.linspace(0, samples - length, steps + 1).round()]
