"""Fill the columns above the tracing: recording and measurements, the answer, findings and notes."""

from collections.abc import Iterator, Sequence
from pathlib import PurePath

from einthoven.interpret.acute.values import AcutePattern
from einthoven.interpret.answer import InfarctDecision, InfarctPattern
from einthoven.interpret.interpretation import Interpretation
from einthoven.interpret.recording_info import LeadProblems, QualityInfo, RecordingInfo
from einthoven.recording import LEADS, Patient
from einthoven.report.answer_text import (
    ACUTE_QUESTION,
    CRITICAL,
    INFARCT_QUESTION,
    acute_facts,
    acute_text,
    conclusion_parts,
    criterion_text,
    critical_text,
    finding_reason,
    infarct_text,
    rhythm_text,
    sentence,
    time_share_text,
)
from einthoven.report.clinical_order import sections
from einthoven.report.explanation_text import explanation_text
from einthoven.report.page.drawing import Box
from einthoven.report.page.font import wrapped
from einthoven.report.page.layout import Window
from einthoven.report.page.text_column import GREY, NOTE_SIZE, TEXT_SIZE, TextColumn
from einthoven.report.st_table import LIMIT_NOTE, POINTS, format_mv, st_table
from einthoven.report.summary import (
    capitalize,
    findings_except_mi,
    format_filters,
    format_percent,
    format_rare_percent,
    format_time,
    interval_texts,
)
from einthoven.signal.quality.gate import PROBLEM_TEXTS
from einthoven.text import format_duration, printable

RED = "#b3261e"
_COLOURS = {"rule-in": RED, "undecided": "#a87900", "rule-out": "#5b6b7b"}
_NOT_INTERPRETED = "#333333"
_LABEL_WIDTH = 15.0
"""Of the names in the recording panel, in mm."""
_GUTTER = 27.0
"""Of the questions in the answer panel, in mm."""
_ANSWER_SIZE, _LINE_SIZE = 3.6, 3.0  # mm
ST_HEIGHT = 15.5
"""Of the ST table, in mm."""
_ST_FIRST = 11.0  # mm, of the names of its points
_MAX_CRITICAL, _MAX_CONCLUSION_LINES, _MAX_SHARES = 4, 4, 4


