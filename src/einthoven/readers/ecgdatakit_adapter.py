"""Run ecgdatakit's parsers, which take paths, on bytes, and convert what they return to a Tracing.

ecgdatakit reads most formats. It rounds sampling rates to whole Hz, reads truncated files as far as they go and reports
such things as Python warnings; the modules of each format correct that.
"""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import IO, Any, Literal
from warnings import WarningMessage

import numpy as np
from ecgdatakit.exceptions import ChecksumWarning, ECGDataKitError
from ecgdatakit.models import ECGRecord, Lead, PatientInfo
from ecgdatakit.parsing.parser import Parser

from einthoven.errors import RecordingError
from einthoven.files import explain
from einthoven.readers.acquisition import Acquisition, device_name, make_filters, parse_iso_time
from einthoven.readers.redact import redact_library_text
from einthoven.readers.tracing import MAX_AGE, MISSING, Channel, Tracing, check_count
from einthoven.readers.warning_capture import capture_warnings
from einthoven.recording import Patient, RecordingWarning, WarningCode

_DESCRIPTORS = ("/proc/self/fd", "/dev/fd")
"""Folders in which systems show a process its open files."""
_YEARS = {"Y": 1, "M": 1 / 12, "W": 7 / 365, "D": 1 / 365, "H": 1 / 8760, "": 1}
"""Units of an age in years, by their first letter."""
# The library gives its warnings no category. Those about the patient may quote a name.
_ABOUT_PATIENT = re.compile(r"birth|patient", re.IGNORECASE)
_INTERNALS = re.compile(r"[;,]? ?\(?(?:see )?raw_metadata\[[^\][]*\]\)?")


def parse(parser: type[Parser], data: bytes) -> tuple[ECGRecord, list[RecordingWarning]]:
    """Parse a file with one of ecgdatakit's parsers.

    Parameters
    ----------
    parser
        The parser's class.
    data
        Content of the file.

    Returns
    -------
    record : ECGRecord
        The record that the parser returns.
    warnings : list of RecordingWarning
        The parser's warnings, without those about the patient.

    Raises
    ------
    RecordingError
        If the parser refuses the data or fails.
    EinthovenError
        If the system has no file descriptor or no memory for the parser.
    """
    try:
        with capture_warnings() as caught, _path_to(data) as path:
            record = parser().parse(path)
    except ECGDataKitError as error:
        raise RecordingError(f"is refused: {_to_sentence(error, path)}") from error
    except (MemoryError, RecordingError):
        raise
    except OSError as error:
        raise explain(error) from error
    except Exception as error:  # a damaged file can cause any error in the parser
        raise RecordingError(f"is damaged ({type(error).__name__}); get it again.") from error
    warnings = [_to_warning(warning, path) for warning in caught]
    return record, [warning for warning in warnings if not _ABOUT_PATIENT.search(warning.text)]


def _to_warning(caught: WarningMessage, path: Path) -> RecordingWarning:
    code: WarningCode = "wrong-checksum" if issubclass(caught.category, ChecksumWarning) else "parser"
    return RecordingWarning(code, _to_sentence(caught.message, path))


@contextmanager
def _path_to(data: bytes) -> Iterator[Path]:
    """Yield a path that `data` can be read from, without a file that could outlive this process.

    Recordings hold the patient's name. The path therefore leads to an open descriptor of memory (Linux) or of a file
    without a name (macOS). Windows has neither: there it leads to a file in a private folder.
    """
    descriptors = next(filter(os.path.isdir, _DESCRIPTORS), None)
    if descriptors:
        with _unnamed_file() as file:
            file.write(data)
            file.seek(0)  # flushes; on macOS, opening the path also shares the position
            yield Path(descriptors, str(file.fileno()))
    else:
        with TemporaryDirectory(prefix="einthoven-") as folder:
            path = Path(folder, "recording")
            path.write_bytes(data)
            yield path


def _unnamed_file() -> IO[bytes]:
    with suppress(AttributeError, OSError):  # not on macOS, nor where a sandbox forbids it
        return os.fdopen(os.memfd_create("recording"), "w+b")
    return TemporaryFile()


