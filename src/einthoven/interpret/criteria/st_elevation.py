"""ST elevation of the twelve leads: the Fourth Universal Definition of MI, territories and reciprocal change."""

from collections.abc import Iterable, Mapping

from einthoven.interpret.criteria.applicability import ischemia_confounder
from einthoven.interpret.criteria.criterion import Criterion, LeadValue
from einthoven.interpret.criteria.ecg import Ecg, contiguous
from einthoven.interpret.criteria.sources import ACC_2022, PART_6, UDMI4_ISCHEMIA, UDMI4_LEADS
from einthoven.interpret.criteria.st_segment import DEPRESSION_MV, is_depressed
from einthoven.interpret.criteria.verdicts import Verdict, above, all_of, any_of, at_least, at_most, below, negate
from einthoven.interpret.criteria.wording import measured, number, verdict_and_reason
from einthoven.recording import Patient

LIMIT_MV = 0.1
"""Limit of ST elevation at the J point in two contiguous leads; V2 and V3 have their own (UDMI4, Table 2)."""
_MEN_FROM_40_MV, _MEN_BELOW_40_MV, _WOMEN_MV = 0.2, 0.25, 0.15  # V2 and V3 (UDMI4, Table 2)
_GATE_RATE_BPM, _GATE_QRS_MS = 130.0, 100.0  # Goebel et al. 2023
_WALLS = {  # Bayés de Luna et al., Circulation 2006;114:1755
    "septal": ("V1", "V2"),
    "anterior": ("V3", "V4"),
    "lateral": ("I", "aVL", "V5", "V6"),
    "inferior": ("II", "III", "aVF"),
    "posterior": ("V7", "V8", "V9"),
    "right ventricular": ("V3R", "V4R"),
}
_RECIPROCAL_SOURCE = f"{PART_6}; limit: {UDMI4_ISCHEMIA}"
_OPPOSITE = {  # in the frontal plane (PART_6)
    "septal": ("II", "III", "aVF"),
    "anterior": ("II", "III", "aVF"),
    "lateral": ("III", "aVF"),
    "inferior": ("I", "aVL"),
}


def territories(leads: Iterable[str]) -> tuple[str, ...]:
    """Return the walls of the heart that leads show.

    Parameters
    ----------
    leads
        Standard names, such as the keys of `leads` of a criterion that is met.

    Returns
    -------
    tuple of str
        Walls: septal, anterior, lateral, inferior, posterior or right ventricular.
    """
    lead_names = set(leads)
    return tuple([wall for wall, members in _WALLS.items() if not lead_names.isdisjoint(members)])


def v2_v3_limits(patient: Patient) -> tuple[float, float]:
    """Return the lowest and the highest limit of ST elevation in V2 and V3 that may apply to a patient.

    Parameters
    ----------
    patient
        Age and sex of the patient; either may be unknown.

    Returns
    -------
    tuple of two floats
        Limits in mV; equal if the patient is known well enough.
    """
    if patient.sex == "female":
        return _WOMEN_MV, _WOMEN_MV
    low = high = _MEN_FROM_40_MV
    if patient.age is None or patient.age < 40:
        high = _MEN_BELOW_40_MV
        low = low if patient.age is None else high
    return (low if patient.sex == "male" else _WOMEN_MV), high


def unknown_facts(patient: Patient) -> str:
    """Return the unknown facts, of age and sex, that a limit depends on.

    Parameters
    ----------
    patient
        Age and sex of the patient; at least one is unknown.

    Returns
    -------
    str
        A clause.
    """
    if patient.sex == "male":
        return "the age is unknown"
    return "age and sex are unknown" if patient.age is None else "the sex is unknown"


