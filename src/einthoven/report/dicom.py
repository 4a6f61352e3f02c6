"""What DICOM reports have in common, the recording that they belong to, and the report as an encapsulated PDF."""

from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pydicom
from pydicom import config
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sr.coding import Code
from pydicom.uid import UID, EncapsulatedPDFStorage, ExplicitVRLittleEndian

from einthoven import __version__
from einthoven.errors import EinthovenError, RecordingError
from einthoven.interpret.interpretation import Interpretation
from einthoven.interpret.json_text import canonical
from einthoven.readers.warning_capture import capture_warnings
from einthoven.report.summary import content_uuid
from einthoven.signatures import MANUFACTURER

ECG_REPORT = Code("28010-7", "LN", "ECG Report")
SCHEME = "99EINTHOVEN"
"""Einthoven's own coding scheme; 99 marks a private one (PS3.3, 8.2)."""
_PATIENT = ("PatientName", "PatientID", "PatientBirthDate", "PatientSex")
_STUDY = ("StudyDate", "StudyTime", "ReferringPhysicianName", "StudyID", "AccessionNumber")
_RECORDING = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
_WHEN = ("AcquisitionDateTime", "AcquisitionDate", "AcquisitionTime")


def read_source(path: str | Path) -> Dataset:
    """Of a DICOM recording what a report of it repeats: patient, study, its own identifiers and its time.

    Raises RecordingError where `path` is no DICOM file that has them.
    """
    wanted = [*_PATIENT, *_STUDY, *_RECORDING, *_WHEN, "IssuerOfPatientID"]
    try:
        with capture_warnings():  # of values that break the standard
            read = pydicom.dcmread(path, specific_tags=[*wanted, "SpecificCharacterSet"], force=True)
            values = {keyword: str(read.get(keyword) or "") for keyword in wanted}
    except OSError:
        raise
    except Exception as error:  # pydicom raises whatever a damaged element makes it stumble over
        raise RecordingError("is no DICOM file, so that there is no study for the report to join.", path) from error
    if missing := [keyword for keyword in _RECORDING if not values[keyword]]:
        raise RecordingError(f"lacks {', '.join(missing)}, by which a report refers to its recording.", path)
    source = Dataset()
    for keyword, value in values.items():
        try:
            source.add(DataElement(keyword, dictionary_VR(keyword), value, validation_mode=config.RAISE))
        except ValueError as error:
            raise RecordingError(
                f"its {keyword} breaks the DICOM standard; a report cannot repeat it.", path
            ) from error
    return source


def read_recording(interpretation: Interpretation) -> Dataset:
    """`read_source` of the recording of an interpretation. Raises RecordingError where that is no DICOM file."""
    if interpretation.recording.format != "DICOM":
        raise RecordingError(
            "is no DICOM file, so that there is no study for the report to join.", interpretation.source
        )
    return read_source(interpretation.source)


def encapsulated_pdf(
    pdf: bytes, interpretation: Interpretation, created: datetime, source: Dataset | None = None
) -> Dataset:
    """The report `pdf` as a DICOM object; arguments and errors as for `dicom_sr.structured_report`."""
    if not pdf.startswith(b"%PDF-"):
        raise EinthovenError("The report to encapsulate is no PDF.")
    dataset = new_report(EncapsulatedPDFStorage, "DOC", interpretation, created, source)
    dataset.ConversionType = "WSD"
    dataset.AcquisitionDateTime = acquisition_time(source)
    dataset.BurnedInAnnotation = "YES"  # what stands on the page is the caller's: taken for identifying
    dataset.DocumentTitle = "ECG Report"
    dataset.ConceptNameCodeSequence = [code_item(ECG_REPORT)]
    dataset.MIMETypeOfEncapsulatedDocument = "application/pdf"
    dataset.EncapsulatedDocument = pdf + b"\0" * (len(pdf) % 2)
    dataset.EncapsulatedDocumentLength = len(pdf)
    if source:
        dataset.SourceInstanceSequence = [recording_item(source)]
    return dataset


def write(dataset: Dataset, file: BinaryIO) -> None:
    """Write a report as a DICOM file (PS3.10)."""
    buffer = BytesIO()  # pydicom seeks, which a pipe cannot
    dataset.save_as(buffer, enforce_file_format=True)
    file.write(buffer.getvalue())


def new_report(
    sop_class: UID, modality: str, interpretation: Interpretation, created: datetime, source: Dataset | None
) -> Dataset:
    """A report without content: patient and study of `source` (nameless without), series, equipment, instance."""
    content = [canonical(interpretation.to_dict()), str(source.SOPInstanceUID) if source else ""]
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    for keyword in (*_PATIENT, *_STUDY):
        setattr(dataset, keyword, source.get(keyword) if source else "")
    if source and source.get("IssuerOfPatientID"):
        dataset.IssuerOfPatientID = source.IssuerOfPatientID
    dataset.StudyInstanceUID = source.StudyInstanceUID if source else content_uid("study", *content)
    dataset.SeriesInstanceUID = content_uid("series", modality, *content, created.isoformat())
    dataset.SeriesNumber = dataset.InstanceNumber = 1
    dataset.Modality = modality
    dataset.SeriesDescription = "ECG interpretation, research software"
    dataset.Manufacturer = MANUFACTURER
    dataset.ManufacturerModelName = "Einthoven"
    dataset.SoftwareVersions = [__version__, str(interpretation.model)]
    dataset.DeviceSerialNumber = interpretation.model.sha256
    dataset.SOPClassUID = sop_class
    dataset.SOPInstanceUID = content_uid(str(sop_class), *content, created.isoformat())
    dataset.ContentDate, dataset.ContentTime = f"{created:%Y%m%d}", f"{created:%H%M%S}"
    scheme = Dataset()
    scheme.CodingSchemeDesignator, scheme.CodingSchemeName = SCHEME, "Einthoven"
    dataset.CodingSchemeIdentificationSequence = [scheme]
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return dataset


def acquisition_time(source: Dataset | None) -> str:
    """When the recording was made, as DICOM writes a date and time; "" where `source` does not say."""
    if not source:
        return ""
    return str(source.AcquisitionDateTime) or f"{source.AcquisitionDate}{source.AcquisitionTime}"


def recording_item(source: Dataset) -> Dataset:
    """An item that refers to the recording."""
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = source.SOPClassUID, source.SOPInstanceUID
    return item


def code_item(code: Code) -> Dataset:
    """An item of a code sequence."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code.value, code.scheme_designator, code.meaning
    return item


def content_uid(*content: str) -> UID:
    """The UID of something that `content` describes; the same for the same (PS3.5, B.2)."""
    return UID(f"2.25.{content_uuid(*content).int}")
