"""Detect exchanged electrodes: limb cables, the order of the chest electrodes, inverted leads, dextrocardia.

An exchange changes how the leads relate to each other in the P wave, the QRS complex and the T wave. Features of the
median beat describe that, and a network with one hidden layer turns them into the probability of each exchange. It
learned from PTB-XL's folds 1-8 as they are and with simulated exchanges (benchmarks/fit/electrodes.py). Features of
this kind: Kors and van Herpen, Am J Cardiol 2001, 88:396 (lead reconstruction); Han et al., J Electrocardiol 2014,
47:781 (P wave and QRS morphology). docs/explanation/electrodes.md has the figures.
"""

from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from einthoven.arrays import Float32Array, Float64Array, IndexArray
from einthoven.recording import LEADS
from einthoven.signal.bands import RATE, Bands, median
from einthoven.signal.electrodes.values import PRIOR, Electrodes
from einthoven.signal.heart_rate import find_beats

INDEPENDENT = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
"""The leads without which an exchange cannot be detected; the others follow from I and II."""
PARAMETERS = Path(__file__).with_name("exchanges.npz")

_BEFORE, _AFTER = round(0.24 * RATE), round(0.40 * RATE)
_WAVES = ((-0.20, -0.06), (-0.06, 0.06), (0.10, 0.38))  # s from the beat's steepest part: P, QRS, T
_SPANS = [slice(_BEFORE + round(start * RATE), _BEFORE + round(end * RATE)) for start, end in _WAVES]
# Bounds of the windows, in samples, whose means describe a lead's shape: short in the QRS complex
_WINDOWS = np.array([*range(0, 17, 4), *range(18, 28), *range(28, 35, 2), *range(38, 63, 4), _BEFORE + _AFTER])
_PAIRS = np.triu_indices(len(INDEPENDENT) + 1, 1)
_LIMB = LEADS[:6]
# III - II + I, aVR + (I + II) / 2, aVL - I + II / 2, aVF - II + I / 2: 0 by Einthoven's and Goldberger's definitions
_LAWS = np.array([[1, -1, 1, 0, 0, 0], [0.5, 0.5, 0, 1, 0, 0], [-1, 0.5, 0, 0, 1, 0], [0.5, -1, 0, 0, 0, 1]])
_SQUARED_LAWS = _LAWS.T @ _LAWS
_SIGNS = np.array([np.ones(6), *(1 - 2 * np.eye(6))])  # of the limb leads: as they are, or one of them inverted
_CONTRADICTION = 0.05  # share of the limb leads' power by which they contradict each other if one is inverted
_FLOOR_MV = np.float32(0.01)  # root mean square below which a wave counts little


def detect_exchange(bands: Bands, leads: Sequence[str], lost: Collection[str] = ()) -> Electrodes:
    """Detect exchanged electrodes.

    Parameters
    ----------
    bands
        Of one signal.
    leads
        Standard names of its rows.
    lost
        Leads that cannot be read. One limb lead may be among them, since some exchanges make it flat.

    Returns
    -------
    Electrodes
        Without a probability if one of INDEPENDENT is missing or lost, or with fewer than two whole beats.
    """
    chest_lost = any(lead in lost for lead in INDEPENDENT[2:])
    if chest_lost or {"I", "II"} <= set(lost) or not set(INDEPENDENT) <= set(leads):
        return Electrodes()
    if inverted := inverted_limb_lead(bands.ecg, leads):
        return Electrodes(f"{inverted} inverted", 1.0)
    rows = bands.ecg[[leads.index(lead) for lead in INDEPENDENT]]
    beat = median_beat(rows, find_beats(bands.common_slope))
    if beat is None:
        return Electrodes()
    network = _parameters()
    odds = log_odds(features(beat[None]), network)[0]
    probability = float(probability_of_any(odds))
    suspected = str(network["names"][odds.argmax()]) if probability >= network["threshold"] else None
    return Electrodes(suspected, probability)


