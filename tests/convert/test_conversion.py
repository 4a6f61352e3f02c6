"""What is read from a written file equals what was written, within the resolution of the format."""

import shutil
import subprocess
import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pyedflib
import pytest
import wfdb
from fhir.resources.R4B.observation import Observation
from hypothesis import given, settings

import einthoven
from convert.recordings import recordings
from einthoven.convert.channels import all_leads
from einthoven.convert.formats import FORMATS
from einthoven.errors import EinthovenError
from einthoven.recording import LEADS, Recording, RecordingWarning

READABLE = ("dicom", "wfdb", "wfdb-flac", "aecg", "edf", "csv", "parquet")
EXAMPLES = settings(max_examples=6)


def same_samples(read: Recording, written: Recording, tolerance: float) -> None:
    """Every lead that was written is read, each sample within half a unit, or the rounding of single precision."""
    samples, expected = all_leads(read), all_leads(written)
    assert set(expected) <= set(samples)
    for lead, values in expected.items():
        peak = float(np.abs(values).max())
        unit = 0 if tolerance == 0 else max(1e-4, 5 * peak / 32767)
        got = samples[lead][: len(values)]
        assert len(got) == len(values)
        assert np.abs(got - values).max() <= unit / 2 + 2e-7 * peak
        assert np.all(samples[lead][len(values) :] == samples[lead][len(values) - 1])  # EDF's last data record


@pytest.mark.parametrize("name", READABLE)
@given(recording=recordings())
@EXAMPLES
def test_a_written_file_reads_as_what_was_written(name: str, recording: Recording) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"ecg{FORMATS[name].suffix}")
        not_kept = einthoven.write(recording, path, name)
        read = einthoven.read(path)
    same_samples(read, recording, 0 if name in ("csv", "parquet") else 1)
    assert read.rate == pytest.approx(recording.rate, rel=2e-6)
    patient, expected = read.patient, recording.patient
    kept = FORMATS[name].keeps
    assert patient.sex == (expected.sex if "sex" in kept else None)
    if "age" in kept and (expected.age is not None or not expected.birth_date):
        assert patient.age == expected.age
    if "patient ID" in kept:
        assert (patient.id, patient.birth_date) == (expected.id, expected.birth_date)
        if not any("letters" in fact for fact in not_kept):
            assert patient.name == expected.name
    if "time zone" in kept:
        assert read.recorded_at == recording.recorded_at
    elif "time of the recording" in kept and recording.recorded_at:
        assert read.recorded_at == recording.recorded_at.replace(tzinfo=None)
    if "recorder" in kept:
        assert read.device == recording.device
    if "filters" in kept:
        assert read.filters == recording.filters
    if "pacing spikes" in kept:
        assert read.pacing_spikes_s == pytest.approx(recording.pacing_spikes_s, abs=1 / recording.rate)
    assert {warning.code for warning in read.warnings} <= {"recording-time", "limb-leads-contradict"}


@given(recording=recordings())
@settings(max_examples=15)
def test_nothing_is_lost_without_a_word(recording: Recording) -> None:
    facts = {"name": recording.patient.name, "patient ID": recording.patient.id, "filters": recording.filters}
    facts |= {"pacing spikes": recording.pacing_spikes_s, "supplemental leads": recording.supplemental}
    for format in FORMATS.values():
        lost = format.lost(recording)
        assert {fact for fact, value in facts.items() if value} - format.keeps <= set(lost)  # type: ignore[operator]
        assert not format.keeps.intersection(lost)


@given(recording=recordings())
@EXAMPLES
def test_other_programs_read_wfdb(recording: Recording) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("wfdb", "wfdb-flac"):
            einthoven.write(recording, Path(folder, f"{name}.hea"), name)
            record = wfdb.rdrecord(str(Path(folder, name)))
            for lead, values in all_leads(recording).items():
                column = record.p_signal[:, record.sig_name.index(lead)]
                assert np.abs(column - values).max() <= max(1e-4, 5 * np.abs(values).max() / 32767) / 2 + 1e-5
            if recording.recorded_at:
                assert record.base_datetime == recording.recorded_at.replace(tzinfo=None)


