"""The bootstrap against a slow one, its coverage, its redraws; Wilson's interval against scipy's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import roc_auc_score

from einthoven.evaluate.array_metrics import Ranking, divide
from einthoven.evaluate.bootstrap import bootstrap, p_value, wilson
from einthoven.model.figures import Interval


def clustered(rng, patients=120, records=200):
    """Records of patients, a truth and scores that share something within a patient."""
    patient = rng.integers(0, patients, records) * 7
    truth = rng.random(records) < 0.3
    scores = rng.normal(size=records) + truth + rng.normal(size=patients * 7)[patient]
    return patient, truth, scores


def classes(truth):
    return np.stack([truth, ~truth], axis=1)


def weights_of(patients, present, n_resamples, seed=0):
    drawn = bootstrap(lambda w: {"w": w.astype(float)}, patients, present, n_resamples=n_resamples, seed=seed)
    return drawn.samples["w"]


def test_a_round_draws_as_many_patients_as_there_are_each_with_all_records():
    patients, truth, _ = clustered(np.random.default_rng(0))
    weights = weights_of(patients, classes(truth), 500)
    numbers, first = np.unique(patients, return_index=True)
    for number in numbers:
        assert (np.ptp(weights[:, patients == number], axis=1) == 0).all()
    assert (weights[:, first].sum(1) == len(numbers)).all()
    # Every patient is drawn once on average, with the variance of a multinomial draw.
    assert weights[:, first].mean(0) == pytest.approx(1, abs=0.25)
    assert weights[:, first].var() == pytest.approx(1 - 1 / len(numbers), abs=0.05)


def test_statistics_equal_those_of_the_drawn_records():
    patients, truth, scores = clustered(np.random.default_rng(0))
    ranking = Ranking.from_scores(scores, truth)
    estimates = bootstrap(
        lambda w: {"auroc": ranking.areas(w)[0], "w": w.astype(float)}, patients, classes(truth), n_resamples=50
    )
    assert estimates.values["auroc"] == pytest.approx(roc_auc_score(truth, scores))
    for auroc, weight in zip(estimates.samples["auroc"], estimates.samples["w"], strict=True):
        drawn = np.repeat(np.arange(len(truth)), weight.astype(int))
        assert auroc == pytest.approx(roc_auc_score(truth[drawn], scores[drawn]))


def test_interval_equals_a_slow_straightforward_bootstraps():
    patients, truth, scores = clustered(np.random.default_rng(3))
    ranking = Ranking.from_scores(scores, truth)
    interval = bootstrap(lambda w: {"auroc": ranking.areas(w)[0]}, patients, classes(truth), n_resamples=4000).interval(
        "auroc"
    )
    rng, samples = np.random.default_rng(99), []
    numbers = np.unique(patients)
    for _ in range(1500):
        drawn = np.concatenate([np.flatnonzero(patients == p) for p in rng.choice(numbers, len(numbers))])
        positive, negative = scores[drawn][truth[drawn]], scores[drawn][~truth[drawn]]
        samples.append((positive[:, None] > negative).mean())
    low, high = np.percentile(samples, [2.5, 97.5])
    tolerance = 0.12 * (high - low)
    assert interval.low == pytest.approx(low, abs=tolerance)
    assert interval.high == pytest.approx(high, abs=tolerance)


def test_intervals_cover_the_truth_as_often_as_they_say_although_records_of_a_patient_agree():
    # Four equal records a patient: a bootstrap over records would cover only some 67 %.
    rng, covered, repeats = np.random.default_rng(0), 0, 300
    patients = np.repeat(np.arange(80), 4)
    anything = np.ones((len(patients), 1), bool)
    for seed in range(repeats):
        right = np.repeat(rng.random(80) < 0.6, 4).astype(np.float32)
        interval = bootstrap(
            lambda w, right=right: {"share": divide(w @ right, w.sum(1))},
            patients,
            anything,
            n_resamples=300,
            seed=seed,
        ).interval("share")
        covered += interval.low <= 0.6 <= interval.high
    assert 0.90 <= covered / repeats <= 0.98


def test_the_same_seed_gives_the_same_rounds_and_another_one_others():
    patients, truth, _ = clustered(np.random.default_rng(0))
    first, again, other = (weights_of(patients, classes(truth), 30, seed) for seed in (0, 0, 1))
    assert (first == again).all()
    assert (first != other).any()


def test_rounds_without_a_positive_are_drawn_again():
    patients = np.arange(40)
    truth = patients == 17
    weights = weights_of(patients, classes(truth), 400)
    assert len(weights) == 400
    assert (weights[:, 17] > 0).all()


def test_where_redrawing_does_not_end_the_rounds_stay_incomplete_and_are_counted():
    patients = np.arange(24)
    truth = np.eye(24, dtype=bool)  # every patient alone has a label: only a draw of all of them is complete

    def statistic(weights):
        return {"positives": np.where(weights[:, :3] > 0, 1.0, np.nan)}

    estimates = bootstrap(statistic, patients, truth, n_resamples=20)
    assert estimates.incomplete_resamples == 20
    assert estimates.samples["positives"].shape == (20, 3)
    assert np.isnan(estimates.samples["positives"]).any()
    assert estimates.interval("positives", 0) == Interval(1.0, 1.0, 1.0)


def test_what_is_undefined_on_the_records_themselves_has_no_interval():
    estimates = bootstrap(lambda w: {"x": np.full(len(w), np.nan)}, np.arange(5), np.ones((5, 1), bool), n_resamples=10)
    assert estimates.interval("x") is None


def test_more_records_than_a_chunk_holds():
    patients = np.arange(300_000)
    weights = bootstrap(
        lambda w: {"sum": w.sum(1, dtype=float)}, patients, np.ones((300_000, 1), bool), n_resamples=2
    ).samples["sum"]
    assert (weights == 300_000).all()


@settings(deadline=None)
@given(st.integers(0, 40), st.integers(1, 40))
def test_wilson_equals_scipys(hits, number):
    hits = min(hits, number)
    expected = binomtest(hits, number).proportion_ci(method="wilson")
    found = wilson(hits, number)
    assert found.value == hits / number
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_wilson_of_nothing_is_undefined():
    assert wilson(0, 0) is None


def test_p_value():
    assert p_value(np.full(999, 0.1)) == pytest.approx(2 / 1000)
    assert p_value(np.zeros(999)) == 1
    assert p_value(np.r_[np.full(990, -1.0), np.full(9, 1.0), np.nan]) == pytest.approx(2 * 10 / 1000)
