import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from einthoven.errors import EinthovenError, RecordingError
from einthoven.workers import Worker, WorkerError, in_order


def start() -> Callable[[Any], Any]:
    return work


def cannot_start() -> Callable[[Any], Any]:
    raise EinthovenError("there is no such model.")


kept: list[NDArray[np.uint8]] = []


def work(item: Any) -> Any:
    match item:
        case "refuse":
            raise RecordingError("is no ECG.")
        case "die":
            os._exit(3)
        case "crash":
            raise ValueError("a bug")
        case "hang":
            time.sleep(600)
        case "eat":
            return np.ones(2**30, np.uint8).sum()  # 1 GiB
        case "pid":
            return os.getpid()
        case "keep":
            kept.append(np.ones(200 << 20, np.uint8))
            return os.getpid()
    time.sleep(item * 0.02 if item % 3 == 0 else 0)  # some are late
    return item * item


def run(items: list[Any], count: int = 2, **limits: Any) -> list[Any]:
    return list(in_order(items, [Worker(start, **limits) for _ in range(count)]))


def test_results_come_in_order() -> None:
    assert run(list(range(60))) == [k * k for k in range(60)]


def test_no_items() -> None:
    assert run([]) == []


@pytest.mark.parametrize(
    ("item", "sentence"),
    [
        ("refuse", "is no ECG."),
        ("die", "made its reader fail, or needs more than 512 MiB of memory."),
        ("crash", "made its reader fail"),
        pytest.param(
            "eat",
            "needs more than 512 MiB of memory.",
            marks=pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only"),
        ),
    ],
)
def test_one_that_fails_costs_no_other(item: str, sentence: str) -> None:
    first, failed, *rest = run([2, item, 4, 5, 7, 8])
    assert (first, rest) == (4, [16, 25, 49, 64])
    assert type(failed) is (WorkerError if item in ("die", "crash") else EinthovenError)
    assert sentence in str(failed)


def test_one_that_hangs_is_ended_and_the_worker_replaced() -> None:
    before, failed, after = run(["pid", "hang", "pid"], count=1, seconds=1.0)
    assert str(failed) == "took longer than 1 s."
    assert before != after
    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only")
def test_one_that_leaves_too_little_memory_to_the_next_is_replaced() -> None:
    first, second, third, fourth = run(["pid", "keep", "keep", "keep"], count=1)
    assert first == second
    assert len({second, third, fourth}) == 3


def test_workers_that_cannot_start_say_why() -> None:
    with pytest.raises(EinthovenError, match="no such model"):
        list(in_order([1, 2], [Worker(cannot_start)]))


def test_holds_few_items_however_many_there_are() -> None:
    taken = 0

    def source() -> Iterator[int]:
        nonlocal taken
        for _ in range(1000):
            taken += 1
            yield 1

    outcomes = in_order(source(), [Worker(start)])
    assert next(outcomes) == 1
    assert taken <= 10
    outcomes.close()  # type: ignore[attr-defined]


PREPARED = """
import subprocess
import sys
from einthoven.workers import Worker, in_order, prepare

def start():
    return sys.modules.__contains__

if __name__ == "__main__":
    prepare("colorsys")
    print(list(in_order(["colorsys", "einthoven.readers", "scipy.signal"], [Worker(start)])))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="workers are forks on Linux only")
def test_workers_find_imported_what_was_prepared_and_nothing_slow_beside(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(PREPARED)
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60)
    assert done.stdout == "[True, True, False]\n", done.stderr
