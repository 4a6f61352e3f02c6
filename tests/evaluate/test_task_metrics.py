"""One task's numbers against scikit-learn, and what is null when records are wanting."""

from dataclasses import fields

import numpy as np
import pytest
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    brier_score_loss,
    confusion_matrix,
    f1_score,
    precision_score,
    recall_score,
    roc_auc_score,
)

from einthoven.evaluate.evaluation_data import EvaluationData
from einthoven.evaluate.metrics import Headline
from einthoven.evaluate.task_metrics import confusion, task_metrics
from einthoven.evaluate.thresholds import Thresholds

LABELS = ("A", "B", "C")


def metrics_of(data, thresholds, n_resamples):
    """What metrics.json says of the task."""
    return task_metrics(data, thresholds, task="three labels", n_resamples=n_resamples, seed=0).to_dict()


def records(shares, number=400, seed=0):
    rng = np.random.default_rng(seed)
    truth = rng.random((number, len(shares))) < shares
    scores = 1 / (1 + np.exp(-(rng.normal(size=truth.shape) + 2 * truth - 1)))
    return EvaluationData(LABELS[: len(shares)], truth, scores.round(2), rng.integers(0, number // 2, number))


@pytest.fixture(scope="module")
def case():
    validation, test = records([0.5, 0.2, 0.1], seed=1), records([0.5, 0.2, 0.1], seed=2)
    thresholds = Thresholds.fit(validation.truth, validation.scores, "fold 9")
    return test, thresholds, metrics_of(test, thresholds, n_resamples=200)


def headline_by_scikit_learn(data, thresholds):
    result = {
        "macro_auroc": roc_auc_score(data.truth, data.scores),
        "macro_auprc": average_precision_score(data.truth, data.scores),
    }
    for suffix, f1, accuracy in (("", thresholds.f1, thresholds.accuracy), ("_at_0.5", 0.5, 0.5)):
        result[f"macro_f1{suffix}"] = f1_score(data.truth, data.scores >= f1, average="macro")
        given = data.scores >= accuracy
        result[f"global_accuracy{suffix}"] = accuracy_score(data.truth.ravel(), given.ravel())
        result[f"exact_match{suffix}"] = accuracy_score(data.truth, given)
    return result


def test_headline_of_all_and_of_labelled_records(case):
    data, thresholds, metrics = case
    labelled = data.select(data.truth.any(1))
    assert metrics["records"] == 400
    assert 0 < metrics["labelled_only"]["records"] == len(labelled.truth) < 400
    for found, part in ((metrics, data), (metrics["labelled_only"], labelled)):
        expected = headline_by_scikit_learn(part, thresholds)
        assert {name: found[name]["value"] for name in expected} == pytest.approx(expected)
        assert all(found[name]["low"] < found[name]["value"] < found[name]["high"] for name in expected)


def test_each_label(case):
    data, thresholds, metrics = case
    for k, label in enumerate(LABELS):
        truth, scores, found = data.truth[:, k], data.scores[:, k], metrics["per_label"][label]
        given = scores >= thresholds.f1[k]
        tn, fp, fn, tp = confusion_matrix(truth, given).ravel()
        assert [found[name] for name in ("tn", "fp", "fn", "tp")] == [tn, fp, fn, tp]
        assert found["positives"] == tp + fn
        assert found["auroc"]["value"] == pytest.approx(roc_auc_score(truth, scores))
        assert found["auprc"] == pytest.approx(average_precision_score(truth, scores))
        assert found["sensitivity"] == pytest.approx(recall_score(truth, given))
        assert found["specificity"] == pytest.approx(recall_score(~truth, ~given))
        assert found["ppv"] == pytest.approx(precision_score(truth, given))
        assert found["npv"] == pytest.approx(precision_score(~truth, ~given))
        assert found["f1"] == pytest.approx(f1_score(truth, given))
        assert found["accuracy"] == pytest.approx(accuracy_score(truth, given))
        assert found["brier"] == pytest.approx(brier_score_loss(truth, scores))
        assert found["threshold"] == thresholds.f1[k]
        assert found["accuracy_threshold"] == thresholds.accuracy[k]


def test_operating_points_are_what_the_validation_thresholds_attain_on_the_test_records(case):
    data, thresholds, metrics = case
    for k, label in enumerate(LABELS):
        for kind in ("specificity", "sensitivity"):
            for target in ("0.90", "0.95", "0.99"):
                point = metrics["per_label"][label]["operating_points"][kind][target]
                given = data.scores[:, k] >= point["threshold"]
                assert point["threshold"] == thresholds.by_kind()[kind][target][k]
                assert point["sensitivity"]["value"] == given[data.truth[:, k]].mean()
                assert point["specificity"]["value"] == (~given)[~data.truth[:, k]].mean()
                for share in (point["sensitivity"], point["specificity"]):
                    assert 0 <= share["low"] <= share["value"] <= share["high"] <= 1


def test_single_label_records(case):
    data, _, metrics = case
    single = data.truth.sum(1) == 1
    truth, chosen = data.truth[single].argmax(1), data.scores[single].argmax(1)
    found = metrics["single_label"]
    assert found["records"] == single.sum()
    assert found["confusion"] == confusion_matrix(truth, chosen).tolist()
    assert found["accuracy"] == pytest.approx((truth == chosen).mean())
    assert found["accuracy_low"] < found["accuracy"] < found["accuracy_high"]
    assert found["macro_f1"] == pytest.approx(f1_score(truth, chosen, average="macro"))


def test_a_label_without_positives_is_null_named_and_left_out_of_the_macro_averages():
    data = records([0.5, 0.2, 0.0])
    metrics = metrics_of(data, Thresholds.half(3), n_resamples=20)
    assert metrics["labels_left_out"] == ["C"]
    found = metrics["per_label"]["C"]
    assert [found[name] for name in ("auroc", "auprc", "sensitivity", "f1")] == [None] * 4
    assert found["positives"] == 0
    assert found["specificity"] is not None
    two = EvaluationData(LABELS[:2], data.truth[:, :2], data.scores[:, :2], data.patients)
    of_two = metrics_of(two, Thresholds.half(2), n_resamples=20)
    for name in ("macro_auroc", "macro_auprc", "macro_f1", "macro_f1_at_0.5"):
        assert metrics[name] == of_two[name]
    assert metrics["global_accuracy"]["value"] != of_two["global_accuracy"]["value"]


def test_a_task_of_one_label_has_no_single_label_picture_and_one_class_among_its_labelled_records():
    metrics = metrics_of(records([0.3]), Thresholds.half(1), n_resamples=20)
    assert "single_label" not in metrics
    assert metrics["macro_auroc"] is not None
    assert metrics["labelled_only"]["macro_auroc"] is None
    assert metrics["labelled_only"]["global_accuracy"]["value"] == metrics["per_label"]["A"]["sensitivity"]


def test_records_without_any_label():
    metrics = metrics_of(records([0.0, 0.0]), Thresholds.half(2), n_resamples=20)
    assert metrics["labelled_only"] == {"records": 0} | dict.fromkeys(
        [field.metadata.get("json", field.name) for field in fields(Headline)]
    )
    assert metrics["macro_auroc"] is metrics["macro_f1"] is metrics["fmax"] is None
    assert metrics["single_label"]["records"] == 0
    assert metrics["single_label"]["accuracy"] is metrics["single_label"]["macro_f1"] is None
    assert metrics["global_accuracy"]["value"] < 1


def test_without_validation_fold_there_are_no_operating_points():
    metrics = metrics_of(records([0.5, 0.2]), Thresholds.half(2), n_resamples=20)
    assert metrics["per_label"]["A"]["operating_points"] is None
    assert metrics["macro_f1"] == metrics["macro_f1_at_0.5"]
    assert metrics["exact_match"] == metrics["exact_match_at_0.5"]


def test_confusion_of_nothing_given_has_no_ppv():
    found = confusion(np.array([True, False]), np.array([False, False]))
    assert found.ppv is None
    assert found.sensitivity == 0
    assert found.f1 == 0
    assert found.npv == 0.5
