"""Write HL7 annotated ECG (HL7 V3 aECG Implementation Guide, 2005; schema PORT_MT020001)."""

from datetime import datetime, timedelta
from xml.etree.ElementTree import Element, SubElement, tostring

from einthoven.convert.channels import Channel, channels
from einthoven.convert.encoded import Encoded
from einthoven.recording import Filters, Patient, Recording
from einthoven.report.lead_codes import LEAD_CODES
from einthoven.report.summary import content_uuid
from einthoven.text import printable

_ACT_CODES = "2.16.840.1.113883.5.4"
_MDC = "2.16.840.1.113883.6.24"
_CPT = "2.16.840.1.113883.6.12"
_LOINC = "2.16.840.1.113883.6.1"
_GENDERS = "2.16.840.1.113883.5.1"
_AGE = "21612-7"  # LOINC: age reported
_PATIENTS = "98e29ae2-68ed-4b5b-89a3-29510781c01a"
"""Root of the patients' identifiers, because their own is unknown."""
_FILTERS = (("HIGH_PASS", "CUTOFF"), ("LOW_PASS", "CUTOFF"), ("NOTCH", "NOTCH"))
_XSI = "http://www.w3.org/2001/XMLSchema-instance"


def encode_aecg(recording: Recording, name: str) -> Encoded:
    """Encode a recording as one rhythm series of an annotated ECG.

    Parameters
    ----------
    recording
        The recording.
    name
        Name of the file, without suffix.

    Returns
    -------
    Encoded
        NAME.xml. The same recording gives the same file, identifiers included.
    """
    parts = channels(recording)
    sequences = [_lead(channel) for channel in parts]
    content = [tostring(sequence, "unicode") for sequence in sequences]
    root = Element("AnnotatedECG", {"xmlns": "urn:hl7-org:v3", "xmlns:xsi": _XSI, "type": "Observation"})
    about = [f"{recording.rate}", f"{recording.recorded_at}", recording.patient.id, recording.patient.name]
    SubElement(root, "id", root=str(content_uuid("aECG", *content, *about)))
    SubElement(root, "code", code="93000", codeSystem=_CPT, codeSystemName="CPT-4")
    _add_effective_time(root, recording)
    _add_patient(root, recording.patient)
    series = _path(root, "component/series")
    SubElement(series, "code", code="RHYTHM", codeSystem=_ACT_CODES)
    _add_effective_time(series, recording)
    if recording.device:
        device = _path(series, "author/seriesAuthor/manufacturedSeriesDevice")
        SubElement(device, "manufacturerModelName").text = printable(recording.device)
    _add_filters(series, recording.filters)
    sequence_set = _path(series, "component/sequenceSet")
    for sequence in (_time(recording), *sequences):
        SubElement(sequence_set, "component").append(sequence)
    return Encoded({f"{name}.xml": tostring(root, "utf-8", xml_declaration=True)})


def _path(parent: Element, names: str) -> Element:
    """Append nested elements, and return the innermost."""
    for name in names.split("/"):
        parent = SubElement(parent, name)
    return parent


def _stamp(when: datetime) -> str:
    return f"{when:%Y%m%d%H%M%S}.{when.microsecond:06d}{when:%z}"


def _add_effective_time(parent: Element, recording: Recording) -> None:
    time = SubElement(parent, "effectiveTime")
    if when := recording.recorded_at:
        SubElement(time, "low", value=_stamp(when))
        SubElement(time, "high", value=_stamp(when + timedelta(seconds=recording.seconds)))
    else:
        time.set("nullFlavor", "UNK")


def _add_patient(root: Element, patient: Patient) -> None:
    assignment = _path(root, "componentOf/timepointEvent/componentOf/subjectAssignment")
    subject = _path(assignment, "subject/trialSubject")
    known = {"root": _PATIENTS, "extension": printable(patient.id)} if patient.id else {"nullFlavor": "UNK"}
    SubElement(subject, "id", known)
    person = SubElement(subject, "subjectDemographicPerson")
    if patient.name:
        SubElement(person, "name").text = printable(patient.name)
    if patient.sex:
        code = "F" if patient.sex == "female" else "M"
        SubElement(person, "administrativeGenderCode", code=code, codeSystem=_GENDERS)
    if patient.birth_date:
        SubElement(person, "birthTime", value=f"{patient.birth_date:%Y%m%d}")
    SubElement(_path(assignment, "componentOf/clinicalTrial"), "id", nullFlavor="NA")
    if patient.age is not None:
        observation = _path(root, "controlVariable/relatedObservation")
        SubElement(observation, "code", code=_AGE, codeSystem=_LOINC, displayName="Age")
        SubElement(observation, "value", {"xsi:type": "PQ", "value": f"{patient.age:g}", "unit": "a"})


def _add_filters(series: Element, filters: Filters | None) -> None:
    for (kind, limit), value in zip(_FILTERS, filters or (), strict=False):
        if value is not None:
            variable = _path(series, "controlVariable/controlVariable")
            SubElement(variable, "code", code=f"MDC_ECG_CTL_VBL_ATTR_FILTER_{kind}", codeSystem=_MDC)
            part = _path(variable, "component/controlVariable")
            SubElement(part, "code", code=f"MDC_ECG_CTL_VBL_ATTR_FILTER_{limit}_FREQ", codeSystem=_MDC)
            SubElement(part, "value", {"xsi:type": "PQ", "value": f"{value:g}", "unit": "Hz"})


def _time(recording: Recording) -> Element:
    sequence, when = Element("sequence"), recording.recorded_at
    kind, list_type = ("TIME_ABSOLUTE", "GLIST_TS") if when else ("TIME_RELATIVE", "GLIST_PQ")
    SubElement(sequence, "code", code=kind, codeSystem=_ACT_CODES)
    value = SubElement(sequence, "value", {"xsi:type": list_type})
    SubElement(value, "head", {"value": _stamp(when)} if when else {"value": "0", "unit": "s"})
    SubElement(value, "increment", value=f"{1 / recording.rate:.12g}", unit="s")
    return sequence


def _lead(channel: Channel) -> Element:
    sequence = Element("sequence")
    SubElement(sequence, "code", code=LEAD_CODES[channel.name].refid, codeSystem=_MDC)
    value = SubElement(sequence, "value", {"xsi:type": "SLIST_PQ"})
    SubElement(value, "origin", value="0", unit="uV")
    SubElement(value, "scale", value=f"{channel.unit_uv:g}", unit="uV")
    SubElement(value, "digits").text = " ".join(map(str, channel.codes.tolist()))
    return sequence
