"""Compare the answers for two ECGs: critical values, acute and any infarct pattern, rhythm, statements, criteria."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain
from math import log

from einthoven.interpret.answer import Finding
from einthoven.interpret.comparison.comparable import PREVIOUS, THIS
from einthoven.interpret.comparison.usual_difference import difference, is_wide, usual_difference, usual_log_odds
from einthoven.interpret.comparison.values import Change
from einthoven.interpret.criteria.criterion import Criterion
from einthoven.interpret.interpretation import Interpretation
from einthoven.interpret.rhythm.names import SINUS
from einthoven.ptbxl.vocabulary import STATEMENTS
from einthoven.signal.measurements.values import Measurements

Ecgs = tuple[Interpretation, Interpretation]
"""The previous ECG and this one."""
_SINUS = frozenset(SINUS)
_UNKNOWN_RHYTHMS = frozenset({"UNCERTAIN", "BRADY", "TACHY"})  # for the last two, only the rate is known
NOT_COMPARED = frozenset({"NORM", "MI", "BRADY", "TACHY"}) | _SINUS
"""Labels that other parts of the answer cover better: the conclusion, the infarct pattern, the rhythm and its rate."""
TRANSIENT = frozenset({"PVC", "PAC"})
"""Statements about single beats, which come and go within one ECG."""
_MEASURED_IN: Mapping[str, tuple[str, ...]] = {
    "1AVB": ("pr_ms",),
    "LPR": ("pr_ms",),
    "LNGQT": ("qtc_fridericia_ms",),
    "QRS-WIDE": ("qrs_ms",),
    "AXIS-LEFT": ("qrs_axis_degrees",),
    "AXIS-RIGHT": ("qrs_axis_degrees",),
    "AXIS-EXTREME": ("qrs_axis_degrees",),
    "LVOLT": ("r_mv", "s_mv"),
    "HVOLT": ("r_mv", "s_mv"),
    "VCLVH": ("r_mv", "s_mv"),
}
"""Measurements that decide a statement, if one does: without a change of them, the statement has not changed."""


def critical_changes(ecgs: Ecgs) -> Iterator[Change]:
    """Yield the critical values that only one ECG has.

    Parameters
    ----------
    ecgs
        The interpretations of the previous ECG and of this one.

    Yields
    ------
    Change
        A change; always significant.
    """
    before, after = ({value.code: value.name for value in ecg.critical} for ecg in ecgs)
    for code, name in (after | before).items():
        if (code in before) != (code in after):
            yield Change("critical", code, name, _presence(code in before), _presence(code in after), True)


def decision_changes(ecgs: Ecgs) -> tuple[list[Change], list[str]]:
    """Compare the answers about an acute infarct pattern, and about one of any age.

    Parameters
    ----------
    ecgs
        The interpretations of the previous ECG and of this one.

    Returns
    -------
    changes : list of Change
        Changes, significant if exactly one of the ECGs has a rule-in.
    not_compared : list of str
        Answers that are withheld or lacking in one of them.
    """
    changes, lacking = list[Change](), list[str]()
    answers = (
        ("acute", "ACUTE", "acute infarct pattern", [ecg.acute for ecg in ecgs]),
        ("infarct", "MI", "infarct pattern, acute or old", [ecg.mi for ecg in ecgs]),
    )
    for kind, code, what, (before, after) in answers:
        if before is None and after is None:
            continue
        if before is None or after is None or before.withheld_because or after.withheld_because:
            which, answer = (THIS, after) if before and not before.withheld_because else (PREVIOUS, before)
            lacking.append(f"{what} ({'withheld' if answer else 'no answer'} for {which})")
        elif before.decision != after.decision:
            significant = "rule-in" in (before.decision, after.decision)
            changes.append(Change(kind, code, what, before.decision, after.decision, significant))  # type: ignore[arg-type]
    return changes, lacking


def rhythm_changes(ecgs: Ecgs, measured: Sequence[Change]) -> tuple[list[Change], list[str]]:
    """Compare the rhythms.

    Parameters
    ----------
    ecgs
        The interpretations of the previous ECG and of this one.
    measured
        The changes of measurements.

    Returns
    -------
    changes : list of Change
        Change of the rhythm. Sinus rhythms of different rate count as changed if the rate changed beyond its limit.
    not_compared : list of str
        The rhythm, if one of them is uncertain.
    """
    before, after = (ecg.rhythm for ecg in ecgs)
    unknown = [name for name, rhythm in ((PREVIOUS, before), (THIS, after)) if rhythm.code in _UNKNOWN_RHYTHMS]
    if unknown:
        return [], [f"rhythm (uncertain in {'either ECG' if len(unknown) == 2 else unknown[0]})"]
    if before.code == after.code:
        return [], []
    significant = not {before.code, after.code} <= _SINUS or _any_changed(measured, ("heart_rate_bpm",))
    return [Change("rhythm", after.code, "rhythm", before.name, after.name, significant)], []


def statement_changes(ecgs: Ecgs, measured: Sequence[Change]) -> list[Change]:
    """Compare statements and superclasses, without rhythms unless the rhythm of one ECG is uncertain.

    Parameters
    ----------
    ecgs
        The interpretations of the previous ECG and of this one.
    measured
        The changes of measurements.

    Returns
    -------
    list of Change
        Changes, significant if a statement is present in one ECG and not even possible in the other, and the
        measurement that decides it, or the model's probability, changed beyond its limit. Premature beats are never
        significant, because they come and go.
    """
    before, after = ({f.label: f for f in chain(ecg.findings, ecg.statements)} for ecg in ecgs)
    uncertain = any(ecg.rhythm.code in _UNKNOWN_RHYTHMS for ecg in ecgs)
    changes = []
    for label in () if any(ecg.abstained for ecg in ecgs) else after | before:
        statement = STATEMENTS.get(label)
        is_rhythm = statement is not None and statement.rhythm
        if label in NOT_COMPARED or (is_rhythm and not uncertain):
            continue
        earlier, finding = before.get(label) or _absent(after[label]), after.get(label) or _absent(before[label])
        states = _state(earlier), _state(finding)
        if states[0] != states[1]:
            lasting = "possible" not in states and label not in TRANSIENT
            significant = lasting and _differs(label, earlier, finding, measured)
            changes.append(Change("statement", label, finding.name, *states, significant))
    return changes


def criterion_changes(ecgs: Ecgs, measured: Sequence[Change]) -> list[Change]:
    """Compare criteria.

    Parameters
    ----------
    ecgs
        The interpretations of the previous ECG and of this one.
    measured
        The changes of measurements.

    Returns
    -------
    list of Change
        Changes of criteria that one ECG meets and the other does not. A change is significant if the value that the
        criterion compares changed beyond its limit.
    """
    if not all(ecg.measurements for ecg in ecgs):
        return []
    before, after = ({criterion.code: criterion for criterion in ecg.criteria} for ecg in ecgs)
    limits = usual_difference(wide=is_wide(*(ecg.measurements or Measurements() for ecg in ecgs))).criteria
    changes = []
    for code, criterion in after.items():
        earlier = before.get(code)
        if earlier is None or earlier.met is None or criterion.met is None or earlier.met == criterion.met:
            continue
        limit = limits[code].p99 if code in limits else None
        significant = _criterion_differs(earlier, criterion, limit, measured)
        was, now = ("met" if met else "not met" for met in (earlier.met, criterion.met))
        changes.append(Change("criterion", code, criterion.name, was, now, significant))
    return changes


def _criterion_differs(before: Criterion, after: Criterion, limit: float | None, measured: Sequence[Change]) -> bool:
    if before.quantity and after.quantity and limit is not None:
        name = "_degrees" if after.quantity.unit == "degrees" else ""
        return abs(difference(name, before.quantity.value, after.quantity.value)) > limit
    leads = {lead.removeprefix("-") for lead in (*before.leads, *after.leads)}
    return any(change.significant and change.lead in leads for change in measured)


def _differs(label: str, before: Finding, after: Finding, measured: Sequence[Change]) -> bool:
    """Return whether the basis of a statement changed beyond its limit."""
    decided = "measurement" in (before.source, after.source) or "criteria" in (before.source, after.source)
    if decided and label in _MEASURED_IN:
        return _any_changed(measured, _MEASURED_IN[label])
    if _log_odds_differ(before.probability, after.probability):
        return True
    return decided and any(change.significant for change in measured)


def _absent(finding: Finding) -> Finding:
    """Return the finding of an ECG that does not list a statement: measured statements are listed only if they hold.

    A model without the label gives no information about it, which is not a change.
    """
    if finding.source == "model":
        return finding
    return finding._replace(present=False, possible=False)


def _log_odds_differ(before: float | None, after: float | None) -> bool:
    if before is None or after is None:
        return False
    return abs(_log_odds(before) - _log_odds(after)) > usual_log_odds().p95


def _log_odds(probability: float) -> float:
    p = min(max(probability, 1e-4), 1 - 1e-4)
    return log(p / (1 - p))


def _any_changed(measured: Sequence[Change], codes: Collection[str]) -> bool:
    return any(change.significant and change.code in codes for change in measured)


def _state(finding: Finding) -> str:
    return "present" if finding.present else "possible" if finding.possible else "absent"


def _presence(present: bool) -> str:
    return "present" if present else "absent"
