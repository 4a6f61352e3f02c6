"""ecgdatakit's parsers, which take paths, over bytes; what they return as a Tracing.

ecgdatakit reads most formats. It rounds sampling rates to whole Hz, reads truncated files as far as they go and writes
such things to Python warnings; the modules beside this one mend that.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import numpy as np
from ecgdatakit.exceptions import ECGDataKitError
from ecgdatakit.models import ECGRecord, Lead, PatientInfo
from ecgdatakit.parsing.parser import Parser

from einthoven.errors import RecordingError
from einthoven.files import explain
from einthoven.readers.quiet import caught_warnings
from einthoven.readers.redact import library_words
from einthoven.readers.tracing import MAX_VALUES, MISSING, Channel, Tracing
from einthoven.recording import Patient

OLDEST = 150
"""Years; an age beyond it is a mistake in the file."""
_YEARS = {"Y": 1, "M": 1 / 12, "W": 7 / 365, "D": 1 / 365, "H": 1 / 8760, "": 1}
"""Of units of an age, by their first letter."""
_OF_PATIENT = re.compile(r"birth|patient", re.IGNORECASE)
_INTERNALS = re.compile(r"[;,]? ?\(?(?:see )?raw_metadata\[[^\][]*\]\)?")


def parse(
    parser: type[Parser], data: bytes, others: Mapping[str, bytes] | None = None, name: str = "recording"
) -> tuple[ECGRecord, list[str]]:
    """What `parser` finds in `data`, a file called `name`, and what it warns of. `others` lie beside that file.

    Raises RecordingError where the parser refuses the file or stumbles over it.
    """
    path = Path(name)
    try:
        with TemporaryDirectory(prefix="einthoven-") as folder, caught_warnings() as caught:
            path = Path(folder, name)
            for file, content in {**(others or {}), name: data}.items():
                Path(folder, file).write_bytes(content)
            record = parser().parse(path)
    except ECGDataKitError as error:
        raise RecordingError(f"is refused: {_sentence(error, path)}") from error
    except MemoryError:
        raise
    except OSError as error:  # of the temporary folder: disk full, no rights
        raise explain(error) from error
    except Exception as error:  # whatever a damaged file makes it stumble over
        raise RecordingError(f"is damaged ({type(error).__name__}); get it again.") from error
    said = [_sentence(warning.message, path) for warning in caught]
    return record, [sentence for sentence in said if not _OF_PATIENT.search(sentence)]


def tracing(
    name: str,
    record: ECGRecord,
    said: list[str],
    rates: Mapping[str, float] | None = None,
    missing: float | None = MISSING,
) -> Tracing:
    """The rhythm leads of `record` in physical units. `rates` gives exact rates in Hz for those that are not whole.

    `missing` is the stored value that stands for no sample.
    """
    if sum(len(lead.samples) for lead in record.leads) > MAX_VALUES:
        raise RecordingError(f"has more than {MAX_VALUES:,} values; cut the recording into parts.")
    channels = [_channel(lead, (rates or {}).get(lead.label, lead.sampling_rate), missing) for lead in record.leads]
    return Tracing(name, channels, patient(record.patient, record.raw_metadata), said)


def patient(info: PatientInfo, raw: Mapping[str, Any]) -> Patient:
    """What ecgdatakit found out about the patient, doubtful ages left out; `raw` may hold one in other units."""
    age = None if info.age is None else float(info.age)
    if age is None and isinstance(stated := raw.get("age"), Mapping):
        age = number(stated["value"]) * _YEARS.get(stated["units"][:1].upper(), 0) or None
    if age is not None and not 0 <= age < OLDEST:
        age = None
    sexes: dict[str, Literal["female", "male"]] = {"F": "female", "M": "male"}
    name = " ".join(part for part in (info.first_name, info.last_name) if part)
    born = info.birth_date.date() if info.birth_date else None
    return Patient(age, sexes.get(info.sex), info.has_pacemaker, info.patient_id, name, born)


def _channel(lead: Lead, rate: float, missing: float | None) -> Channel:
    values, unit = lead.samples, lead.units
    if missing is not None:
        values = np.where(values == missing, np.nan, values)
    if lead.is_raw:
        unit = lead.resolution_unit if lead.resolution else ""
        with np.errstate(over="ignore", invalid="ignore"):
            values = values * lead.resolution + lead.offset
    return Channel(lead.label, values, rate, unit, int(lead.annotations.get("start_sample", 1)) - 1)


def _sentence(message: object, path: Path) -> str:
    """ecgdatakit's words without the place of the temporary file, and without what may be a name."""
    text = str(message)[:1000]
    for place in (f" in {path}", f" of {path}", f"{path.parent}/", f" of {path.name}", f" in {path.name}"):
        text = text.replace(place, "")
    text = library_words(_INTERNALS.sub("", " ".join(text.split())))
    return text if text.endswith(".") else f"{text}."


def number(text: str | None) -> float:
    """The number that `text` is; 0 where it is none, or larger than anything in an ECG."""
    try:
        found = float(text or 0)
    except ValueError:
        return 0.0
    return found if abs(found) < 1e12 else 0.0
