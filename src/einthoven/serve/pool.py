"""Worker processes behind asyncio: a job goes to one that is idle, waits, or is refused where too many wait."""

import asyncio
import logging
import os
import shutil
from collections import deque
from contextlib import suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from einthoven.errors import EinthovenError
from einthoven.serve import jobs
from einthoven.serve.settings import Settings
from einthoven.workers import SECONDS, Worker, prepare

_MEMORY = Path("/dev/shm")
_PAUSE = 1.0  # s before a worker that could not start tries again
_WARM = 60.0  # s that `jobs.warm` may take
_LARGE = 64 * 1024  # bytes that surely fit into a pipe
_log = logging.getLogger("einthoven.serve")


class Busy(EinthovenError):  # noqa: N818
    """Too many jobs wait already."""

    def __init__(self) -> None:
        super().__init__("The service has as much work as it takes; try again in a second.")


class Pool:
    """N workers, each with one job at a time. A worker that dies fails its job only, and is replaced.

    Processes start with the Pool; `start` is for the event loop in which `ask` is called.
    """

    def __init__(self, settings: Settings) -> None:
        self._limit = settings.queue
        memory = _MEMORY if _MEMORY.is_dir() else None
        self._scratch = TemporaryDirectory(prefix=f"einthoven-{os.getpid()}-", dir=memory, ignore_cleanup_errors=True)
        prepare("scipy.signal")  # no request is to wait for what resamples
        self._folders: dict[Worker, Path] = {}  # where a worker's libraries put files: memory, not a disk
        try:
            for k in range(settings.workers):
                folder = Path(self._scratch.name, str(k))
                self._folders[
                    Worker(partial(jobs.start, settings.model, dict(settings.prevalence), folder, settings.model_key))
                ] = folder
        except BaseException:  # told to stop already
            self.stop()
            raise
        self._idle: list[Worker] = []
        self._busy: dict[Worker, tuple[asyncio.Future[Any], asyncio.TimerHandle]] = {}
        self._waiting: deque[tuple[Any, asyncio.Future[Any]]] = deque()
        self.replaced = 0
        """How many workers had to be replaced."""

    async def start(self) -> None:
        """Wait until all workers are ready. Raises EinthovenError where one cannot start."""
        self._loop = asyncio.get_running_loop()
        self._started: asyncio.Future[None] = self._loop.create_future()
        for worker in self._folders:
            self._watch(worker)
        await self._started

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

    async def ask(self, job: Any) -> Any:
        """What `job(interpreter)` gives in a worker; `job` and the result must be picklable.

        Raises Busy where too many wait, WorkerError where its worker died or took too long, and the EinthovenError that
        the job raised.
        """
        future: asyncio.Future[Any] = self._loop.create_future()
        if self._idle:
            self._give(self._idle.pop(), job, future)
        elif self.full:
            raise Busy
        else:
            self._waiting.append((job, future))
        outcome = await future
        if isinstance(outcome, EinthovenError):
            raise outcome
        return outcome

    def stop(self) -> None:
        """End all workers at once, and remove what they left."""
        for worker in self._folders:
            worker.stop()
        self._scratch.cleanup()

    def _watch(self, worker: Worker) -> None:
        self._loop.add_reader(worker.connection.fileno(), self._readable, worker)
        os.set_blocking(worker.connection.fileno(), True)  # which uvloop undoes, but a Connection reads whole messages

    def _give(self, worker: Worker, job: Any, future: asyncio.Future[Any], seconds: float = SECONDS) -> None:
        self._busy[worker] = future, self._loop.call_later(seconds, worker.kill)
        if getattr(job, "size", 0) > _LARGE:  # the worker reads while we write: the loop need not wait for it
            self._loop.run_in_executor(None, _send, worker, job)
        else:
            _send(worker, job)

    def _readable(self, worker: Worker) -> None:
        """A worker says that it is ready or what became of its job; or its process has ended."""
        if worker in self._busy:
            future, timer = self._busy.pop(worker)
            timer.cancel()
            outcome = worker.outcome()
            if not future.done():  # the asker may have gone
                future.set_result(outcome)
            if worker.ended:
                self._replace(worker)
            else:
                self._next(worker)
        elif worker in self._idle:  # nobody asked: it has died
            self._idle.remove(worker)
            self._replace(worker)
        else:
            self._begun(worker)

    def _next(self, worker: Worker) -> None:
        while self._waiting:
            job, future = self._waiting.popleft()
            if not future.done():
                self._give(worker, job, future)
                return
        self._idle.append(worker)

    def _begun(self, worker: Worker) -> None:
        try:
            worker.ready()
        except EinthovenError as error:
            self._loop.remove_reader(worker.connection.fileno())
            if not self._started.done():
                self._started.set_exception(error)
            elif not self._started.exception():
                _log.error("a worker cannot start: %s", error)
                self._loop.call_later(_PAUSE, self._replace, worker)
            return
        self._give(worker, jobs.warm, self._loop.create_future(), _WARM)
        if not self._started.done() and self.ready == len(self._folders):
            self._started.set_result(None)

    def _replace(self, worker: Worker) -> None:
        self.replaced += 1
        self._loop.remove_reader(worker.connection.fileno())
        worker.replace()
        shutil.rmtree(self._folders[worker], ignore_errors=True)
        self._watch(worker)


def _send(worker: Worker, job: Any) -> None:
    with suppress(OSError):  # it has just died, which `_readable` will see
        worker.ask(job)
