"""The Brugada pattern of type 1 in V1 and V2: "possible" at most, and a mimic of an anteroseptal infarct."""

from einthoven.interpret.criteria.applicability import abnormal_activation
from einthoven.interpret.criteria.criterion import Criterion, LeadValue
from einthoven.interpret.criteria.ecg import Ecg
from einthoven.interpret.criteria.verdicts import Verdict, all_of, any_of, at_least, below
from einthoven.interpret.criteria.wording import measured, number, verdict_and_reason
from einthoven.signal.measurements.values import LeadMeasurements

_LEADS = ("V1", "V2")
_ST_MV = 0.2  # Priori et al. 2013
_MIN_FALL_MV = 0.05  # ours: from J to 80 ms later, so that noise does not make a level segment coved


def brugada(ecg: Ecg) -> Criterion:
    """Evaluate the Brugada pattern of type 1: a coved ST segment that falls into a negative T wave.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        Met in V1 or V2. Types 2 and 3, whose ST segment is saddle-shaped, are not evaluated.
    """
    reached = {name: _coved(ecg.lead(name)) for name in _LEADS}
    values = {name: value for name in _LEADS if reached[name] and (value := ecg.lead(name).st_j_mv) is not None}
    met, reason = verdict_and_reason(
        any_of(reached.values()),
        abnormal_activation(ecg),
        yes=f"ST at J at least {number(_ST_MV)} mV, falling into a negative T wave: {measured(values)}.",
        no=f"No coved ST segment of {number(_ST_MV)} mV with a negative T wave in V1 or V2.",
        needed=reached,
    )
    return Criterion(
        code="BRUGADA-1",
        name="possible Brugada pattern, type 1",
        met=met,
        leads={name: LeadValue(value, _ST_MV) for name, value in values.items()},
        reason=reason,
        source="Priori et al. 2013, HRS/EHRA/APHRS consensus, Heart Rhythm 10:1932",
        family="possible",
    )


def _coved(lead: LeadMeasurements) -> Verdict:
    j_mv, middle_mv, late_mv = lead.st_j_mv, lead.st_j40_mv, lead.st_j80_mv
    elevated = at_least(j_mv, _ST_MV)
    if not elevated:
        return elevated
    falls = None
    if j_mv is not None and middle_mv is not None and late_mv is not None:
        falls = j_mv > middle_mv > late_mv and j_mv - late_mv >= _MIN_FALL_MV
    return all_of(elevated, falls, below(lead.t_mv, 0))
