"""Are the arm electrodes swapped? Lead I is then upside down, and no longer goes with the chest leads.

Swapped arms turn I over, exchange II with III and aVR with aVL, and leave aVF and the chest leads alone. So the
correlations of I with those that stay, in the P wave, the QRS complex and the T wave of the median beat, all change
their sign and nothing else. Their weights are a logistic regression without intercept on PTB-XL's folds 1-8 and the
same records with swapped arms (`benchmarks/fit/swapped_arms.py`). The idea that I and V6 must go together: Kors and
van Herpen, Am J Cardiol 2001, 88:396; Han et al., J Electrocardiol 2014, 47:781.
"""

from collections.abc import Sequence

import numpy as np

from einthoven.arrays import Float32Array, IndexArray
from einthoven.signal.bands import RATE, median

PARTNERS = ("V1", "V2", "V3", "V4", "V5", "V6", "aVF")
"""The leads that a swap leaves alone."""
NEEDED = frozenset(("I", *PARTNERS))
"""The leads without which nothing can be said."""
WAVES = {"P": (-0.20, -0.06), "QRS": (-0.06, 0.06), "T": (0.10, 0.38)}  # s from the beat's steepest part
_BEFORE, _AFTER = round(0.20 * RATE), round(0.38 * RATE)
_EDGES = _BEFORE + np.array([[round(at * RATE) for at in wave] for wave in WAVES.values()])  # (waves, 2)
_LENGTHS = np.diff(_EDGES)[:, 0].astype(np.float32)
_FLOOR = np.float32(0.01)  # mV: what is smaller says little

WEIGHTS = np.array(
    [
        [3.19, -1.50, -0.84, -0.09, -0.63, -1.68, 0.58],
        [3.17, -0.42, -0.55, -0.21, -1.26, -1.98, 2.49],
        [1.45, -1.81, -0.53, 0.00, -0.69, -1.37, 1.60],
    ]
)
"""How much each correlation (waves, partners) speaks for swapped arms."""
THRESHOLD = 1.30
"""Sum of what they say beyond which the flag is raised: 0.2 % of PTB-XL's fold 9."""


def arms_swapped(beats: Float32Array, at: IndexArray, leads: Sequence[str]) -> bool:
    """Whether the arm electrodes may be swapped; arguments as for `correlations`.

    It is a sum over all partners, so all must have been recorded: I goes with aVF alone in most healthy people too.
    """
    return bool((WEIGHTS * correlations(beats, at, leads)).sum() > THRESHOLD)


def correlations(beats: Float32Array, at: IndexArray, leads: Sequence[str]) -> Float32Array:
    """Correlation of lead I with its PARTNERS in each of the WAVES: (waves, partners).

    `beats` (leads, samples) in mV at RATE, 0.6 to 42 Hz; `at` the samples of the heart beats; `leads` the names, among
    them those NEEDED. A tracing of fewer than two whole beats says nothing: 0 throughout.
    """
    whole = at[(at >= _BEFORE) & (at + _AFTER <= beats.shape[1])]
    if len(whole) < 2:
        return np.zeros((len(WAVES), len(PARTNERS)), np.float32)
    rows = beats[[leads.index(lead) for lead in ("I", *PARTNERS)]]
    beat = median(np.array([rows[:, k - _BEFORE : k + _AFTER] for k in whole.tolist()]))  # (leads, time)
    power, shared = _over_waves(beat * beat), _over_waves(beat[1:] * beat[0])
    found: Float32Array = shared / (np.sqrt(power[0] * power[1:]) + _LENGTHS * _FLOOR**2)
    return found.T


def _over_waves(values: Float32Array) -> Float32Array:
    """Sums (leads, waves) of `values` (leads, time)."""
    sums: Float32Array = np.add.reduceat(values, _EDGES.ravel()[:-1], axis=1)[:, ::2]  # the last wave ends at the end
    return sums
