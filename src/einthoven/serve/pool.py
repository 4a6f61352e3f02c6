"""Worker processes behind asyncio: a job goes to one that is idle, waits, or is refused where too many wait."""

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
"""For which jobs wait while no worker is up, as when one is replaced; then they are refused until one is."""
START_SECONDS = 30.0
"""Within which the first worker must be up."""
_HANG = 120.0  # s that a job may take, whatever the machine does besides
_WARM = 60.0  # s that a start, and then `jobs.warm`, may take
_LARGE = 64 * 1024  # bytes that surely fit into a pipe
_log = logging.getLogger("einthoven.serve")


class Busy(EinthovenError):  # noqa: N818
    """Too many jobs wait already."""

    def __init__(self) -> None:
        super().__init__("The service has as much work as it takes; try again in a second.")


@dataclass
class _Task:
    """A job, and who waits for it."""

    job: Any
    future: asyncio.Future[Any]
    tries: int = 0


class Pool:
    """N workers, each with one job at a time. A worker that dies is replaced, and costs at most its job.

    A job whose process was killed from outside is given to another worker once. A worker that cannot be started is
    tried again, at growing intervals of a few seconds, until it can.

    Processes start with the Pool; `start` is for the event loop in which `ask` is called.
    """

    def __init__(self, settings: Settings) -> None:
        self._limit = settings.queue
        prepare(*PRELOAD, "scipy.signal")  # no request is to wait for what resamples
        begin = partial(jobs.start, settings.model, dict(settings.prevalence), settings.model_key)
        self._workers = [Worker(begin, Limits(seconds=_HANG)) for _ in range(settings.workers)]
        self._idle: list[Worker] = []
        self._busy: dict[Worker, tuple[_Task, asyncio.TimerHandle]] = {}
        self._waiting: deque[_Task] = deque()
        self._refusing = False
        self._threads = ThreadPoolExecutor(settings.workers + 1)  # for what would keep the event loop waiting
        self.replaced = 0
        """How many workers had to be replaced."""
        self.failed = 0
        """How many times a worker could not be started."""
        try:
            for worker in self._workers:
                with suppress(ShortageError):  # `start` tries again
                    worker.begin()
        except BaseException:  # told to stop already
            self.stop()
            raise

    async def start(self) -> None:
        """Wait until all workers are ready, or one is and the others lack room.

        Raises EinthovenError if one cannot start; ShortageError if none can within `START_SECONDS`.
        """
        self._loop = asyncio.get_running_loop()
        self._started: asyncio.Future[None] = self._loop.create_future()
        self._down_since: float | None = self._loop.time()
        self._start_threads()
        for worker in self._workers:
            if worker.failed_starts:
                self._later(worker)
            else:
                self._watch(worker)
        patience = self._loop.call_later(START_SECONDS, self._settle)
        await self._started
        patience.cancel()

    def _start_threads(self) -> None:
        """Start all threads, which later there may be no room for."""
        together = threading.Barrier(len(self._workers) + 2)
        try:
            for _ in range(len(self._workers) + 1):
                self._threads.submit(together.wait)
        except RuntimeError:
            together.abort()
            raise ShortageError(
                "No thread can be started; end other processes or raise the limit (ulimit -u), and try again."
            ) from None
        together.wait()

    @property
    def ready(self) -> int:
        """How many workers are up."""
        return len(self._idle) + len(self._busy)

    @property
    def busy(self) -> int:
        """How many workers have a job."""
        return len(self._busy)

    @property
    def waiting(self) -> int:
        """How many jobs wait for a worker."""
        return len(self._waiting)

    @property
    def full(self) -> bool:
        """Whether a job would be refused."""
        return not self._idle and len(self._waiting) >= self._limit

    @property
    def down_seconds(self) -> float:
        """For how long no worker has been up; 0 while one is."""
        return 0.0 if self._down_since is None else self._loop.time() - self._down_since

    async def ask(self, job: Any) -> Any:
        """What `job(interpreter)` gives in a worker; `job` and the result must be picklable.

        Raises Busy where too many wait, ShortageError while no worker can be started, WorkerError where its worker
        died or took too long, and the EinthovenError that the job raised.
        """
        if self._refusing:
            raise _none_up()
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

    def _watch(self, worker: Worker) -> None:
        self._listen(worker)
        self._loop.call_later(_WARM, self._overdue, worker, worker.connection)

    def _listen(self, worker: Worker) -> None:
        self._loop.add_reader(worker.connection.fileno(), self._readable, worker)
        os.set_blocking(worker.connection.fileno(), True)  # which uvloop undoes, but a Connection reads whole messages

    def _overdue(self, worker: Worker, connection: Connection) -> None:
        """End a process that has not started in time."""
        if worker.connection is connection and worker not in self._idle and worker not in self._busy:
            worker.kill()

    def _assign(self) -> None:
        """Give jobs that wait to workers that are idle."""
        while self._idle and self._waiting:
            task = self._waiting.popleft()
            if not task.future.done():  # the asker may have gone
                self._give(self._idle.pop(), task)

    def _give(self, worker: Worker, task: _Task, seconds: float | None = None) -> None:
        task.tries += 1
        self._busy[worker] = task, self._loop.call_later(seconds or _HANG, worker.kill)
        if getattr(task.job, "size", 0) > _LARGE:  # the worker reads while we write: the loop need not wait for it
            self._threads.submit(_send, worker, task.job)
        else:
            _send(worker, task.job)

    def _readable(self, worker: Worker) -> None:
        """A worker says that it is ready or what became of its job; or its process has ended."""
        if worker in self._busy:  # in a thread: an answer may be large, or its worker stop in the middle of it
            self._loop.remove_reader(worker.connection.fileno())
            future = self._loop.run_in_executor(self._threads, worker.outcome)
            future.add_done_callback(partial(self._answered, worker))
            return
        if worker in self._idle:  # nobody asked: it has died
            self._idle.remove(worker)
            self._replace(worker)
        else:
            self._greet(worker)
        self._assign()

    def _answered(self, worker: Worker, future: asyncio.Future[Any]) -> None:
        """What became of a job has been received."""
        task, timer = self._busy.pop(worker)
        timer.cancel()
        if error := future.exception():  # never seen, but whoever waits must not wait for ever
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

    def _greet(self, worker: Worker) -> None:
        """A worker that has been started is ready, or says why it cannot be."""
        try:
            worker.wait_until_ready()
        except EinthovenError as error:
            self._loop.remove_reader(worker.connection.fileno())
            self._failed(worker, error)
            return
        self._down_since, self._refusing = None, False
        self._give(worker, _Task(jobs.warm, self._loop.create_future(), tries=1), _WARM)
        if not self._started.done() and self.ready == len(self._workers):
            self._started.set_result(None)

    def _failed(self, worker: Worker, error: BaseException) -> None:
        if not isinstance(error, ShortageError) and not self._started.done():
            self._started.set_exception(error)
        if self._started.done() and self._started.exception():  # the service ends, and says why
            return
        self.failed += 1
        if worker.failed_starts == 1:
            _log.error("a worker cannot start, and is tried again: %s", error)
        self._later(worker)

    def _later(self, worker: Worker) -> None:
        self._loop.call_later(max(0.0, worker.retry_at - time.monotonic()), self._begin, worker)

    def _begin(self, worker: Worker) -> None:
        """Start a worker in a thread: the server of forks may have to be started first."""
        future = self._loop.run_in_executor(self._threads, worker.begin)
        future.add_done_callback(partial(self._begun, worker))

    def _begun(self, worker: Worker, future: asyncio.Future[None]) -> None:
        if error := future.exception():
            self._failed(worker, error)
        else:
            self._watch(worker)

    def _replace(self, worker: Worker) -> None:
        self.replaced += 1
        self._loop.remove_reader(worker.connection.fileno())
        if not self.ready and self._down_since is None:
            self._down_since = self._loop.time()
            self._loop.call_later(GRACE_SECONDS, self._refuse, self._down_since)
        self._begin(worker)

    def _refuse(self, down_since: float) -> None:
        """No worker has come up since: answer those who wait."""
        if self._down_since == down_since:
            self._refusing = True
            while self._waiting:
                task = self._waiting.popleft()
                if not task.future.done():
                    task.future.set_result(_none_up())

    def _settle(self) -> None:
        """Not all workers could be started: one is enough."""
        if self._started.done():
            return
        if self.ready:
            self._started.set_result(None)
        else:
            self._started.set_exception(next((w.failure for w in self._workers if w.failed_starts), _none_up()))


def _none_up() -> ShortageError:
    return ShortageError("No worker process is up, since none can be started now; try again in some seconds.")


def _send(worker: Worker, job: Any) -> None:
    with suppress(EinthovenError):  # it has just died, which `_readable` will see
        worker.ask(job)
