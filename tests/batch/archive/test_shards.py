"""A shard holds a row for each recording, whatever is in the files."""

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from einthoven import examples
from einthoven.batch import interpret as batch_interpret
from einthoven.batch.interpret import InterpretOptions, interpret_files
from einthoven.batch.outcome import row_from_json, row_to_json
from einthoven.errors import ShortageError
from einthoven.interpret.interpretation import Failure
from einthoven.limits import Limits

pytest.importorskip("obstore", reason="needs the extra ray")
from einthoven.batch.archive.plan import PATH, open_plan
from einthoven.batch.archive.shards import ShardWorker, ShardWriter
from einthoven.batch.archive.store import Store

OPTIONS = InterpretOptions(model="edge", rows=True)


def faulty(
    _options: InterpretOptions, _limits: Limits, *, warm: bool = False
) -> Callable[[Sequence[str]], list[bytes]]:
    """What a worker does with recordings, of which some are poison."""

    def repeat(sources: Sequence[str]) -> list[bytes]:
        for name in (Path(source).name for source in sources):
            if name == "crash":
                os._exit(1)
            if name == "killed":
                os.kill(os.getpid(), signal.SIGKILL)
            while name == "endless":
                pass
        return [row_to_json(Failure("a local path", f"was seen by {os.getpid()}.")) for _ in sources]

    return repeat


def rows(
    recordings: pa.Table,
    out: str,
    size: int = 100,
    limits: Limits | None = None,
    options: InterpretOptions = OPTIONS,
) -> list[dict[str, Any]]:
    """The rows of all shards, made one after the other by one worker."""

    def once() -> Iterator[pa.Table]:
        yield recordings

    plan = open_plan(Store(out), {}, once(), size)
    worker = ShardWorker(ShardWriter(out, tuple(plan.shards), options, limits or Limits(), "/nowhere"))
    try:
        for shard in range(len(plan.shards)):
            worker.make(shard)
    finally:
        worker.stop()
    found = []
    for name in plan.shards:
        with plan.store.open(name) as file:
            found += pq.read_table(file).to_pylist()
    return found


def test_poison_costs_its_own_row(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(batch_interpret, "_load_interpreter", faulty)
    paths = ["a", "endless", "b", "crash", "c"]
    found = rows(pa.table({PATH: paths}), str(tmp_path), limits=Limits(cpu_seconds=0.5))
    assert [row["source"] for row in found] == paths
    assert ["was seen" in row["error"] for row in found] == [True, False, True, False, True]
    assert "0.5 s of CPU time" in found[1]["error"]
    assert "crashed its reader" in found[3]["error"]


def test_one_process_makes_all_shards(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(batch_interpret, "_load_interpreter", faulty)
    found = rows(pa.table({PATH: list("abcde")}), str(tmp_path), size=2)
    assert len({row["error"] for row in found}) == 1


def test_a_fault_of_the_machine_leaves_no_shard(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(batch_interpret, "_load_interpreter", faulty)
    out = str(tmp_path)
    with pytest.raises(ShortageError, match="was killed"):
        rows(pa.table({PATH: ["a", "killed"]}), out)
    assert Store(out).names() == ["_plan/recordings.parquet"]


def test_own_keys_are_carried_through_and_a_shard_is_made_once(bucket: str) -> None:
    store = Store(f"{bucket}/own-keys")
    normal = examples.path("normal")
    for suffix in (".hea", ".dat"):
        store.write(f"normal{suffix}", normal.with_suffix(suffix).read_bytes())
    recordings = pa.table({"patient": [7, 8, None], PATH: [f"{store.url}/normal", str(normal), f"{store.url}/none"]})
    found = rows(recordings, f"{store.url}/out")
    assert [row["patient"] for row in found] == [7, 8, None]
    assert found[2]["error"] == "is not found; check the path."
    first, second = ({**row, "source": None, "patient": None} for row in found[:2])
    assert first == second
    assert first["conclusion"]
    store.write(store_shard := f"out/{Store(f'{store.url}/out').names()[-1]}", b"kept")
    worker = ShardWorker(ShardWriter(f"{store.url}/out", (store_shard.removeprefix("out/"),), OPTIONS, Limits(), "."))
    worker.make(0)
    worker.stop()
    with store.open(store_shard) as file:
        assert file.read() == b"kept"


@pytest.mark.parametrize("size", [1, 100])
def test_a_long_recording_is_interpreted_in_parts_as_by_a_local_run(tmp_path: Path, size: int) -> None:
    seconds, rate = 3700, 100
    normal = examples.recording("normal")
    beats = np.round(normal.signal[:, :: round(normal.rate / rate)].T * 1000).astype("<i2")
    (tmp_path / "long.dat").write_bytes(np.resize(beats, (seconds * rate, 12)).tobytes())
    lines = [f"long 12 {rate} {seconds * rate}", *(f"long.dat 16 1000/mV 16 0 0 0 0 {lead}" for lead in normal.leads)]
    (tmp_path / "long.hea").write_text("\n".join(lines))
    paths = [str(tmp_path / "long.hea"), str(examples.path("normal"))]
    options = replace(OPTIONS, every_s=600)
    found = rows(pa.table({PATH: paths}), str(tmp_path / "out"), size=size, options=options)
    local = map(row_from_json, interpret_files(paths, options, workers=1))
    expected = [row | {"source": path} for row, path in zip(local, paths, strict=True)]
    assert [{name: row[name] for name in ours} for row, ours in zip(found, expected, strict=True)] == expected
    assert found[0]["error"] is None
    assert found[0]["duration_s"] == seconds
