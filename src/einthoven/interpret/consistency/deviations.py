"""Everything that keeps an ECG from being normal (rule 1), graded: borderline alone, or abnormal."""

from collections.abc import Iterator
from typing import NamedTuple

from einthoven.interpret.acute.values import AcutePattern
from einthoven.interpret.answer import Answer, Finding, InfarctPattern
from einthoven.interpret.consistency.exclusions import RHYTHM_LABELS
from einthoven.interpret.consistency.measured import SINUS
from einthoven.interpret.consistency.statements import by_label
from einthoven.interpret.consistency.superclasses import members
from einthoven.interpret.criteria import Criterion
from einthoven.interpret.criteria.ecg import NARROW_BELOW_MS
from einthoven.interpret.criteria.wording import number
from einthoven.interpret.evidence import Evidence
from einthoven.interpret.rhythm.values import Rhythm

RATE_FROM_BPM, RATE_TO_BPM = 50.0, 100.0
"""Heart rates of a normal ECG."""
PR_TO_MS = 200.0
QTC_MEN_BELOW_MS, QTC_WOMEN_BELOW_MS = 450.0, 460.0
FAST_BPM = 120.0
"""A faster sinus rhythm is abnormal, not borderline."""
MINOR = frozenset(
    {
        *("1AVB", "LPR", "IRBBB", "LVOLT", "HVOLT", "VCLVH", "NDT", "NT_", "NST_", "LOWT", "PAC", "PVC", "PRC(S)"),
        *("AXIS-LEFT", "AXIS-RIGHT", "BRADY", "TACHY"),
    }
)
"""Statements that alone make an ECG borderline."""
MINOR_CRITERIA = frozenset(
    {
        *("PR-LONG", "PR-SHORT", "AXIS-LEFT", "AXIS-RIGHT", "LOWV-LIMB", "LOWV-CHEST"),
        *("IRBBB-AHA", "LPFB-AHA", "IVCD-AHA", "LAE-P-DURATION", "RAE-P-AMPLITUDE", "RVH-SOKOLOW-LYON"),
        *("LVH-SOKOLOW-LYON", "LVH-R-AVL", "LVH-CORNELL", "LVH-CORNELL-PRODUCT", "LVH-PEGUERO", "SMITH-4V"),
    }
)
"""Criteria that alone make an ECG borderline."""
NO_ABNORMALITY = frozenset({"GATE-GOEBEL"})
"""Criteria whose being met says that another one is reliable."""
_STATED = {  # criteria whose finding a statement of another label names
    "PR-LONG": "1AVB",
    "QTC-LONG": "LNGQT",
    "QTC-500": "LNGQT",
    "LOWV-LIMB": "LVOLT",
    "LOWV-CHEST": "LVOLT",
    "LVH-SOKOLOW-LYON": "VCLVH",
    "LVH-R-AVL": "VCLVH",
    "LVH-CORNELL": "VCLVH",
}


class Deviation(NamedTuple):
    """Something that a normal ECG does not have."""

    text: str
    minor: bool
    """Whether it alone makes the ECG borderline only."""


def deviations(evidence: Evidence, rhythm: Rhythm, answer: Answer, acute: AcutePattern | None) -> Iterator[Deviation]:
    """Find what keeps an ECG from being normal.

    Parameters
    ----------
    evidence
        Of the ECG.
    rhythm
        Of the ECG.
    answer
        After all rules but the conclusion.
    acute
        After all rules.

    Yields
    ------
    Deviation
        Nothing for a normal ECG.
    """
    yield from _infarct(answer.mi, acute)
    yield from _rhythm(rhythm)
    yield from _findings(answer)
    yield from _measurements(evidence)
    yield from _criteria(evidence, answer)
    if evidence.electrodes.suspected:
        yield Deviation("electrodes may be exchanged", minor=True)
    if evidence.pacing.spikes:
        yield Deviation("pacing spikes", minor=False)
    norm = next((finding for finding in answer.findings if finding.label == "NORM"), None)
    if norm is None:
        yield Deviation("the model does not tell whether an ECG is normal", minor=True)
    elif not norm.present:
        yield Deviation(f"normal ECG {_percent(norm.probability)}", minor=True)


