"""Calibration against known truth, and against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from einthoven.model.calibration import Calibration, fit, logit, sigmoid


def drawn(slope: float, intercept: float, records: int = 20_000, seed: int = 0):
    """Scores, and a truth for which `slope` and `intercept` are the right calibration."""
    rng = np.random.default_rng(seed)
    scores = sigmoid(rng.normal(-1, 2, records))
    return rng.random(records) < sigmoid(slope * logit(scores) + intercept), scores


@pytest.mark.parametrize(("slope", "intercept"), [(1.0, 0.0), (0.5, -1.0), (1.8, 0.7)])
def test_finds_the_calibration_that_was_drawn_from(slope, intercept):
    fitted = fit(*drawn(slope, intercept))
    assert fitted.slope == pytest.approx(slope, abs=0.08)
    assert fitted.intercept == pytest.approx(intercept, abs=0.08)


def test_unsmoothed_equals_logistic_regression():
    truth, scores = drawn(0.7, 0.3, records=500)
    reference = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(logit(scores)[:, None], truth)
    fitted = fit(truth, scores, smooth=False)
    assert fitted.slope == pytest.approx(reference.coef_[0, 0], rel=1e-4)
    assert fitted.intercept == pytest.approx(reference.intercept_[0], rel=1e-4)


def test_scores_that_part_the_records_keep_a_finite_slope():
    truth = np.arange(60) >= 40
    fitted = fit(truth, np.where(truth, 0.9, 0.1))
    assert 0 < fitted.slope < 10
    assert np.isfinite(fitted.intercept)


def test_scores_that_rank_wrongly_keep_their_order_and_say_the_share_of_positives():
    truth = np.arange(100) >= 80
    score = np.linspace(0.9, 0.1, 100)
    calibration = fit(truth, score)
    found = calibration(score)
    assert (np.diff(found) < 0).all()
    assert np.ptp(found) < 0.01
    assert found.mean() == pytest.approx(0.2, abs=0.01)
    assert fit(truth, score, smooth=False).slope < 0  # a measured slope may say so


def test_needs_both_kinds_of_records():
    with pytest.raises(ValueError, match="positive and negative"):
        fit(np.ones(5, bool), np.full(5, 0.5))


@given(
    st.floats(0.01, 5),
    st.floats(-5, 5),
    st.lists(st.floats(0, 1), min_size=2, max_size=20),
)
def test_keeps_order_and_range(slope, intercept, scores):
    before = np.array(scores)
    after = Calibration(slope, intercept)(before)
    assert ((after >= 0) & (after <= 1)).all()
    assert (np.diff(after[np.argsort(before, kind="stable")]) >= 0).all()


@given(st.floats(-700, 700))
def test_sigmoid_never_overflows(z):
    with np.errstate(all="raise", under="ignore"):
        assert 0 <= sigmoid(np.array(z)) <= 1
