"""Write a FHIR Observation with SampledData for each lead, valid in R4 and R4B."""

from einthoven.convert.channels import Channel, channels
from einthoven.convert.encoded import Encoded
from einthoven.interpret.json_text import dumps
from einthoven.recording import Patient, Recording
from einthoven.report.fhir_parts import HL7, LOINC, SYSTEM_URIS, UCUM, Resource, concept, date_time, recorder
from einthoven.report.lead_codes import LEAD_CODES
from einthoven.report.summary import content_uuid
from einthoven.text import printable

_POTENTIAL = 256
"""MDC's term of the voltage that a lead records is this much above that of the lead: MDC_ECG_ELEC_POTL_I is 131329."""


def encode_fhir(recording: Recording, name: str) -> Encoded:
    """Encode a recording as an Observation that contains its Patient and Device.

    Parameters
    ----------
    recording
        The recording.
    name
        Name of the file, without suffix.

    Returns
    -------
    Encoded
        NAME.json. The same recording gives the same file, the identifier included.
    """
    components = [_component(channel, recording.rate) for channel in channels(recording)]
    patient, device = _patient(recording.patient), recording.device
    when, age = recording.recorded_at, recording.patient.age
    if age is not None:
        value = {"value": round(age, 2), "unit": "years", "system": UCUM, "code": "a"}
        components.append({"code": concept(LOINC, "30525-0", "Age"), "valueQuantity": value})
    resource: Resource = {
        "resourceType": "Observation",
        "contained": [patient] * bool(patient) + ([recorder(printable(device), "recorder")] if device else []),
        "status": "final",
        "category": [concept(f"{HL7}/observation-category", "procedure", "Procedure")],
        "code": concept(LOINC, "11524-6", "EKG study"),
        "subject": {"reference": "#patient"} if patient else None,
        "effectiveDateTime": date_time(when) if when else None,
        "device": {"reference": "#recorder"} if device else None,
        "component": components,
    }
    resource = {key: value for key, value in resource.items() if value}
    identifier = str(content_uuid("Observation", dumps(resource).decode()))
    return Encoded({f"{name}.json": dumps({"resourceType": "Observation", "id": identifier} | resource)})


def _component(channel: Channel, rate: float) -> Resource:
    partition, term = map(int, LEAD_CODES[channel.name].value.split(":"))
    code = {
        "system": SYSTEM_URIS["MDC"],
        "code": str((partition << 16) + _POTENTIAL + term),
        "display": f"MDC_ECG_ELEC_POTL_{channel.name.upper()}",
    }
    data: Resource = {
        "origin": {"value": 0, "unit": "uV", "system": UCUM, "code": "uV"},
        "period": float(f"{1000 / rate:.12g}"),
        "factor": channel.unit_uv,
        "dimensions": 1,
        "data": " ".join(map(str, channel.codes.tolist())),
    }
    return {"code": {"coding": [code], "text": f"Lead {channel.name}"}, "valueSampledData": data}


def _patient(patient: Patient) -> Resource | None:
    facts: Resource = {
        "identifier": [{"value": printable(patient.id)}] if patient.id else None,
        "name": [{"text": printable(patient.name)}] if patient.name else None,
        "gender": patient.sex,
        "birthDate": patient.birth_date.isoformat() if patient.birth_date else None,
    }
    stated = {key: value for key, value in facts.items() if value}
    return {"resourceType": "Patient", "id": "patient", **stated} if stated else None
