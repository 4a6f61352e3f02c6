"""What is measured on one task's records, as statistics that can be bootstrapped."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.arrays import BoolArray, Float64Array
from einthoven.evaluate.array_metrics import Ranking, Weights, divide, mean_defined
from einthoven.evaluate.bootstrap import Estimates, Statistic
from einthoven.evaluate.evaluation_data import EvaluationData
from einthoven.evaluate.thresholds import Thresholds

PREVALENCES = {"0.05": 0.05, "0.10": 0.10, "0.25": 0.25}
"""Predictive values are given where so large a share of the patients has the label."""
SUPPORTED = 10
"""Positive records with which a label enters `macro_auroc_supported`."""


def auc_statistics(data: EvaluationData) -> Statistic:
    """Statistics `auroc` and `auprc` (n_resamples, labels), `macro_auroc` and `macro_auprc` (n_resamples,).

    `macro_auroc_supported` leaves out labels with fewer than 10 positive records; nan when none is left.
    """
    supported = data.defined & (data.truth.sum(0) >= SUPPORTED)
    rankings = [Ranking.of(scores, truth) for scores, truth in zip(data.scores.T, data.truth.T, strict=True)]

    def statistic(weights: Weights) -> dict[str, Float64Array]:
        auroc, auprc = np.moveaxis(np.array([ranking.areas(weights) for ranking in rankings]), 0, 2)
        return {
            "auroc": auroc,
            "auprc": auprc,
            "macro_auroc": mean_defined(auroc[:, data.defined]),
            "macro_auprc": mean_defined(auprc[:, data.defined]),
            "macro_auroc_supported": mean_defined(auroc[:, supported]),
        }

    return statistic


def decision_statistics(data: EvaluationData, thresholds: Thresholds) -> Statistic:
    """Statistics (n_resamples,) macro_f1, global_accuracy and exact_match, at the chosen thresholds and at .5.

    Those at .5 are named `macro_f1_at_0.5` and so on. F1 has its own thresholds, the two others those of the
    highest accuracy.
    """
    truth, half = _numbers(data.truth), data.scores >= 0.5
    f1_parts, accuracy_parts = {}, {}
    for suffix, given in {"": data.scores >= thresholds.f1, "_at_0.5": half}.items():
        f1_parts[f"macro_f1{suffix}"] = _numbers(given), _numbers(given & data.truth)
    for suffix, given in {"": data.scores >= thresholds.accuracy, "_at_0.5": half}.items():
        right = given == data.truth
        accuracy_parts[suffix] = _numbers(right.sum(1)), _numbers(right.all(1))

    def statistic(weights: Weights) -> dict[str, Float64Array]:
        positives, records = weights @ truth, weights.sum(1)
        result = {}
        for name, (given, hits) in f1_parts.items():
            f1 = divide(2 * (weights @ hits), weights @ given + positives)
            result[name] = mean_defined(f1[:, data.defined])
        for suffix, (cells, whole) in accuracy_parts.items():
            result[f"global_accuracy{suffix}"] = divide(weights @ cells, records * len(data.labels))
            result[f"exact_match{suffix}"] = divide(weights @ whole, records)
        return result

    return statistic


def accuracy_statistic(right: BoolArray) -> Statistic:
    """Statistic `accuracy` (n_resamples,), the share of the records (records,) that are `right`."""
    numbers = _numbers(right)
    return lambda weights: {"accuracy": divide(weights @ numbers, weights.sum(1))}


def operating_statistics(truth: BoolArray, scores: Float64Array, thresholds: Float64Array) -> Statistic:
    """Statistics `sensitivity`, `specificity` and `share` (n_resamples, labels) at `thresholds` (labels,).

    `share` is that of the records whose score reaches the threshold. `truth` and `scores` are (records, labels);
    nan where a label has no record to count, or no threshold.
    """
    given = scores >= thresholds
    hits, rejected = _numbers(given & truth), _numbers(~given & ~truth)
    positives, negatives, all_given = _numbers(truth), _numbers(~truth), _numbers(given)
    undefined = np.isnan(thresholds)

    def statistic(weights: Weights) -> dict[str, Float64Array]:
        sensitivity = divide(weights @ hits, weights @ positives)
        specificity = divide(weights @ rejected, weights @ negatives)
        share = divide(weights @ all_given, weights.sum(1)[:, None])
        sensitivity[:, undefined] = specificity[:, undefined] = share[:, undefined] = np.nan
        return {"sensitivity": sensitivity, "specificity": specificity, "share": share}

    return statistic


def operating_point_statistics(data: EvaluationData, thresholds: Thresholds) -> Statistic:
    """The statistics of `attained` at every operating point, named like `specificity 0.95 sensitivity`."""
    points = {
        f"{kind} {target}": operating_statistics(data.truth, data.scores, values)
        for kind, targets in thresholds.points.items()
        for target, values in targets.items()
    }
    return lambda weights: {
        f"{point} {name}": values for point, statistic in points.items() for name, values in statistic(weights).items()
    }


def operating_points(thresholds: Thresholds, estimates: Estimates, label: int) -> dict[str, Any] | None:
    """The operating points of one label with what they attained; None without validation fold.

    `ppv` and `npv` are the predictive values at each of PREVALENCES, by Bayes' rule.
    """
    points: dict[str, Any] = {}
    for kind, targets in thresholds.points.items():
        for target, values in targets.items():
            found = {
                name: estimates.interval(f"{kind} {target} {name}", label)
                for name in ("sensitivity", "specificity", "share")
            }
            points.setdefault(kind, {})[target] = {
                "threshold": None if np.isnan(values[label]) else float(values[label]),
                **found,
                **predictive_values(found["sensitivity"], found["specificity"]),
            }
    return points or None


def predictive_values(
    sensitivity: dict[str, float] | None, specificity: dict[str, float] | None
) -> dict[str, dict[str, float | None] | None]:
    """`ppv` and `npv` at each of PREVALENCES, out of what `Estimates.interval` gives; None where undefined."""
    if sensitivity is None or specificity is None:
        return {"ppv": None, "npv": None}
    found, spared = sensitivity["value"], specificity["value"]
    ppv: dict[str, float | None] = {}
    npv: dict[str, float | None] = {}
    for name, prevalence in PREVALENCES.items():
        right, wrong = found * prevalence, (1 - spared) * (1 - prevalence)
        cleared, missed = spared * (1 - prevalence), (1 - found) * prevalence
        ppv[name] = right / (right + wrong) if right + wrong else None
        npv[name] = cleared / (cleared + missed) if cleared + missed else None
    return {"ppv": ppv, "npv": npv}


def joint_statistic(statistics: list[Statistic]) -> Statistic:
    """All of `statistics` from the same n_resamples."""
    return lambda weights: {name: values for part in statistics for name, values in part(weights).items()}


def _numbers(values: NDArray[Any]) -> Weights:
    """As float32, for exact and fast products of counts."""
    return values.astype(np.float32)
