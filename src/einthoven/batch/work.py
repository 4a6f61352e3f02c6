"""From files to answers, here or in worker processes."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from einthoven.batch.failures import failed
from einthoven.batch.pages import Pages
from einthoven.errors import EinthovenError
from einthoven.recording import LEADS, Recording
from einthoven.workers import Worker, in_order


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


def answers(sources: Sequence[str], wishes: Wishes, workers: int | None = None) -> Iterator[str]:
    """An answer for each of `sources`, in order, as JSON on one line; a file that fails has one with its `error`.

    One file alone is interpreted here. More are by `workers` processes (one for each CPU), which limit what a file may
    take in memory and time. Raises EinthovenError where the wishes cannot be met.
    """
    if len(sources) == 1 and not workers:
        outcomes: Iterable[str | EinthovenError] = map(_caught(_start(wishes)), sources)
    else:
        count = min(workers or _cpus(), len(sources))
        outcomes = in_order(sources, [Worker(partial(_start, wishes, warm=True)) for _ in range(count)])
    for source, outcome in zip(sources, outcomes, strict=True):
        yield outcome if isinstance(outcome, str) else failed(source, str(outcome))


def _start(wishes: Wishes, *, warm: bool = False) -> Callable[[str], str]:
    """What interprets a file; called once in each worker.

    `warm`: what takes long only once, such as importing scipy, is done here, so that it does not count as the first
    file's time.
    """
    from einthoven.interpret.interpreter import Interpreter
    from einthoven.interpret.occlusion import label_of
    from einthoven.readers import read

    interpreter = Interpreter.load(wishes.model, wishes.prevalence)
    for label in wishes.explain:
        label_of(interpreter.bundle.card.labels, label)
    if wishes.pages:
        wishes.pages.begin()
    if warm:
        interpreter(Recording(np.zeros((len(LEADS), 5000), np.float32), 500, LEADS), force=True)

    def interpret(source: str) -> str:
        recording = replace(read(source, rate=wishes.rate, unit=wishes.unit, leads=wishes.leads), source=source)
        answer = interpreter(recording, force=wishes.force, explain=wishes.explain, intervals=wishes.intervals)
        if wishes.pages:
            wishes.pages.save(recording, answer.to_dict(), interpreter.bundle.card.rate)
        return answer.to_json()

    return interpret


def _caught(work: Callable[[str], str]) -> Callable[[str], str | EinthovenError]:
    def caught(source: str) -> str | EinthovenError:
        try:
            return work(source)
        except EinthovenError as error:
            return error

    return caught


def _cpus() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
