import errno
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from einthoven import workers
from einthoven.errors import EinthovenError, RecordingError, ShortageError
from einthoven.limits import NO_LIMITS, Limits
from einthoven.workers import KilledError, Worker, WorkerError, in_order
from load import busy_machine

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="Linux only")


def start() -> Callable[[Any], Any]:
    return work


def cannot_start() -> Callable[[Any], Any]:
    raise EinthovenError("there is no such model.")


def killed_at_start(marker: Path | None) -> Callable[[Any], Any]:
    kill_itself(marker)
    return work


def kill_itself(marker: Path | None) -> None:
    """Die as when memory is short, every time, or only once if there is a marker file."""
    if not marker or not marker.exists():
        if marker:
            marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)


memory: list[NDArray[np.uint8]] = []


def work(item: Any) -> Any:
    match item:
        case "refuse":
            raise RecordingError("is no ECG.", "a.scp")
        case "die":
            os._exit(3)
        case "crash":
            raise ValueError("a bug")
        case "hang":
            time.sleep(600)
        case ("kill", marker):
            kill_itself(marker)
            return "answered"
        case ("use", cpu_seconds):
            while time.process_time() < cpu_seconds:
                pass
            return "answered"
        case "add":  # in C, which no Python handler of a signal interrupts
            return sum(range(10**12))
        case "starve":
            import resource

            size = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
            resource.setrlimit(resource.RLIMIT_AS, (size + (64 << 20), size + (64 << 20)))
            return np.ones(100 << 20, np.uint8).sum()
        case OSError():
            raise item
        case "eat":
            return np.empty(2**30, np.uint8).nbytes  # 1 GiB of address space, which is what is limited
        case "pid":
            return os.getpid()
        case "keep":
            memory.append(np.empty(200 << 20, np.uint8))
            return os.getpid()
    time.sleep(item * 0.02 if item % 3 == 0 else 0)  # some are late
    return item * item


def run(items: list[Any], count: int = 2, **limits: Any) -> list[Any]:
    return list(in_order(items, [Worker(start, Limits(**limits)) for _ in range(count)]))


def test_results_come_in_order() -> None:
    assert run(list(range(60))) == [k * k for k in range(60)]


def test_no_items() -> None:
    assert run([]) == []


@pytest.mark.parametrize(
    ("item", "sentence"),
    [
        ("refuse", "is no ECG."),
        ("die", "crashed its reader, or needs more than 512 MiB of memory."),
        ("crash", "crashed its reader"),
        pytest.param(
            "eat",
            "needs more than 512 MiB of memory.",
            marks=pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only"),
        ),
    ],
)
def test_a_failed_item_costs_no_other(item: str, sentence: str) -> None:
    first, failed, *rest = run([2, item, 4, 5, 7, 8])
    assert (first, rest) == (4, [16, 25, 49, 64])
    assert type(failed) is {"die": WorkerError, "crash": WorkerError, "refuse": RecordingError}.get(
        item, EinthovenError
    )
    assert sentence in failed.reason
    assert failed.source == ("a.scp" if item == "refuse" else "")


def test_a_hanging_item_is_ended_and_its_worker_replaced() -> None:
    before, failed, after = run(["pid", "hang", "pid"], count=1, seconds=1.0)
    assert str(failed) == "had no result after waiting 1 s, as for a disk or a network that does not respond."
    assert before != after
    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux only")
def test_a_worker_that_keeps_memory_is_replaced() -> None:
    first, second, third, fourth = run(["pid", "keep", "keep", "keep"], count=1)
    assert first == second
    assert len({second, third, fourth}) == 3


def test_workers_that_cannot_start_raise_their_error() -> None:
    with pytest.raises(EinthovenError, match="no such model"):
        list(in_order([1, 2], [Worker(cannot_start)]))


def test_few_items_are_taken_ahead() -> None:
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
from einthoven.batch import PRELOAD
from einthoven.workers import Worker, in_order, prepare

def start():
    return sys.modules.__contains__

if __name__ == "__main__":
    prepare("colorsys", *PRELOAD)
    print(list(in_order(["colorsys", "einthoven.readers", "scipy.signal"], [Worker(start)])))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="workers are forks on Linux only")
