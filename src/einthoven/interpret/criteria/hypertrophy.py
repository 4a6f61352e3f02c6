"""Voltage criteria for left and right ventricular hypertrophy."""

from collections.abc import Callable
from typing import Final, Literal

from einthoven.interpret.criteria.applicability import abnormal_activation, limits_by_sex
from einthoven.interpret.criteria.criterion import Criterion, Quantity
from einthoven.interpret.criteria.ecg import CHEST_LEADS, Ecg, depth_mv
from einthoven.interpret.criteria.sources import PART_5
from einthoven.interpret.criteria.verdicts import Verdict, above, at_least, beyond
from einthoven.interpret.criteria.wording import lacking, number

_SOKOLOW_MV, _SOKOLOW_AVL_MV = 3.5, 1.1
_CORNELL_MEN_MV, _CORNELL_WOMEN_MV = 2.8, 2.0  # more
_PRODUCT_MV_MS, _PRODUCT_WOMEN_MV = 244.0, 0.8  # 2440 mm ms; added in women
_PEGUERO_MEN_MV, _PEGUERO_WOMEN_MV = 2.8, 2.3
_RVH_MV = 1.05  # more
_S_LEADS = ("I", "II", "III", "aVL", "aVF", *CHEST_LEADS)  # a deep wave in aVR mirrors R
_FAMILY: Final = "hypertrophy"


def sokolow_lyon(ecg: Ecg) -> Criterion:
    """Evaluate the voltage of Sokolow and Lyon: S in V1 and the higher R of V5 and V6.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        The quantity is the sum.
    """
    s_v1, r_v5, r_v6 = depth_mv(ecg.lead("V1")), ecg.lead("V5").r_mv, ecg.lead("V6").r_mv
    r_waves = [r for r in (r_v5, r_v6) if r is not None]
    sum_mv = None if s_v1 is None or not r_waves else s_v1 + max(r_waves)
    if sum_mv is not None and sum_mv < _SOKOLOW_MV and len(r_waves) < 2:
        sum_mv = None  # the other lead may be higher
    return _voltage(
        ecg,
        "LVH-SOKOLOW-LYON",
        "left ventricular hypertrophy: Sokolow-Lyon voltage",
        sum_mv,
        (_SOKOLOW_MV, _SOKOLOW_MV),
        {"S V1": s_v1, "R V5": r_v5, "R V6": r_v6},
        f"Sokolow and Lyon 1949, Am Heart J 37:161; {PART_5}",
    )


def sokolow_avl(ecg: Ecg) -> Criterion:
    """Evaluate the R wave in aVL of Sokolow and Lyon.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        The quantity is R.
    """
    r_avl = ecg.lead("aVL").r_mv
    return _voltage(
        ecg,
        "LVH-R-AVL",
        "left ventricular hypertrophy: R in aVL",
        r_avl,
        (_SOKOLOW_AVL_MV, _SOKOLOW_AVL_MV),
        {"R aVL": r_avl},
        f"Sokolow and Lyon 1949, Am Heart J 37:161; {PART_5}",
    )


def cornell_voltage(ecg: Ecg) -> Criterion:
    """Evaluate the Cornell voltage: R in aVL and S in V3.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        The quantity is the sum.
    """
    parts = _cornell_parts(ecg)
    return _voltage(
        ecg,
        "LVH-CORNELL",
        "left ventricular hypertrophy: Cornell voltage",
        _sum(parts),
        limits_by_sex(ecg.patient, _CORNELL_MEN_MV, _CORNELL_WOMEN_MV),
        parts,
        f"Casale et al. 1987, Circulation 75:565; {PART_5}",
        exceeds=above,
    )


def cornell_product(ecg: Ecg) -> Criterion:
    """Evaluate the Cornell product: the Cornell voltage, in women with 0.8 mV more, times the QRS duration.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        The quantity is the product; if the sex is unknown, the limit of women is lowered instead.
    """
    voltage_mv, qrs_ms = _sum(parts := _cornell_parts(ecg)), ecg.measurements.qrs_ms
    complete = voltage_mv is not None and qrs_ms is not None
    added = _PRODUCT_WOMEN_MV if ecg.patient.sex == "female" else 0.0
    low = _PRODUCT_MV_MS - (_PRODUCT_WOMEN_MV * (qrs_ms or 0.0) if ecg.patient.sex is None else 0.0)
    return _voltage(
        ecg,
        "LVH-CORNELL-PRODUCT",
        "left ventricular hypertrophy: Cornell product",
        ((voltage_mv or 0.0) + added) * (qrs_ms or 0.0) if complete else None,
        (low, _PRODUCT_MV_MS),
        {**parts, "QRS": qrs_ms},
        f"Okin et al. 1995, J Am Coll Cardiol 25:417; {PART_5}",
        unit="mV ms",
    )


