"""No command overwrites a recording: each refusal through the real command line, with real files."""

import hashlib
import os
import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from einthoven import files
from einthoven.batch import outputs
from einthoven.batch.outputs import refuse_overwriting
from einthoven.errors import EinthovenError

Einthoven = Callable[..., tuple[int, str, str]]
Refused = Callable[..., str]
WAVEFORM = Path("formats", "dicom", "waveform_ecg.dcm")


@pytest.fixture
def refused(einthoven: Einthoven) -> Refused:
    """Run a command that is refused: standard error."""

    def run(*arguments: object, cwd: Path) -> str:
        code, _, err = einthoven(*arguments, cwd=cwd)
        assert code == 2, err
        assert "Traceback" not in err
        return err

    return run


def contents(folder: Path) -> dict[str, str]:
    """All files of a folder with their digests."""
    found = (file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in found}


def link(kind: str, path: Path, target: Path) -> None:
    try:
        if kind == "hard":
            os.link(target, path)
        else:
            path.symlink_to(target)
    except OSError:
        pytest.skip("no such links here")


@pytest.fixture
def folder(simulated: Path, tmp_path: Path) -> Path:
    """A WFDB record, another one in two segments, a table and a DICOM-like file, among other places to name them by."""
    folder = tmp_path / "recordings"
    (folder / "deep").mkdir(parents=True)
    for file in simulated.rglob("00001_lr.*"):
        shutil.copy(file, folder / file.name)
    header = (folder / "00001_lr.hea").read_text()
    for name in ("s1", "s2"):
        (folder / f"{name}.hea").write_text(header.replace("00001_lr", name))
        shutil.copy(folder / "00001_lr.dat", folder / f"{name}.dat")
    (folder / "m.hea").write_text("m/2 12 100 2000\ns1 1000\ns2 1000\n")
    (folder / "odd.hea").write_text(header.replace("00001_lr.dat", "samples.csv"))
    shutil.copy(folder / "00001_lr.dat", folder / "samples.csv")
    (folder / "t.csv").write_text("I,II\n" + "0,1\n" * 5000)
    (folder / "empty").touch()
    return folder


@pytest.mark.parametrize(
    ("sources", "out"),
    [
        (["00001_lr.hea"], "00001_lr.hea"),
        (["00001_lr"], "00001_lr.hea"),
        (["00001_lr.dat"], "deep/../00001_lr.hea"),
        (["00001_lr.hea"], "00001_lr.dat"),
        (["m.hea"], "./s1.dat"),
        (["m.hea"], "s2.hea"),
        (["odd.hea"], "samples.csv"),
        (["t.csv"], "t.csv"),
        (["."], "00001_lr.hea"),
        (["*.hea"], "00001_lr.dat"),
        (["empty"], "empty"),
        (["00001_lr.hea"], "t.csv"),  # a recording, if not one of the sources
        (["00001_lr.hea", "t.csv"], "deep/../../recordings/t.csv"),
    ],
)
def test_a_file_of_a_source(refused: Refused, folder: Path, sources: list[str], out: str) -> None:
    before = contents(folder)
    err = refused("interpret", *sources, "--force", "--format", "csv", "--out", out, cwd=folder)
    assert "choose another path" in err
    assert err.count("\n") == 1
    assert contents(folder) == before


@pytest.mark.parametrize("kind", ["hard", "symbolic"])
@pytest.mark.parametrize("target", ["00001_lr.hea", "00001_lr.dat", "samples.csv", "t.csv"])
def test_a_link_to_a_file_of_a_source(refused: Refused, folder: Path, kind: str, target: str) -> None:
    link(kind, folder / "deep" / "out.csv", folder / target)
    before = contents(folder)
    err = refused("interpret", "00001_lr.hea", "odd.hea", "t.csv", "--out", "deep/out.csv", cwd=folder)
    assert "choose another path" in err
    assert contents(folder) == before


def test_a_linked_folder(refused: Refused, folder: Path) -> None:
    link("symbolic", folder / "deep" / "round", folder)
    before = contents(folder)
    refused("interpret", "t.csv", "--out", "deep/round/deep/round/t.csv", cwd=folder)
    refused("interpret", "deep/round/t.csv", "--out", "t.csv", cwd=folder)
    assert contents(folder) == before


@pytest.mark.parametrize("name", ["ecg.dcm", "ecg.csv", "ecg.jsonl"])
def test_the_case_of_the_report(refused: Refused, test_data: Path, tmp_path: Path, name: str) -> None:
    """The patient's file was replaced by a report, with exit code 0."""
    shutil.copy(test_data / WAVEFORM, tmp_path / name)
    before = contents(tmp_path)
    assert "choose another path" in refused("interpret", name, "--force", "--out", name, cwd=tmp_path)
    assert contents(tmp_path) == before


def test_a_missing_signal_file_is_not_replaced_by_a_result(refused: Refused, folder: Path) -> None:
    (folder / "samples.csv").unlink()
    before = contents(folder)
    assert "would overwrite a file of the recording odd.hea" in refused(
        "interpret", "odd.hea", "--out", "samples.csv", cwd=folder
    )
    assert contents(folder) == before


def test_what_is_kept_until_all_is_done(refused: Refused, folder: Path) -> None:
    shutil.copy(folder / "t.csv", folder / "a.csv.part")
    before = contents(folder)
    refused("interpret", "a.csv.part", "--out", "a.csv", cwd=folder)  # a source
    refused("interpret", "00001_lr.hea", "--out", "a.csv", cwd=folder)  # another recording
    (folder / "a.csv.part").write_text("no line end")  # no recording, but nothing of ours either
    before = contents(folder)
    assert "is not a checkpoint of Einthoven" in refused("interpret", "00001_lr.hea", "--out", "a.csv", cwd=folder)
    assert contents(folder) == before


