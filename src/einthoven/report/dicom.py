"""DICOM reports: shared parts, the recording to which they refer, and an encapsulated PDF."""

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
_NOT_DICOM = "is not a DICOM file, so that its report cannot join a study; leave out --same-study."


def read_source(path: str | Path) -> Dataset:
    """Read the elements of a DICOM recording that its report repeats: patient, study and identifiers.

    Parameters
    ----------
    path
        Path of the recording.

    Returns
    -------
    Dataset
        Data set with only these elements.

    Raises
    ------
    RecordingError
        If the file is not DICOM, or an element is missing or violates the standard.
    """
    keywords = [*_PATIENT, *_STUDY, *_RECORDING, "IssuerOfPatientID"]
    try:
        with capture_warnings():  # about values that violate the standard
            recording = pydicom.dcmread(path, specific_tags=[*keywords, "SpecificCharacterSet"], force=True)
            values = {keyword: str(recording.get(keyword) or "") for keyword in keywords}
    except OSError:
        raise
    except Exception as error:  # a damaged element makes pydicom raise any exception
        raise RecordingError(_NOT_DICOM, path) from error
    if missing := [keyword for keyword in _RECORDING if not values[keyword]]:
        raise RecordingError(
            f"lacks {', '.join(missing)}, so that a report cannot refer to it; leave out --same-study.", path
        )
    source = Dataset()
    for keyword, value in values.items():
        try:
            source.add(DataElement(keyword, dictionary_VR(keyword), value, validation_mode=config.RAISE))
        except ValueError as error:
            raise RecordingError(
                f"its {keyword} violates the DICOM standard; correct it, or leave out --same-study.",
                path,
            ) from error
    return source


def read_recording(interpretation: Interpretation) -> Dataset:
    """Read the DICOM recording of an interpretation (`read_source`).

    Parameters
    ----------
    interpretation
        Interpretation whose `source` is the path of the recording.

    Returns
    -------
    Dataset
        Elements that a report repeats.

    Raises
    ------
    RecordingError
        If the recording is not DICOM.
    """
    if interpretation.recording.format != "DICOM":
        raise RecordingError(_NOT_DICOM, interpretation.source)
    return read_source(interpretation.source)


def encapsulated_pdf(
    pdf: bytes, interpretation: Interpretation, created: datetime, source: Dataset | None = None
) -> Dataset:
    """Wrap a PDF report in a DICOM object.

    Parameters
    ----------
    pdf
        Content of the PDF file.
    interpretation
        The interpretation that the report shows.
    created
        Time at which the report was made; part of its UIDs.
    source
        The DICOM recording (`read_source`), whose patient and study the report joins.

    Returns
    -------
    Dataset
        Encapsulated PDF object for `write`. The same arguments give the same object.

    Raises
    ------
    EinthovenError
        If `pdf` is not a PDF.
    """
    if not pdf.startswith(b"%PDF-"):
        raise EinthovenError("The report to encapsulate is not a PDF.")
    dataset = new_report(EncapsulatedPDFStorage, "DOC", interpretation, created, source)
    dataset.ConversionType = "WSD"
    dataset.AcquisitionDateTime = acquisition_time(interpretation)
    dataset.BurnedInAnnotation = "YES"  # assumed, because the caller makes the page
    dataset.DocumentTitle = "ECG Report"
    dataset.ConceptNameCodeSequence = [code_item(ECG_REPORT)]
    dataset.MIMETypeOfEncapsulatedDocument = "application/pdf"
    dataset.EncapsulatedDocument = pdf + b"\0" * (len(pdf) % 2)
    dataset.EncapsulatedDocumentLength = len(pdf)
    if source:
        dataset.SourceInstanceSequence = [recording_item(source)]
    return dataset


def write(dataset: Dataset, file: BinaryIO) -> None:
    """Write a report as a DICOM file (PS3.10).

    Parameters
    ----------
    dataset
        The report.
    file
        Binary file that is open for writing; need not be seekable.
    """
    buffer = BytesIO()  # pydicom seeks, which a pipe cannot
    dataset.save_as(buffer, enforce_file_format=True)
    file.write(buffer.getvalue())


def new_report(
    sop_class: UID, modality: str, interpretation: Interpretation, created: datetime, source: Dataset | None
) -> Dataset:
    """Return a report without content: patient and study, series, equipment and instance.

    Parameters
    ----------
    sop_class
        Kind of the report.
    modality
        Modality of the report's series: "SR" or "DOC".
    interpretation
        The interpretation that it will show.
    created
        Time at which the report was made; part of its UIDs.
    source
        The DICOM recording, whose patient and study the report joins; None for a new study without a name.

    Returns
    -------
    Dataset
        Report to be completed.
    """
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


def acquisition_time(interpretation: Interpretation) -> str:
    """Return the time of a recording.

    Parameters
    ----------
    interpretation
        The interpretation of the recording.

    Returns
    -------
    str
        Date and time in the notation of DICOM, with a time zone if it is known; "" if the file does not state the time.
    """
    recorded_at = interpretation.recording.recorded_at
    return f"{recorded_at:%Y%m%d%H%M%S%z}" if recorded_at else ""


def recording_item(source: Dataset) -> Dataset:
    """Return a sequence item that refers to the recording.

    Parameters
    ----------
    source
        The DICOM recording.

    Returns
    -------
    Dataset
        The item.
    """
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = source.SOPClassUID, source.SOPInstanceUID
    return item


def code_item(code: Code) -> Dataset:
    """Return an item of a code sequence.

    Parameters
    ----------
    code
        The code.

    Returns
    -------
    Dataset
        The item.
    """
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code.value, code.scheme_designator, code.meaning
    return item


def content_uid(*content: str) -> UID:
    """Return a UID for a description in strings (PS3.5, B.2).

    Parameters
    ----------
    *content
        Strings of the description.

    Returns
    -------
    UID
        UID that depends only on the description.
    """
    return UID(f"2.25.{content_uuid(*content).int}")
