"""Low voltage of the QRS complex."""

from collections.abc import Iterable

from einthoven.interpret.criteria.criterion import Criterion, Quantity
from einthoven.interpret.criteria.ecg import CHEST_LEADS, Ecg, peak_to_peak_mv
from einthoven.interpret.criteria.verdicts import below
from einthoven.interpret.criteria.wording import number, verdict_and_reason

_LIMB_MV, _CHEST_MV = 0.5, 1.0  # less, in all leads (Eisenberg et al. 1996)
_LIMB_LEADS = ("I", "II", "III", "aVR", "aVL", "aVF")


def low_limb_voltage(ecg: Ecg) -> Criterion:
    """Evaluate a QRS complex below 0.5 mV, peak to peak, in all limb leads.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        The quantity is the largest QRS complex.
    """
    return _low_voltage(ecg, "LOWV-LIMB", "low QRS voltage in the limb leads", _LIMB_LEADS, _LIMB_MV)


def low_chest_voltage(ecg: Ecg) -> Criterion:
    """Evaluate a QRS complex below 1 mV, peak to peak, in all chest leads.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        The quantity is the largest QRS complex.
    """
    return _low_voltage(ecg, "LOWV-CHEST", "low QRS voltage in the chest leads", CHEST_LEADS, _CHEST_MV)


def _low_voltage(ecg: Ecg, code: str, name: str, leads: tuple[str, ...], limit: float) -> Criterion:
    heights = {lead: peak_to_peak_mv(ecg.lead(lead)) for lead in leads}
    measured = [height for height in heights.values() if height is not None]
    largest = max(measured, default=0.0)
    met = below(largest, limit) if len(measured) == len(leads) or largest >= limit else None
    met, reason = verdict_and_reason(
        met,
        None,
        yes=f"Largest QRS complex {number(largest)} mV peak to peak, below {number(limit)} mV.",
        no=f"Largest QRS complex {number(largest)} mV peak to peak, not below {number(limit)} mV.",
        needed=heights,
    )
    return Criterion(
        code=code,
        name=name,
        met=met,
        leads={},
        reason=reason,
        source="Eisenberg et al. 1996, Chest 110:318",
        family="hypertrophy",
        quantity=Quantity(round(largest, 3), limit, "mV") if measured else None,
    )


def low_voltage_throughout(criteria: Iterable[Criterion]) -> bool:
    """Return whether the voltage is low in limb and chest leads, as if the gain were too low.

    Parameters
    ----------
    criteria
        Criteria of an ECG.

    Returns
    -------
    bool
        True if limits in mV may be too high for the ECG.
    """
    return {"LOWV-LIMB", "LOWV-CHEST"} <= {criterion.code for criterion in criteria if criterion.met}
