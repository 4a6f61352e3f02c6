"""The weights in `weights/` are those of the shipped bundles, and `configs/shipped` says how they were trained."""

import json
import re
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
import torch

from einthoven.model.bundle import Bundle
from einthoven.model.bundle_files import bundle_names
from einthoven.train.config import TrainConfig
from einthoven.train.export import WithEmbedding
from einthoven.train.run import Run
from einthoven.train.start import train

ROOT = Path(__file__).parents[2]
WEIGHTS, STAGES = ROOT / "weights", ROOT / "configs" / "shipped"


def stated(bundle: str) -> list[dict[str, object]]:
    """The runs of a bundle, as its card describes them."""
    return list(Bundle.load(bundle).card.to_dict()["training"]["runs"])


def runs(bundle: str) -> list[Run]:
    return [Run.open(WEIGHTS / str(run["run"])) for run in stated(bundle)]


@pytest.mark.parametrize("name", bundle_names())
def test_they_say_what_the_bundle_says(name: str) -> None:
    bundle = Bundle.load(name)
    with np.load(bundle.folder / "golden.npz") as golden:
        windows = bundle.windows(golden["normal/uv"] / np.float32(1000))
    model = WithEmbedding([run.trained_model() for run in runs(name)]).eval()
    with torch.inference_mode():
        logits, _ = model(torch.from_numpy(windows))
    np.testing.assert_allclose(logits, bundle.window_logits(windows), atol=1e-3)


@pytest.mark.parametrize("name", bundle_names())
def test_the_card_tells_how_they_were_trained(name: str) -> None:
    for facts, run in zip(stated(name), runs(name), strict=True):
        settings = json.loads(json.dumps(run.config.to_dict()))
        settings["data"] = facts["data"]  # wherever that lay
        later = {field.name: field.default for field in fields(TrainConfig)}  # settings that the card does not know yet
        assert {key: facts.get(key, later[key]) for key in settings} == settings


@pytest.mark.parametrize("name", bundle_names())
def test_their_stage_has_their_settings(name: str) -> None:
    for run in runs(name):
        config = TrainConfig.make({"data": run.config.data}, STAGES / f"{run.folder.name}.toml")
        assert config == run.config


def test_every_stage_starts_from_earlier_stages() -> None:
    script = (STAGES / "build.sh").read_text(encoding="utf-8")
    stages = {path.stem.split("-")[0]: path for path in STAGES.glob("*.toml")}
    done: set[str] = set()
    for lists in re.findall(r'^both "([\d ]+)" "([\d ]+)"$', script, re.MULTILINE):
        ready = [trained_in_order(numbers.split(), stages, done) for numbers in lists]  # at the same time
        done |= set().union(*ready)
    assert done == {f"runs/{path.stem}" for path in stages.values()}


def trained_in_order(numbers: list[str], stages: dict[str, Path], done: set[str]) -> set[str]:
    """The runs of these stages, each of which needs nothing but `done` and the stages before it."""
    trained: set[str] = set()
    for number in numbers:
        config = TrainConfig.make({"data": "d"}, stages[number])
        assert {*config.teachers, *filter(None, [config.initial])} <= done | trained, number
        trained.add(f"runs/{stages[number].stem}")
    return trained


@pytest.mark.parametrize("name", bundle_names())
def test_the_script_exports_the_runs_of_the_card(name: str) -> None:
    script = (STAGES / "build.sh").read_text(encoding="utf-8")
    (exported,) = re.findall(rf"^export_bundle {name} (.+)$", script.replace("\\\n", ""), re.MULTILINE)
    assert exported.split() == [f"runs/{run.folder.name}" for run in runs(name)]


def test_training_goes_on_from_them(simulated: Path, tmp_path: Path) -> None:
    first = runs("edge")[0]
    settings = {**first.config.to_dict(), "data": str(simulated), "initial": str(first.folder)}
    gentle = {"epochs": 1, "learning_rate": 1e-9, "auxiliary_weight": 0.0, "new_labels_only": False}
    run = train(TrainConfig.make({**settings, **gentle}), tmp_path / "run")
    before, after = first.load("model.pt"), run.load("model.pt")
    name = "network.head.weight"
    torch.testing.assert_close(after[name], before[name], atol=1e-6, rtol=0)
