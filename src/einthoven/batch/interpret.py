"""From files to results, here or in worker processes."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import tee
from pathlib import Path

import numpy as np

from einthoven.batch import PRELOAD
from einthoven.batch.pages import Pages
from einthoven.errors import EinthovenError, ShortageError
from einthoven.interpret.interpretation import Failure, Interpretation, Result
from einthoven.interpret.json_text import dumps
from einthoven.limits import Limits
from einthoven.readers.sources import SIGNALS
from einthoven.recording import LEADS, Recording
from einthoven.text import path_text
from einthoven.workers import Worker, cpu_count, in_order, prepare

_MAX_GROUP_FILES = 8  # files that a worker is given at a time, if they are small
_MAX_GROUP_BYTES = 4 * 2**20  # of them together


@dataclass(frozen=True)
class InterpretOptions:
    """How files are to be read and interpreted."""

    model: str = "default"
    force: bool = False
    prevalence: Mapping[str, float] | None = None
    rate: float | None = None
    unit: str | None = None
    leads: Sequence[str] | None = None
    explain: Sequence[str] = ()
    """Labels for which results are to say which leads and seconds they rest on."""
    intervals: bool = False
    """PR, QRS, QT, QTc and axis."""
    pages: Pages | None = None
    """Reports to write beside the results."""
    model_key: str | None = None
    """File with the public key of whoever must have signed the model's bundle; None accepts any."""


def interpret_files(
    sources: Sequence[str], options: InterpretOptions, workers: int | None = None, limits: Limits | None = None
) -> Iterator[bytes]:
    """The JSON of a Result for each of `sources`, in order; it is a Failure for a file that fails.

    They are interpreted by `workers` processes (by default one for each CPU), which hold a file to `limits`. A single
    file gets a fork of this process, which starts sooner.

    Raises
    ------
    EinthovenError
        If the options cannot be met.
    ShortageError
        If the machine lacks what is needed; files without a result can be tried again.
    """
    if not sources:  # all done before the run was stopped
        return
    limits = limits or Limits()
    if len(sources) == 1 and not workers:
        yield from _interpret_groups([tuple(sources)], [Worker(partial(_load_interpreter, options), limits, fork=True)])
        return
    prepare(*PRELOAD)
    count = min(workers or cpu_count(), len(sources))
    begin = partial(_load_interpreter, options, warm=True)
    yield from _interpret_groups(_groups(sources, count, options), [Worker(begin, limits) for _ in range(count)])


def _interpret_groups(groups: Iterable[tuple[str, ...]], workers: Sequence[Worker]) -> Iterator[bytes]:
    """The results for the files of each of `groups`, by `workers`."""
    groups, asked = tee(groups)
    for group, outcome in zip(groups, in_order(asked, workers), strict=True):
        if not isinstance(outcome, EinthovenError):
            yield from outcome
        elif isinstance(outcome, ShortageError):
            raise outcome
        elif len(group) == 1:
            reason = f"{outcome} Add --no-limits to read it all the same."
            yield dumps(Failure(path_text(group[0]), reason).to_dict())
        else:  # one of them took too much: each by itself
            yield from _interpret_groups([(source,) for source in group], [workers[0].copy()])


def _groups(sources: Sequence[str], workers: int, options: InterpretOptions) -> Iterator[tuple[str, ...]]:
    """What a worker is given at a time: a few small files, which is quicker, unless much is to be done for each.

    However few there are, each worker gets several, so that none waits long for another at the end.
    """
    most = 1 if options.explain or options.pages else min(_MAX_GROUP_FILES, max(1, len(sources) // (4 * workers)))
    group, group_bytes = list[str](), 0
    for source in sources:
        size = _size(source)
        if group and (len(group) == most or group_bytes + size > _MAX_GROUP_BYTES):
            yield tuple(group)
            group, group_bytes = [], 0
        group.append(source)
        group_bytes += size
    if group:
        yield tuple(group)


def _size(source: str) -> int:
    """Bytes of a file, and of the signals beside it where it is a header; 0 where it is not there."""
    total, stem = 0, source.removesuffix(".hea")
    for name in (source, *(stem + ending for ending in SIGNALS if stem != source)):
        with suppress(OSError, ValueError):
            total += Path(name).stat().st_size
    return total


def _load_interpreter(options: InterpretOptions, *, warm: bool = False) -> Callable[[Sequence[str]], list[bytes]]:
    """What interprets files, as `interpret_files` does; called once in each worker.

    `warm`: what takes long only once is done here, so that it does not count as the first file's time; but for what
    resamples, which takes as long to import as all else and which no file may need.
    """
    from einthoven.interpret.interpreter import Interpreter
    from einthoven.model.occlusion import label_of
    from einthoven.readers import read

    interpreter = Interpreter.load(options.model, options.prevalence, options.model_key)
    for label in options.explain:
        label_of(interpreter.bundle.card.labels, label)
    if options.pages:
        options.pages.prepare()
    if warm:
        interpreter(Recording(np.zeros((len(LEADS), 1000), np.float32), 100, LEADS), force=True)

    def read_recording(source: str) -> Recording | Failure:
        try:
            recording = read(source, rate=options.rate, unit=options.unit, leads=options.leads)
            interpreter.check(recording)
            return replace(recording, source=path_text(source))
        except ShortageError:
            raise
        except EinthovenError as error:
            if isinstance(error.__cause__, MemoryError):
                raise MemoryError from None  # the worker finds out whose fault it is
            return Failure.of(source, error)

    def with_page(recording: Recording, interpretation: Interpretation) -> Result:
        try:
            if options.pages:
                options.pages.save(recording, interpretation, interpreter.bundle.card.rate)
            return interpretation
        except ShortageError:
            raise
        except EinthovenError as error:
            return Failure.of(recording.source, error)

    def interpret(sources: Sequence[str]) -> list[bytes]:
        files = [read_recording(source) for source in sources]
        recordings = [file for file in files if isinstance(file, Recording)]
        interpretations = interpreter.batch(
            recordings, force=options.force, explain=options.explain, intervals=options.intervals
        )
        with_pages = map(with_page, recordings, interpretations)
        results = (file if isinstance(file, Failure) else next(with_pages) for file in files)
        return [dumps(result.to_dict()) for result in results]

    return interpret
