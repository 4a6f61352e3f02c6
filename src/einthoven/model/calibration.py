"""Calibrate a model's scores as probabilities, by Platt's method.

Source: Platt 1999, Probabilistic outputs for support vector machines. It keeps the order of scores, so no AUROC
changes with it.
"""

from dataclasses import dataclass

import numpy as np

from einthoven.arrays import BoolArray, Float64Array, FloatArray

SMALLEST = 1e-7
"""Scores are clipped to this distance from 0 and 1, so that every logit is finite."""
_STEPS, _ENOUGH, _RIDGE = 100, 1e-10, 1e-6
_FLATTEST = 1e-3  # slope


def logit(probability: Float64Array) -> Float64Array:
    """Compute log(p / (1 - p)), clipped to finite values.

    Parameters
    ----------
    probability
        Probabilities from 0 to 1, in any shape.

    Returns
    -------
    Float64Array
        Logits, in the shape of `probability`.
    """
    p = np.clip(np.asarray(probability, np.float64), SMALLEST, 1 - SMALLEST)
    odds: Float64Array = np.log(p) - np.log1p(-p)
    return odds


def sigmoid(logits: FloatArray) -> Float64Array:
    """Compute 1 / (1 + exp(-z)) in float64, without overflow.

    Parameters
    ----------
    logits
        Logits in any shape.

    Returns
    -------
    Float64Array
        Probabilities from 0 to 1, in the shape of `logits`.
    """
    z = np.asarray(logits, np.float64)
    small = np.exp(-np.abs(z))
    p: Float64Array = np.where(z >= 0, 1.0, small) / (1 + small)
    return p


@dataclass(frozen=True)
class Calibration:
    """Map from a score to a probability: sigmoid(slope * logit(score) + intercept)."""

    slope: float
    intercept: float

    def __call__(self, score: Float64Array) -> Float64Array:
        """Return calibrated probabilities of the shape of `score`."""
        return sigmoid(self.slope * logit(score) + self.intercept)


def fit(truth: BoolArray, score: Float64Array, *, smooth: bool = True) -> Calibration:
    """Fit the calibration with the highest likelihood.

    Parameters
    ----------
    truth
        Boolean array of shape (records,): True for records with the label.
    score
        Scores from 0 to 1, shape (records,).
    smooth
        Use Platt's targets, which keep the slope finite if the scores separate the records without error, and keep the
        slope positive: scores that rank the records wrongly become the share of positive records, in the order of the
        scores. Without it, this is logistic regression with a negligible ridge.

    Returns
    -------
    Calibration
        Calibration with the fitted slope and intercept.

    Raises
    ------
    ValueError
        If there is no positive or no negative record.
    """
    positives, negatives = int(truth.sum()), int((~truth).sum())
    if not positives or not negatives:
        raise ValueError("calibration needs positive and negative records")
    high, low = ((positives + 1) / (positives + 2), 1 / (negatives + 2)) if smooth else (1.0, 0.0)
    target = np.where(truth, high, low)
    columns = np.stack([logit(score), np.ones(len(score))])  # (2, records)
    weights = np.array([1.0, 0.0])
    for _ in range(_STEPS):
        p = sigmoid(weights @ columns)
        gradient = columns @ (p - target) + _RIDGE * weights
        hessian = (columns * (p * (1 - p))) @ columns.T + _RIDGE * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        step *= min(1.0, 2 / np.abs(step).max())  # Newton overshoots where all probabilities are near 0 or 1
        weights = weights - step
        if np.abs(step).max() < _ENOUGH:
            break
    if smooth and weights[0] < _FLATTEST:
        return Calibration(_FLATTEST, float(logit(target.mean()) - _FLATTEST * columns[0].mean()))
    return Calibration(float(weights[0]), float(weights[1]))
