"""The input of a criterion: the measurements of one ECG, the patient and the context."""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import NamedTuple, Self

from einthoven.interpret.criteria.criterion import Context
from einthoven.interpret.criteria.verdicts import Verdict
from einthoven.recording import LEADS, Patient
from einthoven.signal.measurements.values import LeadMeasurements, Measurements

CHEST_LEADS = ("V1", "V2", "V3", "V4", "V5", "V6")
FRONTAL_LEADS = ("aVL", "I", "-aVR", "II", "aVF", "III")
"""Frontal leads in anatomical order (Wagner et al. 2009, AHA/ACCF/HRS part VI)."""
CONTIGUOUS = (*pairwise(CHEST_LEADS), *pairwise(FRONTAL_LEADS))
NARROW_BELOW_MS = 120.0
"""A shorter QRS complex is neither a complete bundle branch block nor a ventricular paced beat (Surawicz 2009)."""

_ORDER = {lead: place for place, lead in enumerate((*LEADS[:3], "-aVR", *LEADS[3:], "V7", "V8", "V9", "V3R", "V4R"))}
_NOT_MEASURED = LeadMeasurements()


class Ecg(NamedTuple):
    """The input of a criterion for one ECG."""

    measurements: Measurements
    patient: Patient
    context: Context
    st_mv: Mapping[str, float | None]
    """ST level at the J point of the contiguous leads: the twelve, with -aVR for aVR."""

    @classmethod
    def of(cls, measurements: Measurements, patient: Patient, context: Context) -> Self:
        """Return the ECG with these measurements.

        Parameters
        ----------
        measurements
            Measurements of the ECG.
        patient
            Age and sex, if known.
        context
            Further known facts.

        Returns
        -------
        Ecg
            The ECG, with the ST levels of the contiguous leads.
        """
        leads = measurements.leads
        st_mv: dict[str, float | None] = {
            lead: leads[lead].st_j_mv if lead in leads else None for lead in (*CHEST_LEADS, *FRONTAL_LEADS)
        }
        st_avr = leads["aVR"].st_j_mv if "aVR" in leads else None
        st_mv["-aVR"] = None if st_avr is None else -st_avr
        return cls(measurements, patient, context, st_mv)

    def lead(self, name: str) -> LeadMeasurements:
        """Return the measurements of a lead.

        Parameters
        ----------
        name
            Standard name.

        Returns
        -------
        LeadMeasurements
            Measurements of the lead; all None if it was not measured.
        """
        return self.measurements.leads.get(name, _NOT_MEASURED)


def contiguous(verdicts: Mapping[str, Verdict]) -> tuple[Verdict, list[str]]:
    """Return whether a condition holds in two contiguous leads, and the leads.

    Parameters
    ----------
    verdicts
        Whether it holds in each of the chest and frontal leads.

    Returns
    -------
    tuple of bool or None and list of str
        The leads are those of contiguous pairs; without such a pair, all leads in which it holds.
    """
    met: set[str] = set()
    verdict: Verdict = False
    for one, other in CONTIGUOUS:
        first, second = verdicts[one], verdicts[other]
        if first and second:
            met |= {one, other}
        elif (first is None and second is not False) or (second is None and first):
            verdict = None
    if met:
        return True, in_order(met)
    return verdict, [lead for lead, holds in verdicts.items() if holds]


def in_order(leads: Iterable[str]) -> list[str]:
    """Sort leads in the order in which they are printed.

    Parameters
    ----------
    leads
        Standard names, or -aVR.

    Returns
    -------
    list of str
        The leads, in the order I, II, III, -aVR, aVR, aVL, aVF, V1 to V9, V3R, V4R.
    """
    return sorted(leads, key=_ORDER.__getitem__)


def depth_mv(lead: LeadMeasurements) -> float | None:
    """Return the depth of the S wave, or that of a QS complex.

    Parameters
    ----------
    lead
        Measurements of a lead.

    Returns
    -------
    float or None
        Depth in mV, positive; 0 without an S wave.
    """
    if lead.r_mv is None:
        return None
    wave_mv = lead.s_mv if lead.r_mv else lead.q_mv
    return None if wave_mv is None else -wave_mv


def deepest_mv(lead: LeadMeasurements) -> float | None:
    """Return the depth of the deepest wave of the QRS complex.

    Parameters
    ----------
    lead
        Measurements of a lead.

    Returns
    -------
    float or None
        Depth in mV, positive; 0 without a Q and an S wave.
    """
    return None if lead.q_mv is None or lead.s_mv is None else max(-lead.q_mv, -lead.s_mv)


def peak_to_peak_mv(lead: LeadMeasurements) -> float | None:
    """Return the height of the QRS complex from its lowest to its highest point.

    Parameters
    ----------
    lead
        Measurements of a lead.

    Returns
    -------
    float or None
        Height in mV.
    """
    deepest = deepest_mv(lead)
    return None if deepest is None or lead.r_mv is None else deepest + lead.r_mv


def is_positive(lead: LeadMeasurements) -> Verdict:
    """Return whether the largest deflection of the QRS complex is upright.

    Parameters
    ----------
    lead
        Measurements of a lead.

    Returns
    -------
    bool or None
        None if not measured, or if the deflections are equal.
    """
    deepest = deepest_mv(lead)
    if deepest is None or lead.r_mv is None or deepest == lead.r_mv:
        return None
    return lead.r_mv > deepest


def has_q(lead: LeadMeasurements) -> Verdict:
    """Return whether the QRS complex begins with a downward deflection.

    Parameters
    ----------
    lead
        Measurements of a lead.

    Returns
    -------
    bool or None
        True for a QS complex too.
    """
    return None if lead.q_mv is None else lead.q_mv < 0


def r_peak_ms(lead: LeadMeasurements) -> float | None:
    """Estimate the R-peak time, from the onset of the QRS complex, as Q and half of R.

    Parameters
    ----------
    lead
        Measurements of a lead.

    Returns
    -------
    float or None
        Time in ms; None without an R wave.
    """
    if not lead.r_mv or lead.r_ms is None or lead.q_mv is None:
        return None
    if lead.q_mv == 0:
        return lead.r_ms / 2
    return None if lead.q_ms is None else lead.q_ms + lead.r_ms / 2
