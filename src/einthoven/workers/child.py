"""The worker's side: the loop of a process that works on one item at a time."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection, wait
from typing import Any

from einthoven.errors import EinthovenError, RecordingError, ShortageError, shortage
from einthoven.limits import Limits, Memory, limit_cpu, use_one_malloc_arena
from einthoven.workers.errors import WorkerError

Work = Callable[[Any], Any]
"""Turns an item into its result."""

_MAX_KEPT = 0.25  # share of its memory limit that a worker may keep after an item without being replaced


def serve(connection: Connection, start: Callable[[], Work], limits: Limits) -> None:
    """Run the loop of a worker process until the other end of the connection closes.

    The process sends None when it is ready, or the EinthovenError that `start` raised. For each item it sends whether
    the process must be replaced, and the item's result or EinthovenError.

    Parameters
    ----------
    connection
        The process's end of the pipe.
    start
        Called once; returns the function that is called with each item.
    limits
        Limits of one item.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends this process
    _end_with_parent()
    use_one_malloc_arena()
    work = _result(start, lambda: ShortageError("There is too little memory for a worker; free some, and try again."))
    if isinstance(work, EinthovenError):
        connection.send(work)
        return
    memory = Memory(limits)
    connection.send(None)
    while True:
        try:
            item = connection.recv()
        except (EOFError, ConnectionResetError):
            return
        limit_cpu(limits.cpu_seconds)
        outcome = _result(partial(work, item), memory.explain)
        limit_cpu(None)
        with suppress(BrokenPipeError):  # the parent has ended
            connection.send((memory.used_share() > _MAX_KEPT, outcome))


def _result(call: Callable[[], Any], memory_error: Callable[[], EinthovenError]) -> Any:
    """Return the result of `call` or its EinthovenError, of a class that the parent can unpickle."""
    try:
        return call()
    except EinthovenError as error:
        classes = (WorkerError, ShortageError, RecordingError, EinthovenError)
        return next(cls(error.reason, error.source) for cls in classes if isinstance(error, cls))
    except MemoryError:
        pass  # its frames, which hold the memory, are gone after this block
    except OSError as error:
        if not (lack := shortage(error)):
            raise
        return ShortageError(f"A worker cannot continue: {lack}, and try again.")
    return memory_error()


def _end_with_parent() -> None:
    """Have Linux kill this process when its parent ends, even if this process is busy or stopped.

    The parent holds the only other end of the sentinel, a pipe on which nothing is ever sent.
    """
    if sys.platform == "linux" and (parent := multiprocessing.parent_process()):
        import fcntl

        fcntl.fcntl(parent.sentinel, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(parent.sentinel, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(parent.sentinel, fcntl.F_SETFL, fcntl.fcntl(parent.sentinel, fcntl.F_GETFL) | os.O_ASYNC)
        if wait([parent.sentinel], 0):  # the parent ended before the signal was set up
            os.kill(os.getpid(), signal.SIGKILL)
