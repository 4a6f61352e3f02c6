"""Measure the CPU time of converting PTB-XL's records to each format, reading and writing included.

    python benchmarks/speed/convert.py build/test-data/ptbxl --count 100

Prints Markdown: the mean CPU time of a record in this process, and how many records two cores convert in a second.
The time of `einthoven convert` for a folder adds the start of its workers.
"""

import argparse
import tempfile
import time
from pathlib import Path

from einthoven import read, write
from einthoven.convert.formats import FORMATS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="with WFDB records")
    parser.add_argument("--rate", choices=("100", "500"), default="500")
    parser.add_argument("--count", type=int, default=100)
    arguments = parser.parse_args()
    headers = sorted(arguments.folder.glob(f"records{arguments.rate}/**/*.hea"))[: arguments.count]
    print("| format | CPU time of a record, ms | records a second on two cores | kB |\n|---|---|---|---|")
    for name, format in FORMATS.items():
        with tempfile.TemporaryDirectory() as folder:
            write(read(headers[0]), Path(folder, f"first{format.suffix}"), name)  # imports
            began = time.process_time()
            for header in headers:
                write(read(header), Path(folder, header.stem + format.suffix), name)
            seconds = (time.process_time() - began) / len(headers)
            size = sum(file.stat().st_size for file in Path(folder).iterdir()) / (len(headers) + 1) / 1000
        print(f"| `{name}` | {1000 * seconds:.1f} | {2 / seconds:.0f} | {size:.0f} |")


if __name__ == "__main__":
    main()