@given(recording=recordings())
@EXAMPLES
def test_other_programs_read_edf(recording: Recording) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "ecg.edf")
        einthoven.write(recording, path)
        with pyedflib.EdfReader(str(path)) as reader:
            labels = reader.getSignalLabels()
            assert reader.filetype == pyedflib.FILETYPE_EDFPLUS
            for lead, values in all_leads(recording).items():
                got = reader.readSignal(labels.index(f"ECG {lead}"))[: len(values)] / 1000
                assert np.abs(got - values).max() <= max(1e-4, 5 * np.abs(values).max() / 32767) / 2 + 1e-5


@pytest.mark.skipif(not shutil.which("dciodvfy"), reason="dicom3tools are not installed")
@given(recording=recordings())
@settings(max_examples=5)
def test_dicom_validates(recording: Recording) -> None:
    recording = replace(recording, rate=min(recording.rate, 1000.0))  # dciodvfy does not know the 32-bit ECG yet
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "ecg.dcm")
        einthoven.write(recording, path)
        verdict = subprocess.run(["dciodvfy", path], capture_output=True, text=True, check=False)
        assert "Error" not in verdict.stderr, verdict.stderr
        if shutil.which("dcmdump"):
            subprocess.run(["dcmdump", path], capture_output=True, check=True)


@given(recording=recordings())
@EXAMPLES
def test_fhir_validates_and_holds_the_samples(recording: Recording) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "ecg.json")
        einthoven.write(recording, path)
        observation = Observation.model_validate_json(path.read_bytes())
        again = einthoven.read(path)
    same_samples(again, recording, 1)
    patient, expected = again.patient, recording.patient
    assert (patient.sex, patient.birth_date, patient.id) == (expected.sex, expected.birth_date, expected.id)
    assert again.rate == pytest.approx(recording.rate, rel=2e-6)
    leads = {part.code.text: part.valueSampledData for part in observation.component if part.valueSampledData}
    for lead, values in all_leads(recording).items():
        data = leads[f"Lead {lead}"]
        got = np.array(data.data.split(), float) * float(data.factor) / 1000
        assert np.abs(got - values).max() <= max(1e-4, 5 * np.abs(values).max() / 32767) / 2 + 1e-5
        assert 1000 / float(data.period) == pytest.approx(recording.rate)


# The order of elements in the schema PORT_MT020001; the schema itself is not free to copy.
ORDER = {
    "AnnotatedECG": "id code effectiveTime componentOf controlVariable component",
    "timepointEvent": "componentOf",
    "subjectAssignment": "subject componentOf",
    "trialSubject": "id subjectDemographicPerson",
    "subjectDemographicPerson": "name administrativeGenderCode birthTime",
    "relatedObservation": "code value",
    "series": "code effectiveTime author controlVariable component",
    "controlVariable": "controlVariable relatedObservation code value component",
    "sequenceSet": "component",
    "sequence": "code value",
    "value": "head increment origin scale digits",
}


@given(recording=recordings())
@EXAMPLES
def test_aecg_has_the_order_of_the_schema(recording: Recording) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "ecg.xml")
        einthoven.write(recording, path)
        root = ElementTree.parse(path).getroot()
    for element in root.iter():
        name = element.tag.split("}")[1]
        children = [child.tag.split("}")[1] for child in element]
        if name in ORDER:
            order = ORDER[name].split()
            assert children == sorted(children, key=order.index)
    assert root.find("{*}componentOf/{*}timepointEvent/{*}componentOf/{*}subjectAssignment/{*}subject") is not None