def inverted_limb_lead(ecg: Float32Array, leads: Sequence[str]) -> str | None:
    """Find the limb lead that contradicts the others as recorded, and agrees with them if it is inverted.

    Parameters
    ----------
    ecg
        `Bands.ecg`, shape (leads, samples).
    leads
        Standard names of its rows.

    Returns
    -------
    str or None
        None also if a limb lead is missing.
    """
    if not set(_LIMB) <= set(leads):
        return None
    limb = ecg[[leads.index(lead) for lead in _LIMB]]
    products = limb @ limb.T
    contradiction = ((_SIGNS @ (_SQUARED_LAWS * products)) * _SIGNS).sum(axis=1)
    best = contradiction.argmin()
    contradictory = contradiction[0] > _CONTRADICTION * np.trace(products)
    return _LIMB[best - 1] if contradictory and contradiction[best] < 0.1 * contradiction[0] else None


def median_beat(ecg: Float32Array, beats: IndexArray) -> Float32Array | None:
    """Compute the median beat.

    Parameters
    ----------
    ecg
        Rows of `Bands.ecg`, shape (leads, samples).
    beats
        Samples of the heartbeats.

    Returns
    -------
    Float32Array or None
        Shape (leads, samples), .24 s before to .40 s after the steepest part; None with fewer than two whole beats.
    """
    whole = beats[(beats >= _BEFORE) & (beats + _AFTER <= ecg.shape[1])]
    if len(whole) < 2:
        return None
    return median(np.array([ecg[:, beat - _BEFORE : beat + _AFTER] for beat in whole.tolist()]))


def features(beats: Float32Array) -> Float32Array:
    """Compute the features of median beats.

    Parameters
    ----------
    beats
        Shape (beats, INDEPENDENT, samples), of `median_beat`.

    Returns
    -------
    Float32Array
        Shape (beats, features): the shape of I, II, III and V1-V6 in windows, and in the P wave, the QRS complex and
        the T wave the correlation of each pair of leads and the logarithm of each lead's root mean square.
    """
    leads = np.concatenate([beats[:, :2], beats[:, 1:2] - beats[:, :1], beats[:, 2:]], axis=1)
    scale = np.sqrt(np.square(leads).mean(axis=(1, 2), keepdims=True)) + np.float32(1e-3)
    shape = np.add.reduceat(leads / scale, _WINDOWS[:-1], axis=2) / np.diff(_WINDOWS).astype(np.float32)
    parts = [np.arcsinh(3 * shape).reshape(len(beats), -1)]
    for span in _SPANS:
        wave = leads[:, :, span]
        products = wave @ wave.transpose(0, 2, 1) / np.float32(wave.shape[2])
        power = np.einsum("bll->bl", products)
        usual = np.sqrt(power[:, :, None] * power[:, None, :]) + _FLOOR_MV**2
        parts += [(products / usual)[:, _PAIRS[0], _PAIRS[1]], np.log(power + _FLOOR_MV**2) / 2]
    return np.concatenate(parts, axis=1)


def log_odds(values: Float32Array, network: dict[str, Any]) -> Float64Array:
    """Compute how much more likely each exchange makes an ECG than electrodes in their places.

    Parameters
    ----------
    values
        Shape (beats, features).
    network
        Parameters by name, as in PARAMETERS.

    Returns
    -------
    Float64Array
        Shape (beats, exchanges): the logarithms of likelihood ratios.
    """
    standard = (values - network["center"]) / network["spread"]
    hidden = np.maximum(standard @ network["hidden"] + network["hidden_bias"], 0)
    odds: Float64Array = (hidden @ network["output"] + network["output_bias"]).astype(np.float64)
    return odds


def probability_of_any(odds: Float64Array) -> Float64Array:
    """Compute the probability of any exchange.

    Parameters
    ----------
    odds
        Shape (..., exchanges), of `log_odds`.

    Returns
    -------
    Float64Array
        Shape (...): at PRIOR, which all exchanges share equally.
    """
    prior = np.log(PRIOR / (1 - PRIOR) / odds.shape[-1])
    probability: Float64Array = 1 / (1 + np.exp(-np.logaddexp.reduce(odds + prior, axis=-1)))
    return probability


@cache
def _parameters() -> dict[str, Any]:
    with np.load(PARAMETERS) as file:
        return {name: file[name].astype(np.float32) if file[name].dtype.kind == "f" else file[name] for name in file}
