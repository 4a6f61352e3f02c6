"""Interpret a folder from an S3 server on a Ray cluster of two nodes, all on this machine, and locally.

1. All recordings, while a node and then the driver are killed, and the driver is started again. Every row must equal
   the local run's.
2. Fewer recordings: a local run, one node of one CPU, two nodes of one CPU. CPU time of all processes, by kind.

Other work on the machine changes rows per second, but hardly CPU time. Linux only.
"""

import argparse
import ctypes
import logging
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from moto.s3.models import s3_backends
from moto.server import ThreadedMotoServer
from ray.cluster_utils import Cluster

from einthoven.batch.archive.store import Store

BUCKET = "s3://ecg"
NODE = {"num_cpus": 1, "object_store_memory": 100 * 2**20}
_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_agent_register_timeout_ms": "300000",
    "RAY_worker_niceness": "0",  # otherwise workers get no CPU time next to other work
    **dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"),
}
_PR_SET_CHILD_SUBREAPER = 36
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_KINDS = {"spawn_main": "server", "ray::": "workers", "forkserver": "workers", "interpret": "command"}


class CpuTimes:
    """CPU time in s of all processes that this one starts, by kind; sampled, because lost processes report nothing."""

    def __init__(self) -> None:
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)  # processes without a parent become children of this one
        self._processes = dict[tuple[int, int], tuple[str, float]]()
        threading.Thread(target=self._repeat, daemon=True).start()

    def total(self) -> Counter[str]:
        """Return the sums until now."""
        self._sample()
        total = Counter[str]()
        for kind, cpu_s in list(self._processes.values()):
            total[kind] += cpu_s  # type: ignore[assignment]
        return total

    def _repeat(self) -> None:
        while True:
            self._sample()
            time.sleep(0.3)

    def _sample(self) -> None:
        ours = {os.getpid()}
        for pid in sorted(int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()):
            try:
                words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue
            if int(words[1]) in ours:
                ours.add(pid)
                kind = next((kind for word, kind in _KINDS.items() if word in command), "Ray")
                process = pid, int(words[19])
                known, _ = self._processes.get(process, (kind, 0.0))
                kind = known if not command else kind  # it has ended
                self._processes[process] = kind, (int(words[11]) + int(words[12])) * _TICK_S


def main() -> None:
    """Print the events, and a line of figures for each way to run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="WFDB records, such as records100 of PTB-XL")
    parser.add_argument("--model", default="edge")
    parser.add_argument("--shard-size", type=int, default=500)
    parser.add_argument("--fewer", type=int, default=2000, help="recordings of the second part, in 20 shards")
    parser.add_argument("--only", choices=("proof", "speed"), help="one of the two parts")
    parser.add_argument("--local", type=Path, help="answers of a local run over the folder, if it was made before")
    arguments = parser.parse_args()
    os.environ.update(_ENVIRONMENT)
    times = CpuTimes()
    with tempfile.TemporaryDirectory() as temporary, s3_server(arguments.folder):
        if arguments.only != "speed":
            local = arguments.local or Path(temporary) / "local.parquet"
            if not arguments.local:
                interpret(arguments, str(arguments.folder), "--out", str(local), "--workers", "1").wait()
            prove(arguments, local)
        if arguments.only != "proof":
            compare_speeds(arguments, times, Path(temporary))


@contextmanager
def s3_server(folder: Path) -> Iterator[None]:
    """Run moto's S3 server, in a process of its own, with the files of a folder as objects."""
    context = multiprocessing.get_context("spawn")
    ours, its = context.Pipe()
    server = context.Process(target=serve, args=(folder, its), name="moto", daemon=True)
    server.start()
    os.environ["AWS_ENDPOINT_URL"], count = ours.recv()
    say(f"{count} objects in the bucket")
    try:
        yield
    finally:
        server.kill()
        server.join()


def serve(folder: Path, pipe: Any) -> None:
    """Put the files into the bucket without requests, which would take as long as the run, and serve until killed."""
    backend = s3_backends["123456789012"]["aws"]
    backend.create_bucket(BUCKET.removeprefix("s3://"), "us-east-1")
    files = [file for file in folder.rglob("*") if file.is_file()]
    for file in files:
        key = f"archive/{file.relative_to(folder).as_posix()}"
        backend.put_object(BUCKET.removeprefix("s3://"), key, file.read_bytes())
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    pipe.send((f"http://{host}:{port}", len(files)))
    signal.pause()


def prove(arguments: argparse.Namespace, local: Path) -> None:
    """Interpret all while a node and the driver are killed; compare every row."""
    with cluster() as (head, second):
        command = (f"{BUCKET}/archive/", "--out", f"{BUCKET}/answers", "--address", head.address)
        driver = interpret(arguments, *command, *ray_options(arguments.shard_size))
        wait_for_shards(8, driver)
        head.remove_node(second, allow_graceful=False)
        say("killed a node after 8 shards")
        wait_for_shards(16, driver)
        driver.send_signal(signal.SIGKILL)
        driver.wait()
        say("killed the driver after 16 shards; a new node, and the same command again")
        try_often(lambda: head.add_node(**NODE))
        code = interpret(arguments, *command, *ray_options(arguments.shard_size)).wait()
    expected, answers = table(pq.read_table(local), f"{arguments.folder}/"), table(read_answers(), f"{BUCKET}/archive/")
    failed = len(answers) - answers["error"].null_count
    say(f"exit code {code}; {len(answers)} rows, {failed} with an error; expected {len(expected)} rows")
    say("every row equals the local run's" if answers.equals(expected) else "THE ROWS DIFFER")


