"""What several of these scripts need: signals in mV, shares with their intervals, electrodes in other places."""

import numpy as np

from einthoven.evaluate.bootstrap import wilson
from einthoven.ptbxl.dataset import Dataset

Signal = np.ndarray
"""(12, samples) in mV, leads in the standard order."""


def millivolts(dataset: Dataset, row: int) -> Signal:
    """One record."""
    return dataset.signals[row] / np.float32(1000)


def percent(hits: np.ndarray, digits: int = 1) -> str:
    """The share of the hits (records,) with its 95 % interval, as Markdown."""
    return f"{wilson(round(float(hits.sum())), len(hits)):.{digits}%}".replace("%", " %")


def derive_limb_leads(signal: Signal) -> Signal:
    """`signal` with the other four limb leads computed from I and II, as every recorder does."""
    i, ii = signal[:2]
    return np.stack([i, ii, ii - i, -(i + ii) / 2, i - ii / 2, ii - i / 2, *signal[6:]])


def swap_arms(signal: Signal) -> Signal:
    """`signal` with the arm electrodes swapped: I turns over, II and III, aVR and aVL change places."""
    i, ii, iii, avr, avl, avf, *chest = signal
    return np.stack([-i, iii, ii, avl, avr, avf, *chest])
