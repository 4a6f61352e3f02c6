"""Conditions that forbid ruling an infarct pattern in or out, regardless of its probability."""

from einthoven.interpret.acute.st_findings import StFindings
from einthoven.interpret.criteria.applicability import ADULT_YEARS
from einthoven.interpret.criteria.ecg import NARROW_BELOW_MS
from einthoven.interpret.criteria.low_voltage import low_voltage_throughout
from einthoven.interpret.criteria.verdicts import below
from einthoven.interpret.decisions import PRESENT
from einthoven.interpret.evidence import Evidence
from einthoven.interpret.rhythm.names import NO_RHYTHM, VENTRICULAR
from einthoven.interpret.rhythm.values import Rhythm

MAX_HIGH_PASS_HZ = 0.67
"""A higher limit of the recorder's filter moves the ST segment (AHA/ACC/HRS, Kligfield et al. 2007: 0.05 Hz, or 0.67 Hz
without phase distortion)."""
_CRITERIA = {
    "STEMI-UDMI4": "the criteria of ST elevation are met",
    "STEMI-POSTERIOR-V1V3": "V1 to V3 show the mirror image of a posterior infarct",
    "STEMI-V7V9": "ST is elevated in V7 to V9",
    "STEMI-V3RV4R": "ST is elevated in V3R or V4R",
    "STEMI-RV-V1": "ST is elevated in V1 and in inferior leads",
    "STD-UDMI4": "ST is depressed in two contiguous leads",
    "STD6-AVR": "ST is depressed in six leads",
    "SGARBOSSA-1996": "Sgarbossa's criteria are met",
    "SGARBOSSA-SMITH": "Smith's modified Sgarbossa criteria are met",
    "BARCELONA-2020": "the Barcelona criteria are met",
    "SMITH-4V": "Smith's formula indicates a possible LAD occlusion",
    "DE-WINTER": "a de Winter pattern is possible",
    "WELLENS-B": "a Wellens pattern is possible",
    "TALL-T": "T waves in V2 to V4 are tall",
    "ASLANGER": "an Aslanger pattern is possible",
    "BRUGADA-1": "a Brugada pattern is possible",
}
"""Criteria that forbid a rule-out, each with a clause."""


def is_paced(evidence: Evidence, rhythm: Rhythm) -> bool:
    """Return whether the ventricles are paced.

    Parameters
    ----------
    evidence
        Evidence of the ECG.
    rhythm
        Rhythm of the ECG.

    Returns
    -------
    bool
        True by the rhythm, by captured spikes, or if the model finds pacing more likely than not. A lower probability
        hides no ST elevation.
    """
    probable = bool(evidence.likely("PACE")) and (evidence.probability("PACE") or 0.0) >= PRESENT
    return probable or rhythm.code == "PACE" or evidence.paced


def left_or_paced(evidence: Evidence, rhythm: Rhythm) -> str | None:
    """Return the left bundle branch block or ventricular pacing that changes the ST segment.

    Parameters
    ----------
    evidence
        Evidence of the ECG, with its criteria.
    rhythm
        Rhythm of the ECG.

    Returns
    -------
    str or None
        Name of the condition; None if there is none.
    """
    if is_paced(evidence, rhythm):
        return "ventricular pacing"
    lbbb = evidence.likely("CLBBB")
    if lbbb is None:
        lbbb = evidence.met("LBBB-PATTERN")
    return "left bundle branch block" if lbbb else None


def unreadable(evidence: Evidence, rhythm: Rhythm) -> str | None:
    """Return the reason why no decision is possible, other than left bundle branch block and pacing.

    Parameters
    ----------
    evidence
        Evidence of the ECG, with its criteria.
    rhythm
        Rhythm of the ECG.

    Returns
    -------
    str or None
        A clause; None if nothing forbids it.
    """
    if evidence.electrodes.suspected:
        return evidence.electrodes.doubt
    if rhythm.code in NO_RHYTHM or not evidence.beats.organized:
        return "no heart rhythm is found"
    if rhythm.code in VENTRICULAR:
        return f"{rhythm.name} changes the ST segment"
    if evidence.likely("WPW"):
        return "pre-excitation changes the ST segment"
    high_pass_hz = evidence.filters.high_pass_hz if evidence.filters else None
    if high_pass_hz is not None and high_pass_hz > MAX_HIGH_PASS_HZ:
        return f"the recorder's high-pass filter of {high_pass_hz:g} Hz changes the ST segment"
    return None


def forbids_rule_out(evidence: Evidence, rhythm: Rhythm, st: StFindings) -> str | None:
    """Return the reason why an infarct pattern, acute or not, must not be ruled out despite its low probability.

    Parameters
    ----------
    evidence
        Evidence of the ECG, with its criteria.
    rhythm
        Rhythm of the ECG.
    st
        ST findings of the ECG.

    Returns
    -------
    str or None
        A clause; None if nothing forbids it.
    """
    if met := [reason for code, reason in _CRITERIA.items() if evidence.met(code)]:
        return met[0]
    if st.may_reach_limits:
        return "ST reaches the limits of elevation in two contiguous leads"
    if st.may_reach_limits is None:
        return "the ST segment could not be measured in enough leads"
    if low_voltage_throughout(evidence.criteria):
        return "QRS voltage is low in all leads, in which small ST deviations matter"
    if rhythm.code == "UNCERTAIN" and not _is_narrow(evidence):
        return "the rhythm is uncertain"
    if not evidence.quality.acceptable:
        return "the signal is unfit"
    if evidence.patient.age is not None and evidence.patient.age < ADULT_YEARS:
        return "the patient is a child"
    return None


def _is_narrow(evidence: Evidence) -> bool:
    return evidence.measurements is not None and below(evidence.measurements.qrs_ms, NARROW_BELOW_MS) is True
