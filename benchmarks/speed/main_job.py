"""Measure time and memory of the main job: loading, one training epoch, evaluating every record.

    python benchmarks/speed/main_job.py --data ptb-xl

Each step runs in a process of its own, one after another, so that the ratios come from one run on one machine. Peak
memory is the resident set, which includes the pages of the memory-mapped signals (0.52 GB).
Prints the table of docs/explanation/performance.md.
"""

import argparse
import csv
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

OPEN = "import sys; from pathlib import Path; from einthoven.datasets.dataset import Dataset; "
OPEN += "Dataset.open(Path(sys.argv[1])).signals.shape"
RDSAMP = """
import csv, sys
import numpy as np, wfdb
with open(sys.argv[1] + "/ptbxl_database.csv", newline="") as file:
    names = [row["filename_lr"] for row in csv.DictReader(file)]
signals = np.empty((len(names), 1000, 12), np.float32)
for row, name in enumerate(names):
    signals[row], _ = wfdb.rdsamp(f"{sys.argv[1]}/{name}")
"""


def measured(*arguments: str, **environment: str) -> tuple[float, float]:
    """Return wall seconds and peak resident memory in GiB of a Python process."""
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, *arguments], env=os.environ | environment, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(arguments[:4])} ... failed")
    return time.perf_counter() - began, usage.ru_maxrss / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with PTB-XL")
    data = str(parser.parse_args().data.resolve())
    rows: list[tuple[str, float, float]] = []
    with tempfile.TemporaryDirectory() as scratch:
        cache = {"EINTHOVEN_CACHE": f"{scratch}/cache"}
        einthoven = ("-m", "einthoven")
        # The first reading of all files, so that every later one finds them in the operating system's cache.
        measured("-m", "einthoven", "data", "check", data)
        rows.append(("build the signal cache (once)", *measured("-c", OPEN, data, **cache)))
        rows.append(("open PTB-XL with the cache there", *measured("-c", OPEN, data, **cache)))
        rows.append(("loop over `wfdb.rdsamp`", *measured("-c", RDSAMP, data)))
        run = f"{scratch}/run"
        train = (*einthoven, "train", "--data", data, "--epochs", "1", "--out", run)
        _, memory = measured(*train, **cache)
        with Path(run, "log.csv").open() as file:
            rows.append(
                (
                    "one epoch of `smigiel-conv` (17,418 records)",
                    float(next(csv.DictReader(file))["seconds"]),
                    memory,
                )
            )
        evaluate = (*einthoven, "evaluate", run, "--fold", "1-10", "--out", f"{scratch}/results")
        rows.append(("`einthoven evaluate` on all 21,799 records, 1,000 rounds", *measured(*evaluate, **cache)))

    loop = rows[2][1]
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, PTB-XL 1.0.3 at 100 Hz\n")
    print("| step | seconds | peak memory, GiB | against the loop |\n|---|---|---|---|")
    for name, seconds, memory in rows:
        ratio = f"{loop / seconds:.0f}x faster" if name.startswith(("build", "open")) else ""
        print(f"| {name} | {seconds:.1f} | {memory:.2f} | {ratio} |")


if __name__ == "__main__":
    main()
