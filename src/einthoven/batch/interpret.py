"""Interpret many files in worker processes, with limits on each file."""

import gc
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from hashlib import blake2b
from itertools import tee
from typing import Any

import numpy as np

from einthoven.batch import PRELOAD
from einthoven.batch.outcome import outcome_to_json, result_or_failure, row_to_json
from einthoven.batch.pages import Pages
from einthoven.errors import EinthovenError, ShortageError
from einthoven.interpret.interpretation import Failure, Interpretation, Result
from einthoven.limits import NO_LIMITS, Limits
from einthoven.readers.sources import SIGNALS, STDIN, shown_source
from einthoven.recording import LEADS, Recording
from einthoven.report.rows import columns
from einthoven.signal.segments import SECONDS
from einthoven.text import path_text
from einthoven.workers import Worker, cpu_count, in_order, prepare

MAX_GROUP_FILES = 16
"""Most files that a worker gets together."""
_MAX_GROUP_BYTES = 4 * 2**20


@dataclass(frozen=True)
class InterpretOptions:
    """Options for reading and interpreting files."""

    model: str = "default"
    """Name of a shipped bundle, or the folder of a bundle."""
    force: bool = False
    """Interpret recordings of poor signal quality as well."""
    prevalence: Mapping[str, float] | None = None
    """Share of recordings with each label, from 0 to 1."""
    rate: float | None = None
    """Sampling rate in Hz of tables that do not state it."""
    unit: str | None = None
    """Unit of tables that do not state it: nV, uV, mV or V."""
    leads: Sequence[str] | None = None
    """Leads of a table's columns."""
    scale: str | None = None
    """Scale of WFDB records, as for `einthoven.read`, instead of the gains in their headers."""
    explain: Sequence[str] = ()
    """Labels to explain by leads and seconds."""
    pages: Pages | None = None
    """Report pages to write in addition."""
    model_key: str | None = None
    """File with the public key of the required signer of the bundle; None accepts any bundle."""
    previous: str | None = None
    """The previous ECG to compare with: a recording, or the JSON of its interpretation. For one source only."""
    follow_links: bool = False
    """Whether the signal files of a WFDB record may be links to another folder."""
    stdin: bytes = field(default=b"", repr=False)
    """Content of the source STDIN."""
    start_s: float | None = None
    """Start of the part to read in s; None for the start of the recording."""
    end_s: float | None = None
    """End of the part to read in s; None for the end of the recording."""
    every_s: float = SECONDS
    """Interpret one segment of 10 s in this time."""
    csv_lines: bool = False
    """Whether workers return lines of CSV rather than whole results."""
    rows: bool = False
    """Whether workers return rows of a table, for `row_from_json`, rather than whole results."""
    provider: str = "cpu"
    """ONNX Runtime execution provider: one of `einthoven.onnx_session.PROVIDERS`."""

    @property
    def run_key(self) -> dict[str, object]:
        """Settings that must be the same for a run to resume, as JSON values."""
        return asdict(self) | {"stdin": blake2b(self.stdin, digest_size=16).hexdigest() if self.stdin else None}


def interpret_files(
    sources: Sequence[str], options: InterpretOptions, workers: int | None = None, limits: Limits | None = None
) -> Iterator[bytes]:
    """Interpret files in worker processes.

    A single file is interpreted in a fork of this process, which starts faster.

    Parameters
    ----------
    sources
        Paths of recordings.
    options
        Settings for reading and interpreting recordings.
    workers
        Number of processes; None for one per CPU.
    limits
        CPU time and memory that each file may take; None for the defaults.

    Yields
    ------
    bytes
        The JSON of an outcome for each source, in order: a Failure for a file that failed.

    Raises
    ------
    EinthovenError
        If an option is wrong.
    ShortageError
        If the machine lacks disk, memory or processes. Files without a result can be interpreted later.
    """
    if not sources:  # a resumed run that was complete
        return
    limits = limits or Limits()
    if len(sources) == 1 and not workers:
        begin = partial(_load_interpreter, options, limits)
        yield from run_groups([tuple(sources)], [Worker(begin, limits, fork=True)])
        return
    prepare(*PRELOAD)
    count = min(workers or cpu_count(), len(sources))
    groups = group_sources(sources, count, 1 if options.explain or options.pages else MAX_GROUP_FILES)
    yield from run_groups(groups, [warm_worker(options, limits) for _ in range(count)])


def warm_worker(options: InterpretOptions, limits: Limits) -> Worker:
    """Return a worker for `run_groups` whose start includes all slow first calls.

    Parameters
    ----------
    options
        Settings for reading and interpreting recordings.
    limits
        Limits of one group of files.

    Returns
    -------
    Worker
        Worker that is not started yet.
    """
    return Worker(partial(_load_interpreter, options, limits, warm=True), limits)


def run_groups(groups: Iterable[tuple[str, ...]], workers: Sequence[Worker], *, keep: bool = False) -> Iterator[bytes]:
    """Have workers work on groups of files.

    Parameters
    ----------
    groups
        Paths of recordings.
    workers
        Workers whose function takes a group and returns the JSON of a result for each of its files.
    keep
        Let the workers run for a further call.

    Yields
    ------
    bytes
        The JSON for each file, in order: a Failure for a file that exceeded a limit or ended its worker.

    Raises
    ------
    EinthovenError
        If workers cannot start; ShortageError if the machine lacks disk, memory or processes.
    """
    advice = "" if workers[0].limits == NO_LIMITS else " Add --no-limits to read the file without limits."
    groups, items = tee(groups)
    for group, outcome in zip(groups, in_order(items, workers, keep=keep), strict=True):
        if not isinstance(outcome, EinthovenError):
            yield from outcome
        elif isinstance(outcome, ShortageError):
            raise outcome
        elif len(group) == 1:
            yield outcome_to_json(Failure(path_text(shown_source(group[0])), f"{outcome}{advice}"))
        else:  # one file of the group ended the worker: interpret each alone
            yield from run_groups([(source,) for source in group], [workers[0].copy()])


