"""Pathological Q waves and their equivalent: the Fourth Universal Definition of MI, prior infarct."""

from einthoven.interpret.criteria.applicability import ischemia_confounder
from einthoven.interpret.criteria.criterion import Criterion, LeadTime, LeadValue
from einthoven.interpret.criteria.ecg import CHEST_LEADS, Ecg, depth_mv, in_order
from einthoven.interpret.criteria.sources import UDMI4_PRIOR
from einthoven.interpret.criteria.verdicts import Verdict, above, all_of, any_of, at_least, at_most, below, negate
from einthoven.interpret.criteria.wording import measured, number, verdict_and_reason
from einthoven.signal.measurements.values import LeadMeasurements

_V2_V3_MS = 20.0  # longer, or QS
_Q_MS, _Q_MV = 30.0, -0.1  # at least as long and as deep, or QS
_QS_MV = -0.1  # ours: a flatter QS is the noise of an isoelectric lead
_R_MS = 40.0  # longer
_GROUPS = (("I", "aVL"), (*CHEST_LEADS, "V7", "V8", "V9"), ("II", "III", "aVF"))
_SUPPLEMENTAL = ("V7", "V8", "V9")
_COUNTED = frozenset(("I", "II", "aVL", "aVF", "V4", "V5", "V6", *_SUPPLEMENTAL))  # one of the two leads


def q_v2_v3(ecg: Ecg) -> Criterion:
    """Evaluate a Q wave longer than 20 ms, or a QS complex, in V2 or V3.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        Met if one of the two leads has it.
    """
    reached = {name: any_of((_is_qs(ecg.lead(name)), _longer_q(ecg.lead(name)))) for name in ("V2", "V3")}
    leads = [name for name, holds in reached.items() if holds]
    values = {name: value for name in leads if (value := ecg.lead(name).q_ms) is not None}
    shown = f": {measured(values, 'ms')}" if values else ""
    met, reason = verdict_and_reason(
        any_of(reached.values()),
        ischemia_confounder(ecg),
        yes=f"Q wave longer than {number(_V2_V3_MS)} ms, or QS, in {', '.join(leads)}{shown}.",
        no=f"No Q wave longer than {number(_V2_V3_MS)} ms and no QS in V2 and V3.",
        needed=reached,
    )
    return Criterion(
        code="Q-V2V3-UDMI4",
        name="Q wave in V2 or V3",
        met=met,
        leads={lead: LeadTime(value, _V2_V3_MS) for lead, value in values.items()},
        reason=reason,
        source=UDMI4_PRIOR,
        family="Q waves",
    )


def q_waves(ecg: Ecg) -> Criterion:
    """Evaluate Q waves of at least 30 ms and 0.1 mV, or QS complexes, in two leads of a group.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        Met only if at least one of the two leads is I, II, aVL, aVF, V4, V5, V6 or V7 to V9.
    """
    recorded = ecg.measurements.leads
    reached: dict[str, Verdict] = {
        name: is_pathological(ecg.lead(name))
        for group in _GROUPS
        for name in group
        if name not in _SUPPLEMENTAL or name in recorded
    }
    groups = [_two_of(reached, [name for name in group if name in reached]) for group in _GROUPS]
    leads = in_order([name for _, names in groups for name in names])
    values = {name: value for name in leads if (value := ecg.lead(name).q_mv) is not None}
    met, reason = verdict_and_reason(
        any_of([verdict for verdict, _ in groups]),
        ischemia_confounder(ecg),
        yes=f"Q waves of at least {number(_Q_MS)} ms, or QS, in two leads of a group: {measured(values)}.",
        no=f"No two leads of a group with a Q wave of at least {number(_Q_MS)} ms and {number(_Q_MV)} mV, or QS.",
        needed=reached,
    )
    return Criterion(
        code="Q-UDMI4",
        name="Q waves in two leads of a group",
        met=met,
        leads={name: LeadValue(value, _Q_MV) for name, value in values.items()},
        reason=reason,
        source=UDMI4_PRIOR,
        family="Q waves",
    )


def r_v1_v2(ecg: Ecg) -> Criterion:
    """Evaluate broad R waves in V1 and V2, the mirror image of posterior Q waves.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        Met with R longer than 40 ms, R/S above 1 and an upright T wave in both leads, without a conduction defect.
    """
    reached = {name: _broad_r(ecg.lead(name)) for name in ("V1", "V2")}
    values = {name: value for name in reached if (value := ecg.lead(name).r_ms) is not None and reached[name]}
    met, reason = verdict_and_reason(
        all_of(*reached.values()),
        ischemia_confounder(ecg) or ("right bundle branch block" if ecg.context.rbbb else None),
        yes=f"R longer than {number(_R_MS)} ms, R/S above 1 and T upright: {measured(values, 'ms')}.",
        no=f"Not in V1 and V2: R longer than {number(_R_MS)} ms, R/S above 1 and T upright.",
        needed=reached,
    )
    return Criterion(
        code="R-V1V2-UDMI4",
        name="broad R wave in V1 and V2 (posterior infarct)",
        met=met,
        leads={name: LeadTime(value, _R_MS) for name, value in values.items()},
        reason=reason,
        source=UDMI4_PRIOR,
        family="Q waves",
    )


def is_pathological(lead: LeadMeasurements) -> Verdict:
    """Return whether a lead has a Q wave of at least 30 ms and 0.1 mV, or a QS complex.

    Parameters
    ----------
    lead
        Measurements of the lead.

    Returns
    -------
    bool or None
        None if it was not measured.
    """
    if lead.q_mv is None or lead.q_mv > _Q_MV:  # not deep enough, regardless of its duration
        return at_most(lead.q_mv, _Q_MV)
    return any_of((_is_qs(lead), at_least(lead.q_ms, _Q_MS)))


def _is_qs(lead: LeadMeasurements) -> Verdict:
    return all_of(at_most(lead.r_mv, 0.0), at_most(lead.q_mv, _QS_MV))


def _longer_q(lead: LeadMeasurements) -> Verdict:
    return all_of(below(lead.q_mv, 0.0), True if lead.q_mv == 0 else above(lead.q_ms, _V2_V3_MS))


def _two_of(reached: dict[str, Verdict], group: list[str]) -> tuple[Verdict, list[str]]:
    """Return whether two leads of the group reach the limits, including one that counts, and which leads."""
    names = [name for name in group if reached[name]]
    if len(names) >= 2 and not _COUNTED.isdisjoint(names):
        return True, names
    possible = [name for name in group if reached[name] is not False]
    return (None if len(possible) >= 2 and not _COUNTED.isdisjoint(possible) else False), []


def _broad_r(lead: LeadMeasurements) -> Verdict:
    depth = depth_mv(lead)
    dominant = None if lead.r_mv is None or depth is None else negate(at_least(depth, lead.r_mv))
    return all_of(above(lead.r_ms, _R_MS), dominant, above(lead.t_mv, 0.0))
