"""ST levels against the limits of the Universal Definition, lead by lead and in contiguous pairs."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple, Self

from einthoven.interpret.criteria.criterion import Context
from einthoven.interpret.criteria.ecg import CONTIGUOUS, Ecg
from einthoven.interpret.criteria.st_elevation import LIMIT_MV, v2_v3_limits
from einthoven.recording import Patient
from einthoven.signal.measurements.values import Measurements


class StLevels(NamedTuple):
    """ST levels in mV of the contiguous leads that were measured, with -aVR for aVR."""

    at_j: Mapping[str, float]
    at_j60: Mapping[str, float]
    """60 ms after the J point."""
    limits: Mapping[str, float]
    """Of elevation; of an unknown age or sex the lowest that may hold."""

    @classmethod
    def of(cls, measurements: Measurements | None, patient: Patient) -> Self:
        """Return the ST levels of an ECG.

        Parameters
        ----------
        measurements
            Of the ECG; None if there are none.
        patient
            Age and sex, if known.

        Returns
        -------
        StLevels
            Empty without measurements.
        """
        if measurements is None:
            return cls({}, {}, {})
        ecg = Ecg.of(measurements, patient, Context())
        at_j = {lead: value for lead, value in ecg.st_mv.items() if value is not None}
        late = {lead: ecg.lead(lead.removeprefix("-")).st_j60_mv for lead in at_j}
        at_j60 = {lead: -value if lead == "-aVR" else value for lead, value in late.items() if value is not None}
        v2_v3_limit = v2_v3_limits(patient)[0]
        return cls(at_j, at_j60, {lead: v2_v3_limit if lead in ("V2", "V3") else LIMIT_MV for lead in at_j})

    def largest_pair(self) -> tuple[float, tuple[str, str]] | None:
        """Return the two contiguous leads that are the farthest above their limits, or the least below.

        Returns
        -------
        tuple of float and two str, or None
            The smaller margin of both at the J point in mV, negative below the limit; None without two neighbours.
        """
        margins = {lead: value - self.limits[lead] for lead, value in self.at_j.items()}
        return max(_pairs(margins), default=None)


def largest_in_pair(values: Mapping[str, float]) -> float | None:
    """Return the largest value that two contiguous leads reach.

    Parameters
    ----------
    values
        By chest or frontal lead; leads may be missing.

    Returns
    -------
    float or None
        None without two neighbours.
    """
    return max((value for value, _ in _pairs(values)), default=None)


def _pairs(values: Mapping[str, float]) -> Iterator[tuple[float, tuple[str, str]]]:
    for one, other in CONTIGUOUS:
        if one in values and other in values:
            yield min(values[one], values[other]), (one, other)
