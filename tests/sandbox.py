"""A place of its own for a command, with no network, and a record of all that its processes write and send.

strace records each call by which a process of the command opens a file for writing, changes a folder or uses a socket,
so that nothing escapes it that native code does, or that is gone again when the command ends. The network namespace
has no way out: even if something were sent, nobody would get it.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

FOLDERS = {
    "HOME": "home",
    "TMPDIR": "tmp",
    "XDG_CACHE_HOME": "cache",
    "XDG_CONFIG_HOME": "config",
    "XDG_DATA_HOME": "data",
    "XDG_STATE_HOME": "state",
    "XDG_RUNTIME_DIR": "runtime",
}
SECONDS = 600
_UP = """
import fcntl, os, socket, struct, sys
with socket.socket() as any_socket:
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh", b"lo", 1))  # SIOCSIFFLAGS, IFF_UP: loopback
os.execvp(sys.argv[1], sys.argv[1:])
"""
_CHANGES = re.compile(r'^(?:open|openat|creat|mkdir|mkdirat|rename|renameat2?|link|linkat|symlink|symlinkat|mknod'
                      r'|mknodat|truncate)\((.*)\) += (?!-1 )')  # fmt: skip
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_WRITING = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_TMPFILE")
_ABROAD = re.compile(r"^(?:connect|sendto|sendmsg|sendmmsg)\(.*sa_family=AF_(?!UNIX)|^socket\(AF_(?!UNIX|INET6?,)")
_BOUND = re.compile(r'^bind\((?=.*sa_family=AF_INET)(?!.*"(?:127\.0\.0\.1|::1)")')


@dataclass(frozen=True)
class Record:
    """What a command did."""

    code: int
    output: str
    written: set[Path]
    """Everything that a process created or opened for writing."""
    sent: list[str]
    """Calls that connect or send to anything but a socket of this machine's own kind, or listen beyond loopback."""


class Sandbox:
    """Folders of its own under `root`; the working folder is `work`."""

    def __init__(self, root: Path) -> None:
        self.root, self.work = root, root / "work"
        for name in ("work", *FOLDERS.values()):
            (root / name).mkdir()

    def run(self, *command: str, environment: dict[str, str] | None = None) -> Record:
        """Run `command` in it; skips the test where the system cannot watch it."""
        folders = {name: str(self.root / folder) for name, folder in FOLDERS.items()}
        clean = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **folders, **(environment or {})}
        trace = self.root / "trace"
        trace.mkdir()
        watch = ["strace", "-ff", "-qq", "-s", "4096", "-e", "trace=%network,%file", "-o", str(trace / "of")]
        done = subprocess.run(
            [*isolation(), sys.executable, "-c", _UP, *watch, *command],
            cwd=self.work,
            env=clean,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        calls = [line for file in trace.iterdir() for line in file.read_text(errors="replace").splitlines()]
        shutil.rmtree(trace)
        assert calls
        sent = [call for call in calls if _ABROAD.search(call) or _BOUND.search(call)]
        return Record(done.returncode, done.stdout + done.stderr, set(self._written(calls)), sent)

    def _written(self, calls: list[str]) -> Iterator[Path]:
        for call in calls:
            found = _CHANGES.match(call)
            if found and (not call.startswith("open") or _WRITING.search(call)):
                yield self.work / _QUOTED.findall(found[1])[-1]

    def left(self) -> list[Path]:
        """What is there outside the working folder."""
        return [path for name in FOLDERS.values() for path in (self.root / name).rglob("*")]


def isolation() -> list[str]:
    """The command that gives a network namespace; skips the test where there is none, or no strace."""
    for tool in ("strace", "unshare"):
        if not shutil.which(tool):
            pytest.skip(f"needs {tool}")
    for options in (["--net"], ["--net", "--map-root-user"]):
        command = ["unshare", *options]
        if subprocess.run([*command, "strace", "-o", "/dev/null", "true"], capture_output=True).returncode == 0:
            return command
    pytest.skip("no network namespace, or no tracing, is permitted here")