def peguero_lo_presti(ecg: Ecg) -> Criterion:
    """Evaluate the voltage of Peguero and Lo Presti: the deepest S of any lead and S in V4.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        The quantity is the sum. aVR, whose deep wave mirrors R, is left out.
    """
    depths = {name: depth_mv(ecg.lead(name)) for name in _S_LEADS}
    measured = {name: depth for name, depth in depths.items() if depth is not None}
    limits = limits_by_sex(ecg.patient, _PEGUERO_MEN_MV, _PEGUERO_WOMEN_MV)
    s_v4 = depths["V4"]
    deepest = max(measured, key=measured.__getitem__, default="V4")
    sum_mv = None if s_v4 is None else measured[deepest] + s_v4
    if sum_mv is not None and sum_mv < limits[1] and len(measured) < len(depths):
        sum_mv = None  # another lead may be deeper
    parts = {f"S {name}": depth for name, depth in depths.items() if sum_mv is None or name == deepest}
    return _voltage(
        ecg,
        "LVH-PEGUERO",
        "left ventricular hypertrophy: Peguero-Lo Presti voltage",
        sum_mv,
        limits,
        {**parts, "S V4": s_v4},
        "Peguero et al. 2017, J Am Coll Cardiol 69:1694",
    )


def rvh_sokolow(ecg: Ecg) -> Criterion:
    """Evaluate right ventricular hypertrophy after Sokolow and Lyon: R in V1 and the deeper S of V5 and V6.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        The quantity is the sum; None in right bundle branch block.
    """
    r_v1, s_v5, s_v6 = ecg.lead("V1").r_mv, depth_mv(ecg.lead("V5")), depth_mv(ecg.lead("V6"))
    s_waves = [s for s in (s_v5, s_v6) if s is not None]
    sum_mv = None if r_v1 is None or not s_waves else r_v1 + max(s_waves)
    if sum_mv is not None and sum_mv <= _RVH_MV and len(s_waves) < 2:
        sum_mv = None
    return _voltage(
        ecg,
        "RVH-SOKOLOW-LYON",
        "right ventricular hypertrophy: Sokolow-Lyon voltage",
        sum_mv,
        (_RVH_MV, _RVH_MV),
        {"R V1": r_v1, "S V5": s_v5, "S V6": s_v6},
        f"Sokolow and Lyon 1949, Am Heart J 38:273; {PART_5}",
        exceeds=above,
        confounder="right bundle branch block" if ecg.context.rbbb else None,
    )


def _cornell_parts(ecg: Ecg) -> dict[str, float | None]:
    return {"R aVL": ecg.lead("aVL").r_mv, "S V3": depth_mv(ecg.lead("V3"))}


def _sum(parts: dict[str, float | None]) -> float | None:
    values = [value for value in parts.values() if value is not None]
    return sum(values) if len(values) == len(parts) else None


def _voltage(
    ecg: Ecg,
    code: str,
    name: str,
    value: float | None,
    limits: tuple[float, float],
    parts: dict[str, float | None],
    source: str,
    *,
    unit: Literal["mV", "mV ms"] = "mV",
    exceeds: Callable[[float | None, float], Verdict] = at_least,
    confounder: str | None = None,
) -> Criterion:
    """Return the criterion of a sum of voltages, with the lowest and the highest limit that may apply."""
    low, high = limits
    value = None if value is None else round(value, 3)
    met = beyond(value, low, high, exceeds)
    limit = high if met else low
    shown = ", ".join([f"{part} {number(size)}" for part, size in parts.items() if size is not None])
    if confounder := abnormal_activation(ecg) or confounder:
        met, reason = None, f"Does not hold with {confounder}."
    elif value is None:
        reason = lacking(parts)
    elif met is None:
        reason = f"{shown}: {number(value)} {unit}; limit {number(low)} or {number(high)} {unit}, the sex is unknown."
    else:
        relation = "at least" if exceeds is at_least else "above"
        reason = f"{shown}: {number(value)} {unit}, {'' if met else 'not '}{relation} {number(limit)} {unit}."
    return Criterion(
        code=code,
        name=name,
        met=met,
        leads={},
        reason=reason,
        source=source,
        family=_FAMILY,
        quantity=None if value is None else Quantity(value, round(limit, 3), unit),
    )
