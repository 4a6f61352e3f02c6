"""The rhythm layer: it corrects rhythm labels by the RR intervals of the whole recording, and nothing else."""

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
from einthoven.model.layers import NO_LAYERS, Layers
from einthoven.model.rhythm_layer import RhythmLayer
from einthoven.signal.bands import common_slope
from einthoven.signal.beat_times import rr_features
from einthoven.signal.recording_features import RecordingFeatures
from einthoven.signal.rr_intervals import FEATURES, describe, unknown_rr

STEADY = describe([0.5 + 0.8 * beat for beat in range(12)])
BREATHING = describe(np.cumsum([0.5, 0.8, 0.84, 0.9, 0.94, 0.9, 0.84, 0.8, 0.76, 0.72, 0.76, 0.8]).tolist())
UNKNOWN = unknown_rr()


@pytest.fixture(params=bundle_names())
def bundle(request: pytest.FixtureRequest) -> Bundle:
    return Bundle.load(request.param)


def layer_of(bundle: Bundle) -> RhythmLayer:
    assert bundle.layers.rhythm is not None
    return bundle.layers.rhythm


def corrected(bundle: Bundle, rr: np.ndarray) -> dict[str, float]:
    """The scores of all labels, each .3 before."""
    scores = layer_of(bundle).correct(np.full(len(bundle.card.labels), 0.3), bundle.card.labels, rr)
    return dict(zip(bundle.card.labels, scores.tolist(), strict=True))


def test_intervals_that_breathe_mean_sinus_arrhythmia(bundle: Bundle) -> None:
    steady, breathing = corrected(bundle, STEADY), corrected(bundle, BREATHING)
    assert breathing["SARRH"] > 5 * steady["SARRH"]
    assert breathing["SR"] < steady["SR"]


def test_regular_beats_are_no_p_waves(bundle: Bundle) -> None:
    layer = layer_of(bundle)
    known = dict(zip(layer.labels, layer.calibrations, strict=True))["SR"](np.array(0.3))
    assert corrected(bundle, STEADY)["SR"] <= known


def test_other_labels_stay_as_they_are(bundle: Bundle) -> None:
    changed = {label for label, score in corrected(bundle, BREATHING).items() if score != 0.3}
    assert changed == set(layer_of(bundle).labels)
    assert not {"MI", "NORM", "ACUTE", "INJURY"} & changed


def test_unknown_intervals_keep_the_order_of_recordings(bundle: Bundle) -> None:
    scores = np.linspace(0.001, 0.999, 50)[:, None] * np.ones(len(bundle.card.labels))
    after = layer_of(bundle).correct(scores, bundle.card.labels, np.tile(UNKNOWN, (50, 1)))
    assert (np.diff(after, axis=0) > 0).all()


def test_intervals_are_measured_if_they_are_not_given(bundle: Bundle) -> None:
    time = np.arange(1000) / 100
    pulses = np.exp(-(((time[:, None] - np.arange(0.5, 10, 0.8)) / 0.015) ** 2)).sum(1)
    signal = (np.linspace(0.5, 1.5, 12)[:, None] * pulses).astype(np.float32)
    rr = rr_features(common_slope(signal, 100))
    np.testing.assert_allclose(rr, STEADY, atol=0.2)
    bundle = replace(bundle, layers=Layers(bundle.layers.rhythm))
    unknown = RecordingFeatures(UNKNOWN, None)
    np.testing.assert_array_equal(bundle.scores(signal), bundle.scores(signal, RecordingFeatures(rr, None)))
    assert (bundle.scores(signal) != bundle.scores(signal, unknown)).any()
    (batched,) = bundle.batch_scores([signal], [unknown])
    np.testing.assert_array_equal(batched, bundle.scores(signal, unknown))


def test_single_beats_and_arrhythmia_are_found_better(bundle: Bundle, test_data: Path) -> None:
    ptbxl = Dataset.open(test_data / "ptbxl")
    labels = ("SARRH", "PAC", "SR")
    rows = ptbxl.rows((9,))[::4]
    truth = ptbxl.annotations.labels(labels)[rows]
    at = [bundle.card.labels.index(label) for label in labels]
    signals = [ptbxl.signals[row] / np.float32(1000) for row in rows]
    alone = replace(bundle, layers=NO_LAYERS)
    with_layer, without = (np.array(list(each.batch_scores(signals)))[:, at] for each in (bundle, alone))
    assert macro_auroc(truth, with_layer) > macro_auroc(truth, without) + 0.03


@pytest.mark.parametrize(
    "change",
    [
        {"format": 2},
        {"features": ["rate"]},
        {"labels": []},
        {"hidden": [[1.0]]},
        {"hidden": 1.0},
        {"only_lowered": None},
        {"centre": [float("nan")] * len(FEATURES)},
        {"spread": [0.0] * len(FEATURES)},
        {"calibrations": []},
        {"output": None},
    ],
)
def test_a_damaged_layer_is_refused(change: dict[str, Any]) -> None:
    facts = layer_of(Bundle.load("edge")).to_dict() | change
    with pytest.raises(EinthovenError, match=r"rhythm\.json.*export the bundle again"):
        RhythmLayer.parse(json.dumps(facts).encode(), Path("rhythm.json"))


def test_the_file_says_which_labels_are_only_lowered() -> None:
    layer = layer_of(Bundle.load("edge"))
    facts = layer.to_dict() | {"only_lowered": ["PAC"]}
    changed = RhythmLayer.parse(json.dumps(facts).encode(), Path("rhythm.json"))
    scores, labels = np.full(len(layer.labels), 0.3), layer.labels
    differ = changed.correct(scores, labels, STEADY) != layer.correct(scores, labels, STEADY)
    assert {label for label, differs in zip(labels, differ, strict=True) if differs} == {"SR", "PAC"}


def test_a_layer_survives_its_file() -> None:
    layer = layer_of(Bundle.load("edge"))
    again = RhythmLayer.parse(json.dumps(layer.to_dict()).encode(), Path("rhythm.json"))
    assert again.to_dict() == layer.to_dict()
