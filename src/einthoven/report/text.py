"""Format a result as text for a terminal."""

from collections.abc import Iterable, Iterator
from functools import partial
from textwrap import wrap

from einthoven.interpret.acute.values import AcutePattern
from einthoven.interpret.answer import Finding, InfarctPattern
from einthoven.interpret.comparison.values import Comparison
from einthoven.interpret.interpretation import NOTICE, Failure, Interpretation, Result
from einthoven.interpret.segment_results import Excerpt
from einthoven.report.answer_text import (
    ACUTE_QUESTION,
    CRITICAL,
    INFARCT_QUESTION,
    acute_facts,
    acute_text,
    conclusion_text,
    criterion_text,
    critical_text,
    finding_reason,
    infarct_probability_text,
    infarct_text,
    over_time_texts,
    rhythm_text,
    sentence,
)
from einthoven.report.clinical_order import Section, met_criteria, sections
from einthoven.report.comparison_text import comparison_heading
from einthoven.report.explanation_text import explanation_text
from einthoven.report.st_table import LIMIT_NOTE, POINTS, StRow, format_mv, st_is_abnormal, st_table
from einthoven.report.summary import (
    findings_except_mi,
    format_percent,
    format_rare_percent,
    interval_texts,
    recorded_texts,
)
from einthoven.text import capitalize, escape, format_duration

_WIDTH = 90
_HEAD_WIDTH = 13
"""Width of the first column, for the question or topic, in characters."""
_NAME_WIDTH = 54
_BAR_WIDTH = 8
_INDENT = "  "
_MAX_SHARES = 8


def as_text(result: Result, *, verbose: bool = False) -> str:
    """Format a result for a terminal: critical values, the answer about an infarct, the rhythm, then the rest.

    Parameters
    ----------
    result
        An interpretation or a failure.
    verbose
        Whether to show every criterion, met or not, and the ST table even if it is not abnormal.

    Returns
    -------
    str
        Text with lines of at most 90 characters, except for longer paths. Control characters are escaped.
    """
    lines = _failure_lines(result) if isinstance(result, Failure) else _lines(result, verbose)
    return "\n".join(map(escape, lines)) + "\n"


def _failure_lines(failure: Failure) -> Iterator[str]:
    yield failure.source
    yield "NOT READ"
    yield from _bullets([failure.reason])


def _lines(interpretation: Interpretation, verbose: bool) -> Iterator[str]:
    yield from _recording_lines(interpretation)
    if interpretation.critical:
        yield ""
        for value in interpretation.critical:
            yield from _paragraph(f"{CRITICAL}: ", critical_text(value))
    yield ""
    yield from _answer_lines(interpretation)
    yield from _measured_lines(interpretation)
    yield from _finding_lines(interpretation)
    if verbose or st_is_abnormal(interpretation):
        yield from _st_lines(st_table(interpretation))
    if verbose:
        yield from _criterion_lines(interpretation)
    if not interpretation.abstained:
        yield ""
        yield from _paragraph("CONCLUSION: ", conclusion_text(interpretation))
    if interpretation.comparison:
        yield from _comparison_lines(interpretation.comparison)
    if shares := over_time_texts(interpretation.over_time):
        shown = shares if verbose else shares[:_MAX_SHARES]
        yield ""
        yield "OVER TIME"
        yield from _bullets(shown)
        if len(shares) > len(shown):
            yield f"{_INDENT}- {len(shares) - len(shown)} more with --verbose"
    if interpretation.most_abnormal:
        yield from _excerpt_lines(interpretation.most_abnormal)
    if interpretation.explanations:
        yield ""
        yield "Why"
        yield from _bullets(map(partial(explanation_text, interpretation), interpretation.explanations))
    if notes := [warning.text for warning in interpretation.all_warnings]:
        yield ""
        yield "Notes"
        yield from _bullets(notes)
    yield ""
    yield f"Model {interpretation.model} (SHA-256 {interpretation.model.sha256[:12]}). {NOTICE}"


def _recording_lines(interpretation: Interpretation) -> Iterator[str]:
    recording = interpretation.recording
    yield recording.source
    leads = f"{len(recording.leads)} leads"
    if recording.derived_leads:
        leads += f" ({', '.join(recording.derived_leads)} derived)"
    yield f"{_INDENT}{recording.format}, {format_duration(recording.duration_s)} at {recording.rate_hz:g} Hz, {leads}"
    if recorded := ", ".join(recorded_texts(recording)):
        yield from wrap(capitalize(recorded), _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT)


def _answer_lines(interpretation: Interpretation) -> Iterator[str]:
    if interpretation.abstained:
        yield "NOT INTERPRETED"
        yield from _bullets(interpretation.abstained_because)
        return
    if interpretation.acute:
        yield from _acute_lines(interpretation.acute)
    if interpretation.mi:
        yield from _infarct_lines(interpretation.mi)


