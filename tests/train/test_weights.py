"""The weights in `weights/`, which training can go on from, are those of the shipped bundles."""

import json
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
import torch

from einthoven.model.bundle import Bundle, shipped
from einthoven.train.config import TrainConfig
from einthoven.train.export import Averaged
from einthoven.train.loop import train
from einthoven.train.run import Run

WEIGHTS = Path(__file__).parents[2] / "weights"


def stated(bundle: str) -> list[dict[str, object]]:
    """What the bundle's card says of the runs that it is made of."""
    return list(Bundle.load(bundle).card.facts["training"]["runs"])


def runs(bundle: str) -> list[Run]:
    return [Run.open(WEIGHTS / str(run["run"])) for run in stated(bundle)]


@pytest.mark.parametrize("name", shipped())
def test_they_say_what_the_bundle_says(name: str) -> None:
    bundle = Bundle.load(name)
    with np.load(bundle.folder / "golden.npz") as golden:
        windows = np.concatenate([bundle.windows(signal) for signal in golden["mv_resampled"]])
    model = Averaged([run.trained_model() for run in runs(name)]).eval()
    with torch.inference_mode():
        logits = model(torch.from_numpy(windows)).numpy()
    np.testing.assert_allclose(logits, bundle.of_windows(windows), atol=1e-3)


@pytest.mark.parametrize("name", shipped())
def test_the_card_tells_how_they_were_trained(name: str) -> None:
    for facts, run in zip(stated(name), runs(name), strict=True):
        settings = json.loads(json.dumps(run.config.to_dict()))
        settings["data"] = facts["data"]  # wherever that lay
        later = {field.name: field.default for field in fields(TrainConfig)}  # settings that the card does not know yet
        assert {key: facts.get(key, later[key]) for key in settings} == settings


def test_training_goes_on_from_them(simulated: Path, tmp_path: Path) -> None:
    (first,) = runs("edge")
    settings = {**first.config.to_dict(), "data": str(simulated), "initial": str(first.folder)}
    gentle = {"epochs": 1, "learning_rate": 1e-9, "auxiliary_weight": 0.0}
    run = train(TrainConfig.make({**settings, **gentle}), tmp_path / "run")
    before, after = first.load("model.pt"), run.load("model.pt")
    name = "network.head.weight"
    torch.testing.assert_close(after[name], before[name], atol=1e-6, rtol=0)
