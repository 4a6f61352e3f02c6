"""Functions that several of these scripts use: signals in mV, shares with their intervals, exchanged electrodes."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from einthoven.datasets.dataset import Dataset
from einthoven.evaluate.bootstrap import wilson

Signal = np.ndarray
"""Signal in mV, shape (12, samples), leads in the standard order."""


def existing_path(text: str) -> Path:
    """Return the path of an argument; argparse reports one that does not exist before anything is computed."""
    path = Path(text)
    if not path.exists():
        raise argparse.ArgumentTypeError(f"{text} does not exist; check the path")
    return path


def millivolts(dataset: Dataset, row: int) -> Signal:
    """Return the signal of one record."""
    return dataset.signals[row] / np.float32(1000)


def percent(hits: np.ndarray, digits: int = 1) -> str:
    """Return the share of hits (records,) with its 95 % interval, as Markdown."""
    return f"{wilson(round(float(hits.sum())), len(hits)):.{digits}%}".replace("%", " %")


def derive_limb_leads(signal: Signal) -> Signal:
    """Return `signal` with the other four limb leads computed from I and II, as every recorder does."""
    i, ii = signal[:2]
    return np.stack([i, ii, ii - i, -(i + ii) / 2, i - ii / 2, ii - i / 2, *signal[6:]])


def swap_arms(signal: Signal) -> Signal:
    """Return `signal` with the arm electrodes swapped: I is inverted, II and III, and aVR and aVL are exchanged."""
    i, ii, iii, avr, avl, avf, *chest = signal
    return np.stack([-i, iii, ii, avl, avr, avf, *chest])


INJURY = ("INJAS", "INJAL", "INJIN", "INJLA", "INJIL")
"""PTB-XL's statements of subendocardial injury."""


def noisy_or(column: Mapping[str, np.ndarray], labels: Sequence[str]) -> np.ndarray:
    """Return the probability of at least one label, if they are independent."""
    return 1 - np.prod([1 - column[label] for label in labels], axis=0)


def early_stage(table: pd.DataFrame) -> np.ndarray:
    """Return whether one of PTB-XL's two stages of infarction is I or I-II."""
    return (
        table[["infarction_stadium1", "infarction_stadium2"]].isin(["Stadium I", "Stadium I-II"]).any(axis=1).to_numpy()
    )
