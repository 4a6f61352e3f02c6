"""A rule and a model's score at the rule's specificity."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from einthoven.evaluate.rule_comparison import compare_with_rule, rates_of


@pytest.fixture(scope="module")
def records():
    """1,500 records of 900 patients: a rule of sensitivity .4 and specificity .95, and a better score."""
    rng = np.random.default_rng(3)
    truth = rng.random(1500) < 0.2
    met = np.where(truth, rng.random(1500) < 0.4, rng.random(1500) < 0.05)
    return truth, met, np.round(rng.normal(1.8 * truth), 2), rng.integers(0, 900, 1500)


def test_the_model_is_as_specific_as_the_rule_and_as_sensitive_as_it_can_be(records):
    truth, met, scores, patients = records
    found = compare_with_rule(truth, met, scores, patients, n_resamples=50)
    false = (met & ~truth).sum()
    assert ((scores >= found.threshold) & ~truth).sum() <= false
    lower = np.unique(scores)[np.searchsorted(np.unique(scores), found.threshold) - 1]
    assert ((scores >= lower) & ~truth).sum() > false  # the next lower score has too many false positives
    assert found.rule_sensitivity.value == pytest.approx(met[truth].mean())
    assert found.rule_specificity.value == pytest.approx(1 - met[~truth].mean())
    assert found.model_sensitivity.value == pytest.approx((scores[truth] >= found.threshold).mean())
    assert found.difference.value == pytest.approx(found.model_sensitivity.value - found.rule_sensitivity.value)
    assert found.difference.low < found.difference.value < found.difference.high


def test_who_is_right_where_the_other_is_wrong_adds_up(records):
    truth, met, scores, patients = records
    found = compare_with_rule(truth, met, scores, patients, n_resamples=50)
    yes, no = found.positives, found.negatives
    assert yes.both + yes.only_rule == met[truth].sum()
    assert yes.both + yes.only_rule + yes.only_model + yes.neither == truth.sum()
    assert no.both + no.only_rule == met[~truth].sum()
    assert no.both + no.only_model <= no.both + no.only_rule
    missed_by_rule = yes.only_model + yes.neither
    assert found.found_of_missed_by_rule.value == pytest.approx(yes.only_model / missed_by_rule)
    missed_by_model = yes.only_rule + yes.neither
    assert found.found_of_missed_by_model.value == pytest.approx(yes.only_rule / missed_by_model)


def test_a_score_that_is_the_rule_does_not_differ_from_it(records):
    truth, met, _, patients = records
    found = compare_with_rule(truth, met, met.astype(float), patients, n_resamples=50)
    assert (found.difference.value, found.difference.low, found.difference.high) == (0, 0, 0)
    assert found.p_value == 1
    assert (found.positives.only_rule, found.positives.only_model) == (0, 0)


def test_a_better_score_is_better_beyond_chance_and_a_worthless_one_is_worse(records):
    truth, met, scores, patients = records
    assert compare_with_rule(truth, met, scores, patients, n_resamples=200).difference.low > 0
    noise = np.random.default_rng(0).random(len(truth))
    assert compare_with_rule(truth, met, noise, patients, n_resamples=200).difference.high < 0


def test_a_rule_that_is_never_met_leaves_the_model_no_false_positive(records):
    truth, _, scores, patients = records
    found = compare_with_rule(truth, np.zeros_like(truth), scores, patients, n_resamples=20)
    assert found.rule_sensitivity.value == 0
    assert found.rule_specificity.value == 1
    assert found.negatives.only_model == 0
    assert found.model_sensitivity.value == pytest.approx((scores[truth] > scores[~truth].max()).mean())


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 4)), min_size=2, max_size=40))
def test_ties_never_cost_specificity(drawn):
    truth, met, scores = (np.array(column) for column in zip(*drawn, strict=True))
    if truth.all() or not truth.any():
        with pytest.raises(ValueError, match="positive and negative"):
            compare_with_rule(truth, met, scores.astype(float), np.arange(len(truth)), n_resamples=1)
        return
    found = compare_with_rule(truth, met, scores.astype(float), np.arange(len(truth)), n_resamples=5)
    predicted = scores >= found.threshold
    assert (predicted & ~truth).sum() <= (met & ~truth).sum()
    assert found.model_sensitivity.value == pytest.approx(predicted[truth].mean())


def test_sensitivity_and_specificity_of_answers():
    truth = np.array([True, True, True, True, False, False])
    predicted = np.array([True, True, True, False, False, True])
    sensitivity, specificity = rates_of(truth, predicted, np.arange(6), n_resamples=100)
    assert (sensitivity.value, specificity.value) == (0.75, 0.5)
    assert sensitivity.low < 0.75 <= sensitivity.high
    assert rates_of(truth[:4], predicted[:4], np.arange(4), n_resamples=10)[1] is None
