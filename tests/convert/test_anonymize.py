"""Nothing that identifies a patient is left in a converted file."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

import einthoven
from convert.recordings import named
from einthoven.convert.anonymize import MAX_SHIFT_DAYS, anonymize, read_key
from einthoven.convert.formats import FORMATS
from einthoven.errors import EinthovenError

KEY = b"0123456789abcdef"
IDENTITY = ("Waltraud", "Zimmermann", "471112", "1930-05-17", "19300517", "MAY-1930")
IDENTITY += ("2023-07-19", "20230719", "19/07/2023", "19.07.23", "JUL-2023")


@pytest.mark.parametrize("key", [None, KEY])
@pytest.mark.parametrize("name", FORMATS)
def test_no_byte_of_identity_is_left(tmp_path: Path, name: str, key: bytes | None) -> None:
    path = tmp_path / f"a{FORMATS[name].suffix}"
    recording = named(einthoven.examples.recording("inferior-infarct"))
    shown = b"".join(FORMATS["aecg"].encode(recording, "x").files.values())
    assert all(word.encode() in shown for word in ("Waltraud", "471112", "20230719"))  # the test can fail
    einthoven.write(anonymize(recording, key), path, name)
    data = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    for word in IDENTITY:
        assert word.encode() not in data
    if name in ("dicom", "wfdb", "aecg"):
        patient = einthoven.read(path).patient
        assert (patient.age, patient.sex, patient.name, patient.birth_date) == (90, "female", "", None)


def test_recordings_of_a_patient_stay_linked() -> None:
    first = named(einthoven.examples.recording("inferior-infarct"))
    later = replace(first, recorded_at=datetime(2024, 1, 1, 8, 30))
    other = replace(first, patient=replace(first.patient, id="HOSP-2"))
    assert first.recorded_at
    a, b, c = (anonymize(recording, KEY) for recording in (first, later, other))
    assert a.recorded_at
    assert b.recorded_at
    assert a.patient.id == b.patient.id != c.patient.id
    assert b.recorded_at - a.recorded_at == datetime(2024, 1, 1, 8, 30) - first.recorded_at
    assert a.recorded_at.time() == first.recorded_at.time()
    assert 1 <= (first.recorded_at - a.recorded_at).days <= MAX_SHIFT_DAYS
    assert anonymize(first, b"another key, 16+").patient.id != a.patient.id


def test_without_a_key_or_an_identity_the_time_is_dropped() -> None:
    recording = named(einthoven.examples.recording("inferior-infarct"))
    unknown = replace(recording, patient=einthoven.recording.Patient(age=40.0))
    for anonymous in (anonymize(recording), anonymize(unknown, KEY)):
        assert anonymous.recorded_at is None
        assert anonymous.patient.id == ""
    assert anonymize(unknown).patient.age == 40


def test_a_key_is_a_secret(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(KEY + b"\n")
    assert read_key(path) == KEY
    path.write_bytes(b"secret\n")
    with pytest.raises(EinthovenError, match="holds 6 bytes"):
        read_key(path)
    with pytest.raises(EinthovenError, match="not found"):
        read_key(tmp_path / "none")
