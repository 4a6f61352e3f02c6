"""Write DICOM waveforms: 12-lead, general, ambulatory and general 32-bit ECG (PS3.3, A.34)."""

from functools import lru_cache
from hashlib import blake2b
from io import BytesIO

import numpy as np
from pydicom.charset import convert_encodings, default_encoding
from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_sequence
from pydicom.sequence import Sequence
from pydicom.sr.coding import Code
from pydicom.uid import (
    UID,
    AmbulatoryECGWaveformStorage,
    ExplicitVRLittleEndian,
    General32bitECGWaveformStorage,
    GeneralECGWaveformStorage,
    TwelveLeadECGWaveformStorage,
)

from einthoven.convert.channels import Channel, channels
from einthoven.convert.encoded import Encoded
from einthoven.readers.dicom import FILTERS, UNKNOWN_TIME
from einthoven.recording import LEADS, Filters, Patient, Recording
from einthoven.report.dicom import code_item, content_uid, write
from einthoven.report.lead_codes import LEAD_CODES
from einthoven.text import printable

_MAX_SAMPLES = 16_384  # of each lead of a 12-lead ECG (A.34.3.4.5)
_RATES = (200, 1000)  # Hz, of the 12-lead and the general ECG; the ambulatory ECG begins at 50 Hz
_UTF_8 = "ISO_IR 192"
_MICROVOLT = Code("uV", "UCUM", "microvolt")
_UNKNOWN_STAMP = "19000101000000"
"""The standard requires a date and a time of the content. Nobody takes this one for true."""
_DAYS = 365.25  # of a year


def encode_dicom(recording: Recording, name: str) -> Encoded:
    """Encode a recording as a DICOM waveform of the narrowest class that its rate, leads and length allow.

    Parameters
    ----------
    recording
        The recording.
    name
        Name of the file, without suffix.

    Returns
    -------
    Encoded
        NAME.dcm. The same recording gives the same file, identifiers included.
    """
    parts = channels(recording)
    dataset = Dataset()
    dataset.SpecificCharacterSet = _UTF_8
    dataset.SOPClassUID = _sop_class(recording)
    _add_patient(dataset, recording.patient)
    _add_time(dataset, recording)
    _add_identifiers(dataset, recording, parts)
    dataset.Modality = "ECG"
    dataset.Manufacturer = ""
    dataset.ManufacturerModelName = printable(recording.device or "", 64)
    dataset.AcquisitionContextSequence = []
    dataset.WaveformSequence = [_group(recording, parts, dataset.SOPClassUID == General32bitECGWaveformStorage)]
    dataset.set_original_encoding(False, True, convert_encodings(_UTF_8))
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    file = BytesIO()
    write(dataset, file)
    return Encoded({f"{name}.dcm": file.getvalue()})


def _sop_class(recording: Recording) -> UID:
    lowest, highest = _RATES
    if recording.rate > highest:
        return General32bitECGWaveformStorage
    if recording.rate < lowest:
        return AmbulatoryECGWaveformStorage
    standard = recording.leads == LEADS and not recording.supplemental and recording.signal.shape[1] <= _MAX_SAMPLES
    return TwelveLeadECGWaveformStorage if standard else GeneralECGWaveformStorage


def _add_patient(dataset: Dataset, patient: Patient) -> None:
    dataset.PatientName = printable(patient.name, 64).replace("\\", " ").replace("=", " ")
    dataset.PatientID = printable(patient.id, 64).replace("\\", " ")
    dataset.PatientBirthDate = f"{patient.birth_date:%Y%m%d}" if patient.birth_date else ""
    dataset.PatientSex = {"female": "F", "male": "M", None: ""}[patient.sex]
    if patient.age is not None:
        dataset.PatientAge = _age(patient.age)


def _age(years: float) -> str:
    """Return an age in years, or for infants in months or days."""
    if years >= 2:
        return f"{int(years):03d}Y"
    return f"{int(12 * years):03d}M" if years >= 0.25 else f"{int(_DAYS * years):03d}D"


