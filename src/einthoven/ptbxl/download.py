"""Download PTB-XL or another data set of PhysioNet, or repair a copy.

Every file is checked against its published SHA-256.

PTB-XL (Wagner et al. 2022, https://doi.org/10.13026/kfzx-aw45) has 87,000 small files, so the number of connections
matters more than their speed.
"""

import threading
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

from filelock import FileLock, Timeout

from einthoven.errors import EinthovenError
from einthoven.files import explain
from einthoven.progress import progress
from einthoven.ptbxl import DATABASE, SIMULATED_MARK
from einthoven.ptbxl.check import SUMS, parse_sums, rate_of, sha256
from einthoven.ptbxl.fetch import Fetcher, FetchError, StoppedError, UnreachableError
from einthoven.ptbxl.records import RATES

BASE_URL = "https://physionet.org/files/ptb-xl/1.0.3/"
"""Address of version 1.0.3."""

MARK = ".einthoven-"
"""Beginning of the name of a file that identifies the copy of another set than PTB-XL."""

_RESUME_HINT = "finished files are kept; run the same command again to resume"
_FIRST_TRIES = 3  # fewer, so that a missing network is reported soon
_MAX_UNREACHABLE = 4  # consecutive failures, or one per connection, after which the server counts as unreachable
_MAX_NAMED = 3
_TICK_S = 0.25


@dataclass(frozen=True)
class Publication:
    """A data set, or a part of one, as PhysioNet publishes it: WFDB records and a list of sums."""

    title: str
    base_url: str
    """Address of the folder with SHA256SUMS.txt."""
    part: str = ""
    """Beginning of the names of the files to fetch, in addition to those of no folder."""
    mark: str | None = None
    """A hidden file that identifies the folder of a copy; None for PTB-XL, whose tables do."""

    def rate_of(self, name: str) -> int | None:
        """Return the sampling rate in Hz of a file of PTB-XL; 0 for a file of another set's record.

        Parameters
        ----------
        name
            Path of the file below `base_url`.

        Returns
        -------
        int or None
            Sampling rate in Hz, or 0; None for a file that belongs to no record.
        """
        if self.mark is None:
            return rate_of(name)
        return 0 if "/" in name and name.startswith(self.part) else None

    def includes(self, name: str) -> bool:
        """Return whether a published file belongs to the part.

        Parameters
        ----------
        name
            Path of the file below `base_url`.

        Returns
        -------
        bool
            True also for files of no folder, such as LICENSE.txt.
        """
        return name.startswith(self.part) or "/" not in name


PTB_XL = Publication("PTB-XL", BASE_URL)


@dataclass(frozen=True)
class DownloadReport:
    """The content of the folder after a download, all of it with the published SHA-256."""

    title: str
    folder: Path
    records: dict[int, int]
    """Records of each requested sampling rate (Hz); of rate 0 for another set than PTB-XL."""
    files: int
    fetched: int
    """Number of files that this call fetched; the others were there."""
    size: int
    """Bytes of all files."""

    def __str__(self) -> str:
        """The report for people."""
        counts = [f"{count:,} records" + (f" at {rate} Hz" if rate else "") for rate, count in self.records.items()]
        fetched = f"{self.fetched:,} downloaded now" if self.fetched else "all files were there already"
        return (
            f"{self.title} in {self.folder}: {' and '.join(counts)}; {self.files:,} files, {self.size / 1e6:,.0f} MB, "
            f"all checked; {fetched}."
        )