def test_workers_have_the_prepared_modules_and_no_slow_others(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(PREPARED)
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60)
    assert done.stdout == "[True, True, False]\n", done.stderr


COMPUTING = """
import os
from einthoven.workers import Worker, in_order, prepare

def start():
    import numpy as np

    def threads(size):
        np.ones((size, size)) @ np.ones((size, size))
        return len(os.listdir("/proc/self/task"))

    return threads

if __name__ == "__main__":
    prepare("numpy")
    print(list(in_order([300], [Worker(start)])))
"""


@ON_LINUX
def test_workers_compute_on_one_thread(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(COMPUTING)
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60, env=environment)
    assert done.stdout == "[1]\n", done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="CPU time is not limited there")
@pytest.mark.parametrize("item", [("use", 600), "add"])
def test_an_item_that_needs_too_much_cpu_time(item: object) -> None:
    before, failed, after = run(["pid", item, "pid"], count=1, cpu_seconds=0.5)
    assert type(failed) is WorkerError
    assert str(failed) == "needs more than 0.5 s of CPU time to be interpreted."
    assert before != after


@ON_LINUX
def test_a_busy_machine_is_not_the_items_fault() -> None:
    """The item takes longer than the CPU time that it may use, and longer than it may wait."""
    with ExitStack() as load:

        def items() -> Iterator[Any]:
            yield "pid"  # the worker has started
            load.enter_context(busy_machine())
            yield "use", 0.6

        worker = Worker(start, Limits(cpu_seconds=1.5, seconds=1))
        assert list(in_order(items(), [worker]))[1:] == ["answered"]


def test_cpu_time_is_counted_for_each_item() -> None:
    """Each item uses 0.3 s more. The system counts in ticks, and too much on a busy machine: hence the wide limit."""
    assert run([("use", 0.3 * n) for n in range(1, 5)], count=1, cpu_seconds=0.8) == ["answered"] * 4


def test_without_limits() -> None:
    worker = Worker(start, NO_LIMITS)
    assert list(in_order(["eat", ("use", 0.2)], [worker])) == [2**30, "answered"]


def test_a_worker_killed_while_idle_costs_nothing() -> None:
    worker = Worker(start)

    def items() -> Iterator[str]:
        yield "pid"
        assert worker._process
        worker._process.kill()
        worker._process.join()
        yield "pid"

    before, after = in_order(items(), [worker])
    assert isinstance(after, int)
    assert before != after


def test_a_worker_killed_while_busy_costs_nothing(tmp_path: Path) -> None:
    assert run([1, ("kill", tmp_path / "killed"), 2]) == [1, "answered", 4]


def test_an_item_that_is_always_killed_is_the_machines_fault() -> None:
    first, failed, last = run([1, ("kill", None), 2])
    assert (first, last) == (1, 4)
    assert type(failed) is KilledError


def test_a_worker_killed_at_its_start_costs_nothing(tmp_path: Path) -> None:
    assert list(in_order([1, 2], [Worker(partial(killed_at_start, tmp_path / "killed"))])) == [1, 4]


def test_workers_that_are_always_killed_at_their_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("einthoven.workers.schedule._MAX_FAILED_STARTS", 3)
    with pytest.raises(ShortageError, match="was killed"):
        list(in_order([1, 2], [Worker(partial(killed_at_start, None)) for _ in range(2)]))


