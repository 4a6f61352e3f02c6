"""An interpretation in words: numbers as people read them, its findings, its sentences, what an explanation says."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from uuid import UUID, uuid5

import numpy as np

from einthoven.arrays import Float64Array
from einthoven.interpret.interpretation import NOTICE, Answer, Explanation, Finding, Interpretation
from einthoven.recording import LEADS
from einthoven.signal.intervals.values import IntervalValues
from einthoven.text import printable

INTERVAL_LABELS: Mapping[str, tuple[str, str]] = {
    "pr_ms": ("PR", " ms"),
    "qrs_ms": ("QRS", " ms"),
    "qt_ms": ("QT", " ms"),
    "qtc_bazett_ms": ("QTcB", " ms"),
    "qtc_fridericia_ms": ("QTcF", " ms"),
    "axis_degrees": ("axis", "°"),
}
"""Names and units of `intervals`; QTc after Bazett and Fridericia."""
_NAMESPACE = UUID("5957b100-fa08-4aee-a94f-2e4ca69695bd")
_HALF = 0.5
_N_STRONGEST_BINS = 3
_CHEST = LEADS[6:]


def content_uuid(*content: str) -> UUID:
    """The identifier of something that `content` describes; the same for the same."""
    return uuid5(_NAMESPACE, "\n".join(content))


def format_percent(share: float) -> str:
    """Whole percents, but never 0 % or 100 %, which no model knows."""
    if share < 0.01:
        return "<1 %"
    return ">99 %" if share > 0.99 else f"{100 * share:.0f} %"


def format_rare_percent(share: float) -> str:
    """Whole percents, and below 1 % one digit: what is screened for may be rare, and its thresholds low."""
    return format_percent(share) if share >= 0.01 else f"{Decimal(f'{100 * share:.1g}'):f} %"


def format_duration(seconds: float) -> str:
    """A time or a duration."""
    if seconds < 120:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d} h" if hours else f"{minutes}:{rest:02d} min"


def capitalize(words: str) -> str:
    """Words with a capital at the beginning."""
    return words[0].upper() + words[1:]


def interval_texts(intervals: IntervalValues) -> Iterator[tuple[str, str]]:
    """The intervals and the axis, each with its unit; "unclear" where it could not be told."""
    for key, (name, unit) in INTERVAL_LABELS.items():
        value = getattr(intervals, key)
        yield name, "unclear" if value is None else f"{value}{unit}".replace("-", "−")


def findings_except_mi(answer: Answer) -> list[Finding]:
    """The superclasses without MI, which the answer to the infarct pattern settles: its own threshold may differ."""
    return [finding for finding in answer.findings if not (answer.mi and finding.label == "MI")]


def present_statements(answer: Answer) -> list[Finding]:
    """The statements that are present and no superclass, the most probable first."""
    named = {finding.label for finding in answer.findings}
    present = [statement for statement in answer.statements if statement.present and statement.label not in named]
    return sorted(present, key=lambda statement: -statement.probability)


def reported_findings(answer: Answer) -> list[Finding]:
    """The superclasses without MI, present or not, and the statements that are present, the most probable first."""
    return findings_except_mi(answer) + present_statements(answer)


def sentences(interpretation: Interpretation) -> list[str]:
    """The answer in sentences, the infarct pattern first; without the name of the file, which may name a person."""
    return [printable(sentence) for sentence in _sentences(interpretation)]


def _sentences(interpretation: Interpretation) -> Iterator[str]:
    if interpretation.abstained:
        yield f"Not interpreted: {'; '.join(interpretation.abstained_because)}."
    if interpretation.mi:
        yield f"Infarct pattern? {capitalize(interpretation.mi.in_words)}."
    if found := [finding.name for finding in reported_findings(interpretation) if finding.present]:
        yield f"Found: {', '.join(found)}."
    if interpretation.heart_rate_bpm is not None:
        yield f"Heart rate {interpretation.heart_rate_bpm:.0f} bpm."
    if interpretation.intervals:
        yield f"{', '.join(map(' '.join, interval_texts(interpretation.intervals)))}."
    if excerpt := interpretation.most_abnormal:
        clauses = [f"infarct pattern? {excerpt.mi.in_words}"] if excerpt.mi else []
        others = [finding.name for finding in reported_findings(excerpt) if finding.present]
        clauses.append(", ".join(others) or "nothing else found")
        yield f"Most abnormal from {excerpt.start_s:g} to {excerpt.end_s:g} s: {'; '.join(clauses)}."
    yield from (warning.text for warning in interpretation.all_warnings)
    yield NOTICE


def label_name(answer: Answer, label: str) -> str:
    """A label of the answer in English."""
    names = {finding.label: finding.name for finding in answer.findings + answer.statements}
    return (names | {score.label: score.name for score in answer.scores_only})[label]


def explanation_text(answer: Answer, explanation: Explanation) -> str:
    """The sentence of one of the answer's explanations."""
    return f"{explanation.label} ({label_name(answer, explanation.label)}) {explanation_basis(explanation)}."


def explanation_basis(explanation: Explanation) -> str:
    """The leads that together hold half of what positive for the label, and its strongest moments.

    "rests on V2-V4 (58 %), most at 1.25-1.5, 4-4.5 and 8.75-9 s".
    """
    positive = positive_contributions(explanation)
    per_lead, per_bin = positive.sum(axis=1), positive.sum(axis=0)
    whole = positive.sum()
    if not whole:
        return "rests on nothing that can be pointed at"
    order = np.argsort(-per_lead, kind="stable")
    count = int(np.searchsorted(np.cumsum(per_lead[order]), _HALF * whole)) + 1
    leads = _lead_ranges([explanation.leads[k] for k in sorted(order[:count])])
    strongest = sorted(k for k in np.argsort(-per_bin, kind="stable")[:_N_STRONGEST_BINS].tolist() if per_bin[k])
    share = round(100 * float(per_lead[order[:count]].sum() / whole))
    return f"rests on {leads} ({share} %), most at {_time_ranges(strongest, explanation)} s"


def positive_contributions(explanation: Explanation) -> Float64Array:
    """What speaks for the label (leads, bins): zero where a piece speaks against it."""
    return np.maximum(explanation.values, 0.0)


def _lead_ranges(leads: Sequence[str]) -> str:
    """V2, V3, V4 as V2-V4: neighbours on the chest."""
    runs: list[list[str]] = []
    for lead in leads:
        if runs and lead in _CHEST[1:] and runs[-1][-1] == LEADS[LEADS.index(lead) - 1]:
            runs[-1].append(lead)
        else:
            runs.append([lead])
    return _enumerate_words([word for run in runs for word in ([f"{run[0]}-{run[-1]}"] if len(run) > 2 else run)])


def _time_ranges(bins: Sequence[int], explanation: Explanation) -> str:
    """From when to when the `bins` last, those that follow one another as one."""
    start, step = explanation.start_s, explanation.seconds_per_bin
    spans: list[list[int]] = []
    for k in bins:
        if spans and spans[-1][1] == k:
            spans[-1][1] = k + 1
        else:
            spans.append([k, k + 1])
    return _enumerate_words([f"{start + first * step:.4g}-{start + end * step:.4g}" for first, end in spans])


def _enumerate_words(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]
