"""Measure the recordings per second of the service: eight clients on the two cores that they share with it.

    python benchmarks/speed/serve.py --data ptb-xl [--seconds 60] [--requests 10000]

Each row posts recordings of PTB-XL, one after the other on each of eight connections: 100-Hz WFDB as a form of two
files, 500-Hz DICOM as the body. Next to it, in the same run, one process reads and interprets the same files in a plain
loop without HTTP. The share of reading is its time to read over its time for all. Then it prints how memory develops.
Machines are noisy: compare ratios. Prints Markdown.
"""

import argparse
import asyncio
import os
import re
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from service import Source, dicom_sources, http_request, memory_mib, service, wfdb_sources

import einthoven

CLIENTS, CORES = 8, 2


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with PTB-XL, both rates")
    parser.add_argument("--seconds", type=float, default=60, help="of each row")
    parser.add_argument("--requests", type=int, default=10_000, help="during which memory is measured")
    parser.add_argument("--records", type=int, default=200, help="different recordings")
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])  # holds for the service, too
    os.environ["OMP_NUM_THREADS"] = "1"
    wfdb, dicom = wfdb_sources(options.data, options.records), dicom_sources(options.data, options.records)
    start()
    print("\n| posted | model | a second | p50, ms | p99, ms | errors | plain loop, a second | share of reading |")
    print("|---|---|---|---|---|---|---|---|")
    for name, sources in (("100-Hz WFDB", wfdb), ("500-Hz DICOM", dicom)):
        requests = [http_request(source) for source in sources]
        for model in ("default", "edge"):
            loop, reading = plain_loop(model, sources, min(options.seconds, 10))
            with service("--workers", str(CORES), "--model", model) as running:
                asyncio.run(Load(running.port, requests).post(seconds=2))  # what is slow only once
                load = Load(running.port, requests)
                asyncio.run(load.post(seconds=options.seconds))
            print(
                f"| {name} | `{model}` | {load.row(options.seconds)} | {loop:.0f} | {100 * reading:.0f} % |", flush=True
            )
    memory([http_request(source) for source in wfdb + dicom], options.requests)


@dataclass
class Load:
    """Clients that post one recording after the other."""

    port: int
    requests: list[bytes]
    seconds: list[float] = field(default_factory=list)
    errors: int = 0

    async def post(self, seconds: float = float("inf"), count: float = float("inf")) -> None:
        """Post for so long, or so often."""
        end = time.perf_counter() + seconds
        await asyncio.gather(*(self._client(number, end, count) for number in range(CLIENTS)))

    async def _client(self, number: int, end: float, count: float) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        number *= len(self.requests) // CLIENTS
        while time.perf_counter() < end and len(self.seconds) < count:
            began = time.perf_counter()
            writer.write(self.requests[number % len(self.requests)])
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head)
            assert length
            await reader.readexactly(int(length[1]))
            self.seconds.append(time.perf_counter() - began)
            self.errors += not head.startswith(b"HTTP/1.1 200")
            number += 1
        writer.close()

    def row(self, seconds: float) -> str:
        """Return requests per second, median, 99th percentile and errors."""
        p50, p99 = 1e3 * np.percentile(self.seconds, (50, 99))
        return f"{len(self.seconds) / seconds:.0f} | {p50:.0f} | {p99:.0f} | {self.errors}"


def start() -> None:
    """Print the time from the command until all workers are ready."""
    times = []
    for _ in range(5):
        began = time.perf_counter()
        with service("--workers", str(CORES)):
            times.append(time.perf_counter() - began)
    print(f"Listens, all workers ready, after {np.median(times):.2f} s (median of 5; fastest {min(times):.2f} s).")


def plain_loop(model: str, sources: list[Source], seconds: float) -> tuple[float, float]:
    """Return recordings per second in this process, one thread; and the share of that time that reading takes."""
    interpreter = einthoven.Interpreter.load(model)
    interpreter(einthoven.read(sources[0]))
    reading, count, began = 0.0, 0, time.perf_counter()
    while (elapsed := time.perf_counter() - began) < seconds:
        begun = time.perf_counter()
        recording = einthoven.read(sources[count % len(sources)])
        reading += time.perf_counter() - begun
        interpreter(recording).to_json()
        count += 1
    return count / elapsed, reading / elapsed


def memory(requests: list[bytes], count: int) -> None:
    """Print the private memory of the service and of its workers after each tenth of the requests."""
    print("\n| requests | service, MiB | workers, MiB |\n|---|---|---|")
    with service("--workers", str(CORES), "--model", "edge") as running:
        load = Load(running.port, requests)
        for tenth in range(11):
            if tenth:
                asyncio.run(load.post(count=count * tenth / 10))
            listener, *workers = map(memory_mib, running.processes())
            print(
                f"| {len(load.seconds):,} | {listener:.0f} | {', '.join(f'{mib:.0f}' for mib in workers)} |", flush=True
            )


if __name__ == "__main__":
    main()