def recording_panel(
    column: TextColumn,
    interpretation: Interpretation,
    patient: Patient,
    identify: bool,
    model_rate: float | None,
    notes: list[str],
) -> None:
    """Fill a column with patient, recording, measurements, signal quality and notes.

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
    notes
        Further notes, before the warnings.
    """
    recording = interpretation.recording
    leads = f"{len(recording.leads)} leads"
    column.heading("Recording")
    column.pairs(
        [
            *([("Recorded", format_time(recording.recorded_at))] if recording.recorded_at else []),
            *patient_pairs(patient, identify),
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
    column.space()
    column.heading("Signal quality")
    column.text(" ".join(_quality(interpretation.quality)), NOTE_SIZE)
    # The signal quality already lists the problems of leads.
    warnings = [warning.text for warning in interpretation.all_warnings if warning.code != "lead-quality"]
    if all_notes := [*notes, *warnings]:
        column.space()
        column.heading("Notes")
        column.bullets(map(printable, all_notes))
    column.close()


def _recorder(recording: RecordingInfo, width: float) -> Iterator[tuple[str, str]]:
    filters = format_filters(recording.filters) if recording.filters else ""
    lines = wrapped(", ".join(filter(None, (recording.device, filters))), TEXT_SIZE, width)
    yield from zip(("Recorder", "", ""), lines, strict=False)


def patient_pairs(patient: Patient, identify: bool) -> Iterator[tuple[str, str]]:
    """Describe the patient.

    Parameters
    ----------
    patient
        Age and sex are always described.
    identify
        Whether to describe name, ID and birth date.

    Yields
    ------
    tuple of str
        What it is, and the value.
    """
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
    """Describe the leads. Whether the recording is interpreted, the answer says."""
    alike: dict[str, list[str]] = {}
    for lead in quality.leads:
        alike.setdefault(lead_problem_text(lead) or "good", []).append(lead.lead)
    for words, leads in sorted(alike.items(), key=lambda item: item[0] == "good"):
        if alike.keys() == {words}:
            yield f"All leads are {words}."
        elif words == "good":
            yield "Other leads: good."
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


def answer_panel(column: TextColumn, interpretation: Interpretation) -> None:
    """Fill a column with critical values, the answers about an infarct, rhythm and conclusion.

    Parameters
    ----------
    column
        The column.
    interpretation
        Reasons replace the answers if it abstains.
    """
    critical = interpretation.critical
    for value in critical[:_MAX_CRITICAL]:
        top = column.y
        column.labelled(CRITICAL, critical_text(value), _GUTTER, _LINE_SIZE, RED)
        _stroke(column, top, RED)
    if (more := len(critical) - _MAX_CRITICAL) > 0:
        column.labelled("", f"and {more} more critical value{'s' * (more > 1)}", _GUTTER, NOTE_SIZE, RED)
    column.space(0.8 if critical else 0)
    conclusion, why = ("", "") if interpretation.abstained else conclusion_parts(interpretation)
    lines = wrapped(why, NOTE_SIZE, column.width - _GUTTER)
    reserved = 1.32 * (_LINE_SIZE + NOTE_SIZE * min(len(lines), _MAX_CONCLUSION_LINES)) + 0.7
    column.bottom -= reserved
    if interpretation.abstained:
        top = column.y
        column.labelled("", "Not interpreted", _GUTTER, _ANSWER_SIZE)
        _details(column, map(sentence, interpretation.abstained_because), TEXT_SIZE)
        _stroke(column, top, _NOT_INTERPRETED)
    else:
        _acute(column, interpretation.acute)
        _infarct(column, interpretation.mi)
    column.space(0.6)
    column.labelled("Rhythm", rhythm_text(interpretation.rhythm), _GUTTER, _LINE_SIZE)
    _details(column, [sentence(interpretation.rhythm.reason)] if interpretation.rhythm.reason else [])
    column.bottom += reserved
    if conclusion:
        column.space(0.6)
        column.labelled("Conclusion", conclusion, _GUTTER, _LINE_SIZE)
        if why:
            column.labelled("", sentence(why), _GUTTER, NOTE_SIZE, bold=False)


def st_panel(column: TextColumn, interpretation: Interpretation) -> bool:
    """Add the ST table to a column if there is room for all of it.

    Parameters
    ----------
    column
        The column.
    interpretation
        The interpretation of the recording.

    Returns
    -------
    bool
        Whether there was room, or nothing to show.
    """
    rows = st_table(interpretation)[: len(LEADS)]
    if rows and column.room < ST_HEIGHT:
        return False
    if rows:
        column.space(1.0)
        cells = [["ST in mV", *(row.lead + "*" * row.limit_reached for row in rows)]]
        cells += [[point, *(format_mv(row.values[k]) for row in rows)] for k, point in enumerate(POINTS)]
        width = (column.width - _ST_FIRST) / len(LEADS)
        column.table(cells, [_ST_FIRST] + [width] * len(rows), 2.1 if width > 7 else 1.9)
    if any(row.limit_reached for row in rows):
        column.text(LIMIT_NOTE, 2.1, colour=GREY)
    return True


def criteria_panel(column: TextColumn, interpretation: Interpretation) -> None:
    """Add the criteria that are met, with their reasons, to a column, as far as there is room.

    Those that the conclusion names are not repeated.

    Parameters
    ----------
    column
        The column.
    interpretation
        The interpretation of the recording.
    """
    said = " ".join(interpretation.conclusion_reasons)
    met = [c for section in sections(interpretation) for c in section.criteria if c.reason.rstrip(".") not in said]
    if met:
        column.space(1.0)
        column.heading("Criteria met")
        column.bullets(map(criterion_text, met))


def _acute(column: TextColumn, acute: AcutePattern | None) -> None:
    if acute is None:
        return
    top = column.y
    _answer(column, ACUTE_QUESTION, acute_text(acute))
    details = (" ".join(acute_facts(acute)), " ".join(map(sentence, acute.advice)))
    _details(column, [text for text in details if text.strip()])
    _stroke(column, top, _COLOURS[acute.decision])
    column.space(0.8)


def _infarct(column: TextColumn, mi: InfarctPattern | None) -> None:
    if mi is None:
        return
    top = column.y
    _answer(column, INFARCT_QUESTION, infarct_text(mi))
    probability, prevalence, rule_in, rule_out = map(
        format_rare_percent, (mi.probability, mi.prevalence, mi.rule_in_from, mi.rule_out_below)
    )
    column.probability(
        f"Probability {probability} at {prevalence} prevalence",
        mi.probability,
        (mi.rule_out_below, mi.rule_in_from),
        _GUTTER,
        f"rule-out {rule_out}, rule-in {rule_in}",
    )
    _details(column, [" ".join(map(sentence, mi.caveats))] if mi.caveats else [])
    _stroke(column, top, _COLOURS[mi.decision])


def _answer(column: TextColumn, question: str, text: str) -> None:
    """Add an answer in large letters, in smaller ones if it needs several lines."""
    lines = wrapped(text, _ANSWER_SIZE, column.width - _GUTTER, True)
    column.labelled(question, text, _GUTTER, _ANSWER_SIZE if len(lines) == 1 else _LINE_SIZE)


def _details(column: TextColumn, texts: Iterator[str] | Sequence[str], size: float = NOTE_SIZE) -> None:
    """Add sentences below an answer."""
    column.x, column.width = column.x + _GUTTER, column.width - _GUTTER
    for text in texts:
        column.text(printable(text), size)
    column.x, column.width = column.x - _GUTTER, column.width + _GUTTER


def _stroke(column: TextColumn, top: float, colour: str) -> None:
    """Add a coloured stroke left of an answer; the words next to it say the same."""
    if column.y > top:
        column.items.append(Box(column.x - 2.2, top + 0.6, 1.0, column.y - top, colour))


def findings_panel(column: TextColumn, interpretation: Interpretation, window: Window) -> None:
    """Fill a column with findings in the clinical order, parts of a longer recording and explanations.

    Parameters
    ----------
    column
        The column.
    interpretation
        The interpretation of the recording.
    window
        The part of the recording that the page shows.
    """
    if not interpretation.abstained:
        _findings(column, interpretation)
        for text in _parts(interpretation, window):
            column.space(0.5)
            column.text(text, 2.4)
        if interpretation.explanations:
            column.space()
            column.heading("Why")
            column.bullets(explanation_text(interpretation, explanation) for explanation in interpretation.explanations)


def _findings(column: TextColumn, interpretation: Interpretation) -> None:
    column.bar_titles("Findings")
    for section in sections(interpretation):
        if section.findings:
            column.subheading(section.topic)
        for finding in section.findings:
            column.bar(finding)
            if reason := finding_reason(finding):
                column.text(reason, NOTE_SIZE, indent=3.0)
    absent = [
        f"{finding.name} {format_percent(finding.probability)}"
        for finding in findings_except_mi(interpretation)
        if not finding.reported
    ]
    if absent:
        column.space(0.6)
        column.text(f"Not found: {', '.join(absent)}.", NOTE_SIZE, colour=GREY)


def _parts(interpretation: Interpretation, window: Window) -> Iterator[str]:
    """Yield sentences about a longer recording: the medians, the most abnormal part, and the part on the page."""
    if interpretation.segments:
        fit = [segment for segment in interpretation.segments if segment.probabilities]
        yield f"All values are medians over {len(fit)} segment{'s' * (len(fit) > 1)} of 10 s."
    for share in interpretation.over_time[:_MAX_SHARES]:
        yield f"– {time_share_text(share)}"
    if segment := window.segment:
        names = {
            finding.label: finding.name for finding in (*findings_except_mi(interpretation), *interpretation.statements)
        }
        names_present = [names[label] for label in dict.fromkeys(segment.present) if label in names]
        yield f"Part shown, {_span(segment.start_s, segment.end_s)}: {_brief(segment.mi, names_present)}"
    if excerpt := interpretation.most_abnormal:
        names_present = [
            f"{finding.title} {format_percent(finding.probability)}"
            for finding in findings_except_mi(excerpt)
            if finding.reported
        ]
        yield f"Most abnormal 30 s, {_span(excerpt.start_s, excerpt.end_s)}: {_brief(excerpt.mi, names_present)}"


def _brief(mi: InfarctDecision | None, names_present: Sequence[str]) -> str:
    infarct = f"Infarct pattern {format_rare_percent(mi.probability)}: {mi.in_words}. " if mi else ""
    return f"{infarct}Other findings: {', '.join(names_present) or 'none'}."


def _span(start_s: float, end_s: float) -> str:
    return f"{format_duration(start_s)} to {format_duration(end_s)}"