def test_pages(refused: Refused, folder: Path, test_data: Path) -> None:
    shutil.copy(test_data / WAVEFORM, folder / "a")
    shutil.copy(test_data / WAVEFORM, folder / "a.dcm")
    before = contents(folder)
    options = ("--report-format", "dcm", "--format", "jsonl")
    assert "a.dcm" in refused("interpret", "a", "a.dcm", "--report", ".", *options, cwd=folder)
    assert "holds a recording" in refused("interpret", "a", "--report", ".", *options, cwd=folder)
    refused("interpret", "a", "--report", "a.dcm", cwd=folder)
    refused("interpret", "a", "--report", "r.dcm", "--out", "r.dcm", cwd=folder)  # a page and a report in one file
    assert contents(folder) == before


def test_own_results_are_replaced(einthoven: Einthoven, folder: Path) -> None:
    for ending in ("csv", "dcm", "txt", "json", "parquet", "ndjson"):
        for _ in range(2):
            assert (
                einthoven(
                    "interpret", "00001_lr.hea", "--model", "edge", "--force", "--out", f"r.{ending}", cwd=folder
                )[0]
                == 0
            )


class TestIdentity:
    """Files that one file system tells apart and another does not."""

    def test_a_file_system_that_ignores_case(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "ecg.dcm").write_text("ecg")

        def stat(path: Path, **options: bool) -> os.stat_result:
            return real(path.with_name(path.name.lower()), **options)

        real = Path.stat
        monkeypatch.setattr(Path, "stat", stat)
        with pytest.raises(EinthovenError, match="would overwrite a file of the recording"):
            refuse_overwriting([tmp_path / "ECG.DCM"], [str(tmp_path / "ecg.dcm")])

    def test_one_that_does_not(self, tmp_path: Path) -> None:
        (tmp_path / "ecg.dcm").write_text("ecg")
        if (tmp_path / "ECG.DCM").exists():
            pytest.skip("this one does")
        refuse_overwriting([tmp_path / "ECG.DCM"], [str(tmp_path / "ecg.dcm")])

    def test_a_file_that_is_not_there_yet(self, tmp_path: Path) -> None:
        composed = tmp_path / "É.csv"
        for other in (unicodedata.normalize("NFD", str(composed)), str(composed).lower(), f"{tmp_path}/x/../É.csv"):
            assert files.identity(Path(other)) == files.identity(composed)
        assert files.identity(tmp_path / "E.csv") != files.identity(composed)

    @pytest.mark.parametrize("ignores_case", [True, False])
    def test_pages_that_differ_in_case(
        self, ignores_case: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """They are two files, unless the file system takes their names for one."""
        monkeypatch.setattr(outputs, "_ignores_case", lambda _path: ignores_case)
        pages = [tmp_path / "X" / "a.pdf", tmp_path / "x" / "a.pdf"]
        if ignores_case:
            with pytest.raises(EinthovenError, match="two outputs"):
                refuse_overwriting(pages, [])
        else:
            refuse_overwriting(pages, [])

    def test_how_the_file_system_takes_names(self, tmp_path: Path) -> None:
        (tmp_path / "a").touch()
        assert outputs._ignores_case(tmp_path / "new" / "b") == (tmp_path / "A").exists()
        assert [file.name for file in tmp_path.iterdir()] == ["a"]


class TestOtherCommands:
    """They write into folders of their own."""

    def test_simulated_records_with_a_recording_among_them(
        self, refused: Refused, einthoven: Einthoven, tmp_path: Path
    ) -> None:
        assert einthoven("data", "simulate", "sim", "--records", 60, cwd=tmp_path)[0] == 0
        for place in ("ecg.dcm", "records100/ecg.dcm", "records100/00000/00001_lr.xml"):
            (tmp_path / "sim" / place).write_text("a patient's")
            before = contents(tmp_path)
            err = refused("data", "simulate", "sim", "--records", 60, cwd=tmp_path)
            assert Path(place).name in err
            assert contents(tmp_path) == before
            (tmp_path / "sim" / place).unlink()
        assert einthoven("data", "simulate", "sim", "--records", 60, cwd=tmp_path)[0] == 0

    def test_downloads_into_a_folder_of_something_else(self, refused: Refused, folder: Path) -> None:
        (folder / "RECORDS").write_text("00001_lr\n")
        before = contents(folder)
        err = refused("data", "get", "ptb-xl", ".", "--base-url", "http://127.0.0.1:9", cwd=folder)
        assert "not empty" in err
        assert contents(folder) == before

    def test_a_run_and_a_bundle(self, refused: Refused, folder: Path, simulated: Path, trained: Path) -> None:
        (folder / "log.csv").write_text("I,II,III\n1,2,3\n")
        before = contents(folder)
        refused("train", "--data", simulated, "--out", ".", "--epochs", 1, cwd=folder)
        assert "not empty" in refused("export", trained, "--out", ".", cwd=folder)
        assert "is a file" in refused("export", trained, "--out", "00001_lr.hea", cwd=folder)
        assert contents(folder) == before

    def test_results(self, refused: Refused, folder: Path, trained: Path) -> None:
        (folder / "predictions.csv").write_text("I,II,III\n1,2,3\n")
        before = contents(folder)
        err = refused("evaluate", trained, "--resamples", 2, "--out", ".", cwd=folder)
        assert "holds a recording" in err
        assert contents(folder) == before
