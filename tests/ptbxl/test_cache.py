"""The signal cache: built once, current, and safe from kills and races."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from einthoven.datasets.dataset import Dataset
from einthoven.errors import EinthovenError
from einthoven.ptbxl.cache import CACHE_VARIABLE, cached_array, open_signals
from einthoven.ptbxl.records import read_record, write_record

NAMES = [f"records100/{k // 1000:02d}000/{k:05d}_lr" for k in range(1, 41)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for name in NAMES:
        write_record(tmp_path / "ptbxl" / name, rng.integers(-999, 999, (1000, 12)).astype(np.int16), 100)
    return tmp_path / "ptbxl"


def test_signals_are_the_records_in_order(folder: Path) -> None:
    signals, _ = open_signals(folder, NAMES, 100)
    assert signals.shape == (40, 12, 1000)
    for row in (0, 17, 39):
        assert np.array_equal(signals[row].T, read_record(folder / NAMES[row], 100))
    with pytest.raises(ValueError, match="read-only"):
        signals[0] = 0


def test_the_second_opening_reads_no_record(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, first = open_signals(folder, NAMES, 100)
    monkeypatch.setattr("einthoven.ptbxl.cache.read_record", None)
    _, second = open_signals(folder, NAMES, 100)
    assert first == second


def test_a_changed_source_is_read_again_and_the_old_cache_removed(folder: Path) -> None:
    _, old = open_signals(folder, NAMES, 100)
    changed = np.full((1000, 12), 7, np.int16)
    write_record(folder / NAMES[3], changed, 100)
    signals, new = open_signals(folder, NAMES, 100)
    assert new != old
    assert not old.exists()
    assert np.array_equal(signals[3].T, changed)


def test_damage_is_named_and_leaves_nothing_behind(folder: Path) -> None:
    path = (folder / NAMES[5]).with_suffix(".dat")
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(EinthovenError, match=r"00006_lr.dat: has 100 bytes"):
        open_signals(folder, NAMES, 100)
    (folder / NAMES[9]).with_suffix(".hea").unlink()
    with pytest.raises(EinthovenError, match=r"1 more are damaged.*data check"):
        open_signals(folder, NAMES, 100)
    assert [p.name for p in (folder / ".einthoven").iterdir() if p.is_dir()] == []


def test_a_rate_that_is_not_there_says_how_to_get_it(folder: Path) -> None:
    with pytest.raises(EinthovenError, match=r"records500: not found.*--rate 500"):
        open_signals(folder, NAMES, 500)


def test_the_cache_can_lie_elsewhere(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "caches"))
    _, cache = open_signals(folder, NAMES, 100)
    assert cache.is_relative_to(tmp_path / "caches")
    assert not (folder / ".einthoven").exists()


def test_a_full_disk_is_said_in_one_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np.lib.format, "open_memmap", full)
    with pytest.raises(EinthovenError, match="the disk is full"):
        open_signals(folder, NAMES, 100)
    assert [p.name for p in (folder / ".einthoven").iterdir() if p.is_dir()] == []


BUILD = """
import sys, time
from pathlib import Path
import einthoven.ptbxl.cache as cache
read = cache.read_record
def slowly(stem, rate):
    time.sleep(float(sys.argv[3]))
    print("read", flush=True)
    return read(stem, rate)
cache.read_record = slowly
signals, place = cache.open_signals(Path(sys.argv[1]), sys.argv[2].split(","), 100)
print("sum", int(signals.sum()), place.name, flush=True)
"""


def build(folder: Path, pause: float) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", BUILD, str(folder), ",".join(NAMES), str(pause)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)


def test_a_killed_build_leaves_no_cache_and_the_next_one_cleans_up(folder: Path) -> None:
    process = build(folder, pause=0.05)
    assert process.stdout is not None
    assert process.stdout.readline() == "read\n"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    left = [p.name for p in (folder / ".einthoven").iterdir() if p.is_dir()]
    assert all(name.endswith(".part") for name in left)
    assert left, "the build was killed too late to test anything"
    signals, cache = open_signals(folder, NAMES, 100)
    assert [p for p in (folder / ".einthoven").iterdir() if p.is_dir()] == [cache]
    assert np.array_equal(signals[39].T, read_record(folder / NAMES[39], 100))


def test_two_processes_at_once_build_it_once(folder: Path) -> None:
    processes = [build(folder, pause=0.02) for _ in range(2)]
    outputs = [process.communicate(timeout=60)[0].splitlines() for process in processes]
    assert sorted(output.count("read") for output in outputs) == [0, 40]
    assert outputs[0][-1] == outputs[1][-1]


def test_computed_arrays_are_kept(folder: Path) -> None:
    _, cache = open_signals(folder, NAMES, 100)
    values = np.arange(6, dtype=np.float32).reshape(2, 3)
    assert np.array_equal(cached_array(cache, "feature", lambda: values), values)
    assert np.array_equal(cached_array(cache, "feature", lambda: pytest.fail("computed again")), values)


def test_the_real_data_set_opens_whole(test_data: Path) -> None:
    dataset = Dataset.open(test_data / "ptbxl")
    assert dataset.signals.shape == (21_799, 12, 1000)
    assert len(dataset.rows((10,))) == 2198
    row = int(dataset.rows((10,))[-1])
    name = dataset.annotations.table.filename_lr.iloc[row]
    assert np.array_equal(dataset.signals[row].T, read_record(test_data / "ptbxl" / name, 100))


def test_a_rate_that_is_there_only_in_part_is_refused_by_name(test_data: Path) -> None:
    with pytest.raises(EinthovenError, match=r"records500.*_hr.hea: missing.*data check"):
        Dataset.open(test_data / "ptbxl", 500)
