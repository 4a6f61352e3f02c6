"""Compare the measurements of two ECGs."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from einthoven.interpret.comparison.comparable import PREVIOUS, THIS, join, waves_comparable
from einthoven.interpret.comparison.usual_difference import (
    NEIGHBORS,
    QRS_WAVES,
    ST,
    Limit,
    Q,
    T,
    difference,
    is_wide,
    usual_difference,
    wave_mv,
)
from einthoven.interpret.comparison.values import Change
from einthoven.interpret.interpretation import Interpretation
from einthoven.signal.measurements.values import LeadMeasurements, Measurements

Unit = Literal["mV", "ms", "bpm", "degrees"]
_Ecgs = tuple[Measurements, Measurements]
"""Measurements of the previous ECG and of this one."""
NAMES: Mapping[str, str] = {
    "heart_rate_bpm": "heart rate",
    "pr_ms": "PR interval",
    "p_ms": "P wave duration",
    "qrs_ms": "QRS duration",
    "qtc_fridericia_ms": "QTcF",
    "qrs_axis_degrees": "QRS axis",
    "t_axis_degrees": "T axis",
}
"""The measurements of the whole ECG that are compared, in the order of a report."""
WAVE_NAMES: Mapping[str, str] = {
    "st_j_mv": "ST at J",
    "st_j60_mv": "ST at J + 60 ms",
    "q_mv": "Q wave",
    "r_mv": "R wave",
    "s_mv": "S wave",
    "t_mv": "T wave",
}
"""The amplitudes of a lead that are compared."""
_ALWAYS_LISTED = "st_j_mv"  # for every lead, whether it changed or not
_REPORTED = ("heart_rate_bpm", "pr_ms", "qrs_ms", "qtc_fridericia_ms", "qrs_axis_degrees")  # if they are missing


class MeasuredChanges(NamedTuple):
    """Result of the comparison of measurements."""

    changes: tuple[Change, ...]
    not_compared: tuple[str, ...]


def compare_measurements(before: Interpretation, after: Interpretation) -> MeasuredChanges:
    """Compare the measurements of two ECGs.

    Parameters
    ----------
    before, after
        The previous ECG and this one.

    Returns
    -------
    MeasuredChanges
        Changes of all measurements of the whole ECG, of ST at J in all leads, and of other amplitudes beyond their
        limits. A change of ST is significant if two contiguous leads exceed the limit of 95 % of pairs, because a
        missed change of ST is worse than a second look. Other changes are significant beyond the limit of 99 %.
    """
    ecgs = _measurements(before), _measurements(after)
    limits = usual_difference(wide=is_wide(*ecgs))
    changes = [change for name in NAMES for change in _value_change(name, ecgs, limits.measurements[name].p99)]
    lacking = [reason for name in _REPORTED if (reason := _lacking(name, ecgs))]
    if before.electrodes.suspected or after.electrodes.suspected:
        alike = tuple([change for change in changes if change.unit != "degrees"])
        return MeasuredChanges(alike, (*lacking, "ST, Q, R, S and T, axes"))
    leads = [lead for lead in after.recording.leads if lead in before.recording.leads]
    waves = (*ST, *Q, *QRS_WAVES, *T) if waves_comparable(before, after) else (*ST, *T)
    for name in waves:
        changes += _lead_changes(name, leads, ecgs, limits.leads[name])
    return MeasuredChanges(tuple(changes), (*lacking, *_lacking_leads(leads, ecgs)))


def _measurements(ecg: Interpretation) -> Measurements:
    """Return the measurements with the heart rate of the answer, which an ECG may have without being interpreted."""
    measured = ecg.measurements or Measurements()
    values = {name: getattr(measured, name) for name in NAMES} | {"heart_rate_bpm": ecg.heart_rate_bpm}
    return Measurements(**values, leads=measured.leads)


def _value_change(name: str, ecgs: _Ecgs, limit: float) -> Iterator[Change]:
    before, after = (getattr(ecg, name) for ecg in ecgs)
    if before is not None and after is not None:
        changed = abs(difference(name, before, after)) > limit
        yield Change("measurement", name, NAMES[name], before, after, changed, _unit(name), limit=limit)


def _lacking(name: str, ecgs: _Ecgs) -> str:
    """Return the measurement and the ECG that lacks it; "" if none does, or if both lack PR, maybe without P waves."""
    without = [which for which, ecg in zip((PREVIOUS, THIS), ecgs, strict=True) if getattr(ecg, name) is None]
    if len(without) == 2:
        return "" if name == "pr_ms" else f"{NAMES[name]} (not measured in either ECG)"
    return f"{NAMES[name]} (not measured in {without[0]})" if without else ""


def _lacking_leads(leads: Sequence[str], ecgs: _Ecgs) -> Iterator[str]:
    unmeasured = [lead for lead in leads if any(_lead(ecg, lead).st_j_mv is None for ecg in ecgs)]
    if unmeasured:
        yield "ST in all leads" if len(unmeasured) == len(leads) else f"ST in {join(unmeasured)}"
    if others := [lead for lead in ecgs[0].leads if lead in ecgs[1].leads and lead not in leads]:
        yield f"{join(others)} (their usual difference is not known)"


def _lead(ecg: Measurements, lead: str) -> LeadMeasurements:
    return ecg.leads.get(lead, LeadMeasurements())


def _lead_changes(name: str, leads: Collection[str], ecgs: _Ecgs, limits: Mapping[str, Limit]) -> Iterator[Change]:
    values = {lead: [wave_mv(_lead(ecg, lead), name) for ecg in ecgs] for lead in leads}
    pairs = {lead: (one, two) for lead, (one, two) in values.items() if one is not None and two is not None}
    limit = {lead: limits[lead].p95 if name in ST else limits[lead].p99 for lead in pairs if lead in limits}
    ratios = {lead: round(pairs[lead][1] - pairs[lead][0], 3) / size for lead, size in limit.items()}
    for lead in limit:
        changed = abs(ratios[lead]) > 1 and (name not in ST or _confirmed(lead, ratios))
        if changed or name == _ALWAYS_LISTED:
            what = f"{WAVE_NAMES[name]} in {lead}"
            yield Change("measurement", name, what, *pairs[lead], changed, "mV", lead, limit[lead])


def _confirmed(lead: str, ratios: Mapping[str, float]) -> bool:
    """Return whether a contiguous lead is beyond its limit in the same direction."""
    direction = 1 if ratios[lead] > 0 else -1
    return any(direction * sign * ratios.get(neighbor, 0) > 1 for neighbor, sign in NEIGHBORS[lead])


def _unit(name: str) -> Unit:
    units: Mapping[str, Unit] = {"bpm": "bpm", "ms": "ms", "degrees": "degrees"}
    return units[name.rpartition("_")[2]]
