"""The measures against scikit-learn, slow definitions and examples worked out by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import average_precision_score, roc_auc_score

from einthoven.evaluate.array_metrics import (
    Ranking,
    divide,
    expected_calibration_error,
    fmax,
    macro_auroc,
    mean_defined,
)


@st.composite
def ranked_records(draw):
    """Scores with many ties, truths, and whole-number weights for several rounds."""
    n = draw(st.integers(2, 30))
    scores = draw(arrays(np.int64, n, elements=st.integers(0, draw(st.integers(1, 12))))) / 12
    truth = draw(arrays(np.bool_, n))
    weights = draw(arrays(np.int64, (draw(st.integers(1, 3)), n), elements=st.integers(0, 4)))
    return scores, truth, weights


@settings(max_examples=100, deadline=None)
@given(ranked_records())
def test_areas_equal_scikit_learns_with_ties_and_weights(case):
    scores, truth, weights = case
    auroc, auprc = Ranking.from_scores(scores, truth).areas(weights.astype(np.float32))
    for k, weight in enumerate(weights):
        positive, negative = weight[truth].sum() > 0, weight[~truth].sum() > 0
        drawn = np.repeat(np.arange(len(scores)), weight)  # what the weights stand for
        if positive and negative:
            assert auroc[k] == pytest.approx(roc_auc_score(truth[drawn], scores[drawn]), abs=1e-12)
            assert auroc[k] == pytest.approx(roc_auc_score(truth, scores, sample_weight=weight), abs=1e-12)
        else:
            assert np.isnan(auroc[k])
        if positive:
            assert auprc[k] == pytest.approx(average_precision_score(truth[drawn], scores[drawn]), abs=1e-12)
        else:
            assert np.isnan(auprc[k])


@settings(max_examples=100, deadline=None)
@given(ranked_records())
def test_auroc_is_the_chance_that_a_positive_outranks_a_negative(case):
    scores, truth, _ = case
    above = scores[truth][:, None] - scores[~truth]
    (auroc,), _ = Ranking.from_scores(scores, truth).areas(np.ones((1, len(scores)), np.float32))
    expected = (np.sign(above) + 1).mean() / 2 if above.size else np.nan
    assert auroc == pytest.approx(expected, nan_ok=True)


def test_areas_worked_out_by_hand():
    scores = np.array([0.9, 0.8, 0.8, 0.3])
    truth = np.array([True, False, True, False])
    (auroc,), (auprc,) = Ranking.from_scores(scores, truth).areas(np.ones((1, 4), np.float32))
    assert auroc == (1 + 1 + 0.5 + 1) / 4
    assert auprc == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)


def test_areas_stay_exact_for_as_many_records_as_ptbxl_has():
    rng = np.random.default_rng(0)
    truth = rng.random(21799) < 0.4
    scores = rng.normal(size=21799) + truth
    (auroc,), (auprc,) = Ranking.from_scores(scores, truth).areas(np.ones((1, 21799), np.float32))
    assert auroc == pytest.approx(roc_auc_score(truth, scores), abs=1e-13)
    assert auprc == pytest.approx(average_precision_score(truth, scores), abs=1e-13)


def test_macro_auroc_leaves_out_labels_of_one_class():
    rng = np.random.default_rng(0)
    truth = rng.random((50, 4)) < [0.5, 0.2, 0, 1]
    scores = rng.random((50, 4))
    assert macro_auroc(truth, scores) == pytest.approx(roc_auc_score(truth[:, :2], scores[:, :2]))
    assert np.isnan(macro_auroc(truth[:, 2:], scores[:, 2:]))


def test_quotients_and_means_leave_out_what_is_undefined():
    assert divide(np.array([1.0, 2.0]), np.array([0.0, 4.0])) == pytest.approx([np.nan, 0.5], nan_ok=True)
    rows = np.array([[1.0, np.nan, 3.0], [np.nan, np.nan, np.nan]])
    assert mean_defined(rows) == pytest.approx([2.0, np.nan], nan_ok=True)


def slow_fmax(truth, scores):
    best = 0.0
    for threshold in np.linspace(0, 1, 101):
        precisions, recalls = [], []
        for y, p in zip(truth, scores, strict=True):
            said = {k for k in range(len(p)) if p[k] >= threshold}
            has = {k for k in range(len(y)) if y[k]}
            if said:
                precisions.append(len(said & has) / len(said))
            if has:
                recalls.append(len(said & has) / len(has))
        if precisions and sum(precisions) and sum(recalls):
            precision, recall = np.mean(precisions), np.mean(recalls)
            best = max(best, 2 * precision * recall / (precision + recall))
    return best


@settings(max_examples=30, deadline=None)
@given(arrays(np.bool_, (6, 3)), arrays(np.float64, (6, 3), elements=st.floats(0, 1)))
def test_fmax_equals_its_definition(truth, scores):
    assert (fmax(truth, scores) or 0) == pytest.approx(slow_fmax(truth, scores))


def test_fmax_without_any_label_is_undefined():
    assert fmax(np.zeros((3, 2), bool), np.full((3, 2), 0.5)) is None


def test_calibration_error_worked_out_by_hand():
    scores = np.array([0.1, 0.1, 0.1, 0.1, 0.96, 1.0])
    truth = np.array([True, False, False, False, True, True])
    assert expected_calibration_error(truth, scores) == pytest.approx((4 * 0.15 + 2 * 0.02) / 6)


def test_calibration_error_keeps_the_bins_apart():
    # Over and under in different bins must not cancel out; within one bin they do.
    assert expected_calibration_error(np.array([True, False]), np.array([0.2, 0.8])) == pytest.approx(0.8)
    assert expected_calibration_error(np.array([True, False]), np.array([0.501, 0.499])) == pytest.approx(0, abs=1e-9)
