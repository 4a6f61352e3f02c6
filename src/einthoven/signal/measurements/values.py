"""Measurements by name, and the combination of the segments' measurements for a recording."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from statistics import median
from typing import Any, NamedTuple, Self

import numpy as np

_MAX_AXES = 1000
"""Largest number of segments for which the median of an axis is exact; with more, it is in whole degrees."""


class LeadMeasurements(NamedTuple):  # quicker to make than a dataclass, and a recording has a dozen
    """Amplitudes and durations of the waves of one lead; None if unclear.

    Amplitudes are in mV from the level at the onset of the QRS complex, P waves' from the level at their own onset.
    """

    p_mv: float | None = None
    """Amplitude of the largest deflection of the P wave, with its sign."""
    q_mv: float | None = None
    """Amplitude of the Q wave, negative; 0 without a Q wave."""
    q_ms: float | None = None
    r_mv: float | None = None
    """Amplitude of the highest R wave; 0 in a QS complex."""
    r_ms: float | None = None
    s_mv: float | None = None
    """Amplitude of the deepest wave after the R wave, negative; 0 without one."""
    s_ms: float | None = None
    t_mv: float | None = None
    """Amplitude of the largest deflection of the T wave, with its sign."""
    st_j_mv: float | None = None
    """Amplitude of the ST segment at the J point, the offset of the QRS complex."""
    st_j20_mv: float | None = None
    """Amplitude of the ST segment 20 ms after the J point; the next fields likewise for 40, 60 and 80 ms."""
    st_j40_mv: float | None = None
    st_j60_mv: float | None = None
    st_j80_mv: float | None = None


@dataclass(frozen=True)
class Measurements:
    """Measurements of the beats of a signal: times in ms, axes in degrees; None if unclear."""

    heart_rate_bpm: float | None = None
    """Ventricular rate."""
    pr_ms: float | None = None
    """PR interval, from the onset of the P wave to the onset of the QRS complex."""
    p_ms: float | None = None
    """Duration of the P wave, from its onset to its end."""
    qrs_ms: float | None = None
    qt_ms: float | None = None
    """QT interval, from the onset of the QRS complex to the end of the T wave."""
    qtc_bazett_ms: float | None = None
    """QT / sqrt(RR / s), corrected QT after Bazett (Heart 1920, 7:353)."""
    qtc_fridericia_ms: float | None = None
    """QT / cbrt(RR / s), corrected QT after Fridericia (Acta Med Scand 1920, 53:469)."""
    qtc_framingham_ms: float | None = None
    """QT + 154 (1 - RR / s), corrected QT after Framingham (Sagie et al., Am J Cardiol 1992, 70:797)."""
    qtc_hodges_ms: float | None = None
    """QT + 1.75 (heart rate - 60), corrected QT after Hodges (Hodges et al., J Am Coll Cardiol 1983, 1:694)."""
    p_axis_degrees: float | None = None
    """Frontal axis of the P wave, -180 to 180: 0 points to the left, 90 to the feet."""
    qrs_axis_degrees: float | None = None
    """Frontal axis of the QRS complex."""
    t_axis_degrees: float | None = None
    """Frontal axis of the T wave."""
    leads: Mapping[str, LeadMeasurements] = field(default_factory=dict)
    """Measurements of each lead by standard name; leads that are too noisy are left out."""

    def without_p_waves(self) -> "Measurements":
        """Return a copy without the measurements of P waves.

        Returns
        -------
        Measurements
            Measurements for rhythms in which no P waves lead the beats.
        """
        leads = {name: lead._replace(p_mv=None) for name, lead in self.leads.items()}
        return replace(self, pr_ms=None, p_ms=None, p_axis_degrees=None, leads=leads)

    def rounded(self) -> "Measurements":
        """Return a copy in whole ms and degrees, uV and tenths of bpm, the resolution of the answer.

        Returns
        -------
        Measurements
            Rounded measurements.
        """
        leads = {lead: LeadMeasurements(*map(_rounded, values, _LEAD_DIGITS)) for lead, values in self.leads.items()}
        whole: dict[str, Any] = {
            name: _rounded(getattr(self, name), digits)
            for name, digits in zip(GLOBAL_NAMES, _GLOBAL_DIGITS, strict=True)
        }
        return Measurements(**whole, leads=leads)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object.

        Returns
        -------
        dict
            JSON object with all fields by name.
        """
        values = {name: getattr(self, name) for name in GLOBAL_NAMES}
        return {**values, "leads": {name: lead._asdict() for name, lead in self.leads.items()}}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Create Measurements from a JSON object.

        Parameters
        ----------
        values
            JSON object from `to_dict`.

        Returns
        -------
        Measurements
            Measurements that equal the original.
        """
        leads = {lead: LeadMeasurements(**of_lead) for lead, of_lead in values["leads"].items()}
        return cls(**{**values, "leads": leads})


LEAD_NAMES = LeadMeasurements._fields
GLOBAL_NAMES = tuple(column.name for column in fields(Measurements) if column.name != "leads")
_LEAD_DIGITS, _GLOBAL_DIGITS = (
    [3 if name.endswith("_mv") else 1 if name.endswith("_bpm") else None for name in names]
    for names in (LEAD_NAMES, GLOBAL_NAMES)
)


def median_measurements(segments: Sequence[Measurements]) -> Measurements:
    """Compute the median of each measurement over the segments of a recording.

    Parameters
    ----------
    segments
        Measurements of the segments, at least one.

    Returns
    -------
    Measurements
        Medians; None for measurements that fewer than half of the segments have. The median of an axis, which lies on a
        circle, is the axis that is closest to all others.
    """
    if len(segments) == 1:
        return segments[0]
    leads = {lead: None for segment in segments for lead in segment.leads}
    return Measurements(
        **_medians(segments, GLOBAL_NAMES),
        leads={
            lead: LeadMeasurements(**_medians([s.leads.get(lead, LeadMeasurements()) for s in segments], LEAD_NAMES))
            for lead in leads
        },
    )


def _medians(segments: Sequence[Measurements | LeadMeasurements], names: Sequence[str]) -> dict[str, float]:
    medians = {}
    for name in names:
        known = [value for segment in segments if (value := getattr(segment, name)) is not None]
        if known and 2 * len(known) >= len(segments):
            medians[name] = _median_axis(known) if name.endswith("_degrees") else median(known)
    return medians


def _rounded(value: float | None, digits: int | None) -> float | None:
    return None if value is None else round(value, digits) + 0  # makes -0.0 0.0


def _median_axis(degrees: Sequence[float]) -> float:
    axes = np.asarray(degrees, np.float64)
    counts = np.ones(len(axes))
    if len(axes) > _MAX_AXES:  # the matrix would need gigabytes
        axes, repeats = np.unique(np.round(axes), return_counts=True)
        counts = repeats.astype(np.float64)
    differences = np.abs((axes[:, None] - axes + 180) % 360 - 180)
    return float(axes[(differences * counts).sum(axis=1).argmin()])
