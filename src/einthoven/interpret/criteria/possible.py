"""Patterns of a coronary occlusion below the limits of ST elevation, and of hyperkalaemia: "possible" at most."""

from math import isnan, nan

from einthoven.interpret.criteria.applicability import abnormal_activation, ischemia_confounder
from einthoven.interpret.criteria.criterion import Criterion, LeadValue, Quantity
from einthoven.interpret.criteria.ecg import CHEST_LEADS, Ecg, contiguous, has_q, peak_to_peak_mv
from einthoven.interpret.criteria.q_waves import is_pathological
from einthoven.interpret.criteria.sources import PART_4, PART_6, UDMI4
from einthoven.interpret.criteria.st_elevation import LIMIT_MV
from einthoven.interpret.criteria.st_segment import DEPRESSION_MV, rises
from einthoven.interpret.criteria.verdicts import Verdict, above, all_of, any_of, at_least, at_most, below, negate
from einthoven.interpret.criteria.wording import lacking, measured, number, verdict_and_reason

# Driver et al. 2017
_SMITH_QTC, _SMITH_QRS_V2, _SMITH_R_V4, _SMITH_ST60_V3, _SMITH_LIMIT = 0.052, -0.151, -0.268, 1.062, 18.2
_OBVIOUS_ST_MV = 0.5  # more
_UNCORRECTED_BELOW_BPM = 60.0
# de Winter et al. 2008
_DE_WINTER_ST_MV = -0.1
_DE_WINTER_T_MV = 0.5  # ours: the paper says "tall"
# PART_6
_WELLENS_T_MV = -0.5
# Knoop et al. 2021: higher than 6 mm in limb leads, 10 mm in chest leads
_TALL_T_LIMB_MV, _TALL_T_CHEST_MV = 0.6, 1.0
# PART_4: upper normal limits of T in V2 are 1 to 1.4 mV in men, 0.7 to 1 mV in women; 1.2 mV is ours
_HYPERACUTE_T_MEN_MV, _HYPERACUTE_T_WOMEN_MV = 1.4, 1.2
_LONG_QRS_MS, _LONG_PR_MS = 120.0, 200.0


def smith_four_variables(ecg: Ecg) -> Criterion:
    """Evaluate Smith's formula: subtle occlusion of the left anterior descending artery or early repolarization.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        The quantity is the result. None without ST elevation in V2 to V4, or if the formula does not apply.
    """
    measurements = ecg.measurements
    rate = measurements.heart_rate_bpm
    slow = rate is not None and rate < _UNCORRECTED_BELOW_BPM
    qtc_ms = measurements.qt_ms if slow else None if rate is None else measurements.qtc_bazett_ms
    variables = {
        "QTc": qtc_ms,
        "QRS V2": peak_to_peak_mv(ecg.lead("V2")),
        "R V4": ecg.lead("V4").r_mv,
        "ST60 V3": ecg.lead("V3").st_j60_mv,
    }
    qtc, qrs_v2, r_v4, st60_v3 = (nan if value is None else value for value in variables.values())
    in_mv = _SMITH_QRS_V2 * qrs_v2 + _SMITH_R_V4 * r_v4 + _SMITH_ST60_V3 * st60_v3  # the formula is in mm
    result = round(_SMITH_QTC * qtc + 10 * in_mv, 2)
    complete = not isnan(result)
    elevated = any_of([at_least(ecg.st_mv[name], LIMIT_MV) for name in ("V2", "V3", "V4")])
    met: Verdict = result >= _SMITH_LIMIT if complete else None
    signs = _obvious_signs(ecg) if elevated else {}
    obvious = ", ".join([sign for sign, holds in signs.items() if holds])
    if confounder := ischemia_confounder(ecg):
        met, reason = None, f"Does not hold with {confounder}."
    elif not elevated:
        met, reason = None, f"Applies only to ST elevation of {number(LIMIT_MV)} mV in V2, V3 or V4."
    elif obvious:
        met, reason = None, f"Does not hold with {obvious}."
    elif not complete or None in signs.values():
        met, reason = None, lacking({**variables, **signs})
    else:
        reason = f"Formula {number(result)} (occlusion rather than early repolarization from {number(_SMITH_LIMIT)})."
    return Criterion(
        code="SMITH-4V",
        name="possible subtle LAD occlusion: Smith's four variables",
        met=met,
        leads={},
        reason=reason,
        source="Driver et al. 2017, J Electrocardiol 50:561",
        family="possible",
        quantity=None if met is None else Quantity(result, _SMITH_LIMIT, "points"),
    )


