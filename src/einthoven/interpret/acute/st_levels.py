"""ST and T levels in contiguous leads, against the limits of the Universal Definition."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple, Self

from einthoven.interpret.criteria.ecg import CHEST_LEADS, CONTIGUOUS, FRONTAL_LEADS
from einthoven.interpret.criteria.st_elevation import LIMIT_MV, v2_v3_limits
from einthoven.recording import Patient
from einthoven.signal.measurements.values import Measurements

Levels = Mapping[str, float]
"""Levels in mV by lead, for the chest and frontal leads that were measured, with -aVR for aVR."""


class StLevels(NamedTuple):
    """The ST levels of an ECG, and their limits."""

    at_j: Levels
    at_j60: Levels
    """ST levels 60 ms after the J point."""
    limits: Levels
    """Limit of elevation for every lead; if age or sex is unknown, the lowest limit that may apply."""

    @classmethod
    def of(cls, measurements: Measurements, patient: Patient) -> Self:
        """Return the ST levels of an ECG.

        Parameters
        ----------
        measurements
            Measurements of the ECG.
        patient
            Age and sex, if known.

        Returns
        -------
        StLevels
            ST levels, without leads that were not measured.
        """
        v2_v3_limit = v2_v3_limits(patient)[0]
        limits = {lead: v2_v3_limit if lead in ("V2", "V3") else LIMIT_MV for lead in (*CHEST_LEADS, *FRONTAL_LEADS)}
        return cls(levels(measurements, "st_j_mv"), levels(measurements, "st_j60_mv"), limits)

    def margins(self, of: Levels) -> dict[str, float]:
        """Return the differences between ST levels and the limits of elevation.

        Parameters
        ----------
        of
            ST levels: `at_j` or `at_j60`.

        Returns
        -------
        dict of str to float
            Differences in mV by lead; negative below the limit.
        """
        return {lead: value - self.limits[lead] for lead, value in of.items()}


def levels(measurements: Measurements, name: str) -> dict[str, float]:
    """Return the same measurement of all chest and frontal leads.

    Parameters
    ----------
    measurements
        Measurements of the ECG.
    name
        Name of an amplitude of LeadMeasurements.

    Returns
    -------
    dict of str to float
        Amplitudes in mV by lead, with -aVR for aVR; without leads that were not measured.
    """
    values = {}
    for lead in (*CHEST_LEADS, *FRONTAL_LEADS):
        measured = measurements.leads.get(lead.removeprefix("-"))
        value = None if measured is None else getattr(measured, name)
        if value is not None:
            values[lead] = -value if lead == "-aVR" else value
    return values


def largest_pair(of: Levels) -> tuple[float, tuple[str, str]] | None:
    """Return the two contiguous leads whose lower value is the highest.

    Parameters
    ----------
    of
        Levels in mV by lead.

    Returns
    -------
    tuple of float and two str, or None
        The lower value of both, and the leads; None without two neighbours.
    """
    return max(_pairs(of), default=None)


def largest_in_pair(of: Levels) -> float | None:
    """Return the highest value that two contiguous leads reach.

    Parameters
    ----------
    of
        Levels in mV by lead.

    Returns
    -------
    float or None
        The value; None without two neighbours.
    """
    return max([value for value, _ in _pairs(of)], default=None)


def reciprocal_mv(of: Levels) -> float:
    """Return the smaller of an elevation in the frontal leads and a depression opposite to it.

    Parameters
    ----------
    of
        ST levels in mV by lead.

    Returns
    -------
    float
        The smaller of the two in mV; 0 unless there are both.
    """
    frontal = [lead for lead in FRONTAL_LEADS if lead in of]
    inferior = largest_in_pair({lead: of[lead] for lead in frontal if lead in ("II", "aVF", "III")})
    lateral = largest_in_pair({lead: of[lead] for lead in frontal if lead in ("aVL", "I")})
    depressed_lateral = max([-of[lead] for lead in frontal if lead in ("aVL", "I")], default=0.0)
    depressed_inferior = max([-of[lead] for lead in frontal if lead in ("III", "aVF")], default=0.0)
    return max(0.0, min(inferior or 0.0, depressed_lateral), min(lateral or 0.0, depressed_inferior))


def _pairs(values: Levels) -> Iterator[tuple[float, tuple[str, str]]]:
    for one, other in CONTIGUOUS:
        if one in values and other in values:
            yield min(values[one], values[other]), (one, other)
