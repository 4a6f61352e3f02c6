"""What is minimized, and training with auxiliary targets."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch.nn import functional as F

from einthoven.ptbxl.annotations import SUPERCLASSES
from einthoven.train.config import TrainConfig
from einthoven.train.objective import Objective, superclass_loss
from einthoven.train.run import Run
from einthoven.train.start import resume, train


def config(data: Path, **settings: object) -> TrainConfig:
    small = {
        "data": str(data),
        "epochs": 2,
        "batch_size": 16,
        "window": 2.5,
        "train_folds": (1, 2, 3),
        "augment": True,
        "mixup": 0.3,
    }
    return TrainConfig.make({**small, **settings})


def objective(labels: tuple[str, ...], **settings: object) -> Objective:
    return Objective(labels, TrainConfig.make({"data": "d", "tasks": ("superclass",), **settings}))


@pytest.mark.parametrize("known", [True, False])
def test_an_unknown_auxiliary_target_does_not_count(known: bool) -> None:
    logits = torch.tensor([[0.3, -1.0, 2.0], [0.1, 0.5, -1.0]], requires_grad=True)
    targets = torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0 if known else float("nan")]])
    both = objective(("NORM", "MI"), auxiliary_weight=0.5)
    loss = both(logits, targets)
    loss.backward()
    assert loss.isfinite()
    assert logits.grad is not None
    assert (logits.grad[1, 2] != 0) == known
    assert logits.grad[0, 2] != 0
    labels = F.binary_cross_entropy_with_logits(logits[:, :2], targets[:, :2])
    assert torch.equal(both(logits[:, :2], targets[:, :2]), labels)


def test_softmax_applies_to_records_with_one_certain_superclass() -> None:
    targets = torch.tensor([[1.0, 0, 0, 0, 0], [0, 1, 0, 1, 0], [0, 0, 0, 0, 0], [0, 0.7, 0.3, 0, 0]])
    logits = torch.linspace(-1, 1, 20).reshape(4, 5)
    softmax = F.cross_entropy(logits[:1], torch.tensor([0]))
    plain = F.binary_cross_entropy_with_logits
    torch.testing.assert_close(superclass_loss(logits, targets, 0.25), plain(logits, targets) + 0.25 * softmax)
    assert torch.equal(superclass_loss(logits[1:], targets[1:], 0.25), plain(logits[1:], targets[1:]))


def test_acute_patterns_are_told_from_other_infarcts() -> None:
    labels = ("NORM", "MI", "ACUTE", "INJURY")
    torch.manual_seed(0)
    logits, targets = torch.randn(4, 4), torch.tensor([[0, 1.0, 1, 0], [0, 1, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0]])
    plain = F.binary_cross_entropy_with_logits
    extra = plain(logits[:2, 2:], targets[:2, 2:])
    weighted = objective(labels, acute_weight=0.3, tasks=("superclass", "acute"))
    torch.testing.assert_close(weighted(logits, targets), plain(logits, targets) + 0.3 * extra)
    torch.testing.assert_close(weighted(logits[2:], targets[2:]), plain(logits[2:], targets[2:]))


def test_the_loss_is_the_weighted_sum_of_its_parts() -> None:
    torch.manual_seed(0)
    logits, targets = torch.randn(8, 7), torch.eye(7).repeat(2, 1)[:8]
    weights = {"auxiliary_weight": 0.5, "superclass_weight": 0.2, "single_label_weight": 2.0}
    labels = F.binary_cross_entropy_with_logits(logits[:, :5], targets[:, :5])
    auxiliary = F.binary_cross_entropy_with_logits(logits[:, 5:], targets[:, 5:])
    expected = labels + 0.5 * auxiliary + 0.2 * superclass_loss(logits[:, :5], targets[:, :5], 2.0)
    torch.testing.assert_close(objective(SUPERCLASSES, **weights)(logits, targets), expected)


def test_stopped_it_ends_with_the_same_weights_and_the_labels_alone(
    simulated: Path, tmp_path: Path, stop_at: Callable[..., None]
) -> None:
    whole = train(config(simulated, auxiliary_weight=0.5), tmp_path / "whole")
    stop_at(1, 1, lambda: train(config(simulated, auxiliary_weight=0.5), tmp_path / "stopped"))
    stopped = resume(tmp_path / "stopped")
    without = train(config(simulated), tmp_path / "without")
    weights = [run.load("model.pt") for run in (whole, stopped, without)]
    assert weights[0].keys() == weights[2].keys()
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
    assert not all(torch.equal(weights[0][name], weights[2][name]) for name in weights[0])
    assert Run.open(tmp_path / "whole").trained_model()(torch.zeros(1, 12, 250)).shape == (1, 5)
    first, second = (list(csv.DictReader((tmp_path / name / "log.csv").open())) for name in ("whole", "without"))
    assert float(first[0]["train_loss"]) > float(second[0]["train_loss"])
