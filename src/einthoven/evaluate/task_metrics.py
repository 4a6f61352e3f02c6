"""One task's numbers: headline figures, each label's figures, and the picture over single-label records."""

from typing import Any

import numpy as np

from einthoven.arrays import BoolArray, Float64Array
from einthoven.evaluate.array_metrics import divide, expected_calibration_error, fmax
from einthoven.evaluate.bootstrap import Estimates, bootstrap
from einthoven.evaluate.evaluation_data import EvaluationData
from einthoven.evaluate.statistics import (
    SUPPORTED,
    accuracy_statistic,
    auc_statistics,
    decision_statistics,
    joint_statistic,
    operating_point_statistics,
    operating_points,
)
from einthoven.evaluate.thresholds import Thresholds
from einthoven.model.calibration import fit

HEADLINE = (
    "macro_auroc",
    "macro_auprc",
    "macro_f1",
    "global_accuracy",
    "exact_match",
    "macro_f1_at_0.5",
    "global_accuracy_at_0.5",
    "exact_match_at_0.5",
)
"""The figures of a set of records that have intervals."""


def task_metrics(data: EvaluationData, thresholds: Thresholds, *, n_resamples: int, seed: int) -> dict[str, Any]:
    """Everything that metrics.json says of one task on the evaluated records.

    Intervals are 95 % patient bootstrap. Labels without a positive (or a negative) record there have
    nulls where that leaves a figure undefined, do not enter the macro averages, and are named under
    `labels_left_out`.
    """
    statistics = [
        auc_statistics(data),
        decision_statistics(data, thresholds),
        operating_point_statistics(data, thresholds),
    ]
    everything = data.bootstrap(joint_statistic(statistics), n_resamples, seed)
    labelled = data.truth.sum(1) > 0
    labelled_only: dict[str, Any] = {"records": int(labelled.sum())}
    if labelled.all():
        labelled_only |= _headline(data, everything)
    elif labelled.any():
        part = data.where(labelled)
        estimates = part.bootstrap(
            joint_statistic([auc_statistics(part), decision_statistics(part, thresholds)]), n_resamples, seed
        )
        labelled_only |= _headline(part, estimates)
    else:
        labelled_only |= dict.fromkeys([*HEADLINE, "fmax"])
    result = {
        "records": len(data.truth),
        "patients": len(np.unique(data.patients)),
        "labels": list(data.labels),
        "labels_left_out": [name for name, ok in zip(data.labels, data.defined, strict=True) if not ok],
        "thresholds": thresholds.source,
        "bootstrap": {
            "rounds": n_resamples,
            "seed": seed,
            "unit": "patient",
            "incomplete_rounds": everything.incomplete_rounds,
        },
        **_headline(data, everything),
        "macro_auroc_supported": everything.interval("macro_auroc_supported"),
        "labels_supported": int((data.defined & (data.truth.sum(0) >= SUPPORTED)).sum()),
        "labelled_only": labelled_only,
    }
    if len(data.labels) > 1:
        result["single_label"] = _single_label(data, n_resamples, seed)
    result["per_label"] = {name: _label(data, k, thresholds, everything) for k, name in enumerate(data.labels)}
    return result


def _headline(data: EvaluationData, estimates: Estimates) -> dict[str, Any]:
    return {name: estimates.interval(name) for name in HEADLINE} | {"fmax": fmax(data.truth, data.scores)}


def _label(data: EvaluationData, k: int, thresholds: Thresholds, estimates: Estimates) -> dict[str, Any]:
    truth, scores = data.truth[:, k], data.scores[:, k]
    given = scores >= thresholds.f1[k]
    area = estimates.interval("auprc", k)
    return {
        "positives": int(truth.sum()),
        "auroc": estimates.interval("auroc", k),
        "auprc": area and area["value"],
        "threshold": float(thresholds.f1[k]),
        **confusion(truth, given),
        "ece": expected_calibration_error(truth, scores),
        **_calibration(truth, scores),
        "brier": float(((scores - truth) ** 2).mean()),
        "accuracy_threshold": float(thresholds.accuracy[k]),
        "operating_points": operating_points(thresholds, estimates, k),
    }


def _calibration(truth: BoolArray, scores: Float64Array) -> dict[str, float | None]:
    """Slope and intercept of the truth's logistic regression on the score's logit: 1 and 0 when calibrated.

    Source: Cox 1958, Biometrika 45:562. None without positive or negative records.
    """
    if truth.all() or not truth.any():
        return {"calibration_slope": None, "calibration_intercept": None}
    fitted = fit(truth, scores, smooth=False)
    return {"calibration_slope": fitted.slope, "calibration_intercept": fitted.intercept}


def _single_label(data: EvaluationData, n_resamples: int, seed: int) -> dict[str, Any]:
    """Argmax over the labels, on the records that have exactly one of them (rows truth, columns argmax)."""
    single = data.where(data.truth.sum(1) == 1)
    number = len(data.labels)
    truth, chosen = single.truth.argmax(1), single.scores.argmax(1)
    matrix = np.bincount(truth * number + chosen, minlength=number**2).reshape(number, number)
    share = None
    if len(truth):
        anything = np.ones((len(truth), 1), np.bool_)
        share = bootstrap(
            accuracy_statistic(truth == chosen), single.patients, anything, n_resamples=n_resamples, seed=seed
        ).interval("accuracy")
    there = matrix.sum(1) > 0  # macro F1 over the labels that these records have
    f1 = divide(2.0 * matrix.diagonal(), (matrix.sum(0) + matrix.sum(1)).astype(float))[there]
    return {
        "records": len(truth),
        "labels": list(data.labels),
        "accuracy": share and share["value"],
        "accuracy_low": share and share["low"],
        "accuracy_high": share and share["high"],
        "macro_f1": float(f1.mean()) if there.any() else None,
        "confusion": matrix.tolist(),
    }


def confusion(truth: BoolArray, given: BoolArray) -> dict[str, Any]:
    """The 2×2 counts of one label (records,) and the shares made of them; None where the divisor is 0."""
    tp, fp = int((given & truth).sum()), int((given & ~truth).sum())
    fn, tn = int((~given & truth).sum()), int((~given & ~truth).sum())
    return {
        "sensitivity": _ratio(tp, tp + fn),
        "specificity": _ratio(tn, tn + fp),
        "ppv": _ratio(tp, tp + fp),
        "npv": _ratio(tn, tn + fn),
        "f1": _ratio(2 * tp, 2 * tp + fp + fn) if tp + fn else None,
        "accuracy": _ratio(tp + tn, len(truth)),
        "tn": tn,
        "fp": fp,
        "fn": fn,
        "tp": tp,
    }


def _ratio(numerator: int, denominator: int) -> float | None:
    return numerator / denominator if denominator else None
