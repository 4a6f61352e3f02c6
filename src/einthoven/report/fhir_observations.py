"""The Observations of an interpretation, in the order in which it is read: the most urgent first."""

from collections.abc import Iterator, Sequence

from einthoven.interpret.acute.values import AcutePattern
from einthoven.interpret.answer import INFARCT_PATTERN, Finding, InfarctPattern
from einthoven.interpret.consistency.values import CriticalValue
from einthoven.interpret.criteria import Criterion
from einthoven.interpret.criteria.criterion import LeadValue
from einthoven.interpret.interpretation import Interpretation
from einthoven.interpret.rhythm.values import Rhythm
from einthoven.report.answer_text import acute_text, criterion_text, critical_text, finding_reason
from einthoven.report.clinical_order import met_criteria
from einthoven.report.codes import INTERVAL_CODES
from einthoven.report.fhir_comparison import comparison_observation
from einthoven.report.fhir_parts import (
    HL7,
    LOINC,
    SYSTEM_URIS,
    Resource,
    coding,
    concept,
    label_concept,
    own_concept,
    proportion,
    quantity,
    words,
)
from einthoven.report.lead_codes import LEAD_CODES, coded_measurements
from einthoven.report.summary import reported_findings
from einthoven.signal.measurements.values import Measurements

_HEART_RATE = {"system": SYSTEM_URIS["MDC"], "code": "147842", "display": "MDC_ECG_HEART_RATE"}
_RHYTHM = {"system": LOINC, "code": "8884-9", "display": "Heart rate rhythm"}
_CRITICAL = concept(f"{HL7}/v3-ObservationInterpretation", "AA", "Critical abnormal")
_VALUES = {"found": "found", "possible": "possible", "not-found": "not found"}


def observations(interpretation: Interpretation) -> Iterator[Resource]:
    """Yield the specific elements of each Observation.

    Parameters
    ----------
    interpretation
        The interpretation of a recording.

    Yields
    ------
    dict
        Code, value, components and notes. Labels with an uncalibrated score have none.
    """
    yield from map(_critical, interpretation.critical)
    if interpretation.abstained:
        reason = concept(f"{HL7}/data-absent-reason", "not-performed", "Not Performed")
        reason["text"] = "; ".join(interpretation.abstained_because)
        yield {"code": own_concept("MI", INFARCT_PATTERN), "dataAbsentReason": reason}
    if interpretation.acute:
        yield _acute(interpretation.acute)
    if interpretation.mi:
        yield _infarct(interpretation.mi)
    yield _rhythm(interpretation.rhythm)
    yield from map(_finding, reported_findings(interpretation))
    if interpretation.electrodes.suspected:
        value = own_concept("suspected", interpretation.electrodes.suspected)
        yield {
            "code": own_concept("electrodes-exchanged", "exchanged electrodes"),
            "valueCodeableConcept": value,
            **_notes([interpretation.electrodes.in_words]),
        }
    if interpretation.heart_rate_bpm is not None:
        rate = quantity(interpretation.heart_rate_bpm, "bpm", "/min")
        yield {"code": {"coding": [_HEART_RATE], "text": "heart rate"}, "valueQuantity": rate}
    if interpretation.measurements:
        yield from _measurements(interpretation.measurements)
    yield from map(_criterion, met_criteria(interpretation.criteria))
    if interpretation.comparison:
        yield comparison_observation(interpretation.comparison)


def _notes(texts: Sequence[str]) -> Resource:
    return {"note": [{"text": text} for text in texts if text]} if any(texts) else {}


def _critical(value: CriticalValue) -> Resource:
    return {
        "code": own_concept(f"CRITICAL-{value.code}", value.name),
        "valueCodeableConcept": own_concept("found", "found"),
        "interpretation": [_CRITICAL],
        **_notes([critical_text(value)]),
    }


def _acute(acute: AcutePattern) -> Resource:
    shares = {
        "probability": acute.probability,
        "prevalence": acute.prevalence,
        "rule-in-from": acute.rule_in_from,
        "rule-out-below": acute.rule_out_below,
    }
    parts = [proportion(name, share) for name, share in shares.items() if share is not None]
    return {
        "code": own_concept("ACUTE", "acute infarct pattern"),
        "valueCodeableConcept": own_concept(acute.decision, acute_text(acute).removesuffix(".")),
        **_components(parts + [words("territory", place) for place in acute.territory]),
        **_notes([*acute.reasons, *acute.advice]),
    }


def _infarct(mi: InfarctPattern) -> Resource:
    parts = [
        proportion("probability", mi.probability),
        proportion("prevalence", mi.prevalence),
        proportion("rule-in-from", mi.rule_in_from),
        proportion("rule-out-below", mi.rule_out_below),
        *(words("territory", place) for place in mi.territory),
    ]
    return {
        "code": own_concept("MI", INFARCT_PATTERN),
        "valueCodeableConcept": own_concept(mi.decision, mi.in_words),
        "component": parts,
        **_notes([mi.withheld_because or "", *mi.caveats]),
    }


def _components(parts: list[Resource]) -> Resource:
    return {"component": parts} if parts else {}


def _rhythm(rhythm: Rhythm) -> Resource:
    pauses = [{**words("pause", f"{p.seconds:.1f} s at {p.start_s:.1f} s")} for p in rhythm.pauses]
    return {
        "code": {"coding": [_RHYTHM], "text": "rhythm"},
        "valueCodeableConcept": label_concept(rhythm.code, rhythm.name),
        **_components(pauses),
        **_notes([rhythm.reason, *(warning.text for warning in rhythm.warnings)]),
    }


def _finding(finding: Finding) -> Resource:
    value = "found" if finding.present else "possible" if finding.possible else "not-found"
    shares = {"probability": finding.probability, "threshold": finding.threshold}
    return {
        "code": label_concept(finding.label, finding.name),
        "valueCodeableConcept": own_concept(value, _VALUES[value]),
        **_components([proportion(name, share) for name, share in shares.items() if share is not None]),
        **_notes([finding_reason(finding)]),
    }


def _measurements(measurements: Measurements) -> Iterator[Resource]:
    for name, known in INTERVAL_CODES.items():
        if (value := getattr(measurements, name)) is not None:
            unit = "deg" if name.endswith("_degrees") else "ms"
            yield {"code": {"coding": [coding(known)], "text": known.meaning}, "valueQuantity": quantity(value, unit)}
    for lead, of_lead in measurements.leads.items():
        parts = [
            {"code": {"coding": [coding(code)], "text": code.meaning}, "valueQuantity": quantity(value, unit)}
            for code, value, unit in coded_measurements(of_lead)
        ]
        if parts:
            yield {"code": {"coding": [coding(LEAD_CODES[lead])], "text": f"lead {lead}"}, "component": parts}


def _criterion(criterion: Criterion) -> Resource:
    parts = [
        {
            "code": {"coding": [coding(LEAD_CODES[lead])], "text": f"lead {lead}"},
            "valueQuantity": quantity(value.value_mv, "mV")
            if isinstance(value, LeadValue)
            else quantity(value.value_ms, "ms"),
        }
        for lead, value in criterion.leads.items()
        if lead in LEAD_CODES
    ]
    return {
        "code": own_concept(criterion.code, criterion.name),
        "valueCodeableConcept": own_concept("met", "met"),
        **_components(parts),
        **_notes([criterion_text(criterion), f"Source: {criterion.source}"]),
    }
