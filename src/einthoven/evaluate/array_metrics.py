"""The measures themselves, on arrays; those that are bootstrapped take a weight for each record."""

from dataclasses import dataclass

import numpy as np

from einthoven.arrays import BoolArray, Float32Array, Float64Array, FloatArray, IndexArray

Weights = Float32Array
"""(n_resamples, records): how often each record was drawn. float32 sums whole numbers exactly up to 2^24."""

ECE_BINS = 15
FMAX_THRESHOLDS = np.linspace(0, 1, 101)


@dataclass(frozen=True)
class Ranking:
    """One label's records by falling score: sorted once, measured under any number of weightings.

    Only scores that some positive record has add to either area, so only these (groups) are kept.
    """

    order: IndexArray
    """(records,) by falling score."""
    positives: IndexArray
    """Places of the positive records in that order."""
    first: IndexArray
    """(groups,) for each score that positives have, its first one among `positives`."""
    start: IndexArray
    """(groups,) the number of records with a higher score."""
    end: IndexArray
    """(groups,) the number of records with this score or a higher one."""

    @classmethod
    def of(cls, scores: Float64Array, truth: BoolArray) -> "Ranking":
        """Rank `scores` (records,) against `truth` (records,)."""
        order = np.argsort(-scores, kind="stable")
        ends = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True)) + 1
        positives = np.flatnonzero(truth[order])
        groups, first = np.unique(np.searchsorted(ends, positives, side="right"), return_index=True)
        return cls(order, positives, first, np.append(0, ends)[groups], ends[groups])

    def areas(self, weights: Weights) -> tuple[Float64Array, Float64Array]:
        """AUROC and average precision, each (n_resamples,), for `weights` (n_resamples, records).

        AUROC counts ties as half (the trapezoid rule); average precision is the sum over distinct scores of
        precision times the gain in recall; both as in scikit-learn. nan where no positive record has weight,
        and for AUROC also where no negative one has.
        """
        if not len(self.positives):
            return np.full(len(weights), np.nan), np.full(len(weights), np.nan)
        ranked = weights[:, self.order]
        above = np.zeros((len(weights), len(self.order) + 1), np.float32)
        np.cumsum(ranked, axis=1, out=above[:, 1:])
        hits = np.add.reduceat(ranked[:, self.positives], self.first, axis=1).astype(np.float64)
        true = np.cumsum(hits, axis=1)
        called, before = above[:, self.end].astype(np.float64), above[:, self.start]
        positive = true[:, -1]
        negative = above[:, -1] - positive
        false = ((called - true) + (before - (true - hits))) / 2  # midway through the ties
        with np.errstate(invalid="ignore"):
            auroc = (hits * (negative[:, None] - false)).sum(1) / (positive * negative)
            precision = np.divide(true, called, out=np.zeros_like(true), where=called > 0)
            return auroc, (hits * precision).sum(1) / positive


def divide(numerator: FloatArray, denominator: FloatArray) -> Float64Array:
    """The quotient in float64, nan where the denominator is 0."""
    out = np.full(np.broadcast_shapes(numerator.shape, denominator.shape), np.nan)
    np.divide(numerator.astype(np.float64), denominator, out=out, where=denominator != 0)
    return out


def mean_defined(values: Float64Array) -> Float64Array:
    """The mean over the last axis, without nan; nan where nothing is left."""
    return divide(np.nansum(values, axis=-1), np.asarray((~np.isnan(values)).sum(-1), np.float64))


def macro_auroc(truth: BoolArray, scores: Float64Array) -> float:
    """The mean AUROC over those labels of (records, labels) with positives and negatives; nan without any."""
    once = np.ones((1, len(truth)), np.float32)
    each = [Ranking.of(p, y).areas(once)[0] for y, p in zip(truth.T, scores.T, strict=True)]
    return float(mean_defined(np.concatenate(each)))


def fmax(truth: BoolArray, scores: Float64Array) -> float | None:
    """Sample-centric Fmax over the thresholds 0, .01 ... 1, for (records, labels).

    At each threshold (a label is given at a score of at least that): precision averaged over the records that
    are given any label, recall averaged over the records that have any, and their harmonic mean; the highest
    of these. None when no record has a label. Source: Strodthoff et al. 2021, IEEE JBHI 25:1519.
    """
    labelled = truth.any(1)
    if not labelled.any():
        return None
    best = 0.0
    for threshold in FMAX_THRESHOLDS:
        given = scores >= threshold
        right, number = (given & truth).sum(1), given.sum(1)
        if right.any():
            precision = (right[number > 0] / number[number > 0]).mean()
            recall = (right[labelled] / truth[labelled].sum(1)).mean()
            best = max(best, float(2 * precision * recall / (precision + recall)))
    return best


def expected_calibration_error(truth: BoolArray, scores: Float64Array) -> float:
    """ECE of the positive-class probability in 15 equal-width bins, for one label's (records,).

    The mean over records of the distance between mean probability and share of positives in the record's bin.
    Source: Naeini et al. 2015, AAAI.
    """
    bins = np.minimum((scores * ECE_BINS).astype(int), ECE_BINS - 1)
    return float(np.abs(np.bincount(bins, scores - truth, ECE_BINS)).sum() / len(scores))
