"""Measure the CPU time per recording of an archive run with Ray, and of a local run of the same recordings.

All processes of a run count: Ray's own, the workers, and those that they start. Linux only.
"""

import argparse
import ctypes
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36


def main() -> None:
    """Print CPU time in s, in total and per recording in ms, of each way to run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", help="folder or URL")
    parser.add_argument("local", type=Path, help="the same recordings in a local folder")
    parser.add_argument("--recordings", type=int, required=True, help="how many there are")
    parser.add_argument("--shard-size", default="250")
    arguments = parser.parse_args()
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)  # CPU time of processes without a parent comes here
    with tempfile.TemporaryDirectory() as folder:
        ray = ("--engine", "ray", "--shard-size", arguments.shard_size)
        ways = {
            "local": (str(arguments.local), "--out", f"{folder}/answers.csv"),
            "ray": (arguments.source, "--out", f"{folder}/answers", *ray),
        }
        for name, words in ways.items():
            cpu_s, wall_s = measure("interpret", *words, "--workers", "1")
            per_recording = 1000 * cpu_s / arguments.recordings
            print(
                f"{name}: {cpu_s:.1f} s of CPU time, {per_recording:.1f} ms per recording, {wall_s:.0f} s", flush=True
            )


def measure(*words: str) -> tuple[float, float]:
    """Run a command of Einthoven; return its CPU time with that of all its descendants, and its duration, in s."""
    before, start = _cpu_s(), time.monotonic()
    subprocess.run([sys.executable, "-m", "einthoven", *words], check=False)
    wall_s = time.monotonic() - start
    try:
        while True:
            os.wait()
    except ChildProcessError:
        return _cpu_s() - before, wall_s


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
