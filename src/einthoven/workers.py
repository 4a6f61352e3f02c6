"""Processes that work on files nobody has checked: bounded in memory and time, replaced when they die."""

import ctypes
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.forkserver import ensure_running
from pathlib import Path
from typing import TYPE_CHECKING, Any

from einthoven.errors import EinthovenError

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, SpawnContext

MEMORY_MIB = 512
"""What a worker may take beyond what it holds when it is ready; limited on Linux only."""
SECONDS = 10.0
"""What one item may take."""

_IMPORTED = ("einthoven.interpret.interpreter", "einthoven.readers")
"""What takes half a second to import: done once where workers are forks, which then start in a tenth of that."""

Work = Callable[[Any], Any]
_AHEAD = 8  # items per worker that may wait for an earlier one
_KEPT = 4  # a worker that keeps more than this part of its memory after an item is replaced
_ARENA_MAX = -8  # glibc's name of the option, malloc.h


class WorkerError(EinthovenError):
    """An item that got no answer because its process died, took too long, or met a mistake of ours."""


class Worker:
    """A process that works on one item at a time. It outlives its process: one that has `ended` can be replaced."""

    def __init__(self, start: Callable[[], Work], seconds: float = SECONDS, memory_mib: int = MEMORY_MIB) -> None:
        """`start` is called in the process, once, and gives what is called with each item; both must be picklable."""
        self._start, self.seconds, self._memory_mib = start, seconds, memory_mib
        self._begin()

    def _begin(self) -> None:
        context = _context()
        self.connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._start, self._memory_mib), daemon=True)
        self._process.start()
        theirs.close()
        self._ready = self.ended = False

    def ready(self) -> None:
        """Wait until it has started. Raises EinthovenError where it cannot."""
        if not self._ready:
            try:
                failure = self.connection.recv()
            except (EOFError, OSError):
                failure = EinthovenError("ended while it started")
            if failure is not None:
                raise failure
            self._ready = True

    def ask(self, item: Any) -> None:
        """Give it an item. Raises EinthovenError where the process cannot start."""
        self.ready()
        self.deadline = time.monotonic() + self.seconds
        self.connection.send(item)

    def outcome(self) -> Any:
        """What became of the item, when `connection` can be read or `deadline` is over: a result or EinthovenError.

        The error is given, not raised. Where the process died, is late, or keeps so much memory that the next item
        would lack it, it `ended` and must be replaced.
        """
        late = time.monotonic() >= self.deadline
        try:
            if not late or self.connection.poll():
                self.ended, outcome = self.connection.recv()
                return outcome
        except (EOFError, OSError):
            pass
        self.ended = True
        if late:
            return WorkerError(f"took longer than {self.seconds:g} s.")
        return WorkerError(f"made its reader fail, or needs more than {self._memory_mib} MiB of memory.")

    def replace(self) -> None:
        """Begin again with a new process."""
        self.stop()
        self._begin()

    def kill(self) -> None:
        """End the process at once; `connection` can then be read."""
        self._process.kill()

    def stop(self) -> None:
        """End the process at once, for good."""
        self._process.kill()
        self._process.join()
        self.connection.close()


def in_order(items: Iterable[Any], workers: list[Worker]) -> Iterator[Any]:
    """What the workers make of `items`, in order: results, and an EinthovenError (not raised) where one fails.

    Holds no more than a few items for each worker, however many there are. Stops the workers at the end.
    """
    idle, busy = list(workers), dict[Connection, tuple[Worker, list[Any]]]()
    waiting: deque[list[Any]] = deque()  # a list for each item, empty until its outcome is there
    source = iter(items)
    more = True
    try:
        while more or waiting:
            while more and idle and len(waiting) < _AHEAD * len(workers):
                for item in source:
                    worker = idle.pop()
                    worker.ask(item)
                    waiting.append([])
                    busy[worker.connection] = worker, waiting[-1]
                    break
                else:
                    more = False
            if waiting and waiting[0]:  # not before all have something to do again
                while waiting and waiting[0]:
                    yield waiting.popleft()[0]
                continue
            for connection in _due(busy):
                worker, place = busy.pop(connection)
                place.append(worker.outcome())
                if worker.ended:
                    worker.replace()
                idle.append(worker)
    finally:
        for worker in workers:
            worker.stop()


def _due(busy: dict[Connection, tuple[Worker, list[Any]]]) -> list[Connection]:
    """The connections that can be read, or whose time is over; waits for one."""
    if not busy:
        return []
    first = min(worker.deadline for worker, _ in busy.values())
    ready = wait(list(busy), max(0.0, first - time.monotonic()))
    now = time.monotonic()
    return [connection for connection, (worker, _) in busy.items() if connection in ready or worker.deadline <= now]


def prepare(*also: str) -> None:
    """Begin to import what workers need, and `also` these modules, while the caller goes on with other things.

    Without it that begins with the first Worker. It does nothing where workers are no forks.
    """
    if _context(also).get_start_method() == "forkserver":
        ensure_running()


def _context(also: Sequence[str] = ()) -> "ForkServerContext | SpawnContext":
    """How processes begin: on Linux as forks of one that does nothing but import, elsewhere each anew.

    Never as forks of this one, which would inherit locks that its other threads hold.
    """
    if sys.platform == "linux":
        with suppress(FileNotFoundError):  # no folder for temporary files, which the server's socket needs
            tempfile.gettempdir()
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload([*_IMPORTED, *also])
            return context
    return multiprocessing.get_context("spawn")


def _serve(connection: Connection, start: Callable[[], Work], memory_mib: int) -> None:
    """What the process does: says None when it is ready, then an outcome for each item until the other end closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends it
    _one_arena()
    try:
        work = start()
    except EinthovenError as error:
        connection.send(error)
        return
    limit = memory_mib * 2**20
    ready = _address_space()
    _limit_memory(ready + limit)
    connection.send(None)
    while True:
        try:
            item = connection.recv()
        except EOFError:
            return
        try:
            outcome = work(item)
        except EinthovenError as error:
            kind = WorkerError if isinstance(error, WorkerError) else EinthovenError
            outcome = kind(str(error))  # of a class that the other side can make again
        except MemoryError:
            outcome = EinthovenError(f"needs more than {memory_mib} MiB of memory.")
        with suppress(BrokenPipeError):  # who asked has been ended meanwhile
            connection.send((_address_space() - ready > limit // _KEPT, outcome))


def _address_space() -> int:
    """Bytes of it that the process holds, which is what the limit counts; 0 where there is no telling."""
    if sys.platform != "linux":
        return 0
    return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def _limit_memory(most: int) -> None:
    if sys.platform == "linux":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _one_arena() -> None:
    """Keep glibc from reserving 64 MiB for each thread that meets another in malloc, which is a matter of chance."""
    if sys.platform == "linux":
        with suppress(AttributeError):  # another C library
            ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)
