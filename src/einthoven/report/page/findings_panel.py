"""The column with findings in the clinical order, parts of a longer recording, and explanations."""

from collections.abc import Iterator, Sequence

from einthoven.interpret.answer import InfarctDecision
from einthoven.interpret.interpretation import Interpretation
from einthoven.report.answer_text import (
    finding_reason,
    over_time_texts,
)
from einthoven.report.clinical_order import sections
from einthoven.report.explanation_text import explanation_text
from einthoven.report.page.layout import Window
from einthoven.report.page.text_column import GREY, NOTE_SIZE, TextColumn
from einthoven.report.summary import (
    findings_except_mi,
    format_percent,
    format_rare_percent,
)
from einthoven.text import format_duration

_MAX_SHARES = 4


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
    for text in over_time_texts(interpretation.over_time)[:_MAX_SHARES]:
        yield f"– {text}"
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
