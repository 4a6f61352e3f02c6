"""Convert a result to FHIR: a Bundle of DiagnosticReport, Observations and Device, valid in R4 and R4B."""

import re
from collections.abc import Iterator
from datetime import datetime
from html import escape

from einthoven import __version__
from einthoven.errors import EinthovenError
from einthoven.interpret.interpretation import NOTICE, Failure, Interpretation, ModelInfo, Result
from einthoven.interpret.json_text import canonical
from einthoven.interpret.recording_info import RecordingInfo
from einthoven.report.codes import CONCLUSION_CODES
from einthoven.report.fhir_observations import observations
from einthoven.report.fhir_parts import CODE_SYSTEM, HL7, LOINC, Resource, coding, concept, date_time, recorder
from einthoven.report.narrative import sentences
from einthoven.report.summary import content_uuid
from einthoven.text import printable

_EKG = {"system": LOINC, "code": "34534-8", "display": "12 lead EKG panel"}
_SUBJECT = re.compile(r"Patient/[A-Za-z0-9\-.]{1,64}")


def check_subject(subject: str | None) -> None:
    """Check that a subject refers to a patient.

    Parameters
    ----------
    subject
        Reference of the patient, such as "Patient/1234"; None is allowed.

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
        Reference of the patient, as Patient/ID; None for a report without a patient.
    issued
        Time at which the report was made, with time zone.

    Returns
    -------
    dict
        FHIR resource as a JSON object. The same arguments give the same resource, identifiers included.

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
        about["effectiveDateTime"] = date_time(result.recording.recorded_at)
    observed = [
        {
            "resourceType": "Observation",
            "id": str(content_uuid("Observation", content, str(k))),
            "status": "preliminary",
            "category": [concept(f"{HL7}/observation-category", "procedure", "Procedure")],
            **about,
            **observation,
            "device": {"reference": f"urn:uuid:{device['id']}"},
        }
        for k, observation in enumerate(observations(result))
    ]
    report = {
        "resourceType": "DiagnosticReport",
        "id": str(content_uuid("DiagnosticReport", content)),
        "text": _narrative(result),
        "status": "preliminary",
        "category": [concept(f"{HL7}/v2-0074", "EC", "Electrocardiac (e.g., EKG, EEC, Holter)")],
        "code": {"coding": [_EKG], "text": "ECG interpreted by a model"},
        **about,
        **({"issued": issued.isoformat()} if issued else {}),
        "result": [{"reference": f"urn:uuid:{observation['id']}"} for observation in observed],
        "conclusion": "\n".join(sentences(result)),
        **_conclusion_code(result),
    }
    return {
        "resourceType": "Bundle",
        "id": str(content_uuid("Bundle", content)),
        "type": "collection",
        **({"timestamp": issued.isoformat()} if issued else {}),
        "entry": [
            {"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource}
            for resource in (report, *observed, device, *_recorder(result.recording))
        ],
    }


def _conclusion_code(interpretation: Interpretation) -> Resource:
    known = CONCLUSION_CODES.get(interpretation.conclusion)
    return {"conclusionCode": [{"coding": [coding(known)], "text": interpretation.conclusion}]} if known else {}


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
        yield recorder(recording.device, str(content_uuid("Device", "recorder", recording.device)))


def _outcome(failure: Failure) -> Resource:
    issue = {"severity": "error", "code": "processing", "diagnostics": printable(str(failure))}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def _narrative(interpretation: Interpretation) -> Resource:
    lines = "".join(f"<p>{escape(sentence, quote=False)}</p>" for sentence in sentences(interpretation))
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{lines}</div>'}
