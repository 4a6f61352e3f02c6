"""Depression and slope of the ST segment."""

from einthoven.interpret.criteria.ecg import Ecg
from einthoven.interpret.criteria.verdicts import Verdict, all_of, at_most, negate

DEPRESSION_MV = -0.05
"""Limit of ST depression (UDMI4, Table 2), also in V1 to V3 and opposite to an elevation."""

_HORIZONTAL_MV = 0.02  # ours: 0.2 mm on paper, less than a reader sees


def is_depressed(ecg: Ecg, name: str) -> Verdict:
    """Return whether the ST segment is depressed and horizontal or downsloping.

    Parameters
    ----------
    ecg
        The ECG.
    name
        A chest or frontal lead, -aVR for aVR.

    Returns
    -------
    bool or None
        True with a depression at J and 80 ms later, and no rise between them.
    """
    j_mv = ecg.st_mv[name]
    if j_mv is None or j_mv > DEPRESSION_MV:
        return at_most(j_mv, DEPRESSION_MV)
    return all_of(at_most(_late_mv(ecg, name), DEPRESSION_MV), negate(rises(ecg, name)))


def rises(ecg: Ecg, name: str) -> Verdict:
    """Return whether the ST segment is upsloping.

    Parameters
    ----------
    ecg
        The ECG.
    name
        A chest or frontal lead, -aVR for aVR.

    Returns
    -------
    bool or None
        Whether ST rises from J to 80 ms later.
    """
    j_mv, late_mv = ecg.st_mv[name], _late_mv(ecg, name)
    return None if j_mv is None or late_mv is None else round(late_mv - j_mv, 3) > _HORIZONTAL_MV


def _late_mv(ecg: Ecg, name: str) -> float | None:
    late_mv = ecg.lead(name.removeprefix("-")).st_j80_mv
    return None if late_mv is None else -late_mv if name == "-aVR" else late_mv
