"""PATH.part: the answers of a run that is under way, so that one that was stopped can go on."""

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import orjson

from einthoven.batch.failures import path_text
from einthoven.errors import EinthovenError

try:
    import fcntl
except ImportError:  # no such locks, as on Windows
    fcntl = None  # type: ignore[assignment]


class Part:
    """A file with a line that says which run it belongs to, then an answer a line, as each is ready."""

    def __init__(self, path: Path, run: object) -> None:
        """Open or begin the part of `path`; `run` is what must be the same for a run to go on.

        Raises EinthovenError where there is a part of another run.
        """
        self.path = path.with_name(path.name + ".part")
        self.run = json.dumps(run, sort_keys=True)
        self._places: dict[str, int] = {}  # source as text -> where its answer begins
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.touch()
        self._file = self.path.open("r+b")
        self._lock()
        end = self._find()
        self._file.truncate(end)  # a line that was being written when the run was stopped
        if not end:
            self._file.write(self.run.encode() + b"\n")
            self._file.flush()

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
        """Note where each answer begins; returns where the last whole line ends."""
        end = 0
        for k, line in enumerate(self._file):
            if not line.endswith(b"\n"):
                break
            if k:
                self._places[orjson.loads(line)["recording"]["source"]] = end
            elif line.decode().strip() != self.run:
                raise EinthovenError(
                    f"{self.path}: belongs to a run with another model or options; delete it, or choose another --out."
                )
            end += len(line)
        return end

    def missing(self, sources: Iterable[str]) -> list[str]:
        """Those of `sources` that it holds no answer for."""
        return [source for source in sources if path_text(source) not in self._places]

    def extend(self, sources: Iterable[str], answers: Iterable[str]) -> Iterator[str]:
        """Write the `answers` for `sources` as they come, and pass them on."""
        file = self._file
        file.seek(0, os.SEEK_END)
        for source, answer in zip(sources, answers, strict=True):
            self._places[path_text(source)] = file.tell()
            file.write(answer.encode() + b"\n")
            file.flush()
            yield answer

    def answers(self, sources: Iterable[str]) -> Iterator[str]:
        """The answers for `sources`, in that order."""
        with self.path.open("rb") as file:
            for source in sources:
                file.seek(self._places[path_text(source)])
                yield file.readline().decode().rstrip("\n")

    def remove(self) -> None:
        """Remove it, when its answers stand elsewhere."""
        self.path.unlink()
        self._file.close()
