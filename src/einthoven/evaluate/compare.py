"""Compare two models: paired bootstrap over patients, on the records that both predicted."""

import numpy as np

from einthoven.arrays import Float64Array
from einthoven.datasets.annotations import Annotations
from einthoven.errors import EinthovenError
from einthoven.evaluate.array_metrics import Weights
from einthoven.evaluate.bootstrap import Estimates, p_value
from einthoven.evaluate.evaluation import evaluated_labels
from einthoven.evaluate.evaluation_data import evaluation_data, fold_rows
from einthoven.evaluate.metrics import BootstrapSettings, Comparison, Difference, LabelComparison
from einthoven.evaluate.predictions import Predictions
from einthoven.evaluate.statistics import auc_statistics


def compare(
    a: Predictions,
    b: Predictions,
    annotations: Annotations,
    *,
    fold: int = 10,
    task: str = "superclass",
    n_resamples: int = 1000,
    seed: int = 0,
) -> Comparison:
    """Compute the differences b - a in macro AUROC, macro average precision and each label's AUROC.

    Both models are measured on the records of the fold that both predicted, in the same resamples. Intervals are 95 %
    percentile intervals.

    Parameters
    ----------
    a, b
        The predictions of the two models.
    annotations
        The data set.
    fold
        The fold to compare on.
    task
        Name of the task. For an imported set, the labels that both models predict count.
    n_resamples, seed
        Number of bootstrap resamples, and seed of the random number generator.

    Returns
    -------
    Comparison
        Metrics of both models, and their differences.

    Raises
    ------
    EinthovenError
        If the two share no record of the fold, or one lacks labels of the task.
    """
    labels = annotations.task(task)
    if annotations.facts.imported:
        both = (evaluated_labels(predictions, annotations, task) for predictions in (a, b))
        shared = set.intersection(*map(set, both))
        labels = tuple(label for label in labels if label in shared)
    rows = fold_rows(annotations, [fold], labels)
    ids = annotations.ecg_ids[rows]
    rows = rows[np.isin(ids, a.ecg_ids) & np.isin(ids, b.ecg_ids)]
    if not len(rows):
        raise EinthovenError(f"{a.name} and {b.name} share no record of fold {fold}; predict the same fold with both.")
    data_a, data_b = (evaluation_data(predictions, annotations, rows, labels) for predictions in (a, b))
    statistic_a, statistic_b = auc_statistics(data_a), auc_statistics(data_b)

    def _differences(weights: Weights) -> dict[str, Float64Array]:
        values_a, values_b = statistic_a(weights), statistic_b(weights)
        return {
            name: np.stack([value_a, values_b[name], values_b[name] - value_a], axis=-1)
            for name, value_a in values_a.items()
        }

    estimates = data_a.bootstrap(_differences, n_resamples, seed)
    return Comparison(
        task=task,
        fold=fold,
        records=len(rows),
        patients=len(np.unique(data_a.patients)),
        bootstrap=BootstrapSettings(n_resamples, seed, "patient", estimates.incomplete_resamples),
        macro_auroc=_difference(estimates, "macro_auroc"),
        macro_auprc=_difference(estimates, "macro_auprc"),
        per_label={
            label: LabelComparison(int(data_a.truth[:, k].sum()), _difference(estimates, "auroc", k))
            for k, label in enumerate(labels)
        },
    )


def _difference(estimates: Estimates, name: str, *index: int) -> Difference | None:
    difference = estimates.interval(name, *index, 2)
    if difference is None:
        return None
    a, b, _ = estimates.values[name][index]
    samples = np.moveaxis(estimates.samples[name], 0, -1)[(*index, 2)]
    return Difference(float(a), float(b), difference, p_value(samples))
