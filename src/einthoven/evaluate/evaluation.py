"""A model's results: every task that its predictions answer, on the test fold, as numbers and as files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from einthoven.errors import EinthovenError
from einthoven.evaluate.evaluation_data import EvaluationData, evaluation_data, fold_rows, fold_words
from einthoven.evaluate.infarction import acute_pattern, mi_by_stage
from einthoven.evaluate.legacy_scoring import legacy_metrics
from einthoven.evaluate.predictions import Predictions, label_scores
from einthoven.evaluate.subgroups import subgroups
from einthoven.evaluate.task_metrics import task_metrics
from einthoven.evaluate.thresholds import Thresholds
from einthoven.ptbxl.annotations import TASKS, Annotations

ORIGINAL_NETWORK = "original-cnn"
"""The network of the replaced project, whose results show that project's own scoring too."""


def evaluate(
    predictions: Predictions,
    annotations: Annotations,
    *,
    fold: int | Sequence[int] = 10,
    validation_folds: Sequence[int] = (9,),
    model: str,
    run: Mapping[str, Any],
    tasks: Sequence[str] = (),
    n_resamples: int = 1000,
    seed: int = 0,
) -> dict[str, Any]:
    """Everything that metrics.json holds, measured on the records of `fold` (one fold or several).

    `predictions` cover every record of `fold` and of `validation_folds`, which set the thresholds; without
    a validation fold these are .5. Answered is every task whose labels were predicted or can be combined
    from predicted statements, or those of them that `tasks` names. `trained_on` names the
    evaluated folds that are among the run's `train_folds`. The superclass task is on top where answered, else the
    task that the model was trained for; the others stand under `tasks`. `model` and `run` are passed on. Intervals
    come from `n_resamples` bootstrap n_resamples over patients with the random `seed`.

    Raises EinthovenError for a fold without records, a record without prediction, an unknown label, and
    predictions that answer no task.
    """
    folds = (fold,) if isinstance(fold, int) else tuple(fold)
    evaluation = _Evaluation(predictions, annotations, folds, tuple(validation_folds), n_resamples, seed)
    top, *others = answered = answered_tasks(predictions, annotations, tasks)
    metrics = {
        "task": top,
        "model": model,
        "run": dict(run),
        "simulated": annotations.simulated,
        "fold": _one(folds),
        "validation_fold": _one(tuple(validation_folds)),
        "trained_on": sorted(set(folds) & set(run.get("train_folds", ()))),
        **evaluation.measure(top),
        "subgroups": evaluation.subgroups(top),
    }
    if "mi" in answered:
        metrics["mi_by_stage"] = evaluation.mi_by_stage()
    if "acute-pattern" in answered or "mi" in answered:
        metrics["acute_pattern"] = evaluation.acute_pattern(answered)
    if model == ORIGINAL_NETWORK and set(predictions.labels) == set(annotations.task("superclass")):
        metrics["as_published"] = legacy_metrics(evaluation.data(top))
    metrics["tasks"] = {task: evaluation.measure(task) for task in others}
    return metrics


def answered_tasks(predictions: Predictions, annotations: Annotations, wanted: Sequence[str] = ()) -> list[str]:
    """The tasks that `predictions` answer, the one to put on top first; only those `wanted`, where any are.

    EinthovenError when there is none, or a wanted one is not answered.
    """
    for label in predictions.labels:
        annotations.members(label)  # an unknown one raises
    tasks = [task for task in TASKS if label_scores(predictions, annotations, annotations.task(task)) is not None]
    if not tasks:
        raise EinthovenError(
            f"{predictions.name}: the predicted labels make up no whole task; "
            f"predict every label of one of {', '.join(TASKS)}."
        )
    for task in wanted:
        annotations.task(task)  # an unknown one raises
        if task not in tasks:
            raise EinthovenError(
                f"{predictions.name}: the predicted labels do not make up the task {task}; "
                f"choose among {', '.join(tasks)}."
            )
    tasks = [task for task in tasks if not wanted or task in wanted]
    trained_for = [task for task in tasks if set(annotations.task(task)) == set(predictions.labels)]
    top = "superclass" if "superclass" in tasks else (trained_for or tasks)[0]
    return [top, *(task for task in tasks if task != top)]


@dataclass(frozen=True)
class _Evaluation:
    predictions: Predictions
    annotations: Annotations
    folds: tuple[int, ...]
    validation_folds: tuple[int, ...]
    n_resamples: int
    seed: int

    def data(self, task: str) -> EvaluationData:
        return self.data_of(task, self.folds)

    def data_of(self, task: str, folds: tuple[int, ...]) -> EvaluationData:
        rows = fold_rows(self.annotations, folds)
        return evaluation_data(self.predictions, self.annotations, rows, self.annotations.task(task))

    def table(self) -> pd.DataFrame:
        return self.annotations.table.iloc[fold_rows(self.annotations, self.folds)]

    def thresholds(self, task: str) -> Thresholds:
        if not self.validation_folds:
            return Thresholds.half(len(self.annotations.task(task)))
        validation = self.data_of(task, self.validation_folds)
        source = fold_words(self.validation_folds)
        without = [label for label, y in zip(validation.labels, validation.truth.T, strict=True) if not y.any()]
        if without:
            source += f", 0.5 for {', '.join(without)} (no positive record there)"
        if set(self.validation_folds) & set(self.folds):
            source += " (evaluated too, so that the figures flatter)"
        return Thresholds.fit(validation.truth, validation.scores, source)

    def measure(self, task: str) -> dict[str, Any]:
        numbers = task_metrics(self.data(task), self.thresholds(task), n_resamples=self.n_resamples, seed=self.seed)
        return {"task": task, **numbers}

    def subgroups(self, task: str) -> list[dict[str, Any]]:
        return subgroups(self.data(task), self.table(), n_resamples=self.n_resamples, seed=self.seed)

    def mi_by_stage(self) -> list[dict[str, Any]]:
        data, thresholds = self.data("mi"), self.thresholds("mi")
        return mi_by_stage(data, self.table(), thresholds, n_resamples=self.n_resamples, seed=self.seed)

    def acute_pattern(self, tasks: Sequence[str]) -> dict[str, Any]:
        """By the MI score, and under `own` by the score for the acute pattern where the model has one."""
        rows = fold_rows(self.annotations, self.folds)
        names = self.annotations.task("acute-pattern") + self.annotations.task("mi")
        acute, infarct = self.annotations.labels(names)[rows].T
        parts = {
            task: acute_pattern(
                self.data(task), acute, infarct, self.thresholds(task), n_resamples=self.n_resamples, seed=self.seed
            )
            for task in ("mi", "acute-pattern")
            if task in tasks
        }
        own = parts.get("acute-pattern")
        if own is None:
            return parts["mi"]
        return parts.get("mi", own | {"auroc": None, "operating_points": None}) | {"own": own}


def _one(folds: tuple[int, ...]) -> int | list[int] | None:
    """As metrics.json says it: the fold, several, or null."""
    return folds[0] if len(folds) == 1 else list(folds) or None
