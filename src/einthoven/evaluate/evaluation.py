"""Evaluate a model: every task that its predictions answer, on the test fold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from einthoven.datasets.annotations import Annotations
from einthoven.datasets.imported import LABELS_TASK
from einthoven.errors import EinthovenError
from einthoven.evaluate.evaluation_data import EvaluationData, evaluation_data, fold_rows, fold_words
from einthoven.evaluate.infarction import acute_pattern, mi_by_stage
from einthoven.evaluate.legacy_scoring import legacy_metrics
from einthoven.evaluate.metrics import (
    AcutePatternMetrics,
    Evaluation,
    ImportedData,
    StageMetrics,
    Subgroup,
    TaskMetrics,
)
from einthoven.evaluate.predictions import Predictions, label_scores
from einthoven.evaluate.recalibration import recalibrated_on
from einthoven.evaluate.subgroups import subgroups
from einthoven.evaluate.task_metrics import task_metrics
from einthoven.evaluate.thresholds import Thresholds
from einthoven.model.card import Card
from einthoven.ptbxl.annotations import TASKS
from einthoven.text import enumerate_names

_TOO_OPTIMISTIC = " (also evaluated, so these metrics are too optimistic)"
ORIGINAL_NETWORK = "original-cnn"
"""The network of the project that Einthoven replaces. Its results also have that project's own scoring."""


def evaluate(
    predictions: Predictions,
    annotations: Annotations,
    *,
    fold: int | Sequence[int] = 10,
    validation_folds: Sequence[int] = (9,),
    model: str,
    run: Mapping[str, Any],
    tasks: Sequence[str] = (),
    card: Card | None = None,
    external: bool = False,
    n_resamples: int = 1000,
    seed: int = 0,
) -> Evaluation:
    """Measure predictions on one fold or several.

    A task is evaluated if its labels are predicted, or if they can be combined from predicted statements. The
    superclass task is the main task if it is evaluated, else the task that the model was trained for. For an imported
    set, the predicted labels are evaluated, and the main task is that of all labels. A record for which a label of the
    task is unknown is left out of the task.

    Parameters
    ----------
    predictions
        Predictions of every record of `fold` and of `validation_folds`.
    annotations
        The data set.
    fold
        The evaluated fold or folds.
    validation_folds
        The folds that set the thresholds. Without any, all thresholds are .5.
    model
        Name of the model.
    run
        Settings of the model, for the results page. Its `train_folds` give `trained_on`.
    tasks
        Names of the tasks to evaluate; empty for all.
    card
        A bundle's card, whose thresholds hold instead of those of the validation folds.
    external
        Whether the model was trained on another data set, so that the folds of its training are not folds of this one.
    n_resamples, seed
        Number of bootstrap resamples, and seed of the random number generator.

    Returns
    -------
    Evaluation
        Content of metrics.json.

    Raises
    ------
    EinthovenError
        If a fold has no records, a record has no prediction, a label is unknown, or no task can be evaluated.
    """
    folds = (fold,) if isinstance(fold, int) else tuple(fold)
    evaluator = _Evaluator(predictions, annotations, folds, tuple(validation_folds), card, n_resamples, seed)
    top, *others = answered = answered_tasks(predictions, annotations, tasks)
    staged = "acute-pattern" in annotations.tasks  # PTB-XL states stages of infarction
    is_original = model == ORIGINAL_NETWORK and set(predictions.labels) == set(annotations.task("superclass"))
    return Evaluation(
        model=model,
        run=dict(run),
        simulated=annotations.simulated,
        folds=folds,
        validation_folds=evaluator.validation_folds,
        trained_on=() if external else tuple(sorted(set(folds) & set(run.get("train_folds", ())))),
        top=evaluator.metrics(top),
        subgroups=evaluator.subgroups(top),
        data=_imported_data(predictions, annotations, external, evaluator.left_out(top))
        if annotations.facts.imported
        else None,
        mi_by_stage=evaluator.mi_by_stage() if staged and "mi" in answered else None,
        acute_pattern=evaluator.acute_pattern(answered) if staged and {"mi", "acute-pattern"} & set(answered) else None,
        legacy=legacy_metrics(evaluator.data(top)) if is_original else None,
        tasks={task: evaluator.metrics(task) for task in others},
    )


def answered_tasks(predictions: Predictions, annotations: Annotations, requested: Sequence[str] = ()) -> list[str]:
    """List the tasks that predictions answer.

    Parameters
    ----------
    predictions
        Labels and probabilities.
    annotations
        Data set that defines the tasks.
    requested
        Names of the tasks to list; empty for all.

    Returns
    -------
    list of str
        Names of the tasks, starting with the main task.

    Raises
    ------
    EinthovenError
        If there is none, or a requested one is not answered.
    """
    if annotations.facts.imported:
        tasks = [task for task in annotations.tasks if evaluated_labels(predictions, annotations, task)]
        if not tasks:
            raise EinthovenError(
                f"predicts none of the labels of {annotations.facts.name} "
                f"({enumerate_names(sorted(annotations.known_labels()))}); "
                "import the set with a mapping to the model's labels.",
                predictions.name,
            )
    else:
        for label in predictions.labels:
            annotations.members(label)  # raises if the label is unknown
        tasks = [task for task in annotations.tasks if evaluated_labels(predictions, annotations, task)]
    if not tasks:
        raise EinthovenError(
            f"the predicted labels do not make up a whole task; predict every label of one of {', '.join(TASKS)}.",
            predictions.name,
        )
    for task in requested:
        annotations.task(task)  # raises if the task is unknown
        if task not in tasks:
            raise EinthovenError(
                f"the predicted labels do not make up the task {task}; choose among {', '.join(tasks)}.",
                predictions.name,
            )
    tasks = [task for task in tasks if not requested or task in requested]
    trained_for = [task for task in tasks if set(annotations.task(task)) == set(predictions.labels)]
    main = LABELS_TASK if annotations.facts.imported else "superclass"
    top = main if main in tasks else (trained_for or tasks)[0]
    return [top, *(task for task in tasks if task != top)]


