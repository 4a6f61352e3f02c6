"""A result as FHIR: a Bundle of DiagnosticReport, Observations and Device, of elements that R4 and R4B share."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from html import escape
from typing import Any

from einthoven import __version__
from einthoven.errors import EinthovenError
from einthoven.interpret.interpretation import (
    INFARCT_PATTERN,
    NOTICE,
    Failure,
    InfarctPattern,
    Interpretation,
    ModelInfo,
    Result,
)
from einthoven.interpret.json_text import canonical
from einthoven.report.codes import INTERVALS, Code, codes_of
from einthoven.report.summary import findings, identifier, printable, sentences

Resource = dict[str, Any]

EINTHOVEN = "urn:uuid:98e29ae2-68ed-4b5b-89a3-29510781c01a"
"""Einthoven's own code system: PTB-XL's labels, and the words of docs/reference/fhir.md."""
SYSTEMS: Mapping[str, str] = {
    "SCT": "http://snomed.info/sct",
    "MDC": "urn:iso:std:iso:11073:10101",
    "AHA": "https://doi.org/10.1161/CIRCULATIONAHA.106.180201",  # none is registered with HL7: the list itself
    "EINTHOVEN": EINTHOVEN,
}
_UCUM, _HL7 = "http://unitsofmeasure.org", "http://terminology.hl7.org/CodeSystem"
_EKG = {"system": "http://loinc.org", "code": "34534-8", "display": "12 lead EKG panel"}
_HEART_RATE = {"system": SYSTEMS["MDC"], "code": "147842", "display": "MDC_ECG_HEART_RATE"}
_SUBJECT = re.compile(r"Patient/[A-Za-z0-9\-.]{1,64}")


def check_subject(subject: str | None) -> None:
    """Raise EinthovenError where `subject` is no reference to a patient."""
    if subject is not None and not _SUBJECT.fullmatch(subject):
        raise EinthovenError(
            f"{subject!r} is no FHIR reference to a patient; write Patient/ID, of 1 to 64 letters, digits, - and dots."
        )


def as_bundle(result: Result, subject: str | None = None, issued: datetime | None = None) -> Resource:
    """The Bundle of an interpretation; an OperationOutcome where the file failed.

    `subject`: Patient/ID; nobody is named without it. `issued`: when the report was made, with its time zone. The same
    arguments give the same Bundle, identifiers included. Raises EinthovenError where `subject` is no Patient/ID.
    """
    check_subject(subject)
    if isinstance(result, Failure):
        return _outcome(result)
    content = canonical([result.to_dict(), subject])
    device = _device(result.model)
    about: Resource = {"subject": {"reference": subject}} if subject else {}
    observations = [
        {
            "resourceType": "Observation",
            "id": str(identifier("Observation", content, str(k))),
            "status": "preliminary",
            "category": [_concept(f"{_HL7}/observation-category", "procedure", "Procedure")],
            **about,
            **observation,
            "device": {"reference": f"urn:uuid:{device['id']}"},
        }
        for k, observation in enumerate(_observations(result))
    ]
    report = {
        "resourceType": "DiagnosticReport",
        "id": str(identifier("DiagnosticReport", content)),
        "text": _narrative(result),
        "status": "preliminary",
        "category": [_concept(f"{_HL7}/v2-0074", "EC", "Electrocardiac (e.g., EKG, EEC, Holter)")],
        "code": {"coding": [_EKG], "text": "ECG read by a model"},
        **about,
        **({"issued": issued.isoformat()} if issued else {}),
        "result": [{"reference": f"urn:uuid:{observation['id']}"} for observation in observations],
        "conclusion": "\n".join(sentences(result)),
    }
    return {
        "resourceType": "Bundle",
        "id": str(identifier("Bundle", content)),
        "type": "collection",
        **({"timestamp": issued.isoformat()} if issued else {}),
        "entry": [
            {"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource}
            for resource in (report, *observations, device)
        ],
    }


def _observations(interpretation: Interpretation) -> Iterator[Resource]:
    """What is particular to each; a label of low support has none, because its score is no probability."""
    if interpretation.abstained:
        reason = _concept(f"{_HL7}/data-absent-reason", "not-performed", "Not Performed")
        reason["text"] = "; ".join(interpretation.abstained_because)
        yield {"code": _own("MI", INFARCT_PATTERN), "dataAbsentReason": reason}
    elif interpretation.mi:
        yield _infarct(interpretation.mi)
    for finding in findings(interpretation):
        code, text = ("found", "found") if finding.present else ("not-found", "not found by the model")
        yield {
            "code": _coded(finding.label, finding.name),
            "valueCodeableConcept": _own(code, text),
            "component": [_share("probability", finding.probability), _share("threshold", finding.threshold)],
        }
    if interpretation.heart_rate_bpm is not None:
        rate = {"value": interpretation.heart_rate_bpm, "unit": "bpm", "system": _UCUM, "code": "/min"}
        yield {"code": {"coding": [_HEART_RATE], "text": "heart rate"}, "valueQuantity": rate}
    for name, value in asdict(interpretation.intervals).items() if interpretation.intervals else ():
        if value is not None:
            known, unit = INTERVALS[name], "deg" if name == "axis_degrees" else "ms"
            quantity = {"value": value, "unit": unit, "system": _UCUM, "code": unit}
            yield {"code": {"coding": [_coding(known)], "text": known.meaning}, "valueQuantity": quantity}


def _infarct(mi: InfarctPattern) -> Resource:
    return {
        "code": _own("MI", INFARCT_PATTERN),
        "valueCodeableConcept": _own(mi.decision, mi.in_words),
        "component": [
            _share("probability", mi.probability),
            _share("prevalence", mi.prevalence),
            _share("rule-in-from", mi.rule_in_from),
            _share("rule-out-below", mi.rule_out_below),
        ],
    }


def _device(model: ModelInfo) -> Resource:
    sha256 = {"type": {"text": "SHA-256 of model.onnx"}, "system": EINTHOVEN, "value": model.sha256}
    versions = {"model": model.version, "Einthoven": __version__}
    return {
        "resourceType": "Device",
        "id": str(identifier("Device", model.name, model.version, model.sha256, __version__)),
        "identifier": [sha256],
        "manufacturer": "The Einthoven developers",
        "deviceName": [{"name": f"Einthoven {model.name}", "type": "model-name"}],
        "type": {"text": "ECG interpretation software"},
        "version": [{"type": {"text": of}, "value": version} for of, version in versions.items()],
        "note": [{"text": NOTICE}],
    }


def _outcome(failure: Failure) -> Resource:
    issue = {"severity": "error", "code": "processing", "diagnostics": printable(str(failure))}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def _narrative(interpretation: Interpretation) -> Resource:
    lines = "".join(f"<p>{escape(sentence, quote=False)}</p>" for sentence in sentences(interpretation))
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{lines}</div>'}


def _coded(label: str, name: str) -> Resource:
    return {"coding": [_coding(code) for code in codes_of(label, name)], "text": name}


def _coding(code: Code) -> Resource:
    """SNOMED CT's own descriptions differ from DICOM's meanings: without a display."""
    if code.system == "MDC":
        partition, term = map(int, code.value.split(":"))
        coding = {"system": SYSTEMS["MDC"], "code": str(partition << 16 | term)}
        return coding | {"display": code.refid} if code.refid else coding
    coding = {"system": SYSTEMS[code.system], "code": code.value}
    return coding | {"display": code.meaning} if code.system == "EINTHOVEN" else coding


def _concept(system: str, code: str, display: str) -> Resource:
    return {"coding": [{"system": system, "code": code, "display": display}]}


def _own(code: str, text: str) -> Resource:
    return _concept(EINTHOVEN, code, text) | {"text": text}


def _share(code: str, value: float) -> Resource:
    """A component with a share from 0 to 1."""
    quantity = {"value": value, "system": _UCUM, "code": "1"}
    return {"code": _own(code, code.replace("-", " ")), "valueQuantity": quantity}
