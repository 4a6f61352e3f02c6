"""The known figures of a published xresnet1d101 on PTB-XL 1.0.1, from its stored predictions.

Strodthoff et al. 2021 published its labels and predictions for folds 9 and 10; the figures were computed
with other code than this. Superclass scores are 1 - prod(1 - p) over the member statements.
"""

from pathlib import Path

import numpy as np
import pytest

from einthoven.datasets.annotations import Annotations
from einthoven.evaluate.array_metrics import expected_calibration_error, fmax, macro_auroc
from einthoven.evaluate.evaluation_data import EvaluationData
from einthoven.evaluate.predictions import Predictions, label_scores
from einthoven.evaluate.task_metrics import task_metrics
from einthoven.evaluate.thresholds import Thresholds
from einthoven.ptbxl.annotations import SUPERCLASSES


@pytest.fixture(scope="module")
def stored(test_data: Path) -> dict[str, np.ndarray]:
    with np.load(test_data / "benchmark" / "xresnet1d101_statements.npz") as file:
        return dict(file)


@pytest.fixture(scope="module")
def superclass(stored, test_data):
    """Truth and scores of the five superclasses on folds 9 and 10."""
    annotations = Annotations.read(test_data / "ptbxl")
    statements = tuple(str(name) for name in stored["statements"])
    result = {}
    for part in ("val", "test"):
        y, p = stored[f"y_{part}"].astype(bool), stored[f"p_{part}"].astype(np.float64)
        members = [[name in annotations.members(label) for name in statements] for label in SUPERCLASSES]
        truth = np.stack([y[:, of_label].any(1) for of_label in members], axis=1)
        scores = label_scores(Predictions(np.arange(len(p)), statements, p), annotations, SUPERCLASSES)
        result[part] = EvaluationData(SUPERCLASSES, truth, scores, np.arange(len(p)))
    return result


@pytest.fixture(scope="module")
def metrics(superclass):
    validation = superclass["val"]
    thresholds = Thresholds.fit(validation.truth, validation.scores, "fold 9")
    return task_metrics(superclass["test"], thresholds, task="superclass", n_resamples=50, seed=0).to_dict()


def test_statements(stored):
    truth, scores = stored["y_test"].astype(bool), stored["p_test"].astype(np.float64)
    assert round(macro_auroc(truth, scores), 7) == 0.9254359
    assert round(fmax(truth, scores), 4) == 0.7641


def test_superclasses_of_the_records_that_have_one(superclass, metrics):
    labelled = metrics["labelled_only"]
    assert labelled["records"] == 2163
    assert round(labelled["macro_auroc"]["value"], 4) == 0.9321
    assert round(labelled["macro_auprc"]["value"], 3) == 0.827
    assert round(labelled["macro_f1_at_0.5"]["value"], 4) == 0.7527
    assert round(labelled["global_accuracy_at_0.5"]["value"], 4) == 0.8887
    assert round(labelled["exact_match_at_0.5"]["value"], 4) == 0.6177
    data = superclass["test"]
    data = data.select(data.truth.any(1))
    each = [macro_auroc(data.truth[:, [k]], data.scores[:, [k]]) for k in range(5)]
    assert [round(value, 3) for value in each] == [0.950, 0.939, 0.936, 0.929, 0.906]
    ece = [expected_calibration_error(data.truth[:, k], data.scores[:, k]) for k in range(5)]
    assert [round(value, 3) for value in ece] == [0.095, 0.032, 0.026, 0.029, 0.017]


def test_superclasses_of_all_records(metrics):
    assert metrics["records"] == 2203
    assert round(metrics["global_accuracy_at_0.5"]["value"], 4) == 0.8881
    assert round(metrics["global_accuracy"]["value"], 3) == 0.892
    assert round(metrics["per_label"]["MI"]["auroc"]["value"], 3) == 0.937


def test_argmax_over_single_superclass_records(metrics):
    assert metrics["single_label"]["records"] == 1652
    assert round(metrics["single_label"]["accuracy"], 3) == 0.809


def test_mi_at_thresholds_from_fold_9(metrics):
    points = metrics["per_label"]["MI"]["operating_points"]["specificity"]
    attained = [
        (round(points[target]["sensitivity"]["value"], 3), points[target]["specificity"]["value"])
        for target in ("0.90", "0.95", "0.99")
    ]
    assert [sensitivity for sensitivity, _ in attained] == [0.797, 0.676, 0.420]
    assert [specificity for _, specificity in attained] == pytest.approx([0.90, 0.945, 0.99], abs=0.0025)


def test_mi_against_norm(superclass):
    data = superclass["test"]
    two = data.select(data.truth[:, 0] ^ data.truth[:, 1])
    assert round(macro_auroc(two.truth[:, [1]], two.scores[:, [1]]), 3) == 0.967


def test_intervals_are_as_wide_as_published(superclass):
    # About .007 for the superclasses' macro AUROC on fold 10, .010 for MI.
    data = superclass["test"]
    half = Thresholds.half(5)
    found = task_metrics(data, half, task="superclass", n_resamples=1000, seed=0).to_dict()
    macro, mi = found["macro_auroc"], found["per_label"]["MI"]["auroc"]
    assert (macro["high"] - macro["low"]) / 2 == pytest.approx(0.007, abs=0.001)
    assert (mi["high"] - mi["low"]) / 2 == pytest.approx(0.010, abs=0.0015)
