"""The same tracing comes back from every format, as the same Recording."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import writers
from numpy.typing import NDArray

import einthoven
from einthoven.readers.sources import Source
from einthoven.recording import LEADS

Signal = NDArray[np.int16]
CSV = ",".join(f"{lead} (µV)" for lead in LEADS)
WRITERS: dict[str, tuple[str, Callable[[Signal], Source], dict[str, object]]] = {
    "wfdb": ("WFDB", lambda s: writers.wfdb(s, 500), {}),
    "challenge": ("WFDB", lambda s: writers.challenge(s, 500), {}),
    "dicom": ("DICOM", lambda s: writers.dicom(s, 500), {}),
    "scp": ("SCP-ECG", lambda s: writers.scp(s, 500), {}),
    "aecg": ("HL7 aECG", lambda s: writers.aecg(s, 500), {}),
    "muse": ("GE MUSE XML", lambda s: writers.muse(s, 500), {}),
    "sierra": ("Philips Sierra XML", lambda s: writers.sierra(s, 500), {}),
    "sierra-utf16": ("Philips Sierra XML", lambda s: writers.sierra(s, 500, "1.04.01", "utf-16"), {}),
    "mortara": ("Mortara", lambda s: writers.mortara(s, 500), {}),
    "edf": ("EDF", lambda s: writers.edf(s, 500), {}),
    "edf+": ("EDF", lambda s: writers.edf(s, 500, onsets=range(10)), {}),
    "mfer": ("MFER", lambda s: writers.mfer(s, 500), {}),
    "ishne": ("ISHNE", lambda s: writers.ishne(s, 500), {}),
    "csv": ("CSV", lambda s: writers.csv(s, 500), {"rate": 500}),
    "csv-time": ("CSV", lambda s: writers.csv(s, 500, f"time,{CSV}"), {}),
    "npy": ("NPY", writers.npy, {"rate": 500, "unit": "uV"}),
    "npy-leads-first": ("NPY", lambda s: writers.npy(s.T / 1000), {"rate": 500, "unit": "mV"}),
    "flac": ("WFDB", lambda s: writers.flac(s, 500), {}),
    "cardiosoft": ("GE CardioSoft XML", lambda s: writers.cardiosoft(s, 500), {}),
    "schiller": ("Schiller XML", lambda s: writers.schiller(s, 500), {}),
    "matlab": ("MATLAB", lambda s: writers.matlab({"val": s.T, "fs": 500, "unit": "uV"}), {}),
    "zip": ("WFDB", lambda s: writers.zipped(writers.wfdb(s, 500)), {}),
    "parquet": ("Parquet", writers.parquet, {"rate": 500, "unit": "uV"}),
}


@pytest.mark.parametrize("name", WRITERS)
def test_the_tracing_comes_back(name: str, ecg: Signal, tmp_path: Path) -> None:
    format, write, options = WRITERS[name]
    source = write(ecg)
    recording = einthoven.read(source, **options)
    np.testing.assert_allclose(recording.signal, ecg.T / 1000, atol=0.0011 if name == "muse" else 1e-5)
    assert recording.signal.dtype == np.float32
    assert (recording.format, recording.rate, recording.leads) == (format, 500, LEADS)
    assert recording.derived_leads == (("III", "aVR", "aVL", "aVF") if name == "muse" else ())
    assert recording.warnings == ()

    files = source if isinstance(source, dict) else {"recording": source}
    for file, content in files.items():
        (tmp_path / file).write_bytes(content)
    again = einthoven.read(tmp_path / next(iter(files)), **options)
    assert np.array_equal(again.signal, recording.signal)
    assert again.source == str(tmp_path / next(iter(files)))


@pytest.mark.parametrize("name", ["dicom", "scp", "muse", "challenge", "ishne"])
def test_age_and_sex_come_along(name: str, ecg: Signal) -> None:
    patient = einthoven.read(WRITERS[name][1](ecg)).patient
    assert (patient.age, patient.sex) == {"challenge": (74, "male"), "ishne": (63, "female")}.get(name, (63, "female"))


@pytest.mark.parametrize("name", ["dicom", "ishne"])
def test_who_the_patient_is_stays_out_of_the_repr(name: str, ecg: Signal) -> None:
    recording = einthoven.read(WRITERS[name][1](ecg))
    assert (recording.patient.id, recording.patient.name.split()[-1]) == ("4711", "Jane" if name == "dicom" else "Doe")
    assert not any(secret in repr(recording) for secret in ("4711", "Jane", "Doe", "1960"))


@pytest.mark.parametrize("write", [writers.aecg, writers.muse])
def test_the_representative_beat_is_never_taken(write: Callable[..., bytes], ecg: Signal) -> None:
    recording = einthoven.read(write(ecg, 500, beat=ecg[:600] // 2))
    np.testing.assert_allclose(recording.signal, ecg.T / 1000, atol=0.0011)


def test_a_file_with_representative_beats_alone_is_refused(ecg: Signal) -> None:
    only_beats = writers.muse(ecg, 500).replace(b"Rhythm", b"Median")
    with pytest.raises(einthoven.RecordingError, match="No rhythm"):
        einthoven.read(only_beats)


def test_a_subtracted_reference_beat_is_added_back(ecg: Signal) -> None:
    recording = einthoven.read(writers.scp(ecg, 500, beat=ecg[1000:1300], at=2001))
    np.testing.assert_allclose(recording.signal, ecg.T / 1000, atol=1e-5)


def test_600_hz_written_as_1667_microseconds_is_600_hz(ecg: Signal) -> None:
    assert einthoven.read(writers.scp(ecg, 600)).rate == 600
    assert einthoven.read(writers.aecg(ecg, 599.88)).rate == 600


def test_rates_that_are_not_whole_stay_exact(ecg: Signal) -> None:
    assert einthoven.read(writers.wfdb(ecg, 257.5)).rate == 257.5
    assert einthoven.read(writers.dicom(ecg, 249.5)).rate == 249.5
    assert einthoven.read(writers.aecg(ecg, 128.5)).rate == pytest.approx(128.5)
