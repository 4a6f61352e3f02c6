"""Measure the memory and CPU time that reading needs, in a new process."""

import multiprocessing
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

import einthoven
from einthoven.errors import RecordingError

LIMIT = 4 << 30
"""Address space of the process in bytes, which stops a bomb."""
LOADED = [
    *("einthoven.readers.dicom", "einthoven.readers.edf", "einthoven.readers.holter", "einthoven.readers.scp"),
    *("einthoven.readers.xml", "pyarrow.parquet", "pyarrow.compute"),
]


class Cost(NamedTuple):
    """The cost of reading a file."""

    peak: int
    """Peak memory in bytes, in addition to the file and what the process held before."""
    seconds: float
    """Of CPU."""
    outcome: str
    """The error as text; "" if the recording was read."""


def cost(source: bytes | dict[str, bytes], **options: Any) -> Cost:
    """Read `source` in a new process. Linux only."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(LOADED)
    ours, theirs = context.Pipe()
    process = context.Process(target=_measure, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    ours.send((source, options))
    try:
        return Cost(*ours.recv())
    except EOFError:
        return Cost(LIMIT, 0, "its process was killed")
    finally:
        process.join()


def _measure(connection: Connection) -> None:
    import resource  # not on Windows

    for module in LOADED:
        __import__(module)
    source, options = connection.recv()
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT))
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forget the peak until now
    before, began = _status("VmRSS"), time.process_time()
    outcome = ""
    try:
        einthoven.read(source, **options)
    except RecordingError as error:
        outcome = str(error)
    taken = time.process_time() - began
    connection.send((_status("VmHWM") - before, taken, outcome))


def _status(key: str) -> int:
    """Return a value of the process's status, in bytes."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(key)) << 10
