"""A cluster of two nodes and an object store give the rows of a local run, whatever is killed meanwhile."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from einthoven import examples
from einthoven.errors import EinthovenError

pytest.importorskip("obstore", reason="needs the extra ray")
from einthoven.batch.archive.store import Store

ray_cluster = pytest.importorskip("ray.cluster_utils", reason="needs the extra ray")

INTERPRET = (sys.executable, "-m", "einthoven", "interpret")
MODEL = ("--model", "edge")
RAY = (*MODEL, "--engine", "ray", "--shard-size", "8")
FOLDERS = ("a", "b", "c", "d", "e", "f")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of good recordings, and of kinds that fail; EINTHOVEN_TEST_ARCHIVE is how many of PTB-XL to add."""
    top = tmp_path_factory.mktemp("archive")
    for folder in FOLDERS:
        shutil.copytree(examples.path("normal").parent, top / folder, ignore=shutil.ignore_patterns("*.py", "__*"))
    if count := int(os.environ.get("EINTHOVEN_TEST_ARCHIVE", 0)):
        ptb_xl = Path(os.environ["EINTHOVEN_TEST_DATA"]) / "ptbxl"
        for header in sorted(ptb_xl.glob("records100/*/*.hea"))[:count]:
            for suffix in (".hea", ".dat"):
                shutil.copy(header.with_suffix(suffix), top)
    (top / "no-ecg.dcm").write_bytes(os.urandom(1000))
    (top / "empty.scp").touch()
    (top / "letter.txt").write_text("Dear colleague")
    (top / "b" / "normal.dat").unlink()
    (top / "c" / "minute.dat").write_bytes(b"cut")
    return top


@pytest.fixture(scope="module")
def local(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The rows of a local run."""
    out = tmp_path_factory.mktemp("local") / "answers.parquet"
    done = subprocess.run([*INTERPRET, archive, "--out", out, *MODEL], capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    return rows(pq.read_table(out), archive)


@pytest.fixture(scope="module")
def remote(archive: Path, bucket: str) -> str:
    """The same folder in an object store on loopback."""
    store = Store(f"{bucket}/archive")
    for file in archive.rglob("*"):
        if file.is_file():
            store.write(file.relative_to(archive).as_posix(), file.read_bytes())
    return bucket


def node() -> dict[str, Any]:
    """Options of a small node. Ray gives processes without a port only 15 s to start."""
    ports = ("metrics_agent_port", "metrics_export_port", "dashboard_agent_listen_port", "runtime_env_agent_port")
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in ports]
        free = [listener.getsockname()[1] for listener in sockets]
    return {"num_cpus": 1, "object_store_memory": 100 * 2**20, **dict(zip(ports, free, strict=True))}


class SlowClock:
    """The module `time`, for code that waits too short on a busy machine."""

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)

    def monotonic(self) -> float:
        return time.monotonic() / 20


@pytest.fixture(scope="module")
def cluster(bucket: str) -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_worker_niceness", "0")  # otherwise workers get no CPU time next to other tests
        patch.setattr("ray._private.node.time", SlowClock())  # Ray gives a node 30 s to start
        cluster = ray_cluster.Cluster(initialize_head=True, head_node_args=node() | {"include_dashboard": False})
        yield cluster
        cluster.shutdown()


def rows(table: pa.Table, top: object) -> list[dict[str, Any]]:
    """The rows in order of their source, relative to the top folder."""
    found = [row | {"source": row["source"].removeprefix(f"{top}/")} for row in table.to_pylist()]
    return sorted(found, key=lambda row: str(row["source"]))


def answers(out: str) -> pa.Table:
    store = Store(out)
    return pa.concat_tables(read(store, name) for name in store.names() if name.startswith("answers-"))


def read(store: Store, name: str) -> pa.Table:
    with store.open(name) as file:
        return pq.read_table(file)


def shards(out: str) -> int:
    return sum(name.startswith("answers-") for name in Store(out).names())


def wait_for_shards(out: str, count: int, driver: "subprocess.Popen[bytes]") -> None:
    while shards(out) < count:
        assert driver.poll() is None
        time.sleep(0.1)


def test_a_lost_node_and_a_killed_driver(remote: str, cluster: Any, local: list[dict[str, Any]]) -> None:
    second = cluster.add_node(**node())
    out = f"{remote}/answers"
    command = [*INTERPRET, f"{remote}/archive/", "--out", out, "--address", cluster.address, *RAY]
    driver = subprocess.Popen(command)
    wait_for_shards(out, 1, driver)
    cluster.remove_node(second, allow_graceful=False)
    wait_for_shards(out, 2, driver)
    driver.send_signal(signal.SIGKILL)
    driver.wait()
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert f"4 of {len(local)} recordings failed" in done.stderr
    assert rows(answers(out), f"{remote}/archive") == local
    with Store(out).open("_manifest.json") as file:
        manifest = json.load(file)
    assert (manifest["rows"], manifest["failed"]) == (len(local), 4)
    again = subprocess.run(command, capture_output=True, text=True)
    assert again.returncode == 1
    assert len(answers(out)) == len(local)


def test_ray_sends_no_usage_statistics(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAY_USAGE_STATS_ENABLED", raising=False)
    script = (
        "import einthoven.batch.archive.ray_engine, ray._common.usage.usage_lib as u; print(u.usage_stats_enabled())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout == "False\n", done.stderr


def test_a_cluster_without_a_gpu_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    from einthoven.batch.archive import ray_engine

    monkeypatch.setattr(ray_engine.ray, "cluster_resources", lambda: {"CPU": 2.0})
    writer: Any = SimpleNamespace(options=SimpleNamespace(provider="cuda"))
    with pytest.raises(EinthovenError, match="no GPU; choose --provider cpu"):
        next(ray_engine.make_shards(writer, [0], None))


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("archive", "--engine", "ray"), "add --out FOLDER or --out URL"),
        (("archive", "--engine", "ray", "--out", "x", "--explain", "MI"), "remove --explain"),
        (("--engine", "ray", "--out", "x"), "or add --manifest FILE"),
        (("archive", "--out", "x.csv", "--address", "auto"), "need --engine ray"),
    ],
)
def test_options_that_do_not_fit(einthoven: Any, words: tuple[str, ...], reason: str) -> None:
    code, _, error = einthoven("interpret", *words)
    assert code == 2
    assert reason in " ".join(error.split())
