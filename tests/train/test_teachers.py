"""Learning from runs trained before: what is learnt, and what must not be."""

from pathlib import Path

import numpy as np
import pytest
import torch

from einthoven.datasets.dataset import Dataset
from einthoven.errors import EinthovenError
from einthoven.train.batches import Inputs
from einthoven.train.config import TrainConfig
from einthoven.train.predict import predict
from einthoven.train.run import Run
from einthoven.train.start import train
from einthoven.train.teachers import distillation_targets
from einthoven.train.transfer import load_initial_weights

FOLDS = {"train_folds": (1, 2, 3, 4), "validation_folds": (9,)}


@pytest.fixture(scope="module")
def teacher(simulated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "teacher"
    settings = {"data": str(simulated), "epochs": 1, "window": 2.5, "stride": 2.5, **FOLDS}
    return train(TrainConfig.make(settings), folder).folder


def student(simulated: Path, folder: Path, **settings: object) -> Run:
    common = {"data": str(simulated), "epochs": 1, "window": 2.5, "stride": 2.5, **FOLDS}
    return Run.new(folder, TrainConfig.make({**common, **settings}), ("NORM", "MI", "STTC", "CD", "HYP"), {})


def test_targets_mix_labels_and_teachers_by_the_distillation_weight(teacher, simulated, tmp_path) -> None:
    dataset = Dataset.open(simulated)
    run = student(simulated, tmp_path, teachers=(str(teacher), str(teacher)), distillation_weight=0.25)
    truth, rows = dataset.annotations.labels(run.labels), dataset.rows((1, 2, 3, 4))
    targets = distillation_targets(truth, rows, run, Inputs(dataset.signals, None), torch.device("cpu"))
    said = predict(Run.open(teacher), dataset, (1, 2, 3, 4)).probabilities
    np.testing.assert_allclose(targets[rows], 0.75 * truth[rows] + 0.25 * said, atol=1e-5)
    others = np.setdiff1d(np.arange(len(truth)), rows)
    assert (targets[others] == truth[others]).all(), "records outside the training folds keep their labels"


def test_a_student_learns_only_its_own_labels_from_a_teacher_with_more(teacher, simulated, tmp_path) -> None:
    dataset = Dataset.open(simulated)
    run = student(simulated, tmp_path, teachers=(str(teacher),), distillation_weight=1.0)
    run = Run.new(tmp_path, run.config, ("HYP", "MI"), {})
    truth, rows = dataset.annotations.labels(run.labels), dataset.rows((1, 2, 3, 4))
    targets = distillation_targets(truth, rows, run, Inputs(dataset.signals, None), torch.device("cpu"))
    said = predict(Run.open(teacher), dataset, (1, 2, 3, 4)).probabilities
    np.testing.assert_allclose(targets[rows], said[:, [4, 1]], atol=1e-5)


def test_a_student_trains_from_a_teacher_and_its_weights(teacher, simulated, tmp_path) -> None:
    run = student(simulated, tmp_path / "student", teachers=(str(teacher),), initial=str(teacher), learning_rate=1e-6)
    train(run.config, tmp_path / "student")
    before = torch.load(teacher / "model.pt", weights_only=True)["network.head.weight"]
    after = torch.load(tmp_path / "student" / "model.pt", weights_only=True)["network.head.weight"]
    assert not torch.equal(before, after)
    torch.testing.assert_close(before, after, atol=1e-4, rtol=0)


def test_labels_that_teachers_lack_come_from_the_cardiologists(teacher, simulated, tmp_path) -> None:
    settings = {"teachers": (str(teacher),), "initial": str(teacher), "tasks": ("acute", "superclass")}
    run = student(simulated, tmp_path / "run", **settings)
    run = Run.new(tmp_path / "run", run.config, ("ACUTE", *run.labels, "INJURY"), {})
    dataset, (new, known) = Dataset.open(simulated), ((0, 6), slice(1, 6))
    truth, rows = dataset.annotations.labels(run.labels), dataset.rows((1, 2, 3, 4))
    targets = distillation_targets(truth, rows, run, Inputs(dataset.signals, None), torch.device("cpu"))
    assert (targets[:, new] == truth[:, new]).all()
    assert (targets[rows, known] != truth[rows, known]).any()
    model, before = run.new_model(), Run.open(teacher).load("model.pt")
    fresh = {name: rows.clone() for name, rows in model.state_dict().items()}
    load_initial_weights(model, run, truth[rows])
    for name in ("network.head.weight", "network.head.bias"):
        assert torch.equal(model.state_dict()[name][known], before[name])
        assert torch.equal(model.state_dict()[name][list(new)], fresh[name][list(new)])
    assert train(run.config, tmp_path / "run").labels == ("ACUTE", "INJURY", "NORM", "MI", "STTC", "CD", "HYP")


def test_new_labels_leave_all_else_as_it_is(teacher, simulated, tmp_path) -> None:
    settings = {"initial": str(teacher), "new_labels_only": True, "weight_decay": 0.0, "tasks": ("superclass", "acute")}
    run = train(student(simulated, tmp_path, **settings, acute_weight=0.2).config, tmp_path / "run")
    before, after = Run.open(teacher).load("model.pt"), run.load("model.pt")
    fresh = {name: rows[5:] for name, rows in run.new_model().network.head.state_dict().items()}
    for name, weights in after.items():
        known = weights[:5] if "head" in name else weights
        assert torch.equal(known, before[name]), name
    for name, rows in fresh.items():
        assert (after[f"network.head.{name}"][5:] != rows).any()


def test_new_labels_need_initial_weights(simulated) -> None:
    with pytest.raises(EinthovenError, match="new_labels_only needs initial"):
        student(simulated, Path("run"), new_labels_only=True)


def test_new_labels_need_a_label_that_the_run_lacks(teacher, simulated, tmp_path) -> None:
    run = student(simulated, tmp_path, initial=str(teacher), new_labels_only=True, weight_decay=0.0)
    with pytest.raises(EinthovenError, match="leaves nothing to train"):
        load_initial_weights(run.new_model(), run, Dataset.open(simulated).annotations.labels(run.labels))


def test_a_teacher_that_saw_a_fold_which_the_student_must_not_see_is_refused(teacher, simulated, tmp_path) -> None:
    run = student(simulated, tmp_path, teachers=(str(teacher),), train_folds=(1, 2, 3), validation_folds=(4,))
    dataset = Dataset.open(simulated)
    truth = dataset.annotations.labels(run.labels)
    with pytest.raises(EinthovenError, match=r"was trained on folds \[4\]"):
        distillation_targets(truth, dataset.rows((1, 2, 3)), run, Inputs(dataset.signals, None), torch.device("cpu"))


def test_weights_of_another_network_are_refused(teacher, simulated, tmp_path) -> None:
    run = student(simulated, tmp_path, model="xresnet1d-edge", initial=str(teacher))
    with pytest.raises(EinthovenError, match="another network, sampling rate or window"):
        load_initial_weights(run.new_model(), run, Dataset.open(simulated).annotations.labels(run.labels))


def test_a_teacher_with_other_outputs_is_refused(teacher, simulated, tmp_path) -> None:
    settings = {"data": str(simulated), "tasks": ("acute",), "teachers": (str(teacher),), "keep": "last", **FOLDS}
    config = TrainConfig.make(settings)
    with pytest.raises(EinthovenError, match="other outputs"):
        train(config, tmp_path / "run")
    assert not (tmp_path / "run" / "model.pt").exists()
