"""Atrial enlargement."""

from einthoven.interpret.criteria.criterion import Criterion, LeadValue, Quantity
from einthoven.interpret.criteria.ecg import Ecg
from einthoven.interpret.criteria.sources import PART_5
from einthoven.interpret.criteria.verdicts import above, any_of, beyond
from einthoven.interpret.criteria.wording import measured, number, verdict_and_reason

_P_MS = 120.0  # PART_5, of single leads
_P_ALL_LEADS_MS = 140.0
"""From the first onset to the last end in any lead: 98 % of PTB-XL's normal ECGs (folds 1-8) are shorter."""
_P_II_MV, _P_V1_MV = 0.25, 0.15  # more (PART_5)


def left_atrium(ecg: Ecg) -> Criterion:
    """Evaluate a P wave of at least 120 ms. Its terminal force in V1 and its notches are not measured.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        The quantity is the P duration over all leads. It can be longer than in any lead: None from 120 to 139 ms.
    """
    p_ms = ecg.measurements.p_ms
    shown = number(p_ms or 0)
    met = beyond(p_ms, _P_MS, _P_ALL_LEADS_MS)
    if p_ms is not None and met is None:
        reason = f"P wave of {shown} ms over all leads: {number(_P_MS)} ms is the limit of a single lead."
    else:
        met, reason = verdict_and_reason(
            met,
            None,
            yes=f"P wave of {shown} ms over all leads, at least {number(_P_ALL_LEADS_MS)} ms.",
            no=f"P wave of {shown} ms, below {number(_P_MS)} ms.",
            needed={"P duration": p_ms},
        )
    return Criterion(
        code="LAE-P-DURATION",
        name="P wave of 120 ms or more (left atrial enlargement)",
        met=met,
        leads={},
        reason=reason,
        source=PART_5,
        family="hypertrophy",
        quantity=None if p_ms is None else Quantity(p_ms, _P_ALL_LEADS_MS if met else _P_MS, "ms"),
    )


def right_atrium(ecg: Ecg) -> Criterion:
    """Evaluate a P wave above 0.25 mV in II or above 0.15 mV in V1.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        Met if one of the two limits is exceeded.
    """
    limits = {"II": _P_II_MV, "V1": _P_V1_MV}
    reached = {name: above(ecg.lead(name).p_mv, limit) for name, limit in limits.items()}
    values = {name: value for name in limits if reached[name] and (value := ecg.lead(name).p_mv) is not None}
    met, reason = verdict_and_reason(
        any_of(reached.values()),
        None,
        yes=f"P wave in {measured(values)}.",
        no=f"P wave not above {number(_P_II_MV)} mV in II and not above {number(_P_V1_MV)} mV in V1.",
        needed={f"P in {name}": holds for name, holds in reached.items()},
    )
    return Criterion(
        code="RAE-P-AMPLITUDE",
        name="right atrial enlargement: P amplitude",
        met=met,
        leads={name: LeadValue(value, limits[name]) for name, value in values.items()},
        reason=reason,
        source=PART_5,
        family="hypertrophy",
    )
