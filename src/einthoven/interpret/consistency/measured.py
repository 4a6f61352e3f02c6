"""Statements that a measurement decides (rule 5). The model's probability stays next to them.

The criteria define the limits and their sources; this module states which statement each of them decides. If a
measurement is missing, or a criterion does not apply, the model decides.
"""

from collections.abc import Iterator

from einthoven.interpret.answer import FindingSource
from einthoven.interpret.consistency.statements import Ruling
from einthoven.interpret.criteria import Criterion
from einthoven.interpret.criteria.applicability import ADULT_YEARS
from einthoven.interpret.criteria.ecg import NARROW_BELOW_MS
from einthoven.interpret.criteria.verdicts import any_of
from einthoven.interpret.criteria.wording import number
from einthoven.interpret.evidence import Evidence
from einthoven.interpret.rhythm.names import BRADYCARDIA_BPM, TACHYCARDIA_BPM
from einthoven.interpret.rhythm.values import Rhythm

VOLTAGE_FROM_YEARS = 35.0
"""Voltage criteria for LVH are not well established up to this age (Hancock et al. 2009, AHA/ACCF/HRS part V)."""
_LOW_VOLTAGE = ("LOWV-LIMB", "LOWV-CHEST")
_LVH_VOLTAGE = ("LVH-SOKOLOW-LYON", "LVH-R-AVL", "LVH-CORNELL")
_AXIS = ("AXIS-LEFT", "AXIS-RIGHT", "AXIS-EXTREME")
_SLOW_RHYTHMS = ("SBRAD",)
_FAST_RHYTHMS = ("STACH", "SVTAC", "PSVT", "WCT", "NCT")


def measured_statements(evidence: Evidence, rhythm: Rhythm) -> Iterator[Ruling]:
    """Decide the statements that depend on measurements.

    Parameters
    ----------
    evidence
        Evidence of the ECG, with its criteria.
    rhythm
        Rhythm of the ECG.

    Yields
    ------
    Ruling
        The decision about each statement that a measurement decides in this ECG.
    """
    criteria = {criterion.code: criterion for criterion in evidence.criteria}
    yield from _rate(rhythm)
    yield from _premature(evidence, rhythm)
    if not criteria:
        return
    yield from _pr(criteria["PR-LONG"])
    age = evidence.patient.age
    adult = age is None or age >= ADULT_YEARS
    yield from _criterion_ruling("LNGQT", criteria["QTC-LONG"], possible=adult and _is_between(criteria["QTC-LONG"]))
    yield from _any("LVOLT", [criteria[code] for code in _LOW_VOLTAGE])
    young = age is not None and age <= VOLTAGE_FROM_YEARS
    yield from _any("VCLVH", [criteria[code] for code in _LVH_VOLTAGE], young=young)
    for code in _AXIS:
        yield from _criterion_ruling(code, criteria[code], name=criteria[code].name)


def wide_qrs(evidence: Evidence) -> Ruling | None:
    """Return the statement that the QRS complex is wide.

    Parameters
    ----------
    evidence
        Evidence of the ECG.

    Returns
    -------
    Ruling or None
        None if the complex is narrow or was not measured. It is redundant if a block or a rhythm explains the width.
    """
    qrs_ms = evidence.qrs_ms
    if qrs_ms is None or qrs_ms < NARROW_BELOW_MS:
        return None
    reason = f"QRS {number(qrs_ms)} ms (limit {number(NARROW_BELOW_MS)} ms)."
    return Ruling("QRS-WIDE", True, "measurement", reason, name="wide QRS complex")


def _rate(rhythm: Rhythm) -> Iterator[Ruling]:
    """Yield bradycardia and tachycardia, unless the name of the rhythm already states them."""
    rate = rhythm.rate_bpm
    if rate is not None:
        slow, fast = rate < BRADYCARDIA_BPM, rate > TACHYCARDIA_BPM
        reason = rate_reason(rate)
        yield Ruling("BRADY", slow and rhythm.code not in _SLOW_RHYTHMS, "measurement", reason, name="bradycardia")
        yield Ruling("TACHY", fast and rhythm.code not in _FAST_RHYTHMS, "measurement", reason, name="tachycardia")


def _premature(evidence: Evidence, rhythm: Rhythm) -> Iterator[Ruling]:
    """Yield premature complexes that both the beats and the model show; neither decides alone."""
    for label, count in (("PVC", rhythm.premature_ventricular), ("PAC", rhythm.premature_supraventricular)):
        if count and evidence.likely(label):
            reason = f"{count} premature {'wide ' * (label == 'PVC')}complex{'es' * (count > 1)} among the beats."
            yield Ruling(label, True, "measurement", reason)


def rate_reason(rate: float) -> str:
    """Return a heart rate with its limits.

    Parameters
    ----------
    rate
        Heart rate in bpm.

    Returns
    -------
    str
        A sentence.
    """
    return f"Heart rate {number(rate)} bpm (limits {number(BRADYCARDIA_BPM)} and {number(TACHYCARDIA_BPM)} bpm)."


def _pr(criterion: Criterion) -> Iterator[Ruling]:
    """Yield first-degree AV block: PR above 200 ms. At 200 ms, which some definitions include, it is possible."""
    quantity = criterion.quantity
    at_limit = criterion.met is False and quantity is not None and quantity.value == quantity.limit
    for label in ("1AVB", "LPR"):
        yield from _criterion_ruling(label, criterion, possible=at_limit)


def _criterion_ruling(
    label: str, criterion: Criterion, *, possible: bool = False, name: str | None = None
) -> Iterator[Ruling]:
    if criterion.met is not None or possible:
        source: FindingSource = "measurement" if criterion.quantity else "criteria"
        yield Ruling(label, criterion.met is True, source, criterion.reason, possible, name)


def _is_between(criterion: Criterion) -> bool:
    """Return whether a value lies between the limits of men and women, and the sex is unknown."""
    quantity = criterion.quantity
    return criterion.met is None and quantity is not None and quantity.value >= quantity.limit


def _any(label: str, criteria: list[Criterion], *, young: bool = False) -> Iterator[Ruling]:
    """Yield a statement that any of several criteria decides; in young patients, it is at most possible."""
    met = any_of([criterion.met for criterion in criteria])
    if met is None:
        return
    reasons = [criterion.reason for criterion in criteria if criterion.met is met]
    if young and met:
        reasons.append(f"Voltage criteria are not well established up to {number(VOLTAGE_FROM_YEARS)} years.")
    yield Ruling(label, met and not young, "criteria", " ".join(reasons), possible=met and young)


def explains_wide_qrs(rhythm: Rhythm) -> bool:
    """Return whether a rhythm has wide QRS complexes.

    Parameters
    ----------
    rhythm
        Rhythm of the ECG.

    Returns
    -------
    bool
        True for ventricular and paced rhythms.
    """
    return rhythm.code in ("PACE", "WCT", "IVR", "PACING-NO-CAPTURE")
