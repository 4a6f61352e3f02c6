"""A result as text for a terminal."""

from collections.abc import Iterable, Iterator
from functools import partial
from textwrap import wrap

from einthoven.interpret.interpretation import NOTICE, Excerpt, Failure, Finding, InfarctPattern, Interpretation, Result
from einthoven.report.summary import (
    beside_mi,
    capitalized,
    explained,
    fine_percent,
    measured,
    percent,
    present_statements,
    seconds,
)
from einthoven.terminal import escape

_WIDTH = 90
_NAME = 48
_BAR = 20
_INDENT = "  "


def as_text(result: Result) -> str:
    """The text of an interpretation, or of a file that failed.

    The infarct pattern first, then what else was found; lines of at most 90 characters, unless a path is longer.
    Characters that a terminal would obey are shown by their codes.
    """
    lines = _failed(result) if isinstance(result, Failure) else _lines(result)
    return "\n".join(map(escape, lines)) + "\n"


def _failed(failure: Failure) -> Iterator[str]:
    yield failure.source
    yield "NOT READ"
    yield from _listed([failure.reason])


def _lines(interpretation: Interpretation) -> Iterator[str]:
    recording, model = interpretation.recording, interpretation.model
    yield recording.source
    leads = f"{len(recording.leads)} leads"
    if recording.derived_leads:
        leads += f" ({', '.join(recording.derived_leads)} derived)"
    yield f"{_INDENT}{recording.format}, {seconds(recording.duration_s)} at {recording.rate_hz:g} Hz, {leads}"
    yield ""
    if interpretation.abstained:
        yield "NOT INTERPRETED"
        yield from _listed(interpretation.abstained_because)
    elif interpretation.mi:
        yield from _infarct(interpretation.mi)
    if interpretation.heart_rate_bpm is not None:
        yield f"Heart rate {interpretation.heart_rate_bpm:.0f} bpm"
    if interpretation.intervals:
        yield ", ".join(map(" ".join, measured(interpretation.intervals)))
    if findings := beside_mi(interpretation):
        yield ""
        yield f"{'Findings':{_NAME + 2}} {'probability':{_BAR + 1}} {'threshold':>9}"
        yield from map(_bar, findings)
    if present := present_statements(interpretation):
        yield ""
        yield "Statements"
        yield from map(_bar, present)
    if interpretation.most_abnormal:
        yield from _most_abnormal(interpretation.most_abnormal)
    if interpretation.explanations:
        yield ""
        yield "Why"
        yield from _listed(map(partial(explained, interpretation), interpretation.explanations))
    if remarks := [warning.text for warning in interpretation.all_warnings]:
        yield ""
        yield "To note"
        yield from _listed(remarks)
    yield ""
    yield f"Model {model} (SHA-256 {model.sha256[:12]}). {NOTICE}"


def _infarct(mi: InfarctPattern) -> Iterator[str]:
    yield f"INFARCT PATTERN?  {capitalized(mi.in_words)}."
    yield (
        f"{_INDENT}probability {fine_percent(mi.probability)} at {fine_percent(mi.prevalence)} prevalence; thresholds: "
        f"rule-in {fine_percent(mi.rule_in_from)}, rule-out {fine_percent(mi.rule_out_below)}"
    )


def _bar(finding: Finding) -> str:
    filled = round(finding.probability * _BAR)
    bar = "█" * filled + "·" * (_BAR - filled)
    mark = "●" if finding.present else "○"
    share, threshold = percent(finding.probability), percent(finding.threshold)
    return f"{mark} {finding.name:{_NAME}} {share:>5} {bar} {threshold:>5}"


def _most_abnormal(excerpt: Excerpt) -> Iterator[str]:
    found = [f"{finding.name} {percent(finding.probability)}" for finding in beside_mi(excerpt) if finding.present]
    if mi := excerpt.mi:
        found = [f"infarct pattern {fine_percent(mi.probability)}: {mi.in_words}", *found]
    yield ""
    yield f"Most abnormal from {seconds(excerpt.start_s)} to {seconds(excerpt.end_s)}"
    yield from _listed(found)


def _listed(sentences: Iterable[str]) -> Iterator[str]:
    for sentence in sentences:
        yield from wrap(sentence, _WIDTH, initial_indent=f"{_INDENT}- ", subsequent_indent=_INDENT * 2)