def compare_speeds(arguments: argparse.Namespace, times: CpuTimes, temporary: Path) -> None:
    """Run fewer recordings locally and on one and two nodes; print CPU time per recording, also without the start."""
    names = sorted(file.relative_to(arguments.folder).as_posix() for file in arguments.folder.rglob("*.hea"))
    sizes = (arguments.fewer // 10, arguments.fewer)
    for size in sizes:
        copy_records(arguments.folder, names[:size], temporary / str(size))
        pq.write_table(pa.table({"path": names[:size]}), temporary / f"{size}.parquet")

    def local(size: int) -> tuple[str, ...]:
        return str(temporary / str(size)), "--out", str(temporary / f"{size}.csv"), "--workers", "1"

    compare_sizes("local", times, sizes, arguments, local)
    for nodes in (1, 2):
        with cluster(nodes) as (head, _):

            def on_ray(size: int, nodes: int = nodes, address: str = head.address) -> tuple[str, ...]:
                words = ("--manifest", str(temporary / f"{size}.parquet"), "--address", address)
                out = f"{BUCKET}/answers-{nodes}-{size}"
                return f"{BUCKET}/archive/", *words, "--out", out, *ray_options(sizes[0] // 2)  # for two workers

            compare_sizes(f"{nodes} nodes", times, sizes, arguments, on_ray)


def copy_records(folder: Path, names: list[str], to: Path) -> None:
    """Copy WFDB records."""
    for name in names:
        for file in (Path(name), Path(name).with_suffix(".dat")):
            (to / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / file, to / file)


def compare_sizes(
    name: str,
    times: CpuTimes,
    sizes: tuple[int, int],
    arguments: argparse.Namespace,
    words: Callable[[int], tuple[str, ...]],
) -> None:
    """Print CPU time per recording of two runs, and of each further recording, which needs no start of processes."""
    few, many = (measure(f"{name}, {size} recordings", times, size, arguments, *words(size)) for size in sizes)
    many.subtract(few)
    say(f"{name}, each further recording: {describe(many, sizes[1] - sizes[0])}")


def measure(name: str, times: CpuTimes, recordings: int, arguments: argparse.Namespace, *words: str) -> "Counter[str]":
    """Run a command and print what it took; return CPU time in s by kind."""
    before, start = times.total(), time.monotonic()
    code = interpret(arguments, *words).wait()
    wall_s, used = time.monotonic() - start, times.total()
    used.subtract(before)
    say(f"{name}: exit code {code}, {recordings / wall_s:.1f} rows per s, {describe(used, recordings)}")
    return used


def describe(used: "Counter[str]", recordings: int) -> str:
    """Return CPU time per recording by kind."""
    return ", ".join(f"{kind} {1000 * cpu_s / recordings:.2f} ms" for kind, cpu_s in sorted(used.items()))


def interpret(arguments: argparse.Namespace, *words: str) -> "subprocess.Popen[bytes]":
    """Start `einthoven interpret`."""
    return subprocess.Popen([sys.executable, "-m", "einthoven", "interpret", "--model", arguments.model, *words])


def ray_options(shard_size: int) -> tuple[str, ...]:
    """Return the options for Ray."""
    return "--engine", "ray", "--shard-size", str(shard_size)


@contextmanager
def cluster(nodes: int = 2) -> Iterator[tuple[Any, Any]]:
    """Start Ray nodes of one CPU each; yield the cluster and its last node."""
    head = try_often(lambda: Cluster(initialize_head=True, head_node_args=NODE | {"include_dashboard": False}))
    try:
        yield head, try_often(lambda: head.add_node(**NODE)) if nodes == 2 else None
    finally:
        head.shutdown()


def try_often(start: Callable[[], Any]) -> Any:
    """Start nodes several times: Ray gives their processes 15 s to start, which can be too few on a busy machine."""
    for _ in range(30):
        try:
            return start()
        except Exception as error:  # Ray has no class for it
            say(f"trying again: {error}")
    sys.exit("Ray does not start here.")


def shards() -> list[str]:
    """List the shards of the first part."""
    return [name for name in Store(f"{BUCKET}/answers").names() if name.startswith("answers-")]


def wait_for_shards(count: int, driver: "subprocess.Popen[bytes]") -> None:
    """Wait until there are so many."""
    while len(shards()) < count:
        if driver.poll() is not None:
            sys.exit("The command ended before it could be interrupted.")
        time.sleep(1)


def read_answers() -> pa.Table:
    """Read all shards of the first part."""
    store, tables = Store(f"{BUCKET}/answers"), []
    for name in shards():
        with store.open(name) as file:
            tables.append(pq.read_table(file))
    return pa.concat_tables(tables)


def table(answers: pa.Table, top: str) -> pa.Table:
    """Return the rows in the order of their sources, which are relative to the top folder."""
    sources = [source.removeprefix(top) for source in answers["source"].to_pylist()]
    index = answers.column_names.index("source")
    return answers.set_column(index, "source", pa.array(sources)).sort_by("source").replace_schema_metadata(None)


def say(text: str) -> None:
    """Print a line with the time."""
    print(time.strftime("%H:%M:%S"), text, flush=True)


if __name__ == "__main__":
    main()
