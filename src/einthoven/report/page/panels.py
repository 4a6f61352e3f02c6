"""Fill the columns above the tracing: recording and measurements, findings and quality, statements and notes."""

from collections.abc import Iterator, Sequence
from pathlib import PurePath

from einthoven.interpret.answer import InfarctDecision
from einthoven.interpret.interpretation import Interpretation
from einthoven.interpret.recording_info import LeadProblems, QualityInfo, RecordingInfo
from einthoven.recording import Patient
from einthoven.report.explanation_text import explanation_text
from einthoven.report.page.drawing import Box
from einthoven.report.page.font import wrapped
from einthoven.report.page.layout import Window
from einthoven.report.page.text_column import GREY, NOTE_SIZE, TEXT_SIZE, TextColumn
from einthoven.report.summary import (
    capitalize,
    findings_except_mi,
    format_filters,
    format_percent,
    format_rare_percent,
    format_time,
    interval_texts,
    present_statements,
)
from einthoven.signal.quality.gate import PROBLEM_TEXTS
from einthoven.text import format_duration, printable

_COLOURS = {"rule-in": "#b3261e", "undecided": "#a87900", "rule-out": "#5b6b7b"}
_NOT_INTERPRETED = "#333333"
_LABEL_WIDTH = 15.0
"""Of the names in the recording panel, in mm."""


def recording_panel(
    column: TextColumn,
    interpretation: Interpretation,
    patient: Patient,
    identify: bool,
    model_rate: float | None,
) -> None:
    """Fill a column with patient, recording and measurements.

    Parameters
    ----------
    column
        The column.
    interpretation
        The interpretation of the recording.
    patient
        Age and sex are always shown.
    identify
        Whether to show name, ID and birth date.
    model_rate
        Sampling rate of the model's input in Hz.
    """
    recording = interpretation.recording
    leads = f"{len(recording.leads)} leads"
    column.heading("Recording")
    column.pairs(
        [
            *_person(patient, identify),
            ("Source", printable(PurePath(recording.source).name)),
            *_recorder(recording, column.width - _LABEL_WIDTH),
            ("Format", f"{recording.format}, {format_duration(recording.duration_s)}, {leads}"),
            ("Sampling", f"{recording.rate_hz:g} Hz" + (f" (model: {model_rate:g} Hz)" if model_rate else "")),
            *([("Derived", ", ".join(recording.derived_leads))] if recording.derived_leads else []),
        ],
        label=_LABEL_WIDTH,
    )
    column.space()
    column.heading("Measurements")
    rate = interpretation.heart_rate_bpm
    heart_rate = ("Heart rate", "unclear" if rate is None else f"{rate:.0f} bpm")
    intervals = interval_texts(interpretation.measurements) if interpretation.measurements else ()
    column.pairs([heart_rate, *((capitalize(name), value) for name, value in intervals)], 14, abreast=2)
    column.close()


def _recorder(recording: RecordingInfo, width: float) -> Iterator[tuple[str, str]]:
    if recording.recorded_at:
        yield "Recorded", format_time(recording.recorded_at)
    filters = format_filters(recording.filters) if recording.filters else ""
    lines = wrapped(", ".join(filter(None, (recording.device, filters))), TEXT_SIZE, width)
    yield from zip(("Recorder", "", ""), lines, strict=False)


def _person(patient: Patient, identify: bool) -> Iterator[tuple[str, str]]:
    known = []
    if identify:
        yield "Name", printable(patient.name) or "not in the file"
        yield "ID", printable(patient.id) or "not in the file"
        known += [f"born {patient.birth_date.isoformat()}"] if patient.birth_date else []
    known += [f"{patient.age:.0f} years"] if patient.age is not None else []
    known += [patient.sex] if patient.sex else []
    if known:
        yield "Patient", ", ".join(known)


def _quality(quality: QualityInfo) -> Iterator[str]:
    yield "Fit to be interpreted." if quality.acceptable else "Not fit to be interpreted."
    alike: dict[str, list[str]] = {}
    for lead in quality.leads:
        alike.setdefault(lead_problem_text(lead) or "good", []).append(lead.lead)
    for words, leads in sorted(alike.items(), key=lambda item: item[0] == "good"):
        if alike.keys() == {words}:
            yield f"All leads are {words}."
        else:
            yield f"{', '.join(leads)}: {words}."


def lead_problem_text(lead: LeadProblems) -> str:
    """Describe the problems of a lead.

    Parameters
    ----------
    lead
        The lead with its problems.

    Returns
    -------
    str
        Separated by commas; "" for a good lead.
    """
    return ", ".join(PROBLEM_TEXTS.get(problem, problem) for problem in lead.problems)


