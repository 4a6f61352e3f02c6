"""The point score of Romhilt and Estes for left ventricular hypertrophy."""

from einthoven.interpret.criteria.applicability import abnormal_activation
from einthoven.interpret.criteria.criterion import Criterion, Quantity
from einthoven.interpret.criteria.ecg import Ecg, depth_mv, is_positive, r_peak_ms
from einthoven.interpret.criteria.verdicts import Verdict, all_of, any_of, at_least, at_most, below
from einthoven.interpret.criteria.wording import verdict_and_reason

_DEFINITE = 5  # points; 4 are "probable"
_LIMB_MV, _S_MV, _R_MV = 2.0, 3.0, 3.0  # R or S of a limb lead; S in V1 or V2; R in V5 or V6
_AXIS_DEGREES = -30.0
_QRS_MS, _R_PEAK_MS = 90.0, 50.0
_ST_MV = -0.05  # ours: the score asks for an ST-T vector opposite to the QRS complex, without a number


def romhilt_estes(ecg: Ecg) -> Criterion:
    """Evaluate the score, with bounds for the P terminal force in V1, which is not measured.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        The quantity is the lowest possible score. None if the unmeasured terminal force decides.
    """
    measurements, digitalis = ecg.measurements, ecg.context.digitalis
    axis = measurements.qrs_axis_degrees
    strain = _strain(ecg)
    parts: dict[str, tuple[int, Verdict]] = {
        "voltage": (3, _voltage(ecg)),
        "ST-T opposite to QRS": (1 if digitalis else 3, strain),
        "P terminal force": (3, None),
        "left axis": (2, None if axis is None else -90 <= axis <= _AXIS_DEGREES),
        "QRS duration": (1, at_least(measurements.qrs_ms, _QRS_MS)),
        "R-peak time": (1, any_of([at_least(r_peak_ms(ecg.lead(lead)), _R_PEAK_MS) for lead in ("V5", "V6")])),
    }
    least = sum([points for points, holds in parts.values() if holds])
    least -= 2 if strain and digitalis is None else 0  # it may be an effect of digitalis
    most = sum([points for points, holds in parts.values() if holds is not False])
    present = ", ".join([f"{name} {points}" for name, (points, holds) in parts.items() if holds]) or "none"
    probable = "; 4 points are probable hypertrophy" if least == _DEFINITE - 1 else ""
    met, reason = verdict_and_reason(
        True if least >= _DEFINITE else None if most >= _DEFINITE else False,
        abnormal_activation(ecg),
        yes=f"At least {least} points: {present}.",
        no=f"At most {most} points: {present}.",
        needed={name: holds for name, (_, holds) in parts.items()},
    )
    if met is None and not abnormal_activation(ecg):
        reason = f"{least} to {most} points{probable}. {reason}"
    return Criterion(
        code="LVH-ROMHILT-ESTES",
        name="left ventricular hypertrophy: Romhilt-Estes score",
        met=met,
        leads={},
        reason=reason,
        source="Romhilt and Estes 1968, Am Heart J 75:752",
        family="hypertrophy",
        quantity=Quantity(least, _DEFINITE, "points"),
    )


def _voltage(ecg: Ecg) -> Verdict:
    limb = [ecg.lead(name) for name in ("I", "II", "III", "aVL", "aVF")]
    return any_of(
        [at_least(lead.r_mv, _LIMB_MV) for lead in limb]
        + [at_least(depth_mv(lead), _LIMB_MV) for lead in limb]
        + [at_least(depth_mv(ecg.lead(name)), _S_MV) for name in ("V1", "V2")]
        + [at_least(ecg.lead(name).r_mv, _R_MV) for name in ("V5", "V6")]
    )


def _strain(ecg: Ecg) -> Verdict:
    """Return whether ST is depressed and T inverted in V5 or V6 with an upright QRS complex."""
    return any_of(
        [
            all_of(is_positive(lead), at_most(lead.st_j_mv, _ST_MV), below(lead.t_mv, 0.0))
            for lead in (ecg.lead("V5"), ecg.lead("V6"))
        ]
    )
