"""A normal ECG's measurements, and changes to them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from einthoven.interpret.criteria import Context, Criterion, evaluate_criteria
from einthoven.recording import LEADS, Patient
from einthoven.signal.measurements.values import LeadMeasurements, Measurements

MAN = Patient(age=60, sex="male")
ORDINARY = Context(
    lbbb=False, rbbb=False, paced=False, preexcitation=False, lvh=False, early_repolarization=False, artifact=False
)

_R_AND_S = {  # mV
    "I": (0.7, 0.1),
    "II": (1.0, 0.1),
    "III": (0.5, 0.2),
    "aVR": (0.05, 0.8),
    "aVL": (0.4, 0.1),
    "aVF": (0.7, 0.1),
    "V1": (0.2, 0.8),
    "V2": (0.4, 1.1),
    "V3": (0.7, 0.7),
    "V4": (1.2, 0.5),
    "V5": (1.2, 0.2),
    "V6": (1.0, 0.1),
}


def _lead(name: str) -> LeadMeasurements:
    r_mv, s_mv = _R_AND_S[name]
    sign = -1 if name == "aVR" else 1
    return LeadMeasurements(
        p_mv=sign * 0.1,
        q_mv=0.0,
        q_ms=0.0,
        r_mv=r_mv,
        r_ms=40.0,
        s_mv=-s_mv,
        s_ms=20.0,
        t_mv=sign * 0.3,
        st_j_mv=sign * 0.01,
        st_j20_mv=sign * 0.01,
        st_j40_mv=sign * 0.02,
        st_j60_mv=sign * 0.03,
        st_j80_mv=sign * 0.04,
    )


NORMAL = Measurements(
    heart_rate_bpm=70.0,
    pr_ms=160.0,
    p_ms=100.0,
    qrs_ms=90.0,
    qt_ms=390.0,
    qtc_bazett_ms=420.0,
    qtc_fridericia_ms=410.0,
    qtc_framingham_ms=410.0,
    qtc_hodges_ms=408.0,
    p_axis_degrees=50.0,
    qrs_axis_degrees=45.0,
    t_axis_degrees=45.0,
    leads={name: _lead(name) for name in LEADS},
)


def changed(leads: Mapping[str, Mapping[str, float | None]] = {}, **values: float | None) -> Measurements:
    """Return the normal ECG with other values in some leads; leads beyond the twelve are added."""
    changed_leads = dict(NORMAL.leads)
    for name, fields in leads.items():
        changed_leads[name] = changed_leads.get(name, _lead("V6"))._replace(**fields)
    return replace(NORMAL, leads=changed_leads, **values)


def st(values: Mapping[str, float | None], **others: Any) -> Measurements:
    """Return the normal ECG with other ST levels at J, and the rest of the ST segment as high."""
    fields = ("st_j_mv", "st_j20_mv", "st_j40_mv", "st_j60_mv", "st_j80_mv")
    return changed({lead: dict.fromkeys(fields, value) for lead, value in values.items()}, **others)


def criterion(code: str, measurements: Measurements, patient: Patient = MAN, context: Context = ORDINARY) -> Criterion:
    """Return one criterion of an ECG."""
    return {each.code: each for each in evaluate_criteria(measurements, patient, context)}[code]


def met(code: str, measurements: Measurements, patient: Patient = MAN, context: Context = ORDINARY) -> bool | None:
    """Return whether an ECG meets a criterion."""
    return criterion(code, measurements, patient, context).met
