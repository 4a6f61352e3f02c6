"""The scoring of the project that Einthoven replaces, to show its metrics next to the correct ones."""

import numpy as np

from einthoven.evaluate.array_metrics import divide
from einthoven.evaluate.evaluation_data import EvaluationData
from einthoven.evaluate.metrics import LegacyMetrics
from einthoven.evaluate.task_metrics import confusion

THRESHOLD = 0.9
_EPS = 2.0**-53  # keeps the odds of a probability of 1 finite


def legacy_metrics(data: EvaluationData) -> LegacyMetrics:
    """Score as that project did: predict a label if the softmax over all logits is above .9.

    The network was trained with a sigmoid for each label, so its labels do not exclude each other. Softmax makes them
    compete.

    Parameters
    ----------
    data
        The evaluated records.

    Returns
    -------
    LegacyMetrics
        Metrics without intervals, as published.
    """
    scores = np.clip(data.scores, 0, 1 - _EPS)
    odds = scores / (1 - scores)  # the exponentials of the logits
    predicted = divide(odds, odds.sum(1, keepdims=True)) > THRESHOLD
    columns = zip(data.labels, data.truth.T, predicted.T, strict=True)
    per_label = {label: confusion(y, predicted_column) for label, y, predicted_column in columns}
    f1 = [metrics.f1 for metrics in per_label.values() if metrics.f1 is not None]
    return LegacyMetrics(
        rule=f"softmax over the labels > {THRESHOLD}",
        records=len(data.truth),
        global_accuracy=float((predicted == data.truth).mean()),
        all_no_accuracy=float((~data.truth).mean()),
        macro_f1=float(np.mean(f1)) if f1 else None,
        per_label=per_label,
    )
