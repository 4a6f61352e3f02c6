"""Find deviations from a normal ECG (rule 1), each either borderline by itself or abnormal."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from einthoven.interpret.acute.values import AcutePattern
from einthoven.interpret.answer import Answer, InfarctPattern
from einthoven.interpret.consistency.exclusions import RHYTHM_LABELS
from einthoven.interpret.consistency.short_texts import (
    INFARCT,
    acute_words,
    criterion_text,
    infarct_words,
    subject,
    value_of,
)
from einthoven.interpret.consistency.statements import Statements, by_label, is_reported
from einthoven.interpret.consistency.superclasses import members
from einthoven.interpret.consistency.values import CriticalValue
from einthoven.interpret.criteria import Criterion
from einthoven.interpret.criteria.applicability import ADULT_YEARS
from einthoven.interpret.criteria.ecg import NARROW_BELOW_MS
from einthoven.interpret.criteria.wording import number, percent
from einthoven.interpret.decisions import PRESENT
from einthoven.interpret.evidence import Evidence
from einthoven.interpret.rhythm.names import SINUS
from einthoven.interpret.rhythm.runs import longest_run
from einthoven.interpret.rhythm.values import Rhythm
from einthoven.signal.plausibility import SHORT

RATE_FROM_BPM, RATE_TO_BPM = 50.0, 100.0
"""Heart rates of a normal ECG."""
PR_TO_MS = 200.0
QTC_MEN_BELOW_MS, QTC_WOMEN_BELOW_MS = 450.0, 460.0
SLOW_BPM, FAST_BPM = 40.0, 120.0
"""A slower or faster rhythm is abnormal, not borderline."""
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
"""Criteria that, if met, mean that another criterion is reliable."""
_STATED = {  # statements that state the finding of a criterion, if their label differs from its code
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
_NOT_REASONS = ("NORM", "BRADY", "TACHY", *RHYTHM_LABELS)  # covered by the rhythm and its rate


class Deviation(NamedTuple):
    """A deviation from a normal ECG."""

    text: str
    """Name and one value, worded as part of a sentence."""
    minor: bool
    """Whether the ECG is only borderline if there is no other deviation."""
    subject: str = ""
    """Subject of the deviation; the conclusion names one deviation for each subject."""


def deviations(
    evidence: Evidence,
    rhythm: Rhythm,
    answer: Answer,
    acute: AcutePattern | None,
    critical: tuple[CriticalValue, ...] = (),
) -> Iterator[Deviation]:
    """Find the deviations of an ECG from a normal one.

    Parameters
    ----------
    evidence
        Evidence of the ECG.
    rhythm
        Rhythm of the ECG.
    answer
        The answer after all rules except the conclusion.
    acute
        The answer about an acute infarct after all rules.
    critical
        Critical values. Most of them are also deviations, under other names.

    Yields
    ------
    Deviation
        A deviation; a normal ECG has none.
    """
    statements = by_label(answer.statements)
    codes = {value.code for value in critical}
    yield from _acute(acute, answer.mi, critical)
    yield from _rhythm(rhythm, statements)
    run = longest_run(evidence.beats)
    if "WCT" in codes or run:
        usual = run.in_words if run else "wide-complex tachycardia"
        yield Deviation(rhythm.name if rhythm.code == "WCT" else usual, minor=False, subject="WCT")
    yield from _infarct(answer.mi, evidence)
    yield from _findings(answer, statements, evidence.criteria)
    yield from _measurements(evidence, rhythm, statements)
    for criterion in evidence.criteria:
        if criterion.met and criterion.code not in NO_ABNORMALITY and not _is_stated(criterion, statements):
            minor = criterion.code in MINOR_CRITERIA
            yield Deviation(criterion_text(criterion), minor, subject(criterion.code, codes, answer.mi))
    if evidence.electrodes.suspected:
        yield Deviation(evidence.electrodes.doubt, minor=True)
    yield from (Deviation(SHORT[doubt.code], minor=True) for doubt in evidence.doubts if doubt.code in SHORT)
    if evidence.pacing.captured is False:
        yield Deviation("pacing spikes without capture", minor=False, subject="PACING-NO-CAPTURE")
    elif (spikes := len(evidence.pacing.spikes)) and not _any_reported(statements, "PACE"):
        many = evidence.paced or evidence.many_spikes
        yield Deviation("pacing spikes" if many else f"{spikes} possible pacing spikes", minor=not many)
    if evidence.patient.age is not None and evidence.patient.age < ADULT_YEARS:
        yield Deviation("interpreted with the limits of adults", minor=True)


def normal_deviation(answer: Answer) -> Deviation | None:
    """Return the deviation of an ECG that only the model does not find normal.

    Parameters
    ----------
    answer
        Answer about an ECG without other deviations.

    Returns
    -------
    Deviation or None
        None if the model finds a normal ECG.
    """
    norm = next((finding for finding in answer.findings if finding.label == "NORM"), None)
    if norm is None:
        return Deviation("the model does not tell whether an ECG is normal", minor=True)
    if norm.present:
        return None
    limit = max(PRESENT, norm.threshold or 0.0)
    return Deviation(f"normal ECG {percent(norm.probability)} (limit {percent(limit)})", minor=True)


def _acute(
    acute: AcutePattern | None, mi: InfarctPattern | None, critical: Sequence[CriticalValue]
) -> Iterator[Deviation]:
    if acute and acute.decision == "rule-in":
        yield Deviation(acute.in_words.split(";")[0].rstrip("."), minor=False, subject=INFARCT)
        return
    names = [value.name for value in critical if value.code == "STEMI"]
    if names:
        yield Deviation(names[0], minor=False, subject=INFARCT)
    elif acute and acute.decision == "undecided":
        has_infarct = mi is not None and mi.decision == "rule-in" and not acute.is_high
        yield Deviation(acute_words(acute), minor=not acute.is_high, subject=INFARCT if has_infarct else "")


def _infarct(mi: InfarctPattern | None, evidence: Evidence) -> Iterator[Deviation]:
    if mi and mi.decision == "rule-in":
        yield Deviation(infarct_words(mi), minor=False, subject=INFARCT)
    elif mi and mi.decision == "undecided":
        high = evidence.leads_doubt is not None and mi.probability >= mi.rule_in_from
        yield Deviation(infarct_words(mi, high=high), minor=not high, subject=INFARCT)


def _rhythm(rhythm: Rhythm, statements: Statements) -> Iterator[Deviation]:
    if rhythm.code not in SINUS:
        yield Deviation(rhythm.name, minor=rhythm.code in ("UNCERTAIN", "BRADY", "TACHY"), subject=rhythm.code)
    rate = rhythm.rate_bpm
    if rate is None:
        yield Deviation("heart rate unclear", minor=True)
    elif not RATE_FROM_BPM <= rate <= RATE_TO_BPM:
        at_limit = round(rate) in (RATE_FROM_BPM, RATE_TO_BPM)  # a value beyond a limit does not read as the limit
        yield Deviation(
            f"heart rate {number(rate) if at_limit else round(rate)} bpm", minor=SLOW_BPM <= rate <= FAST_BPM
        )
    if rhythm.pauses:
        longest = max(pause.seconds for pause in rhythm.pauses)
        yield Deviation(f"pause of {longest:.1f} s", minor=False)
    for kind, count, label in (
        ("ventricular", rhythm.premature_ventricular, "PVC"),
        ("supraventricular", rhythm.premature_supraventricular, "PAC"),
    ):
        if count and not _any_reported(statements, label):
            yield Deviation(f"premature {kind} complexes ({count})", minor=True)


def _findings(answer: Answer, statements: Statements, criteria: Sequence[Criterion]) -> Iterator[Deviation]:
    """Yield statements, and superclasses without one; infarct statements belong to the infarct pattern."""
    left_out = {*_NOT_REASONS, "LPR"} if _any_reported(statements, "1AVB") else {*_NOT_REASONS}
    criteria_by_label = {
        label: criterion for criterion in criteria if criterion.met for label in _STATED.get(criterion.code, ())
    }
    for finding in answer.statements:
        if finding.reported and finding.label not in left_out:
            minor = finding.possible or finding.label in MINOR
            text = f"{finding.title}{value_of(finding, criteria_by_label.get(finding.label))}"
            yield Deviation(text, minor, subject(finding.label, set(), answer.mi))
    for finding in answer.findings:
        has_members = any(members(statements, finding.label))
        if finding.reported and finding.label != "NORM" and finding.label not in left_out and not has_members:
            text = f"{finding.title}{value_of(finding, None)}"
            yield Deviation(text, finding.possible, subject(finding.label, set(), answer.mi))


def _measurements(evidence: Evidence, rhythm: Rhythm, statements: Statements) -> Iterator[Deviation]:
    """Yield intervals beyond the limits of adults, even if a criterion does not apply."""
    measured = evidence.measurements
    if measured is None:
        return
    female = evidence.patient.sex == "female"
    limit = QTC_WOMEN_BELOW_MS if female else QTC_MEN_BELOW_MS
    pr_ms, qrs_ms, qtc_ms = measured.pr_ms, measured.qrs_ms, measured.qtc_fridericia_ms
    led = [("PR interval", pr_ms)] if rhythm.code in SINUS else []
    for name, value in (*led, ("QRS duration", qrs_ms), ("QT interval", measured.qt_ms)):
        if value is None:
            yield Deviation(f"{name} not measured", minor=True)
    if pr_ms is not None and pr_ms > PR_TO_MS and not _any_reported(statements, "1AVB", "LPR"):
        yield Deviation(f"PR {number(pr_ms)} ms", minor=True)
    if qrs_ms is not None and qrs_ms >= NARROW_BELOW_MS and not _any_reported(statements, *_WIDE):
        yield Deviation(f"QRS {number(qrs_ms)} ms", minor=False)
    if qtc_ms is not None and qtc_ms >= limit and not _any_reported(statements, "LNGQT"):
        minor = evidence.met("QTC-LONG") is None
        yield Deviation(f"QTcF {number(qtc_ms)} ms", minor)


def _is_stated(criterion: Criterion, statements: Statements) -> bool:
    return _any_reported(statements, *_STATED.get(criterion.code, (criterion.code,)))


def _any_reported(statements: Statements, *labels: str) -> bool:
    return any(is_reported(statements, label) for label in labels)
