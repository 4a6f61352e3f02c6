"""Decision thresholds, chosen on the validation fold; a label is given at a score of at least its own."""

from dataclasses import dataclass
from math import ceil

import numpy as np

from einthoven.arrays import BoolArray, Float64Array

TARGETS = {"0.90": 0.90, "0.95": 0.95, "0.98": 0.98, "0.99": 0.99}
"""The specificities and sensitivities of the operating points, by their names in metrics.json."""
NEVER = float(np.nextafter(1.0, 2.0))
"""A threshold above every score: the most accurate answer for a rare label may be to give it to nobody."""


@dataclass(frozen=True)
class Thresholds:
    """The thresholds of a task's labels."""

    source: str
    """Where they come from, in words."""
    f1: Float64Array
    """(labels,) of the highest F1."""
    accuracy: Float64Array
    """(labels,) of the highest accuracy."""
    points: dict[str, dict[str, Float64Array]]
    """`specificity` and `sensitivity` -> target -> (labels,), nan where undefined; empty for `half`."""

    @classmethod
    def fit(cls, truth: BoolArray, scores: Float64Array, source: str) -> "Thresholds":
        """Choose thresholds on the validation records (records, labels).

        A label without positive records there keeps .5 for its highest F1, and has no operating points.
        """
        columns = list(zip(truth.T, scores.T, strict=True))
        return cls(
            source,
            np.array([highest_f1(y, p) for y, p in columns]),
            np.array([highest_accuracy(y, p) for y, p in columns]),
            {
                kind: {name: np.array([function(y, p, target) for y, p in columns]) for name, target in TARGETS.items()}
                for kind, function in (("specificity", at_specificity), ("sensitivity", at_sensitivity))
            },
        )

    @classmethod
    def half(cls, labels: int) -> "Thresholds":
        """.5 for every label, where no validation fold was kept."""
        fixed = np.full(labels, 0.5)
        return cls("0.5 (no validation fold)", fixed, fixed, {})


def highest_f1(truth: BoolArray, scores: Float64Array) -> float:
    """The threshold of the highest F1 among all distinct scores (records,); the lowest one of equals.

    .5 when no record is positive.
    """
    if not truth.any():
        return 0.5
    thresholds, true, false = _counts(truth, scores)
    return _best(thresholds, 2 * true / (true + false + truth.sum()))


def highest_accuracy(truth: BoolArray, scores: Float64Array) -> float:
    """The threshold of highest accuracy among distinct scores (records,) and NEVER; the lowest of equals."""
    thresholds, true, false = _counts(truth, scores)
    return _best(np.append(NEVER, thresholds), np.append(0, true - false))


def at_specificity(truth: BoolArray, scores: Float64Array, target: float) -> float:
    """The lowest threshold that has a specificity of at least `target`: just above a negative record's score.

    nan when no record is negative.
    """
    negative = np.sort(scores[~truth])
    if not len(negative):
        return np.nan
    return float(np.nextafter(negative[_rank(target, len(negative))], np.inf))


def at_sensitivity(truth: BoolArray, scores: Float64Array, target: float) -> float:
    """The highest threshold that has a sensitivity of at least `target`: a positive record's score.

    nan when no record is positive.
    """
    positive = np.sort(scores[truth])[::-1]
    return float(positive[_rank(target, len(positive))]) if len(positive) else np.nan


def _rank(target: float, number: int) -> int:
    """Index of the last of the fewest items that make up the share `target` of `number`."""
    return max(0, ceil(target * number - 1e-9) - 1)  # .95 * 20 must not count as 19.000000000000004


def _counts(truth: BoolArray, scores: Float64Array) -> tuple[Float64Array, Float64Array, Float64Array]:
    """The distinct scores, falling, and at each as threshold the numbers of true and of false positives."""
    order = np.argsort(-scores, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
    true = np.cumsum(truth[order], dtype=np.float64)[ends]
    return scores[order][ends], true, ends + 1 - true


def _best(thresholds: Float64Array, values: Float64Array) -> float:
    """The lowest of the falling `thresholds` with the highest value."""
    return float(thresholds[len(values) - 1 - np.argmax(values[::-1])])
