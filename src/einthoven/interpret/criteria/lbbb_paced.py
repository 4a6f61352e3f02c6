"""Infarcts in left bundle branch block and ventricular pacing: Sgarbossa, Smith and Barcelona."""

from collections.abc import Callable
from typing import Final, NamedTuple

from einthoven.interpret.criteria.applicability import conducts_abnormally
from einthoven.interpret.criteria.criterion import Criterion, LeadValue, Quantity
from einthoven.interpret.criteria.ecg import Ecg, deepest_mv, depth_mv, in_order, is_positive
from einthoven.interpret.criteria.verdicts import Verdict, all_of, any_of, at_least, at_most, negate
from einthoven.interpret.criteria.wording import measured, number, verdict_and_reason
from einthoven.recording import LEADS
from einthoven.signal.measurements.values import LeadMeasurements

_LIMIT_MV = 0.1  # concordant elevation and depression, in all three rules
_DISCORDANT_MV = 0.5  # Sgarbossa 1996
_POINTS = (5, 3, 2)  # of concordant elevation, concordant depression in V1-V3, discordant elevation
_SCORE = 3  # for a specificity of .90
_RATIO = -0.25  # Smith 2012: ST/S
_LOW_QRS_MV = 0.6  # Barcelona 2020: the largest of R and S
_LASTING = 0.5  # share of the limit that remains 40 ms after J
_FAMILY: Final = "LBBB and pacing"


class _Deviation(NamedTuple):
    """ST deviation of a lead."""

    st_mv: float | None
    positive: Verdict
    """Whether the QRS complex is upright."""
    elevated: Verdict
    depressed: Verdict


class _Rule(NamedTuple):
    code: str
    name: str
    source: str
    limits: tuple[float, ...]
    """Limit of the ST level for each part of the rule."""
    paced_too: bool


class _Parts(NamedTuple):
    """The parts of a rule, with the leads in which each holds."""

    met: Verdict
    parts: tuple[dict[str, Verdict], ...]
    quantity: Quantity | None = None


_SGARBOSSA = _Rule(
    "SGARBOSSA-1996",
    "Sgarbossa score in left bundle branch block or pacing",
    "Sgarbossa et al. 1996, N Engl J Med 334:481; paced: Am J Cardiol 77:423",
    limits=(_LIMIT_MV, -_LIMIT_MV, _DISCORDANT_MV),
    paced_too=True,
)
_SMITH = _Rule(
    "SGARBOSSA-SMITH",
    "Sgarbossa criteria modified by Smith in left bundle branch block or pacing",
    "Smith et al. 2012, Ann Emerg Med 60:766; paced: Dodd et al. 2021, Ann Emerg Med 78:517",
    limits=(_LIMIT_MV, -_LIMIT_MV, _LIMIT_MV),
    paced_too=True,
)
_BARCELONA = _Rule(
    "BARCELONA-2020",
    "Barcelona algorithm in left bundle branch block",
    "Di Marco et al. 2020, J Am Heart Assoc 9:e015573",
    limits=(_LIMIT_MV, -_LIMIT_MV),
    paced_too=False,
)


def sgarbossa(ecg: Ecg) -> Criterion:
    """Evaluate the score of Sgarbossa.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        The quantity is the score; None without left bundle branch block and pacing.
    """
    return _evaluate(ecg, _SGARBOSSA, _sgarbossa_parts)


def smith_modified(ecg: Ecg) -> Criterion:
    """Evaluate Sgarbossa's criteria as modified by Smith.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        None without left bundle branch block and pacing.
    """
    return _evaluate(ecg, _SMITH, _smith_parts)


def barcelona(ecg: Ecg) -> Criterion:
    """Evaluate the Barcelona algorithm.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        None without left bundle branch block, and in paced rhythm, for which it was not derived.
    """
    return _evaluate(ecg, _BARCELONA, _barcelona_parts)


def _sgarbossa_parts(ecg: Ecg) -> _Parts:
    leads = _deviations(ecg)
    parts = (
        {name: all_of(lead.elevated, lead.positive) for name, lead in leads.items()},
        _concordant_depression(leads),
        {
            name: all_of(at_least(lead.st_mv, _DISCORDANT_MV), lead.elevated, negate(lead.positive))
            for name, lead in leads.items()
        },
    )
    verdicts = [any_of(part.values()) for part in parts]
    score = sum([points for points, verdict in zip(_POINTS, verdicts, strict=True) if verdict])
    most = sum([points for points, verdict in zip(_POINTS, verdicts, strict=True) if verdict is not False])
    met = True if score >= _SCORE else None if most >= _SCORE else False
    return _Parts(met, parts, Quantity(score, _SCORE, "points"))


