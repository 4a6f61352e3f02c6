"""Reports are checked by toolkits that are not ours: DCMTK reads them, dicom3tools holds them to the standard."""

import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
from example_results import CRITICAL, FAILED, RECORDED, RECORDING, abstained, answered, without_mi
from pydicom.dataset import Dataset

from einthoven import cli
from einthoven.errors import EinthovenError
from einthoven.interpret.answer import MI_IN_WORDS, Decision
from einthoven.interpret.interpretation import NOTICE, Interpretation
from einthoven.report.dicom import encapsulated_pdf, read_source, write
from einthoven.report.dicom_sr import structured_report
from einthoven.report.formats import result_writer

CREATED = datetime(2026, 1, 2, 3, 4, 5)
PDF = b"%PDF-1.4\n%odd"
Tool = Callable[..., str]


@pytest.fixture
def tool() -> Tool:
    """What a program prints."""

    def run(name: str, *arguments: object) -> str:
        if not shutil.which(name):
            pytest.skip(f"{name} is not installed: apt-get install dcmtk dicom3tools")
        done = subprocess.run([name, *map(str, arguments)], capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    return run


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A recording in DICOM, as far as a report cares."""
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 100"
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.9.1.1", "1.2.3.4"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "1.2.3", "1.2.3.1"
    dataset.PatientName, dataset.PatientID, dataset.PatientSex = "Müller^Änne", "P1", "F"
    dataset.PatientBirthDate, dataset.StudyDate = "19500102", "20260101"
    path = tmp_path / "source.dcm"
    pydicom.dcmwrite(path, dataset, implicit_vr=False, little_endian=True)
    return path


def saved(dataset: Dataset, path: Path) -> Path:
    with path.open("wb") as file:
        write(dataset, file)
    return path


def report(answer: Interpretation, folder: Path, source: Path | None = None) -> Path:
    return saved(structured_report(answer, CREATED, source and read_source(source)), folder / "report.dcm")


@pytest.mark.parametrize("decision", MI_IN_WORDS)
def test_dcmtk_reads_the_infarct_pattern(decision: Decision, tmp_path: Path, tool: Tool) -> None:
    read = tool("dsrdump", "+Pc", "+Pl", report(answered(decision), tmp_path))
    assert f'(MI,99EINTHOVEN,"infarct pattern")=({decision},99EINTHOVEN,"{MI_IN_WORDS[decision]}")' in read
    assert '(122157,DCM,"Probability")="0.5" (1,UCUM,"no units")' in read
    assert '(rule-in-from,99EINTHOVEN,"rule in from")="0.55"' in read
    assert NOTICE in read
    assert "PRELIMINARY" in read
    assert "UNVERIFIED" in read


def test_dcmtk_reads_what_was_found_and_by_what(tmp_path: Path, tool: Tool) -> None:
    lines = tool("dsrdump", "+Pc", "+Pl", report(answered(), tmp_path)).splitlines()
    found = [line.split("=", 1)[1].rstrip(">") for line in lines if '(271921002,SCT,"ECG Finding")' in line]
    assert found == [
        '(CD,99EINTHOVEN,"conduction disturbance")',
        '(49436004,SCT,"Atrial Fibrillation")',
        '(63467002,SCT,"Left bundle branch block")',
        '(LAO/LAE,99EINTHOVEN,"left atrial enlargement")',
    ]
    text = "\n".join(lines)
    assert '(8867-4,LN,"Heart rate")="71.6" (/min,UCUM,"/min")' in text
    assert '(111003,DCM,"Algorithm Version")="2026-01-01"' in text
    assert "ab" * 32 in text
    assert "posterior" not in text  # of low support


def test_dcmtk_reads_the_global_measurements(tmp_path: Path, tool: Tool) -> None:
    answer = answered()
    read = tool("dsrdump", "+Pc", "+Pl", report(answer, tmp_path))
    inside = read[read.index('(122158,DCM,"ECG Global Measurements")') :].splitlines()[1:10]
    names = [line[line.index("NUM:(") + 5 :].split(",")[0] for line in inside if "NUM:(" in line]
    assert names == ["2:16016", "2:16160", "2:15872", "2:16156", "2:16168", "2:15876", "2:15876"]
    assert '(2:16160,MDC,"QT interval global")="399" (ms,UCUM,"ms")' in read
    assert '(2:16168,MDC,"RR interval global")="837.989" (ms,UCUM,"ms")' in read
    assert '(111001,DCM,"Algorithm Name")=(2:15880,MDC,"QTc global using Bazett formula")' in read
    assert '(2:16132,MDC,"QRS axis")="-12" (deg,UCUM,"deg")' in read
    assert answer.measurements
    answer = replace(answer, measurements=replace(answer.measurements, pr_ms=None))  # which the template demands
    read = tool("dsrdump", "+Pc", "+Pl", report(answer, tmp_path))
    assert "ECG Global Measurements" not in read
    assert '(2:16160,MDC,"QT interval global")="399"' in read


def test_dcmtk_reads_what_is_urgent_and_the_leads(tmp_path: Path, tool: Tool) -> None:
    read = tool("dsrdump", "+Pc", "+Pl", report(CRITICAL, tmp_path))
    first, second = CRITICAL.critical[:2]
    assert read.index(f'({first.code},99EINTHOVEN,"{first.name}")') < read.index(f"({second.code},99EINTHOVEN")
    assert read.index(second.code) < read.index('(ACUTE,99EINTHOVEN,"acute infarct pattern")')
    assert '(8884-9,LN,"Cardiac Rhythm")' in read
    lead = read[read.index('(122159,DCM,"ECG Lead Measurements")') :]
    assert '(122148,DCM,"Lead ID")=(2:' in lead
    assert '(2:1024,MDC,"J point Amplitude, per lead")' in lead
    assert '(18810-2,LN,"ECG overall finding")=(102594003,SCT,"Abnormal ECG")' in read


def test_dcmtk_reads_an_abstention(tmp_path: Path, tool: Tool) -> None:
    read = tool("dsrdump", "+Pc", "+Pl", report(abstained(), tmp_path))
    assert '(18810-2,LN,"ECG overall finding")=(122753,DCM,"Non-diagnostic ECG")' in read
    assert "Not interpreted: V2 is flat; V3 is noise." in read
    assert "infarct pattern" not in read


def test_a_model_without_mi_says_nothing_of_it(tmp_path: Path, tool: Tool) -> None:
    read = tool("dsrdump", "+Pc", "+Pl", report(without_mi(), tmp_path))
    assert "(MI," not in read
    assert "Most abnormal from 20 to 50 s" in read


@pytest.mark.parametrize("answer", [answered(), abstained(), without_mi(), CRITICAL])
@pytest.mark.parametrize("joined", [False, True])
def test_dicom3tools_finds_no_error(
    answer: Interpretation, joined: bool, source: Path, tmp_path: Path, tool: Tool
) -> None:
    recording = read_source(source) if joined else None
    for dataset in (structured_report(answer, CREATED, recording), encapsulated_pdf(PDF, answer, CREATED, recording)):
        verdict = tool("dciodvfy", saved(dataset, tmp_path / "report.dcm"))
        assert verdict.split("\n")[0] or "Warning" in verdict  # it did look
        assert "Error" not in verdict, verdict


def test_dcmtk_takes_the_pdf_out_again(tmp_path: Path, tool: Tool) -> None:
    path = saved(encapsulated_pdf(PDF, answered(), CREATED), tmp_path / "report.dcm")
    tool("dcm2pdf", path, tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes() == PDF


def test_what_is_no_pdf() -> None:
    with pytest.raises(EinthovenError, match="not a PDF"):
        encapsulated_pdf(b"<html>", answered(), CREATED)


def test_nobody_is_named_unless_asked(tmp_path: Path) -> None:
    dataset = pydicom.dcmread(report(answered(), tmp_path))
    assert dataset.PatientName == dataset.PatientID == dataset.PatientBirthDate == ""
    assert b"Doe" not in (tmp_path / "report.dcm").read_bytes()
    assert "ContentTemplateSequence" not in dataset


def test_joined_to_the_study_of_its_recording(source: Path, tmp_path: Path, tool: Tool) -> None:
    path = report(answered(), tmp_path, source)
    dataset = pydicom.dcmread(path)
    assert (dataset.PatientName, dataset.PatientID) == ("Müller^Änne", "P1")
    assert (dataset.StudyInstanceUID, dataset.StudyDate) == ("1.2.3", "20260101")
    assert dataset.SeriesInstanceUID != "1.2.3.1"
    evidence = dataset.CurrentRequestedProcedureEvidenceSequence[0].ReferencedSeriesSequence[0]
    assert evidence.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == "1.2.3.4"
    assert "ContentTemplateSequence" not in dataset  # which requires a time
    read = tool("dsrdump", "+Pc", path)
    assert '(121112,DCM,"Source of Measurement")=(TwelveLeadECG' in read


def test_the_time_of_the_recording(tmp_path: Path, tool: Tool) -> None:
    recorded = replace(answered(), recording=RECORDED)
    dataset = structured_report(recorded, CREATED)
    assert dataset.ContentTemplateSequence[0].TemplateIdentifier == "3700"
    page = encapsulated_pdf(PDF, recorded, CREATED)
    assert page.AcquisitionDateTime == "20260101101112+0100"
    local = replace(RECORDED, recorded_at=datetime(2026, 1, 1, 10, 11, 12))
    assert encapsulated_pdf(PDF, replace(recorded, recording=local), CREATED).AcquisitionDateTime == "20260101101112"
    path = saved(dataset, tmp_path / "report.dcm")
    assert "Error" not in tool("dciodvfy", saved(page, tmp_path / "page.dcm"))
    assert "Error" not in tool("dciodvfy", path)
    assert '(122146,DCM,"Procedure DateTime")="20260101101112+0100"' in tool("dsrdump", "+Pc", path)


def test_the_same_arguments_give_the_same_report(source: Path) -> None:
    def uids(answer: Interpretation, created: datetime = CREATED, joined: bool = False) -> tuple[str, str]:
        dataset = structured_report(answer, created, read_source(source) if joined else None)
        return dataset.StudyInstanceUID, dataset.SOPInstanceUID

    first = uids(answered())
    assert first == uids(answered())
    assert first[1] != uids(answered("rule-in"))[1]
    assert first[1] != uids(answered(), joined=True)[1]
    later = uids(answered(), datetime(2026, 1, 3))
    assert (later[0] == first[0], later[1] == first[1]) == (True, False)
    assert encapsulated_pdf(PDF, answered(), CREATED).StudyInstanceUID == first[0]


def test_a_source_that_is_none(source: Path, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no DICOM at all, but long enough to be read as if")
    with pytest.raises(EinthovenError, match="text: "):
        read_source(tmp_path / "text")
    dataset = pydicom.dcmread(source, force=True)
    del dataset.StudyInstanceUID
    pydicom.dcmwrite(source, dataset, implicit_vr=False, little_endian=True)
    with pytest.raises(EinthovenError, match="lacks StudyInstanceUID"):
        read_source(source)


def test_a_source_that_breaks_the_standard(source: Path) -> None:
    data = source.read_bytes()
    source.write_bytes(data.replace(b"19500102", b"2.1.1950"))
    with pytest.raises(EinthovenError, match="its PatientBirthDate violates the DICOM standard") as caught:
        read_source(source)
    assert "1950" not in str(caught.value)


def test_it_writes_one_report_to_a_file() -> None:
    file = BytesIO()
    result_writer("dicom-sr")([answered()], file, None)  # type: ignore[arg-type]
    assert pydicom.dcmread(BytesIO(file.getvalue())).Modality == "SR"
    for answers, words in (([answered(), answered()], "one recording"), ([FAILED], "ecg.xml: is refused")):
        with pytest.raises(EinthovenError, match=words):
            result_writer("dicom-sr")(answers, file, None)  # type: ignore[arg-type]


def test_only_dicom_has_a_study_to_join() -> None:
    answer = replace(answered(), recording=replace(RECORDING, format="EDF"))
    with pytest.raises(EinthovenError, match="is not a DICOM file"):
        result_writer("dicom-sr", same_study=True)([answer], BytesIO(), None)  # type: ignore[arg-type]
    with pytest.raises(EinthovenError, match="remove --same-study"):
        result_writer("fhir", same_study=True)


def test_on_the_command_line(test_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tool: Tool) -> None:
    recording = test_data / "formats" / "dicom" / "waveform_ecg.dcm"

    def einthoven(*arguments: object) -> int:
        monkeypatch.setattr("sys.argv", ["einthoven", "interpret", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        return int(end.value.code or 0)

    assert einthoven(recording, "--out", tmp_path / "report.dcm", "--same-study") == 0
    joined = pydicom.dcmread(tmp_path / "report.dcm")
    assert joined.StudyInstanceUID == pydicom.dcmread(recording).StudyInstanceUID
    assert einthoven(recording, "--format", "fhir", "--subject", "Patient/1", "--out", tmp_path / "bundle.json") == 0
    assert json.loads((tmp_path / "bundle.json").read_text())["type"] == "collection"
    assert einthoven(recording, "--format", "dicom-sr") == 2
    page = tmp_path / "page.dcm"
    assert einthoven(recording, "--report", page, "--same-study", "--explain", "MI") == 0
    assert pydicom.dcmread(page).StudyInstanceUID == joined.StudyInstanceUID
    tool("dcm2pdf", page, tmp_path / "page.pdf")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
    assert "Error" not in tool("dciodvfy", page)
    (tmp_path / "page.pdf").unlink()
    page.unlink()
    assert einthoven(recording, recording.parent, "--out", tmp_path / "two.dcm") == 2
    refused = test_data / "formats" / "refused" / "hl7-no-signal.xml"
    assert einthoven(refused, "--out", tmp_path / "none.dcm") == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bundle.json", "report.dcm"]
