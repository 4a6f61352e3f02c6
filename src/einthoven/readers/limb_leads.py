"""Limb leads that follow from two others, by Einthoven's law and Goldberger's definitions."""

import numpy as np

from einthoven.arrays import Float32Array
from einthoven.recording import LEADS, LIMB_LEAD_WEIGHTS, RecordingWarning

_ROUNDING = 0.03
"""Standard deviation in mV by which a limb lead may differ from what I and II give, by rounding."""


def derive_limb_leads(
    names: tuple[str, ...], signal: Float32Array, warnings: list[RecordingWarning]
) -> tuple[tuple[str, ...], Float32Array, tuple[str, ...]]:
    """Add the limb leads that follow from two of I, II and III.

    Parameters
    ----------
    names
        Rows of `signal`.
    signal
        Signal of shape (leads, samples) in mV.
    warnings
        Gets a warning if stored limb leads contradict I and II.

    Returns
    -------
    names : tuple of str
        Names of the leads, in standard order.
    signal : Float32Array
        Signal of shape (leads, samples) in mV.
    derived : tuple of str
        The names that were added.
    """
    leads = dict(zip(names, signal, strict=True))
    if {"I", "III"} <= leads.keys() and "II" not in leads:
        leads["II"] = leads["I"] + leads["III"]
    elif {"II", "III"} <= leads.keys() and "I" not in leads:
        leads["I"] = leads["II"] - leads["III"]
    if not {"I", "II"} <= leads.keys():
        return names, signal, ()
    broken = []
    for name, (of_i, of_ii) in LIMB_LEAD_WEIGHTS.items():
        expected = of_i * leads["I"] + of_ii * leads["II"]
        if name in names and _differ(leads[name], expected):
            broken.append(name)
        leads.setdefault(name, expected)
    if broken:
        text = f"The limb leads contradict each other (Einthoven's law): {', '.join(broken)} is not what I and II give."
        warnings.append(RecordingWarning("limb-leads-contradict", text))
    derived = tuple(name for name in LEADS if name in leads and name not in names)
    if derived:
        others = [name for name in names if name not in LEADS]
        names = (*[name for name in LEADS if name in leads], *others)
        signal = np.stack([leads[name] for name in names])
    return names, signal, derived


def _differ(stored: Float32Array, expected: Float32Array) -> bool:
    """Return whether two waves (samples,) differ by more than rounding, filters and offsets explain."""
    difference = stored - expected
    if np.ptp(difference) <= 2 * _ROUNDING:  # a standard deviation is half the range at most
        return False
    present = np.isfinite(difference)
    if not present.any():
        return False
    spread, *own = (float(np.std(wave[present])) for wave in (difference, stored, expected))
    return spread > max(_ROUNDING, *(0.2 * size for size in own))
