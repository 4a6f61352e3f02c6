"""Work on many items with several workers, in order."""

import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

from einthoven.errors import ShortageError
from einthoven.workers.errors import KilledError
from einthoven.workers.worker import Worker

_QUEUED_PER_WORKER = 8  # items that may wait for an earlier one
_MAX_TRIES = 2  # of an item whose process is killed
_MAX_FAILED_STARTS = 12  # in a row before `in_order` gives up: half a minute of pauses


def in_order(items: Iterable[Any], workers: Sequence[Worker], *, keep: bool = False) -> Iterator[Any]:
    """Work on items in parallel and yield the outcomes in order.

    Only a few items per worker are taken at a time, however many there are. An item whose process is killed is tried
    once more. Workers that cannot start are tried again while the others continue. At the end, all workers are stopped.

    Parameters
    ----------
    items
        Items to work on.
    workers
        The workers; `in_order` starts those that do not run.
    keep
        Let the workers run for a further call if all outcomes were yielded.

    Yields
    ------
    Any
        The result of an item, or the EinthovenError of one that failed, which is not raised; KilledError if the
        processes of both tries were killed.

    Raises
    ------
    EinthovenError
        If workers cannot start; ShortageError if the machine has lacked resources for half a minute.
    """
    schedule = _Schedule(items, workers)
    try:
        while not schedule.finished:
            schedule.start_workers()
            schedule.hand_out()
            if schedule.pending and schedule.pending[0].done:  # not before all workers have an item again
                while schedule.pending and schedule.pending[0].done:
                    yield schedule.pending.popleft().outcome
            else:
                schedule.collect()
    finally:
        if not (keep and schedule.finished):
            for worker in workers:
                worker.stop()


@dataclass
class _Task:
    """An item and its outcome."""

    item: Any
    tries: int = 0
    done: bool = False
    outcome: Any = None


class _Schedule:
    """Assignment of items to workers, and the queue of items that wait."""

    def __init__(self, items: Iterable[Any], workers: Sequence[Worker]) -> None:
        self._items, self._exhausted = iter(items), False
        self._max_pending = _QUEUED_PER_WORKER * len(workers)
        self.pending = deque[_Task]()  # in order, from the first whose outcome was not yielded
        self._unassigned = deque[_Task]()  # at most one new task, and those to be tried again
        self._down = [worker for worker in workers if not worker.running]
        self._idle = [worker for worker in workers if worker.running]
        self._busy = dict[Connection, tuple[Worker, _Task]]()

    @property
    def finished(self) -> bool:
        """Whether all outcomes were yielded."""
        return self._exhausted and not self.pending

    def start_workers(self) -> None:
        """Start the workers that are down, if their time to try again has come."""
        for worker in [worker for worker in self._down if worker.retry_at <= time.monotonic()]:
            if worker.failed_starts >= _MAX_FAILED_STARTS and not self._busy and not self._idle:
                raise worker.failure
            with suppress(ShortageError):
                worker.begin()
                self._down.remove(worker)
                self._idle.append(worker)

    def hand_out(self) -> None:
        """Give items to the idle workers."""
        while self._idle and (self._unassigned or self._take_item()):
            worker = self._idle.pop()
            try:
                worker.ask(self._unassigned[0].item)
                self._busy[worker.connection] = worker, self._unassigned.popleft()
            except ShortageError:  # the process died, before or after its start
                self._down.append(worker)

    def _take_item(self) -> bool:
        """Take the next item, unless there is none or too many wait for an earlier one; return whether one came."""
        if self._exhausted or len(self.pending) >= self._max_pending:
            return False
        for item in self._items:
            task = _Task(item)
            self._unassigned.append(task)
            self.pending.append(task)
            return True
        self._exhausted = True
        return False

    def collect(self) -> None:
        """Wait for outcomes, or until a worker that is down can be tried again; note the outcomes."""
        for connection in self._due():
            worker, task = self._busy.pop(connection)
            task.outcome = worker.outcome()
            task.tries += 1
            task.done = task.tries == _MAX_TRIES or not isinstance(task.outcome, KilledError)
            if not task.done:
                self._unassigned.append(task)
            (self._down if worker.ended else self._idle).append(worker)

    def _due(self) -> list[Connection]:
        """Wait for connections that can be read or whose worker is late; return them."""
        times = [worker.deadline for worker, _ in self._busy.values()] + [worker.retry_at for worker in self._down]
        seconds = max(0.0, min(times, default=0.0) - time.monotonic())
        if not self._busy:
            time.sleep(seconds)
            return []
        ready = wait(list(self._busy), None if seconds == float("inf") else seconds)
        now = time.monotonic()
        return [
            connection
            for connection, (worker, _) in self._busy.items()
            if connection in ready or (worker.deadline <= now and not worker.extend())
        ]
