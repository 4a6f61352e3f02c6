"""A pool whose workers die or cannot be started."""

import asyncio
import errno
import os
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from einthoven.errors import EinthovenError, ShortageError
from einthoven.serve import jobs
from einthoven.serve.pool import Pool
from einthoven.serve.settings import Settings
from einthoven.workers import WorkerError


class Machine:
    """Whether the machine has room for processes."""

    lacks: int | None = None


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine whose shortages a test begins and ends."""
    machine = Machine()

    def check_room() -> None:
        if machine.lacks is not None:
            raise OSError(machine.lacks, os.strerror(machine.lacks))

    monkeypatch.setattr("einthoven.workers.worker.check_room", check_room)
    monkeypatch.setattr("einthoven.workers.worker._FIRST_PAUSE", 0.05)
    monkeypatch.setattr("einthoven.workers.worker._LONGEST_PAUSE", 0.1)
    return machine


def start_without_model(*_: object) -> Callable[[jobs.Job], Any]:
    """Start a worker that does jobs without an interpreter, which takes much less time."""
    return partial(jobs._do, None)  # type: ignore[arg-type]


def pid(_interpreter: object) -> int:
    return os.getpid()


def kill_itself(_interpreter: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Waiting:
    """A job that ends when a file is there."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, _interpreter: object) -> int:
        while not self.path.exists():
            time.sleep(0.01)
        return os.getpid()


def full_disk(_interpreter: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device", "Jane Doe.dcm")


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():
            await asyncio.sleep(0.02)


def in_a_pool(test: Callable[[Pool], Awaitable[None]], count: int = 1) -> None:
    """Run a test with a pool whose workers have no model."""

    @patch.object(jobs, "start_worker", start_without_model)
    @patch.object(jobs, "warm_up", pid)
    async def run() -> None:
        pool = Pool(Settings(model="edge", workers=count))
        try:
            await pool.start()
            await until(lambda: not pool.busy)
            await test(pool)
        finally:
            pool.stop()

    asyncio.run(run())


def test_recovers_when_a_shortage_ends(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("einthoven.serve.pool.GRACE_SECONDS", 0.2)

    async def test(pool: Pool) -> None:
        os.kill(await pool.ask(pid), signal.SIGKILL)
        machine.lacks = errno.EMFILE
        await until(lambda: not pool.ready)
        with pytest.raises(ShortageError, match="No worker process is up"):  # after GRACE_SECONDS
            await pool.ask(pid)
        with pytest.raises(ShortageError):
            await pool.ask(pid)
        assert pool.down_seconds >= 0.2
        await until(lambda: pool.failed_starts > 3)
        machine.lacks = None
        await until(lambda: pool.ready == 1)
        assert pool.down_seconds == 0
        assert await pool.ask(pid)

    in_a_pool(test)


def test_a_job_waits_while_the_worker_is_replaced() -> None:
    async def test(pool: Pool) -> None:
        os.kill(first := await pool.ask(pid), signal.SIGKILL)
        assert await pool.ask(pid) != first

    in_a_pool(test)


def test_others_serve_while_one_cannot_be_started(machine: Machine) -> None:
    async def test(pool: Pool) -> None:
        machine.lacks = errno.EMFILE
        os.kill(await pool.ask(pid), signal.SIGKILL)
        await until(lambda: pool.ready == 1 and pool.failed_starts > 1)
        assert await pool.ask(pid)
        assert pool.down_seconds == 0
        machine.lacks = None
        await until(lambda: pool.ready == 2)

    in_a_pool(test, count=2)


def test_a_job_whose_worker_is_killed_is_given_to_another(tmp_path: Path) -> None:
    async def test(pool: Pool) -> None:
        first = await pool.ask(pid)
        answer = asyncio.create_task(pool.ask(Waiting(tmp_path / "go")))
        await until(lambda: pool.busy == 1)
        os.kill(first, signal.SIGKILL)
        await until(lambda: pool.replacements == 1)
        (tmp_path / "go").touch()
        assert await answer != first

    in_a_pool(test)


def test_a_job_whose_worker_is_always_killed_is_refused() -> None:
    async def test(pool: Pool) -> None:
        with pytest.raises(ShortageError, match="was killed"):
            await pool.ask(kill_itself)
        assert pool.replacements == 2
        assert await pool.ask(pid)

    in_a_pool(test)


def test_the_fork_server_is_killed() -> None:
    async def test(pool: Pool) -> None:
        from multiprocessing import forkserver

        os.kill(forkserver._forkserver._forkserver_pid, signal.SIGKILL)  # type: ignore[attr-defined]
        os.kill(first := await pool.ask(pid), signal.SIGKILL)
        for _ in range(600):  # a start fails while the server is dying
            with suppress(ShortageError):
                assert await pool.ask(pid) != first
                return
            await asyncio.sleep(0.1)
        pytest.fail("No worker was started again.")

    in_a_pool(test)


def test_a_full_disk_is_a_shortage_without_a_name() -> None:
    async def test(pool: Pool) -> None:
        with pytest.raises(ShortageError, match="the disk is full") as raised:
            await pool.ask(full_disk)
        assert "Jane" not in str(raised.value)

    in_a_pool(test)


def test_no_room_at_the_start(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.lacks = errno.EMFILE
    monkeypatch.setattr("einthoven.serve.pool.START_SECONDS", 0.5)

    async def never(_pool: Pool) -> None:
        raise AssertionError

    with pytest.raises(ShortageError, match="too many files are open"):
        in_a_pool(never)


def test_a_job_without_an_answer_in_time_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("einthoven.serve.pool._JOB_SECONDS", 1.0)

    async def test(pool: Pool) -> None:
        os.kill(first := await pool.ask(pid), signal.SIGSTOP)
        with pytest.raises(WorkerError, match="had no result after waiting 1 s"):
            await pool.ask(pid)
        assert await pool.ask(pid) != first

    in_a_pool(test)


def test_an_unknown_model_is_reported_at_once() -> None:
    async def start() -> None:
        pool = Pool(Settings(model="nope", workers=1))
        try:
            await pool.start()
        finally:
            pool.stop()

    with pytest.raises(EinthovenError, match="no shipped bundle of that name"):
        asyncio.run(start())
