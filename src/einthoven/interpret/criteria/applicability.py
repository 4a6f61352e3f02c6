"""Conditions under which criteria do not apply."""

from einthoven.interpret.criteria.ecg import NARROW_BELOW_MS, Ecg
from einthoven.interpret.criteria.verdicts import Verdict
from einthoven.interpret.criteria.wording import number
from einthoven.recording import Patient

ADULT_YEARS = 16.0
"""The limits of adults apply above this age (Surawicz et al. 2009, AHA/ACCF/HRS part III)."""


def limits_by_sex(patient: Patient, men: float, women: float) -> tuple[float, float]:
    """Return the limits that may apply to a patient.

    Parameters
    ----------
    patient
        Age and sex of the patient; the sex may be unknown.
    men, women
        Limit of men, and limit of women.

    Returns
    -------
    tuple of two floats
        The lower and the higher one; equal if the sex is known.
    """
    if patient.sex == "male":
        return men, men
    if patient.sex == "female":
        return women, women
    return min(men, women), max(men, women)


def abnormal_activation(ecg: Ecg) -> str | None:
    """Return the reason why the ventricles are, or may be, activated abnormally, which changes QRS, ST and T.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    str or None
        A noun; None for normal activation or a right bundle branch block.
    """
    context = ecg.context
    if context.paced:
        return "ventricular pacing"
    if context.lbbb:
        return "left bundle branch block"
    if context.preexcitation:
        return "pre-excitation"
    qrs_ms = ecg.measurements.qrs_ms
    if (qrs_ms is None or qrs_ms >= NARROW_BELOW_MS) and (context.paced is None or context.lbbb is None):
        if qrs_ms is None:
            return "an unknown QRS duration"
        return f"a QRS of {number(qrs_ms)} ms while pacing or left bundle branch block is not excluded"
    return None


def ischemia_confounder(ecg: Ecg) -> str | None:
    """Return the reason why the limits of the Universal Definition do not apply (Tables 2 and 3: no LVH, no LBBB).

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    str or None
        A noun; None if the limits apply.
    """
    return abnormal_activation(ecg) or ("left ventricular hypertrophy" if ecg.context.lvh else None)


def conducts_abnormally(ecg: Ecg) -> Verdict:
    """Return whether the ventricles are activated by a left bundle branch block or by pacing.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    bool or None
        None if it is unknown.
    """
    context = ecg.context
    if context.lbbb or context.paced:
        return True
    return None if context.lbbb is None or context.paced is None else False