def test_the_resolution_is_the_finest_that_fits() -> None:
    peaks = {"I": 0.0, "II": 3.2, "III": 3.3, "aVR": 32.0, "aVL": 500.0}
    signal = np.zeros((5, 1500), np.float32)
    signal[:, 700] = list(peaks.values())
    files = FORMATS["wfdb"].encode(Recording(signal, 500, LEADS[:5]), "x").files
    gains = [line.split()[2] for line in files["x.hea"].decode().splitlines()[1:]]
    assert gains == ["10000(0)/mV", "10000(0)/mV", "5000(0)/mV", "1000(0)/mV", "50(0)/mV"]


def test_the_same_recording_gives_the_same_file() -> None:
    recording = einthoven.examples.recording("inferior-infarct")
    for format in FORMATS.values():
        assert format.encode(recording, "x") == format.encode(recording, "x")


def test_a_long_recording_and_odd_rates(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).normal(0, 1, (12, 17_001)).astype(np.float32)
    for rate in (128.5, 500.0, 1200.0):
        recording = Recording(noise, rate, LEADS)
        for name in ("dicom", "edf", "aecg", "wfdb"):
            path = tmp_path / f"{name}-{rate:.0f}{FORMATS[name].suffix}"
            einthoven.write(recording, path, name)
            read = einthoven.read(path)
            same_samples(read, recording, 1)
            assert read.rate == pytest.approx(rate, rel=2e-6)


def test_what_was_simulated_or_not_recorded_is_said() -> None:
    warnings = (RecordingWarning("simulated", "."), RecordingWarning("signal-gap", "."))
    recording = Recording(np.ones((12, 1500), np.float32), 500, LEADS, derived_leads=("III",), warnings=warnings)
    assert FORMATS["wfdb"].lost(recording) == ["which leads were derived", "which parts were not recorded"]
    assert "that it is simulated" in FORMATS["edf"].lost(recording)


def test_age_of_an_infant(tmp_path: Path) -> None:
    recording = einthoven.examples.recording("inferior-infarct")
    for age, expected in ((0.02, 7 / 365.25), (0.5, 0.5), (1.9, 22 / 12), (45.9, 45)):
        path = tmp_path / f"{age}.dcm"
        einthoven.write(replace(recording, patient=replace(recording.patient, age=age)), path)
        assert einthoven.read(path).patient.age == pytest.approx(expected)


def test_a_time_keeps_its_fraction(tmp_path: Path) -> None:
    recording = einthoven.examples.recording("inferior-infarct")
    when = datetime(2024, 2, 29, 23, 59, 59) + timedelta(microseconds=250_000)
    for name in ("dicom", "wfdb", "aecg", "edf", "csv"):
        path = tmp_path / f"x{FORMATS[name].suffix}"
        einthoven.write(replace(recording, recorded_at=when), path, name)
        assert einthoven.read(path).recorded_at == when, name


def test_refusals(tmp_path: Path) -> None:
    recording = einthoven.examples.recording("inferior-infarct")
    for name, format, words in (
        ("ecg.doc", None, "end it in"),
        ("ecg.edf", "wfdb", "not of WFDB"),
        ("ecg", "wfdb", ".hea"),
        ("my ecg.hea", None, "my_ecg.hea"),
        ("ecg.dcm", "mp3", "not a format"),
    ):
        with pytest.raises(EinthovenError, match=words):
            einthoven.write(recording, tmp_path / name, format)
    assert not list(tmp_path.iterdir())
    einthoven.write(recording, tmp_path / "ecg", "dicom")  # DICOM files often have no suffix
    assert einthoven.read(tmp_path / "ecg").leads == LEADS


def test_another_recording_is_never_replaced(tmp_path: Path) -> None:
    recording = einthoven.examples.recording("inferior-infarct")
    other = replace(recording, signal=-recording.signal)
    for name, format in FORMATS.items():
        path = tmp_path / f"{name}{format.suffix}"
        einthoven.write(recording, path, name)
        before = path.read_bytes()
        einthoven.write(recording, path, name)  # the same is no harm
        if name != "fhir":
            with pytest.raises(EinthovenError, match="does not replace"):
                einthoven.write(other, path, name)
            assert path.read_bytes() == before
    assert not list(tmp_path.glob("*.part"))
