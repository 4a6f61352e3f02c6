"""What measuring contributes to a bundle's card: calibration and thresholds, and the results on the test fold."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from einthoven.evaluate.bootstrap import Estimates
from einthoven.evaluate.evaluation_data import EvaluationData, evaluation_data
from einthoven.evaluate.predictions import Predictions
from einthoven.evaluate.statistics import operating_point_statistics, operating_points
from einthoven.evaluate.thresholds import Thresholds
from einthoven.files import write_text
from einthoven.model.bundle_files import CARD
from einthoven.model.calibration import fit
from einthoven.model.card import LOW_SUPPORT, Card
from einthoven.ptbxl.annotations import Annotations
from einthoven.ptbxl.vocabulary import NAMES, kinds

_TASK_FIGURES = (
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
_DETAILED = ("superclass", "mi", "norm", "acute-pattern")
"""Tasks of which the card keeps everything about each label."""


def label_facts(
    scores: Predictions,
    annotations: Annotations,
    train_folds: tuple[int, ...],
    validation_folds: tuple[int, ...],
    *,
    n_resamples: int = 1000,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """The card's `labels`: each with its training prevalence, support, calibration and thresholds.

    All but the prevalence is fitted on the validation folds, which `scores` cover. A label with fewer than 20
    positive (or negative) records there is of low support: it gets neither. Thresholds apply to calibrated
    probabilities; what they attained there is given with 95 % patient-bootstrap intervals.
    """
    validation = np.flatnonzero(np.isin(annotations.folds, validation_folds))
    training = np.isin(annotations.folds, train_folds)
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


def result_facts(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """The card's `results`: the figures of `metrics` (as in metrics.json) without those that few would look for."""
    tasks = {metrics["task"]: metrics, **metrics["tasks"]}
    return {
        "fold": metrics["fold"],
        "simulated": metrics["simulated"],
        "patients": metrics["patients"],
        "bootstrap": metrics["bootstrap"],
        "tasks": {
            name: {
                **{figure: task[figure] for figure in _TASK_FIGURES},
                "labelled_only": {
                    figure: task["labelled_only"].get(figure)
                    for figure in ("records", "macro_auroc", "global_accuracy")
                },
                "single_label": task.get("single_label"),
                "per_label": {
                    label: row
                    if name in _DETAILED
                    else {figure: row[figure] for figure in ("positives", "auroc", "auprc")}
                    for label, row in task["per_label"].items()
                },
            }
            for name, task in tasks.items()
        },
        **{part: metrics[part] for part in ("subgroups", "mi_by_stage", "acute_pattern") if part in metrics},
    }


def write_results_into(folder: Path, metrics: Mapping[str, Any]) -> None:
    """Replace the `results` in the card of the bundle in `folder` by those of `metrics`."""
    card = Card.read(folder)
    write_text(folder / CARD, Card({**card.facts, "results": result_facts(metrics)}).to_json())


def _thresholds(thresholds: Thresholds, estimates: Estimates, label: int) -> dict[str, Any]:
    points = operating_points(thresholds, estimates, label)
    assert points
    return {
        "f1": float(thresholds.f1[label]),
        "accuracy": float(thresholds.accuracy[label]),
        "rule_in": points["specificity"],
        "rule_out": points["sensitivity"],
    }