def stemi(ecg: Ecg) -> Criterion:
    """Evaluate ST elevation at the J point in two contiguous leads.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        If age or sex is unknown: met if the highest limit is reached, not met if the lowest one is not.
    """
    low, high = v2_v3_limits(ecg.patient)
    limit, reached = high, _reached(ecg.st_mv, high)
    met, leads = contiguous(reached)
    between = False
    if not met and low < high:
        limit, reached = low, _reached(ecg.st_mv, low)
        met, leads = contiguous(reached)
        between = met is True
    values = _values(ecg.st_mv, leads)
    shown = f"; {measured(values)}" if values else ""
    limits = f"{number(LIMIT_MV)} mV (V2 and V3: {number(limit)} mV)"
    met, reason = verdict_and_reason(
        met,
        ischemia_confounder(ecg),
        yes=f"ST at J in contiguous leads at least {limits}{shown}.{_caveats(ecg)}",
        no=f"No two contiguous leads with ST at J of at least {limits}{shown}.",
        needed=reached,
    )
    if met and between:
        met, reason = (
            None,
            (
                f"ST at J reaches the lowest limit of V2 and V3 ({number(low)} mV) but not the highest "
                f"({number(high)} mV), and {unknown_facts(ecg.patient)}{shown}."
            ),
        )
    return Criterion(
        code="STEMI-UDMI4",
        name="ST elevation in two contiguous leads",
        met=met,
        leads={
            # -aVR at or above a limit is aVR at or below its negative
            "aVR" if lead == "-aVR" else lead: LeadValue(-value, -LIMIT_MV)
            if lead == "-aVR"
            else LeadValue(value, limit if lead in ("V2", "V3") else LIMIT_MV)
            for lead, value in values.items()
        },
        reason=reason,
        source=UDMI4_ISCHEMIA,
        family="ST elevation",
    )


def posterior_mirror(ecg: Ecg) -> Criterion:
    """Evaluate the mirror image of a posterior infarct: horizontal ST depression with upright T in V1 to V3.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        Met if two neighbours of V1 to V3 have both.
    """
    reached = {lead: all_of(is_depressed(ecg, lead), above(ecg.lead(lead).t_mv, 0.0)) for lead in ("V1", "V2", "V3")}
    values = _values(ecg.st_mv, [lead for lead, holds in reached.items() if holds])
    met, reason = verdict_and_reason(
        any_of((all_of(reached["V1"], reached["V2"]), all_of(reached["V2"], reached["V3"]))),
        ischemia_confounder(ecg) or ("right bundle branch block" if ecg.context.rbbb else None),
        yes=f"Horizontal ST depression with upright T waves: {measured(values)}; record V7 to V9.",
        no=f"No two neighbours of V1 to V3 with horizontal ST depression of {number(DEPRESSION_MV)} mV and upright T.",
        needed=reached,
    )
    return Criterion(
        code="STEMI-POSTERIOR-V1V3",
        name="ST depression with upright T waves in V1 to V3 (posterior infarct)",
        met=met,
        leads={lead: LeadValue(value, DEPRESSION_MV) for lead, value in values.items()},
        reason=reason,
        source=f"{UDMI4_LEADS}; horizontal: {ACC_2022}",
        family="ST elevation",
    )


def right_ventricle(ecg: Ecg) -> Criterion:
    """Evaluate ST elevation in V1 next to inferior ST elevation, a sign of a right ventricular infarct.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        Met with ST elevation in V1 and in two of II, aVF and III.
    """
    reached = {lead: at_least(ecg.st_mv[lead], LIMIT_MV) for lead in ("II", "aVF", "III", "V1")}
    inferior = any_of((all_of(reached["II"], reached["aVF"]), all_of(reached["aVF"], reached["III"])))
    values = _values(ecg.st_mv, [lead for lead, holds in reached.items() if holds])
    met, reason = verdict_and_reason(
        all_of(inferior, reached["V1"]),
        ischemia_confounder(ecg) or ("right bundle branch block" if ecg.context.rbbb else None),
        yes=f"ST elevation in V1 and in inferior leads: {measured(values)}; record V4R.",
        no=f"Not both V1 and two inferior leads with ST at J of at least {number(LIMIT_MV)} mV.",
        needed=reached,
    )
    return Criterion(
        code="STEMI-RV-V1",
        name="ST elevation in V1 and inferior leads (right ventricular infarct)",
        met=met,
        leads={lead: LeadValue(value, LIMIT_MV) for lead, value in values.items()},
        reason=reason,
        source=UDMI4_LEADS,
        family="ST elevation",
    )