def _smith_parts(ecg: Ecg) -> _Parts:
    leads = _deviations(ecg)
    parts = (
        {name: all_of(lead.elevated, lead.positive) for name, lead in leads.items()},
        _concordant_depression(leads),
        {name: _disproportionate(ecg, name, lead) for name, lead in leads.items()},
    )
    return _Parts(any_of([any_of(part.values()) for part in parts]), parts)


def _barcelona_parts(ecg: Ecg) -> _Parts:
    leads = _deviations(ecg)
    low = {name: _low_qrs(ecg, name) for name in leads}
    parts = (
        {name: all_of(lead.elevated, any_of((lead.positive, low[name]))) for name, lead in leads.items()},
        {name: all_of(lead.depressed, any_of((negate(lead.positive), low[name]))) for name, lead in leads.items()},
    )
    return _Parts(any_of([any_of(part.values()) for part in parts]), parts)


def _deviations(ecg: Ecg) -> dict[str, _Deviation]:
    deviations = {}
    for name in LEADS:
        lead = ecg.lead(name)
        st_mv = lead.st_j_mv
        elevated = all_of(at_least(st_mv, _LIMIT_MV), _lasts(lead, _LIMIT_MV))
        depressed = all_of(at_most(st_mv, -_LIMIT_MV), _lasts(lead, -_LIMIT_MV))
        deviations[name] = _Deviation(st_mv, is_positive(lead), elevated, depressed)
    return deviations


def _lasts(lead: LeadMeasurements, limit_mv: float) -> Verdict:
    """Return whether half of a deviation remains after 40 ms, unlike the end of a wide QRS complex at J."""
    later = lead.st_j40_mv
    return None if later is None else later / limit_mv >= _LASTING


def _concordant_depression(leads: dict[str, _Deviation]) -> dict[str, Verdict]:
    """Return the depression in V1 to V3, with a negative QRS complex, of the rules of Sgarbossa and Smith."""
    return {name: all_of(leads[name].depressed, negate(leads[name].positive)) for name in ("V1", "V2", "V3")}


def _disproportionate(ecg: Ecg, name: str, lead: _Deviation) -> Verdict:
    if not lead.elevated:
        return lead.elevated
    depth = depth_mv(ecg.lead(name))
    if lead.st_mv is None or depth is None:
        return None
    return all_of(lead.st_mv >= -_RATIO * depth > 0, negate(lead.positive))


def _low_qrs(ecg: Ecg, name: str) -> Verdict:
    lead = ecg.lead(name)
    deepest = deepest_mv(lead)
    return None if lead.r_mv is None or deepest is None else max(lead.r_mv, deepest) <= _LOW_QRS_MV


def _evaluate(ecg: Ecg, rule: _Rule, evaluate_parts: Callable[[Ecg], _Parts]) -> Criterion:
    applies = conducts_abnormally(ecg) if rule.paced_too else all_of(ecg.context.lbbb, negate(ecg.context.paced))
    if not applies:
        paced = "or ventricular pacing" if rule.paced_too else "without pacing"
        unknown = ", which is unknown" if applies is None else ""
        reason = f"Applies only to left bundle branch block {paced}{unknown}."
        return Criterion(rule.code, rule.name, None, {}, reason, rule.source, _FAMILY)
    met, parts, quantity = evaluate_parts(ecg)
    limit_of: dict[str, float] = {}  # of the first part that holds in a lead
    for part, limit in zip(parts, rule.limits, strict=True):
        for lead, holds in part.items():
            if holds:
                limit_of.setdefault(lead, limit)
    values = {lead: value for lead in in_order(limit_of) if (value := ecg.lead(lead).st_j_mv) is not None}
    points = f"{number(quantity.value)} points; " if quantity else ""
    met, reason = verdict_and_reason(
        met,
        None,
        yes=f"{points}ST at J: {measured(values)}.",
        no=f"{points}{measured(values) or 'no lead with the ST deviation of the rule'}.",
        needed={lead: any_of([part.get(lead, False) for part in parts]) for lead in LEADS},
    )
    return Criterion(
        code=rule.code,
        name=rule.name,
        met=met,
        leads={lead: LeadValue(value, limit_of[lead]) for lead, value in values.items()},
        reason=reason,
        source=rule.source,
        family=_FAMILY,
        quantity=quantity,
    )
