"""Simulate exchanged electrodes: an ECG as a recorder would have stored it with other cable connections.

Every lead is a difference of potentials, so an exchange is a matrix on the eight independent leads, exact by the
definitions of Einthoven, Goldberger and Wilson. Two approximations: both legs have the same potential, and a mirrored
heart is the dipole of Dower, Machado and Osborne (Clin Cardiol 1980, 3:87), mirrored, plus the part that no dipole
explains.
"""

import numpy as np

from einthoven.arrays import Float32Array, Float64Array
from einthoven.recording import LEADS
from einthoven.simulate.heart import DOWER

INDEPENDENT = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
"""The leads that the matrices act on; III and the augmented leads follow from I and II."""

# The potentials of RA, LA, LL (against RA) and of V1-V6 as combinations of the independent leads
_RA, _LA, _LL = np.zeros(8), np.eye(8)[0], np.eye(8)[1]
_TERMINAL = (_RA + _LA + _LL) / 3
_CHEST = [_TERMINAL + row for row in np.eye(8)[2:]]
_WITHOUT_DIPOLE = np.eye(8) - DOWER @ np.linalg.pinv(DOWER)


def _connected(ra: Float64Array, la: Float64Array, ll: Float64Array, order: str = "123456") -> Float64Array:
    """The leads if the limb cables measure these potentials and the chest cables those of the electrodes in `order`."""
    terminal = (ra + la + ll) / 3
    return np.array([la - ra, ll - ra, *(_CHEST[int(electrode) - 1] - terminal for electrode in order)])


def _chest(order: str) -> Float64Array:
    return _connected(_RA, _LA, _LL, order)


def _inverted(lead: int) -> Float64Array:
    return np.diag([-1.0 if row == lead else 1.0 for row in range(8)])


def _mirrored() -> Float64Array:
    dipole = DOWER @ np.diag([-1.0, 1.0, 1.0]) @ np.linalg.pinv(DOWER)
    matrix: Float64Array = dipole + _connected(_LA, _RA, _LL, "213456") @ _WITHOUT_DIPOLE
    return matrix


EXCHANGES: dict[str, Float64Array] = {
    "RA/LA": _connected(_LA, _RA, _LL),
    "RA/LL": _connected(_LL, _LA, _RA),
    "LA/LL": _connected(_RA, _LL, _LA),
    "RL/RA": _connected(_LL, _LA, _LL),
    "RL/LA": _connected(_RA, _LL, _LL),
    "arms/legs": _connected(_LL, _LL, _LA),
    "V1/V2": _chest("213456"),
    "V1/V3": _chest("321456"),
    "V2/V3": _chest("132456"),
    "V3/V4": _chest("124356"),
    "V4/V5": _chest("123546"),
    "V5/V6": _chest("123465"),
    "V1-V6 reversed": _chest("654321"),
    "dextrocardia": _mirrored(),
    "RA/LA, V1-V6 reversed": _connected(_LA, _RA, _LL, "654321"),
    **{f"{INDEPENDENT[row]} inverted": _inverted(row) for row in range(2, 8)},
    "all inverted": -np.eye(8),
}
"""The matrix (8, 8) of each exchange. "arms/legs": both arm cables at the legs and the leg cables at the arms."""


SUSPECTED_AS = {"RA/LA, V1-V6 reversed": "dextrocardia"}
"""Name of the detector for an exchange, if it differs: a mirrored heart is likelier than two mistakes."""


def exchange(signal: Float32Array, name: str) -> Float32Array:
    """Simulate an exchange of electrodes.

    Parameters
    ----------
    signal
        Signal of shape (12, samples), leads in standard order.
    name
        Name of the exchange: one of EXCHANGES.

    Returns
    -------
    Float32Array
        Signal of shape (12, samples), III and the augmented leads computed from I and II, as recorders do.
    """
    leads = EXCHANGES[name].astype(np.float32) @ signal[[LEADS.index(lead) for lead in INDEPENDENT]]
    i, ii = leads[:2]
    limb = np.stack([i, ii, ii - i, -(i + ii) / 2, i - ii / 2, ii - i / 2])
    return np.concatenate([limb, leads[2:]])
