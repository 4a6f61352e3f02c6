"""The measurement layer: it corrects the scores of what is read from the beats, and only if these can be measured."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from einthoven.datasets.dataset import Dataset
from einthoven.errors import EinthovenError
from einthoven.evaluate.array_metrics import macro_auroc
from einthoven.model.bundle import Bundle
from einthoven.model.bundle_files import bundle_names
from einthoven.model.calibration import logit, sigmoid
from einthoven.model.layers import Layers
from einthoven.model.measurement_layer import WAVES, MeasurementLayer
from einthoven.ptbxl.annotations import SUPERCLASSES
from einthoven.recording import LEADS
from einthoven.signal.recording_features import RecordingFeatures
from einthoven.signal.rr_intervals import unknown_rr

UNKNOWN = RecordingFeatures(unknown_rr(), None)


@pytest.fixture(params=bundle_names())
def bundle(request: pytest.FixtureRequest) -> Bundle:
    return Bundle.load(request.param)


@pytest.fixture(scope="module")
def ptbxl(test_data: Path) -> Dataset:
    return Dataset.open(test_data / "ptbxl")


def layer_of(bundle: Bundle) -> MeasurementLayer:
    assert bundle.layers.measurement is not None
    return bundle.layers.measurement


def signals_of(dataset: Dataset, rows: np.ndarray) -> list[np.ndarray]:
    return [dataset.signals[row] / np.float32(1000) for row in rows]


def test_superclasses_are_found_better(bundle: Bundle, ptbxl: Dataset) -> None:
    rows = ptbxl.rows((9,))[::3]
    truth = ptbxl.annotations.labels(SUPERCLASSES)[rows]
    at = [bundle.card.labels.index(label) for label in SUPERCLASSES]
    signals = signals_of(ptbxl, rows)
    alone = replace(bundle, layers=Layers(bundle.layers.rhythm))
    with_layer, without = (np.array(list(each.batch_scores(signals)))[:, at] for each in (bundle, alone))
    assert macro_auroc(truth, with_layer) > macro_auroc(truth, without)


def test_rhythms_and_acute_patterns_stay_as_they_are(bundle: Bundle) -> None:
    assert bundle.layers.rhythm is not None
    assert not {*bundle.layers.rhythm.labels, "ACUTE", "INJURY"} & set(layer_of(bundle).labels)
    assert set(SUPERCLASSES) < set(layer_of(bundle).labels)


def test_without_measurements_scores_are_only_calibrated(bundle: Bundle) -> None:
    layer, labels = layer_of(bundle), bundle.card.labels
    scores = np.linspace(0.01, 0.99, len(labels))
    after = layer.correct(scores, labels, UNKNOWN)
    for label, score, corrected in zip(labels, scores, after, strict=True):
        known = label in layer.labels
        expected = layer.calibrations[layer.labels.index(label)](score) if known else score
        assert corrected == pytest.approx(expected)


def test_unclear_measurements_give_finite_scores(bundle: Bundle) -> None:
    labels = bundle.card.labels
    unclear = RecordingFeatures(unknown_rr(), np.full(len(WAVES), np.nan, np.float32))
    assert np.isfinite(layer_of(bundle).correct(np.full(len(labels), 0.3), labels, unclear)).all()


def test_the_log_odds_are_a_weighted_mean_up_to_a_limit(bundle: Bundle, ptbxl: Dataset) -> None:
    (signal,) = signals_of(ptbxl, ptbxl.rows((9,))[:1])
    features = RecordingFeatures.measure(signal, 100, LEADS)
    layer, labels, scores = layer_of(bundle), bundle.card.labels, np.full(len(bundle.card.labels), 0.3)
    none, whole = (
        logit(replace(layer, weight=weight, limit=100.0).correct(scores, labels, features)) for weight in (0.0, 1.0)
    )
    change = np.clip(layer.weight * (whole - none), -layer.limit, layer.limit)
    assert (np.abs(change) == layer.limit).any()
    assert ((change != 0) & (np.abs(change) < layer.limit)).any()
    np.testing.assert_allclose(layer.correct(scores, labels, features), sigmoid(none + change), atol=1e-9)


def test_features_are_measured_if_they_are_not_given(bundle: Bundle, ptbxl: Dataset) -> None:
    (signal,) = signals_of(ptbxl, ptbxl.rows((9,))[:1])
    features = RecordingFeatures.measure(signal, 100, LEADS)
    np.testing.assert_array_equal(bundle.scores(signal), bundle.scores(signal, features))
    assert (bundle.scores(signal) != bundle.scores(signal, UNKNOWN)).any()
    (batched,) = bundle.batch_scores([signal], [features])
    np.testing.assert_array_equal(batched, bundle.scores(signal))


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"features": ["rate"]},
        {"labels": ["MI"]},
        {"weight": 1.5},
        {"weight": float("nan")},
        {"limit": -1.0},
        {"limit": None},
        {"calibrations": []},
        {"calibrations": None},
    ],
)
def test_a_damaged_layer_is_refused(change: dict[str, Any]) -> None:
    layer = layer_of(Bundle.load("edge"))
    facts = json.dumps(layer.to_dict() | change).encode()
    with pytest.raises(EinthovenError, match=r"measurements\.json.*export the bundle again"):
        MeasurementLayer.parse(facts, layer.content, Path("bundle"))


def test_a_layer_survives_its_files() -> None:
    layer = layer_of(Bundle.load("edge"))
    again = MeasurementLayer.parse(json.dumps(layer.to_dict()).encode(), layer.content, Path("bundle"))
    assert again.to_dict() == layer.to_dict()
