"""Measure CPU time and peak memory for a simulated 24-h Holter recording (twelve leads, 250 Hz, 518 MB) and its parts.

    python benchmarks/speed/holter.py

Prints Markdown. The memory is that of the largest process of a command.
"""

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from einthoven import examples

RATE, HOURS = 250, 24
COMMANDS = (
    "interpret {record} --from 1:00:00 --to 1:10:00",
    "interpret {record} --from 1:00:00 --to 2:00:00",
    "interpret {record} --from 1:00:00 --to 2:00:00 --every 60",
    "convert {record} --from 1:00:00 --to 2:00:00 --out {folder}/part.edf",
    "interpret {record} --every 60",
    "interpret {record}",
)


def make(folder: Path) -> Path:
    """Write the record: the minute that comes with the package, repeated."""
    minute = examples.recording("minute")
    codes = np.rint(1000 * minute.signal[:, :: round(minute.rate / RATE)].T).astype("<i2")
    repeats = HOURS * 3600 * RATE // len(codes)
    with (folder / "holter.dat").open("wb") as file:
        for _ in range(repeats):
            file.write(codes.tobytes())
    lines = [f"holter {len(minute.leads)} {RATE} {repeats * len(codes)}"]
    lines += [f"holter.dat 16 1000(0)/mV 16 0 {codes[0, k]} 0 0 {lead}" for k, lead in enumerate(minute.leads)]
    (folder / "holter.hea").write_text("\n".join(lines) + "\n")
    return folder / "holter.hea"


def main() -> None:
    print("| command | CPU time, s | peak memory, MiB |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        record = make(Path(folder))
        for command in COMMANDS:
            measure = [sys.executable, __file__, *command.format(record=record, folder=folder).split()]
            used = subprocess.run(measure, capture_output=True, text=True, check=True).stdout
            print(f"| `{command.format(record='holter.hea', folder='.')}` | {used.strip()} |", flush=True)


def measure(arguments: list[str]) -> None:
    """Run one command, and print the resources that its processes used."""
    subprocess.run([sys.executable, "-m", "einthoven", *arguments], stdout=subprocess.DEVNULL, check=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{used.ru_utime + used.ru_stime:.1f} | {used.ru_maxrss / 1024:.0f}")


if __name__ == "__main__":
    measure(sys.argv[1:]) if len(sys.argv) > 1 else main()