def download(
    folder: Path,
    rate: int | None = None,
    base_url: str | None = None,
    connections: int = 8,
    publication: Publication = PTB_XL,
) -> DownloadReport:
    """Fetch missing and damaged files of a data set, over several connections.

    Files that are there are compared with SHA256SUMS.txt, which stays in the folder, and are not fetched again if they
    are correct. A file gets its name only when it is complete and correct.

    Parameters
    ----------
    folder
        Folder for the data set.
    rate
        Sampling rate of PTB-XL's records in Hz, 100 or 500; None for both.
    base_url
        Address of a server with the same files; None for the publication's own.
    connections
        Number of files to fetch at a time.
    publication
        The data set.

    Returns
    -------
    DownloadReport
        Content of the folder after the download.

    Raises
    ------
    EinthovenError
        If the folder holds something else, the network or the disk fails, a file cannot be fetched (the others are
        finished first), or the user presses Ctrl-C.
    """
    folder = Path(folder)
    if rate is not None and rate not in RATES:
        raise EinthovenError(f"PTB-XL has no records at {rate} Hz; choose {' or '.join(map(str, RATES))}.")
    stop = threading.Event()
    fetcher = Fetcher(publication.base_url if base_url is None else base_url, connections, stop)
    try:
        if (folder / SIMULATED_MARK).exists():
            raise EinthovenError(f"holds simulated records; choose another folder for {publication.title}.", folder)
        folder.mkdir(parents=True, exist_ok=True)
        _refuse_foreign(folder, publication)
        with FileLock(folder / ".download.lock", timeout=0):
            sums = _sums(folder, rate, fetcher, publication)
            return _Download(publication, folder, sums, fetcher, stop).run(connections)
    except Timeout:
        raise EinthovenError("another download is running in this folder; wait for it or stop it.", folder) from None
    except OSError as error:
        raise explain(error, folder) from error
    except KeyboardInterrupt:
        raise EinthovenError(f"interrupted; {_RESUME_HINT}.", folder) from None


def _refuse_foreign(folder: Path, publication: Publication) -> None:
    """Refuse a folder with other files, because LICENSE.txt, RECORDS or the like could be replaced."""
    names = {file.name.removesuffix(".part") for file in folder.iterdir() if not file.name.startswith(".")}
    other = any(file.name != publication.mark for file in folder.glob(f"{MARK}*"))
    own = names & {SUMS, DATABASE, *(f"records{rate}" for rate in RATES)}
    if publication.mark:
        own = {publication.mark} if (folder / publication.mark).exists() else set()
    if other or (names and not own):
        raise EinthovenError(f"is not empty and holds no files of {publication.title}; choose another folder.", folder)
    if publication.mark:
        (folder / publication.mark).touch()


def _sums(folder: Path, rate: int | None, fetcher: Fetcher, publication: Publication) -> dict[str, str]:
    """Return the published hashes of the requested files. The list is fetched if it is missing or damaged."""
    source = fetcher.base_url + SUMS

    def read(path: Path) -> dict[str, str]:
        sums = parse_sums(path.read_text(encoding="utf-8", errors="replace"), source, publication.title)
        rates = {name: publication.rate_of(name) for name in sums if publication.includes(name)}
        requested = {name: sums[name] for name, of_file in rates.items() if rate is None or of_file in (None, rate)}
        if all(rates[name] is None for name in requested):
            raise EinthovenError(
                f"lists no records{f' at {rate} Hz' if rate else ''}; "
                f"check that this is the address of {publication.title}.",
                source,
            )
        return requested

    def is_correct(part: Path) -> bool:
        try:
            return bool(read(part))
        except EinthovenError:
            part.unlink()
            raise

    try:
        return read(folder / SUMS)
    except (FileNotFoundError, EinthovenError):  # not there, or damaged
        pass
    try:
        fetcher.fetch(SUMS, folder / SUMS, is_correct, _FIRST_TRIES)
    except UnreachableError as error:
        raise EinthovenError(f"{error}; check the network and run the command again.", source) from error
    except FetchError as error:
        raise EinthovenError(f"{error}; check that this is the address of {publication.title}.", source) from error
    return read(folder / SUMS)