def group_sources(sources: Sequence[str], workers: int, max_files: int = MAX_GROUP_FILES) -> Iterator[tuple[str, ...]]:
    """Group small files, which are passed on faster together.

    Each worker gets several groups even of few files, so that all finish at about the same time.

    Parameters
    ----------
    sources
        Paths of recordings.
    workers
        Number of processes.
    max_files
        Largest number of files in a group; 1 if each file needs much work.

    Yields
    ------
    tuple of str
        The files of a group, in order.
    """
    yield from group_by_size(sources, min(max_files, max(1, len(sources) // (4 * workers))))


def group_by_size(sources: Iterable[str], max_files: int = MAX_GROUP_FILES) -> Iterator[tuple[str, ...]]:
    """Group small files; a large one is alone, so that a long recording is interpreted in parts.

    Parameters
    ----------
    sources
        Paths of recordings, which are taken one after the other.
    max_files
        Largest number of files in a group.

    Yields
    ------
    tuple of str
        The files of a group, in order.
    """
    group, group_bytes = list[str](), 0
    for source in sources:
        size = _size(source)
        if group and (len(group) == max_files or group_bytes + size > _MAX_GROUP_BYTES):
            yield tuple(group)
            group, group_bytes = [], 0
        group.append(source)
        group_bytes += size
    if group:
        yield tuple(group)


def _size(source: str) -> int:
    """Return the bytes of a file, and of the signal files of a header; 0 for a missing file."""
    total, stem = 0, source.removesuffix(".hea")
    for name in (source, *(stem + ending for ending in SIGNALS if stem != source)):
        with suppress(OSError, ValueError):
            total += os.stat(name).st_size  # noqa: PTH116 - a Path takes longer to make
    return total


def _load_interpreter(
    options: InterpretOptions, limits: Limits, *, warm: bool = False
) -> Callable[[Sequence[str]], list[bytes]]:
    """Return a function that interprets files. Each worker calls this once.

    With `warm`, slow first calls happen here, so that they do not count towards the first file's time. The exception is
    resampling: its import takes as long as all others together, and many runs do not need it.
    """
    from einthoven.batch.long_recording import interpret_long
    from einthoven.interpret.comparison.previous import read_previous
    from einthoven.interpret.interpreter import Interpreter
    from einthoven.model.occlusion import match_label
    from einthoven.readers import read

    interpreter = Interpreter.load(options.model, options.prevalence, options.model_key, options.provider)
    for label in options.explain:
        match_label(interpreter.bundle.card.labels, label)
    csv_columns = list(columns(interpreter.bundle.card)) if options.csv_lines else []
    if options.pages:
        options.pages.prepare()
    if warm:
        interpreter(Recording(np.zeros((len(LEADS), 1000), np.float32), 100, LEADS), force=True)
        gc.freeze()  # what stays as long as the process need not be searched for garbage

    names = ("rate", "unit", "leads", "scale", "follow_links", "start_s", "end_s")
    read_options: dict[str, Any] = {name: getattr(options, name) for name in names}

    def read_recording(source: str) -> Recording:
        recording = read(options.stdin if source == STDIN else source, **read_options)
        interpreter.check(recording)
        return replace(recording, source=path_text(shown_source(source)))

    def compare(recording: Recording, previous: str) -> Interpretation:
        earlier = read_previous(previous, interpreter, **(read_options | {"start_s": None, "end_s": None}))
        return interpreter(
            recording,
            force=options.force,
            explain=options.explain,
            previous=earlier,
            every_s=options.every_s,
        )

    def interpreted(recordings: Sequence[Recording]) -> Iterable[Result]:
        if previous := options.previous:
            return [result_or_failure(recording.source, compare, recording, previous) for recording in recordings]
        return interpreter.batch(recordings, force=options.force, explain=options.explain, every_s=options.every_s)

    def with_page(recording: Recording, result: Result) -> Result:
        if options.pages and isinstance(result, Interpretation):
            rate = interpreter.bundle.card.rate
            return result_or_failure(recording.source, options.pages.save, recording, result, rate) or result
        return result

    def long_recording(source: str) -> Interpretation | None:
        if options.explain or options.pages or options.previous:  # these need the signal
            return None
        return interpret_long(source, interpreter, options, limits.cpu_seconds, show_progress=not warm)

    def to_json(result: Result) -> bytes:
        return row_to_json(result) if options.rows else outcome_to_json(result, csv_columns)

    def interpret(sources: Sequence[str]) -> list[bytes]:
        if len(sources) == 1 and (result := result_or_failure(shown_source(sources[0]), long_recording, sources[0])):
            return [to_json(result)]
        files = [result_or_failure(shown_source(source), read_recording, source) for source in sources]
        recordings = [file for file in files if isinstance(file, Recording)]
        with_pages = map(with_page, recordings, interpreted(recordings))
        results = [file if isinstance(file, Failure) else next(with_pages) for file in files]
        return list(map(to_json, results))

    return interpret
