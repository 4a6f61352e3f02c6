"""Thresholds against trying out every one."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import accuracy_score, f1_score

from einthoven.evaluate.thresholds import (
    NEVER,
    TARGETS,
    Thresholds,
    at_sensitivity,
    at_specificity,
    highest_accuracy,
    highest_f1,
)

NUMBER = st.shared(st.integers(1, 40), key="records")
TRUTH = NUMBER.flatmap(lambda n: arrays(np.bool_, n))
SCORES = NUMBER.flatmap(lambda n: arrays(np.int64, n, elements=st.integers(0, 15))).map(lambda x: x / 16)
TARGET = st.sampled_from(sorted(TARGETS.values()))


@settings(max_examples=60, deadline=None)
@given(TRUTH, SCORES)
def test_highest_f1_is_the_lowest_of_the_best(truth, scores):
    assume(truth.any())
    values = {t: f1_score(truth, scores >= t) for t in np.unique(scores)}
    best = [t for t, value in values.items() if value == pytest.approx(max(values.values()), abs=1e-12)]
    assert highest_f1(truth, scores) == min(best)


@settings(max_examples=60, deadline=None)
@given(TRUTH, SCORES)
def test_highest_accuracy_is_the_lowest_of_the_best_and_may_be_never(truth, scores):
    values = {t: accuracy_score(truth, scores >= t) for t in [*np.unique(scores), NEVER]}
    best = [t for t, value in values.items() if value == pytest.approx(max(values.values()), abs=1e-12)]
    assert highest_accuracy(truth, scores) == min(best)


@settings(max_examples=60, deadline=None)
@given(TRUTH, SCORES, TARGET)
def test_specificity_is_attained_and_by_no_lower_threshold(truth, scores, target):
    assume(not truth.all())
    threshold = at_specificity(truth, scores, target)
    assert (scores < threshold)[~truth].mean() >= target - 1e-9
    assert (scores < np.nextafter(threshold, 0))[~truth].mean() < target


@settings(max_examples=60, deadline=None)
@given(TRUTH, SCORES, TARGET)
def test_sensitivity_is_attained_and_by_no_higher_threshold(truth, scores, target):
    assume(truth.any())
    threshold = at_sensitivity(truth, scores, target)
    assert (scores >= threshold)[truth].mean() >= target - 1e-9
    assert (scores >= np.nextafter(threshold, 1))[truth].mean() < target


def test_a_share_that_is_a_whole_number_of_records_costs_no_further_one():
    scores = np.arange(1, 21) / 21  # .95 * 20 is 19 and not 19.000000000000004
    assert at_specificity(np.zeros(20, bool), scores, 0.95) == np.nextafter(scores[18], 1)
    assert at_sensitivity(np.ones(20, bool), scores, 0.95) == scores[1]


def test_labels_of_one_class_have_what_can_be_had():
    truth = np.array([[False, True], [False, True]])
    scores = np.array([[0.2, 0.3], [0.6, 0.4]])
    thresholds = Thresholds.fit(truth, scores, "fold 9")
    assert thresholds.f1.tolist() == [0.5, 0.3]
    assert thresholds.accuracy.tolist() == [NEVER, 0.3]  # never, always
    assert np.isnan(thresholds.sensitivity["0.90"]).tolist() == [True, False]
    assert np.isnan(thresholds.specificity["0.90"]).tolist() == [False, True]


def test_without_validation_fold_thresholds_are_a_half_and_say_so():
    thresholds = Thresholds.half(3)
    assert thresholds.f1.tolist() == thresholds.accuracy.tolist() == [0.5] * 3
    assert thresholds.specificity == thresholds.sensitivity == {}
    assert "no validation fold" in thresholds.source


def test_never_is_above_every_probability() -> None:
    scores = np.array([1.0, 1.0])
    assert not (scores >= highest_accuracy(np.array([False, False]), scores)).any()