def to_tracing(
    name: str,
    record: ECGRecord,
    warnings: list[RecordingWarning],
    rates: Mapping[str, float] | None = None,
    missing: float | None = MISSING,
) -> Tracing:
    """Return the rhythm leads of a record in physical units.

    Parameters
    ----------
    name
        Name of the format.
    record
        ecgdatakit's result.
    warnings
        Warnings of the tracing.
    rates
        Exact rates in Hz, by lead, of those that are not whole.
    missing
        Stored value that represents a missing sample; None if there is none.

    Returns
    -------
    Tracing
        All leads, the patient, and how they were recorded.

    Raises
    ------
    RecordingError
        If the record has too many samples.
    """
    check_count(sum(len(lead.samples) for lead in record.leads))
    channels = [_channel(lead, (rates or {}).get(lead.label, lead.sampling_rate), missing) for lead in record.leads]
    return Tracing(name, channels, _to_patient(record.patient, record.raw_metadata), warnings, _to_acquisition(record))


def _to_patient(info: PatientInfo, raw: Mapping[str, Any]) -> Patient:
    """Return the patient data that ecgdatakit found, without doubtful ages; `raw` may hold an age in other units."""
    age = None if info.age is None else float(info.age)
    if age is None and isinstance(stated := raw.get("age"), Mapping):
        age = parse_number(stated["value"]) * _YEARS.get(stated["units"][:1].upper(), 0) or None
    if age is not None and not 0 <= age < MAX_AGE:
        age = None
    sexes: dict[str, Literal["female", "male"]] = {"F": "female", "M": "male"}
    name = " ".join(part for part in (info.first_name, info.last_name) if part)
    born = info.birth_date.date() if info.birth_date else None
    return Patient(age, sexes.get(info.sex), info.has_pacemaker, info.patient_id, name, born)


def _to_acquisition(record: ECGRecord) -> Acquisition:
    """Return the acquisition details that ecgdatakit found, without names of persons or institutions."""
    info, patient = record.recording, record.patient
    device, filters = info.device, info.acquisition.filters
    persons = (patient.first_name, patient.last_name, patient.patient_id, info.technician, info.referring_physician)
    return Acquisition(
        time=info.date or parse_iso_time(record.raw_metadata.get("acquisition_date")),
        device=device_name(device.manufacturer, device.model, (*persons, device.serial_number), device.institution),
        filters=make_filters(
            filters.highpass, filters.lowpass, None if filters.notch_active is False else filters.notch
        ),
    )


def _channel(lead: Lead, rate: float, missing: float | None) -> Channel:
    """Return a lead in physical units: the stored values times the amplitude scale of the file."""
    unit = lead.units
    values = lead.samples.astype(np.float64, copy=False)  # changed in place, since recordings can be long
    if missing is not None:
        values[values == missing] = np.nan
    if lead.is_raw:
        unit = lead.resolution_unit if lead.resolution else ""
        values *= lead.resolution
        values += lead.offset
    return Channel(lead.label, values, rate, unit, int(lead.annotations.get("start_sample", 1)) - 1)


def _to_sentence(message: object, path: Path) -> str:
    """Return ecgdatakit's message without the path of the file, and without what may be a name."""
    text = str(message)[:1000]
    for word in ("in", "of"):
        text = text.replace(f" {word} {path}", "")
        for before in ")d":  # "... (4 leads) of 5", "... not supported in 5"
            text = text[: -len(f" {word} {path.name}")] if text.endswith(f"{before} {word} {path.name}") else text
    text = redact_library_text(_INTERNALS.sub("", " ".join(text.split())))
    return text if text.endswith(".") else f"{text}."


def parse_number(text: str | None) -> float:
    """Convert text to a number.

    Parameters
    ----------
    text
        Number as text, as in the file.

    Returns
    -------
    float
        0 if the text is not a number, or larger than anything in an ECG.
    """
    try:
        value = float(text or 0)
    except ValueError:
        return 0.0
    return value if abs(value) < 1e12 else 0.0
