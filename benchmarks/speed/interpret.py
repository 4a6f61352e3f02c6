"""Measure the time of interpretation: a whole command, one ECG in a warm process, a folder and a plain loop.

    python benchmarks/speed/interpret.py --data ptb-xl [--records 2000]

Everything is measured in one run, because machines are noisy: compare ratios. The plain loop is what one would write
without Einthoven: wfdb.rdsamp and a torch network of the same size on four windows, one file after the other. It needs
torch. Prints Markdown.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from service import family, memory_mib

from einthoven import Interpreter, read
from einthoven.signal.heart_rate import heart_rate_bpm
from einthoven.signal.quality import assess

COMMAND = [sys.executable, "-m", "einthoven"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with PTB-XL")
    parser.add_argument("--records", type=int, default=2000, help="how many records for the folder")
    options = parser.parse_args()
    headers = sorted((options.data / "records100").rglob("*.hea"))[: options.records]
    whole_commands(headers[0])
    warm(headers[:200])
    folders(headers)


def whole_commands(header: Path) -> None:
    print("| whole process, median of 9 | s |\n|---|---|")
    for arguments in (["--help"], ["interpret", str(header), "--format", "json"]):
        command = [*COMMAND, *arguments]
        times = [_seconds(partial(subprocess.run, command, check=True, capture_output=True)) for _ in range(9)]
        shown = " ".join(arguments).replace(str(header), "one.hea")
        print(f"| `einthoven {shown}` | {statistics.median(times):.2f} |")


def warm(headers: list[Path]) -> None:
    print("\n| one 10-s record in a warm process, one thread | median, ms | fastest, ms |\n|---|---|---|")
    recordings = [read(header) for header in headers]
    _row("read", _each(read, headers))
    _row("quality", _each(lambda r: assess(r.signal, r.rate, r.leads), recordings))
    _row("heart rate", _each(lambda r: heart_rate_bpm(r.signal, r.rate), recordings))
    for model in ("default", "edge"):
        interpreter = Interpreter.load(model)
        interpreter(recordings[0])
        scores, whole = interpreter.bundle.scores, partial(_whole, interpreter)
        _row(f"`{model}`: model", _each(lambda r, scores=scores: scores(r.signal), recordings))
        _row(f"`{model}`: read and interpret", _each(whole, headers))


def _whole(interpreter: Interpreter, header: Path) -> str:
    return interpreter(read(header)).to_json()


def folders(headers: list[Path]) -> None:
    print("\n| files to CSV on 2 workers | ECGs a second | MiB of all processes, four times |\n|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for model in ("edge", "default"):
            out = Path(folder, f"{model}.csv")
            command = [*COMMAND, "interpret", *map(str, headers), "--model", model, "--workers", "2", "--out", str(out)]
            began, used = time.perf_counter(), []
            with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
                while process.poll() is None:
                    used.append(_memory(process.pid))
                    time.sleep(0.5)
            seconds = time.perf_counter() - began
            four = ", ".join(f"{used[len(used) * k // 5]:.0f}" for k in range(1, 5))
            print(f"| `{model}` | {len(headers) / seconds:.0f} | {four} |", flush=True)
    seconds = _seconds(partial(_plain_loop, headers[:200]))
    print(f"| wfdb.rdsamp and torch in a loop | {min(200, len(headers)) / seconds:.0f} | |")


def _memory(pid: int) -> float:
    """Return the memory in MiB of a process and all below it; shared pages count once."""
    return sum(memory_mib(process, "Pss") for process in family(pid))


def _plain_loop(headers: list[Path]) -> None:
    import torch
    import wfdb

    from einthoven.networks import create

    torch.set_num_threads(2)
    network = create("xresnet1d50", 75, 250).eval()
    with torch.inference_mode():
        for header in headers:
            signal, _ = wfdb.rdsamp(str(header.with_suffix("")))
            network(torch.tensor(signal.T.reshape(12, 4, 250), dtype=torch.float32).transpose(0, 1)).sigmoid().mean(0)


def _row(name: str, seconds: list[float]) -> None:
    print(f"| {name} | {1e3 * statistics.median(seconds):.2f} | {1e3 * min(seconds):.2f} |")


def _each(call: Callable[[Any], object], items: Iterable[object]) -> list[float]:
    return [_seconds(partial(call, item)) for item in items]


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
