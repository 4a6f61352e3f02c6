"""What is exported says what was trained, and measures the same without torch."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from einthoven.datasets.dataset import Dataset
from einthoven.errors import EinthovenError
from einthoven.evaluate.bundles import predict_with_bundle
from einthoven.evaluate.evaluation import evaluate
from einthoven.evaluate.metrics import Evaluation
from einthoven.evaluate.predictions import Predictions
from einthoven.model.bundle import Bundle
from einthoven.model.layers import NO_LAYERS
from einthoven.signal.recording_features import RecordingFeatures
from einthoven.train.config import TrainConfig
from einthoven.train.export import export
from einthoven.train.predict import predict
from einthoven.train.run import Run
from einthoven.train.start import train

WITHOUT_TORCH = """
import sys

class NotInstalled:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("torch", "lightning_fabric", "onnx", "onnxscript", "antropy"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, NotInstalled())
from einthoven.cli import main
main()
"""


def assert_same(a: object, b: object, where: str = "") -> None:
    if isinstance(a, dict):
        assert isinstance(b, dict)
        assert a.keys() == b.keys(), where
        for key in a:
            assert_same(a[key], b[key], f"{where}.{key}")
    elif isinstance(a, list):
        assert isinstance(b, list)
        assert len(a) == len(b), where
        for k, (left, right) in enumerate(zip(a, b, strict=True)):
            assert_same(left, right, f"{where}[{k}]")
    elif isinstance(a, float):
        digits = 1e-2 if "calibration" in where else 1e-3  # a slope of few positive records hangs on the last digits
        assert b == pytest.approx(a, abs=1e-4, rel=digits), where
    else:
        assert a == b, where


def corrected(predictions: Predictions, bundle: Bundle, uv: np.ndarray) -> Predictions:
    """What a bundle's layers make of a run's predictions."""
    assert bundle.layers.rhythm is not None
    assert bundle.layers.measurement is not None
    card, scores = bundle.card, []
    for signal, before in zip(uv, predictions.probabilities, strict=True):
        features = RecordingFeatures.measure(signal / np.float32(1000), card.rate, card.leads)
        scores.append(bundle.layers.correct(before, predictions.labels, features))
    return replace(predictions, probabilities=np.array(scores))


def test_a_bundle_measures_as_its_run_does_without_torch(
    trained: Path, exported: Path, simulated: Path, tmp_path: Path
) -> None:
    options = ["--data", str(simulated), "--out", str(tmp_path), "--resamples", "20", "--uncalibrated"]
    subprocess.run([sys.executable, "-c", WITHOUT_TORCH, "evaluate", str(exported), *options], check=True)
    of_bundle = Evaluation.from_dict(json.loads((tmp_path / "metrics.json").read_text()))
    dataset, run = Dataset.open(simulated), Run.open(trained)
    folds = run.config.validation_folds
    predictions = predict(run, dataset, (*folds, 10))
    of_run = evaluate(
        corrected(predictions, Bundle.load(exported), dataset.signals[dataset.rows((*folds, 10))]),
        dataset.annotations,
        validation_folds=folds,
        model=of_bundle.model,
        run=of_bundle.run,
        n_resamples=20,
    )
    assert_same(of_run.to_dict(), of_bundle.to_dict())


def test_calibrated_probabilities_rank_as_the_scores_do(exported: Path, simulated: Path) -> None:
    bundle, dataset = Bundle.load(exported), Dataset.open(simulated)
    scores = predict_with_bundle(bundle, dataset, (10,)).probabilities
    calibrated = bundle.card.calibrate(scores)
    for score, probability in zip(scores.T, calibrated.T, strict=True):
        assert (np.argsort(score, kind="stable") == np.argsort(probability, kind="stable")).all()


def test_several_runs_are_averaged(trained: Path, simulated: Path, tmp_path: Path) -> None:
    dataset, first = Dataset.open(simulated), Run.open(trained)
    second = train(TrainConfig.make({**first.config.to_dict(), "seed": 1, "epochs": 1}), tmp_path / "second")
    both = export([first, second], dataset, tmp_path / "both", name="both")
    signal = dataset.signals[3] / np.float32(1000)
    windows = torch.from_numpy(both.windows(signal))
    with torch.inference_mode():
        alone = [run.trained_model()(windows).numpy() for run in (first, second)]
    np.testing.assert_allclose(both.logits(signal), np.mean(alone, axis=0), atol=1e-4)
    assert [run["seed"] for run in both.card.to_dict()["training"]["runs"]] == [0, 1]


def test_runs_that_do_not_belong_together_are_refused(trained: Path, simulated: Path, tmp_path: Path) -> None:
    dataset, first = Dataset.open(simulated), Run.open(trained)
    config = TrainConfig.make({**first.config.to_dict(), "window": 5.0})
    other = Run.new(tmp_path / "other", config, first.labels, first.facts["data"])
    with pytest.raises(EinthovenError, match=r"has window 5\.0.*has 2\.5"):
        export([first, other], dataset, tmp_path / "out", name="out")
    assert not (tmp_path / "out").exists()


def test_a_network_with_features_has_no_export(simulated: Path, tmp_path: Path) -> None:
    config = TrainConfig.make({"data": str(simulated), "model": "smigiel-entropy"})
    run = Run.new(tmp_path / "run", config, ("NORM",), {})
    with pytest.raises(EinthovenError, match="needs more than the signal"):
        export([run], Dataset.open(simulated), tmp_path / "out", name="out")


def test_a_run_agrees_with_its_bundle_record_by_record(trained: Path, exported: Path, simulated: Path) -> None:
    dataset, bundle = Dataset.open(simulated), replace(Bundle.load(exported), layers=NO_LAYERS)
    of_run = predict(Run.open(trained), dataset, (10,))
    of_bundle = predict_with_bundle(bundle, dataset, (10,))
    assert of_bundle.labels == of_run.labels
    np.testing.assert_allclose(of_bundle.probabilities, of_run.probabilities, atol=1e-4)
