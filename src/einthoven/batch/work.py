"""From files to answers, here or in worker processes."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import tee
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from einthoven.batch import PRELOAD
from einthoven.batch.failures import failed, path_text
from einthoven.batch.pages import Pages
from einthoven.errors import EinthovenError, ShortageError
from einthoven.limits import Limits
from einthoven.readers.sources import SIGNALS
from einthoven.recording import LEADS, Recording
from einthoven.workers import Worker, cpu_count, in_order, prepare

if TYPE_CHECKING:
    from einthoven.interpret.interpretation import Interpretation

_TOGETHER = 8  # files that a worker is given at a time, if they are small
_BYTES = 4 * 2**20  # of them together


@dataclass(frozen=True)
class Wishes:
    """How files are to be read and interpreted."""

    model: str = "default"
    force: bool = False
    prevalence: Mapping[str, float] | None = None
    rate: float | None = None
    unit: str | None = None
    leads: Sequence[str] | None = None
    explain: Sequence[str] = ()
    """Labels for which answers are to say which leads and seconds they rest on."""
    intervals: bool = False
    """PR, QRS, QT, QTc and axis."""
    pages: Pages | None = None
    """Reports to write beside the answers."""
    model_key: str | None = None
    """File with the public key of whoever must have signed the model's bundle; None accepts any."""


def answers(
    sources: Sequence[str], wishes: Wishes, workers: int | None = None, limits: Limits | None = None
) -> Iterator[str]:
    """An answer for each of `sources`, in order, as JSON on one line; a file that fails has one with its `error`.

    They are interpreted by `workers` processes (by default one for each CPU), which hold a file to `limits`. A single
    file gets a fork of this process, which starts sooner.

    Raises
    ------
    EinthovenError
        If the wishes cannot be met.
    ShortageError
        If the machine lacks what is needed; files without an answer can be tried again.
    """
    if not sources:  # all done before the run was stopped
        return
    limits = limits or Limits()
    if len(sources) == 1 and not workers:
        yield from _asked([tuple(sources)], [Worker(partial(_start, wishes), limits, fork=True)])
        return
    prepare(*PRELOAD)
    count = min(workers or cpu_count(), len(sources))
    begin = partial(_start, wishes, warm=True)
    yield from _asked(_groups(sources, count, wishes), [Worker(begin, limits) for _ in range(count)])


def _asked(groups: Iterable[tuple[str, ...]], workers: Sequence[Worker]) -> Iterator[str]:
    """The answers for the files of each of `groups`, by `workers`."""
    groups, asked = tee(groups)
    for group, outcome in zip(groups, in_order(asked, workers), strict=True):
        if not isinstance(outcome, EinthovenError):
            yield from outcome
        elif isinstance(outcome, ShortageError):
            raise outcome
        elif len(group) == 1:
            yield failed(group[0], f"{outcome} Add --no-limits to read it all the same.")
        else:  # one of them took too much: each by itself
            yield from _asked([(source,) for source in group], [workers[0].copy()])


def _groups(sources: Sequence[str], workers: int, wishes: Wishes) -> Iterator[tuple[str, ...]]:
    """What a worker is given at a time: a few small files, which is quicker, unless much is to be done for each.

    However few there are, each worker gets several, so that none waits long for another at the end.
    """
    most = 1 if wishes.explain or wishes.pages else min(_TOGETHER, max(1, len(sources) // (4 * workers)))
    group, held = list[str](), 0
    for source in sources:
        size = _size(source)
        if group and (len(group) == most or held + size > _BYTES):
            yield tuple(group)
            group, held = [], 0
        group.append(source)
        held += size
    if group:
        yield tuple(group)


def _size(source: str) -> int:
    """Bytes of a file, and of the signals beside it where it is a header; 0 where it is not there."""
    total, stem = 0, source.removesuffix(".hea")
    for name in (source, *(stem + ending for ending in SIGNALS if stem != source)):
        with suppress(OSError, ValueError):
            total += Path(name).stat().st_size
    return total


def _start(wishes: Wishes, *, warm: bool = False) -> Callable[[Sequence[str]], list[str]]:
    """What interprets files, as `answers` does; called once in each worker.

    `warm`: what takes long only once is done here, so that it does not count as the first file's time; but for what
    resamples, which takes as long to import as all else and which no file may need.
    """
    from einthoven.interpret.interpreter import Interpreter
    from einthoven.model.occlusion import label_of
    from einthoven.readers import read

    interpreter = Interpreter.load(wishes.model, wishes.prevalence, wishes.model_key)
    for label in wishes.explain:
        label_of(interpreter.bundle.card.labels, label)
    if wishes.pages:
        wishes.pages.begin()
    if warm:
        interpreter(Recording(np.zeros((len(LEADS), 1000), np.float32), 100, LEADS), force=True)

    def opened(source: str) -> Recording | str:
        try:
            recording = read(source, rate=wishes.rate, unit=wishes.unit, leads=wishes.leads)
            interpreter.check(recording)
            return replace(recording, source=path_text(source))
        except ShortageError:
            raise
        except EinthovenError as error:
            if isinstance(error.__cause__, MemoryError):
                raise MemoryError from None  # the worker finds out whose fault it is
            return failed(source, str(error))

    def said(recording: Recording, answer: "Interpretation") -> str:
        try:
            if wishes.pages:
                wishes.pages.save(recording, answer.to_dict(), interpreter.bundle.card.rate)
            return answer.to_json()
        except ShortageError:
            raise
        except EinthovenError as error:
            return failed(recording.source, str(error))

    def interpret(sources: Sequence[str]) -> list[str]:
        files = [opened(source) for source in sources]
        recordings = [file for file in files if isinstance(file, Recording)]
        asked = interpreter.batch(recordings, force=wishes.force, explain=wishes.explain, intervals=wishes.intervals)
        found = map(said, recordings, asked)
        return [next(found) if isinstance(file, Recording) else file for file in files]

    return interpret
