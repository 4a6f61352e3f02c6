"""The network that compares the likelihood of a median beat under each exchange and with correct electrodes.

`placement.onnx` maps median beats to log-likelihood ratios; `placement.json` describes input, output, threshold and
training. benchmarks/fit/electrodes.py writes both. docs/explanation/electrodes.md has the figures.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from einthoven.arrays import Float32Array, Float64Array, IndexArray
from einthoven.onnx_session import load_session
from einthoven.signal.bands import RATE
from einthoven.signal.electrodes.values import PRIOR
from einthoven.signal.medians import median

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

INDEPENDENT = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
"""The leads of the network's input; the others follow from I and II."""
BEFORE, AFTER = round(0.32 * RATE), round(0.48 * RATE)
"""Samples of a median beat before and from its steepest part."""
INPUT, OUTPUT = "beats", "log_odds"
"""Names of the network's only input and output."""
MODEL, CARD = (Path(__file__).with_name(name) for name in ("placement.onnx", "placement.json"))


@dataclass(frozen=True)
class PlacementNetwork:
    """A trained network, and the threshold of its answer."""

    exchanges: tuple[str, ...]
    """Names of the exchanges, in the order of the output."""
    threshold: float
    """Probability of any exchange from which one is suspected."""
    session: "InferenceSession"

    @classmethod
    @cache
    def load(cls) -> Self:
        """Load the package's network.

        Returns
        -------
        PlacementNetwork
            The shared instance, loaded once; safe to use from several threads.
        """
        card = json.loads(CARD.read_text("utf-8"))
        return cls(tuple(card["exchanges"]), card["threshold"], load_session(MODEL.read_bytes(), MODEL))

    def log_odds(self, beats: Float32Array) -> Float64Array:
        """Compute the log-likelihood of a beat under each exchange, relative to correctly placed electrodes.

        Parameters
        ----------
        beats
            Median beats from `median_beat`, shape (beats, INDEPENDENT, BEFORE + AFTER) in mV.

        Returns
        -------
        Float64Array
            Natural logarithms of likelihood ratios, shape (beats, exchanges).
        """
        (log_odds,) = self.session.run([OUTPUT], {INPUT: beats})
        return np.asarray(log_odds, np.float64)


def median_beat(ecg: Float32Array, beats: IndexArray) -> Float32Array | None:
    """Compute the network's input.

    Parameters
    ----------
    ecg
        Rows of `Bands.ecg` for INDEPENDENT, shape (leads, samples).
    beats
        Samples of the heartbeats' steepest parts.

    Returns
    -------
    Float32Array or None
        Median beat of shape (leads, BEFORE + AFTER); None with fewer than two whole beats.
    """
    whole = beats[(beats >= BEFORE) & (beats + AFTER <= ecg.shape[1])]
    if len(whole) < 2:
        return None
    return median(np.array([ecg[:, beat - BEFORE : beat + AFTER] for beat in whole.tolist()]))


def probability_of_any(log_odds: Float64Array) -> Float64Array:
    """Compute the probability of any exchange.

    Parameters
    ----------
    log_odds
        Output of `PlacementNetwork.log_odds`, shape (..., exchanges).

    Returns
    -------
    Float64Array
        Probability at PRIOR, which all exchanges share equally, shape (...).
    """
    prior = np.log(PRIOR / (1 - PRIOR) / log_odds.shape[-1])
    probability: Float64Array = 1 / (1 + np.exp(-np.logaddexp.reduce(log_odds + prior, axis=-1)))
    return probability
