"""Recordings are told from what Einthoven wrote, so that only the latter is replaced or passed over."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from einthoven.errors import EinthovenError
from einthoven.files import staging_folder, write_text
from einthoven.recording import LEADS
from einthoven.signatures import is_own_output, is_recording

LINE = ",".join(LEADS)
TEXTS = {
    "named.csv": f"time,{LINE}\n0,1,2,3,4,5,6,7,8,9,10,11,12\n",
    "units.csv": "I [mV];II [mV];V1 [mV]\n1;2;3\n",
    "preamble.txt": "Recorder X\n\nRate: 500\n# none\nI\tII\tIII\n1\t2\t3\n",
    "one.csv": "time,II\n0,1.5\n",
    "two.csv": "I,II\n\n",
    "numbers.csv": "1.5,-2,3e-4\n1,2,3\n",
    "utf16.csv": f"{LINE}\n1,2\n",
    "ecg.json": json.dumps({"rate_hz": 500, "leads": ["I"], "unit": "mV", "signal": [[0.0]]}),
    "fhir.json": json.dumps({"resourceType": "Observation", "component": [{"valueSampledData": {"data": "1 2"}}]}),
    "ecg.xml": '<?xml version="1.0"?>\n<AnnotatedECG/>',
    "a.hea": "a 1 500 10\na.dat 16\n",
    "a.dat": "samples",
    "challenge.mat": "samples",
}
OTHERS = {
    "answers.csv": "source,error,format,rate_hz\n'=1,,,\n",
    "log.csv": "epoch,loss\n1,0.5\n2,0.4\n",
    "predictions.csv": "ecg_id,label,probability\n1,MI,0.5\n",
    "notes.txt": "ST elevation in V1, V2 and V3. Call at 5.\n",
    "page.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>',
    "results.html": "<!doctype html><html></html>",
    "metrics.json": '{"task": "superclass"}',
    "empty.csv": "",
}


@pytest.mark.parametrize("name", TEXTS)
def test_recordings(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(TEXTS[name], encoding="utf-16" if name == "utf16.csv" else "utf-8")
    assert is_recording(path)
    assert not is_own_output(path)
    with pytest.raises(EinthovenError, match="holds a recording"):
        write_text(path, "new")


@pytest.mark.parametrize("name", OTHERS)
def test_what_may_be_replaced(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(OTHERS[name])
    assert not is_recording(path)
    write_text(path, "new")


def test_binary_tables(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((12, 5000)))
    pq.write_table(pa.table({"I": [1.0]}), tmp_path / "a.parquet")
    assert is_recording(tmp_path / "a.npy")
    assert is_recording(tmp_path / "a.parquet")


def test_real_recordings_under_any_name(test_data: Path, tmp_path: Path) -> None:
    files = [file for file in (test_data / "formats").rglob("*.*") if file.suffix != ".md"]
    assert len(files) > 10
    for number, file in enumerate(files):
        path = tmp_path / f"{number}.out"
        path.write_bytes(file.read_bytes())
        assert is_recording(path), file
        assert not is_own_output(path), file


def test_files_that_move_in_together_replace_no_recording(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(TEXTS["named.csv"] if name == "b.csv" else "old")

    def replace() -> None:
        with staging_folder(tmp_path) as part:
            (part / "a.csv").write_text("new")
            (part / "b.csv").write_text("new")

    with pytest.raises(EinthovenError, match=r"b\.csv: holds a recording"):
        replace()
    assert (tmp_path / "a.csv").read_text() == "old"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.csv", "b.csv"]


def test_every_format_that_is_written_is_known_as_own(simulated: Path, tmp_path: Path) -> None:
    header = next(simulated.rglob("00001_lr.hea"))
    command = [sys.executable, "-m", "einthoven", "interpret", header, "--model", "edge", "--force"]
    for name in ("a.txt", "a.json", "a.jsonl", "a.csv", "a.parquet", "a.ndjson", "a.dcm"):
        subprocess.run([*command, "--out", tmp_path / name], check=True)
        assert is_own_output(tmp_path / name), name
        assert not is_recording(tmp_path / name), name
    subprocess.run([*command, "--report", tmp_path / "page.dcm"], check=True, stdout=subprocess.DEVNULL)
    assert is_own_output(tmp_path / "page.dcm")
    assert not is_recording(tmp_path / "page.dcm")
