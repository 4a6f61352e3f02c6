"""Recordings of any kind and length become a data set, and what cannot is listed."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from einthoven.datasets.annotations import Annotations
from einthoven.datasets.dataset import Dataset
from einthoven.datasets.reading import make_record
from einthoven.errors import EinthovenError
from einthoven.recording import LEADS, Recording
from readers import writers

Run = Callable[..., tuple[int, str, str]]


def report(folder: Path) -> list[tuple[str, str]]:
    with (folder / "import-report.csv").open() as file:
        return [(row["source"], row["problem"]) for row in csv.DictReader(file)]


@pytest.fixture(scope="module")
def signals(simulated: Path) -> np.ndarray:
    return np.asarray(Dataset.open(simulated).signals[:8].transpose(0, 2, 1))


@pytest.fixture
def archive(tmp_path: Path, signals: np.ndarray) -> Path:
    """WFDB, DICOM, MUSE and Challenge files, one of 30 s, one of 4 s, one damaged, one twice."""
    folder = tmp_path / "archive"
    (folder / "ward").mkdir(parents=True)
    for name, content in writers.wfdb(np.tile(signals[0], (3, 1)), 100).items():
        (folder / name.replace("r.", "long.")).write_bytes(
            content.replace(b"r.dat", b"long.dat").replace(b"r 12", b"long 12")
        )
    (folder / "ward" / "a.dcm").write_bytes(writers.dicom(signals[1], 100))
    (folder / "ward" / "b.dcm").write_bytes(writers.dicom(signals[2], 100))
    (folder / "twin.dcm").write_bytes(writers.dicom(signals[1], 100))
    (folder / "short.dcm").write_bytes(writers.dicom(signals[3][:400], 100))
    (folder / "broken.dcm").write_bytes(writers.dicom(signals[4], 100)[:500])
    for name, content in writers.challenge(signals[5], 100).items():
        (folder / name).write_bytes(content)
    (folder / "unlabelled.dcm").write_bytes(writers.dicom(signals[6], 100))
    return folder


def test_every_problem_has_a_row_and_nothing_stops(einthoven: Run, archive: Path, tmp_path: Path) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text(
        "filename,AFIB,Holter,patient_id,age,sex,note\n"
        "long.hea,1,0,p1,50,F,x\nward/a.dcm,0,1,p1,51,F,y\narchive/ward/b.dcm,0,,p2,,M,z\ntwin,1,0,p3,,,\n"
        "short.dcm,1,1,p4,44,male,\nbroken.dcm,1,0,p5,,,\nA0001,1,0,p6,,,\nA0001,1,0,p6,,,\n"
        "gone.dcm,1,0,p7,,,\nward/c.dcm,1,0,p8,,,\nward/c.dcm,0,0,p8,,,\n"
    )
    out = tmp_path / "sets" / "mine"
    arguments = ("data", "import", archive, "--labels", labels, "--out", out, "--rate", 100, "--rate", 500)
    code, text, err = einthoven(*arguments, "--licence", "CC0", "--workers", 1)
    assert (code, err) == (0, "")
    assert "5 records of 5 patients; 10 folds stratified by patient, seed 0." in text
    assert "2 labels: AFIB 4, Holter 1." in text
    assert "Columns that were not used: note." in text
    assert set(report(out)) == {
        ("ward/c.dcm", "contradictory-rows"),
        ("A0001", "repeated-row"),
        ("gone.dcm", "no-recording"),
        ("unlabelled.dcm", "no-labels"),
        ("broken.dcm", "unreadable"),
        ("ward/a.dcm", "duplicate"),
        ("long.hea", "cut"),
        ("short.dcm", "padded"),
    }
    annotations = Annotations.read(out)
    assert annotations.table.source.tolist() == ["A0001.hea", "long.hea", "short.dcm", "twin.dcm", "ward/b.dcm"]
    assert annotations.labels(("AFIB", "Holter")).tolist() == [[1, 0], [1, 0], [1, 1], [1, 0], [0, 0]]
    assert annotations.known(("Holter",)).tolist() == [True, True, True, True, False]
    assert annotations.table.loc[1, ["age", "sex"]].tolist() == [74, 0]  # of the header
    assert annotations.table.loc[2, ["age", "sex"]].tolist() == [50, 1]  # of the table
    assert "4711" not in (out / "records.csv").read_text()
    assert "Doe" not in (out / "records.csv").read_text()
    for rate in (100, 500):
        assert Dataset.open(out, rate).signals.shape == (5, 12, 10 * rate)
    assert "choose a new folder" in einthoven(*arguments)[2]


def test_signals_are_those_of_the_recordings(challenge_set: Path, simulated: Path) -> None:
    imported, original = Dataset.open(challenge_set), Dataset.open(simulated)
    np.testing.assert_array_equal(imported.signals, original.signals)
    record = imported.recording(3)
    assert record.format == "Somewhere"
    assert (record.patient.age, record.patient.sex) == (
        original.annotations.table.age.iloc[3],
        ("male", "female")[original.annotations.table.sex.iloc[3]],
    )


def test_headers_of_the_challenge(challenge_set: Path, simulated: Path) -> None:
    annotations, original = Annotations.read(challenge_set), Annotations.read(simulated)
    names = ("SR", "AFIB", "CLBBB", "LVH")
    np.testing.assert_array_equal(annotations.labels(names), original.labels(names))
    infarct = original.labels(("IMI", "ASMI")).any(1)
    np.testing.assert_array_equal(annotations.labels(("MI",))[:, 0], infarct)
    assert annotations.task("superclass") == ("MI",)
    assert annotations.task("rhythm") == ("SR", "AFIB")
    assert len(annotations.task("labels")) == 5
    (unknown,) = [row for row in report(challenge_set) if row[1] == "unknown-code"]
    assert unknown == ("", "unknown-code")
    facts = json.loads((challenge_set / "dataset.json").read_text())
    assert (facts["licence"], facts["citation"], facts["records"]) == ("CC0", "A 2026", 200)


def test_given_folds_and_patients_in_several(einthoven: Run, tmp_path: Path, signals: np.ndarray) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    rows = []
    for k, (fold, patient) in enumerate([("train", "a"), ("test", "a"), ("validation", "b"), ("3", "c")]):
        (folder / f"{k}.csv").write_bytes(writers.csv(signals[k], 100))
        rows.append({"path": f"{k}.csv", "codes": ["MI"] if k % 2 else [], "split": fold, "subject": patient})
    pd.DataFrame(rows).to_parquet(tmp_path / "labels.parquet")
    out = tmp_path / "out"
    arguments = ("data", "import", f"{folder}/*.csv", "--labels", tmp_path / "labels.parquet", "--out", out)
    code, text, err = einthoven(*arguments, "--table-rate", 100, "--workers", 1)
    assert (code, err) == (0, "")
    assert "folds as given (PATIENTS IN SEVERAL: 1)." in text
    assert Annotations.read(out).folds.tolist() == [1, 10, 9, 3]
    assert report(out) == [("0.csv", "patient-in-several-folds")]


@pytest.mark.parametrize(
    ("table", "options", "message"),
    [
        ("name,MI\na,1\n", (), "has no column with the files; name it with --column file=NAME"),
        ("file,MI\na.dcm,5\n", (), "has no labels: give a column of 0 and 1"),
        ("file,MI\na.dcm,1\n", ("--column", "labels=dx"), "has no column 'dx'; it has file, MI"),
        ("file,MI,fold\nward/a.dcm,1,11\n", (), "has the fold '11'; folds are 1 to 10"),
        ("file,MI\nb,1\n", ("--mapping", "none.toml"), "no mapping of that name"),
        ("file,age,codes\nward/a.dcm,3,x\n", ("--mapping", "challenge"), "Codes that the mapping lacks: x (1)"),
        ("file,codes\nward/a.dcm,age\n", (), "a label cannot be named 'age'"),
        ("file,codes\nbroken.dcm,MI\n", (), "no recording can be imported (no-labels 7, unreadable 1)"),
        ("\x00", (), "has no column with the files"),
    ],
)
def test_wrong_tables(
    einthoven: Run, archive: Path, tmp_path: Path, table: str, options: tuple[str, ...], message: str
) -> None:
    labels, out = tmp_path / "labels.csv", tmp_path / "out"
    labels.write_text(table)
    code, _, err = einthoven("data", "import", archive, "--labels", labels, "--out", out, "--workers", 1, *options)
    assert code == 2
    assert message in err
    assert len(err.splitlines()) == 1
    assert not out.exists()


def test_wrong_options(einthoven: Run, archive: Path, tmp_path: Path) -> None:
    out = ("--out", tmp_path / "out")
    assert "Give --labels" in einthoven("data", "import", archive, *out)[2]
    assert "not found; check the path" in einthoven("data", "import", "nowhere", "--snomed", *out)[2]
    assert "ROLE=NAME" in einthoven("data", "import", archive, "--labels", "x.csv", "--column", "x=y", *out)[2]
    assert "There is no data set 'x'" in einthoven("data", "import", archive, "--set", "x", *out)[2]
    assert "state no labels" in einthoven("data", "import", archive, "--set", "mimic-iv-ecg-demo", *out)[2]


def test_lengths_leads_and_amplitudes() -> None:
    def recording(seconds: float, rate: float = 250, leads: tuple[str, ...] = LEADS, mv: float = 1) -> Recording:
        ramp = np.linspace(0, mv, round(seconds * rate), dtype=np.float32)
        return Recording(np.tile(ramp, (len(leads), 1)), rate, leads)

    cut = make_record(recording(40), (100, 500))
    assert [signal.shape for signal in cut.signals] == [(12, 1000), (12, 5000)]
    assert cut.signals[0][0, -1] == pytest.approx(250, abs=2)
    assert [problem for problem, _ in cut.changes] == ["cut"]
    padded = make_record(recording(5), (100,))
    assert (padded.signals[0][:, 500:] == padded.signals[0][:, -1:]).all()
    assert [problem for problem, _ in padded.changes] == ["padded"]
    assert make_record(recording(9.98), (100,)).changes == ()
    assert [problem for problem, _ in make_record(recording(10, mv=50), (100,)).changes] == ["clipped"]
    assert make_record(recording(10, mv=0), (100,)).digest == ""
    with pytest.raises(EinthovenError, match=r"lacks V1, V2, V3, V4, V5, V6; a record needs all twelve leads"):
        make_record(recording(10, leads=LEADS[:6]), (100,))
    with pytest.raises(EinthovenError, match=r"has 2 s; a record needs at least 2.5 s"):
        make_record(recording(2), (100,))


@pytest.mark.parametrize(
    ("file", "change", "message"),
    [
        ("dataset.json", lambda text: text[:40], "is damaged"),
        ("dataset.json", lambda text: text.replace('"format": 1', '"format": 2'), "is not of format 1"),
        ("records.csv", lambda text: text.replace("strat_fold", "fold"), "has no column 'strat_fold'"),
        ("records.csv", lambda text: text.replace("\n2,", "\n1,"), "has an ecg_id that is repeated"),
        ("records.csv", lambda text: text.replace(",0\n", ",2\n", 1), "correct it or import the set again"),
        ("records.csv", lambda text: "\n".join(text.splitlines()[:-1]) + "\n", "for 199 records"),
    ],
)
def test_damaged_sets(
    challenge_set: Path, tmp_path: Path, file: str, change: Callable[[str], str], message: str
) -> None:
    for name in ("dataset.json", "records.csv"):
        text = (challenge_set / name).read_text()
        (tmp_path / name).write_text(change(text) if name == file else text)
    (tmp_path / "signals-100").symlink_to(challenge_set / "signals-100")
    with pytest.raises(EinthovenError, match=message):
        Dataset.open(tmp_path)


def test_a_rate_that_the_set_lacks(challenge_set: Path) -> None:
    with pytest.raises(EinthovenError, match="has signals at 100 Hz, not 500 Hz; import it again with --rate 500"):
        Dataset.open(challenge_set, 500)
