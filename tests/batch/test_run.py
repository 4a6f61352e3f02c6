import csv
import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path

import jsonschema
import pyarrow.parquet as pq
import pytest

from einthoven import Interpreter, read
from einthoven.batch import interpret as batch_interpret
from einthoven.batch.interpret import InterpretOptions, interpret_files
from einthoven.batch.run import run_batch
from einthoven.batch.sources import find_sources
from einthoven.errors import ShortageError
from einthoven.interpret.interpretation import Failure
from einthoven.limits import Limits
from einthoven.model.bundle_files import SHIPPED
from einthoven.model.card import Card
from einthoven.report.formats import result_writer

SCHEMA = json.loads((resources.files("einthoven.interpret") / "interpretation.schema.json").read_text())


@pytest.fixture(scope="module")
def folder(simulated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six records, a broken file and one that is no ECG."""
    folder = tmp_path_factory.mktemp("files")
    for header in sorted((simulated / "records100").rglob("*.hea"))[:6]:
        for file in (header, header.with_suffix(".dat")):
            (folder / file.name).write_bytes(file.read_bytes())
    (folder / "00003_x.hea").write_text("00003_x 12 100 1000\n00003_x.dat 16 1000\n")
    (folder / "letter.xml").write_text("<letter>Dear colleague</letter>")
    return folder


@dataclasses.dataclass
class Output:
    stdout: str
    stderr: str


Interpret = Callable[..., Output]


@pytest.fixture(name="interpret")
def interpret_command(einthoven: Callable[..., tuple[int, str, str]]) -> Interpret:
    """Run `einthoven interpret` with the small model, which must end with `code`."""

    def run(*arguments: object, code: int = 0) -> Output:
        ended, out, err = einthoven("interpret", "--model", "edge", *arguments)
        assert ended == code, err
        return Output(out, err)

    return run


def test_the_same_bytes_here_and_in_workers_one_or_two(folder: Path) -> None:
    sources = find_sources([str(folder)]).files
    one, two = (list(interpret_files(sources, InterpretOptions("edge"), count)) for count in (1, 2))
    assert one == two
    interpreter = Interpreter.load("edge")
    good = [dataclasses.replace(read(source), source=source) for source in sources[:3] + sources[4:7]]
    assert [line for line in one if b'"error"' not in line] == [
        interpreter(record).to_json().encode() for record in good
    ]


def test_answers_in_order_with_errors_in_their_places(interpret: Interpret, folder: Path) -> None:
    result = interpret(folder, "--format", "jsonl", code=1)
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    for line in lines:
        jsonschema.validate(line, SCHEMA)
    assert [line["recording"]["source"] for line in lines] == find_sources([str(folder)]).files
    assert ["error" in line for line in lines] == [False, False, False, True, False, False, False, True]
    assert result.stderr.startswith(f"2 of 8 files failed; first error: {folder / '00003_x.hea'}: ")


def deadly(_options: InterpretOptions, _limits: Limits, *, warm: bool) -> Callable[[Sequence[str]], list[bytes]]:
    """What a worker does with sources of which some end it."""
    assert warm

    def repeat(sources: Sequence[str]) -> list[bytes]:
        if any("deadly" in source for source in sources):
            os._exit(1)
        return [source.encode() for source in sources]

    return repeat


def test_a_file_that_ends_its_worker_costs_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small files go to a worker together; where that fails, each goes by itself."""
    monkeypatch.setattr(batch_interpret, "_load_interpreter", deadly)
    sources = [*"abcdefghi", "deadly", *"jklmnopqrstuvwxyz"]
    found = list(interpret_files(sources, InterpretOptions("edge"), workers=1))
    assert [line.decode() for line in found if b"error" not in line] == [
        source for source in sources if len(source) == 1
    ]
    assert json.loads(found[9])["recording"] == {"source": "deadly"}
    assert json.loads(found[9])["error"].startswith("crashed its reader")


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes on Linux only")
@pytest.mark.parametrize("format_", ["text", "json", "jsonl", "csv", "fhir"])
def test_a_name_that_is_no_utf_8(interpret: Interpret, folder: Path, tmp_path: Path, format_: str) -> None:
    for name in (b"x\xff.dcm", b"y\xff.xml"):
        path = os.path.join(os.fsencode(tmp_path), name)  # noqa: PTH118 (Path takes no bytes)
        Path(os.fsdecode(path)).write_text("no ECG")
    (tmp_path / "good.hea").write_bytes((folder / "00001_lr.hea").read_bytes())
    (tmp_path / "00001_lr.dat").write_bytes((folder / "00001_lr.dat").read_bytes())
    out = tmp_path / "answers.txt"
    interpret(tmp_path, "--format", format_, "--out", out, code=1)
    text = out.read_text(encoding="utf-8")
    assert text.count("dcff.xml") == 1
    assert interpret(tmp_path, "--format", format_, code=1).stdout == text


@pytest.mark.parametrize("format_", ["csv", "parquet"])
def test_tables(interpret: Interpret, folder: Path, tmp_path: Path, format_: str) -> None:
    out = tmp_path / f"answers.{format_}"
    interpret(folder, "--out", out, code=1)
    rows = list(csv.DictReader(out.open())) if format_ == "csv" else pq.read_table(out).to_pylist()
    assert [row["source"] for row in rows] == find_sources([str(folder)]).files
    first, failed = rows[0], rows[3]
    expected = Interpreter.load("edge")(read(first["source"])).to_dict()
    assert float(first["p_MI"]) == float(first["mi_probability"]) == expected["mi"]["probability"]
    assert float(first["score_PMI"]) >= 0
    assert first["mi_decision"] == expected["mi"]["decision"]
    assert not failed["p_MI"]
    assert float(first["qrs_ms"]) == expected["measurements"]["qrs_ms"]
    assert "12 signals" in failed["error"]
    assert list(tmp_path.iterdir()) == [out]


def test_one_file_as_json(interpret: Interpret, folder: Path) -> None:
    source = folder / "00001_lr.hea"
    answer = json.loads(interpret(source, "--format", "json", "--prevalence", "mi=0.05").stdout)
    jsonschema.validate(answer, SCHEMA)
    assert answer["mi"]["prevalence"] == 0.05
    several = json.loads(interpret(source, folder / "00002_lr.hea", "--format", "json").stdout)
    assert [one["recording"]["source"] for one in several] == [str(source), str(folder / "00002_lr.hea")]


def test_measurements_are_in_every_output(interpret: Interpret, folder: Path, tmp_path: Path) -> None:
    source = folder / "00001_lr.hea"
    expected = Interpreter.load("edge")(read(source)).to_dict()["measurements"]
    assert expected["qrs_ms"] > 50
    assert json.loads(interpret(source, "--format", "json").stdout)["measurements"] == expected
    assert f"QRS {expected['qrs_ms']} ms" in interpret(source).stdout
    interpret(source, "--out", tmp_path / "a.parquet")
    (row,) = pq.read_table(tmp_path / "a.parquet").to_pylist()
    assert {name: row[name] for name in expected if name != "leads"} | {"leads": expected["leads"]} == expected


def test_explained(interpret: Interpret, folder: Path) -> None:
    source = folder / "00001_lr.hea"
    options = ("--force", "--explain", "mi", "--explain", "PSVT")
    answer = json.loads(interpret(source, "--format", "jsonl", *options).stdout)
    jsonschema.validate(answer, SCHEMA)
    assert [explanation["label"] for explanation in answer["explanations"]] == ["MI", "PSVT"]
    assert "- MI (myocardial infarction) rests on " in interpret(source, "--force", "--explain", "mi").stdout


def test_text(interpret: Interpret, folder: Path) -> None:
    text = interpret(folder / "00001_lr.hea").stdout
    assert text.splitlines()[3].startswith("ACUTE INFARCT?    ")
    assert "Research software" in text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["letter.xml"], "letter.xml: "),
        (["nothing.hea"], "not found"),
        (["00001_lr.hea", "--prevalence", "mi=5"], "is not between 0 and 1"),
        (["00001_lr.hea", "--prevalence", "mi"], "mi=0.05"),
        (["00001_lr.hea", "00002_lr.hea", "--prevalence", "xy=.1"], "no such label"),
        (["00001_lr.hea", "--model", "none"], "no shipped bundle of that name"),
        (["00001_lr.hea", "--format", "parquet"], "--out"),
        (["00001_lr.hea", "--out", "a.xlsx"], "Unknown suffix .xlsx"),
    ],
)
def test_one_clear_sentence(interpret: Interpret, folder: Path, arguments: list[str], sentence: str) -> None:
    arguments = [str(folder / a) if a.endswith((".hea", ".xml")) else a for a in arguments]
    result = interpret(*arguments, code=2)
    assert sentence in result.stderr
    assert result.stdout == ""
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("count", [1, 2])
def test_finishes_what_was_stopped_after_the_last_answer(
    count: int, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources, out = [str(folder / f"0000{k}_lr.hea") for k in (1, 2)][:count], tmp_path / "a.csv"

    def killed(_path: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as stopped:
        stopped.setattr("einthoven.batch.run.atomic_write", killed)
        with pytest.raises(KeyboardInterrupt):
            run_batch(sources, InterpretOptions("edge"), "csv", out, None)
    assert (tmp_path / "a.csv.part").read_bytes().count(b"\n") == count + 1
    assert run_batch(sources, InterpretOptions("edge"), "csv", out, None) == 0
    assert len(out.read_text().splitlines()) == count + 1
    assert not (tmp_path / "a.csv.part").exists()


def test_goes_on_after_a_kill(interpret: Interpret, folder: Path, tmp_path: Path) -> None:
    """Killed while it works, then run again: what was done is not done again, and nothing is missing."""
    header = (folder / "00002_lr.hea").read_text()
    (tmp_path / "00002_lr.dat").write_bytes((folder / "00002_lr.dat").read_bytes())
    sources = [str(tmp_path / f"{k}.hea") for k in range(300)]
    for source in sources:
        Path(source).write_text(header)
    out = tmp_path / "answers.jsonl"
    command = [sys.executable, "-m", "einthoven", "interpret", "--model", "edge", *sources, "--out", str(out)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    part = tmp_path / "answers.jsonl.part"
    until = time.monotonic() + 120
    while not (part.exists() and part.stat().st_size > 50_000) and time.monotonic() < until:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not out.exists()
    before = part.read_bytes()
    done = before.count(b"\n") - 1
    assert 0 < done < len(sources)
    interpret(*sources, "--out", out)
    lines = out.read_bytes().splitlines(keepends=True)
    assert lines[:done] == [line.split(b" ", 3)[3] for line in before[: before.rindex(b"\n") + 1].splitlines(True)[1:]]
    assert [json.loads(line)["recording"]["source"] for line in lines] == sources
    assert not part.exists()


def stopped(out: Path, sources: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> Path:
    """The part of a run into `out` that was stopped after its last answer."""

    def killed(_path: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as context:
        context.setattr("einthoven.batch.run.atomic_write", killed)
        with pytest.raises(KeyboardInterrupt):
            run_batch(sources, InterpretOptions("edge"), "jsonl", out, 1)
    return out.with_name(f"{out.name}.part")


def test_only_files_that_changed_are_interpreted_again(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for file in folder.glob("0000[124]_lr.*"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    sources, out = [str(tmp_path / f"0000{k}_lr.hea") for k in (1, 2, 4)], tmp_path / "a.jsonl"
    part = stopped(out, sources, monkeypatch)
    before = part.read_bytes().splitlines()
    (tmp_path / "00001_lr.dat").write_bytes((folder / "00001_lr.dat").read_bytes())  # touched
    (tmp_path / "00002_lr.dat").write_bytes(b"cut short")
    with part.open("ab") as file:
        file.write(b"garbage of a power loss\n")
    interpreted = list[str]()

    def counted(missing: Sequence[str], *arguments: object) -> object:
        interpreted.extend(missing)
        return interpret_files(missing, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("einthoven.batch.run.interpret_files", counted)
    assert run_batch(sources, InterpretOptions("edge"), "jsonl", out, 1) == 1
    assert interpreted == sources[1:2]
    lines = out.read_bytes().splitlines()
    assert [lines[0], lines[2]] == [before[k].split(b" ", 3)[3] for k in (1, 3)]
    assert b"cut short" in lines[1]
    assert "1 of 3 files failed" in capfd.readouterr().err


def test_a_shortage_keeps_what_is_done(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources, out = [str(folder / f"0000{k}_lr.hea") for k in (1, 2)], tmp_path / "a.jsonl"

    def short(missing: Sequence[str], *arguments: object) -> object:
        yield next(iter(interpret_files(missing[:1], *arguments)))  # type: ignore[arg-type]
        raise ShortageError("The disk is full.")

    with monkeypatch.context() as context:
        context.setattr("einthoven.batch.run.interpret_files", short)
        with pytest.raises(ShortageError, match=r"The disk is full\. .*a\.jsonl\.part; the same command resumes"):
            run_batch(sources, InterpretOptions("edge"), "jsonl", out, 1)
    assert (tmp_path / "a.jsonl.part").read_bytes().count(b"\n") == 2
    assert run_batch(sources, InterpretOptions("edge"), "jsonl", out, 1) == 0


def test_a_wrong_option_leaves_nothing(interpret: Interpret, folder: Path, tmp_path: Path) -> None:
    interpret(folder / "00001_lr.hea", "--prevalence", "xy=0.1", "--out", tmp_path / "a.csv", code=2)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"\0" * 300, b"\x00\xff{", b'{"einthoven": "0.1"}\n'])
def test_a_part_that_cannot_be_continued(interpret: Interpret, folder: Path, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.csv.part").write_bytes(content)
    err = interpret(folder / "00001_lr.hea", "--out", tmp_path / "a.csv", code=2).stderr
    assert err.count("\n") == 1
    assert "delete it, or choose another --out" in err
    assert (tmp_path / "a.csv.part").read_bytes() == content


def test_outputs_in_the_folder_are_no_input_of_the_next_run(interpret: Interpret, folder: Path, tmp_path: Path) -> None:
    for file in folder.glob("0000[12]_lr.*"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    options = ("--report", tmp_path, "--report-format", "dcm", "--force")
    for place, out in ((tmp_path, "a.jsonl"), (tmp_path, "a.jsonl"), (tmp_path / "*", "b.csv"), (tmp_path, "b.dcm")):
        format_ = "csv" if out == "b.dcm" else out.split(".")[1]
        result = interpret(place, "--format", format_, "--out", tmp_path / out, *options)
    assert "3 written by Einthoven" in result.stderr or "2 written by Einthoven" in result.stderr
    rows = list(csv.DictReader((tmp_path / "b.dcm").open()))
    assert [Path(row["source"]).name for row in rows] == ["00001_lr.hea", "00002_lr.hea"]


def test_headers_that_list_themselves_have_rows(interpret: Interpret, tmp_path: Path, test_data: Path) -> None:
    case = test_data / "cases" / "reliability" / "wfdb-names-itself"
    for file in case.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    result = interpret(tmp_path, "--format", "jsonl", code=1)
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [Path(line["recording"]["source"]).name for line in lines] == ["l.hea", "other.xml"]
    assert all("error" in line for line in lines)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_cells_are_no_formulas(start: str, tmp_path: Path) -> None:
    """Text only: numbers stay as they are."""
    card = Card.read(SHIPPED / "edge")
    failure = Failure(f"{start}cmd|' /C calc'!A0", f"{start}1")
    with (tmp_path / "a.csv").open("wb") as file:
        result_writer("csv")([failure], file, card)
    (row,) = csv.DictReader((tmp_path / "a.csv").open(newline=""))
    shown = start.replace("\r", "\\u000d")
    assert row["source"] == f"'{shown}cmd|' /C calc'!A0"
    assert row["error"] == f"'{shown}1"
    assert not row["p_MI"]


def test_negative_numbers_stay_numbers(folder: Path, tmp_path: Path) -> None:
    result = Interpreter.load("edge")(read(folder / "00001_lr.hea"), force=True)
    assert result.measurements
    result = dataclasses.replace(result, measurements=dataclasses.replace(result.measurements, qrs_axis_degrees=-30))
    with (tmp_path / "a.csv").open("wb") as file:
        result_writer("csv")([result], file, Card.read(SHIPPED / "edge"))
    (row,) = csv.DictReader((tmp_path / "a.csv").open())
    assert row["qrs_axis_degrees"] == "-30"
