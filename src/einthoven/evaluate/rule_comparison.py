"""Compare a yes-or-no rule with a model's score at the rule's own specificity, on the same records."""

from dataclasses import dataclass

import numpy as np

from einthoven.arrays import BoolArray, Float64Array, Int64Array
from einthoven.evaluate.array_metrics import Weights, divide
from einthoven.evaluate.bootstrap import Estimates, Statistic, bootstrap, p_value
from einthoven.evaluate.thresholds import at_specificity
from einthoven.model.figures import Interval
from einthoven.model.json_fields import JsonFields

_TOLERANCE = 1e-3  # of sums of weights, which are whole numbers


@dataclass(frozen=True)
class Agreement(JsonFields):
    """Number of records that each of two methods finds."""

    both: int
    only_rule: int
    only_model: int
    neither: int


@dataclass(frozen=True)
class RuleComparison(JsonFields):
    """A rule and a model on the same records; the model has the threshold at which it is as specific as the rule."""

    rule_sensitivity: Interval | None
    rule_specificity: Interval | None
    threshold: float
    """Lowest threshold at which the model is at least as specific as the rule on these records."""
    model_sensitivity: Interval | None
    difference: Interval | None
    """Difference of the sensitivities, model minus rule."""
    p_value: float
    """Two-sided p-value for the hypothesis of no difference."""
    positives: Agreement
    negatives: Agreement
    """False positives of each."""
    found_of_missed_by_rule: Interval | None
    """Share of the positives that the rule misses and the model finds."""
    found_of_missed_by_model: Interval | None
    """Share of the positives that the model misses and the rule finds."""


def compare_with_rule(
    truth: BoolArray,
    met: BoolArray,
    scores: Float64Array,
    patients: Int64Array,
    *,
    n_resamples: int = 1000,
    seed: int = 0,
) -> RuleComparison:
    """Compare a rule with a model at the rule's specificity.

    In every resample the model's threshold is chosen again: the lowest at which it has no more false positives than
    the rule. Intervals are 95 % percentile intervals of the bootstrap over patients.

    Parameters
    ----------
    truth
        Boolean mask (records,) of positive records.
    met
        Boolean mask (records,) of records in which the rule is met.
    scores
        Scores of the model, shape (records,).
    patients
        Patient of each record, shape (records,).
    n_resamples, seed
        Number of bootstrap resamples, and seed of the random number generator.

    Returns
    -------
    RuleComparison
        Sensitivities, their difference, and how often one is right and the other wrong.

    Raises
    ------
    ValueError
        If no record is positive, or none is negative.
    """
    if truth.all() or not truth.any():
        raise ValueError("a comparison needs positive and negative records")
    threshold = threshold_at_rule(truth, met, scores)
    predicted = scores >= threshold
    required = np.stack([truth, ~truth], axis=1)
    statistic = _statistic(truth, met, scores)
    estimates = bootstrap(statistic, patients, required, n_resamples=n_resamples, seed=seed)
    return RuleComparison(
        rule_sensitivity=estimates.interval("rule_sensitivity"),
        rule_specificity=estimates.interval("rule_specificity"),
        threshold=threshold,
        model_sensitivity=estimates.interval("model_sensitivity"),
        difference=estimates.interval("difference"),
        p_value=p_value(estimates.samples["difference"]),
        positives=_agreement(met[truth], predicted[truth]),
        negatives=_agreement(met[~truth], predicted[~truth]),
        found_of_missed_by_rule=estimates.interval("found_of_missed_by_rule"),
        found_of_missed_by_model=estimates.interval("found_of_missed_by_model"),
    )


def threshold_at_rule(truth: BoolArray, met: BoolArray, scores: Float64Array) -> float:
    """Find the lowest threshold at which a model is at least as specific as a rule.

    Parameters
    ----------
    truth, met, scores
        Arguments of shape (records,), as for `compare_with_rule`.

    Returns
    -------
    float
        The lowest score if the rule is met in all negative records.
    """
    if met[~truth].all():
        return float(scores.min())
    return at_specificity(truth, scores, float(1 - met[~truth].mean()))


def rates_of(
    truth: BoolArray, predicted: BoolArray, patients: Int64Array, *, n_resamples: int = 1000, seed: int = 0
) -> tuple[Interval | None, Interval | None]:
    """Compute sensitivity and specificity of yes-or-no answers.

    Parameters
    ----------
    truth, predicted
        True and predicted labels of the records, each of shape (records,).
    patients
        Patient of each record, shape (records,).
    n_resamples, seed
        Number of bootstrap resamples, and seed of the random number generator.

    Returns
    -------
    tuple of Interval
        Sensitivity and specificity, each None if undefined.
    """

    def statistic(weights: Weights) -> dict[str, Float64Array]:
        return {
            "sensitivity": divide(weights @ (truth & predicted), weights @ truth),
            "specificity": divide(weights @ (~truth & ~predicted), weights @ ~truth),
        }

    required = np.stack([mask for mask in (truth, ~truth) if mask.any()], axis=1)
    estimates: Estimates = bootstrap(statistic, patients, required, n_resamples=n_resamples, seed=seed)
    return estimates.interval("sensitivity"), estimates.interval("specificity")


def _statistic(truth: BoolArray, met: BoolArray, scores: Float64Array) -> Statistic:
    order = np.argsort(-scores, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))  # the last record of each distinct score

    def found(weights: Weights, mask: BoolArray) -> Float64Array:
        """Return the weight of the records of `mask` with at least each distinct score: (resamples, 1 + scores)."""
        sums = np.cumsum((weights * mask)[:, order], axis=1, dtype=np.float64)[:, ends]
        return np.concatenate([np.zeros((len(weights), 1)), sums], axis=1)

    def statistic(weights: Weights) -> dict[str, Float64Array]:
        false_of_rule = weights @ (met & ~truth)
        allowed = found(weights, ~truth) <= false_of_rule[:, None] + _TOLERANCE
        last = allowed.sum(1, keepdims=True) - 1

        def by_model(mask: BoolArray) -> Float64Array:
            return np.asarray(np.take_along_axis(found(weights, mask), last, axis=1)[:, 0])

        positives, hits, missed = weights @ truth, weights @ (truth & met), weights @ (truth & ~met)
        both, only_model = by_model(truth & met), by_model(truth & ~met)
        rule, model = divide(hits, positives), divide(both + only_model, positives)
        return {
            "rule_sensitivity": rule,
            "rule_specificity": 1 - divide(false_of_rule, weights @ ~truth),
            "model_sensitivity": model,
            "difference": model - rule,
            "found_of_missed_by_rule": divide(only_model, missed),
            "found_of_missed_by_model": divide(hits - both, positives - both - only_model),
        }

    return statistic


def _agreement(met: BoolArray, predicted: BoolArray) -> Agreement:
    return Agreement(
        both=int((met & predicted).sum()),
        only_rule=int((met & ~predicted).sum()),
        only_model=int((~met & predicted).sum()),
        neither=int((~met & ~predicted).sum()),
    )
