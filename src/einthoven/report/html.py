"""An interpretation as a small HTML table, for notebooks."""

from collections.abc import Iterator
from html import escape

from einthoven.interpret.answer import Finding
from einthoven.interpret.interpretation import NOTICE, Interpretation
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
    infarct_text,
    rhythm_text,
    sentence,
)
from einthoven.report.clinical_order import sections
from einthoven.report.st_table import LIMIT_NOTE, format_mv, st_is_abnormal, st_table
from einthoven.report.summary import (
    findings_except_mi,
    format_percent,
    format_rare_percent,
    interval_texts,
    recorded_texts,
)
from einthoven.text import capitalize, printable

_HEADER = "<tr><th></th><th>probability</th><th>threshold</th></tr>"


def as_html(interpretation: Interpretation) -> str:
    """Return an interpretation as an HTML table: critical values, infarct answers and rhythm, then the rest.

    Parameters
    ----------
    interpretation
        Interpretation of a recording.

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
    for value in interpretation.critical:
        yield _wide(f"{CRITICAL}: {critical_text(value)}", "th")
    if interpretation.abstained:
        yield _wide(f"Not interpreted: {'; '.join(interpretation.abstained_because)}.", "th")
    else:
        yield from _infarct(interpretation)
    yield _wide(" ".join([f"{rhythm_text(interpretation.rhythm)}.", sentence(interpretation.rhythm.reason)]).strip())
    if interpretation.measurements:
        yield _wide(", ".join(map(" ".join, interval_texts(interpretation.measurements))))
    if not interpretation.abstained:
        yield from _findings(interpretation)
        yield from _st(interpretation)
        yield _wide(f"Conclusion: {conclusion_text(interpretation)}", "th")
    for warning in interpretation.all_warnings:
        yield _wide(warning.text)
    yield _wide(f"Model {interpretation.model}. {NOTICE}")


def _infarct(interpretation: Interpretation) -> Iterator[str]:
    if acute := interpretation.acute:
        yield _wide(f"{ACUTE_QUESTION} {acute_text(acute)}", "th")
        yield _wide(" ".join([*acute_facts(acute), *map(sentence, acute.advice)]))
    if mi := interpretation.mi:
        yield _wide(f"{INFARCT_QUESTION} {infarct_text(mi)}", "th")
        for caveat in mi.caveats:
            yield _wide(caveat)


def _findings(interpretation: Interpretation) -> Iterator[str]:
    yield _HEADER
    if mi := interpretation.mi:
        probability, prevalence, rule_in, rule_out = map(
            format_rare_percent, (mi.probability, mi.prevalence, mi.rule_in_from, mi.rule_out_below)
        )
        thresholds = f"rule-in {rule_in}, rule-out {rule_out}"
        yield _row(f"infarct pattern at {prevalence} prevalence", probability, thresholds)
    for section in sections(interpretation):
        for finding in section.findings:
            yield _finding(finding)
        for criterion in section.criteria:
            yield _wide(f"Criterion met: {criterion_text(criterion)}")
    for finding in findings_except_mi(interpretation):
        if not finding.reported:
            yield _finding(finding)


def _finding(finding: Finding) -> str:
    mark = "●" if finding.reported else "○"
    reason = finding_reason(finding)
    name = f"{mark} {finding.title}" + (f" ({reason})" if reason else "")
    return _row(name, format_percent(finding.probability), format_percent(finding.threshold))


def _st(interpretation: Interpretation) -> Iterator[str]:
    if not st_is_abnormal(interpretation):
        return
    rows = st_table(interpretation)
    levels = [f"{row.lead}{'*' * row.limit_reached} {format_mv(row.values[0])}" for row in rows]
    note = f" ({LIMIT_NOTE})" if any(row.limit_reached for row in rows) else ""
    yield _wide(f"ST at J in mV: {', '.join(levels)}{note}")


def _row(*cells: str) -> str:
    return f"<tr>{''.join(f'<td>{_text(cell)}</td>' for cell in cells)}</tr>"


def _wide(text: str, tag: str = "td") -> str:
    return f'<tr><{tag} colspan="3" style="text-align:left">{_text(text)}</{tag}></tr>'


def _text(text: str) -> str:
    return escape(printable(text))
