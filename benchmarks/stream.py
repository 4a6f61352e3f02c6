"""A hundred monitors at once: how long after its window each answer comes, and what it takes.

    python benchmarks/stream.py --data ptb-xl [--streams 100] [--seconds 60] [--model edge] [--workers 2]

`einthoven serve` runs as a process of its own; the monitors are another one. Each sends twelve leads at 500 Hz as
int16, ten frames a second, records of PTB-XL's fold 9 that are looped, and begins at a random moment of the first
second. The latency of an answer is counted from when the window's last frame was handed to the connection until the
answer is there, by one clock, so it holds all of the service and most of the client. The first 11 s are left out.
Prints Markdown.
"""

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from websockets.asyncio.client import connect

from einthoven.ptbxl.dataset import Dataset
from einthoven.recording import LEADS, Recording
from einthoven.serve.stream.playback import splice
from einthoven.signal.resampling import resample

RATE, FRAME = 500, 50
WARM_S = 11.0
PERCENTILES = (50, 95, 99, 100)


def tracings(folder: Path, count: int) -> list[np.ndarray]:
    """Loops (samples, leads) of int16 in uV."""
    dataset = Dataset.open(folder)
    found = []
    for row in dataset.rows((9,))[:count]:
        signal = resample(np.asarray(dataset.signals[row] / np.float32(1000)), dataset.rate, RATE)
        loop = splice(Recording(signal, RATE, LEADS).signal, RATE)
        found.append(np.ascontiguousarray(np.rint(1000 * loop.T).astype("<i2")))
    return found


async def monitor(url: str, tracing: np.ndarray, seconds: float, found: dict[str, list[float]]) -> None:
    """Play for so long; note latencies in ms, skipped answers and lateness of our own frames."""
    await asyncio.sleep(random.random())
    first = {"leads": LEADS, "rate_hz": RATE, "dtype": "int16", "uv_per_unit": 1}
    sent = [0.0] * (round(seconds * RATE) // FRAME)
    skipped = 0

    async with connect(url, compression=None) as socket:
        await socket.send(json.dumps(first))

        async def listen() -> None:
            nonlocal skipped
            async for text in socket:
                now = time.perf_counter()
                head = json.loads(text.partition(', "quality"')[0] + "}") if '"quality"' in text[:2000] else {}
                if head.get("type") == "answer":
                    skipped = head["skipped"]
                    last = round(head["time_s"] * RATE) - 1
                    if head["time_s"] > WARM_S:
                        found["latency"].append(1e3 * (now - sent[last // FRAME]))

        listening = asyncio.create_task(listen())
        began = time.perf_counter()
        for k in range(len(sent)):
            due = began + k * FRAME / RATE
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            samples = tracing[np.arange(k * FRAME, (k + 1) * FRAME) % len(tracing)]
            sent[k] = time.perf_counter()
            found["late"].append(1e3 * (sent[k] - due))
            await socket.send((k * FRAME).to_bytes(4, "little") + samples.tobytes())
        await asyncio.sleep(1)
        listening.cancel()
    found["skipped"].append(skipped)


async def monitors(url: str, data: Path, streams: int, seconds: float) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {"latency": [], "late": [], "skipped": []}
    await asyncio.gather(*(monitor(url, tracing, seconds, found) for tracing in tracings(data, streams)))
    return found


def family(process: int) -> list[int]:
    """A process and its children."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [process, *(one for child in children for one in family(int(child)))]


def usage(process: int) -> tuple[float, float]:
    """CPU seconds and resident MiB of a process so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--streams", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--model", default="edge")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--url", help=argparse.SUPPRESS)  # the process of the monitors
    options = parser.parse_args()
    if options.url:
        print(json.dumps(asyncio.run(monitors(options.url, options.data, options.streams, options.seconds))))
        return
    command = [sys.executable, "-m", "einthoven", "serve", "--port", "0", "--model", options.model]
    service = subprocess.Popen(
        [*command, "--workers", str(options.workers)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert service.stdout
    url = f"ws://{service.stdout.readline().rpartition('//')[2].strip()}/v1/stream"
    processes = family(service.pid)
    before = [usage(one) for one in processes]
    clients = subprocess.Popen([sys.executable, *sys.argv, "--url", url], stdout=subprocess.PIPE, text=True)
    time.sleep(options.seconds / 2)
    middle = sum(usage(one)[1] for one in processes)
    found = json.loads(clients.communicate()[0])
    after = [usage(one) for one in processes]
    service.terminate()
    print(f"{options.streams} streams, {options.seconds:g} s, `{options.model}`, {options.workers} workers:\n")
    print(f"| | {' | '.join('highest' if p == 100 else f'{p} %' for p in PERCENTILES)} |")
    print("|---|" + "---|" * len(PERCENTILES))
    for name, what in (("latency", "answer after its window, ms"), ("late", "the monitors' own frames late, ms")):
        values = " | ".join(f"{value:.0f}" for value in np.percentile(found[name], PERCENTILES))
        print(f"| {what} | {values} |")
    within = np.mean(np.array(found["latency"]) <= 200)
    print(f"\n{len(found['latency'])} answers, {within:.2%} within 200 ms, {sum(found['skipped']):.0f} skipped.")
    cpu = [new[0] - old[0] for new, old in zip(after, before, strict=True)]
    print(f"CPU of the listening process {cpu[0]:.1f} s, of the workers {sum(cpu[1:]):.1f} s; ", end="")
    print(f"memory of all {sum(old[1] for old in before):.0f} MiB before, {middle:.0f} half-way, ", end="")
    print(f"{sum(new[1] for new in after):.0f} at the end.")


if __name__ == "__main__":
    main()
