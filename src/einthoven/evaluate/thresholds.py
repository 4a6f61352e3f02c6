"""Decision thresholds from the validation fold; a label is predicted at a score of at least its threshold."""

from dataclasses import dataclass
from math import ceil

import numpy as np

from einthoven.arrays import BoolArray, Float64Array
from einthoven.model.card import Card

TARGETS = {"0.90": 0.90, "0.95": 0.95, "0.98": 0.98, "0.99": 0.99}
"""The specificities and sensitivities of the operating points, by their names in metrics.json."""
NEVER = float(np.nextafter(1.0, 2.0))
"""A threshold above every score: for a rare label, it may be most accurate never to predict it."""


@dataclass(frozen=True)
class Thresholds:
    """The thresholds of a task's labels."""

    source: str
    """Origin of the thresholds, in words."""
    f1: Float64Array
    """Thresholds of the highest F1, shape (labels,)."""
    accuracy: Float64Array
    """Thresholds of the highest accuracy, shape (labels,)."""
    specificity: dict[str, Float64Array]
    """Thresholds (labels,) by the specificity they aim at, NaN if undefined; empty without a validation fold."""
    sensitivity: dict[str, Float64Array]
    """Thresholds (labels,) by the sensitivity they aim at, NaN if undefined; empty without a validation fold."""

    @classmethod
    def fit(cls, truth: BoolArray, scores: Float64Array, source: str) -> "Thresholds":
        """Choose thresholds on the validation records.

        A label without positive records there gets .5 for its highest F1, and no operating points.

        Parameters
        ----------
        truth, scores
            Labels and scores, each of shape (records, labels).
        source
            Origin of the records, in words.

        Returns
        -------
        Thresholds
            Thresholds of all labels.
        """
        columns = list(zip(truth.T, scores.T, strict=True))
        return cls(
            source,
            f1=np.array([highest_f1(y, p) for y, p in columns]),
            accuracy=np.array([highest_accuracy(y, p) for y, p in columns]),
            specificity={
                name: np.array([at_specificity(y, p, target) for y, p in columns]) for name, target in TARGETS.items()
            },
            sensitivity={
                name: np.array([at_sensitivity(y, p, target) for y, p in columns]) for name, target in TARGETS.items()
            },
        )

    @classmethod
    def half(cls, labels: int) -> "Thresholds":
        """Return .5 for every label, for a model without a validation fold.

        Parameters
        ----------
        labels
            Number of labels.

        Returns
        -------
        Thresholds
            Thresholds without operating points.
        """
        half = np.full(labels, 0.5)
        return cls("0.5 (no validation fold)", half, half, {}, {})

    @classmethod
    def of_card(cls, card: Card, labels: tuple[str, ...]) -> "Thresholds":
        """Return the thresholds of a bundle's card.

        Parameters
        ----------
        card
            The card.
        labels
            Labels in order. One without thresholds in the card gets .5 and no operating points.

        Returns
        -------
        Thresholds
            Thresholds for calibrated probabilities.
        """
        facts = {label["name"]: label["thresholds"] for label in card.to_dict()["labels"]}
        stated = [facts.get(label) for label in labels]
        absent = [label for label, of_label in zip(labels, stated, strict=True) if not of_label]
        recalibration = card.description().get("recalibration")
        site = f", recalibrated on {recalibration['set']}" if recalibration else ""
        without = f", 0.5 for {', '.join(absent)} (low support there)" if absent else ""

        def column(*keys: str) -> Float64Array:
            values = []
            for of_label in stated:
                for key in keys:
                    of_label = of_label and of_label.get(key)
                values.append(of_label)
            return np.array([np.nan if value is None else value for value in values])

        f1 = np.nan_to_num(column("f1"), nan=0.5)
        accuracy = column("accuracy")
        return cls(
            f"the card of {card.name}{site}{without}",
            f1=f1,
            accuracy=np.where(np.isnan(accuracy), f1, accuracy),
            specificity={name: column("rule_in", name, "threshold") for name in TARGETS},
            sensitivity={name: column("rule_out", name, "threshold") for name in TARGETS},
        )

    def by_kind(self) -> dict[str, dict[str, Float64Array]]:
        """Return both kinds of operating points by name.

        Returns
        -------
        dict
            `specificity` and `sensitivity`.
        """
        return {"specificity": self.specificity, "sensitivity": self.sensitivity}


def highest_f1(truth: BoolArray, scores: Float64Array) -> float:
    """Find the threshold of the highest F1 among all distinct scores.

    Parameters
    ----------
    truth, scores
        Labels and scores of the records, each of shape (records,).

    Returns
    -------
    float
        The lowest if several are equal; .5 if no record is positive.
    """
    if not truth.any():
        return 0.5
    thresholds, true, false = _counts(truth, scores)
    return _best(thresholds, 2 * true / (true + false + truth.sum()))


def highest_accuracy(truth: BoolArray, scores: Float64Array) -> float:
    """Find the threshold of the highest accuracy among all distinct scores and NEVER.

    Parameters
    ----------
    truth, scores
        Labels and scores of the records, each of shape (records,).

    Returns
    -------
    float
        The lowest if several are equal.
    """
    thresholds, true, false = _counts(truth, scores)
    return _best(np.append(NEVER, thresholds), np.append(0, true - false))


def at_specificity(truth: BoolArray, scores: Float64Array, target: float) -> float:
    """Find the lowest threshold with a specificity of at least `target`.

    Parameters
    ----------
    truth, scores
        Labels and scores of the records, each of shape (records,).
    target
        The specificity, 0-1.

    Returns
    -------
    float
        Just above the score of a negative record; NaN if no record is negative.
    """
    negative = np.sort(scores[~truth])
    if not len(negative):
        return np.nan
    return float(np.nextafter(negative[_rank(target, len(negative))], np.inf))


def at_sensitivity(truth: BoolArray, scores: Float64Array, target: float) -> float:
    """Find the highest threshold with a sensitivity of at least `target`.

    Parameters
    ----------
    truth, scores
        Labels and scores of the records, each of shape (records,).
    target
        The sensitivity, 0-1.

    Returns
    -------
    float
        The score of a positive record; NaN if no record is positive.
    """
    positive = np.sort(scores[truth])[::-1]
    return float(positive[_rank(target, len(positive))]) if len(positive) else np.nan


def _rank(target: float, number: int) -> int:
    """Return the index of the last of the fewest items that make up the share `target` of `number`."""
    return max(0, ceil(target * number - 1e-9) - 1)  # .95 * 20 must not count as 19.000000000000004


def _counts(truth: BoolArray, scores: Float64Array) -> tuple[Float64Array, Float64Array, Float64Array]:
    """Return the distinct scores, falling, and the true and false positives at each as threshold."""
    order = np.argsort(-scores, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
    true = np.cumsum(truth[order], dtype=np.float64)[ends]
    return scores[order][ends], true, ends + 1 - true


def _best(thresholds: Float64Array, values: Float64Array) -> float:
    """Return the lowest of the falling `thresholds` with the highest value."""
    return float(thresholds[len(values) - 1 - np.argmax(values[::-1])])
