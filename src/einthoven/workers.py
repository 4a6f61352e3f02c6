"""Processes that work on files nobody has checked: held to limits, replaced when they die."""

import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.forkserver import ensure_running
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING, Any

from einthoven.errors import EinthovenError, RecordingError, ShortageError, shortage
from einthoven.limits import Limits, Memory, limit_cpu, one_arena

if TYPE_CHECKING:
    from multiprocessing.context import ForkContext, ForkServerContext, SpawnContext

_imported = ["einthoven.forkserver"]
"""Modules that are imported once where workers are forks, which then start in a tenth of the time; see `prepare`."""

Work = Callable[[Any], Any]
_AHEAD = 8  # items per worker that may wait for an earlier one
_KEPT = 0.25  # a worker that keeps more than this share of its memory after an item is replaced
_TRIES = 2  # of an item whose process is killed
_START_SECONDS = 60.0  # that a process may take to start
_PAUSES = 0.1, 5.0  # s before a start that failed is tried again: the first, which doubles, and the longest
_FORKS = 4  # that may fail in a row before the process is started without the server of forks
_DESCRIPTORS = 10  # that multiprocessing needs at once; should they run out halfway, its server of forks ends
_LONGEST_FOLDER = 70  # bytes of the path of the folder for temporary files; a socket in it may have 107
_STARTS = 12  # that may fail in a row before `in_order` gives up: half a minute of pauses
_UNKNOWN = 255  # multiprocessing's exit code of a process whose server of forks has been killed
_KILLED = {None, _UNKNOWN, *(-getattr(signal, name, -_UNKNOWN) for name in ("SIGKILL", "SIGTERM", "SIGHUP"))}
_CPU_USED = -getattr(signal, "SIGPROF", -_UNKNOWN)


class WorkerError(EinthovenError):
    """An item that got no answer because its process died, took too long, or met a mistake of ours."""


class KilledError(ShortageError):
    """An item whose process was killed by something outside: somebody, or Linux when memory is short."""

    def __init__(self) -> None:
        super().__init__("A worker process was killed, as happens when memory is short; use fewer workers, try again.")

    def __reduce__(self) -> tuple[type["KilledError"], tuple[()]]:
        return type(self), ()


