"""The metrics of one task: averages, each label's metrics, and those of the single-label records."""

import numpy as np

from einthoven.arrays import BoolArray, Float64Array
from einthoven.evaluate.array_metrics import divide, expected_calibration_error, fmax
from einthoven.evaluate.bootstrap import Estimates, bootstrap
from einthoven.evaluate.evaluation_data import EvaluationData
from einthoven.evaluate.metrics import (
    BootstrapSettings,
    Confusion,
    Headline,
    LabelledMetrics,
    LabelMetrics,
    SingleLabelMetrics,
    TaskMetrics,
)
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


def task_metrics(
    data: EvaluationData, thresholds: Thresholds, *, task: str, n_resamples: int, seed: int
) -> TaskMetrics:
    """Compute all metrics of one task, with 95 % patient-bootstrap intervals.

    Labels without a positive or without a negative record have None for undefined metrics. They do not enter the macro
    averages, and `labels_left_out` names them.

    Parameters
    ----------
    data
        The evaluated records.
    thresholds
        Thresholds from the validation fold.
    task
        Name of the task.
    n_resamples, seed
        Number of bootstrap resamples, and seed of the random number generator.

    Returns
    -------
    TaskMetrics
        The metrics.
    """
    headline_statistics = [auc_statistics(data), decision_statistics(data, thresholds)]
    statistic = joint_statistic(*headline_statistics, operating_point_statistics(data, thresholds))
    estimates = data.bootstrap(statistic, n_resamples, seed)
    headline = _headline(data, estimates)
    return TaskMetrics(
        task=task,
        records=len(data.truth),
        patients=len(np.unique(data.patients)),
        labels=data.labels,
        labels_left_out=tuple(name for name, ok in zip(data.labels, data.defined, strict=True) if not ok),
        thresholds=thresholds.source,
        bootstrap=BootstrapSettings(n_resamples, seed, "patient", estimates.incomplete_resamples),
        headline=headline,
        macro_auroc_supported=estimates.interval("macro_auroc_supported"),
        labels_supported=int((data.defined & (data.truth.sum(0) >= SUPPORTED)).sum()),
        labelled_only=_labelled_only(data, thresholds, headline, n_resamples, seed),
        single_label=_single_label(data, n_resamples, seed) if len(data.labels) > 1 else None,
        per_label={name: _label(data, k, thresholds, estimates) for k, name in enumerate(data.labels)},
    )


def _headline(data: EvaluationData, estimates: Estimates) -> Headline:
    return Headline(
        macro_auroc=estimates.interval("macro_auroc"),
        macro_auprc=estimates.interval("macro_auprc"),
        macro_f1=estimates.interval("macro_f1"),
        global_accuracy=estimates.interval("global_accuracy"),
        exact_match=estimates.interval("exact_match"),
        macro_f1_at_half=estimates.interval("macro_f1_at_half"),
        global_accuracy_at_half=estimates.interval("global_accuracy_at_half"),
        exact_match_at_half=estimates.interval("exact_match_at_half"),
        fmax=fmax(data.truth, data.scores),
    )


def _labelled_only(
    data: EvaluationData, thresholds: Thresholds, of_all: Headline, n_resamples: int, seed: int
) -> LabelledMetrics:
    """Average over the records with a label; `of_all` are the averages over all records."""
    labelled = np.asarray(data.truth.any(1))
    if labelled.all():
        return LabelledMetrics(len(labelled), of_all)
    if not labelled.any():
        return LabelledMetrics(0, Headline(*[None] * 9))
    part = data.select(labelled)
    statistic = joint_statistic(auc_statistics(part), decision_statistics(part, thresholds))
    return LabelledMetrics(int(labelled.sum()), _headline(part, part.bootstrap(statistic, n_resamples, seed)))


def _label(data: EvaluationData, k: int, thresholds: Thresholds, estimates: Estimates) -> LabelMetrics:
    truth, scores = data.truth[:, k], data.scores[:, k]
    auprc = estimates.interval("auprc", k)
    slope, intercept = _calibration(truth, scores)
    return LabelMetrics(
        positives=int(truth.sum()),
        auroc=estimates.interval("auroc", k),
        auprc=auprc.value if auprc else None,
        threshold=float(thresholds.f1[k]),
        confusion=confusion(truth, scores >= thresholds.f1[k]),
        ece=expected_calibration_error(truth, scores),
        calibration_slope=slope,
        calibration_intercept=intercept,
        brier=float(((scores - truth) ** 2).mean()),
        accuracy_threshold=float(thresholds.accuracy[k]),
        operating_points=operating_points(thresholds, estimates, k),
    )


def _calibration(truth: BoolArray, scores: Float64Array) -> tuple[float | None, float | None]:
    """Return slope and intercept of the truth's logistic regression on the score's logit: 1 and 0 if calibrated.

    Source: Cox 1958, Biometrika 45:562. None without positive or without negative records.
    """
    if truth.all() or not truth.any():
        return None, None
    calibration = fit(truth, scores, smooth=False)
    return calibration.slope, calibration.intercept


def _single_label(data: EvaluationData, n_resamples: int, seed: int) -> SingleLabelMetrics:
    """Predict the label of the highest score, for the records with exactly one label."""
    single = data.select(data.truth.sum(1) == 1)
    number = len(data.labels)
    truth, predicted = single.truth.argmax(1), single.scores.argmax(1)
    matrix = np.bincount(truth * number + predicted, minlength=number**2).reshape(number, number)
    accuracy = None
    if len(truth):
        statistic, any_record = accuracy_statistic(truth == predicted), np.ones((len(truth), 1), np.bool_)
        estimates = bootstrap(statistic, single.patients, any_record, n_resamples=n_resamples, seed=seed)
        accuracy = estimates.interval("accuracy")
    present = matrix.sum(1) > 0
    f1 = divide(2.0 * matrix.diagonal(), (matrix.sum(0) + matrix.sum(1)).astype(float))[present]
    return SingleLabelMetrics(
        records=len(truth),
        labels=data.labels,
        accuracy=accuracy.value if accuracy else None,
        accuracy_low=accuracy.low if accuracy else None,
        accuracy_high=accuracy.high if accuracy else None,
        macro_f1=float(f1.mean()) if present.any() else None,
        confusion=tuple(tuple(row) for row in matrix.tolist()),
    )


def confusion(truth: BoolArray, predicted: BoolArray) -> Confusion:
    """Count the confusion matrix of one label.

    Parameters
    ----------
    truth, predicted
        True and predicted labels of the records, each of shape (records,).

    Returns
    -------
    Confusion
        The counts and their ratios.
    """
    tp, fp = int((predicted & truth).sum()), int((predicted & ~truth).sum())
    fn, tn = int((~predicted & truth).sum()), int((~predicted & ~truth).sum())
    return Confusion(
        sensitivity=_ratio(tp, tp + fn),
        specificity=_ratio(tn, tn + fp),
        ppv=_ratio(tp, tp + fp),
        npv=_ratio(tn, tn + fn),
        f1=_ratio(2 * tp, 2 * tp + fp + fn) if tp + fn else None,
        accuracy=_ratio(tp + tn, len(truth)),
        tn=tn,
        fp=fp,
        fn=fn,
        tp=tp,
    )


def _ratio(numerator: int, denominator: int) -> float | None:
    return numerator / denominator if denominator else None
