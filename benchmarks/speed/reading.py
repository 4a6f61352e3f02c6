"""Measure the CPU time of `einthoven.read` for each of some files.

    python benchmarks/speed/reading.py FILE ... [--times 20] [--compressed]

Prints Markdown: the fastest of so many times, in ms, because other work on the machine disturbs it least. With
`--compressed`, each FILE is a WFDB header in format 16 and is also read as a ZIP archive and as FLAC.
"""

import argparse
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np

import einthoven


def fastest(file: Path, times: int) -> float:
    """Return CPU time in ms."""
    taken = []
    for _ in range(times):
        began = time.process_time()
        einthoven.read(file)
        taken.append(time.process_time() - began)
    return 1000 * min(taken)


def compressed(header: Path, folder: Path) -> list[Path]:
    """Write a record as a ZIP archive and as FLAC (format 516, eight channels per file)."""
    import soundfile

    archive = folder / f"{header.stem}.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for suffix in (".hea", ".dat"):
            file.write(header.with_suffix(suffix), header.with_suffix(suffix).name)
    recording = einthoven.read(header)
    samples = np.rint(1000 * recording.signal).astype(np.int16)
    lines = [f"{header.stem} {len(samples)} {recording.rate:g} {samples.shape[1]}"]
    for start in range(0, len(samples), 8):
        name = f"{header.stem}_{start // 8}.flac"
        soundfile.write(folder / name, samples[start : start + 8].T, 1000, "PCM_16", format="FLAC")
        for lead, values in zip(recording.leads[start : start + 8], samples[start : start + 8], strict=True):
            lines.append(f"{name} 516 1000/mV 16 0 {values[0]} {values.sum(dtype=np.int16)} 0 {lead}")
    (folder / header.name).write_text("\n".join(lines))
    return [archive, folder / header.name]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--compressed", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        copies = (
            [copy for file in options.files for copy in compressed(file, Path(folder))] if options.compressed else []
        )
        report([*options.files, *copies], options.times)


def report(files: list[Path], times: int) -> None:
    """Print a row for each file."""
    print("| file | format | leads, s, Hz | CPU time, ms |\n|---|---|---|---|")
    for file in files:
        recording = einthoven.read(file)
        shape = f"{len(recording.leads)}, {recording.seconds:.3g}, {recording.rate:g}"
        print(f"| {file.name} | {recording.format} | {shape} | {fastest(file, times):.1f} |")


if __name__ == "__main__":
    main()
