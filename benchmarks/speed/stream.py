"""Measure the delay of each answer of the live stream after its window, with a hundred monitors at once.

    python benchmarks/speed/stream.py --data ptb-xl [--streams 100] [--seconds 60] [--model edge] [--workers 2]

`einthoven serve` runs in a process of its own; the monitors run in another one. Each sends twelve leads at 500 Hz as
int16, ten frames a second: looped records of PTB-XL's fold 9, from a random moment of the first second on. The latency
of an answer is counted from when the window's last frame was handed to the connection until the answer has arrived, by
one clock, so it includes the whole service and most of the client. The first 11 s are left out. Prints Markdown.
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
from service import family, service
from websockets.asyncio.client import connect

from einthoven.datasets.dataset import Dataset
from einthoven.recording import LEADS, Recording
from einthoven.serve.stream.playback import splice
from einthoven.signal.resampling import resample

RATE, FRAME = 500, 50
WARM_S = 11.0
PERCENTILES = (50, 95, 99, 100)


def loops(folder: Path, count: int) -> list[np.ndarray]:
    """Return loops (samples, leads) of int16 in uV."""
    dataset = Dataset.open(folder)
    made = []
    for row in dataset.rows((9,))[:count]:
        signal = resample(np.asarray(dataset.signals[row] / np.float32(1000)), dataset.rate, RATE)
        loop = splice(Recording(signal, RATE, LEADS).signal, RATE)
        made.append(np.ascontiguousarray(np.rint(1000 * loop.T).astype("<i2")))
    return made


async def monitor(url: str, loop: np.ndarray, seconds: float, results: dict[str, list[float]]) -> None:
    """Play for so long; note latencies in ms, skipped answers, and how late the monitor's own frames were."""
    await asyncio.sleep(random.random())
    config = {"leads": LEADS, "rate_hz": RATE, "dtype": "int16", "uv_per_unit": 1}
    sent = [0.0] * (round(seconds * RATE) // FRAME)
    skipped = 0

    async with connect(url, compression=None) as socket:
        await socket.send(json.dumps(config))

        async def listen() -> None:
            nonlocal skipped
            async for text in socket:
                now = time.perf_counter()
                message = json.loads(text)
                if message["type"] == "answer":
                    skipped = message["skipped"]
                    last = round(message["time_s"] * RATE) - 1
                    if message["time_s"] > WARM_S:
                        results["latency"].append(1e3 * (now - sent[last // FRAME]))

        listening = asyncio.create_task(listen())
        began = time.perf_counter()
        for k in range(len(sent)):
            due = began + k * FRAME / RATE
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            samples = loop[np.arange(k * FRAME, (k + 1) * FRAME) % len(loop)]
            sent[k] = time.perf_counter()
            results["late"].append(1e3 * (sent[k] - due))
            await socket.send((k * FRAME).to_bytes(4, "little") + samples.tobytes())
        await asyncio.sleep(1)
        listening.cancel()
    results["skipped"].append(skipped)


async def monitors(url: str, data: Path, streams: int, seconds: float) -> dict[str, list[float]]:
    results: dict[str, list[float]] = {"latency": [], "late": [], "skipped": []}
    await asyncio.gather(*(monitor(url, loop, seconds, results) for loop in loops(data, streams)))
    return results


def usage(pid: int) -> tuple[float, float]:
    """Return CPU seconds and resident MiB of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--streams", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--model", default="edge")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--url", help=argparse.SUPPRESS)  # for the process of the monitors
    options = parser.parse_args()
    if options.url:
        print(json.dumps(asyncio.run(monitors(options.url, options.data, options.streams, options.seconds))))
        return
    with service("--model", options.model, "--workers", str(options.workers)) as running:
        processes = family(running.pid)
        before = [usage(pid) for pid in processes]
        command = [sys.executable, *sys.argv, "--url", f"ws://127.0.0.1:{running.port}/v1/stream"]
        clients = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        time.sleep(options.seconds / 2)
        half_way = sum(usage(pid)[1] for pid in processes)
        results = json.loads(clients.communicate()[0])
        after = [usage(pid) for pid in processes]
    print(f"{options.streams} streams, {options.seconds:g} s, `{options.model}`, {options.workers} workers:\n")
    print(f"| | {' | '.join('highest' if p == 100 else f'{p} %' for p in PERCENTILES)} |")
    print("|---|" + "---|" * len(PERCENTILES))
    for name, title in (("latency", "answer after its window, ms"), ("late", "the monitors' own frames late, ms")):
        values = " | ".join(f"{value:.0f}" for value in np.percentile(results[name], PERCENTILES))
        print(f"| {title} | {values} |")
    within = np.mean(np.array(results["latency"]) <= 200)
    print(f"\n{len(results['latency'])} answers, {within:.2%} within 200 ms, {sum(results['skipped']):.0f} skipped.")
    cpu = [end[0] - start[0] for end, start in zip(after, before, strict=True)]
    print(f"CPU of the listening process {cpu[0]:.1f} s, of the workers {sum(cpu[1:]):.1f} s; ", end="")
    print(f"memory of all {sum(memory for _, memory in before):.0f} MiB before, {half_way:.0f} half-way, ", end="")
    print(f"{sum(memory for _, memory in after):.0f} at the end.")


if __name__ == "__main__":
    main()
