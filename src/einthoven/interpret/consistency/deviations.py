"""Everything that keeps an ECG from being normal (rule 1), graded: borderline alone, or abnormal."""

from collections.abc import Iterator
from typing import NamedTuple

from einthoven.interpret.acute.values import AcutePattern
from einthoven.interpret.answer import Answer, Finding, InfarctPattern
from einthoven.interpret.consistency.exclusions import RHYTHM_LABELS
from einthoven.interpret.consistency.measured import SINUS
from einthoven.interpret.consistency.statements import Statements, by_label, is_reported
from einthoven.interpret.consistency.superclasses import members
from einthoven.interpret.consistency.withheld import ELECTRODES
from einthoven.interpret.criteria import Criterion
from einthoven.interpret.criteria.ecg import NARROW_BELOW_MS
from einthoven.interpret.criteria.wording import number
from einthoven.interpret.decisions import PRESENT
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
_STATED = {  # statements that name what a criterion finds, if another label does
    "PR-LONG": ("1AVB", "LPR"),
    **dict.fromkeys(("QTC-LONG", "QTC-500"), ("LNGQT",)),
    **dict.fromkeys(("LOWV-LIMB", "LOWV-CHEST"), ("LVOLT",)),
    **dict.fromkeys(("LVH-SOKOLOW-LYON", "LVH-R-AVL", "LVH-CORNELL"), ("VCLVH",)),
    **dict.fromkeys(("LBBB-AHA", "LBBB-STRAUSS", "LBBB-PATTERN"), ("CLBBB", "PACE")),
    "RBBB-AHA": ("CRBBB",),
    "IRBBB-AHA": ("IRBBB", "CRBBB"),
    "LAFB-AHA": ("LAFB",),
    "LPFB-AHA": ("LPFB",),
    "IVCD-AHA": ("IVCD", "QRS-WIDE"),
    "WPW-AHA": ("WPW",),
}
_WIDE = ("QRS-WIDE", "CLBBB", "CRBBB", "IVCD", "WPW", "PACE")
_NOT_REASONS = ("NORM", "BRADY", "TACHY", *RHYTHM_LABELS)  # the rhythm and its rate say it


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
    statements = by_label(answer.statements)
    yield from _infarct(answer.mi, acute)
    yield from _rhythm(rhythm, statements)
    yield from _findings(answer, statements)
    yield from _measurements(evidence, statements)
    for criterion in evidence.criteria:
        if criterion.met and criterion.code not in NO_ABNORMALITY and not _is_stated(criterion, statements):
            minor = criterion.code in MINOR_CRITERIA
            yield Deviation(f"{criterion.name}: {criterion.reason.rstrip('.')}", minor)
    if evidence.electrodes.suspected:
        yield Deviation(ELECTRODES, minor=True)
    if evidence.pacing.spikes and not _any_reported(statements, "PACE"):
        yield Deviation("pacing spikes", minor=False)


def why_not_norm(answer: Answer) -> Deviation | None:
    """Return why the model alone keeps an ECG from being normal.

    Parameters
    ----------
    answer
        In which nothing else does.

    Returns
    -------
    Deviation or None
        None if it finds a normal ECG.
    """
    norm = next((finding for finding in answer.findings if finding.label == "NORM"), None)
    if norm is None:
        return Deviation("the model does not tell whether an ECG is normal", minor=True)
    if norm.present:
        return None
    limit = max(PRESENT, norm.threshold or 0.0)
    return Deviation(f"normal ECG {_percent(norm.probability)} (limit {_percent(limit)})", minor=True)


def _infarct(mi: InfarctPattern | None, acute: AcutePattern | None) -> Iterator[Deviation]:
    if acute and acute.decision == "rule-in":
        yield Deviation(acute.in_words.rstrip("."), minor=False)
    if mi and mi.decision == "rule-in":
        yield Deviation(f"infarct pattern {_percent(mi.probability)}", minor=False)
    elif mi and mi.decision == "undecided":
        reason = mi.withheld_because or f"{_percent(mi.probability)}, ruled out below {_percent(mi.rule_out_below)}"
        yield Deviation(f"infarct pattern undecided: {reason}", minor=True)


def _rhythm(rhythm: Rhythm, statements: Statements) -> Iterator[Deviation]:
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
    for kind, count, label in (
        ("ventricular", rhythm.premature_ventricular, "PVC"),
        ("supraventricular", rhythm.premature_supraventricular, "PAC"),
    ):
        if count and not _any_reported(statements, label):
            yield Deviation(f"premature {kind} complexes ({count})", minor=True)


def _findings(answer: Answer, statements: Statements) -> Iterator[Deviation]:
    """Statements, and superclasses without one."""
    left_out = (*_NOT_REASONS, "LPR") if _any_reported(statements, "1AVB") else _NOT_REASONS
    for finding in answer.statements:
        if finding.reported and finding.label not in left_out:
            minor = finding.possible or finding.label in MINOR
            yield Deviation(f"{finding.title}{_value(finding)}", minor)
    for finding in answer.findings:
        if finding.reported and finding.label != "NORM" and not any(members(statements, finding.label)):
            minor = finding.possible
            yield Deviation(f"{finding.title}{_value(finding)}", minor)


def _measurements(evidence: Evidence, statements: Statements) -> Iterator[Deviation]:
    """Intervals beyond the limits of adults, also where a criterion does not apply."""
    measured = evidence.measurements
    if measured is None:
        return
    female = evidence.patient.sex == "female"
    limit = QTC_WOMEN_BELOW_MS if female else QTC_MEN_BELOW_MS
    pr_ms, qrs_ms, qtc_ms = measured.pr_ms, measured.qrs_ms, measured.qtc_fridericia_ms
    if pr_ms is not None and pr_ms > PR_TO_MS and not _any_reported(statements, "1AVB", "LPR"):
        yield Deviation(f"PR {number(pr_ms)} ms (limit {number(PR_TO_MS)} ms)", minor=True)
    if qrs_ms is not None and qrs_ms >= NARROW_BELOW_MS and not _any_reported(statements, *_WIDE):
        yield Deviation(f"QRS {number(qrs_ms)} ms (limit {number(NARROW_BELOW_MS)} ms)", minor=False)
    if qtc_ms is not None and qtc_ms >= limit and not _any_reported(statements, "LNGQT"):
        minor = evidence.met("QTC-LONG") is None
        yield Deviation(f"QTcF {number(qtc_ms)} ms (limit {number(limit)} ms)", minor)


def _is_stated(criterion: Criterion, statements: Statements) -> bool:
    return _any_reported(statements, *_STATED.get(criterion.code, (criterion.code,)))


def _any_reported(statements: Statements, *labels: str) -> bool:
    return any(is_reported(statements, label) for label in labels)


def _value(finding: Finding) -> str:
    """What decides a finding: the measured value, or the probability."""
    if finding.source != "model" and finding.reason:
        return f": {finding.reason.rstrip('.')}"
    return "" if finding.probability is None else f" ({_percent(finding.probability)})"


def _percent(share: float | None) -> str:
    return "without a probability" if share is None else f"{100 * share:.2g} %"
