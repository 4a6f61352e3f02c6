"""Metrics on arrays. Bootstrapped metrics take a weight for each record."""

from dataclasses import dataclass

import numpy as np

from einthoven.arrays import BoolArray, Float32Array, Float64Array, FloatArray, IndexArray

Weights = Float32Array
"""Number of times each record was drawn, (n_resamples, records). float32 sums whole numbers exactly up to 2^24."""

ECE_BINS = 15
FMAX_THRESHOLDS = np.linspace(0, 1, 101)


@dataclass(frozen=True)
class Ranking:
    """One label's records by falling score: sorted once, then measured under any number of weightings.

    Only scores of positive records add to the areas. They form groups, one for each distinct score.
    """

    order: IndexArray
    """Indices of the records by falling score, shape (records,)."""
    positives: IndexArray
    """Places of the positive records in that order."""
    first: IndexArray
    """Index of the first record of each group among `positives`, shape (groups,)."""
    start: IndexArray
    """Number of records with a higher score, shape (groups,)."""
    end: IndexArray
    """Number of records with this score or a higher one, shape (groups,)."""

    @classmethod
    def from_scores(cls, scores: Float64Array, truth: BoolArray) -> "Ranking":
        """Rank the records of one label.

        Parameters
        ----------
        scores, truth
            Scores and labels of the records, each of shape (records,).

        Returns
        -------
        Ranking
            The sorted records.
        """
        order = np.argsort(-scores, kind="stable")
        ends = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True)) + 1
        positives = np.flatnonzero(truth[order])
        groups, first = np.unique(np.searchsorted(ends, positives, side="right"), return_index=True)
        return cls(order, positives, first, np.append(0, ends)[groups], ends[groups])

    def areas(self, weights: Weights) -> tuple[Float64Array, Float64Array]:
        """Compute AUROC and average precision, as scikit-learn defines them.

        AUROC counts ties as half. Average precision is the sum over distinct scores of precision times gain in recall.

        Parameters
        ----------
        weights
            Weights of shape (n_resamples, records).

        Returns
        -------
        tuple of Float64Array
            AUROC and average precision, (n_resamples,) each. NaN if no positive record has weight, and for AUROC also
            if no negative one has.
        """
        if not len(self.positives):
            return np.full(len(weights), np.nan), np.full(len(weights), np.nan)
        ranked = weights[:, self.order]
        above = np.zeros((len(weights), len(self.order) + 1), np.float32)
        np.cumsum(ranked, axis=1, out=above[:, 1:])
        gain = np.add.reduceat(ranked[:, self.positives], self.first, axis=1).astype(np.float64)
        true = np.cumsum(gain, axis=1)
        predicted, predicted_before = above[:, self.end].astype(np.float64), above[:, self.start]
        positive = true[:, -1]
        negative = above[:, -1] - positive
        false = ((predicted - true) + (predicted_before - (true - gain))) / 2  # midway through the ties
        with np.errstate(invalid="ignore"):
            auroc = (gain * (negative[:, None] - false)).sum(1) / (positive * negative)
            precision = np.divide(true, predicted, out=np.zeros_like(true), where=predicted > 0)
            return auroc, (gain * precision).sum(1) / positive


def divide(numerator: FloatArray, denominator: FloatArray) -> Float64Array:
    """Divide in double precision.

    Parameters
    ----------
    numerator, denominator
        Arrays of the same shape, or shapes that broadcast.

    Returns
    -------
    Float64Array
        NaN where the denominator is 0.
    """
    out = np.full(np.broadcast_shapes(numerator.shape, denominator.shape), np.nan)
    np.divide(numerator.astype(np.float64), denominator, out=out, where=denominator != 0)
    return out


def mean_defined(values: Float64Array) -> Float64Array:
    """Average over the last axis, leaving out NaN.

    Parameters
    ----------
    values
        Values of shape (..., values).

    Returns
    -------
    Float64Array
        Means of shape (...), NaN if all values are.
    """
    return divide(np.nansum(values, axis=-1), np.asarray((~np.isnan(values)).sum(-1), np.float64))


def macro_auroc(truth: BoolArray, scores: Float64Array) -> float:
    """Average the AUROC over the labels that have positive and negative records.

    Parameters
    ----------
    truth, scores
        Labels and scores, each of shape (records, labels).

    Returns
    -------
    float
        NaN if there is no such label.
    """
    once = np.ones((1, len(truth)), np.float32)
    aurocs = [Ranking.from_scores(p, y).areas(once)[0] for y, p in zip(truth.T, scores.T, strict=True)]
    return float(mean_defined(np.concatenate(aurocs)))


def fmax(truth: BoolArray, scores: Float64Array) -> float | None:
    """Compute the sample-centric Fmax over the thresholds 0, .01 ... 1.

    A label is predicted at a score of at least the threshold. Precision is averaged over the records with a prediction,
    recall over the records with a label. Fmax is the highest harmonic mean of both. Source: Strodthoff et al. 2021,
    IEEE JBHI 25:1519.

    Parameters
    ----------
    truth, scores
        Labels and scores, each of shape (records, labels).

    Returns
    -------
    float or None
        None if no record has a label.
    """
    labelled = truth.any(1)
    if not labelled.any():
        return None
    best = 0.0
    for threshold in FMAX_THRESHOLDS:
        predicted = scores >= threshold
        correct, number = (predicted & truth).sum(1), predicted.sum(1)
        if correct.any():
            precision = (correct[number > 0] / number[number > 0]).mean()
            recall = (correct[labelled] / truth[labelled].sum(1)).mean()
            best = max(best, float(2 * precision * recall / (precision + recall)))
    return best


def expected_calibration_error(truth: BoolArray, scores: Float64Array) -> float:
    """Compute the ECE of one label's probability, in 15 bins of equal width.

    The ECE is the mean over records of the distance between mean probability and share of positives in the record's
    bin.
    Source: Naeini et al. 2015, AAAI.

    Parameters
    ----------
    truth, scores
        Labels and scores of the records, each of shape (records,).

    Returns
    -------
    float
        Error from 0 to 1.
    """
    bins = np.minimum((scores * ECE_BINS).astype(int), ECE_BINS - 1)
    return float(np.abs(np.bincount(bins, scores - truth, ECE_BINS)).sum() / len(scores))