def de_winter(ecg: Ecg) -> Criterion:
    """Evaluate de Winter's pattern: upsloping ST depression that rises into tall T waves in the chest leads.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        Met in two contiguous chest leads.
    """
    reached: dict[str, Verdict] = dict.fromkeys(ecg.st_mv, False)
    reached |= {name: _upsloping(ecg, name) for name in CHEST_LEADS}
    met, leads = contiguous(reached)
    values = {name: value for name in leads if (value := ecg.st_mv[name]) is not None}
    met, reason = verdict_and_reason(
        met,
        ischemia_confounder(ecg),
        yes=f"Upsloping ST depression with tall T waves: {measured(values)}.",
        no=f"No two contiguous chest leads with upsloping ST depression of {number(_DE_WINTER_ST_MV)} mV and T of "
        f"{number(_DE_WINTER_T_MV)} mV.",
        needed=reached,
    )
    return Criterion(
        code="DE-WINTER",
        name="possible LAD occlusion: de Winter pattern",
        met=met,
        leads={name: LeadValue(value, _DE_WINTER_ST_MV) for name, value in values.items()},
        reason=reason,
        source="de Winter et al. 2008, N Engl J Med 359:2071",
        family="possible",
    )


def wellens(ecg: Ecg) -> Criterion:
    """Evaluate Wellens' pattern B: deeply inverted T waves in V2 to V4, with R waves and without ST elevation.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        Pattern A, biphasic T waves, is not measured.
    """
    names = ("V2", "V3", "V4")
    reached = {name: at_most(ecg.lead(name).t_mv, _WELLENS_T_MV) for name in names}
    values = {name: value for name in names if reached[name] and (value := ecg.lead(name).t_mv) is not None}
    conditions = {
        f"T of {number(_WELLENS_T_MV)} mV or less in two neighbours of V2 to V4": any_of(
            (all_of(reached["V2"], reached["V3"]), all_of(reached["V3"], reached["V4"]))
        ),
        "ST below 0.1 mV": negate(any_of([at_least(ecg.st_mv[name], LIMIT_MV) for name in names])),
        "no Q in V2 to V4": negate(any_of([has_q(ecg.lead(name)) for name in names])),
    }
    met, reason = verdict_and_reason(
        all_of(*conditions.values()),
        ischemia_confounder(ecg) or ("right bundle branch block" if ecg.context.rbbb else None),
        yes=f"Deeply inverted T waves without ST elevation and Q waves: {measured(values)}.",
        no=f"Not met: {', '.join([name for name, holds in conditions.items() if holds is False])}.",
        needed=conditions,
    )
    return Criterion(
        code="WELLENS-B",
        name="possible critical LAD stenosis: Wellens pattern",
        met=met,
        leads={name: LeadValue(value, _WELLENS_T_MV) for name, value in values.items()},
        reason=reason,
        source=f"{PART_6}; Rhinehardt et al. 2002, Am J Emerg Med 20:638",
        family="possible",
    )


def aslanger(ecg: Ecg) -> Criterion:
    """Evaluate Aslanger's pattern: inferior ST elevation in III alone, with depression in V4 to V6.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        Met with an upright T wave in the depressed lead, no depression in V2, and ST in V1 above V2.
    """
    st_mv = ecg.st_mv
    v1, v2 = st_mv["V1"], st_mv["V2"]
    conditions = {
        f"ST in III at least {number(LIMIT_MV)} mV": at_least(st_mv["III"], LIMIT_MV),
        "not in II and aVF": negate(any_of((at_least(st_mv["II"], LIMIT_MV), at_least(st_mv["aVF"], LIMIT_MV)))),
        "ST depression with upright T in V4, V5 or V6": any_of(
            [
                all_of(at_most(st_mv[name], DEPRESSION_MV), above(ecg.lead(name).t_mv, 0.0))
                for name in ("V4", "V5", "V6")
            ]
        ),
        "no ST depression in V2": above(v2, DEPRESSION_MV),
        "ST in V1 above V2": None if v1 is None or v2 is None else v1 > v2,
    }
    iii = st_mv["III"]
    met, reason = verdict_and_reason(
        all_of(*conditions.values()),
        ischemia_confounder(ecg),
        yes=f"{', '.join(conditions)}.",
        no=f"Not met: {', '.join([name for name, holds in conditions.items() if holds is False])}.",
        needed=conditions,
    )
    return Criterion(
        code="ASLANGER",
        name="possible inferior occlusion: Aslanger pattern",
        met=met,
        leads={"III": LeadValue(iii, LIMIT_MV)} if iii is not None and iii >= LIMIT_MV else {},
        reason=reason,
        source="Aslanger et al. 2020, J Electrocardiol 61:41",
        family="possible",
    )


