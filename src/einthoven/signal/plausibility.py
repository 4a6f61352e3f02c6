"""Whether amplitudes can be those of the heart: leads scaled separately, limb leads that contradict each other, scale.

Files of every format state how many mV a stored unit is, and some state it wrongly. A scale that contradicts itself, or
is far from that of all other ECGs, is reported, and no conclusion is drawn from amplitudes.
benchmarks/accuracy/plausibility.py has the figures.
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
"""Short description of each implausible property by its warning code, as a reason for a conclusion."""

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
        Frequency bands of one signal.
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
    rest, second, difference = limb_scales(bands, leads)
    return rest <= _OBEYS and second >= _PLANE and difference > _OTHER_SCALE


def limb_scales(bands: Bands, leads: Sequence[str]) -> tuple[float, float, float]:
    """Compute the scales with which I, II and III best obey Einthoven's law.

    Parameters
    ----------
    bands
        Frequency bands of one signal.
    leads
        Standard names of its rows, I, II and III among them.

    Returns
    -------
    rest : float
        Share of the power of the three that is left in their weakest direction, which holds the scales.
    second : float
        Share of it in their second direction.
    difference : float
        Largest difference between the logs of two scales; 0 if their signs differ, as with an inverted lead.
    """
    waves = bands.ecg[[leads.index(lead) for lead in _LIMB]].astype(np.float64)
    power, directions = np.linalg.eigh(waves @ waves.T)
    factors = directions[:, 0] / _LAW
    alike = (factors > 0).all() or (factors < 0).all()
    shares = power[:2] / max(float(power.sum()), 1e-12)
    return float(shares[0]), float(shares[1]), float(np.ptp(np.log(np.abs(factors)))) if alike else 0.0


def implausible(score: Outlier, *, scaled: bool) -> tuple[WarningCode, str] | None:
    """Return the first implausible property of the amplitudes of a signal.

    Parameters
    ----------
    score
        Outlier scores of the signal.
    scaled
        Result of `scaled_separately` for the signal.

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
