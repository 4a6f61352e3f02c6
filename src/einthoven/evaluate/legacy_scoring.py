"""The scoring of the project that Einthoven replaces, to show its figure beside the right ones."""

from typing import Any

import numpy as np

from einthoven.evaluate.array_metrics import divide
from einthoven.evaluate.evaluation_data import EvaluationData
from einthoven.evaluate.task_metrics import confusion

THRESHOLD = 0.9
_EPS = 2.0**-53  # keeps the odds of a probability of 1 finite


def legacy_metrics(data: EvaluationData) -> dict[str, Any]:
    """Score as that project did: a label is given where the softmax over the labels' logits is above .9.

    The network was trained with a sigmoid for each label, so that its labels do not exclude each other;
    softmax makes them compete. `global_accuracy` is the share of right label cells; `all_no_accuracy` is
    what answering "no" to everything scores. Without intervals, as published.
    """
    scores = np.clip(data.scores, 0, 1 - _EPS)
    odds = scores / (1 - scores)  # the exponentials of the logits
    total = odds.sum(1, keepdims=True)
    given = divide(odds, total) > THRESHOLD
    truth = data.truth
    per_label = {label: confusion(y, decided) for label, y, decided in zip(data.labels, truth.T, given.T, strict=True)}
    f1 = [entry["f1"] for entry in per_label.values() if entry["f1"] is not None]
    return {
        "rule": f"softmax over the labels > {THRESHOLD}",
        "records": len(truth),
        "global_accuracy": float((given == truth).mean()),
        "all_no_accuracy": float((~truth).mean()),
        "macro_f1": float(np.mean(f1)) if f1 else None,
        "per_label": per_label,
    }
