"""Atrial enlargement."""

from einthoven.interpret.criteria.criterion import Criterion, LeadValue, Quantity
from einthoven.interpret.criteria.ecg import Ecg
from einthoven.interpret.criteria.sources import PART_5
from einthoven.interpret.criteria.verdicts import above, any_of, at_least
from einthoven.interpret.criteria.wording import conclude, measured, number

_P_MS = 120.0  # PART_5
_P_II_MV, _P_V1_MV = 0.25, 0.15  # more (PART_5)


def left_atrium(ecg: Ecg) -> Criterion:
    """Evaluate a P wave of at least 120 ms. The terminal force in V1 is not measured.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        The quantity is the P duration.
    """
    p_ms = ecg.measurements.p_ms
    met, reason = conclude(
        at_least(p_ms, _P_MS),
        None,
        yes=f"P wave of {number(p_ms or 0)} ms, at least {number(_P_MS)} ms.",
        no=f"P wave of {number(p_ms or 0)} ms, below {number(_P_MS)} ms.",
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
        quantity=None if p_ms is None else Quantity(p_ms, _P_MS, "ms"),
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
        Met with one of them.
    """
    limits = {"II": _P_II_MV, "V1": _P_V1_MV}
    reached = {name: above(ecg.lead(name).p_mv, limit) for name, limit in limits.items()}
    values = {name: value for name in limits if reached[name] and (value := ecg.lead(name).p_mv) is not None}
    met, reason = conclude(
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
