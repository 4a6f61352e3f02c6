"""Interpret records of a data set in worker processes."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from einthoven.arrays import IndexArray
from einthoven.batch import PRELOAD
from einthoven.datasets.dataset import Dataset
from einthoven.errors import EinthovenError
from einthoven.evaluate.as_answered.answers import RecordAnswer, engine_answer, model_answer
from einthoven.limits import NO_LIMITS
from einthoven.progress import progress
from einthoven.workers import Worker, cpu_count, in_order, prepare

_GROUP = 16  # records that a worker gets at a time


class BothAnswers(NamedTuple):
    """The answers about one record."""

    model: RecordAnswer
    engine: RecordAnswer


def interpret_records(
    model: str, dataset: Dataset, rows: Sequence[int] | IndexArray, workers: int | None = None
) -> tuple[BothAnswers, ...]:
    """Interpret records in worker processes, with the age and sex that the data set states.

    Parameters
    ----------
    model
        Name of a shipped bundle, or the folder of a bundle.
    dataset
        PTB-XL or an imported set, at the bundle's sampling rate.
    rows
        Records to interpret, as rows of the data set.
    workers
        Number of processes; None for one per CPU.

    Returns
    -------
    tuple of BothAnswers
        Answers in the order of `rows`.

    Raises
    ------
    EinthovenError
        If a record cannot be interpreted, or the machine lacks memory or processes.
    """
    groups = [list(map(int, rows[start : start + _GROUP])) for start in range(0, len(rows), _GROUP)]
    count = max(1, min(workers or cpu_count(), len(groups)))
    prepare(*PRELOAD, "einthoven.datasets.dataset")
    begin = partial(_load, model, dataset.annotations.folder, dataset.rate)
    answers = list[BothAnswers]()
    with progress() as bar:
        task = bar.add_task("Interpreting", total=len(rows))
        for outcome in in_order(groups, [Worker(begin, NO_LIMITS) for _ in range(count)]):
            if isinstance(outcome, EinthovenError):
                raise outcome
            answers += outcome
            bar.advance(task, len(outcome))
    return tuple(answers)


def _load(model: str, folder: Path, rate: int) -> Callable[[Sequence[int]], list[BothAnswers]]:
    """Return a function that interprets rows of the data set. Each worker calls this once."""
    from einthoven.interpret.decisions import DecisionRule
    from einthoven.interpret.interpreter import Interpreter

    interpreter, dataset = Interpreter.load(model), Dataset.open(folder, rate)
    bundle = interpreter.bundle
    rule = DecisionRule(bundle.card, {})

    def interpret(rows: Sequence[int]) -> list[BothAnswers]:
        recordings = [dataset.recording(row) for row in rows]
        answers = interpreter.batch(recordings)
        scores = [bundle.scores(recording.signal) for recording in recordings]  # as `predict_with_bundle` does
        return [
            BothAnswers(model_answer(rule(rule.probabilities(of_record))), engine_answer(answer))
            for of_record, answer in zip(scores, answers, strict=True)
        ]

    return interpret
