"""Worker processes behind asyncio: a job goes to an idle worker, waits, or is refused if too many jobs wait."""

import asyncio
import logging
import os
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from einthoven.batch import PRELOAD
from einthoven.errors import EinthovenError, ShortageError
from einthoven.limits import Limits
from einthoven.serve import jobs
from einthoven.serve.settings import Settings
from einthoven.workers import KilledError, Worker, WorkerError, prepare

GRACE_SECONDS = 5.0
"""Time for which jobs wait while no worker is up, for example while one is replaced; then they are refused."""
START_SECONDS = 30.0
"""Time within which the first worker must be up."""
_JOB_SECONDS = 120.0  # that a job may wait for something other than a CPU
_WARM_UP_SECONDS = 60.0  # that a start, and then `jobs.warm_up`, may take
_PIPE_BYTES = 64 * 1024  # that always fit into a pipe
_log = logging.getLogger("einthoven.serve")


class Busy(EinthovenError):  # noqa: N818
    """Too many jobs wait already."""

    def __init__(self) -> None:
        super().__init__("The service is busy. Try again in a second.")


@dataclass
class _Task:
    """A job and the future of its outcome."""

    job: Any
    future: asyncio.Future[Any]
    tries: int = 0


class Pool:
    """Worker processes, each with one job at a time.

    A worker that dies is replaced, and costs at most its job. A job whose process was killed from outside is given
    to another worker once. A worker that cannot start is tried again, at growing intervals of up to a few seconds.

    Parameters
    ----------
    settings
        The model, the number of workers, and the jobs that may wait.

    Attributes
    ----------
    replacements : int
        Number of workers that were replaced.
    failed_starts : int
        Number of starts of workers that failed.

    Notes
    -----
    The processes start with the Pool. `start` belongs to the event loop in which `ask` is called.
    """

    def __init__(self, settings: Settings) -> None:
        self._max_waiting = settings.queue
        prepare(*PRELOAD, "scipy.signal")  # scipy.signal resamples; no request should wait for its import
        start_worker = partial(jobs.start_worker, settings.model, dict(settings.prevalence), settings.model_key)
        self._workers = [Worker(start_worker, Limits(seconds=_JOB_SECONDS)) for _ in range(settings.workers)]
        self._idle: list[Worker] = []
        self._busy: dict[Worker, tuple[_Task, asyncio.TimerHandle]] = {}
        self._waiting: deque[_Task] = deque()
        self._refusing = False
        self._threads = ThreadPoolExecutor(settings.workers + 1)  # for what would block the event loop
        self.replacements = 0
        self.failed_starts = 0
        try:
            for worker in self._workers:
                with suppress(ShortageError):  # `start` tries again
                    worker.begin()
        except BaseException:  # the service is stopped already
            self.stop()
            raise

    async def start(self) -> None:
        """Wait until all workers are ready, or one is ready and the machine lacks room for the others.

        Raises
        ------
        EinthovenError
            If a worker cannot start; ShortageError if none can within `START_SECONDS`.
        """
        self._loop = asyncio.get_running_loop()
        self._started: asyncio.Future[None] = self._loop.create_future()
        self._down_since: float | None = self._loop.time()
        self._start_threads()
        for worker in self._workers:
            if worker.failed_starts:
                self._retry_start(worker)
            else:
                self._await_start(worker)
        timeout = self._loop.call_later(START_SECONDS, self._settle_for_fewer)
        await self._started
        timeout.cancel()

    def _start_threads(self) -> None:
        """Start all threads now, because the machine may lack room for them later."""
        barrier = threading.Barrier(len(self._workers) + 2)
        try:
            for _ in range(len(self._workers) + 1):
                self._threads.submit(barrier.wait)
        except RuntimeError:
            barrier.abort()
            raise ShortageError(
                "No thread can be started; end other processes or raise the limit (ulimit -u), and try again."
            ) from None
        barrier.wait()

    @property
    def ready(self) -> int:
        """Number of workers that are up."""
        return len(self._idle) + len(self._busy)

    @property
    def busy(self) -> int:
        """Number of workers that have a job."""
        return len(self._busy)

    @property
    def waiting(self) -> int:
        """Number of jobs that wait for a worker."""
        return len(self._waiting)

    @property
    def full(self) -> bool:
        """Whether a job would be refused."""
        return not self._idle and len(self._waiting) >= self._max_waiting

    @property
    def down_seconds(self) -> float:
        """Time in s since the last worker went down; 0 while one is up."""
        return 0.0 if self._down_since is None else self._loop.time() - self._down_since

    async def ask(self, job: Any) -> Any:
        """Have a worker do a job.

        Parameters
        ----------
        job
            Called in a worker with its interpreter; must be picklable, as must its result.

        Returns
        -------
        Any
            The result of the job.

        Raises
        ------
        Busy
            If too many jobs wait.
        ShortageError
            If no worker is up and none can be started.
        WorkerError
            If the job's worker died or took too long.
        EinthovenError
            If the job raised it.
        """
        if self._refusing:
            raise _no_worker_error()
        if self.full:
            raise Busy
        task = _Task(job, self._loop.create_future())
        self._waiting.append(task)
        self._assign()
        outcome = await task.future
        if isinstance(outcome, EinthovenError):
            raise outcome
        return outcome

    def stop(self) -> None:
        """End all workers at once."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._workers:
            worker.stop()

    def _await_start(self, worker: Worker) -> None:
        """Have the loop call when a worker that was started is ready, or kill it if that takes too long."""
        self._listen(worker)
        self._loop.call_later(_WARM_UP_SECONDS, self._kill_overdue, worker, worker.connection)

    def _listen(self, worker: Worker) -> None:
        self._loop.add_reader(worker.connection.fileno(), self._on_readable, worker)
        os.set_blocking(worker.connection.fileno(), True)  # uvloop changes it, but a Connection reads whole messages

    def _kill_overdue(self, worker: Worker, connection: Connection) -> None:
        """End a process that has not started in time."""
        if worker.connection is connection and worker not in self._idle and worker not in self._busy:
            worker.kill()

    def _assign(self) -> None:
        """Give waiting jobs to idle workers."""
        while self._idle and self._waiting:
            task = self._waiting.popleft()
            if not task.future.done():  # done: the client has gone
                self._submit(self._idle.pop(), task)

    def _submit(self, worker: Worker, task: _Task, seconds: float | None = None) -> None:
        task.tries += 1
        self._watch(worker, task, seconds or _JOB_SECONDS)
        if getattr(task.job, "size", 0) > _PIPE_BYTES:  # the worker reads while a thread writes: the loop need not wait
            self._threads.submit(_send, worker, task.job)
        else:
            _send(worker, task.job)

    def _watch(self, worker: Worker, task: _Task, seconds: float) -> None:
        """Have the loop kill a worker that hangs."""
        self._busy[worker] = task, self._loop.call_later(seconds, self._check_hang, worker, task, seconds)

    def _check_hang(self, worker: Worker, task: _Task, seconds: float) -> None:
        if worker.extend():
            self._watch(worker, task, seconds)
        else:
            worker.kill()

    def _on_readable(self, worker: Worker) -> None:
        """Receive a message: a worker is ready, has an outcome, or its process has ended."""
        if worker in self._busy:  # in a thread: an outcome may be large, or its worker stop in the middle of it
            self._loop.remove_reader(worker.connection.fileno())
            future = self._loop.run_in_executor(self._threads, worker.outcome)
            future.add_done_callback(partial(self._finish_job, worker))
            return
        if worker in self._idle:  # it had no job: the process has died
            self._idle.remove(worker)
            self._replace(worker)
        else:
            self._finish_start(worker)
        self._assign()

    def _finish_job(self, worker: Worker, future: asyncio.Future[Any]) -> None:
        """Pass on the outcome of a job."""
        task, timer = self._busy.pop(worker)
        timer.cancel()
        if error := future.exception():  # unexpected, but the client must not wait forever
            worker.ended, outcome = True, WorkerError(f"could not be interpreted ({type(error).__name__}).")
        else:
            outcome = future.result()
        if isinstance(outcome, KilledError) and task.tries == 1:
            self._waiting.appendleft(task)
        elif not task.future.done():
            task.future.set_result(outcome)
        if worker.ended:
            self._replace(worker)
        else:
            self._listen(worker)
            self._idle.append(worker)
        self._assign()

    def _finish_start(self, worker: Worker) -> None:
        """Have a worker that is ready warm up, or note why it could not start."""
        try:
            worker.wait_until_ready()
        except EinthovenError as error:
            self._loop.remove_reader(worker.connection.fileno())
            self._start_failed(worker, error)
            return
        self._down_since, self._refusing = None, False
        self._submit(worker, _Task(jobs.warm_up, self._loop.create_future(), tries=1), _WARM_UP_SECONDS)
        if not self._started.done() and self.ready == len(self._workers):
            self._started.set_result(None)

    def _start_failed(self, worker: Worker, error: BaseException) -> None:
        if not isinstance(error, ShortageError) and not self._started.done():
            self._started.set_exception(error)
        if self._started.done() and self._started.exception():  # the service ends, with this error
            return
        self.failed_starts += 1
        if worker.failed_starts == 1:
            _log.error("A worker cannot start; the service tries again: %s", error)
        self._retry_start(worker)

    def _retry_start(self, worker: Worker) -> None:
        self._loop.call_later(max(0.0, worker.retry_at - time.monotonic()), self._begin, worker)

    def _begin(self, worker: Worker) -> None:
        """Start a worker in a thread, because the fork server may have to be started first."""
        future = self._loop.run_in_executor(self._threads, worker.begin)
        future.add_done_callback(partial(self._begin_done, worker))

    def _begin_done(self, worker: Worker, future: asyncio.Future[None]) -> None:
        if error := future.exception():
            self._start_failed(worker, error)
        else:
            self._await_start(worker)

    def _replace(self, worker: Worker) -> None:
        self.replacements += 1
        self._loop.remove_reader(worker.connection.fileno())
        if not self.ready and self._down_since is None:
            self._down_since = self._loop.time()
            self._loop.call_later(GRACE_SECONDS, self._refuse_waiting, self._down_since)
        self._begin(worker)

    def _refuse_waiting(self, down_since: float) -> None:
        """Refuse all jobs that wait, if no worker has come up since `down_since`."""
        if self._down_since == down_since:
            self._refusing = True
            while self._waiting:
                task = self._waiting.popleft()
                if not task.future.done():
                    task.future.set_result(_no_worker_error())

    def _settle_for_fewer(self) -> None:
        """End the wait for all workers: one is enough."""
        if self._started.done():
            return
        if self.ready:
            self._started.set_result(None)
        else:
            self._started.set_exception(next((w.failure for w in self._workers if w.failed_starts), _no_worker_error()))


def _no_worker_error() -> ShortageError:
    return ShortageError("No worker process is up, and none can be started now. Try again in a few seconds.")


def _send(worker: Worker, job: Any) -> None:
    with suppress(EinthovenError):  # the process has just died, which `_on_readable` notices
        worker.ask(job)
