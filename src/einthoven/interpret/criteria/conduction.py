"""Bundle branch and fascicular blocks, nonspecific delay and pre-excitation (AHA/ACCF/HRS 2009; Strauss)."""

from collections.abc import Mapping

from einthoven.interpret.criteria.applicability import limits_by_sex
from einthoven.interpret.criteria.criterion import Criterion
from einthoven.interpret.criteria.ecg import NARROW_BELOW_MS, Ecg, depth_mv, has_q, r_peak_ms
from einthoven.interpret.criteria.sources import PART_3
from einthoven.interpret.criteria.verdicts import Verdict, above, all_of, any_of, at_least, below, beyond, negate
from einthoven.interpret.criteria.wording import lacking, number

# PART_3
_COMPLETE_MS, _INCOMPLETE_MS = NARROW_BELOW_MS, 110.0
_S_MS = 40.0  # longer, or longer than R
_LBBB_R_PEAK_MS = 60.0  # longer
_LAFB_R_PEAK_MS = 45.0
_WPW_PR_MS, _WPW_QRS_MS = 120.0, 120.0  # shorter; longer
# Strauss et al. 2011
_STRAUSS_MEN_MS, _STRAUSS_WOMEN_MS = 140.0, 130.0


def rbbb(ecg: Ecg) -> Criterion:
    """Evaluate complete right bundle branch block.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        None if only an R' smaller than S can decide, which is not measured.
    """
    qrs_ms = ecg.measurements.qrs_ms
    conditions = {f"QRS at least {number(_COMPLETE_MS)} ms": at_least(qrs_ms, _COMPLETE_MS), **_right_delay(ecg)}
    return _block(ecg, "RBBB-AHA", "complete right bundle branch block", conditions)


def irbbb(ecg: Ecg) -> Criterion:
    """Evaluate incomplete right bundle branch block.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        None if only an R' smaller than S can decide, which is not measured.
    """
    return _block(ecg, "IRBBB-AHA", "incomplete right bundle branch block", {**_incomplete(ecg), **_right_delay(ecg)})


def lbbb(ecg: Ecg) -> Criterion:
    """Evaluate complete left bundle branch block.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        Never met: notches and slurs are not measured.
    """
    conditions = {
        f"QRS at least {number(_COMPLETE_MS)} ms": at_least(ecg.measurements.qrs_ms, _COMPLETE_MS),
        **_left_delay(ecg, ("V5", "V6")),
        "notched or slurred R": None,
    }
    return _block(ecg, "LBBB-AHA", "complete left bundle branch block", conditions)


def ilbbb(ecg: Ecg) -> Criterion:
    """Evaluate incomplete left bundle branch block.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        Met only with left ventricular hypertrophy.
    """
    conditions = {
        **_incomplete(ecg),
        **_left_delay(ecg, ("V4", "V5", "V6")),
        "left ventricular hypertrophy": ecg.context.lvh,
    }
    return _block(ecg, "ILBBB-AHA", "incomplete left bundle branch block", conditions)


def lbbb_strauss(ecg: Ecg) -> Criterion:
    """Evaluate left bundle branch block after Strauss.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        Never met: notches and slurs are not measured.
    """
    low, high = limits_by_sex(ecg.patient, _STRAUSS_MEN_MS, _STRAUSS_WOMEN_MS)
    limit = number(high) if low == high else f"{number(low)} or {number(high)} (sex unknown)"
    conditions = {
        f"QRS at least {limit} ms": beyond(ecg.measurements.qrs_ms, low, high),
        "QS or rS in V1": _is_negative(ecg, "V1"),
        "QS or rS in V2": _is_negative(ecg, "V2"),
        "mid-QRS notches or slurs": None,
    }
    source = "Strauss et al. 2011, Am J Cardiol 107:927"
    return _block(ecg, "LBBB-STRAUSS", "left bundle branch block after Strauss", conditions, source)


def lbbb_pattern(ecg: Ecg) -> Criterion:
    """Evaluate left bundle branch block without the notches of the QRS complex.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        Used for the context if no one has stated whether there is a left bundle branch block.
    """
    conditions = {
        f"QRS at least {number(_COMPLETE_MS)} ms": at_least(ecg.measurements.qrs_ms, _COMPLETE_MS),
        "QS or rS in V1": _is_negative(ecg, "V1"),
        "no Q in V5": negate(has_q(ecg.lead("V5"))),
        "no Q in V6": negate(has_q(ecg.lead("V6"))),
    }
    source = "Calle et al. 2021, Neth Heart J 29:643 (inclusion)"
    return _block(ecg, "LBBB-PATTERN", "pattern of left bundle branch block", conditions, source)


def lafb(ecg: Ecg) -> Criterion:
    """Evaluate left anterior fascicular block.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        The R-peak time in aVL is estimated.
    """
    axis, avl = ecg.measurements.qrs_axis_degrees, ecg.lead("aVL")
    conditions = {
        "axis -90 to -45 degrees": None if axis is None else -90 <= axis <= -45,
        "qR in aVL": _is_qr(ecg, "aVL"),
        f"R-peak time in aVL at least {number(_LAFB_R_PEAK_MS)} ms": at_least(r_peak_ms(avl), _LAFB_R_PEAK_MS),
        f"QRS below {number(_COMPLETE_MS)} ms": below(ecg.measurements.qrs_ms, _COMPLETE_MS),
    }
    return _block(ecg, "LAFB-AHA", "left anterior fascicular block", conditions)


