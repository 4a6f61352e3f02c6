"""Limits of intervals and of the frontal axis."""

from einthoven.interpret.criteria.applicability import limits_by_sex
from einthoven.interpret.criteria.criterion import Criterion, Quantity
from einthoven.interpret.criteria.ecg import NARROW_BELOW_MS, Ecg
from einthoven.interpret.criteria.sources import PART_3, PART_4
from einthoven.interpret.criteria.verdicts import Verdict, above, at_least, below, beyond
from einthoven.interpret.criteria.wording import number

_PR_LONG_MS = 200.0  # longer (Kusumoto et al. 2018)
_PR_SHORT_MS = 120.0  # shorter (PART_3)
_QTC_MEN_MS, _QTC_WOMEN_MS = 450.0, 460.0  # PART_4
_QTC_CRITICAL_MS = 500.0  # Drew et al. 2010
_LEFT_DEGREES, _RIGHT_DEGREES = -30.0, 90.0  # PART_3: below and above
_BRADYCARDIA = "Kusumoto et al. 2018, ACC/AHA/HRS bradycardia guideline, Circulation 140:e382"
_TORSADE = "Drew et al. 2010, AHA/ACCF statement on torsade de pointes, Circulation 121:1047"


def pr_long(ecg: Ecg) -> Criterion:
    """Evaluate a PR interval above 200 ms.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        Met in first-degree AV block, if every P wave is conducted.
    """
    pr_ms = ecg.measurements.pr_ms
    met = above(pr_ms, _PR_LONG_MS)
    return _interval("PR-LONG", "PR interval above 200 ms", "PR", pr_ms, _PR_LONG_MS, met, _BRADYCARDIA)


def pr_short(ecg: Ecg) -> Criterion:
    """Evaluate a PR interval below 120 ms.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        Met with or without pre-excitation.
    """
    pr_ms = ecg.measurements.pr_ms
    met = below(pr_ms, _PR_SHORT_MS)
    return _interval("PR-SHORT", "PR interval below 120 ms", "PR", pr_ms, _PR_SHORT_MS, met, PART_3)


def qtc_long(ecg: Ecg) -> Criterion:
    """Evaluate a prolonged QTc after Fridericia: at least 450 ms in men, 460 ms in women.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        None between the limits if the sex is unknown.
    """
    qtc_ms = ecg.measurements.qtc_fridericia_ms
    low, high = limits_by_sex(ecg.patient, _QTC_MEN_MS, _QTC_WOMEN_MS)
    met = beyond(qtc_ms, low, high)
    note = ""
    if met is None and qtc_ms is not None:
        note = f" The limit of women is {number(high)} ms, and the sex is unknown."
    limit = high if met else low
    return _interval("QTC-LONG", "prolonged QTc", "QTcF", qtc_ms, limit, met, PART_4, f"{_qrs_note(ecg)}{note}")


def qtc_critical(ecg: Ecg) -> Criterion:
    """Evaluate a QTc of at least 500 ms after Fridericia.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        Met if the QTc is a critical value.
    """
    qtc_ms = ecg.measurements.qtc_fridericia_ms
    met = at_least(qtc_ms, _QTC_CRITICAL_MS)
    name, note = "QTc of 500 ms or more", _qrs_note(ecg)
    return _interval("QTC-500", name, "QTcF", qtc_ms, _QTC_CRITICAL_MS, met, _TORSADE, note)


def axis_left(ecg: Ecg) -> Criterion:
    """Evaluate left axis deviation: -30 to -90 degrees.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        The quantity is the axis.
    """
    axis = ecg.measurements.qrs_axis_degrees
    met = None if axis is None else -90 <= axis < _LEFT_DEGREES
    return _axis("AXIS-LEFT", "left axis deviation", axis, _LEFT_DEGREES, met, "-90 to -30")


def axis_right(ecg: Ecg) -> Criterion:
    """Evaluate right axis deviation: 90 to 180 degrees.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        The quantity is the axis.
    """
    axis = ecg.measurements.qrs_axis_degrees
    return _axis("AXIS-RIGHT", "right axis deviation", axis, _RIGHT_DEGREES, above(axis, _RIGHT_DEGREES), "90 to 180")


def axis_extreme(ecg: Ecg) -> Criterion:
    """Evaluate an axis of -90 to -180 degrees.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        The quantity is the axis.
    """
    axis = ecg.measurements.qrs_axis_degrees
    return _axis("AXIS-EXTREME", "extreme axis deviation", axis, -90.0, below(axis, -90.0), "-180 to -90")


def _interval(
    code: str, name: str, label: str, value: float | None, limit: float, met: Verdict, source: str, note: str = ""
) -> Criterion:
    reason = (
        f"{label} not measured." if value is None else f"{label} {number(value)} ms (limit {number(limit)} ms).{note}"
    )
    return Criterion(
        code=code,
        name=name,
        met=met,
        leads={},
        reason=reason,
        source=source,
        family="conduction",
        quantity=None if value is None else Quantity(value, limit, "ms"),
    )


def _axis(code: str, name: str, axis: float | None, limit: float, met: Verdict, between: str) -> Criterion:
    reason = "QRS axis not measured." if axis is None else f"QRS axis {number(axis)} degrees ({between} degrees)."
    return Criterion(
        code=code,
        name=name,
        met=met,
        leads={},
        reason=reason,
        source=PART_3,
        family="conduction",
        quantity=None if axis is None else Quantity(axis, limit, "degrees"),
    )


def _qrs_note(ecg: Ecg) -> str:
    """Return the note that a long QRS complex prolongs QT (PART_4)."""
    qrs_ms = ecg.measurements.qrs_ms
    return f" QRS of {number(qrs_ms)} ms adds to it." if qrs_ms is not None and qrs_ms >= NARROW_BELOW_MS else ""
