"""Whether amplitudes can be those of the heart: leads scaled separately, limb leads that contradict each other, scale.

Files of every format state how many mV a stored unit is, and some state it wrongly. What contradicts itself, or is far
from all other ECGs, is said, and nothing that rests on amplitudes is told from it. benchmarks/accuracy/plausibility.py
has the figures.
"""

from collections.abc import Collection, Sequence

import numpy as np

from einthoven.recording import WarningCode
from einthoven.signal.bands import Bands
from einthoven.signal.outlier import Outlier

CONTRADICTION = 0.4
"""Share of the limb leads' root mean square by which one differs from what I and II give; 8 of PTB-XL's 19,601 ECGs."""
LARGE, SMALL = 3.6, 0.35
"""Common factor of all leads beyond which the scale is doubted; 6 and 4 of PTB-XL's 19,601 ECGs in folds 1-9."""
UNUSABLE = "amplitudes, ST and voltage criteria are not to be used"
NO_AXIS = ("leads-scaled-separately", "limb-leads-contradict")
"""Codes of what makes the frontal axes unknown."""

SHORT: dict[WarningCode, str] = {
    "leads-scaled-separately": "leads scaled separately",
    "limb-leads-contradict": "limb leads contradict each other",
    "amplitude-unusual": "amplitudes may be scaled wrongly",
}
"""What is implausible, by the code of its warning, as a reason for a conclusion."""

_LIMB = ("I", "II", "III")
_LAW = np.array([1.0, -1.0, 1.0])  # I - II + III is 0 (Einthoven)
_OTHER_SCALE = 0.05  # log of the ratio of two leads' scales; PTB-XL's ECGs that obey such a law have 0.01
_OBEYS = 0.005  # share of the limb leads' power that is left if they obey a law, whatever its factors
_PLANE = 0.005  # share of it in their second component; with less, the three leads hold one wave


def scaled_separately(bands: Bands, leads: Sequence[str], excluded: Collection[str] = ()) -> bool:
    """Return whether I, II and III obey Einthoven's law only if each is multiplied by a factor of its own.

    Parameters
    ----------
    bands
        Of one signal.
    leads
        Standard names of its rows.
    excluded
        Leads that are off, or were computed from others.

    Returns
    -------
    bool
        False also if one of the three is missing or excluded.
    """
    if not set(_LIMB) <= set(leads) - set(excluded):
        return False
    waves = bands.ecg[[leads.index(lead) for lead in _LIMB]].astype(np.float64)
    power, directions = np.linalg.eigh(waves @ waves.T)
    if power[0] > _OBEYS * power.sum() or power[1] < _PLANE * power.sum():
        return False
    factors = directions[:, 0] / _LAW
    if not (factors > 0).all() and not (factors < 0).all():  # an inverted lead, not another scale
        return False
    return bool(np.ptp(np.log(np.abs(factors))) > _OTHER_SCALE)


def implausible(score: Outlier, *, scaled: bool) -> tuple[WarningCode, str] | None:
    """Return what is implausible about the amplitudes of a signal.

    Parameters
    ----------
    score
        Of the signal.
    scaled
        Of `scaled_separately`.

    Returns
    -------
    tuple of str, or None
        The code of a warning, one of SHORT, and a clause; None for plausible amplitudes.
    """
    if scaled:
        return "leads-scaled-separately", f"the leads are scaled separately; {UNUSABLE}"
    if score.contradiction > CONTRADICTION:
        share = f"{100 * score.contradiction:.0f} %"
        return "limb-leads-contradict", f"the limb leads contradict each other by {share} of their size; {UNUSABLE}"
    if not SMALL <= score.factor <= LARGE:
        how = f"the waves are {score.factor:.2g} times as large as usual in an ECG"
        return "amplitude-unusual", f"{how}: the unit or the scale may be wrong; {UNUSABLE}"
    return None