def lpfb(ecg: Ecg) -> Criterion:
    """Evaluate left posterior fascicular block.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        Met also by right ventricular hypertrophy and lateral infarcts, which look the same.
    """
    axis = ecg.measurements.qrs_axis_degrees
    conditions = {
        "axis 90 to 180 degrees": None if axis is None else axis >= 90,
        "rS in I": _is_rs(ecg, "I"),
        "rS in aVL": _is_rs(ecg, "aVL"),
        "qR in III": _is_qr(ecg, "III"),
        "qR in aVF": _is_qr(ecg, "aVF"),
        f"QRS below {number(_COMPLETE_MS)} ms": below(ecg.measurements.qrs_ms, _COMPLETE_MS),
    }
    return _block(ecg, "LPFB-AHA", "left posterior fascicular block", conditions)


def ivcd(ecg: Ecg) -> Criterion:
    """Evaluate nonspecific intraventricular conduction delay.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        Met by a long QRS complex without bundle branch block, pacing and pre-excitation.
    """
    context = ecg.context
    conditions = {
        f"QRS above {number(_INCOMPLETE_MS)} ms": above(ecg.measurements.qrs_ms, _INCOMPLETE_MS),
        "no left bundle branch block": negate(any_of((context.lbbb, lbbb_pattern(ecg).met))),
        "no right bundle branch block": negate(any_of((context.rbbb, irbbb(ecg).met))),
        "no ventricular pacing": negate(context.paced),
        "no pre-excitation": negate(context.preexcitation),
    }
    return _block(ecg, "IVCD-AHA", "nonspecific intraventricular conduction delay", conditions)


def wpw(ecg: Ecg) -> Criterion:
    """Evaluate pre-excitation of the Wolff-Parkinson-White type.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        The delta wave is not measured: it counts if the context states pre-excitation.
    """
    conditions = {
        f"PR below {number(_WPW_PR_MS)} ms": below(ecg.measurements.pr_ms, _WPW_PR_MS),
        f"QRS above {number(_WPW_QRS_MS)} ms": above(ecg.measurements.qrs_ms, _WPW_QRS_MS),
        "delta wave": ecg.context.preexcitation,
    }
    return _block(ecg, "WPW-AHA", "ventricular pre-excitation", conditions)


def _block(ecg: Ecg, code: str, name: str, conditions: Mapping[str, Verdict], source: str = PART_3) -> Criterion:
    """Return the criterion that all conditions hold; the first condition is about the QRS duration."""
    met = all_of(*conditions.values())
    if met is None:
        reason = f"{lacking(conditions)}{_holds_note(conditions)}"
    elif met:
        reason = f"{', '.join(conditions)}."
    else:
        reason = f"Not met: {', '.join([condition for condition, holds in conditions.items() if holds is False])}."
    if ecg.context.paced and code != "IVCD-AHA":
        met, reason = None, "Does not hold with ventricular pacing."
    qrs_ms = ecg.measurements.qrs_ms
    return Criterion(
        code=code,
        name=name,
        met=met,
        leads={},
        reason=reason if qrs_ms is None else f"{reason} QRS {number(qrs_ms)} ms.",
        source=source,
        family="conduction",
    )


def _holds_note(conditions: Mapping[str, Verdict]) -> str:
    names = ", ".join([condition for condition, holds in conditions.items() if holds])
    return f" Holds: {names}." if names else ""


def _incomplete(ecg: Ecg) -> dict[str, Verdict]:
    qrs_ms = ecg.measurements.qrs_ms
    name = f"QRS {number(_INCOMPLETE_MS)} to {number(_COMPLETE_MS - 1)} ms"
    return {name: all_of(at_least(qrs_ms, _INCOMPLETE_MS), below(qrs_ms, _COMPLETE_MS))}


def _right_delay(ecg: Ecg) -> dict[str, Verdict]:
    """Return the conditions of R' in V1 or V2, if it is higher than S, and of a broad S in I and V6."""
    r_prime = any_of([negate(_is_negative(ecg, name)) for name in ("V1", "V2")]) or None
    return {
        "R or R' above S in V1 or V2": r_prime,
        "broad S in I": _is_broad_s(ecg, "I"),
        "broad S in V6": _is_broad_s(ecg, "V6"),
    }


def _left_delay(ecg: Ecg, r_leads: tuple[str, ...]) -> dict[str, Verdict]:
    late = {
        f"R-peak time in {name} above {number(_LBBB_R_PEAK_MS)} ms": above(r_peak_ms(ecg.lead(name)), _LBBB_R_PEAK_MS)
        for name in r_leads
    }
    return {f"no Q in {name}": negate(has_q(ecg.lead(name))) for name in ("I", "V5", "V6")} | late


def _is_broad_s(ecg: Ecg, name: str) -> Verdict:
    lead = ecg.lead(name)
    if lead.s_mv == 0:
        return False
    longer = None if lead.s_ms is None or lead.r_ms is None else lead.s_ms > lead.r_ms
    return None if lead.s_mv is None else any_of((above(lead.s_ms, _S_MS), longer))


def _is_negative(ecg: Ecg, name: str) -> Verdict:
    """Return whether the lead has a QS complex, or an R wave that is smaller than S."""
    lead = ecg.lead(name)
    depth = depth_mv(lead)
    return None if lead.r_mv is None or depth is None else depth > lead.r_mv


def _is_qr(ecg: Ecg, name: str) -> Verdict:
    return all_of(has_q(ecg.lead(name)), negate(_is_negative(ecg, name)))


def _is_rs(ecg: Ecg, name: str) -> Verdict:
    return all_of(above(ecg.lead(name).r_mv, 0.0), _is_negative(ecg, name))
