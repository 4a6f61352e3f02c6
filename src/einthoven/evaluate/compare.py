"""Is one model better than another? Paired bootstrap over patients, on the records that both predicted."""

from typing import Any

import numpy as np

from einthoven.arrays import Float64Array
from einthoven.errors import EinthovenError
from einthoven.evaluate.array_metrics import Weights
from einthoven.evaluate.bootstrap import Estimates, p_value
from einthoven.evaluate.evaluation_data import evaluation_data, fold_rows
from einthoven.evaluate.predictions import Predictions
from einthoven.evaluate.statistics import auc_statistics
from einthoven.ptbxl.annotations import Annotations


def compare(
    a: Predictions,
    b: Predictions,
    annotations: Annotations,
    *,
    fold: int = 10,
    task: str = "superclass",
    n_resamples: int = 1000,
    seed: int = 0,
) -> dict[str, Any]:
    """The differences b - a in macro AUROC, macro average precision and each label's AUROC.

    Both models are measured on the records of `fold` that both predicted, drawn together in each bootstrap
    round. A figure is {"a", "b", "difference": {"value", "low", "high"}, "p_value"} with the 95 %
    percentile interval and the two-sided p-value of no difference; null where undefined. Raises
    EinthovenError when the two share no record of the fold, or one does not answer the task.
    """
    labels = annotations.task(task)
    rows = fold_rows(annotations, [fold])
    ids = annotations.ecg_ids[rows]
    rows = rows[np.isin(ids, a.ecg_ids) & np.isin(ids, b.ecg_ids)]
    if not len(rows):
        raise EinthovenError(f"{a.name} and {b.name} share no record of fold {fold}; predict the same fold with both.")
    first, second = (evaluation_data(part, annotations, rows, labels) for part in (a, b))
    areas_a, areas_b = auc_statistics(first), auc_statistics(second)

    def differences(weights: Weights) -> dict[str, Float64Array]:
        of_a, of_b = areas_a(weights), areas_b(weights)
        return {name: np.stack([of_a[name], of_b[name], of_b[name] - of_a[name]], axis=-1) for name in of_a}

    estimates = first.bootstrap(differences, n_resamples, seed)
    return {
        "task": task,
        "fold": fold,
        "records": len(rows),
        "patients": len(np.unique(first.patients)),
        "bootstrap": {
            "rounds": n_resamples,
            "seed": seed,
            "unit": "patient",
            "incomplete_rounds": estimates.incomplete_rounds,
        },
        "macro_auroc": _figure(estimates, "macro_auroc"),
        "macro_auprc": _figure(estimates, "macro_auprc"),
        "per_label": {
            label: {"positives": int(first.truth[:, k].sum()), "auroc": _figure(estimates, "auroc", k)}
            for k, label in enumerate(labels)
        },
    }


def _figure(estimates: Estimates, name: str, *place: int) -> dict[str, Any] | None:
    difference = estimates.interval(name, *place, 2)
    if difference is None:
        return None
    a, b, _ = estimates.values[name][place]
    samples = np.moveaxis(estimates.samples[name], 0, -1)[(*place, 2)]
    return {"a": float(a), "b": float(b), "difference": difference, "p_value": p_value(samples)}
