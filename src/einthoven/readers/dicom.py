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
from einthoven.readers.dicom_file import read_elements
from einthoven.readers.dicom_groups import select_rhythm
from einthoven.readers.tracing import Tracing
from einthoven.readers.warning_capture import capture_warnings
from einthoven.recording import Patient

_DATES = ("AcquisitionDateTime", "AcquisitionDate", "ContentDate", "StudyDate")
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


def is_dicom(data: bytes) -> bool:
    """Return whether a file begins like DICOM.

    Parameters
    ----------
    data
        Content of the file.

    Returns
    -------
    bool
        True also for a file without preamble.
    """
    if data[128:132] == b"DICM":
        return True
    explicit = data[4:6] in (b"UL", b"CS", b"UI", b"DA")
    implicit = data[:2] == b"\x08\0" and data[3:4] == b"\0" and data[5:8] == b"\0\0\0" and len(data) >= 256
    return (explicit and data[:2] in (b"\x02\0", b"\x08\0", b"\0\x08")) or implicit


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
            return _read(read_elements(data, (*_NEEDED, *_DATES)))
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
    return Tracing("DICOM", [channel for group in groups for channel in group.channels()], _patient(dataset), warnings)


def _kind(dataset: Dataset) -> str:
    """Return what the file is, by the standard's name of its SOP class; never the text of an unknown one."""
    uid = dataset.get("SOPClassUID")
    return uid.name if isinstance(uid, UID) and uid.name != uid else "file"


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