def _add_time(dataset: Dataset, recording: Recording) -> None:
    when = recording.recorded_at
    stamp = f"{when:%Y%m%d%H%M%S.%f}" if when else _UNKNOWN_STAMP
    dataset.AcquisitionDateTime = f"{stamp}{when:%z}" if when else UNKNOWN_TIME
    dataset.ContentDate, dataset.ContentTime = stamp[:8], stamp[8:]
    dataset.StudyDate, dataset.StudyTime = (stamp[:8], stamp[8:]) if when else ("", "")
    if when and when.tzinfo:
        dataset.TimezoneOffsetFromUTC = f"{when:%z}"


def _add_identifiers(dataset: Dataset, recording: Recording, parts: list[Channel]) -> None:
    samples = blake2b(b"".join(channel.codes.tobytes() for channel in parts)).hexdigest()
    content = [samples, *(f"{channel.name} {channel.unit_uv}" for channel in parts), f"{recording.rate}"]
    content += [f"{recording.patient.id} {recording.patient.name}", f"{recording.recorded_at}"]
    dataset.StudyInstanceUID = content_uid("study", *content)
    dataset.SeriesInstanceUID = content_uid("series", *content)
    dataset.SOPInstanceUID = content_uid("recording", *content)
    dataset.StudyID = dataset.AccessionNumber = dataset.ReferringPhysicianName = ""
    dataset.SeriesNumber = dataset.InstanceNumber = 1


def _group(recording: Recording, parts: list[Channel], wide: bool) -> Dataset:
    """Return the multiplex group with all leads; `wide` stores 32 bits."""
    bits, interpretation, kind = (32, "SL", "<i4") if wide else (16, "SS", "<i2")
    group = Dataset()
    group.WaveformOriginality = "ORIGINAL"
    group.NumberOfWaveformChannels = len(parts)
    group.NumberOfWaveformSamples = recording.signal.shape[1]
    group.SamplingFrequency = _decimal(recording.rate)
    group.MultiplexGroupLabel = "RHYTHM"
    definitions = _definitions(tuple((channel.name, channel.unit_uv) for channel in parts), bits, recording.filters)
    group[definitions.tag] = definitions
    group.set_original_encoding(False, True, default_encoding)  # so that pydicom writes the definitions as they are
    group.WaveformBitsAllocated = bits
    group.WaveformSampleInterpretation = interpretation
    samples = np.stack([channel.codes for channel in parts], axis=1).astype(kind, copy=False)
    group.add_new("WaveformData", "OW", samples.tobytes())
    return group


@lru_cache(200)  # most recordings of a folder have the same; pydicom needs several ms to write them
def _definitions(leads: tuple[tuple[str, float], ...], bits: int, filters: Filters | None) -> RawDataElement:
    """Return the sequence of channel definitions, encoded; `leads` are names and uV per unit."""
    file = DicomBytesIO()
    file.is_little_endian, file.is_implicit_VR = True, False
    items = Sequence([_definition(name, unit_uv, bits, filters) for name, unit_uv in leads])
    element = DataElement(tag_for_keyword("ChannelDefinitionSequence") or 0, "SQ", items)
    write_sequence(file, element, ["utf-8"])
    encoded = file.getvalue()
    return RawDataElement(element.tag, "SQ", len(encoded), encoded, 0, False, True)


def _definition(name: str, unit_uv: float, bits: int, filters: Filters | None) -> Dataset:
    lead = LEAD_CODES[name]
    definition = Dataset()
    definition.ChannelSourceSequence = [code_item(Code(lead.value, lead.system, lead.meaning))]
    definition.ChannelSensitivity = _decimal(unit_uv)
    definition.ChannelSensitivityUnitsSequence = [code_item(_MICROVOLT)]
    definition.ChannelSensitivityCorrectionFactor = 1
    definition.ChannelBaseline = 0
    definition.ChannelSampleSkew = 0
    definition.WaveformBitsStored = bits
    for keyword, value in zip(FILTERS, filters or (), strict=False):
        if value is not None:
            setattr(definition, keyword, _decimal(value))
    return definition


def _decimal(number: float) -> str:
    """Return a number in the 16 characters of a decimal string."""
    return f"{number:.10g}"
