"""Processes that work on files nobody has checked: bounded in memory and time, replaced when they die."""

import multiprocessing
import os
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from einthoven.errors import EinthovenError

MEMORY_MIB = 512
"""What a worker may take beyond what it holds when it is ready; limited on Linux only."""
SECONDS = 10.0
"""What one item may take."""

Work = Callable[[Any], Any]
_AHEAD = 8  # items per worker that may wait for an earlier one


class Worker:
    """A process that works on one item at a time. It outlives its process: one that dies is replaced."""

    def __init__(self, start: Callable[[], Work], seconds: float = SECONDS, memory_mib: int = MEMORY_MIB) -> None:
        """`start` is called in the process, once, and gives what is called with each item; both must be picklable."""
        self._start, self._seconds, self._memory_mib = start, seconds, memory_mib
        self._begin()

    def _begin(self) -> None:
        context = multiprocessing.get_context("spawn")  # a forked one would inherit locks that other threads hold
        self.connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._start, self._memory_mib), daemon=True)
        self._process.start()
        theirs.close()
        self._ready = False

    def ask(self, item: Any) -> None:
        """Give it an item. Raises EinthovenError where the process cannot start."""
        if not self._ready:
            failure = self._received("ended while it started")
            if failure is not None:
                raise failure
            self._ready = True
        self.connection.send(item)
        self.deadline = time.monotonic() + self._seconds

    def outcome(self) -> Any:
        """What became of the item, when `connection` can be read or `deadline` is over: a result or EinthovenError.

        The error is given, not raised.
        """
        if not self.connection.poll():
            self._replace()
            return EinthovenError(f"took longer than {self._seconds:g} s.")
        return self._received(f"made its reader fail, or needs more than {self._memory_mib} MiB of memory.")

    def _received(self, otherwise: str) -> Any:
        try:
            return self.connection.recv()
        except (EOFError, ConnectionResetError):
            self._replace()
            return EinthovenError(otherwise)

    def _replace(self) -> None:
        self.stop()
        self._begin()

    def stop(self) -> None:
        """End the process at once."""
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
            for connection in _due(busy):
                worker, place = busy.pop(connection)
                place.append(worker.outcome())
                idle.append(worker)
            while waiting and waiting[0]:
                yield waiting.popleft()[0]
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


def _serve(connection: Connection, start: Callable[[], Work], memory_mib: int) -> None:
    """What the process does: says None when it is ready, then an outcome for each item until the other end closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends it
    try:
        work = start()
    except EinthovenError as error:
        connection.send(error)
        return
    _limit_memory(memory_mib)
    connection.send(None)
    while True:
        try:
            item = connection.recv()
        except EOFError:
            return
        try:
            outcome = work(item)
        except EinthovenError as error:
            outcome = EinthovenError(str(error))  # of a class that the other side can make again
        except MemoryError:
            outcome = EinthovenError(f"needs more than {memory_mib} MiB of memory.")
        connection.send(outcome)


def _limit_memory(mib: int) -> None:
    if sys.platform == "linux":
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * os.sysconf("SC_PAGE_SIZE") + mib * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