def _acute_lines(acute: AcutePattern) -> Iterator[str]:
    yield from _paragraph(f"{ACUTE_QUESTION.upper()}    ", acute_text(acute))
    yield from _bullets([*acute_facts(acute), *map(sentence, acute.advice)])


def _infarct_lines(mi: InfarctPattern) -> Iterator[str]:
    yield from _paragraph(f"{INFARCT_QUESTION.upper()}  ", infarct_text(mi))
    yield f"{_INDENT}{infarct_probability_text(mi)}"
    yield from _bullets(map(sentence, mi.caveats))


def _measured_lines(interpretation: Interpretation) -> Iterator[str]:
    rhythm = interpretation.rhythm
    yield ""
    yield from _paragraph("RHYTHM: ", f"{rhythm_text(rhythm)}.")
    yield from _bullets([sentence(rhythm.reason)] if rhythm.reason else [])
    yield from _bullets(warning.text for warning in rhythm.warnings)
    if interpretation.measurements:
        yield f"INTERVALS: {', '.join(map(' '.join, interval_texts(interpretation.measurements)))}"


def _finding_lines(interpretation: Interpretation) -> Iterator[str]:
    absent = [finding for finding in findings_except_mi(interpretation) if not finding.reported]
    present = sections(interpretation)
    if not absent and not present:
        return
    yield ""
    yield f"{'FINDINGS':{_HEAD_WIDTH + _NAME_WIDTH + 1}}{'probability':{_BAR_WIDTH + 4}}{'threshold':>9}"
    for section in present:
        yield from _section_lines(section)
    for head, finding in zip(["not found"] + [""] * len(absent), absent, strict=False):
        yield _finding_line(head, finding)


def _section_lines(section: Section) -> Iterator[str]:
    head: str = section.topic
    for finding in section.findings:
        yield _finding_line(head, finding)
        head = ""
        if reason := finding_reason(finding):
            yield from _indented(reason)
    for criterion in section.criteria:
        lines = wrap(f"criterion met: {criterion_text(criterion)}", _WIDTH - _HEAD_WIDTH - 2)
        for k, line in enumerate(lines):
            yield f"{head:{_HEAD_WIDTH}}{'  ' if k else '- '}{line}"
            head = ""


def _finding_line(head: str, finding: Finding) -> str:
    filled = round((finding.probability or 0) * _BAR_WIDTH)
    bar = " " * _BAR_WIDTH if finding.probability is None else "█" * filled + "·" * (_BAR_WIDTH - filled)
    mark = "●" if finding.present else "◐" if finding.possible else "○"
    share, threshold = format_percent(finding.probability), format_percent(finding.threshold)
    return f"{head:{_HEAD_WIDTH}}{mark} {finding.title:{_NAME_WIDTH}} {share:>5} {bar} {threshold:>5}"


def _st_lines(rows: list[StRow]) -> Iterator[str]:
    """Yield the ST table: a column per lead, up to twelve abreast."""
    for start in range(0, len(rows), 12):
        part = rows[start : start + 12]
        yield ""
        yield f"{'ST (mV)':7}" + "".join(f"{row.lead + '*' * row.limit_reached:>6}" for row in part)
        for k, point in enumerate(POINTS):
            yield f"{_INDENT}{point:5}" + "".join(f"{format_mv(row.values[k]):>6}" for row in part)
    if any(row.limit_reached for row in rows):
        yield f"{_INDENT}{LIMIT_NOTE}"


def _criterion_lines(interpretation: Interpretation) -> Iterator[str]:
    met = {criterion.code for criterion in met_criteria(interpretation.criteria)}
    for title, verdict in (("Criteria not met", False), ("Criteria that could not be evaluated", None)):
        if listed := [c for c in interpretation.criteria if c.met is verdict and c.code not in met]:
            yield ""
            yield title
            yield from _bullets(f"{criterion.code}: {criterion_text(criterion)}" for criterion in listed)


def _comparison_lines(comparison: Comparison) -> Iterator[str]:
    yield ""
    yield from wrap(comparison_heading(comparison, comparison.source), _WIDTH, subsequent_indent=_INDENT)
    yield from wrap(comparison.in_words, _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT)


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
    for line in sentences:
        yield from wrap(line, _WIDTH, initial_indent=f"{_INDENT}- ", subsequent_indent=_INDENT * 2)


def _paragraph(head: str, text: str) -> Iterator[str]:
    """Yield a text after its head, with further lines below the text."""
    yield from wrap(text, _WIDTH, initial_indent=head, subsequent_indent=" " * len(head))


def _indented(text: str) -> Iterator[str]:
    indent = " " * (_HEAD_WIDTH + 2)
    yield from wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent)
