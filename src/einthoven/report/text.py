"""Format a result as text for a terminal."""

from collections.abc import Iterable, Iterator
from functools import partial
from textwrap import wrap

from einthoven.interpret.answer import Finding, InfarctPattern
from einthoven.interpret.interpretation import NOTICE, Failure, Interpretation, Result
from einthoven.interpret.segment_results import Excerpt
from einthoven.report.explanation_text import explanation_text
from einthoven.report.summary import (
    capitalize,
    comparison_heading,
    findings_except_mi,
    format_duration,
    format_percent,
    format_rare_percent,
    interval_texts,
    present_statements,
    recorded_texts,
)
from einthoven.text import escape

_WIDTH = 90
_NAME_WIDTH = 48
_BAR_WIDTH = 20
_INDENT = "  "


def as_text(result: Result) -> str:
    """Format a result for a terminal, the infarct pattern first.

    Parameters
    ----------
    result
        An interpretation or a failure.

    Returns
    -------
    str
        Lines of at most 90 characters, except for longer paths. Control characters are escaped.
    """
    lines = _failure_lines(result) if isinstance(result, Failure) else _lines(result)
    return "\n".join(map(escape, lines)) + "\n"


def _failure_lines(failure: Failure) -> Iterator[str]:
    yield failure.source
    yield "NOT READ"
    yield from _bullets([failure.reason])


def _lines(interpretation: Interpretation) -> Iterator[str]:
    recording, model = interpretation.recording, interpretation.model
    yield recording.source
    leads = f"{len(recording.leads)} leads"
    if recording.derived_leads:
        leads += f" ({', '.join(recording.derived_leads)} derived)"
    yield f"{_INDENT}{recording.format}, {format_duration(recording.duration_s)} at {recording.rate_hz:g} Hz, {leads}"
    if recorded := ", ".join(recorded_texts(recording)):
        yield from wrap(capitalize(recorded), _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT)
    yield ""
    if interpretation.abstained:
        yield "NOT INTERPRETED"
        yield from _bullets(interpretation.abstained_because)
    elif interpretation.mi:
        yield from _infarct_lines(interpretation.mi)
    if interpretation.heart_rate_bpm is not None:
        yield f"Heart rate {interpretation.heart_rate_bpm:.0f} bpm"
    if interpretation.measurements:
        yield ", ".join(map(" ".join, interval_texts(interpretation.measurements)))
    if findings := findings_except_mi(interpretation):
        yield ""
        yield f"{'Findings':{_NAME_WIDTH + 2}} {'probability':{_BAR_WIDTH + 1}} {'threshold':>9}"
        yield from map(_finding_line, findings)
    if present := present_statements(interpretation):
        yield ""
        yield "Statements"
        yield from map(_finding_line, present)
    if interpretation.most_abnormal:
        yield from _excerpt_lines(interpretation.most_abnormal)
    if comparison := interpretation.comparison:
        yield ""
        yield from wrap(comparison_heading(comparison, comparison.source), _WIDTH, subsequent_indent=_INDENT)
        yield from wrap(comparison.in_words, _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT)
    if interpretation.explanations:
        yield ""
        yield "Why"
        yield from _bullets(map(partial(explanation_text, interpretation), interpretation.explanations))
    if notes := [warning.text for warning in interpretation.all_warnings]:
        yield ""
        yield "Notes"
        yield from _bullets(notes)
    yield ""
    yield f"Model {model} (SHA-256 {model.sha256[:12]}). {NOTICE}"


def _infarct_lines(mi: InfarctPattern) -> Iterator[str]:
    yield f"INFARCT PATTERN?  {capitalize(mi.in_words)}."
    probability, prevalence, rule_in, rule_out = map(
        format_rare_percent, (mi.probability, mi.prevalence, mi.rule_in_from, mi.rule_out_below)
    )
    yield (
        f"{_INDENT}probability {probability} at {prevalence} prevalence; thresholds: "
        f"rule-in {rule_in}, rule-out {rule_out}"
    )


def _finding_line(finding: Finding) -> str:
    filled = round((finding.probability or 0) * _BAR_WIDTH)
    bar = " " * _BAR_WIDTH if finding.probability is None else "█" * filled + "·" * (_BAR_WIDTH - filled)
    mark = "●" if finding.reported else "○"
    share, threshold = format_percent(finding.probability), format_percent(finding.threshold)
    return f"{mark} {finding.title:{_NAME_WIDTH}} {share:>5} {bar} {threshold:>5}"


def _excerpt_lines(excerpt: Excerpt) -> Iterator[str]:
    lines = [
        f"{finding.title} {format_percent(finding.probability)}"
        for finding in findings_except_mi(excerpt)
        if finding.reported
    ]
    if mi := excerpt.mi:
        lines = [f"infarct pattern {format_rare_percent(mi.probability)}: {mi.in_words}", *lines]
    yield ""
    yield f"Most abnormal from {format_duration(excerpt.start_s)} to {format_duration(excerpt.end_s)}"
    yield from _bullets(lines)


def _bullets(sentences: Iterable[str]) -> Iterator[str]:
    for sentence in sentences:
        yield from wrap(sentence, _WIDTH, initial_indent=f"{_INDENT}- ", subsequent_indent=_INDENT * 2)