@pytest.mark.parametrize("number", [errno.EMFILE, errno.EAGAIN, errno.ENOMEM, errno.ENOSPC])
def test_no_room_for_a_process(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    room = iter([True, False, False, True, False])

    def sometimes() -> None:
        if not next(room, True):
            raise OSError(number, os.strerror(number))

    monkeypatch.setattr("einthoven.workers.worker.check_room", sometimes)
    assert run([1, "die", 2, 3], count=2)[2:] == [4, 9]


def test_no_room_for_any_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def never() -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr("einthoven.workers.worker.check_room", never)
    monkeypatch.setattr("einthoven.workers.schedule._MAX_FAILED_STARTS", 3)
    with pytest.raises(ShortageError, match="No worker process can be started: too many files are open; raise the lim"):
        run([1, 2])


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@ON_LINUX
def test_no_file_descriptors_for_a_while() -> None:
    """This process really has none."""
    import resource

    worker = Worker(start)
    worker.begin()
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    for spare in range(5):
        worker.stop()
        resource.setrlimit(resource.RLIMIT_NOFILE, (open_files() + spare, limits[1]))
        try:
            with pytest.raises(ShortageError, match="too many files are open"):
                worker.begin()
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    before = open_files()
    assert list(in_order([2], [worker])) == [4]
    assert open_files() <= before


@ON_LINUX
def test_the_fork_server_killed_while_workers_are_busy() -> None:
    def items() -> Iterator[Any]:
        yield from range(5)
        os.kill(multiprocessing.forkserver._forkserver._forkserver_pid, signal.SIGKILL)  # type: ignore[attr-defined]
        yield "die"
        yield from range(5)

    outcomes = list(in_order(items(), [Worker(start) for _ in range(2)]))
    assert [outcome for outcome in outcomes if isinstance(outcome, int)] == [0, 1, 4, 9, 16] * 2


@ON_LINUX
def test_a_folder_for_temporary_files_whose_path_is_too_long_for_a_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / ("x" * 100)
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    assert run([2, 3]) == [4, 9]


@ON_LINUX
def test_the_socket_of_the_fork_server_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    workers.prepare()
    address = Path(multiprocessing.forkserver._forkserver._forkserver_address)  # type: ignore[attr-defined]
    address.rename(address.with_name("elsewhere"))
    try:
        assert run([2, "die", 3])[::2] == [4, 9]
    finally:
        address.with_name("elsewhere").rename(address)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EMFILE, errno.ENOMEM, errno.EIO])
def test_a_shortage_is_not_the_items_fault(number: int) -> None:
    failed, after = run([OSError(number, os.strerror(number), "Jane Doe.dcm"), 3], count=1)
    assert type(failed) is ShortageError
    assert "Jane" not in str(failed)
    assert after == 9


@ON_LINUX
def test_a_machine_out_of_memory_is_not_the_items_fault() -> None:
    assert [type(outcome) for outcome in run(["starve"], count=1)] == [ShortageError]


ORPHANS = """
import os
import signal
import sys
import time
from einthoven.workers import Worker

def start():
    return time.sleep

def begun(**options):
    worker = Worker(start, **options)
    worker.begin()
    worker.ask(600)
    return worker

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # which a shell has background jobs ignore
    workers = [begun(), begun(), begun(fork=True)]
    pids = [worker._process.pid for worker in workers]
    os.kill(pids[0], signal.SIGSTOP)
    print(*pids, flush=True)
    try:
        os.kill(os.getpid(), int(sys.argv[1]))
        time.sleep(600)
    finally:
        for worker in workers:
            worker.stop()
"""


@ON_LINUX
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_nothing_outlives_the_parent(tmp_path: Path, temporary: Path, number: int) -> None:
    script = tmp_path / "script.py"
    script.write_text(ORPHANS)
    command = [sys.executable, str(script), str(int(number))]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "TMPDIR": str(temporary)})
    pids = [int(pid) for pid in done.stdout.split()]
    assert len(pids) == 3, done.stderr
    end = time.monotonic() + 60
    while any(map(alive, pids)) or list(temporary.iterdir()):
        assert time.monotonic() < end
        time.sleep(0.05)


CLOSING = """
import os
import sys
from multiprocessing import forkserver
from einthoven import workers

if __name__ == "__main__":
    workers.prepare()
    os.close(forkserver._forkserver._forkserver_alive_fd)
    print(forkserver._forkserver._forkserver_address, flush=True)
    sys.stdin.read()
    os.kill(os.getpid(), 9)
"""


@ON_LINUX
def test_the_socket_is_removed_though_the_killed_command_is_not_gone_yet(tmp_path: Path, temporary: Path) -> None:
    """Linux closes the pipes of a killed process, which ends the fork server, before it names a new parent."""
    script = tmp_path / "script.py"
    script.write_text(CLOSING)
    with subprocess.Popen(
        [sys.executable, str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(temporary)},
    ) as command:
        assert command.stdout
        assert str(temporary) in command.stdout.readline().decode()
        end = time.monotonic() + 60
        while list(temporary.iterdir()):
            assert time.monotonic() < end
            time.sleep(0.05)
        assert command.poll() is None


def alive(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False
