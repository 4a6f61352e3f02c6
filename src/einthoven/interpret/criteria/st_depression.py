"""ST depression and T-wave inversion: the Fourth Universal Definition of MI."""

from einthoven.interpret.criteria.applicability import ischemia_confounder
from einthoven.interpret.criteria.criterion import Criterion, LeadValue, Quantity
from einthoven.interpret.criteria.ecg import CHEST_LEADS, FRONTAL_LEADS, Ecg, contiguous, depth_mv
from einthoven.interpret.criteria.sources import UDMI4, UDMI4_ISCHEMIA
from einthoven.interpret.criteria.st_segment import DEPRESSION_MV, is_depressed
from einthoven.interpret.criteria.verdicts import Verdict, all_of, any_of, at_least, at_most, below
from einthoven.interpret.criteria.wording import measured, number, verdict_and_reason

_T_INVERSION_MV = -0.1
_WIDESPREAD_MV, _WIDESPREAD_LEADS = -0.1, 6  # UDMI4: 1 mm or more in six leads or more
_AVR_MV = 0.05  # ours, as in Kosuge et al., Am J Cardiol 2005;95:1366
_RBBB_LEADS = ("V1", "V2", "V3")  # changed by the block itself (UDMI4)
_INVERSION_LEADS = tuple(lead for lead in (*CHEST_LEADS, *FRONTAL_LEADS) if lead != "-aVR")


def depression(ecg: Ecg) -> Criterion:
    """Evaluate horizontal or downsloping ST depression in two contiguous leads.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        Evaluated without V1 to V3 in right bundle branch block.
    """
    reached = {lead: is_depressed(ecg, lead) for lead in ecg.st_mv}
    met, leads = contiguous(_without_rbbb_leads(ecg, reached))
    values = {lead: value for lead in leads if (value := ecg.st_mv[lead]) is not None}
    met, reason = verdict_and_reason(
        met,
        ischemia_confounder(ecg),
        yes=f"Horizontal or downsloping ST depression in contiguous leads: {measured(values)}.",
        no=f"No two contiguous leads with horizontal or downsloping ST depression of {number(DEPRESSION_MV)} mV.",
        needed=reached,
    )
    return Criterion(
        code="STD-UDMI4",
        name="ST depression in two contiguous leads",
        met=met,
        leads={
            "aVR" if lead == "-aVR" else lead: LeadValue(-value, -DEPRESSION_MV)
            if lead == "-aVR"
            else LeadValue(value, DEPRESSION_MV)
            for lead, value in values.items()
        },
        reason=reason,
        source=UDMI4_ISCHEMIA,
        family="ST depression",
    )


def t_inversion(ecg: Ecg) -> Criterion:
    """Evaluate inverted T waves in two contiguous leads with R/S above 1.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        Evaluated without aVR, and in right bundle branch block without V1 to V3.
    """
    reached: dict[str, Verdict] = {lead: _inverted(ecg, lead) for lead in _INVERSION_LEADS}
    met, leads = contiguous({**_without_rbbb_leads(ecg, reached), "-aVR": False})
    values = {lead: value for lead in leads if (value := ecg.lead(lead).t_mv) is not None}
    met, reason = verdict_and_reason(
        met,
        ischemia_confounder(ecg),
        yes=f"Inverted T waves in contiguous leads with R/S above 1: {measured(values)}.",
        no=f"No two contiguous leads with T waves below {number(_T_INVERSION_MV)} mV and R/S above 1.",
        needed=reached,
    )
    return Criterion(
        code="TINV-UDMI4",
        name="T-wave inversion in two contiguous leads",
        met=met,
        leads={lead: LeadValue(value, _T_INVERSION_MV) for lead, value in values.items()},
        reason=reason,
        source=UDMI4_ISCHEMIA,
        family="ST depression",
    )


def widespread_depression(ecg: Ecg) -> Criterion:
    """Evaluate ST depression in six leads with ST elevation in aVR or V1 (left main or multivessel disease).

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        The quantity is the number of depressed leads.
    """
    reached = {lead: at_most(ecg.st_mv[lead], _WIDESPREAD_MV) for lead in ecg.st_mv if lead not in ("-aVR", "V1")}
    count = sum([holds is True for holds in reached.values()])
    unknown = sum([holds is None for holds in reached.values()])
    enough = True if count >= _WIDESPREAD_LEADS else None if count + unknown >= _WIDESPREAD_LEADS else False
    raised = {"aVR": at_least(ecg.lead("aVR").st_j_mv, _AVR_MV), "V1": at_least(ecg.st_mv["V1"], _AVR_MV)}
    values = {lead: value for lead, holds in reached.items() if holds and (value := ecg.st_mv[lead]) is not None}
    met, reason = verdict_and_reason(
        all_of(enough, any_of(raised.values())),
        ischemia_confounder(ecg),
        yes=f"ST elevation in aVR or V1, and depression in {count} leads: {measured(values)}.",
        no=f"ST depression of {number(_WIDESPREAD_MV)} mV in {count} of {_WIDESPREAD_LEADS} leads, or no elevation of "
        f"{number(_AVR_MV)} mV in aVR or V1.",
        needed={**reached, **raised},
    )
    return Criterion(
        code="STD6-AVR",
        name="ST depression in six leads with elevation in aVR or V1",
        met=met,
        leads={lead: LeadValue(value, _WIDESPREAD_MV) for lead, value in values.items()},
        reason=reason,
        source=f"{UDMI4}, ECG detection of MI",
        family="ST depression",
        quantity=Quantity(count, _WIDESPREAD_LEADS, "leads"),
    )


def _inverted(ecg: Ecg, name: str) -> Verdict:
    lead = ecg.lead(name)
    depth = depth_mv(lead)
    upright = None if lead.r_mv is None or depth is None else lead.r_mv > depth
    return all_of(below(lead.t_mv, _T_INVERSION_MV), upright)


def _without_rbbb_leads(ecg: Ecg, reached: dict[str, Verdict]) -> dict[str, Verdict]:
    return {**reached, **dict.fromkeys(_RBBB_LEADS, False)} if ecg.context.rbbb else reached