def tall_t(ecg: Ecg) -> Criterion:
    """Evaluate tall T waves in V2 to V4, which may be hyperacute or those of hyperkalaemia.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        Met in two neighbours of V2 to V4; if the sex is unknown, the limit of women applies.
    """
    limit_mv = _HYPERACUTE_T_MEN_MV if ecg.patient.sex == "male" else _HYPERACUTE_T_WOMEN_MV
    names = ("V2", "V3", "V4")
    tall = {name: at_least(ecg.lead(name).t_mv, limit_mv) for name in names}
    met = any_of((all_of(tall["V2"], tall["V3"]), all_of(tall["V3"], tall["V4"])))
    values = {name: value for name in names if tall[name] and (value := ecg.lead(name).t_mv) is not None}
    met, reason = verdict_and_reason(
        met,
        abnormal_activation(ecg),
        yes=f"T {measured(values)} (limit {number(limit_mv)} mV). Check potassium, and repeat the ECG in 5 minutes.",
        no=f"No T waves of {number(limit_mv)} mV in two neighbours of V2 to V4.",
        needed=tall,
    )
    return Criterion(
        code="TALL-T",
        name="possible hyperacute ischaemia or hyperkalaemia: tall T waves",
        met=met,
        leads={name: LeadValue(value, limit_mv) for name, value in values.items()},
        reason=reason,
        source=f"{PART_4}; {UDMI4}",
        family="possible",
    )


def hyperkalemia(ecg: Ecg) -> Criterion:
    """Evaluate tall T waves with a long QRS complex or PR interval.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        Met with tall T waves in two contiguous leads, and a long QRS complex or PR interval.
    """
    limits = {name: _TALL_T_CHEST_MV if name in CHEST_LEADS else _TALL_T_LIMB_MV for name in ecg.st_mv}
    tall = {name: above(ecg.lead(name).t_mv, limit) for name, limit in limits.items()}
    tall["-aVR"] = below(ecg.lead("aVR").t_mv, -_TALL_T_LIMB_MV)
    in_two, names = contiguous(tall)
    values = {name: value for name in names if (value := ecg.lead(name).t_mv) is not None}
    signs = {
        f"QRS above {number(_LONG_QRS_MS)} ms": above(ecg.measurements.qrs_ms, _LONG_QRS_MS),
        f"PR above {number(_LONG_PR_MS)} ms": above(ecg.measurements.pr_ms, _LONG_PR_MS),
    }
    met, reason = verdict_and_reason(
        all_of(in_two, any_of(signs.values())),
        abnormal_activation(ecg),
        yes=f"Tall T waves: {measured(values)}; {', '.join([sign for sign, holds in signs.items() if holds])}.",
        no=f"No T waves above {number(_TALL_T_CHEST_MV)} mV ({number(_TALL_T_LIMB_MV)} mV in limb leads) in two "
        "contiguous leads with a long QRS or PR.",
        needed={**tall, **signs},
    )
    return Criterion(
        code="HYPERKALEMIA",
        name="possible hyperkalaemia",
        met=met,
        leads={name: LeadValue(value, limits[name]) for name, value in values.items()},
        reason=reason,
        source="Knoop et al. 2021, Atlas of Emergency Medicine, 5th edition (limits of T); the combination is ours",
        family="possible",
    )


def _obvious_signs(ecg: Ecg) -> dict[str, Verdict]:
    """Return the signs that make an anterior infarct obvious; the study excluded such ECGs."""
    st_mv = ecg.st_mv
    return {
        "ST elevation above 0.5 mV": any_of([above(st_mv[name], _OBVIOUS_ST_MV) for name in ("V2", "V3", "V4")]),
        "inferior ST depression": any_of([at_most(st_mv[name], DEPRESSION_MV) for name in ("II", "aVF", "III")]),
        "anterior ST depression": any_of([at_most(st_mv[name], DEPRESSION_MV) for name in CHEST_LEADS[1:]]),
        "Q waves in V2 to V4": any_of([is_pathological(ecg.lead(name)) for name in ("V2", "V3", "V4")]),
        "T-wave inversion in V2 to V6": any_of([below(ecg.lead(name).t_mv, 0.0) for name in CHEST_LEADS[1:]]),
    }


def _upsloping(ecg: Ecg, name: str) -> Verdict:
    """Return whether ST is depressed at J, rises, and ends in a tall upright T wave."""
    tall = at_least(ecg.lead(name).t_mv, _DE_WINTER_T_MV)
    return all_of(at_most(ecg.st_mv[name], _DE_WINTER_ST_MV), rises(ecg, name), tall)
