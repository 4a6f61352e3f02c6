"""Convert a result to FHIR: a Bundle of DiagnosticReport, Observations and Device, valid in R4 and R4B."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from html import escape
from typing import Any

from einthoven import __version__
from einthoven.errors import EinthovenError
from einthoven.interpret.answer import INFARCT_PATTERN, InfarctPattern
from einthoven.interpret.comparison.values import Change, Comparison
from einthoven.interpret.interpretation import NOTICE, Failure, Interpretation, ModelInfo, Result
from einthoven.interpret.json_text import canonical
from einthoven.interpret.recording_info import RecordingInfo
from einthoven.report.codes import INTERVAL_CODES, Code, codes_for
from einthoven.report.summary import comparison_heading, content_uuid, reported_findings, sentences
from einthoven.text import printable

Resource = dict[str, Any]

CODE_SYSTEM = "urn:uuid:98e29ae2-68ed-4b5b-89a3-29510781c01a"
"""Einthoven's own code system: the labels of PTB-XL, and the codes in docs/reference/fhir.md."""
SYSTEM_URIS: Mapping[str, str] = {
    "SCT": "http://snomed.info/sct",
    "MDC": "urn:iso:std:iso:11073:10101",
    "AHA": "https://doi.org/10.1161/CIRCULATIONAHA.106.180201",  # the list itself; HL7 has registered none
    "EINTHOVEN": CODE_SYSTEM,
}
_UCUM, _HL7 = "http://unitsofmeasure.org", "http://terminology.hl7.org/CodeSystem"
_EKG = {"system": "http://loinc.org", "code": "34534-8", "display": "12 lead EKG panel"}
_HEART_RATE = {"system": SYSTEM_URIS["MDC"], "code": "147842", "display": "MDC_ECG_HEART_RATE"}
_SUBJECT = re.compile(r"Patient/[A-Za-z0-9\-.]{1,64}")


def check_subject(subject: str | None) -> None:
    """Check that a subject refers to a patient.

    Parameters
    ----------
    subject
        Such as "Patient/1234"; None is allowed.

    Raises
    ------
    EinthovenError
        If it is not Patient/ID.
    """
    if subject is not None and not _SUBJECT.fullmatch(subject):
        raise EinthovenError(
            f"{subject!r} is not a FHIR reference to a patient; write Patient/ID, with an ID of 1 to 64 "
            "letters, digits, hyphens and dots."
        )


