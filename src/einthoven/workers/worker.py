"""The parent's side of one worker process."""

import multiprocessing
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING, Any

from einthoven.errors import EinthovenError, ShortageError, shortage
from einthoven.limits import Limits, used_cpu_seconds
from einthoven.workers.child import Work, serve
from einthoven.workers.errors import KilledError, WorkerError
from einthoven.workers.launch import check_room, start_context

if TYPE_CHECKING:
    from multiprocessing.context import ForkContext, ForkServerContext, SpawnContext

_START_SECONDS = 60.0  # that a process may take to start
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0  # s before a failed start is tried again; the pause doubles each time
_FORKSERVER_TRIES = 4  # starts that may fail in a row before the fork server is bypassed
_UNKNOWN = 255  # multiprocessing's exit code of a process whose fork server was killed
_KILLED = {None, _UNKNOWN, *(-getattr(signal, name, -_UNKNOWN) for name in ("SIGKILL", "SIGTERM", "SIGHUP"))}
_WAITING = 0.001  # share of a CPU below which a process waits for something other than the CPU
_CPU_LIMIT = -getattr(signal, "SIGPROF", -_UNKNOWN)


class Worker:
    """A process that works on one item at a time. `begin` replaces a process that has `ended`.

    Parameters
    ----------
    start
        Called once in the process; returns the function that is called with each item. Both must be picklable.
    limits
        Limits of one item; the default limits if None.
    fork
        On Linux, start the process as a fork of this one. It is quicker, but safe only if this process has no other
        threads.

    Attributes
    ----------
    connection : multiprocessing.connection.Connection
        Connection that can be read when the process is ready, has a result, or has died.
    deadline : float
        Time (monotonic, s) at which the result of the item is overdue, unless `extend` moves it.
    ended : bool
        The process has ended and must be replaced.
    failed_starts : int
        Starts that failed in a row.
    failure : EinthovenError
        Reason why the last start failed.
    retry_at : float
        Time (monotonic, s) before which a retry by `begin` is useless.
    """

    connection: Connection
    failure: EinthovenError

    def __init__(self, start: Callable[[], Work], limits: Limits | None = None, *, fork: bool = False) -> None:
        self._start, self.limits, self._fork = start, limits or Limits(), fork
        self._process: BaseProcess | None = None
        self._ready = self._killed = self.ended = False
        self.deadline = float("inf")
        self._cpu_seconds: float | None = None
        self.failed_starts = 0
        self.retry_at = 0.0

    @property
    def running(self) -> bool:
        """Whether there is a process that has not ended, as far as known."""
        return self._process is not None and not self.ended

    def copy(self) -> "Worker":
        """Return another worker that does the same.

        Returns
        -------
        Worker
            A worker without a process.
        """
        return Worker(self._start, self.limits, fork=self._fork)

    def begin(self) -> None:
        """Start the process, or replace it.

        Raises
        ------
        ShortageError
            If the machine lacks resources for a process.
        """
        self.stop()
        self._ready = self._killed = self.ended = False
        self.deadline = float("inf")
        child_end = None
        try:
            check_room()
            context = self._context()
            self.connection, child_end = context.Pipe()
            process = context.Process(target=serve, args=(child_end, self._start, self.limits), daemon=True)
            process.start()
            self._process = process
        except (OSError, EOFError) as error:  # EOFError: the fork server could not fork, and has ended
            lack = (shortage(error) if isinstance(error, OSError) else None) or "free memory, or end other processes"
            raise self._start_failed(
                ShortageError(f"No worker process can be started: {lack}, and try again.")
            ) from error
        finally:
            if child_end:
                child_end.close()

    def _context(self) -> "ForkContext | ForkServerContext | SpawnContext":
        if self._fork and sys.platform == "linux":
            return multiprocessing.get_context("fork")
        # The fork server can be out of reach for good, for example if its socket was deleted.
        return start_context() if self.failed_starts < _FORKSERVER_TRIES else multiprocessing.get_context("spawn")

    def wait_until_ready(self) -> None:
        """Wait until the process has started.

        Raises
        ------
        EinthovenError
            If it cannot start; ShortageError if a later try can succeed.
        """
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
            raise self._start_failed(failure)
        self.failed_starts = 0

    def ask(self, item: Any) -> None:
        """Send an item to the process.

        Parameters
        ----------
        item
            Argument for the worker's function; must be picklable.

        Raises
        ------
        EinthovenError
            If the process cannot start; ShortageError if it was killed.
        """
        self.wait_until_ready()
        self._set_deadline()
        try:
            self.connection.send(item)
        except OSError as error:
            self.ended = True
            raise KilledError from error

    def extend(self) -> bool:
        """Move the deadline if the process has used CPU time: the machine is busy, and the CPU limit ends the item.

        Returns
        -------
        bool
            Whether the item is to be waited for; False if it hangs.
        """
        before = self._cpu_seconds
        if not self._process or not self.limits.seconds or not self.limits.cpu_seconds or before is None:
            return False
        now = used_cpu_seconds(self._process.pid or 0)
        if now is None or now - before < _WAITING * self.limits.seconds:
            return False
        self._set_deadline()
        return True

    def _set_deadline(self) -> None:
        self.deadline = time.monotonic() + (self.limits.seconds or float("inf"))
        self._cpu_seconds = used_cpu_seconds(self._process.pid or 0) if self._process else None

    def outcome(self) -> Any:
        """Receive the outcome of the item, once `connection` can be read or `deadline` is over.

        The process has `ended` if it died, is late, or keeps so much memory that the next item would lack it.

        Returns
        -------
        Any
            The item's result, or an EinthovenError, which is not raised; a KilledError if another try can succeed.
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
        if code == _CPU_LIMIT:
            return WorkerError(self.limits.cpu_sentence)
        if code in _KILLED:  # from outside: a damaged file ends its reader by other signals, such as SIGSEGV
            return KilledError()
        alternative = f", or {self.limits.memory_sentence}" if self.limits.memory_mib else "."
        return WorkerError(f"crashed its reader{alternative}")

    def _start_failed(self, error: EinthovenError) -> EinthovenError:
        """Note a failed start; return its error."""
        self.retry_at = time.monotonic() + min(_FIRST_PAUSE * 2.0**self.failed_starts, _LONGEST_PAUSE)
        self.failed_starts += 1
        self.failure = error
        return error

    def _exit_code(self) -> int | None:
        """Return the exit code of a process whose end of the pipe is closed, or None if it is not known."""
        if not self._process:
            return None
        self._process.join(1)  # the pipe closes a little earlier than the process ends
        return self._process.exitcode

    def kill(self) -> None:
        """End a process that takes too long; `connection` can then be read. Memory is limited in `einthoven.limits`."""
        self._killed = True
        if self._process:
            self._process.kill()

    def stop(self) -> None:
        """End the process at once."""
        if self._process:
            self._process.kill()
            self._process.join(1)
            self.connection.close()
            self._process = None
