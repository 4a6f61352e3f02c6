"""PATH.part: the results of a run that is under way, so that one that was stopped can go on."""

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from zlib import crc32

from einthoven.batch.fingerprint import fingerprint, is_unchanged
from einthoven.errors import EinthovenError
from einthoven.files import explain
from einthoven.interpret.interpretation import Result, result_from_json
from einthoven.interpret.json_text import canonical
from einthoven.signatures import CHECKPOINT_START
from einthoven.text import path_text

try:
    import fcntl
except ImportError:  # no such locks, as on Windows
    fcntl = None  # type: ignore[assignment]

_VERSION = 2
_SYNC_S = 5.0
"""After so many seconds, at most, a result is on the disk."""


class Checkpoint:
    """A file with a line that says which run it belongs to, then a result a line, as each is ready.

    A line is a CRC-32 in hexadecimal of what follows it, the fingerprint of the recording, and the JSON of a Result. A
    line whose checksum is wrong counts as not written; of two lines for one recording the later one counts.
    """

    def __init__(self, path: Path, run: object) -> None:
        """Open or begin the part of `path`; `run` is what must be the same for a run to go on.

        Raises EinthovenError if the part belongs to another run, is damaged in its first line, or is not a part at all,
        in which case it is left as it is.
        """
        self.path = checkpoint_path(path)
        self._run = f"{CHECKPOINT_START}{_VERSION} ".encode() + _line(canonical(run).encode())
        self._places: dict[str, int] = {}  # source as text -> where the line of its result begins
        self._fingerprints: dict[str, str] = {}
        self._since_ns = time.time_ns()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self.path.exists() and not self.path.is_file():
                raise EinthovenError(f"{self.path}: is not a file; remove it, or choose another --out.")
            self.path.touch()
            self._file = self.path.open("r+b")
        except OSError as error:
            raise explain(error, self.path) from error
        try:
            self._lock()
            end = self._find()
        except EinthovenError:
            self._file.close()
            raise
        self._file.truncate(end)  # a line that was being written when the run was stopped
        if not end:
            self._file.seek(0)
            self._file.write(self._run)
            self._sync()

    def _lock(self) -> None:
        """Keep other runs away until this one removes the part or ends, however it does."""
        if fcntl:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise EinthovenError(
                    f"{self.path}: another run is writing to it; wait for its end, or choose another --out."
                ) from error

    def _find(self) -> int:
        """Note where each whole result begins; returns where the last line ends that was written to its end."""
        first = self._file.readline(len(self._run) + 1)
        if self._run.startswith(first) and first != self._run:  # it was being written
            return 0
        self._check_run(first)
        end = len(first)
        for line in self._file:
            if not line.endswith(b"\n"):
                break
            with suppress(ValueError, LookupError, TypeError, EinthovenError):  # damaged
                fingerprint, result = _content(line)
                source = result_from_json(result).source
                self._places[source], self._fingerprints[source] = end, fingerprint
            end += len(line)
        return end

    def _check_run(self, first: bytes) -> None:
        if first == self._run:
            return
        if first.startswith(b'{"einthoven"') or (
            first.startswith(CHECKPOINT_START.encode()) and first.split()[1:2] != [str(_VERSION).encode()]
        ):
            fault = "was begun by another version of Einthoven"
        elif not first.startswith(CHECKPOINT_START.encode()):
            fault = "is not the beginning of a result, or its first line is damaged"
        else:
            fault = "belongs to a run with another model or options, or its first line is damaged"
        raise EinthovenError(f"{self.path}: {fault}; delete it, or choose another --out.")

    def missing(self, sources: Iterable[str]) -> list[str]:
        """Those of `sources` that it holds no result for, or whose files have changed since they were read."""
        return [source for source in sources if not self._holds(source)]

    def _holds(self, source: str) -> bool:
        known = self._fingerprints.get(path_text(source))
        return known is not None and is_unchanged(source, known)

    def extend(self, sources: Iterable[str], results: Iterable[bytes]) -> Iterator[bytes]:
        """Write the `results` for `sources`, each the JSON of a Result, as they come, and pass them on."""
        file = self._file
        file.seek(0, os.SEEK_END)
        synced = time.monotonic()
        for source, result in zip(sources, results, strict=True):
            self._places[path_text(source)] = file.tell()
            file.write(_line(b"%b %b" % (fingerprint(source, self._since_ns).encode(), result)))
            file.flush()
            if time.monotonic() - synced > _SYNC_S:
                self._sync()
                synced = time.monotonic()
            yield result
        self._sync()

    def _sync(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())

    def results(self, sources: Iterable[str]) -> Iterator[Result]:
        """The results for `sources`, in that order. Raises EinthovenError if one was damaged since it was written."""
        with self.path.open("rb") as file:
            for source in sources:
                file.seek(self._places[path_text(source)])
                try:
                    _, result = _content(file.readline())
                except ValueError:
                    raise EinthovenError(
                        f"{self.path}: was damaged during the run; give the same command again."
                    ) from None
                yield result_from_json(result)

    def close(self) -> None:
        """Keep it for another run, unless it holds no result."""
        if self._places:
            self._file.close()
        else:
            self.remove()

    def remove(self) -> None:
        """Remove it, when its results stand elsewhere."""
        self.path.unlink()
        self._file.close()


def checkpoint_path(path: Path) -> Path:
    """Where the part of `path` lies."""
    return path.with_name(path.name + ".part")


def _line(content: bytes) -> bytes:
    return b"%08x %s\n" % (crc32(content), content)


def _content(line: bytes) -> tuple[str, bytes]:
    """Fingerprint and result of a line. Raises ValueError if the line is not as it was written."""
    checksum, _, content = line.rstrip(b"\n").partition(b" ")
    if checksum != b"%08x" % crc32(content):
        raise ValueError("wrong checksum")
    fingerprint, _, result = content.partition(b" ")
    return fingerprint.decode(), result
