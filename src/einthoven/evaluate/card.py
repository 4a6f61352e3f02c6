"""Facts that evaluation adds to a bundle's card: calibration, thresholds, and the results on the test fold."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from einthoven.datasets.annotations import Annotations
from einthoven.evaluate.bootstrap import Estimates
from einthoven.evaluate.evaluation_data import EvaluationData, evaluation_data, fold_rows
from einthoven.evaluate.metrics import Evaluation, TaskMetrics
from einthoven.evaluate.predictions import Predictions
from einthoven.evaluate.statistics import operating_point_statistics, operating_points
from einthoven.evaluate.thresholds import Thresholds
from einthoven.files import write_text
from einthoven.model.bundle_files import CARD
from einthoven.model.calibration import fit
from einthoven.model.card import Card
from einthoven.model.model_output import LOW_SUPPORT
from einthoven.ptbxl.vocabulary import NAMES, kinds

_TASK_FIELDS = (
    "records",
    "labels_left_out",
    "macro_auroc",
    "macro_auroc_supported",
    "labels_supported",
    "macro_auprc",
    "macro_f1",
    "global_accuracy",
    "exact_match",
    "fmax",
)
"""Fields of a task in metrics.json that the card has too."""
_DETAILED = ("superclass", "mi", "norm", "acute-pattern")
"""Tasks whose metrics of each label the card has in full."""


def label_facts(
    scores: Predictions,
    annotations: Annotations,
    train_folds: tuple[int, ...],
    validation_folds: tuple[int, ...],
    *,
    n_resamples: int = 1000,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """Fit calibration and thresholds, and describe each label for the card.

    A label with fewer than 20 positive or fewer than 20 negative validation records has low support: it gets neither
    calibration nor thresholds. Thresholds apply to calibrated probabilities. What they attain on the validation folds
    has 95 % patient-bootstrap intervals.

    Parameters
    ----------
    scores
        Scores of the validation records, before calibration.
    annotations
        The data set.
    train_folds
        Give the prevalence.
    validation_folds
        Give everything else.
    n_resamples, seed
        Number of bootstrap resamples, and seed of the random number generator.

    Returns
    -------
    list of dict
        The card's `labels`.
    """
    validation = fold_rows(annotations, validation_folds, scores.labels)
    training = fold_rows(annotations, train_folds, scores.labels)
    data = evaluation_data(scores, annotations, validation, scores.labels)
    prevalence = annotations.labels(scores.labels)[training].mean(0)
    positives = data.truth.sum(0)
    supported = np.minimum(positives, len(data.truth) - positives) >= LOW_SUPPORT
    calibrations = [
        fit(y, p) if enough else None for y, p, enough in zip(data.truth.T, data.scores.T, supported, strict=True)
    ]
    probabilities = np.stack([c(p) if c else p for c, p in zip(calibrations, data.scores.T, strict=True)], 1)
    calibrated = EvaluationData(data.labels, data.truth, probabilities, data.patients)
    thresholds = Thresholds.fit(calibrated.truth, calibrated.scores, "")
    estimates = calibrated.bootstrap(operating_point_statistics(calibrated, thresholds), n_resamples, seed)
    facts = []
    for k, name in enumerate(scores.labels):
        calibration = calibrations[k]
        facts.append(
            {
                "name": name,
                "description": NAMES.get(name, name),
                "kinds": kinds(name),
                "prevalence": float(prevalence[k]),
                "validation_positives": int(positives[k]),
                "support": "enough" if calibration else "low",
                "calibration": calibration and {"slope": calibration.slope, "intercept": calibration.intercept},
                "thresholds": _thresholds(thresholds, estimates, k) if calibration else None,
            }
        )
    return facts


def result_facts(evaluation: Evaluation) -> dict[str, Any]:
    """Select the metrics that the card keeps.

    Parameters
    ----------
    evaluation
        Evaluation of the bundle on the test fold.

    Returns
    -------
    dict
        The card's `results`.
    """
    fields = evaluation.to_dict()
    return {
        **_select(fields, ("fold", "simulated", "patients", "bootstrap")),
        "tasks": {task.task: _task_facts(task) for task in (evaluation.top, *evaluation.tasks.values())},
        **_select(fields, ("subgroups", "mi_by_stage", "acute_pattern")),
    }


def _task_facts(task: TaskMetrics) -> dict[str, Any]:
    labels = {label: metrics.to_dict() for label, metrics in task.per_label.items()}
    if task.task not in _DETAILED:
        labels = {label: _select(metrics, ("positives", "auroc", "auprc")) for label, metrics in labels.items()}
    return {
        **_select(task.to_dict(), _TASK_FIELDS),
        "labelled_only": _select(task.labelled_only.to_dict(), ("records", "macro_auroc", "global_accuracy")),
        "single_label": task.single_label.to_dict() if task.single_label else None,
        "per_label": labels,
    }


def _select(fields: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return those of the fields that have these names."""
    return {name: fields[name] for name in names if name in fields}


def write_results_into(folder: Path, evaluation: Evaluation) -> None:
    """Replace the results in a bundle's card.

    Parameters
    ----------
    folder
        Folder of the bundle.
    evaluation
        Evaluation of the bundle on the test fold.

    Raises
    ------
    EinthovenError
        If the card is missing or damaged, or cannot be written.
    """
    card = Card.read(folder)
    write_text(folder / CARD, Card.from_dict({**card.to_dict(), "results": result_facts(evaluation)}).to_json())


def _thresholds(thresholds: Thresholds, estimates: Estimates, label: int) -> dict[str, Any]:
    points = operating_points(thresholds, estimates, label)
    assert points  # the thresholds were fitted
    return {
        "f1": float(thresholds.f1[label]),
        "accuracy": float(thresholds.accuracy[label]),
        "rule_in": {target: point.to_dict() for target, point in points.specificity.items()},
        "rule_out": {target: point.to_dict() for target, point in points.sensitivity.items()},
    }
