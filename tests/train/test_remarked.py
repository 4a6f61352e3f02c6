"""Learning what is remarked beside the labels."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from einthoven.train import loop
from einthoven.train.config import TrainConfig
from einthoven.train.remarked import loss_with_remarks
from einthoven.train.run import Run

LABELS = 2


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


@pytest.mark.parametrize("known", [True, False])
def test_what_is_not_known_costs_nothing(known: bool) -> None:
    logits = torch.tensor([[0.3, -1.0, 2.0], [0.1, 0.5, -1.0]], requires_grad=True)
    wanted = torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0 if known else float("nan")]])
    loss = loss_with_remarks(logits, wanted, LABELS, 0.5)
    loss.backward()
    assert loss.isfinite()
    assert logits.grad is not None
    assert (logits.grad[1, LABELS] != 0) == known
    assert logits.grad[0, LABELS] != 0
    labels = torch.nn.functional.binary_cross_entropy_with_logits(logits[:, :LABELS], wanted[:, :LABELS])
    assert torch.equal(loss_with_remarks(logits[:, :LABELS], wanted[:, :LABELS], LABELS, 0.5), labels)


def test_stopped_it_ends_with_the_same_weights_and_the_labels_alone(
    simulated: Path, tmp_path: Path, stop_at: Callable[..., None]
) -> None:
    whole = loop.train(config(simulated, remarks=0.5), tmp_path / "whole")
    stop_at(1, 1, lambda: loop.train(config(simulated, remarks=0.5), tmp_path / "stopped"))
    stopped = loop.resume(tmp_path / "stopped")
    without = loop.train(config(simulated), tmp_path / "without")
    weights = [run.load("model.pt") for run in (whole, stopped, without)]
    assert weights[0].keys() == weights[2].keys()
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
    assert not all(torch.equal(weights[0][name], weights[2][name]) for name in weights[0])
    assert Run.open(tmp_path / "whole").trained_model()(torch.zeros(1, 12, 250)).shape == (1, 5)
    first, second = (list(csv.DictReader((tmp_path / name / "log.csv").open())) for name in ("whole", "without"))
    assert float(first[0]["train_loss"]) > float(second[0]["train_loss"])
