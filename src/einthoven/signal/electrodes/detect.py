"""Detect exchanged electrodes: limb cables, the order of the chest electrodes, inverted leads, dextrocardia.

An exchange changes how the leads relate to each other in the P wave, the QRS complex and the T wave. `network` compares
how likely each exchange makes the median beat. An inverted limb lead contradicts the other limb leads instead.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from einthoven.arrays import Float32Array
from einthoven.recording import LEADS
from einthoven.signal.bands import Bands
from einthoven.signal.electrodes.network import INDEPENDENT, PlacementNetwork, median_beat, probability_of_any
from einthoven.signal.electrodes.values import Electrodes
from einthoven.signal.steep_places import find_beats

_LIMB = LEADS[:6]
# III - II + I, aVR + (I + II) / 2, aVL - I + II / 2, aVF - II + I / 2: 0 by Einthoven's and Goldberger's definitions
_LAWS = np.array([[1, -1, 1, 0, 0, 0], [0.5, 0.5, 0, 1, 0, 0], [-1, 0.5, 0, 0, 1, 0], [0.5, -1, 0, 0, 0, 1]])
_SQUARED_LAWS = _LAWS.T @ _LAWS
_SIGNS = np.array([np.ones(6), *(1 - 2 * np.eye(6))])  # of the limb leads: as they are, or one of them inverted
_CONTRADICTION = 0.05  # share of the limb leads' power by which they contradict each other if one is inverted


class DetectionInput(NamedTuple):
    """A signal whose electrodes may be exchanged."""

    bands: Bands
    """Frequency bands of one signal."""
    leads: Sequence[str]
    """Standard names of its rows."""
    lost: Collection[str] = ()
    """Leads that cannot be read. One limb lead may be among them, since some exchanges make it flat."""


def detect_exchange(bands: Bands, leads: Sequence[str], lost: Collection[str] = ()) -> Electrodes:
    """Detect exchanged electrodes.

    Parameters
    ----------
    bands, leads, lost
        Fields of DetectionInput.

    Returns
    -------
    Electrodes
        Result, without a probability if one of INDEPENDENT is missing or lost, or with fewer than two whole beats.
    """
    (electrodes,) = detect_exchanges([DetectionInput(bands, leads, lost)])
    return electrodes


def detect_exchanges(signals: Sequence[DetectionInput]) -> list[Electrodes]:
    """Detect exchanged electrodes in several signals, whose beats go through the network together.

    Parameters
    ----------
    signals
        Signals, each of its own recording or segment.

    Returns
    -------
    list of Electrodes
        Result of `detect_exchange` for each signal.
    """
    inputs = [_without_network(*signal) for signal in signals]
    beats = [beat for beat in inputs if not isinstance(beat, Electrodes)]
    by_network = iter(_by_network(np.array(beats)) if beats else ())
    return [known if isinstance(known, Electrodes) else next(by_network) for known in inputs]


def _without_network(bands: Bands, leads: Sequence[str], lost: Collection[str]) -> Electrodes | Float32Array:
    """The result if it is known without the network, otherwise the median beat for the network."""
    chest_lost = any(lead in lost for lead in INDEPENDENT[2:])
    if chest_lost or {"I", "II"} <= set(lost) or not set(INDEPENDENT) <= set(leads):
        return Electrodes()
    if inverted := _inverted_limb_lead(bands.ecg, leads):
        return Electrodes(f"{inverted} inverted", 1.0)
    rows = bands.ecg[[leads.index(lead) for lead in INDEPENDENT]]
    beat = median_beat(rows, find_beats(bands.common_slope))
    return Electrodes() if beat is None else beat


def _by_network(beats: Float32Array) -> Iterator[Electrodes]:
    """The network's answer for each of the beats (beats, leads, samples)."""
    network = PlacementNetwork.load()
    for log_odds in network.log_odds(beats):
        probability = float(probability_of_any(log_odds))
        suspected = network.exchanges[log_odds.argmax()] if probability >= network.threshold else None
        yield Electrodes(suspected, probability)


def _inverted_limb_lead(ecg: Float32Array, leads: Sequence[str]) -> str | None:
    """Find the limb lead that contradicts the others as recorded, and agrees with them if it is inverted."""
    if not set(_LIMB) <= set(leads):
        return None
    limb = ecg[[leads.index(lead) for lead in _LIMB]]
    products = limb @ limb.T
    contradiction = ((_SIGNS @ (_SQUARED_LAWS * products)) * _SIGNS).sum(axis=1)
    best = contradiction.argmin()
    contradictory = contradiction[0] > _CONTRADICTION * np.trace(products)
    return _LIMB[best - 1] if contradictory and contradiction[best] < 0.1 * contradiction[0] else None
