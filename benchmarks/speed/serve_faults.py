"""Measure the recordings that the service answers during faults: 200 clients, a minute for each kind of fault.

    python benchmarks/speed/serve_faults.py --data ptb-xl [--seconds 60] [--clients 200]

Each row starts a service of its own. Its clients post recordings of PTB-XL without a pause while a fault is injected. A
client that gets 429 or 503 waits as long as Retry-After asks, and posts the recording again. The table gives the share
of recordings that were answered, the median and the 99th percentile of the time to an answer (waiting included),
answers of every other kind, the highest private memory of the listening process, and how long after the last fault the
first recording posted after it was answered. Prints Markdown.
"""

import argparse
import asyncio
import os
import re
import resource
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from service import dicom_sources, family, http_request, memory_mib, service, wfdb_sources

Fault = Callable[[int, threading.Event], None]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with PTB-XL, both rates")
    parser.add_argument("--seconds", type=float, default=60, help="of each row")
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--records", type=int, default=100, help="different recordings of each kind")
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    sources = wfdb_sources(options.data, options.records) + dicom_sources(options.data, options.records)
    requests = [http_request(source) for source in sources]
    most = str(2 * options.clients)
    service_options = ["--workers", "2", "--model", "edge", "--queue", most, "--max-connections", most]
    print("| fault | requests | answered | p50, s | p99, s | other answers | memory, MiB | recovered after, s |")
    print("|---|---|---|---|---|---|---|---|")
    for name, fault, full_disk in (
        ("none", None, False),
        ("kill -9 of a worker every 2 s", kill_workers, False),
        ("kill -9 of what starts workers, every 10 s", kill_forkserver, False),
        ("SIGSTOP of a worker, every 10 s", stop_workers, False),
        ("no file can be written (disk full)", None, True),
    ):
        with service(*service_options, preexec_fn=forbid_writing if full_disk else None) as running:
            load = Load(running.port, requests, options.clients)
            print(f"| {name} | {load.under(fault, running.pid, options.seconds)} |", flush=True)


def forbid_writing() -> None:
    """Forbid this process and those below it to write to files."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


@dataclass
class Load:
    """Clients that post one recording after the other, each until it is answered."""

    port: int
    requests: list[bytes]
    clients: int
    seconds: list[float] = field(default_factory=list)
    """Time in s from the first try of a recording to its answer."""
    lost: int = 0
    others: Counter[str] = field(default_factory=Counter)
    begun: list[float] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)

    def under(self, fault: Fault | None, pid: int, seconds: float) -> str:
        """Post for so many seconds, with the fault during the middle half of them; return a row of the table."""
        over, done = threading.Event(), threading.Event()
        last_fault: list[float] = []
        memory = [0.0]

        def watch() -> None:
            while not done.wait(0.5):
                memory[0] = max(memory[0], memory_mib(pid))

        def inject() -> None:
            if fault and not done.wait(seconds / 4):
                end = threading.Timer(seconds / 2, over.set)
                end.start()
                fault(pid, over)
                end.cancel()
                last_fault.append(time.perf_counter())

        threads = [threading.Thread(target=watch), threading.Thread(target=inject)]
        for thread in threads:
            thread.start()
        asyncio.run(self._post_all(time.perf_counter() + seconds))
        over.set()
        done.set()
        for thread in threads:
            thread.join()
        return self._row(memory[0], last_fault[0] if last_fault else None)

    async def _post_all(self, end: float) -> None:
        await asyncio.gather(*(self._client(number, end) for number in range(self.clients)))

    async def _client(self, number: int, end: float) -> None:
        number *= max(1, len(self.requests) // self.clients)
        while time.perf_counter() < end:
            await self._post(self.requests[number % len(self.requests)], end)
            number += 1

    async def _post(self, request: bytes, end: float) -> None:
        began = time.perf_counter()
        while True:
            try:
                status, wait_s = await asyncio.wait_for(self._response(request), 150)
            except (OSError, EOFError, TimeoutError, asyncio.IncompleteReadError) as error:
                status, wait_s = type(error).__name__, 1.0
            if status == "200":
                self.seconds.append(time.perf_counter() - began)
                self.begun.append(began)
                self.ended.append(time.perf_counter())
                return
            self.others[status] += 1
            if status not in ("429", "503") or time.perf_counter() > end + 30:
                self.lost += 1
                return
            await asyncio.sleep(wait_s)

    async def _response(self, request: bytes) -> tuple[str, float]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head)
            await reader.readexactly(int(length[1]) if length else 0)
        finally:
            writer.close()
        retry = re.search(rb"(?i)retry-after: (\d+)", head)
        return head[9:12].decode(), float(retry[1]) if retry else 1.0

    def _row(self, memory: float, last_fault: float | None) -> str:
        total = len(self.seconds) + self.lost
        p50, p99 = np.percentile(self.seconds, (50, 99)) if self.seconds else (np.nan, np.nan)
        others = ", ".join(f"{count} x {kind}" for kind, count in self.others.most_common()) or "none"
        recovered = "–"
        if last_fault is not None:
            after = [end - last_fault for begin, end in zip(self.begun, self.ended, strict=True) if begin > last_fault]
            recovered = f"{min(after):.2f}" if after else "never"
        share = 100 * len(self.seconds) / max(total, 1)
        return f"{total} | {share:.2f} % | {p50:.2f} | {p99:.2f} | {others} | {memory:.0f} | {recovered}"


def kill_workers(pid: int, over: threading.Event) -> None:
    while not over.wait(2):
        _signal_one_worker(pid, signal.SIGKILL)


def kill_forkserver(pid: int, over: threading.Event) -> None:
    while not over.is_set():
        for child in family(pid)[1:]:
            if "forkserver" in Path(f"/proc/{child}/cmdline").read_text() and family(child)[1:]:
                os.kill(child, signal.SIGKILL)
        over.wait(10)


def stop_workers(pid: int, over: threading.Event) -> None:
    while not over.is_set():
        _signal_one_worker(pid, signal.SIGSTOP)
        over.wait(10)


def _signal_one_worker(pid: int, number: signal.Signals) -> None:
    leaves = [child for child in family(pid)[1:] if not family(child)[1:]]
    workers = [child for child in leaves if "forkserver" in Path(f"/proc/{child}/cmdline").read_text()]
    if workers:
        os.kill(workers[int(time.monotonic()) % len(workers)], number)


if __name__ == "__main__":
    main()