class _Download:
    """The files of one call, fetched by threads. The calling thread shows the progress."""

    def __init__(
        self, publication: Publication, folder: Path, sums: dict[str, str], fetcher: Fetcher, stop: threading.Event
    ) -> None:
        self._publication = publication
        self._folder = folder
        self._sums = sums
        self._fetcher = fetcher
        self._stop = stop
        self._todo: SimpleQueue[str] = SimpleQueue()
        rates = {name: publication.rate_of(name) for name in sums}
        for name in sorted(sums, key=lambda name: (rates[name] is not None, rates[name], name)):  # the tables first
            self._todo.put(name)
        self._lock = threading.Lock()  # guards what follows
        self._files = self._fetched = self._size = 0
        self._failed: dict[str, str] = {}
        self._unreachable_in_a_row = 0
        self._fatal: Exception | None = None

    def run(self, connections: int) -> DownloadReport:
        """Fetch everything; raise EinthovenError if a file could not be fetched."""
        # Daemons: a thread that waits for a dead server must not keep an interrupted program alive.
        threads = [threading.Thread(target=self._work, args=(connections,), daemon=True) for _ in range(connections)]
        with progress("fetched", "speed") as bar:
            task = bar.add_task(self._publication.title, total=len(self._sums), fetched="", speed="")
            samples = deque([(time.monotonic(), 0)], maxlen=20)  # (s, bytes): the speed over the last 5 s
            try:
                for thread in threads:
                    thread.start()
                while alive := [thread for thread in threads if thread.is_alive()]:
                    alive[0].join(_TICK_S)
                    samples.append((time.monotonic(), self._fetcher.received))
                    bar.update(
                        task,
                        completed=self._files + len(self._failed),
                        fetched=f"{self._fetcher.received / 1e6:,.0f} MB",
                        speed=self._pace(samples),
                    )
            finally:
                self._stop.set()
                for thread in threads:
                    thread.join(_TICK_S)
        if isinstance(self._fatal, EinthovenError):
            raise EinthovenError(f"{str(self._fatal).removesuffix('.')}; {_RESUME_HINT}.") from self._fatal
        if self._fatal:
            raise self._fatal
        if self._failed:
            raise EinthovenError(self._failures())
        headers = [self._publication.rate_of(name) for name in self._sums if name.endswith(".hea")]
        records = {rate: headers.count(rate) for rate in (0, *RATES) if rate in headers}
        return DownloadReport(self._publication.title, self._folder, records, self._files, self._fetched, self._size)

    def _pace(self, samples: deque[tuple[float, int]]) -> str:
        if waits_s := self._fetcher.waits_s:
            return f"the server asks to wait {waits_s:.0f} s"
        (start, before), (end, after) = samples[0], samples[-1]
        return f"{(after - before) / 1e6 / max(end - start, _TICK_S):.1f} MB/s"

    def _work(self, connections: int) -> None:
        """Fetch one file after the other, in a thread."""
        while not self._stop.is_set():
            try:
                name = self._todo.get_nowait()
            except Empty:
                return
            try:
                self._get(name)
            except StoppedError:
                return
            except FetchError as error:
                with self._lock:
                    self._failed[name] = str(error)
                    if not isinstance(error, UnreachableError):
                        continue
                    self._unreachable_in_a_row += 1
                    lost = self._unreachable_in_a_row >= max(connections, _MAX_UNREACHABLE)
                if lost:
                    self._abort(EinthovenError(f"no longer reachable ({error}).", self._fetcher.base_url))
            except OSError as error:
                self._abort(explain(error, self._folder / name))
            except Exception as error:
                self._abort(error)

    def _get(self, name: str) -> None:
        """Fetch the file `name`, unless it is there and correct."""
        path, digest = self._folder / name, self._sums[name]

        def is_correct(candidate: Path) -> bool:
            return sha256(candidate) == digest

        present = path.exists() and is_correct(path)
        if not present:
            self._fetcher.fetch(name, path, is_correct)
        with self._lock:
            self._files += 1
            self._fetched += not present
            self._size += path.stat().st_size
            if not present:
                self._unreachable_in_a_row = 0

    def _abort(self, error: Exception) -> None:
        self._fatal = error
        self._stop.set()

    def _failures(self) -> str:
        named = "; ".join(f"{name} ({why})" for name, why in sorted(self._failed.items())[:_MAX_NAMED])
        more = f"; and {len(self._failed) - _MAX_NAMED:,} more" if len(self._failed) > _MAX_NAMED else ""
        return (
            f"{self._folder}: {len(self._failed):,} of {len(self._sums):,} files could not be fetched from "
            f"{self._fetcher.base_url}: {named}{more}; {_RESUME_HINT}."
        )