def findings_panel(column: TextColumn, interpretation: Interpretation) -> None:
    """Fill a column with the infarct pattern, the superclasses with bars, and the signal quality.

    Parameters
    ----------
    column
        The column.
    interpretation
        Reasons replace the findings if it abstains.
    """
    if interpretation.abstained:
        _headline(column, "Not interpreted", _NOT_INTERPRETED)
        column.bullets(map(_sentence, interpretation.abstained_because), 3.0)
    else:
        _findings(column, interpretation)
    column.space()
    column.heading("Signal quality")
    column.text(" ".join(_quality(interpretation.quality)), 2.3)
    column.close()


def _findings(column: TextColumn, interpretation: Interpretation) -> None:
    if mi := interpretation.mi:
        _headline(column, _sentence(mi.in_words), _COLOURS[mi.decision], "Infarct pattern?")
        probability, prevalence, rule_in, rule_out = map(
            format_rare_percent, (mi.probability, mi.prevalence, mi.rule_in_from, mi.rule_out_below)
        )
        text = f"Probability {probability} at {prevalence} prevalence"
        column.probability(text, mi.probability, (mi.rule_out_below, mi.rule_in_from))
        column.text(f"Thresholds: rule-out {rule_out}, rule-in {rule_in}.", 2.3, colour=GREY)
        column.space()
    column.bar_titles("Findings")
    for finding in findings_except_mi(interpretation):
        column.bar(finding, bold=finding.reported)


def _sentence(words: str) -> str:
    return f"{capitalize(words)}."


def _headline(column: TextColumn, text: str, colour: str, question: str = "") -> None:
    """Add large words next to a coloured stroke."""
    top = column.y
    column.x, column.width = column.x + 3, column.width - 3
    if question:
        column.text(question.upper(), 2.1, bold=True, colour=GREY)
        column.space(0.6)
    column.text(text, 4.0, bold=True)
    column.x, column.width = column.x - 3, column.width + 3
    column.items.append(Box(column.x, top + 0.4, 1.2, column.y - top + 0.6, colour))
    column.space(0.8)


def statements_panel(column: TextColumn, interpretation: Interpretation, window: Window, notes: list[str]) -> None:
    """Fill a column with statements, parts of a longer recording, explanations and notes.

    Parameters
    ----------
    column
        The column.
    interpretation
        The interpretation of the recording.
    window
        The part of the recording that the page shows.
    notes
        Further notes, before the warnings.
    """
    present = present_statements(interpretation)
    # The signal quality already lists the problems of leads.
    warnings = [warning.text for warning in interpretation.all_warnings if warning.code != "lead-quality"]
    all_notes = [*notes, *warnings]
    bottom = column.bottom
    lines = sum(len(wrapped(f"– {printable(note)}", NOTE_SIZE, column.width)) for note in all_notes)
    column.bottom -= min(5.0 + 1.32 * NOTE_SIZE * lines, 20.0) if all_notes else 0  # room for the notes
    if not interpretation.abstained:
        column.bar_titles("Statements")
        for statement in present:
            column.bar(statement)
        if not present:
            column.text("None of the model's further statements reaches its threshold.", 2.4, colour=GREY)
        for sentence in _parts(interpretation, window):
            column.space(0.5)
            column.text(sentence, 2.4)
        if interpretation.explanations:
            column.space()
            column.heading("Why")
            column.bullets(explanation_text(interpretation, explanation) for explanation in interpretation.explanations)
    column.bottom = bottom
    if all_notes:
        column.space()
        column.heading("Notes")
        column.bullets(map(printable, all_notes))
    column.close()


def _parts(interpretation: Interpretation, window: Window) -> Iterator[str]:
    """Yield sentences about a longer recording: the medians, the most abnormal part, and the part on the page."""
    if interpretation.segments:
        fit = [segment for segment in interpretation.segments if segment.probabilities]
        yield f"All values are medians over {len(fit)} segment{'s' * (len(fit) > 1)} of 10 s."
    if excerpt := interpretation.most_abnormal:
        names_present = [
            f"{finding.title} {format_percent(finding.probability)}"
            for finding in findings_except_mi(excerpt)
            if finding.reported
        ]
        yield f"Most abnormal 30 s, {_span(excerpt.start_s, excerpt.end_s)}: {_brief(excerpt.mi, names_present)}"
    if segment := window.segment:
        names = {
            finding.label: finding.name for finding in (*findings_except_mi(interpretation), *interpretation.statements)
        }
        names_present = [names[label] for label in dict.fromkeys(segment.present) if label in names]
        yield f"Part shown, {_span(segment.start_s, segment.end_s)}: {_brief(segment.mi, names_present)}"


def _brief(mi: InfarctDecision | None, names_present: Sequence[str]) -> str:
    infarct = f"Infarct pattern {format_rare_percent(mi.probability)}: {mi.in_words}. " if mi else ""
    return f"{infarct}Other findings: {', '.join(names_present) or 'none'}."


def _span(start_s: float, end_s: float) -> str:
    return f"{format_duration(start_s)} to {format_duration(end_s)}"