def with_own_task(predictions: Predictions, annotations: Annotations) -> Annotations:
    """Make a task of the predicted labels if the tasks of PTB-XL that they answer do not contain all of them.

    Parameters
    ----------
    predictions
        Predictions of a model that was trained on chosen labels.
    annotations
        Annotations of any data set.

    Returns
    -------
    Annotations
        The same annotations, or a copy with LABELS_TASK, which imported sets always have.

    Raises
    ------
    EinthovenError
        If a label is unknown.
    """
    if annotations.facts.imported:
        return annotations
    answered = (evaluated_labels(predictions, annotations, task) for task in annotations.tasks)
    if set(predictions.labels) <= set[str]().union(*answered):
        return annotations
    own = {label: annotations.members(label) for label in predictions.labels}
    return replace(annotations, tasks={**annotations.tasks, LABELS_TASK: own})


def evaluated_labels(predictions: Predictions, annotations: Annotations, task: str) -> tuple[str, ...]:
    """Return the labels of a task that predictions answer.

    Parameters
    ----------
    predictions
        Labels and probabilities.
    annotations
        Data set that defines the task.
    task
        Name of one of the tasks in `annotations`.

    Returns
    -------
    tuple of str
        All labels of the task, or none; for an imported set, those that are predicted.
    """
    labels = annotations.task(task)
    if annotations.facts.imported:
        return tuple(label for label in labels if label_scores(predictions, annotations, (label,)) is not None)
    return labels if label_scores(predictions, annotations, labels) is not None else ()


def _imported_data(predictions: Predictions, annotations: Annotations, external: bool, left_out: int) -> ImportedData:
    present = annotations.task(LABELS_TASK)
    predicted = evaluated_labels(predictions, annotations, LABELS_TASK)
    return ImportedData(
        name=annotations.facts.name,
        source=annotations.facts.source,
        external=external,
        labels_lacking=tuple(label for label in predictions.labels if label not in present),
        labels_not_predicted=tuple(label for label in present if label not in predicted),
        records_left_out=left_out,
    )


@dataclass(frozen=True)
class _Evaluator:
    """One evaluation's predictions, records and bootstrap settings, which all its parts share."""

    predictions: Predictions
    annotations: Annotations
    folds: tuple[int, ...]
    validation_folds: tuple[int, ...]
    card: Card | None
    n_resamples: int
    seed: int

    def data(self, task: str) -> EvaluationData:
        return self._data(task, self.folds)

    def _data(self, task: str, folds: tuple[int, ...]) -> EvaluationData:
        labels = self.labels(task)
        rows = fold_rows(self.annotations, folds, labels)
        return evaluation_data(self.predictions, self.annotations, rows, labels)

    def labels(self, task: str) -> tuple[str, ...]:
        return evaluated_labels(self.predictions, self.annotations, task)

    def left_out(self, task: str) -> int:
        return len(fold_rows(self.annotations, self.folds)) - len(self.data(task).truth)

    def table(self, task: str) -> pd.DataFrame:
        return self.annotations.table.iloc[fold_rows(self.annotations, self.folds, self.labels(task))]

    def thresholds(self, task: str) -> Thresholds:
        if self.card:
            thresholds = Thresholds.of_card(self.card, self.labels(task))
            if set(recalibrated_on(self.card, self.annotations)) & set(self.folds):
                return replace(thresholds, source=f"{thresholds.source}{_TOO_OPTIMISTIC}")
            return thresholds
        if not self.validation_folds:
            return Thresholds.half(len(self.labels(task)))
        validation = self._data(task, self.validation_folds)
        source = fold_words(self.validation_folds)
        absent = [label for label, y in zip(validation.labels, validation.truth.T, strict=True) if not y.any()]
        if absent:
            source += f", 0.5 for {', '.join(absent)} (no positive record there)"
        if set(self.validation_folds) & set(self.folds):
            source += _TOO_OPTIMISTIC
        return Thresholds.fit(validation.truth, validation.scores, source)

    def metrics(self, task: str) -> TaskMetrics:
        data, thresholds = self.data(task), self.thresholds(task)
        return task_metrics(data, thresholds, task=task, n_resamples=self.n_resamples, seed=self.seed)

    def subgroups(self, task: str) -> tuple[Subgroup, ...]:
        return subgroups(self.data(task), self.table(task), n_resamples=self.n_resamples, seed=self.seed)

    def mi_by_stage(self) -> tuple[StageMetrics, ...]:
        data, thresholds = self.data("mi"), self.thresholds("mi")
        return mi_by_stage(data, self.table("mi"), thresholds, n_resamples=self.n_resamples, seed=self.seed)

    def acute_pattern(self, tasks: Sequence[str]) -> AcutePatternMetrics:
        """Metrics by the score for MI and, under `own`, by that for the acute pattern, as far as the model has them."""
        rows = fold_rows(self.annotations, self.folds)
        names = self.annotations.task("acute-pattern") + self.annotations.task("mi")
        acute, infarct = self.annotations.labels(names)[rows].T
        by_score = {
            task: acute_pattern(
                self.data(task), acute, infarct, self.thresholds(task), n_resamples=self.n_resamples, seed=self.seed
            )
            for task in ("mi", "acute-pattern")
            if task in tasks
        }
        own = by_score.get("acute-pattern")
        if own is None:
            return by_score["mi"]
        return replace(by_score.get("mi", replace(own, auroc=None, operating_points=None)), own=own)
