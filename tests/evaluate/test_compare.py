"""Paired differences between two models."""

import dataclasses

import numpy as np
import pytest
from rich.console import Console
from simulated_predictions import predict
from sklearn.metrics import average_precision_score, roc_auc_score

from einthoven.errors import EinthovenError
from einthoven.evaluate.compare import compare
from einthoven.evaluate.evaluation_data import fold_rows
from einthoven.evaluate.metrics import LabelComparison
from einthoven.evaluate.predictions import Predictions
from einthoven.evaluate.tables import comparison_table
from einthoven.model.figures import Interval
from einthoven.ptbxl.annotations import SUPERCLASSES


@pytest.fixture(scope="module")
def models(annotations):
    """A better model and a worse one that errs mostly where the better one does."""
    better = predict(annotations, SUPERCLASSES)
    noise = np.random.default_rng(5).normal(size=better.probabilities.shape)
    logits = np.log(better.probabilities / (1 - better.probabilities)) + noise
    return dataclasses.replace(better, probabilities=1 / (1 + np.exp(-logits))), better


def test_figures_are_those_of_each_and_their_difference(annotations, models):
    worse, better = models
    found = compare(worse, better, annotations, n_resamples=200)
    rows = fold_rows(annotations, [10])
    truth = annotations.labels(SUPERCLASSES)[rows]
    a, b = worse.probabilities[rows], better.probabilities[rows]
    assert found.records == len(rows)
    macro = found.macro_auroc
    assert macro.a == pytest.approx(roc_auc_score(truth, a))
    assert macro.b == pytest.approx(roc_auc_score(truth, b))
    assert macro.difference.value == pytest.approx(macro.b - macro.a)
    auprc = average_precision_score(truth, b) - average_precision_score(truth, a)
    assert found.macro_auprc.difference.value == pytest.approx(auprc)
    hyp = found.per_label["HYP"]
    assert hyp.positives == truth[:, 4].sum()
    assert hyp.auroc.b == pytest.approx(roc_auc_score(truth[:, 4], b[:, 4]))
    assert 0 < macro.difference.low < macro.difference.high
    assert macro.p_value == pytest.approx(2 / 201)


def test_turned_round_it_says_the_opposite(annotations, models):
    worse, better = models
    one = compare(worse, better, annotations, n_resamples=100).macro_auroc
    other = compare(better, worse, annotations, n_resamples=100).macro_auroc
    assert other.difference.value == -one.difference.value
    assert other.difference.low == pytest.approx(-one.difference.high)
    assert other.p_value == one.p_value


def test_a_model_does_not_differ_from_itself(annotations, models):
    found = compare(models[0], models[0], annotations, n_resamples=50)
    assert found.macro_auroc.difference == Interval(0, 0, 0)
    assert found.macro_auroc.p_value == 1


def test_pairing_makes_the_interval_narrower_than_that_of_unrelated_models(annotations, models):
    worse, better = models
    stranger = predict(annotations, SUPERCLASSES, seed=77)

    def width(a, b):
        difference = compare(a, b, annotations, n_resamples=300).macro_auroc.difference
        return difference.high - difference.low

    assert width(worse, better) < 0.8 * width(stranger, better)


def test_equal_models_differ_significantly_about_as_often_as_chance_has_it(annotations):
    p_values = [
        compare(
            predict(annotations, ("MI",), seed=2 * k),
            predict(annotations, ("MI",), seed=2 * k + 1),
            annotations,
            task="mi",
            n_resamples=200,
            seed=k,
        ).macro_auroc.p_value
        for k in range(60)
    ]
    assert np.mean(np.array(p_values) < 0.05) <= 0.15
    assert 0.3 < np.mean(p_values) < 0.7


def test_only_records_that_both_predicted_count(annotations, models):
    worse, better = models
    ids = annotations.ecg_ids[fold_rows(annotations, [10])]
    a, b = worse.select(ids[5:]), better.select(ids[::-1][3:])
    found = compare(a, b, annotations, n_resamples=20)
    assert found.records == len(ids) - 8
    both = ids[5:-3]
    assert found == compare(worse.select(both), better.select(both), annotations, n_resamples=20)


def test_a_model_of_statements_is_compared_on_superclasses(annotations, models, statements):
    found = compare(models[0], statements, annotations, n_resamples=20)
    assert found.macro_auroc.b > 0.5


def test_what_cannot_be_compared_is_refused(annotations, models):
    ids = annotations.ecg_ids[fold_rows(annotations, [10])]
    a = dataclasses.replace(models[0].select(ids[:9]), name="first.csv")
    b = dataclasses.replace(models[1].select(ids[9:]), name="second.csv")
    with pytest.raises(EinthovenError, match=r"first\.csv and second\.csv share no record"):
        compare(a, b, annotations)
    with pytest.raises(EinthovenError, match=r"first\.csv: not all of the labels"):
        compare(a, a, annotations, task="rhythm")
    with pytest.raises(EinthovenError, match="no task 'rythm'"):
        compare(a, a, annotations, task="rythm")


def test_the_table_names_both_models_and_shows_dashes_for_what_is_undefined(annotations):
    ids = annotations.ecg_ids[fold_rows(annotations, [10])]
    without = ids[~annotations.labels(("LVH",))[fold_rows(annotations, [10]), 0]]
    predictions = predict(annotations, SUPERCLASSES).select(without)
    found = compare(predictions, predictions, annotations, n_resamples=20)
    assert found.per_label["HYP"] == LabelComparison(0, None)
    console = Console(width=120, record=True, markup=False)  # as `print_table` has it
    console.print(comparison_table(found, "[bold]first", "second"))
    text = console.export_text()
    assert "second" in text
    assert "[bold]first" in text
    assert "HYP AUROC" in text
    assert "–" in text
    assert isinstance(predictions, Predictions)