class Worker:
    """A process that works on one item at a time. It outlives its process: `begin` replaces one that has `ended`."""

    def __init__(self, start: Callable[[], Work], limits: Limits | None = None, *, fork: bool = False) -> None:
        """Prepare a worker, of which `begin` starts the process.

        Parameters
        ----------
        start
            Is called in the process, once, and returns what is called with each item; both must be picklable.
        limits
            What one item may take.
        fork
            On Linux, start it as a fork of this process: quicker, but safe only if this process has no other threads.
        """
        self._start, self.limits, self._fork = start, limits or Limits(), fork
        self._process: BaseProcess | None = None
        self.failed_starts = 0
        """In a row."""
        self.retry_at = 0.0
        """The time (monotonic) from which `begin` is worth a try."""

    def copy(self) -> "Worker":
        """Another worker that does the same."""
        return Worker(self._start, self.limits, fork=self._fork)

    def begin(self) -> None:
        """Start the process, or replace it. Raises ShortageError where the machine has no room for one."""
        self.stop()
        self._ready = self._killed = self.ended = False
        self.deadline = float("inf")
        theirs = None
        try:
            _check_room()
            context = self._context()
            self.connection, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs, self._start, self.limits), daemon=True)
            process.start()
            self._process = process
        except (OSError, EOFError) as error:  # EOFError: the server of forks could not fork, and has ended
            lack = (shortage(error) if isinstance(error, OSError) else None) or "free memory, or end other processes"
            raise self._failed(ShortageError(f"No worker process can be started: {lack}, and try again.")) from error
        finally:
            if theirs:
                theirs.close()

    def _context(self) -> "ForkContext | ForkServerContext | SpawnContext":
        if self._fork and sys.platform == "linux":
            return multiprocessing.get_context("fork")
        # The server of forks can be out of reach for good, as when somebody tidies the folder of its socket.
        return _context() if self.failed_starts < _FORKS else multiprocessing.get_context("spawn")

    def ready(self) -> None:
        """Wait until it has started. Raises EinthovenError if it cannot, ShortageError if a later try can succeed."""
        if self._ready:
            return
        try:
            if not self.connection.poll(_START_SECONDS):
                self.kill()
            failure = self.connection.recv()
        except (EOFError, OSError):
            code = self._exit_code()
            failure = KilledError() if code in _KILLED else WorkerError(f"A worker ended at its start (code {code}).")
        self._ready, self.ended = not failure, bool(failure)
        if failure:
            raise self._failed(failure)
        self.failed_starts = 0

    def ask(self, item: Any) -> None:
        """Give it an item. Raises EinthovenError if the process cannot start, ShortageError if it has been killed."""
        self.ready()
        self.deadline = time.monotonic() + (self.limits.seconds or float("inf"))
        try:
            self.connection.send(item)
        except OSError as error:
            self.ended = True
            raise KilledError from error

    def outcome(self) -> Any:
        """What became of the item, when `connection` can be read or `deadline` is over: a result or EinthovenError.

        The error is returned, not raised; KilledError if the item can be given again. If the process died, is late, or
        keeps so much memory that the next item would lack it, it has `ended` and must be replaced.
        """
        late = self._killed or time.monotonic() >= self.deadline
        try:
            if not late or self.connection.poll():
                self.ended, outcome = self.connection.recv()
                return outcome
        except (EOFError, OSError):
            pass
        self.ended = True
        if late or self._killed:
            return WorkerError(self.limits.hang_sentence)
        code = self._exit_code()
        if code == _CPU_USED:
            return WorkerError(self.limits.cpu_sentence)
        if code in _KILLED:  # not by us; what a damaged file does to its reader ends in other signals, such as SIGSEGV
            return KilledError()
        also = f", or {self.limits.memory_sentence}" if self.limits.memory_mib else "."
        return WorkerError(f"made its reader fail{also}")

    def _failed(self, error: EinthovenError) -> EinthovenError:
        """Note that a start has failed."""
        first, longest = _PAUSES
        self.retry_at = time.monotonic() + min(first * 2.0**self.failed_starts, longest)
        self.failed_starts += 1
        self.failure = error
        return error

    def _exit_code(self) -> int | None:
        """How the process ended, which the other end of `connection` says before the system does."""
        if not self._process:
            return None
        self._process.join(1)
        return self._process.exitcode

    def kill(self) -> None:
        """End the process at once, since it takes too long; `connection` can then be read."""
        self._killed = True
        if self._process:
            self._process.kill()

    def stop(self) -> None:
        """End the process at once, for good."""
        if self._process:
            self._process.kill()
            self._process.join(1)
            self.connection.close()
            self._process = None


@dataclass
class _Task:
    """An item of `in_order`, and what became of it."""

    item: Any
    tries: int = 0
    done: bool = False
    outcome: Any = None


def in_order(items: Iterable[Any], workers: Sequence[Worker]) -> Iterator[Any]:
    """What the workers make of `items`, in order: results, and an EinthovenError (not raised) where one fails.

    Holds no more than a few items for each worker, however many there are. An item whose process is killed is given to
    another; KilledError if that is killed too. Workers that cannot start are tried again while the others continue.
    Stops the workers at the end.

    Raises
    ------
    EinthovenError
        If workers cannot start; ShortageError if the machine has had no room for any for half a minute.
    """
    source, waiting, again = iter(items), deque[_Task](), deque[_Task]()
    idle, down = list[Worker](), list(workers)
    busy = dict[Connection, tuple[Worker, _Task]]()
    more = True
    try:
        while more or waiting:
            _begin(down, idle, needed=not busy)
            while idle and (again or (more and len(waiting) < _AHEAD * len(workers))):
                if not again:
                    for item in source:
                        again.append(_Task(item))
                        waiting.append(again[-1])
                        break
                    else:
                        more = False
                        break
                worker = idle.pop()
                try:
                    worker.ask(again[0].item)
                    busy[worker.connection] = worker, again.popleft()
                except ShortageError:  # it has died, before or after it had started
                    down.append(worker)
            if waiting and waiting[0].done:  # not before all have something to do again
                while waiting and waiting[0].done:
                    yield waiting.popleft().outcome
                continue
            for connection in _due(busy, down):
                worker, task = busy.pop(connection)
                task.outcome = worker.outcome()
                task.tries += 1
                task.done = task.tries == _TRIES or not isinstance(task.outcome, KilledError)
                if not task.done:
                    again.append(task)
                (down if worker.ended else idle).append(worker)
    finally:
        for worker in workers:
            worker.stop()


