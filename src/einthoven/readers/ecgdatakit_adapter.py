"""ecgdatakit's parsers, which take paths, on bytes; what they return as a Tracing.

ecgdatakit reads most formats. It rounds sampling rates to whole Hz, reads truncated files as far as they go and writes
such things to Python warnings; the modules beside this one mend that.
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
from einthoven.readers.redact import redact_library_text
from einthoven.readers.tracing import MISSING, Channel, Tracing, check_count
from einthoven.readers.warning_capture import capture_warnings
from einthoven.recording import Patient, RecordingWarning, WarningCode

MAX_AGE = 150
"""Years; an age beyond it is a mistake in the file."""
_DESCRIPTORS = ("/proc/self/fd", "/dev/fd")
"""Where systems give the files that a process has open a path."""
_YEARS = {"Y": 1, "M": 1 / 12, "W": 7 / 365, "D": 1 / 365, "H": 1 / 8760, "": 1}
"""Of units of an age, by their first letter."""
_OF_PATIENT = re.compile(r"birth|patient", re.IGNORECASE)
_INTERNALS = re.compile(r"[;,]? ?\(?(?:see )?raw_metadata\[[^\][]*\]\)?")


def parse(parser: type[Parser], data: bytes) -> tuple[ECGRecord, list[RecordingWarning]]:
    """Parse `data` with one of ecgdatakit's parsers.

    Returns
    -------
    What the parser found, and the sentences that it warned with.

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
        raise RecordingError(f"is refused: {_sentence(error, path)}") from error
    except (MemoryError, RecordingError):
        raise
    except OSError as error:
        raise explain(error) from error
    except Exception as error:  # whatever a damaged file makes it stumble over
        raise RecordingError(f"is damaged ({type(error).__name__}); get it again.") from error
    said = [_warning(warning, path) for warning in caught]
    return record, [warning for warning in said if not _OF_PATIENT.search(warning.text)]


def _warning(caught: WarningMessage, path: Path) -> RecordingWarning:
    code: WarningCode = "wrong-checksum" if issubclass(caught.category, ChecksumWarning) else "parser"
    return RecordingWarning(code, _sentence(caught.message, path))


@contextmanager
def _path_to(data: bytes) -> Iterator[Path]:
    """Give a path that `data` can be read from, without a file that could outlive this process.

    Recordings hold the patient's name. The path therefore leads to an open descriptor of memory (Linux) or of a file
    without a name (macOS). Windows has neither: there it leads to a file in a private folder.
    """
    descriptors = next(filter(os.path.isdir, _DESCRIPTORS), None)
    if descriptors:
        with _unnamed_file() as file:
            file.write(data)
            file.seek(0)  # writes what is buffered; on macOS, who opens the path also shares the position
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


def tracing(
    name: str,
    record: ECGRecord,
    said: list[RecordingWarning],
    rates: Mapping[str, float] | None = None,
    missing: float | None = MISSING,
) -> Tracing:
    """The rhythm leads of `record` in physical units. `rates` gives exact rates in Hz for those that are not whole.

    `missing` is the stored value that stands for no sample.
    """
    check_count(sum(len(lead.samples) for lead in record.leads))
    channels = [_channel(lead, (rates or {}).get(lead.label, lead.sampling_rate), missing) for lead in record.leads]
    return Tracing(name, channels, patient(record.patient, record.raw_metadata), said)


def patient(info: PatientInfo, raw: Mapping[str, Any]) -> Patient:
    """What ecgdatakit found out about the patient, doubtful ages left out; `raw` may hold one in other units."""
    age = None if info.age is None else float(info.age)
    if age is None and isinstance(stated := raw.get("age"), Mapping):
        age = number(stated["value"]) * _YEARS.get(stated["units"][:1].upper(), 0) or None
    if age is not None and not 0 <= age < MAX_AGE:
        age = None
    sexes: dict[str, Literal["female", "male"]] = {"F": "female", "M": "male"}
    name = " ".join(part for part in (info.first_name, info.last_name) if part)
    born = info.birth_date.date() if info.birth_date else None
    return Patient(age, sexes.get(info.sex), info.has_pacemaker, info.patient_id, name, born)


def _channel(lead: Lead, rate: float, missing: float | None) -> Channel:
    values, unit = lead.samples.astype(np.float64, copy=False), lead.units  # changed in place: recordings can be long
    if missing is not None:
        values[values == missing] = np.nan
    if lead.is_raw:
        unit = lead.resolution_unit if lead.resolution else ""
        values *= lead.resolution
        values += lead.offset
    return Channel(lead.label, values, rate, unit, int(lead.annotations.get("start_sample", 1)) - 1)


def _sentence(message: object, path: Path) -> str:
    """ecgdatakit's words without the path that it read from, and without what may be a name."""
    text = str(message)[:1000]
    for word in ("in", "of"):
        text = text.replace(f" {word} {path}", "")
        for before in ")d":  # "... (4 leads) of 5", "... not supported in 5"
            text = text[: -len(f" {word} {path.name}")] if text.endswith(f"{before} {word} {path.name}") else text
    text = redact_library_text(_INTERNALS.sub("", " ".join(text.split())))
    return text if text.endswith(".") else f"{text}."


def number(text: str | None) -> float:
    """The number that `text` is; 0 where it is none, or larger than anything in an ECG."""
    try:
        found = float(text or 0)
    except ValueError:
        return 0.0
    return found if abs(found) < 1e12 else 0.0
