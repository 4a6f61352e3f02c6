"""Whose fault it is that a file gets no answer."""

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from einthoven.batch import interpret as batch_interpret
from einthoven.batch.interpret import InterpretOptions, interpret_files
from einthoven.batch.run import run_batch
from einthoven.errors import ShortageError
from einthoven.interpret.interpretation import Failure, result_from_json
from einthoven.interpret.json_text import dumps
from einthoven.limits import NO_LIMITS, Limits


def faulty(
    _options: InterpretOptions, _limits: Limits, *, warm: bool = False
) -> Callable[[Sequence[str]], list[bytes]]:
    """What a worker does with sources, of which some meet a fault."""

    def repeat(sources: Sequence[str]) -> list[bytes]:
        for source in sources:
            if source.startswith("full disk") and Path(source.partition(":")[2]).exists():
                raise OSError(errno.ENOSPC, "No space left on device")
            if source == "crash":
                os._exit(1)
            if source == "killed":
                os.kill(os.getpid(), signal.SIGKILL)
            while source == "endless":
                pass
        return [dumps(Failure(source, "was seen.").to_dict()) for source in sources]

    return repeat


@pytest.fixture(autouse=True)
def _faulty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_interpret, "_load_interpreter", faulty)


@pytest.mark.parametrize("sources", [["endless"], ["a", "endless", "b"]])
def test_a_file_that_needs_too_much_cpu_time(sources: list[str]) -> None:
    found = list(map(result_from_json, interpret_files(sources, InterpretOptions(), limits=Limits(cpu_seconds=0.5))))
    assert [str(failure) for failure in found if failure.source == "endless"] == [
        "endless: needs more than 0.5 s of CPU time to be interpreted. Add --no-limits to read the file without limits."
    ]
    assert [failure.source for failure in found] == sources


@pytest.mark.parametrize("sources", [["crash"], ["a", "crash", "b"]])
def test_a_file_that_crashes_its_worker_without_limits(sources: list[str]) -> None:
    """No advice to lift limits that were lifted."""
    results = list(map(result_from_json, interpret_files(sources, InterpretOptions(), limits=NO_LIMITS)))
    assert [str(failure) for failure in results if failure.source == "crash"] == ["crash: crashed its reader."]
    assert [failure.source for failure in results] == sources


def test_a_file_whose_worker_is_always_killed_stops_the_run() -> None:
    with pytest.raises(ShortageError, match="was killed"):
        list(interpret_files(["killed"], InterpretOptions()))


def test_a_full_disk_stops_the_run_which_keeps_its_place(tmp_path: Path) -> None:
    disk, out = tmp_path / "full", tmp_path / "answers.jsonl"
    disk.touch()
    sources = [*map(str, range(40)), f"full disk:{disk}", "last"]
    with pytest.raises(ShortageError, match="the disk is full"):
        run_batch(sources, InterpretOptions(), "jsonl", out, workers=1)
    kept = (tmp_path / "answers.jsonl.part").read_text()
    assert '"0"' in kept
    assert "disk" not in kept
    assert not out.exists()
    disk.unlink()
    assert run_batch(sources, InterpretOptions(), "jsonl", out, workers=1) == 1
    assert [json.loads(line)["recording"]["source"] for line in out.read_text().splitlines()] == sources


def test_the_command_can_lift_the_limits() -> None:
    help_ = subprocess.run([sys.executable, "-m", "einthoven", "interpret", "--help"], capture_output=True, text=True)
    assert "--no-limits" in help_.stdout
