"""An interpretation as a small HTML table, for notebooks."""

from collections.abc import Iterator
from html import escape

from einthoven.interpret.interpretation import NOTICE, Interpretation
from einthoven.report.summary import (
    capitalize,
    findings_except_mi,
    format_percent,
    format_rare_percent,
    interval_texts,
    present_statements,
    recorded_texts,
)
from einthoven.text import printable

_HEADER = "<tr><th></th><th>probability</th><th>threshold</th></tr>"


def as_html(interpretation: Interpretation) -> str:
    """Return an interpretation as an HTML table, with the infarct pattern first.

    Parameters
    ----------
    interpretation
        Of a recording.

    Returns
    -------
    str
        A table without scripts; texts are escaped.
    """
    return f"<table>{''.join(_rows(interpretation))}</table>"


def _rows(interpretation: Interpretation) -> Iterator[str]:
    yield _wide(interpretation.source, "th")
    if recorded := ", ".join(recorded_texts(interpretation.recording)):
        yield _wide(capitalize(recorded))
    if interpretation.abstained:
        yield _wide(f"Not interpreted: {'; '.join(interpretation.abstained_because)}.", "th")
    else:
        yield from _findings(interpretation)
    if interpretation.heart_rate_bpm is not None:
        yield _wide(f"Heart rate {interpretation.heart_rate_bpm:.0f} bpm")
    if interpretation.measurements:
        yield _wide(", ".join(map(" ".join, interval_texts(interpretation.measurements))))
    for warning in interpretation.all_warnings:
        yield _wide(warning.text)
    yield _wide(f"Model {interpretation.model}. {NOTICE}")


def _findings(interpretation: Interpretation) -> Iterator[str]:
    if mi := interpretation.mi:
        yield _wide(f"Infarct pattern? {capitalize(mi.in_words)}.", "th")
    yield _HEADER
    if mi:
        probability, prevalence, rule_in, rule_out = map(
            format_rare_percent, (mi.probability, mi.prevalence, mi.rule_in_from, mi.rule_out_below)
        )
        thresholds = f"rule-in {rule_in}, rule-out {rule_out}"
        yield _row(f"infarct pattern at {prevalence} prevalence", probability, thresholds)
    for finding in findings_except_mi(interpretation) + present_statements(interpretation):
        mark = "●" if finding.reported else "○"
        yield _row(f"{mark} {finding.title}", format_percent(finding.probability), format_percent(finding.threshold))


def _row(*cells: str) -> str:
    return f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in cells)}</tr>"


def _wide(text: str, tag: str = "td") -> str:
    return f'<tr><{tag} colspan="3" style="text-align:left">{_text(text)}</{tag}></tr>'


def _text(text: str) -> str:
    return escape(printable(text))
