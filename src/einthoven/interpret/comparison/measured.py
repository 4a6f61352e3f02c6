"""Compare the measurements of two ECGs."""

from collections.abc import Collection, Iterator, Mapping
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
_ALWAYS_LISTED = "st_j_mv"  # of every lead, whether it changed or not
_REPORTED = ("heart_rate_bpm", "pr_ms", "qrs_ms", "qtc_fridericia_ms", "qrs_axis_degrees")  # if they are lacking


class MeasuredChanges(NamedTuple):
    """What the comparison of measurements gives."""

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
        All measurements of the whole ECG, ST at J of all leads, and other amplitudes beyond their limits. ST counts as
        changed beyond the limit of 95 % of pairs in two contiguous leads, because to miss a change of ST is worse
        than to look twice; all others beyond that of 99 %.
    """
    earlier, later = _measurements(before), _measurements(after)
    changes, lacking = [], []
    limits = usual_difference(wide=is_wide(earlier, later))
    for name in NAMES:
        values = getattr(earlier, name), getattr(later, name)
        if None in values:
            if reason := _lacking(name, values):
                lacking.append(reason)
            continue
        limit = limits.measurements[name].p99
        changed = abs(difference(name, *values)) > limit
        changes.append(Change("measurement", name, NAMES[name], *values, changed, _unit(name), limit=limit))
    if before.electrodes.suspected or after.electrodes.suspected:
        return MeasuredChanges(
            tuple([change for change in changes if change.unit != "degrees"]), (*lacking, "ST, Q, R, S and T, axes")
        )
    leads = [lead for lead in after.recording.leads if lead in before.recording.leads]
    unmeasured = [lead for lead in leads if not (_has_st(earlier, lead) and _has_st(later, lead))]
    if unmeasured:
        lacking.append("ST in all leads" if len(unmeasured) == len(leads) else f"ST in {join(unmeasured)}")
    waves = (*ST, *Q, *QRS_WAVES, *T) if waves_comparable(before, after) else (*ST, *T)
    for name in waves:
        changes += _lead_changes(name, leads, (earlier, later), limits.leads[name])
    return MeasuredChanges(tuple(changes), tuple(lacking))


def _measurements(ecg: Interpretation) -> Measurements:
    """Return the measurements with the heart rate of the answer, which also an ECG that is not interpreted may have."""
    measured = ecg.measurements or Measurements()
    values = {name: getattr(measured, name) for name in NAMES} | {"heart_rate_bpm": ecg.heart_rate_bpm}
    return Measurements(**values, leads=measured.leads)


def _has_st(ecg: Measurements, lead: str) -> bool:
    return ecg.leads.get(lead, LeadMeasurements()).st_j_mv is not None


def _lacking(name: str, values: tuple[float | None, float | None]) -> str:
    """Return which ECG lacks a measurement; nothing if both lack PR, because they may have no P waves."""
    if name not in _REPORTED or (name == "pr_ms" and values == (None, None)):
        return ""
    if values == (None, None):
        return f"{NAMES[name]} (not measured in either ECG)"
    return f"{NAMES[name]} (not measured in {PREVIOUS if values[0] is None else THIS})"


def _lead_changes(
    name: str, leads: Collection[str], ecgs: tuple[Measurements, Measurements], limits: Mapping[str, Limit]
) -> Iterator[Change]:
    values = {lead: [wave_mv(ecg.leads.get(lead, LeadMeasurements()), name) for ecg in ecgs] for lead in leads}
    known = {lead: (one, two) for lead, (one, two) in values.items() if one is not None and two is not None}
    limit = {lead: limits[lead].p95 if name in ST else limits[lead].p99 for lead in known if lead in limits}
    ratios = {lead: round(known[lead][1] - known[lead][0], 3) / size for lead, size in limit.items()}
    for lead in limit:
        changed = abs(ratios[lead]) > 1 and (name not in ST or _confirmed(lead, ratios))
        if changed or name == _ALWAYS_LISTED:
            what = f"{WAVE_NAMES[name]} in {lead}"
            yield Change("measurement", name, what, *known[lead], changed, "mV", lead, limit[lead])


def _confirmed(lead: str, ratios: Mapping[str, float]) -> bool:
    """Return whether a contiguous lead is beyond its limit in the same direction."""
    direction = 1 if ratios[lead] > 0 else -1
    return any(direction * sign * ratios.get(neighbor, 0) > 1 for neighbor, sign in NEIGHBORS[lead])


def _unit(name: str) -> Unit:
    units: Mapping[str, Unit] = {"bpm": "bpm", "ms": "ms", "degrees": "degrees"}
    return units[name.rpartition("_")[2]]