def as_bundle(result: Result, subject: str | None = None, issued: datetime | None = None) -> Resource:
    """Return a result as a FHIR Bundle, or as an OperationOutcome for a failure.

    Parameters
    ----------
    result
        An interpretation or a failure.
    subject
        The patient, as Patient/ID; None for a report without a patient.
    issued
        When the report was made, with time zone.

    Returns
    -------
    dict
        The resource as JSON holds it. The same arguments give the same resource, identifiers included.

    Raises
    ------
    EinthovenError
        If `subject` is not Patient/ID.
    """
    check_subject(subject)
    if isinstance(result, Failure):
        return _outcome(result)
    content = canonical([result.to_dict(), subject])
    device = _device(result.model)
    about: Resource = {"subject": {"reference": subject}} if subject else {}
    if result.recording.recorded_at:
        about["effectiveDateTime"] = _date_time(result.recording.recorded_at)
    observations = [
        {
            "resourceType": "Observation",
            "id": str(content_uuid("Observation", content, str(k))),
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
        "id": str(content_uuid("DiagnosticReport", content)),
        "text": _narrative(result),
        "status": "preliminary",
        "category": [_concept(f"{_HL7}/v2-0074", "EC", "Electrocardiac (e.g., EKG, EEC, Holter)")],
        "code": {"coding": [_EKG], "text": "ECG interpreted by a model"},
        **about,
        **({"issued": issued.isoformat()} if issued else {}),
        "result": [{"reference": f"urn:uuid:{observation['id']}"} for observation in observations],
        "conclusion": "\n".join(sentences(result)),
    }
    return {
        "resourceType": "Bundle",
        "id": str(content_uuid("Bundle", content)),
        "type": "collection",
        **({"timestamp": issued.isoformat()} if issued else {}),
        "entry": [
            {"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource}
            for resource in (report, *observations, device, *_recorder(result.recording))
        ],
    }


def _observations(interpretation: Interpretation) -> Iterator[Resource]:
    """Yield the specific elements of each Observation; labels with an uncalibrated score have none."""
    if interpretation.abstained:
        reason = _concept(f"{_HL7}/data-absent-reason", "not-performed", "Not Performed")
        reason["text"] = "; ".join(interpretation.abstained_because)
        yield {"code": _own_concept("MI", INFARCT_PATTERN), "dataAbsentReason": reason}
    elif interpretation.mi:
        yield _infarct(interpretation.mi)
    for finding in reported_findings(interpretation):
        code, text = ("found", "found") if finding.present else ("not-found", "not found by the model")
        yield {
            "code": _code_concept(finding.label, finding.name),
            "valueCodeableConcept": _own_concept(code, text),
            "component": [
                _proportion(name, value)
                for name, value in (("probability", finding.probability), ("threshold", finding.threshold))
                if value is not None
            ],
        }
    if interpretation.heart_rate_bpm is not None:
        rate = {"value": interpretation.heart_rate_bpm, "unit": "bpm", "system": _UCUM, "code": "/min"}
        yield {"code": {"coding": [_HEART_RATE], "text": "heart rate"}, "valueQuantity": rate}
    for name, known in INTERVAL_CODES.items():
        if (value := getattr(interpretation.measurements, name, None)) is not None:
            unit = "deg" if name.endswith("_degrees") else "ms"
            quantity = {"value": value, "unit": unit, "system": _UCUM, "code": unit}
            yield {"code": {"coding": [_coding(known)], "text": known.meaning}, "valueQuantity": quantity}
    if interpretation.comparison:
        yield _comparison(interpretation.comparison)


def _comparison(comparison: Comparison) -> Resource:
    """Return what changed; the previous ECG is no resource of this Bundle, so the reference to it has no target."""
    if comparison.significant:
        code, text = "changed", "changed beyond the usual difference between two ECGs of one person"
    elif comparison.not_compared:
        code, text = "no-change-in-part", "no change found in what could be compared"
    else:
        code, text = "no-change", "no change beyond the usual difference between two ECGs of one person"
    heading = comparison_heading(comparison)
    return {
        "code": _own_concept("comparison", "comparison with a previous ECG"),
        "valueCodeableConcept": _own_concept(code, text),
        "derivedFrom": [{"type": "DocumentReference", "display": heading.replace("Compared with the p", "P")}],
        "note": [{"text": printable(comparison.in_words, None)}],
        **({"component": list(map(_change, comparison.significant))} if comparison.significant else {}),
    }


def _change(change: Change) -> Resource:
    unit = f" {change.unit}" if change.unit else ""
    value = f"{change.before}{unit} before, {change.after}{unit} now"
    return {"code": {"text": printable(change.what)}, "valueString": printable(value)}


def _infarct(mi: InfarctPattern) -> Resource:
    return {
        "code": _own_concept("MI", INFARCT_PATTERN),
        "valueCodeableConcept": _own_concept(mi.decision, mi.in_words),
        "component": [
            _proportion("probability", mi.probability),
            _proportion("prevalence", mi.prevalence),
            _proportion("rule-in-from", mi.rule_in_from),
            _proportion("rule-out-below", mi.rule_out_below),
        ],
    }


def _device(model: ModelInfo) -> Resource:
    sha256 = {"type": {"text": "SHA-256 of model.onnx"}, "system": CODE_SYSTEM, "value": model.sha256}
    versions = {"model": model.version, "Einthoven": __version__}
    return {
        "resourceType": "Device",
        "id": str(content_uuid("Device", model.name, model.version, model.sha256, __version__)),
        "identifier": [sha256],
        "manufacturer": "The Einthoven developers",
        "deviceName": [{"name": f"Einthoven {model.name}", "type": "model-name"}],
        "type": {"text": "ECG interpretation software"},
        "version": [{"type": {"text": name}, "value": version} for name, version in versions.items()],
        "note": [{"text": NOTICE}],
    }


def _recorder(recording: RecordingInfo) -> Iterator[Resource]:
    if recording.device:
        yield {
            "resourceType": "Device",
            "id": str(content_uuid("Device", "recorder", recording.device)),
            "deviceName": [{"name": recording.device, "type": "user-friendly-name"}],
            "type": {"text": "ECG recorder"},
        }


def _date_time(recorded_at: datetime) -> str:
    """Return the time; of a time without zone only the date, because FHIR requires the zone of a time of day."""
    return recorded_at.isoformat() if recorded_at.tzinfo else recorded_at.date().isoformat()


def _outcome(failure: Failure) -> Resource:
    issue = {"severity": "error", "code": "processing", "diagnostics": printable(str(failure))}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def _narrative(interpretation: Interpretation) -> Resource:
    lines = "".join(f"<p>{escape(sentence, quote=False)}</p>" for sentence in sentences(interpretation))
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{lines}</div>'}


def _code_concept(label: str, name: str) -> Resource:
    return {"coding": [_coding(code) for code in codes_for(label, name)], "text": name}


def _coding(code: Code) -> Resource:
    """Return a Coding; SNOMED CT has no display, because its descriptions differ from the meanings in DICOM."""
    if code.system == "MDC":
        partition, term = map(int, code.value.split(":"))
        coding = {"system": SYSTEM_URIS["MDC"], "code": str(partition << 16 | term)}
        return coding | {"display": code.refid} if code.refid else coding
    coding = {"system": SYSTEM_URIS[code.system], "code": code.value}
    return coding | {"display": code.meaning} if code.system == "EINTHOVEN" else coding


def _concept(system: str, code: str, display: str) -> Resource:
    return {"coding": [{"system": system, "code": code, "display": display}]}


def _own_concept(code: str, text: str) -> Resource:
    return _concept(CODE_SYSTEM, code, text) | {"text": text}


def _proportion(code: str, value: float) -> Resource:
    """Return a component with a share from 0 to 1."""
    quantity = {"value": value, "system": _UCUM, "code": "1"}
    return {"code": _own_concept(code, code.replace("-", " ")), "valueQuantity": quantity}
