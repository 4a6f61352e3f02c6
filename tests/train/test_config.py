"""Where settings come from, and which are refused."""

from pathlib import Path

import pytest

from einthoven.errors import EinthovenError
from einthoven.train.config import TrainConfig


def test_defaults_follow_the_recommended_protocol() -> None:
    config = TrainConfig.make({"data": "ptb-xl"})
    assert config.model == "smigiel-conv"
    assert config.train_folds == tuple(range(1, 9))
    assert config.validation_folds == (9,)
    assert config.window_samples == 1000


def test_options_win_over_file_over_recipe_over_defaults(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    lines = (
        'data = "ptb-xl"',
        'model = "original-cnn"',
        "batch_size = 16",
        "learning_rate = 1",
        "train_folds = [1, 2]",
    )
    file.write_text("\n".join(lines))
    config = TrainConfig.make({"learning_rate": 0.5}, file)
    assert config.learning_rate == 0.5
    assert config.batch_size == 16
    assert config.train_folds == (1, 2)
    assert config.epochs == 50  # the recipe of original-cnn
    assert config.rate == 100


def test_chosen_labels_replace_the_default_task() -> None:
    config = TrainConfig.make({"data": "d", "labels": ["AFIB", "LVH"]})
    assert (config.tasks, config.labels) == ((), ("AFIB", "LVH"))
    assert TrainConfig.make(config.to_dict()) == config


def test_a_configuration_comes_back_from_its_own_record() -> None:
    config = TrainConfig.make({"data": "ptb-xl", "model": "original-cnn", "tasks": ["superclass", "form"]})
    assert TrainConfig.make(config.to_dict()) == config


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "--data"),
        ({"data": "d", "model": "resnet"}, "no network 'resnet'"),
        ({"data": "d", "tasks": ("super",)}, "task must be among superclass"),
        ({"data": "d", "tasks": ("mi",), "labels": ("AFIB",)}, "give either task or labels"),
        ({"data": "d", "labels": ("AFIB", "AFIB")}, "no label may occur twice"),
        ({"data": "d", "rate": 250}, "rate must be one of"),
        ({"data": "d", "precision": "8-bit"}, "precision must be one of"),
        ({"data": "d", "window": 11.0}, "window"),
        ({"data": "d", "window": 0.0}, "window"),
        ({"data": "d", "train_folds": (0, 1)}, "folds from 1 to 10"),
        ({"data": "d", "train_folds": (1, 9)}, "no fold may occur twice"),
        ({"data": "d", "train_folds": (1, 1)}, "no fold may occur twice"),
        ({"data": "d", "validation_folds": ()}, "keep = 'best' needs validation_folds"),
        ({"data": "d", "epochs": 0}, "at least 1"),
        ({"data": "d", "epochs": 2.5}, "epochs must be int, not 2.5"),
        ({"data": "d", "epochs": True}, "epochs must be int, not True"),
        ({"data": "d", "train_folds": 3}, "train_folds must be a list of int, not 3"),
        ({"data": "d", "optimizer": "sgd"}, "optimizer must be one of"),
        ({"data": "d", "learning_rate": float("nan")}, "learning_rate"),
        ({"data": "d", "seed": -1}, "seed must be at least 0"),
        ({"data": "d", "weight_decay": -1.0}, "weight_decay must be at least 0"),
        ({"data": "d", "edge_margin": -0.1}, "edge_margin must be at least 0 s"),
        ({"data": "d", "distillation_weight": 1.1}, "distillation_weight must be from 0 to 1"),
        ({"data": "d", "auxiliary_weight": -1.0}, "auxiliary_weight must be at least 0"),
        ({"data": "d", "superclass_weight": -1.0}, "superclass_weight must be at least 0"),
        ({"data": "d", "single_label_weight": -1.0}, "single_label_weight must be at least 0"),
        ({"data": "d", "remarks": 0.5}, "no setting 'remarks'"),
        ({"data": "d", "lr": 1e-3}, "no setting 'lr'; choose from data, model"),
    ],
)
def test_settings_that_make_no_sense_are_refused(options: dict[str, object], sentence: str) -> None:
    with pytest.raises(EinthovenError) as error:
        TrainConfig.make(options)
    assert sentence in str(error.value)


@pytest.mark.parametrize("text", ["epochs = ", "\x00", "[settings]\nepochs = 3"])
def test_a_file_that_is_no_configuration_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(text)
    with pytest.raises(EinthovenError, match=r"settings.toml|no setting 'settings'"):
        TrainConfig.make({"data": "d"}, file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(EinthovenError, match=r"none.toml: not found"):
        TrainConfig.make({"data": "d"}, tmp_path / "none.toml")