def _begin(down: list[Worker], idle: list[Worker], *, needed: bool) -> None:
    """Start those of the workers that are down whose time has come; they are idle then.

    Raises ShortageError if one is `needed`, since no other is up, and has failed for too long.
    """
    for worker in [worker for worker in down if worker.retry_at <= time.monotonic()]:
        if worker.failed_starts >= _STARTS and needed and not idle:
            raise worker.failure
        with suppress(ShortageError):
            worker.begin()
            down.remove(worker)
            idle.append(worker)


def _due(busy: dict[Connection, tuple[Worker, _Task]], down: list[Worker]) -> list[Connection]:
    """The connections that can be read, or whose time is over; waits for one, or until a worker is worth a try."""
    times = [worker.deadline for worker, _ in busy.values()] + [worker.retry_at for worker in down]
    seconds = max(0.0, min(times, default=0.0) - time.monotonic())
    if not busy:
        time.sleep(seconds)
        return []
    ready = wait(list(busy), None if seconds == float("inf") else seconds)
    now = time.monotonic()
    return [connection for connection, (worker, _) in busy.items() if connection in ready or worker.deadline <= now]


def _check_room() -> None:
    """Raise OSError if there are too few file descriptors to start a process."""
    opened = list[int]()
    try:
        for _ in range(_DESCRIPTORS):
            opened.append(os.open(os.devnull, os.O_RDONLY))
    finally:
        for descriptor in opened:
            os.close(descriptor)


def cpu_count() -> int:
    """How many CPUs this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def prepare(*modules: str) -> None:
    """Begin to import `modules`, which workers need, while the caller continues.

    It does nothing where workers are no forks. Modules named after the first Worker has begun come too late.
    """
    _imported.extend(module for module in modules if module not in _imported)
    with suppress(OSError):  # no room for it, which `Worker.begin` says
        if _context().get_start_method() == "forkserver":
            ensure_running()


def _context() -> "ForkServerContext | SpawnContext":
    """How processes begin: on Linux as forks of one that does nothing but import, elsewhere each anew.

    Never as forks of this one, which would inherit locks that its other threads hold.
    """
    if sys.platform == "linux":
        with suppress(FileNotFoundError):  # no folder for temporary files, which the server's socket needs
            if len(os.fsencode(tempfile.gettempdir())) > _LONGEST_FOLDER:
                return multiprocessing.get_context("spawn")
            context = multiprocessing.get_context("forkserver")
            context.set_forkserver_preload(_imported)
            return context
    return multiprocessing.get_context("spawn")


def _serve(connection: Connection, start: Callable[[], Work], limits: Limits) -> None:
    """What the process does: says None when it is ready, then an outcome for each item until the other end closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends it
    _end_with_parent()
    one_arena()
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
        with suppress(BrokenPipeError):  # who asked has been ended meanwhile
            connection.send((memory.kept() > _KEPT, outcome))


def _result(call: Callable[[], Any], memory_error: Callable[[], EinthovenError]) -> Any:
    """What `call` returns, or the EinthovenError that it raises, of a class that the other side can make again."""
    try:
        return call()
    except EinthovenError as error:
        kinds = (WorkerError, ShortageError, RecordingError, EinthovenError)
        return next(kind(error.reason, error.source) for kind in kinds if isinstance(error, kind))
    except MemoryError:
        pass  # whose frames are gone after this
    except OSError as error:
        if not (lack := shortage(error)):
            raise
        return ShortageError(f"A worker cannot go on: {lack}, and try again.")
    return memory_error()


def _end_with_parent() -> None:
    """Have Linux kill this process when its parent ends, however it does, also when it is busy or stopped.

    The parent holds the only other end of the sentinel, a pipe on which nothing ever comes.
    """
    if sys.platform == "linux" and (parent := multiprocessing.parent_process()):
        import fcntl

        fcntl.fcntl(parent.sentinel, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(parent.sentinel, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(parent.sentinel, fcntl.F_SETFL, fcntl.fcntl(parent.sentinel, fcntl.F_GETFL) | os.O_ASYNC)
        if wait([parent.sentinel], 0):  # it had ended before
            os.kill(os.getpid(), signal.SIGKILL)
