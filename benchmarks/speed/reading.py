"""How long `einthoven.read` takes for each of some files, in CPU time.

    python benchmarks/speed/reading.py FILE ... [--times 20]

Prints Markdown: the fastest of so many times, in ms, because other work on the machine disturbs it least.
"""

import argparse
import time
from pathlib import Path

import einthoven


def fastest(file: Path, times: int) -> float:
    """CPU time in ms."""
    taken = []
    for _ in range(times):
        began = time.process_time()
        einthoven.read(file)
        taken.append(time.process_time() - began)
    return 1000 * min(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--times", type=int, default=20)
    options = parser.parse_args()
    print("| file | format | leads, s, Hz | CPU time, ms |\n|---|---|---|---|")
    for file in options.files:
        recording = einthoven.read(file)
        shape = f"{len(recording.leads)}, {recording.seconds:.3g}, {recording.rate:g}"
        print(f"| {file.name} | {recording.format} | {shape} | {fastest(file, options.times):.1f} |")


if __name__ == "__main__":
    main()