def reciprocal(ecg: Ecg) -> Criterion:
    """Evaluate ST depression opposite to an ST elevation that meets the criteria.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        None without such an elevation.
    """
    elevation = stemi(ecg)
    opposite = [lead for wall in territories(elevation.leads) for lead in _OPPOSITE[wall]]
    reached = {lead: at_most(ecg.st_mv[lead], DEPRESSION_MV) for lead in opposite}
    values = _values(ecg.st_mv, [lead for lead, holds in reached.items() if holds])
    if elevation.met:
        met, reason = verdict_and_reason(
            any_of(reached.values()),
            None,
            yes=f"ST depression opposite to the elevation: {measured(values)}.",
            no=f"No ST depression of {number(DEPRESSION_MV)} mV in {', '.join(reached)}.",
            needed=reached,
        )
    else:
        met, values, reason = None, {}, "Applies only to ST elevation that meets the criteria."
    return Criterion(
        code="STEMI-RECIPROCAL",
        name="reciprocal ST depression",
        met=met,
        leads={lead: LeadValue(value, DEPRESSION_MV) for lead, value in values.items()},
        reason=reason,
        source=_RECIPROCAL_SOURCE,
        family="ST elevation",
    )


def prehospital_gate(ecg: Ecg) -> Criterion:
    """Evaluate four conditions under which a pre-hospital ST-elevation infarct is rarely a false positive.

    Parameters
    ----------
    ecg
        The ECG.

    Returns
    -------
    Criterion
        Met if all conditions hold; the reason names those that fail.
    """
    conditions = {
        f"heart rate below {number(_GATE_RATE_BPM)}/min": below(ecg.measurements.heart_rate_bpm, _GATE_RATE_BPM),
        f"QRS below {number(_GATE_QRS_MS)} ms": below(ecg.measurements.qrs_ms, _GATE_QRS_MS),
        "no artefact": negate(ecg.context.artifact),
        "ST elevation verified": stemi(ecg).met,
    }
    reason = ""
    for group, verdict in (("Holds", True), ("Fails", False), ("Unknown", None)):
        if names := [condition for condition, holds in conditions.items() if holds is verdict]:
            reason += f"{group}: {', '.join(names)}. "
    return Criterion(
        code="GATE-GOEBEL",
        name="pre-hospital gate",
        met=all_of(*conditions.values()),
        leads={},
        reason=reason.rstrip(),
        source="Goebel et al. 2023, Prehosp Disaster Med 39:37",
        family="ST elevation",
    )


def _reached(st_mv: Mapping[str, float | None], v2_v3_limit: float) -> dict[str, Verdict]:
    return {lead: at_least(value, v2_v3_limit if lead in ("V2", "V3") else LIMIT_MV) for lead, value in st_mv.items()}


def _values(st_mv: Mapping[str, float | None], leads: Iterable[str]) -> dict[str, float]:
    return {lead: value for lead in leads if (value := st_mv[lead]) is not None}


def _caveats(ecg: Ecg) -> str:
    """Return sentences with other causes of ST elevation."""
    context = ecg.context
    caveats = {
        "Right bundle branch block also changes ST in V1 to V3": context.rbbb,
        "Early repolarization also raises the J point": context.early_repolarization,
        "Whether there is left ventricular hypertrophy is unknown": context.lvh is None,
    }
    return "".join([f" {caveat}." for caveat, holds in caveats.items() if holds])
