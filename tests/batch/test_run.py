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
from einthoven.batch import work
from einthoven.batch.run import run
from einthoven.batch.sources import find_sources
from einthoven.batch.work import Wishes, answers

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


def interpret(*arguments: object, code: int = 0) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "einthoven", "interpret", "--model", "edge", *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert result.returncode == code, result.stderr
    return result


def test_the_same_bytes_here_and_in_workers_one_or_two(folder: Path) -> None:
    sources = find_sources([str(folder)]).files
    one, two = (list(answers(sources, Wishes("edge"), count)) for count in (1, 2))
    assert one == two
    interpreter = Interpreter.load("edge")
    good = [dataclasses.replace(read(source), source=source) for source in sources[:3] + sources[4:7]]
    assert [answer for answer in one if '"error"' not in answer] == [interpreter(record).to_json() for record in good]


def test_answers_in_order_with_errors_in_their_places(folder: Path) -> None:
    result = interpret(folder, "--format", "jsonl", code=1)
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    for line in lines:
        jsonschema.validate(line, SCHEMA)
    assert [line["recording"]["source"] for line in lines] == find_sources([str(folder)]).files
    assert ["error" in line for line in lines] == [False, False, False, True, False, False, False, True]
    assert result.stderr.startswith(f"2 of 8 files failed; the first: {folder / '00003_x.hea'}: ")


def deadly(_wishes: Wishes, *, warm: bool) -> Callable[[Sequence[str]], list[str]]:
    """What a worker does with sources of which some end it."""
    assert warm

    def repeat(sources: Sequence[str]) -> list[str]:
        if any("deadly" in source for source in sources):
            os._exit(1)
        return list(sources)

    return repeat


def test_a_file_that_ends_its_worker_costs_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small files go to a worker together; where that fails, each goes by itself."""
    monkeypatch.setattr(work, "_start", deadly)
    sources = [*"abcdefghi", "deadly", *"jklmnopqrstuvwxyz"]
    found = list(answers(sources, Wishes("edge"), workers=1))
    assert [answer for answer in found if "error" not in answer] == [source for source in sources if len(source) == 1]
    assert json.loads(found[9])["recording"] == {"source": "deadly"}
    assert json.loads(found[9])["error"].startswith("made its reader fail")


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes on Linux only")
@pytest.mark.parametrize("format_", ["text", "json", "jsonl", "csv", "fhir"])
def test_a_name_that_is_no_utf_8(folder: Path, tmp_path: Path, format_: str) -> None:
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
def test_tables(folder: Path, tmp_path: Path, format_: str) -> None:
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
    assert not first["qrs_ms"], "not asked for"
    assert "12 signals" in failed["error"]
    assert list(tmp_path.iterdir()) == [out]


def test_one_file_as_json(folder: Path) -> None:
    source = folder / "00001_lr.hea"
    answer = json.loads(interpret(source, "--format", "json", "--prevalence", "mi=0.05").stdout)
    jsonschema.validate(answer, SCHEMA)
    assert answer["mi"]["prevalence"] == 0.05
    several = json.loads(interpret(source, folder / "00002_lr.hea", "--format", "json").stdout)
    assert [one["recording"]["source"] for one in several] == [str(source), str(folder / "00002_lr.hea")]


def test_intervals_are_there_but_for_programs_only_where_asked_for(folder: Path, tmp_path: Path) -> None:
    source = folder / "00001_lr.hea"
    expected = Interpreter.load("edge")(read(source), intervals=True).to_dict()["intervals"]
    assert expected["qrs_ms"] > 50
    assert json.loads(interpret(source, "--format", "json", "--intervals").stdout)["intervals"] == expected
    assert json.loads(interpret(source, "--format", "json").stdout)["intervals"] is None
    assert f"QRS {expected['qrs_ms']} ms" in interpret(source).stdout
    assert "QRS" not in interpret(source, "--no-intervals").stdout
    interpret(source, "--out", tmp_path / "a.parquet", "--intervals")
    (row,) = pq.read_table(tmp_path / "a.parquet").to_pylist()
    assert {name: row[name] for name in expected} == expected


def test_explained(folder: Path) -> None:
    source = folder / "00001_lr.hea"
    asked = ("--force", "--explain", "mi", "--explain", "PSVT")
    answer = json.loads(interpret(source, "--format", "jsonl", *asked).stdout)
    jsonschema.validate(answer, SCHEMA)
    assert [explanation["label"] for explanation in answer["explanations"]] == ["MI", "PSVT"]
    assert "- MI (infarct pattern, acute or old) rests on " in interpret(source, "--force", "--explain", "mi").stdout


def test_text(folder: Path) -> None:
    text = interpret(folder / "00001_lr.hea").stdout
    assert text.splitlines()[3].startswith("INFARCT PATTERN?  ")
    assert "Research software" in text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["letter.xml"], "letter.xml: "),
        (["nothing.hea"], "not found"),
        (["00001_lr.hea", "--prevalence", "mi=5"], "no share between 0 and 1"),
        (["00001_lr.hea", "--prevalence", "mi"], "mi=0.05"),
        (["00001_lr.hea", "00002_lr.hea", "--prevalence", "xy=.1"], "no such label"),
        (["00001_lr.hea", "--model", "none"], "no bundle of that name"),
        (["00001_lr.hea", "--format", "parquet"], "--out"),
        (["00001_lr.hea", "--out", "a.xlsx"], "No format ends in .xlsx"),
    ],
)
def test_one_clear_sentence(folder: Path, arguments: list[str], sentence: str) -> None:
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
        stopped.setattr("einthoven.batch.run.write_beside", killed)
        with pytest.raises(KeyboardInterrupt):
            run(sources, Wishes("edge"), "csv", out, None)
    assert (tmp_path / "a.csv.part").read_bytes().count(b"\n") == count + 1
    assert run(sources, Wishes("edge"), "csv", out, None) == 0
    assert len(out.read_text().splitlines()) == count + 1
    assert not (tmp_path / "a.csv.part").exists()


def test_goes_on_after_a_kill(folder: Path, tmp_path: Path) -> None:
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
    assert lines[:done] == [line.split(b" ", 2)[2] for line in before[: before.rindex(b"\n") + 1].splitlines(True)[1:]]
    assert [json.loads(line)["recording"]["source"] for line in lines] == sources
    assert not part.exists()
