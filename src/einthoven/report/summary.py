"""Words for an interpretation: formatted numbers, findings to report, a summary, and explanations."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid5

import numpy as np

from einthoven.arrays import Float64Array
from einthoven.interpret.answer import Answer, Finding
from einthoven.interpret.interpretation import NOTICE, Interpretation
from einthoven.interpret.recording_info import RecordingInfo
from einthoven.interpret.segment_results import Explanation
from einthoven.recording import LEADS, Filters
from einthoven.signal.measurements.values import Measurements
from einthoven.text import printable

INTERVAL_LABELS: Mapping[str, tuple[str, str]] = {
    "pr_ms": ("PR", " ms"),
    "qrs_ms": ("QRS", " ms"),
    "qt_ms": ("QT", " ms"),
    "qtc_bazett_ms": ("QTcB", " ms"),
    "qtc_fridericia_ms": ("QTcF", " ms"),
    "qrs_axis_degrees": ("axis", "°"),
}
"""Name and unit of the measurements on one line; QTc by Bazett and Fridericia."""
_NAMESPACE = UUID("5957b100-fa08-4aee-a94f-2e4ca69695bd")
_HALF = 0.5
_N_STRONGEST_BINS = 3
_CHEST = LEADS[6:]


def content_uuid(*content: str) -> UUID:
    """Return an identifier of what strings describe.

    Parameters
    ----------
    *content
        The description.

    Returns
    -------
    UUID
        The same for the same description.
    """
    return uuid5(_NAMESPACE, "\n".join(content))


def format_percent(share: float) -> str:
    """Format a share in whole percent, but never as 0 % or 100 %, because no model is certain.

    Parameters
    ----------
    share
        From 0 to 1.

    Returns
    -------
    str
        Such as "58 %", "<1 %" or ">99 %".
    """
    if share < 0.01:
        return "<1 %"
    return ">99 %" if share > 0.99 else f"{100 * share:.0f} %"


def format_rare_percent(share: float) -> str:
    """Format a share in whole percent, or with one digit below 1 %, as thresholds for a rare finding can be.

    Parameters
    ----------
    share
        From 0 to 1.

    Returns
    -------
    str
        Such as "58 %", "0.3 %" or ">99 %".
    """
    return format_percent(share) if share >= 0.01 else f"{Decimal(f'{100 * share:.1g}'):f} %"


def format_duration(seconds: float) -> str:
    """Format a time or a duration.

    Parameters
    ----------
    seconds
        In s.

    Returns
    -------
    str
        Such as "9.98 s", "2:05 min" or "1:00:00 h".
    """
    if seconds < 120:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d} h" if hours else f"{minutes}:{rest:02d} min"


def format_time(recorded_at: datetime) -> str:
    """Format the time of a recording.

    Parameters
    ----------
    recorded_at
        With or without time zone.

    Returns
    -------
    str
        Such as "2026-11-28 10:42" or "2026-11-28 10:42 UTC+01:00".
    """
    return f"{recorded_at:%Y-%m-%d %H:%M %Z}".rstrip()


def format_filters(filters: Filters) -> str:
    """Format the filters of a recording.

    Parameters
    ----------
    filters
        As the file states them.

    Returns
    -------
    str
        Such as "0.05-150 Hz, notch 50 Hz", or "to 35 Hz" if the file does not state the lower limit.
    """
    high, low, notch = filters
    parts = []
    if high and low:
        parts.append(f"{high:g}-{low:g} Hz")
    elif high or low:
        parts.append(f"from {high:g} Hz" if high else f"to {low:g} Hz")
    if notch:
        parts.append(f"notch {notch:g} Hz")
    return ", ".join(parts)


def recorded_texts(recording: RecordingInfo) -> Iterator[str]:
    """Describe when, with which recorder and through which filters an ECG was recorded, as far as the file states it.

    Parameters
    ----------
    recording
        The recording.

    Yields
    ------
    str
        Such as "recorded 2026-11-28 10:42", "Philips PageWriter TC70" and "0.05-150 Hz".
    """
    if recording.recorded_at:
        yield f"recorded {format_time(recording.recorded_at)}"
    if recording.device:
        yield recording.device
    if recording.filters:
        yield format_filters(recording.filters)


def capitalize(words: str) -> str:
    """Return a text with a capital first letter; the rest stays.

    Parameters
    ----------
    words
        At least one character.

    Returns
    -------
    str
        The text.
    """
    return words[0].upper() + words[1:]


def interval_texts(measurements: Measurements) -> Iterator[tuple[str, str]]:
    """Format the intervals and the axis of the QRS complex.

    Parameters
    ----------
    measurements
        Measured values.

    Yields
    ------
    tuple of str
        Name, and value with unit; "unclear" for a value that could not be measured.
    """
    for key, (name, unit) in INTERVAL_LABELS.items():
        value = getattr(measurements, key)
        yield name, "unclear" if value is None else f"{value}{unit}".replace("-", "−")


def findings_except_mi(answer: Answer) -> list[Finding]:
    """Return the superclasses, without MI if there is an infarct pattern, which uses other thresholds.

    Parameters
    ----------
    answer
        Findings for a recording or an excerpt.

    Returns
    -------
    list of Finding
        Present or not.
    """
    return [finding for finding in answer.findings if not (answer.mi and finding.label == "MI")]


def present_statements(answer: Answer) -> list[Finding]:
    """Return the statements that are present, without superclasses.

    Parameters
    ----------
    answer
        Findings for a recording or an excerpt.

    Returns
    -------
    list of Finding
        The most probable first.
    """
    named = {finding.label for finding in answer.findings}
    present = [statement for statement in answer.statements if statement.present and statement.label not in named]
    return sorted(present, key=lambda statement: -statement.probability)


def reported_findings(answer: Answer) -> list[Finding]:
    """Return the superclasses without MI, present or not, then the statements that are present.

    Parameters
    ----------
    answer
        Findings for a recording or an excerpt.

    Returns
    -------
    list of Finding
        Statements with the most probable first.
    """
    return findings_except_mi(answer) + present_statements(answer)


def sentences(interpretation: Interpretation) -> list[str]:
    """Summarize an interpretation in sentences, the infarct pattern first.

    Parameters
    ----------
    interpretation
        The interpretation of a recording.

    Returns
    -------
    list of str
        Without the name of the file, which may name a person.
    """
    return [printable(sentence, None) for sentence in _sentences(interpretation)]


def _sentences(interpretation: Interpretation) -> Iterator[str]:
    if interpretation.abstained:
        yield f"Not interpreted: {'; '.join(interpretation.abstained_because)}."
    if interpretation.mi:
        yield f"Infarct pattern? {capitalize(interpretation.mi.in_words)}."
    if present := [finding.name for finding in reported_findings(interpretation) if finding.present]:
        yield f"Found: {', '.join(present)}."
    if interpretation.heart_rate_bpm is not None:
        yield f"Heart rate {interpretation.heart_rate_bpm:.0f} bpm."
    if interpretation.measurements:
        yield f"{', '.join(map(' '.join, interval_texts(interpretation.measurements)))}."
    if excerpt := interpretation.most_abnormal:
        clauses = [f"infarct pattern? {excerpt.mi.in_words}"] if excerpt.mi else []
        others = [finding.name for finding in reported_findings(excerpt) if finding.present]
        clauses.append(", ".join(others) or "no other findings")
        yield f"Most abnormal from {excerpt.start_s:g} to {excerpt.end_s:g} s: {'; '.join(clauses)}."
    yield from (warning.text for warning in interpretation.all_warnings)
    yield NOTICE


def label_name(answer: Answer, label: str) -> str:
    """Return the name of a label in words.

    Parameters
    ----------
    answer
        Findings that contain the label.
    label
        Such as "AFIB".

    Returns
    -------
    str
        Such as "atrial fibrillation".
    """
    names = {finding.label: finding.name for finding in answer.findings + answer.statements}
    return (names | {score.label: score.name for score in answer.scores_only})[label]


def explanation_text(answer: Answer, explanation: Explanation) -> str:
    """Describe an explanation in a sentence.

    Parameters
    ----------
    answer
        The findings that it explains.
    explanation
        The explanation of one label.

    Returns
    -------
    str
        Such as "MI (myocardial infarction) rests on V2-V4 (58 %), most at 1.25-1.5 s."
    """
    return f"{explanation.label} ({label_name(answer, explanation.label)}) {explanation_basis(explanation)}."


def explanation_basis(explanation: Explanation) -> str:
    """Describe the leads that together have half of the positive contributions, and the times with the largest ones.

    Parameters
    ----------
    explanation
        The explanation of one label.

    Returns
    -------
    str
        Such as "rests on V2-V4 (58 %), most at 1.25-1.5, 4-4.5 and 8.75-9 s".
    """
    positive = positive_contributions(explanation)
    per_lead, per_bin = positive.sum(axis=1), positive.sum(axis=0)
    total = positive.sum()
    if not total:
        return "rests on no particular lead"
    order = np.argsort(-per_lead, kind="stable")
    count = int(np.searchsorted(np.cumsum(per_lead[order]), _HALF * total)) + 1
    leads = _lead_ranges([explanation.leads[k] for k in sorted(order[:count])])
    strongest = sorted(k for k in np.argsort(-per_bin, kind="stable")[:_N_STRONGEST_BINS].tolist() if per_bin[k])
    share = round(100 * float(per_lead[order[:count]].sum() / total))
    return f"rests on {leads} ({share} %), most at {_time_ranges(strongest, explanation)} s"


def positive_contributions(explanation: Explanation) -> Float64Array:
    """Return the contributions that support the label.

    Parameters
    ----------
    explanation
        The explanation of one label.

    Returns
    -------
    Float64Array
        Shape (leads, bins), in log-odds; zero for contributions against the label.
    """
    return np.maximum(explanation.values, 0.0)


def _lead_ranges(leads: Sequence[str]) -> str:
    """Join lead names, with three or more neighbouring chest leads as a range: "II and V2-V4"."""
    runs: list[list[str]] = []
    for lead in leads:
        if runs and lead in _CHEST[1:] and runs[-1][-1] == LEADS[LEADS.index(lead) - 1]:
            runs[-1].append(lead)
        else:
            runs.append([lead])
    return _enumerate_words([word for run in runs for word in ([f"{run[0]}-{run[-1]}"] if len(run) > 2 else run)])


def _time_ranges(bins: Sequence[int], explanation: Explanation) -> str:
    """Format the times of bins in s, with adjacent bins as one range."""
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
