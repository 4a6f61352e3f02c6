"""Statistics of one task's records, which can be bootstrapped."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.arrays import BoolArray, Float64Array
from einthoven.evaluate.array_metrics import Ranking, Weights, divide, mean_defined
from einthoven.evaluate.bootstrap import Estimates, Statistic
from einthoven.evaluate.evaluation_data import EvaluationData
from einthoven.evaluate.metrics import OperatingPoint, OperatingPoints
from einthoven.evaluate.thresholds import Thresholds
from einthoven.model.figures import Interval

PREVALENCES = {"0.05": 0.05, "0.10": 0.10, "0.25": 0.25}
"""Prevalences for which predictive values are computed."""
SUPPORTED = 10
"""Positive records that a label needs to enter `macro_auroc_supported`."""


def auc_statistics(data: EvaluationData) -> Statistic:
    """Create the statistics of AUROC and average precision.

    Parameters
    ----------
    data
        The records.

    Returns
    -------
    Statistic
        `auroc` and `auprc` (n_resamples, labels); `macro_auroc`, `macro_auprc` and `macro_auroc_supported`
        (n_resamples,). The last leaves out labels with fewer than 10 positive records.
    """
    supported = data.defined & (data.truth.sum(0) >= SUPPORTED)
    rankings = [Ranking.from_scores(scores, truth) for scores, truth in zip(data.scores.T, data.truth.T, strict=True)]

    def _statistic(weights: Weights) -> dict[str, Float64Array]:
        auroc, auprc = np.moveaxis(np.array([ranking.areas(weights) for ranking in rankings]), 0, 2)
        return {
            "auroc": auroc,
            "auprc": auprc,
            "macro_auroc": mean_defined(auroc[:, data.defined]),
            "macro_auprc": mean_defined(auprc[:, data.defined]),
            "macro_auroc_supported": mean_defined(auroc[:, supported]),
        }

    return _statistic


def decision_statistics(data: EvaluationData, thresholds: Thresholds) -> Statistic:
    """Create the statistics of decisions at the validation fold's thresholds and at .5.

    Parameters
    ----------
    data
        The records.
    thresholds
        F1 uses those of the highest F1, the other statistics those of the highest accuracy.

    Returns
    -------
    Statistic
        `macro_f1`, `global_accuracy` and `exact_match`, and the same at .5 as `macro_f1_at_half` and so on;
        (n_resamples,) each.
    """
    truth, at_half = _weights(data.truth), data.scores >= 0.5
    f1_counts, accuracy_counts = {}, {}
    for suffix, predicted in {"": data.scores >= thresholds.f1, "_at_half": at_half}.items():
        f1_counts[f"macro_f1{suffix}"] = _weights(predicted), _weights(predicted & data.truth)
    for suffix, predicted in {"": data.scores >= thresholds.accuracy, "_at_half": at_half}.items():
        correct = predicted == data.truth
        accuracy_counts[suffix] = _weights(correct.sum(1)), _weights(correct.all(1))

    def _statistic(weights: Weights) -> dict[str, Float64Array]:
        positives, records = weights @ truth, weights.sum(1)
        result = {}
        for name, (predicted, true_positives) in f1_counts.items():
            f1 = divide(2 * (weights @ true_positives), weights @ predicted + positives)
            result[name] = mean_defined(f1[:, data.defined])
        for suffix, (correct, all_correct) in accuracy_counts.items():
            result[f"global_accuracy{suffix}"] = divide(weights @ correct, records * len(data.labels))
            result[f"exact_match{suffix}"] = divide(weights @ all_correct, records)
        return result

    return _statistic


def accuracy_statistic(correct: BoolArray) -> Statistic:
    """Create the statistic of the share of correct records.

    Parameters
    ----------
    correct
        Boolean mask (records,) of correct predictions.

    Returns
    -------
    Statistic
        `accuracy` (n_resamples,).
    """
    numbers = _weights(correct)
    return lambda weights: {"accuracy": divide(weights @ numbers, weights.sum(1))}


def operating_statistics(truth: BoolArray, scores: Float64Array, thresholds: Float64Array) -> Statistic:
    """Create the statistics of each label at its threshold.

    Parameters
    ----------
    truth, scores
        Labels and scores, each of shape (records, labels).
    thresholds
        Thresholds of shape (labels,), NaN if a label has none.

    Returns
    -------
    Statistic
        `sensitivity`, `specificity` and `share` (n_resamples, labels). `share` is that of the records whose score
        reaches the threshold. NaN if a label has no record to count, or no threshold.
    """
    predicted = scores >= thresholds
    true_positives, true_negatives = _weights(predicted & truth), _weights(~predicted & ~truth)
    positives, negatives, all_predicted = _weights(truth), _weights(~truth), _weights(predicted)
    undefined = np.isnan(thresholds)

    def _statistic(weights: Weights) -> dict[str, Float64Array]:
        sensitivity = divide(weights @ true_positives, weights @ positives)
        specificity = divide(weights @ true_negatives, weights @ negatives)
        share = divide(weights @ all_predicted, weights.sum(1)[:, None])
        sensitivity[:, undefined] = specificity[:, undefined] = share[:, undefined] = np.nan
        return {"sensitivity": sensitivity, "specificity": specificity, "share": share}

    return _statistic


def operating_point_statistics(data: EvaluationData, thresholds: Thresholds) -> Statistic:
    """Create the statistics of all operating points.

    Parameters
    ----------
    data
        The records.
    thresholds
        Thresholds of the operating points.

    Returns
    -------
    Statistic
        Statistics of `operating_statistics` at every operating point, with names like `specificity 0.95 sensitivity`.
    """
    points = {
        f"{kind} {target}": operating_statistics(data.truth, data.scores, values)
        for kind, targets in thresholds.by_kind().items()
        for target, values in targets.items()
    }
    return lambda weights: {
        f"{point} {name}": values for point, statistic in points.items() for name, values in statistic(weights).items()
    }


def operating_points(thresholds: Thresholds, estimates: Estimates, label: int) -> OperatingPoints | None:
    """Collect the operating points of one label.

    Parameters
    ----------
    thresholds
        Thresholds of the operating points.
    estimates
        Estimates of `operating_point_statistics`.
    label
        Number of the label.

    Returns
    -------
    OperatingPoints or None
        Operating points of the label; None without a validation fold.
    """
    if not thresholds.specificity:
        return None
    points: dict[str, dict[str, OperatingPoint]] = {}
    for kind, targets in thresholds.by_kind().items():
        for target, values in targets.items():
            sensitivity = estimates.interval(f"{kind} {target} sensitivity", label)
            specificity = estimates.interval(f"{kind} {target} specificity", label)
            ppv, npv = _predictive_values(sensitivity, specificity)
            points.setdefault(kind, {})[target] = OperatingPoint(
                threshold=None if np.isnan(values[label]) else float(values[label]),
                sensitivity=sensitivity,
                specificity=specificity,
                share=estimates.interval(f"{kind} {target} share", label),
                ppv=ppv,
                npv=npv,
            )
    return OperatingPoints(**points)


PredictiveValues = dict[str, float | None] | None


def _predictive_values(
    sensitivity: Interval | None, specificity: Interval | None
) -> tuple[PredictiveValues, PredictiveValues]:
    """Return positive and negative predictive values at PREVALENCES, by Bayes' rule; None if undefined."""
    if sensitivity is None or specificity is None:
        return None, None
    ppv: dict[str, float | None] = {}
    npv: dict[str, float | None] = {}
    for name, prevalence in PREVALENCES.items():
        true_positives, false_negatives = sensitivity.value * prevalence, (1 - sensitivity.value) * prevalence
        true_negatives = specificity.value * (1 - prevalence)
        false_positives = (1 - specificity.value) * (1 - prevalence)
        predicted, not_predicted = true_positives + false_positives, true_negatives + false_negatives
        ppv[name] = true_positives / predicted if predicted else None
        npv[name] = true_negatives / not_predicted if not_predicted else None
    return ppv, npv


def joint_statistic(*statistics: Statistic) -> Statistic:
    """Join statistics into one, so that all come from the same resamples.

    Parameters
    ----------
    *statistics
        Statistics with distinct names.

    Returns
    -------
    Statistic
        Statistic with the values of all.
    """
    return lambda weights: {name: values for statistic in statistics for name, values in statistic(weights).items()}


def _weights(values: NDArray[Any]) -> Weights:
    """Return float32 numbers, for exact and fast products of counts."""
    return values.astype(np.float32)
