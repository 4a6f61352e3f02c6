"""OUT.part: the results of an unfinished run, from which the same command resumes."""

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, unquote
from zlib import crc32

from einthoven.batch.fingerprint import fingerprint, is_unchanged
from einthoven.batch.outcome import Outcome, outcome_from_json
from einthoven.errors import EinthovenError
from einthoven.files import explain
from einthoven.interpret.json_text import canonical
from einthoven.signatures import CHECKPOINT_START
from einthoven.text import path_text

try:
    import fcntl
except ImportError:  # no such locks, as on Windows
    fcntl = None  # type: ignore[assignment]

_VERSION = 3
_SYNC_S = 5.0
"""Longest time in s until a result is on the disk."""


class Checkpoint:
    """A file with one line that identifies the run, then one line per result.

    A line holds the CRC-32 of the rest in hexadecimal, the fingerprint and the quoted source of the recording, and the
    JSON of an outcome. A line with a wrong checksum is ignored. If a recording has two lines, the later one counts.

    Parameters
    ----------
    path
        The output; the checkpoint is next to it (`checkpoint_path`).
    run
        The options, as JSON can hold them, that must be the same for a run to resume.

    Raises
    ------
    EinthovenError
        If the file belongs to another run, has a damaged first line, is not a checkpoint, or is in use. It stays as it
        is.
    """

    def __init__(self, path: Path, run: object) -> None:
        self.path = checkpoint_path(path)
        self._run = f"{CHECKPOINT_START}{_VERSION} ".encode() + _line(canonical(run).encode())
        self._offsets: dict[str, int] = {}  # of the line of each source
        self._fingerprints: dict[str, str] = {}
        self._since_ns = time.time_ns()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self.path.exists() and not self.path.is_file():
                raise EinthovenError("is not a file; remove it, or choose another --out.", self.path)
            self.path.touch()
            self._file = self.path.open("r+b")
        except OSError as error:
            raise explain(error, self.path) from error
        try:
            self._lock()
            end = self._index()
        except EinthovenError:
            self._file.close()
            raise
        self._file.truncate(end)  # drops an incomplete last line
        if not end:
            self._file.seek(0)
            self._file.write(self._run)
            self._sync()

    def _lock(self) -> None:
        """Lock out other runs until this one ends."""
        if fcntl:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise EinthovenError(
                    "another run is writing to it; wait until it ends, or choose another --out.", self.path
                ) from error

    def _index(self) -> int:
        """Note the offset of each undamaged result, and return the end of the last complete line."""
        first = self._file.readline(len(self._run) + 1)
        if self._run.startswith(first) and first != self._run:  # incomplete
            return 0
        self._check_run(first)
        end = len(first)
        for line in self._file:
            if not line.endswith(b"\n"):
                break
            with suppress(ValueError):  # damaged
                fingerprint, source, _ = _content(line)
                self._offsets[source], self._fingerprints[source] = end, fingerprint
            end += len(line)
        return end

    def _check_run(self, first: bytes) -> None:
        if first == self._run:
            return
        if first.startswith(b'{"einthoven"') or (
            first.startswith(CHECKPOINT_START.encode()) and first.split()[1:2] != [str(_VERSION).encode()]
        ):
            fault = "was written by another version of Einthoven"
        elif not first.startswith(CHECKPOINT_START.encode()):
            fault = "is not a checkpoint of Einthoven, or its first line is damaged"
        else:
            fault = "belongs to a run with another model or options, or its first line is damaged"
        raise EinthovenError(f"{fault}; delete it, or choose another --out.", self.path)

    def missing(self, sources: Iterable[str]) -> list[str]:
        """Return the sources without a result, and those whose files have changed since they were read.

        Parameters
        ----------
        sources
            Paths of recordings.

        Returns
        -------
        list of str
            Sources in the order of `sources`.
        """
        return [source for source in sources if not self._holds(source)]

    def _holds(self, source: str) -> bool:
        known = self._fingerprints.get(path_text(source))
        return known is not None and is_unchanged(source, known)

    def extend(self, sources: Iterable[str], results: Iterable[bytes]) -> Iterator[bytes]:
        """Write results as they arrive, and pass them on.

        Parameters
        ----------
        sources
            Paths of recordings.
        results
            The JSON of an outcome for each.

        Yields
        ------
        bytes
            Each element of `results`, once it is in the file.
        """
        file = self._file
        file.seek(0, os.SEEK_END)
        synced = time.monotonic()
        for source, result in zip(sources, results, strict=True):
            self._offsets[path_text(source)] = file.tell()
            state = fingerprint(source, self._since_ns)
            file.write(_line(b"%b %b %b" % (state.encode(), quote(path_text(source)).encode(), result)))
            file.flush()
            if time.monotonic() - synced > _SYNC_S:
                self._sync()
                synced = time.monotonic()
            yield result
        self._sync()

    def _sync(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())

    def outcomes(self, sources: Iterable[str]) -> Iterator[Outcome]:
        """Read the results of interpretation back.

        Parameters
        ----------
        sources
            Paths of recordings that all have a result.

        Returns
        -------
        Iterator of Interpretation, Failure or str
            Results in the order of `sources`.

        Raises
        ------
        EinthovenError
            For the same reasons as `results`.
        """
        return map(outcome_from_json, self.results(sources))

    def results(self, sources: Iterable[str]) -> Iterator[bytes]:
        """Read results back.

        Parameters
        ----------
        sources
            Paths of recordings that all have a result.

        Yields
        ------
        bytes
            The JSON of each, in the order of `sources`.

        Raises
        ------
        EinthovenError
            If a line was damaged after it was written.
        """
        with self.path.open("rb") as file:
            for source in sources:
                file.seek(self._offsets[path_text(source)])
                try:
                    *_, result = _content(file.readline())
                except ValueError:
                    raise EinthovenError("was damaged during the run; run the same command again.", self.path) from None
                yield result

    def close(self) -> None:
        """Close the file, and remove it if it holds no result."""
        if self._offsets:
            self._file.close()
        else:
            self.remove()

    def remove(self) -> None:
        """Remove the file."""
        self.path.unlink()
        self._file.close()


def checkpoint_path(path: Path) -> Path:
    """Return the path of the checkpoint of an output.

    Parameters
    ----------
    path
        Path of the output.

    Returns
    -------
    Path
        OUT.part.
    """
    return path.with_name(path.name + ".part")


def _line(content: bytes) -> bytes:
    return b"%08x %s\n" % (crc32(content), content)


def _content(line: bytes) -> tuple[str, str, bytes]:
    """Return fingerprint, source and result of a line; raise ValueError if the line is damaged."""
    checksum, _, content = line.rstrip(b"\n").partition(b" ")
    if checksum != b"%08x" % crc32(content):
        raise ValueError("wrong checksum")
    fingerprint, source, result = content.split(b" ", 2)
    return fingerprint.decode(), unquote(source.decode()), result
