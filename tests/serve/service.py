"""A service in its own process, as its users start it."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx

COMMAND = [sys.executable, "-B", "-m", "einthoven", "serve", "--port", "0"]
TESTS = Path(__file__).parents[1]
Parts = list[tuple[str, tuple[str, bytes]]]
PATIENCE = 60.0  # s, for busy machines


class Service:
    """`einthoven serve`, once it listens. Its log goes to memory, so that it causes no write to a disk."""

    def __init__(
        self, *options: object, model: str = "edge", workers: int = 2, command: Sequence[str] = COMMAND
    ) -> None:
        folder = "/dev/shm" if Path("/dev/shm").is_dir() else None
        self._log = tempfile.NamedTemporaryFile("w+", dir=folder)  # noqa: SIM115
        command = [*command, "--model", model, "--workers", str(workers), *map(str, options)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self._log, text=True, cwd=TESTS)
        assert self.process.stdout
        match = re.search(r"http://\S+", self.process.stdout.readline())
        assert match, self.log
        self.url = match[0].replace("0.0.0.0", "127.0.0.1")
        self.port = int(self.url.rpartition(":")[2])
        self.client = httpx.Client(base_url=self.url, timeout=PATIENCE)

    @property
    def log(self) -> str:
        """Standard error."""
        return Path(self._log.name).read_text()

    @property
    def workers(self) -> list[int]:
        """Process IDs of the workers, which are forks of the fork server."""
        (server,) = (pid for pid in _children(self.process.pid) if "forkserver" in _command(pid))
        return _children(server)

    @property
    def cpu_seconds(self) -> float:
        """CPU time of the listening process, without its workers."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def peak_mib(self) -> float:
        """Peak memory of the listening process in MiB."""
        match = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{self.process.pid}/status").read_text())
        assert match
        return int(match[1]) / 1024

    def connect(self) -> socket.socket:
        """Open a connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def gauge(self, name: str) -> float:
        """Return a gauge of /metrics."""
        match = re.search(rf"^{name} (\S+)$", self.client.get("/metrics").text, re.MULTILINE)
        assert match
        return float(match[1])

    def wait_until_idle(self) -> None:
        """Wait until the workers have warmed up."""
        eventually(lambda: self.gauge("einthoven_workers_busy") == 0)

    def __enter__(self) -> "Service":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            assert self.stop() == 0

    def stop(self) -> int:
        """Stop the service; return its exit code."""
        for worker in self.workers:
            os.kill(worker, signal.SIGCONT)
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(PATIENCE)
        self.client.close()
        return code


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until a condition holds."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def parts(files: dict[str, bytes]) -> Parts:
    """Return files as httpx sends them in a form."""
    return [("file", (name, content)) for name, content in files.items()]


def record(header: Path) -> dict[str, bytes]:
    """Return the files of a record."""
    return {path.name: path.read_bytes() for path in (header, header.with_suffix(".dat"))}