def _infarct(mi: InfarctPattern | None, acute: AcutePattern | None) -> Iterator[Deviation]:
    if acute and acute.decision == "rule-in":
        yield Deviation(acute.in_words.rstrip("."), minor=False)
    if mi and mi.decision == "rule-in":
        yield Deviation(f"infarct pattern {_percent(mi.probability)}", minor=False)
    elif mi and mi.decision == "undecided":
        reason = mi.withheld_because or f"{_percent(mi.probability)}, ruled out below {_percent(mi.rule_out_below)}"
        yield Deviation(f"infarct pattern undecided: {reason}", minor=True)


def _rhythm(rhythm: Rhythm) -> Iterator[Deviation]:
    if rhythm.code not in SINUS:
        yield Deviation(rhythm.name, minor=rhythm.code in ("UNCERTAIN", "BRADY", "TACHY"))
    rate = rhythm.rate_bpm
    if rate is None:
        yield Deviation("heart rate unclear", minor=True)
    elif not RATE_FROM_BPM <= rate <= RATE_TO_BPM:
        limits = f"{number(RATE_FROM_BPM)} to {number(RATE_TO_BPM)}"
        yield Deviation(f"heart rate {number(rate)} bpm (normal {limits})", minor=rate <= FAST_BPM)
    if rhythm.pauses:
        longest = max(pause.seconds for pause in rhythm.pauses)
        yield Deviation(f"pause of {number(round(longest, 1))} s (limit 2 s)", minor=False)
    for kind, count in (
        ("ventricular", rhythm.premature_ventricular),
        ("supraventricular", rhythm.premature_supraventricular),
    ):
        if count:
            yield Deviation(f"premature {kind} complexes ({count})", minor=True)


def _findings(answer: Answer) -> Iterator[Deviation]:
    """Statements, and superclasses without one."""
    statements = by_label(answer.statements)
    for finding in answer.statements:
        if finding.reported and finding.label not in ("NORM", *RHYTHM_LABELS):
            minor = finding.possible or finding.label in MINOR
            yield Deviation(f"{finding.title}{_value(finding)}", minor)
    for finding in answer.findings:
        if finding.reported and finding.label != "NORM" and not any(members(statements, finding.label)):
            minor = finding.possible
            yield Deviation(f"{finding.title}{_value(finding)}", minor)


def _measurements(evidence: Evidence) -> Iterator[Deviation]:
    """Intervals beyond the limits of adults, also where a criterion does not apply."""
    measured = evidence.measurements
    if measured is None:
        return
    female = evidence.patient.sex == "female"
    limit = QTC_WOMEN_BELOW_MS if female else QTC_MEN_BELOW_MS
    if measured.pr_ms is not None and measured.pr_ms > PR_TO_MS:
        yield Deviation(f"PR {number(measured.pr_ms)} ms (limit {number(PR_TO_MS)} ms)", minor=True)
    if measured.qrs_ms is not None and measured.qrs_ms >= NARROW_BELOW_MS:
        yield Deviation(f"QRS {number(measured.qrs_ms)} ms (limit {number(NARROW_BELOW_MS)} ms)", minor=False)
    if measured.qtc_fridericia_ms is not None and measured.qtc_fridericia_ms >= limit:
        minor = evidence.met("QTC-LONG") is None
        yield Deviation(f"QTcF {number(measured.qtc_fridericia_ms)} ms (limit {number(limit)} ms)", minor)


def _criteria(evidence: Evidence, answer: Answer) -> Iterator[Deviation]:
    statements = by_label(answer.statements)
    for criterion in evidence.criteria:
        if criterion.met and criterion.code not in NO_ABNORMALITY and not _is_stated(criterion, statements):
            minor = criterion.code in MINOR_CRITERIA
            yield Deviation(f"{criterion.name}: {criterion.reason.rstrip('.')}", minor)


def _is_stated(criterion: Criterion, statements: dict[str, Finding]) -> bool:
    label = _STATED.get(criterion.code, criterion.code)
    return label in statements and statements[label].present


def _value(finding: Finding) -> str:
    """What decides a finding: the measured value, or the probability."""
    if finding.source != "model" and finding.reason:
        return f": {finding.reason.rstrip('.')}"
    return "" if finding.probability is None else f" ({_percent(finding.probability)})"


def _percent(share: float | None) -> str:
    return "without a probability" if share is None else f"{100 * share:.2g} %"
