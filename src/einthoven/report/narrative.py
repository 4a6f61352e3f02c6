"""An interpretation as sentences, for the conclusion of a report in FHIR or DICOM."""

from collections.abc import Iterator

from einthoven.interpret.interpretation import NOTICE, Interpretation
from einthoven.report.answer_text import (
    ACUTE_QUESTION,
    CRITICAL,
    INFARCT_QUESTION,
    acute_text,
    conclusion_text,
    criterion_text,
    critical_text,
    infarct_text,
    rhythm_text,
    sentence,
)
from einthoven.report.clinical_order import met_criteria, sections
from einthoven.report.comparison_text import comparison_heading
from einthoven.report.summary import interval_texts, reported_findings
from einthoven.text import printable


def sentences(interpretation: Interpretation) -> list[str]:
    """Summarize an interpretation in sentences, the infarct pattern first.

    Parameters
    ----------
    interpretation
        The interpretation of a recording.

    Returns
    -------
    list of str
        Sentences without the name of the file, which may name a person.
    """
    return [printable(sentence, None) for sentence in _sentences(interpretation)]


def _sentences(interpretation: Interpretation) -> Iterator[str]:
    for value in interpretation.critical:
        yield f"{CRITICAL}: {critical_text(value)}"
    if interpretation.abstained:
        yield f"Not interpreted: {'; '.join(interpretation.abstained_because)}."
    if acute := interpretation.acute:
        yield f"{ACUTE_QUESTION} {acute_text(acute)}"
        yield from map(sentence, acute.reasons)
        yield from map(sentence, acute.advice)
    if mi := interpretation.mi:
        yield f"{INFARCT_QUESTION} {infarct_text(mi)}"
        yield from map(sentence, mi.caveats)
    yield f"Rhythm: {rhythm_text(interpretation.rhythm)}."
    if interpretation.measurements:
        yield f"{', '.join(map(' '.join, interval_texts(interpretation.measurements)))}."
    findings = [finding.title for section in sections(interpretation) for finding in section.findings]
    if findings:
        yield f"Found: {', '.join(findings)}."
    for criterion in met_criteria(interpretation.criteria):
        yield f"Criterion met: {criterion_text(criterion)}"
    if not interpretation.abstained:
        yield f"Conclusion: {conclusion_text(interpretation)}"
    if comparison := interpretation.comparison:
        yield f"{comparison_heading(comparison)}: {comparison.in_words}"
    if excerpt := interpretation.most_abnormal:
        clauses = [f"infarct pattern? {excerpt.mi.in_words}"] if excerpt.mi else []
        others = [finding.title for finding in reported_findings(excerpt) if finding.reported]
        clauses.append(", ".join(others) or "no other findings")
        yield f"Most abnormal from {excerpt.start_s:g} to {excerpt.end_s:g} s: {'; '.join(clauses)}."
    yield from (warning.text for warning in interpretation.all_warnings)
    yield NOTICE
