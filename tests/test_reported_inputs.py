"""Each small input that once stalled, exhausted or broke the product, through the command line as a user gives it.

CPU time and memory are those of the whole process, by the system's own account.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-B", "-m", "einthoven", "interpret", "--model", "edge"]
TABLE = ["--rate", "500", "--unit", "uV"]
CPU_SECONDS = 9.0
"""Less than the limit of CPU time, so that a refusal comes from a reader and not from the limit."""
MEMORY_MIB = 400


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    code: int
    stderr: str
    cpu_seconds: float
    memory_mib: float


LAUNCHER = """
import json, os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
stderr = process.stderr.read()
_, status, used = os.wait4(process.pid, 0)
print(json.dumps([os.waitstatus_to_exitcode(status), stderr, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))
"""
"""A small process between: a command's peak of memory begins with that of the process that starts it."""


def run(*arguments: object) -> Ended:
    """Run `einthoven interpret` with these arguments and measure it, its workers included."""
    command = [sys.executable, "-c", LAUNCHER, *COMMAND, *map(str, arguments)]
    return Ended(*json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))


@pytest.fixture(scope="module")
def cases(test_data: Path) -> Path:
    folder = test_data / "cases" / "reliability"
    if not folder.is_dir():
        pytest.skip("the reported inputs are not here")
    return folder


@pytest.mark.parametrize(
    ("name", "options", "reason"),
    [
        ("redos-csv-blanks.bin", TABLE, "is too short"),
        ("redos-csv-digits.bin", TABLE, "is a table"),
        ("redos-json-lead.bin", [], "holds none of the standard leads"),
        ("dicom-deflated-600MiB-no-group-length.dcm", [], "grows beyond"),
        ("edf-plusD-gap-65536s.edf", [], "too far apart"),
        ("wfdb-frames/m.hea", [], "values"),
        ("parquet-dictionary-3GB.parquet", TABLE, "neither numbers nor times"),
        ("wfdb-names-itself/l.hea", [], "segment"),
    ],
)
def test_is_refused_at_once_and_cheaply(name: str, options: list[str], reason: str, cases: Path) -> None:
    ended = run(cases / name, *options)
    assert ended.code == 2
    (sentence,) = ended.stderr.splitlines()
    assert reason in sentence
    assert ended.cpu_seconds < CPU_SECONDS
    assert ended.memory_mib < MEMORY_MIB


def test_an_scp_record_with_a_damaged_patient_section_is_read(cases: Path) -> None:
    assert run(cases / "scp-section1-keyerror.scp").code == 0


def test_a_header_that_names_itself_gets_a_row(cases: Path, tmp_path: Path) -> None:
    out = tmp_path / "answers.jsonl"
    assert run(cases / "wfdb-names-itself", "--out", out).code == 1
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert {Path(row["recording"]["source"]).name for row in rows} == {"l.hea", "other.xml"}
    assert all(row["error"] for row in rows)


def test_garbage_in_the_checkpoint_is_no_traceback(cases: Path, tmp_path: Path) -> None:
    """What this test does not cover, garbage behind good lines, is in tests/batch/test_checkpoint.py."""
    out = tmp_path / "answers.jsonl"
    garbage = (cases / "answers.jsonl.part-with-garbage-line").read_bytes()
    (tmp_path / "answers.jsonl.part").write_bytes(garbage)
    ended = run(cases / "wfdb-names-itself", "--out", out)
    assert ended.code == 2
    assert len(ended.stderr.splitlines()) == 1
    assert (tmp_path / "answers.jsonl.part").read_bytes() == garbage  # what is not ours stays
