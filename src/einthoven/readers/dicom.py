"""DICOM waveforms: 12-lead ECG, general ECG and ambulatory ECG (PS3.3 A.34, C.10.9), by pydicom.

ecgdatakit reads them too, but spends half of its time on annotations that are not needed here, and reads only the first
rhythm group of a file that may spread its leads over several.
"""

import re
from datetime import date, datetime
from typing import Literal

from pydicom.dataset import Dataset
from pydicom.uid import UID

from einthoven.errors import RecordingError
from einthoven.readers.acquisition import Acquisition, Stated, device_name, make_filters
from einthoven.readers.dicom_file import read_elements
from einthoven.readers.dicom_groups import select_rhythm
from einthoven.readers.lead_names import standard_lead
from einthoven.readers.tracing import Tracing
from einthoven.readers.warning_capture import capture_warnings
from einthoven.recording import Patient

_DATES = ("AcquisitionDateTime", "AcquisitionDate", "ContentDate", "StudyDate")
_RECORDER = ("Manufacturer", "ManufacturerModelName", "InstitutionName", "DeviceSerialNumber", "OperatorsName")
FILTERS = ("FilterLowFrequency", "FilterHighFrequency", "NotchFilterFrequency")
"""Elements of the pass band's lower and upper limit and of the notch, in Hz (PS3.3, C.10.9); fields of `Filters`."""
UNKNOWN_TIME = "1900"
"""Placeholder year that `einthoven convert` writes for an unknown acquisition time, which the standard requires."""
_STAMP = re.compile(r"(\d{12})(\d\d)?(?:\.(\d{1,6}))?([+-]\d{4})?", re.ASCII)
"""Date and time to the minute, seconds, their fraction, and the zone (PS3.5, 6.2: DT)."""
_NEEDED = (
    "SOPClassUID",
    "WaveformSequence",
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientAge",
    "PatientSex",
)
_MEDIAN = re.compile(r"median|representative|average|template|mean beat", re.IGNORECASE)
_AGE = {"Y": 1.0, "M": 1 / 12, "W": 7 / 365.25, "D": 1 / 365.25}


def read_dicom(data: bytes) -> Tracing:
    """Read the rhythm: all leads of the groups recorded at the same time, never the median beat.

    Parameters
    ----------
    data
        Content of the file.

    Returns
    -------
    Tracing
        The channels as the file holds them.

    Raises
    ------
    RecordingError
        If the file holds no rhythm or is damaged.
    """
    try:
        with capture_warnings():  # of values that break the standard
            return _read(
                read_elements(data, (*_NEEDED, *_DATES, "AcquisitionTime", "TimezoneOffsetFromUTC", *_RECORDER))
            )
    except RecordingError:
        raise
    except Exception as error:  # pydicom decodes late, and a damaged element can cause any error
        raise RecordingError(f"is damaged DICOM ({type(error).__name__}); get it again.") from error


def _read(dataset: Dataset) -> Tracing:
    items = list(dataset.get("WaveformSequence") or [])
    if not items:
        raise RecordingError(f"is a DICOM {_kind(dataset)} without waveforms; an ECG waveform is expected.")
    rhythm = [item for item in items if not _MEDIAN.search(str(item.get("MultiplexGroupLabel") or ""))]
    if not rhythm:
        raise RecordingError("holds only median beats; the rhythm is expected.")
    groups, warnings = select_rhythm(rhythm, dataset)
    channels = [channel for group in groups for channel in group.channels()]
    definitions = [
        lead
        for group in groups
        for name, lead in zip(group.names, group.definitions, strict=True)
        if standard_lead(name)
    ]
    device, filters = _device(dataset), make_filters(*(_common(definitions, key) for key in FILTERS))
    acquisition = Acquisition(_time(dataset), device, filters)
    return Tracing("DICOM", channels, _patient(dataset), warnings, acquisition)


def _kind(dataset: Dataset) -> str:
    """Return the kind of file, by the standard's name of its SOP class; never the text of an unknown one."""
    uid = dataset.get("SOPClassUID")
    return uid.name if isinstance(uid, UID) and uid.name != uid else "file"


def _time(dataset: Dataset) -> Stated:
    """Return when the acquisition began."""
    day, time, zone = (_text(dataset, key) for key in ("AcquisitionDate", "AcquisitionTime", "TimezoneOffsetFromUTC"))
    text = _text(dataset, "AcquisitionDateTime") or (day and f"{day}{time}")
    if text == UNKNOWN_TIME:
        return None
    stamp = _STAMP.fullmatch(text)
    if not stamp:
        return _parse_date(text) or text
    try:
        when = datetime.strptime(f"{stamp[1]}{stamp[2] or '00'}{stamp[3] or 0}", "%Y%m%d%H%M%S%f")
        offset = stamp[4] or zone
        return when.replace(tzinfo=datetime.strptime(offset, "%z").tzinfo) if offset else when
    except ValueError:
        return text


def _text(dataset: Dataset, keyword: str) -> str:
    try:
        return str(dataset.get(keyword) or "")[:64].strip(" \0")
    except Exception:  # a damaged element can cause any error, and none of these is needed
        return ""


def _device(dataset: Dataset) -> str | None:
    maker, model, owner, *private = (_text(dataset, key) for key in (*_RECORDER, "PatientName", "PatientID"))
    return device_name(maker, model, private, owner)


def _common(definitions: list[Dataset], keyword: str) -> str | None:
    """Return the value of an element that all channels have in common; None if they differ."""
    values = {_text(definition, keyword) for definition in definitions}
    return values.pop() if len(values) == 1 else None


def _patient(dataset: Dataset) -> Patient:
    sexes: dict[str, Literal["female", "male"]] = {"F": "female", "M": "male"}
    born = _parse_date(dataset.get("PatientBirthDate"))
    age = re.fullmatch(r"(\d{3})([DWMY])", str(dataset.get("PatientAge") or ""))
    years = int(age[1]) * _AGE[age[2]] if age else None
    when = next((day for key in _DATES if (day := _parse_date(dataset.get(key)))), None)
    if years is None and born and when and when >= born:
        years = float(when.year - born.year - ((when.month, when.day) < (born.month, born.day)))
    sex = sexes.get(str(dataset.get("PatientSex") or "").strip().upper())
    name = str(dataset.get("PatientName") or "").replace("^", " ").strip()
    return Patient(
        years if years is None or years < 150 else None, sex, None, str(dataset.get("PatientID") or ""), name, born
    )


def _parse_date(value: object) -> date | None:
    try:
        return datetime.strptime(str(value)[:8], "%Y%m%d").date() if value else None
    except ValueError:
        return None
