"""Superclass logits are averaged with those of their statements."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from einthoven.datasets.annotations import Annotations
from einthoven.errors import EinthovenError
from einthoven.evaluate.predictions import Predictions, label_scores
from einthoven.networks import InputNormalization, Network
from einthoven.ptbxl.annotations import SUPERCLASSES
from einthoven.ptbxl.vocabulary import STATEMENTS
from einthoven.train.aggregation import AggregatedModel
from einthoven.train.config import TrainConfig
from einthoven.train.start import train

LABELS = (*SUPERCLASSES, *(code for code in STATEMENTS if code != "NORM"))


class Passthrough(Network):
    """Returns its input as logits."""

    def __init__(self, outputs: int, samples: int) -> None:
        super().__init__(outputs, samples)
        self.head = torch.nn.Identity()

    def features(self, signal: Tensor) -> Tensor:
        return signal


def aggregated(logits: np.ndarray, labels: tuple[str, ...] = LABELS) -> np.ndarray:
    with torch.inference_mode():
        return AggregatedModel(InputNormalization(Passthrough(len(labels), 250)), labels)(
            torch.from_numpy(logits).float()
        ).numpy()


def test_a_superclass_is_the_mean_of_its_own_logit_and_its_statements(simulated: Path) -> None:
    logits = np.random.default_rng(0).normal(-3, 2, (50, len(LABELS)))
    statements = Predictions(np.arange(50), LABELS[5:], 1 / (1 + np.exp(-logits[:, 5:])))
    noisy_or = label_scores(statements, Annotations.read(simulated), SUPERCLASSES[1:])
    assert noisy_or is not None
    found = aggregated(logits)
    np.testing.assert_allclose(found[:, 1:5], (logits[:, 1:5] + np.log(noisy_or / (1 - noisy_or))) / 2, atol=1e-4)
    np.testing.assert_allclose(found[:, [0, *range(5, len(LABELS))]], logits[:, [0, *range(5, len(LABELS))]], atol=1e-6)


def test_certain_answers_stay_finite() -> None:
    for extreme in (-200.0, 200.0):
        assert np.isfinite(aggregated(np.full((1, len(LABELS)), extreme))).all()


def test_a_superclass_without_all_its_statements_stays() -> None:
    labels = tuple(label for label in LABELS if label != "ASMI")
    logits = np.random.default_rng(1).normal(-3, 2, (5, len(LABELS)))
    same = np.isclose(aggregated(logits[:, :-1], labels), logits[:, :-1], atol=1e-6).all(axis=0)
    assert [label for label, stays in zip(labels, same, strict=True) if not stays] == ["STTC", "CD", "HYP"]
    np.testing.assert_allclose(aggregated(logits[:, :5], SUPERCLASSES), logits[:, :5], atol=1e-6)


def test_the_superclass_weight_changes_loss_and_weights(simulated: Path, tmp_path: Path) -> None:
    settings = {"data": str(simulated), "epochs": 1, "batch_size": 16, "window": 2.5, "train_folds": (1, 2, 3)}
    tasks = ("superclass", "statements")
    loss, weights = [], []
    for weight, single in ((0.0, 1.0), (0.2, 0.0), (0.2, 1.0)):
        config = TrainConfig.make(
            {**settings, "tasks": tasks, "superclass_weight": weight, "single_label_weight": single}
        )
        run = train(config, tmp_path / f"{weight} {single}")
        loss.append(float((run.folder / "log.csv").read_text().splitlines()[1].split(",")[1]))
        weights.append(run.load("model.pt"))
    assert loss[2] - 0.05 > loss[1] > loss[0] + 0.05
    for other in weights[1:]:
        assert not all(torch.equal(weights[0][name], other[name]) for name in other)
    with pytest.raises(EinthovenError, match="superclass_weight needs the task superclass"):
        TrainConfig.make({**settings, "tasks": ("statements",), "superclass_weight": 0.2})
