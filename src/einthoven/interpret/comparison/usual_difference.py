"""The usual difference between two ECGs of one person, measured on PTB-XL by benchmarks/fit/comparison.py."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from einthoven.interpret.criteria.ecg import CHEST_LEADS, CONTIGUOUS, FRONTAL_LEADS
from einthoven.interpret.json_text import loads
from einthoven.signal.measurements.values import LeadMeasurements, Measurements

PARAMETERS = Path(__file__).with_name("usual_difference.json")
WIDE_FROM_MS = 120.0
"""QRS duration from which ST, T and QRS waves differ more between two ECGs."""
ST, ST_LATE, QRS_WAVES, Q, T = ("st_j_mv", "st_j60_mv"), ("st_j80_mv",), ("r_mv", "s_mv"), ("q_mv",), ("t_mv",)
FAMILIES = (ST, ST_LATE, QRS_WAVES, Q, T)
"""Amplitudes whose limits apply to all leads together: in 95 (or 99) of 100 pairs, no lead is beyond them. For ST, no
two contiguous leads are, as in the criteria of ST elevation."""
NEIGHBORS: Mapping[str, tuple[tuple[str, int], ...]] = {
    lead.removeprefix("-"): tuple(
        (other.removeprefix("-"), -1 if "-" in lead + other else 1)
        for pair in CONTIGUOUS
        if lead in pair
        for other in pair
        if other != lead
    )
    for lead in (*CHEST_LEADS, *FRONTAL_LEADS)
}
"""Contiguous leads of a lead, each with -1 if ST changes in the opposite direction there."""


class Limit(NamedTuple):
    """The largest absolute difference in a share of the pairs of ECGs without a change."""

    p95: float
    p99: float


@dataclass(frozen=True)
class UsualDifference:
    """The limits for ECGs with narrow, or with wide QRS complexes."""

    pairs: int
    """Number of pairs behind the limits."""
    measurements: Mapping[str, Limit]
    """Limits by the name of the measurement."""
    leads: Mapping[str, Mapping[str, Limit]]
    """Limits by the name of the measurement, then by lead."""
    criteria: Mapping[str, Limit]
    """Limits of the quantities that criteria compare, by code."""


@cache
def usual_difference(*, wide: bool) -> UsualDifference:
    """Return the limits for two ECGs.

    Parameters
    ----------
    wide
        Whether both have a QRS duration of at least WIDE_FROM_MS.

    Returns
    -------
    UsualDifference
        The shipped limits.
    """
    fields = loads(PARAMETERS.read_bytes())["wide" if wide else "narrow"]
    return UsualDifference(
        pairs=fields["pairs"],
        measurements=_limits(fields["measurements"]),
        leads={name: _limits(limits) for name, limits in fields["leads"].items()},
        criteria=_limits(fields["criteria"]),
    )


@cache
def usual_log_odds() -> Limit:
    """Return the limit of the log-odds of the model's probability of a label.

    Returns
    -------
    Limit
        One limit for all labels together.
    """
    return Limit(*loads(PARAMETERS.read_bytes())["log_odds"]["limits"])


def _limits(fields: Mapping[str, list[float]]) -> dict[str, Limit]:
    return {name: Limit(*limits) for name, limits in fields.items()}


def is_wide(*ecgs: Measurements) -> bool:
    """Return whether all of several ECGs have wide QRS complexes.

    Parameters
    ----------
    *ecgs
        Measurements of the ECGs.

    Returns
    -------
    bool
        False if one of them is narrow or unknown. Complexes that become wide or narrow are a change by themselves.
    """
    return all(ecg.qrs_ms is not None and ecg.qrs_ms >= WIDE_FROM_MS for ecg in ecgs)


def wave_mv(lead: LeadMeasurements, name: str) -> float | None:
    """Return an amplitude that can be compared between two ECGs.

    A small R wave comes and goes, and with it the same deflection is a Q or an S wave. Therefore S is the deepest of
    both, and a complex without an R wave has no Q.

    Parameters
    ----------
    lead
        Measurements of a lead.
    name
        Name of the amplitude.

    Returns
    -------
    float or None
        The amplitude in mV; None if it was not measured.
    """
    if name == "s_mv":
        depths = [value for value in (lead.q_mv, lead.s_mv) if value is not None]
        return min(depths) if depths else None
    if name == "q_mv" and not lead.r_mv:
        return None
    value: float | None = getattr(lead, name)
    return value


def difference(name: str, before: float, after: float) -> float:
    """Return the change of a value.

    Parameters
    ----------
    name
        Name of the measurement.
    before, after
        Values of the measurement.

    Returns
    -------
    float
        The change; for an axis, in the direction of the smaller angle.
    """
    change = after - before
    return (change + 180) % 360 - 180 if name.endswith("_degrees") else change
