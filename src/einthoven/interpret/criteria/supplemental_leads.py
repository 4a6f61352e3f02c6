"""ST elevation in the supplemental leads V7 to V9, V3R and V4R."""

from einthoven.interpret.criteria.applicability import ischemia_confounder
from einthoven.interpret.criteria.criterion import Criterion, LeadValue
from einthoven.interpret.criteria.ecg import Ecg
from einthoven.interpret.criteria.sources import ACC_2022, UDMI4_LEADS
from einthoven.interpret.criteria.st_elevation import unknown_facts
from einthoven.interpret.criteria.verdicts import any_of, at_least
from einthoven.interpret.criteria.wording import either, measured, number, verdict_and_reason

_LIMIT_MV, _YOUNG_MEN_MV = 0.05, 0.1  # UDMI4
_POSTERIOR_YOUNG_YEARS, _RIGHT_YOUNG_YEARS = 40.0, 30.0  # UDMI4


def posterior_leads(ecg: Ecg) -> Criterion:
    """Evaluate ST elevation in V7, V8 or V9 (posterior infarct).

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        None if the leads were not recorded.
    """
    return _elevation(ecg, "STEMI-V7V9", ("V7", "V8", "V9"), _POSTERIOR_YOUNG_YEARS)


def right_leads(ecg: Ecg) -> Criterion:
    """Evaluate ST elevation in V3R or V4R (right ventricular infarct).

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        None if the leads were not recorded.
    """
    return _elevation(ecg, "STEMI-V3RV4R", ("V3R", "V4R"), _RIGHT_YOUNG_YEARS)


def _elevation(ecg: Ecg, code: str, leads: tuple[str, ...], young_years: float) -> Criterion:
    low, high = _limits(ecg, young_years)
    st_mv = {lead: ecg.lead(lead).st_j_mv for lead in leads}
    values = {lead: value for lead, value in st_mv.items() if value is not None and value >= low}
    reached_high = any_of([at_least(value, high) for value in st_mv.values()])
    met, reason = verdict_and_reason(
        reached_high if not values else True,
        ischemia_confounder(ecg),
        yes=f"ST at J at least {number(high if reached_high else low)} mV: {measured(values)}.",
        no=f"ST at J below {number(low)} mV.",
        needed=st_mv,
    )
    if met and not reached_high:
        met = None
        reason = (
            f"ST at J reaches {number(low)} mV but not the {number(high)} mV of men below {number(young_years)} years, "
            f"and {unknown_facts(ecg.patient)}: {measured(values)}."
        )
    return Criterion(
        code=code,
        name=f"ST elevation in {either(leads)}",
        met=met,
        leads={lead: LeadValue(value, high if met else low) for lead, value in values.items()},
        reason=reason,
        source=f"{UDMI4_LEADS}; one lead suffices: {ACC_2022}",
        family="ST elevation",
    )


def _limits(ecg: Ecg, young_years: float) -> tuple[float, float]:
    """Return the lowest and the highest limit that may apply."""
    sex, age = ecg.patient.sex, ecg.patient.age
    if sex == "female" or (age is not None and age >= young_years):
        return _LIMIT_MV, _LIMIT_MV
    return (_YOUNG_MEN_MV if sex == "male" and age is not None else _LIMIT_MV), _YOUNG_MEN_MV
