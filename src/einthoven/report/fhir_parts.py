"""The building blocks of FHIR resources: codings, concepts, quantities."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from einthoven.report.codes import Code, codes_for

Resource = dict[str, Any]

CODE_SYSTEM = "urn:uuid:98e29ae2-68ed-4b5b-89a3-29510781c01a"
"""Einthoven's own code system: the labels of PTB-XL, and the codes in docs/reference/fhir.md."""
SYSTEM_URIS: Mapping[str, str] = {
    "SCT": "http://snomed.info/sct",
    "MDC": "urn:iso:std:iso:11073:10101",
    "AHA": "https://doi.org/10.1161/CIRCULATIONAHA.106.180201",  # the list itself; HL7 has registered none
    "EINTHOVEN": CODE_SYSTEM,
}
HL7 = "http://terminology.hl7.org/CodeSystem"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"


def label_concept(label: str, name: str) -> Resource:
    """Return the concept of a label, in all code systems that have it.

    Parameters
    ----------
    label
        Name of the label, such as "AFIB".
    name
        The label in words.

    Returns
    -------
    dict
        A CodeableConcept.
    """
    return {"coding": [coding(code) for code in codes_for(label, name)], "text": name}


def coding(code: Code) -> Resource:
    """Return a code as a Coding.

    Parameters
    ----------
    code
        Code of any system.

    Returns
    -------
    dict
        SNOMED CT has no display, because its descriptions differ from the meanings in DICOM.
    """
    if code.system == "MDC":
        partition, term = map(int, code.value.split(":"))
        result = {"system": SYSTEM_URIS["MDC"], "code": str(partition << 16 | term)}
        return result | {"display": code.refid} if code.refid else result
    result = {"system": SYSTEM_URIS[code.system], "code": code.value}
    return result | {"display": code.meaning} if code.system == "EINTHOVEN" else result


def concept(system: str, code: str, display: str) -> Resource:
    """Return a concept with one coding.

    Parameters
    ----------
    system, code, display
        Fields of the Coding.

    Returns
    -------
    dict
        A CodeableConcept.
    """
    return {"coding": [{"system": system, "code": code, "display": display}]}


def own_concept(code: str, text: str) -> Resource:
    """Return a concept of Einthoven's own code system.

    Parameters
    ----------
    code
        The code.
    text
        Text for readers.

    Returns
    -------
    dict
        A CodeableConcept.
    """
    return concept(CODE_SYSTEM, code, text) | {"text": text}


def quantity(value: float, unit: str, code: str | None = None) -> Resource:
    """Return a measured value.

    Parameters
    ----------
    value
        The number.
    unit
        Unit for readers.
    code
        UCUM code of the unit; None if it equals the unit.

    Returns
    -------
    dict
        A Quantity.
    """
    return {"value": value, "unit": unit, "system": UCUM, "code": code or unit}


def proportion(code: str, value: float) -> Resource:
    """Return a component with a share.

    Parameters
    ----------
    code
        Code of Einthoven's own system.
    value
        Share from 0 to 1.

    Returns
    -------
    dict
        A component of an Observation.
    """
    share = {"value": value, "system": UCUM, "code": "1"}
    return {"code": own_concept(code, code.replace("-", " ")), "valueQuantity": share}


def words(code: str, text: str) -> Resource:
    """Return a component with words.

    Parameters
    ----------
    code
        Code of Einthoven's own system.
    text
        Text for readers.

    Returns
    -------
    dict
        A component of an Observation.
    """
    return {"code": own_concept(code, code.replace("-", " ")), "valueString": text}


def date_time(recorded_at: datetime) -> str:
    """Return a time as a dateTime.

    Parameters
    ----------
    recorded_at
        The time.

    Returns
    -------
    str
        Time as a dateTime; only the date if it has no zone, because FHIR requires the zone of a time of day.
    """
    return recorded_at.isoformat() if recorded_at.tzinfo else recorded_at.date().isoformat()


def recorder(device: str, identifier: str) -> Resource:
    """Return the recorder of an ECG.

    Parameters
    ----------
    device
        Maker and model.
    identifier
        Identifier of the resource.

    Returns
    -------
    dict
        A Device.
    """
    return {
        "resourceType": "Device",
        "id": identifier,
        "deviceName": [{"name": device, "type": "user-friendly-name"}],
        "type": {"text": "ECG recorder"},
    }
