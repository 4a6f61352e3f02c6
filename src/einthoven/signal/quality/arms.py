"""Detect swapped arm electrodes: lead I is then upside down, and no longer agrees with the chest leads.

Swapped arms invert I, exchange II with III and aVR with aVL, and do not affect aVF and the chest leads. In the median
beat, the correlations of I with aVF and the chest leads within the P wave, the QRS complex and the T wave therefore
change their sign, and nothing else changes. Their weights are a logistic regression without intercept on PTB-XL's folds
1-8 and the same records with swapped arms (benchmarks/fit/swapped_arms.py). The idea that I and V6 must agree: Kors and
van Herpen, Am J Cardiol 2001, 88:396; Han et al., J Electrocardiol 2014, 47:781.
"""

from collections.abc import Sequence

import numpy as np

from einthoven.arrays import Float32Array, IndexArray
from einthoven.signal.bands import RATE, median

PARTNERS = ("V1", "V2", "V3", "V4", "V5", "V6", "aVF")
"""The leads that a swap does not affect."""
NEEDED = frozenset(("I", *PARTNERS))
"""The leads without which a swap cannot be detected."""
WAVES = {"P": (-0.20, -0.06), "QRS": (-0.06, 0.06), "T": (0.10, 0.38)}  # s from the beat's steepest part
_BEFORE, _AFTER = round(0.20 * RATE), round(0.38 * RATE)
_EDGES = _BEFORE + np.array([[round(at * RATE) for at in wave] for wave in WAVES.values()])  # (waves, 2)
_LENGTHS = np.diff(_EDGES)[:, 0].astype(np.float32)
_FLOOR = np.float32(0.01)  # mV: smaller waves count little

WEIGHTS = np.array(
    [
        [3.19, -1.50, -0.84, -0.09, -0.63, -1.68, 0.58],
        [3.17, -0.42, -0.55, -0.21, -1.26, -1.98, 2.49],
        [1.45, -1.81, -0.53, 0.00, -0.69, -1.37, 1.60],
    ]
)
"""The weight of each correlation (waves, partners); positive ones indicate swapped arms."""
THRESHOLD = 1.30
"""Sum of the weighted correlations beyond which arms count as swapped: 0.2 % of PTB-XL's fold 9."""


def arms_swapped(ecg: Float32Array, beats: IndexArray, leads: Sequence[str]) -> bool:
    """Return whether the arm electrodes may be swapped.

    All partners must have been recorded, because in most healthy people I agrees with aVF alone, too.

    Parameters
    ----------
    ecg
        `Bands.ecg`, shape (leads, samples).
    beats
        Samples of the heartbeats.
    leads
        Standard names of the rows, among them those NEEDED.

    Returns
    -------
    bool
        False also if there are fewer than two whole beats.
    """
    return bool((WEIGHTS * correlations(ecg, beats, leads)).sum() > THRESHOLD)


def correlations(ecg: Float32Array, beats: IndexArray, leads: Sequence[str]) -> Float32Array:
    """Compute the correlation of lead I with its PARTNERS in each of the WAVES.

    Parameters
    ----------
    ecg
        `Bands.ecg`, shape (leads, samples).
    beats
        Samples of the heartbeats.
    leads
        Standard names of the rows, among them those NEEDED.

    Returns
    -------
    Float32Array
        Shape (waves, partners); 0 if there are fewer than two whole beats.
    """
    whole = beats[(beats >= _BEFORE) & (beats + _AFTER <= ecg.shape[1])]
    if len(whole) < 2:
        return np.zeros((len(WAVES), len(PARTNERS)), np.float32)
    rows = ecg[[leads.index(lead) for lead in ("I", *PARTNERS)]]
    beat = median(np.array([rows[:, k - _BEFORE : k + _AFTER] for k in whole.tolist()]))  # (leads, time)
    power, shared = _wave_sums(beat * beat), _wave_sums(beat[1:] * beat[0])
    correlation: Float32Array = shared / (np.sqrt(power[0] * power[1:]) + _LENGTHS * _FLOOR**2)
    return correlation.T


def _wave_sums(values: Float32Array) -> Float32Array:
    """Sums (leads, waves) of `values` (leads, time)."""
    sums: Float32Array = np.add.reduceat(values, _EDGES.ravel()[:-1], axis=1)[:, ::2]  # the last wave ends at the end
    return sums
