"""Training: it learns, stops and resumes, and reports what is wrong."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from einthoven.datasets.dataset import Dataset
from einthoven.errors import EinthovenError
from einthoven.train.config import TrainConfig
from einthoven.train.predict import predict
from einthoven.train.run import Run
from einthoven.train.start import resume, train


def config(data: Path, **settings: object) -> TrainConfig:
    small = {"data": str(data), "epochs": 3, "batch_size": 16, "window": 2.5, "train_folds": (1, 2, 3, 4)}
    return TrainConfig.make({**small, **settings})


def weights(run: Path) -> dict[str, torch.Tensor]:
    return torch.load(run / "model.pt", weights_only=True)


def assert_same_weights(a: Path, b: Path) -> None:
    for (name, left), (_, right) in zip(weights(a).items(), weights(b).items(), strict=True):
        assert torch.equal(left, right), name


@pytest.fixture(scope="module")
def finished(simulated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "finished"
    train(config(simulated), folder)
    return folder


def test_a_run_holds_what_it_should(finished: Path, simulated: Path) -> None:
    facts = json.loads((finished / "config.json").read_text())
    assert facts["labels"] == ["NORM", "MI", "STTC", "CD", "HYP"]
    assert facts["config"]["seed"] == 0
    assert facts["data"]["simulated"] is True
    assert set(facts["versions"]) >= {"python", "torch", "numpy", "einthoven"}
    with (finished / "log.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    assert float(rows[-1]["train_loss"]) < float(rows[0]["train_loss"])
    assert all(0 < float(row["validation_macro_auroc"]) <= 1 for row in rows)
    assert not list(finished.glob(".*part*"))


def test_the_kept_weights_are_those_of_the_best_epoch(finished: Path, simulated: Path) -> None:
    from einthoven.evaluate.array_metrics import macro_auroc

    run, dataset = Run.open(finished), Dataset.open(simulated)
    predictions = predict(run, dataset, (9,))
    truth = dataset.annotations.labels(run.labels)[dataset.rows((9,))]
    with (finished / "log.csv").open() as file:
        best = max(float(row["validation_macro_auroc"]) for row in csv.DictReader(file))
    assert macro_auroc(truth, predictions.probabilities) == pytest.approx(best, abs=1e-9)


def test_training_stopped_between_epochs_ends_with_the_same_weights(
    finished: Path, simulated: Path, tmp_path: Path, stop_at: Callable[..., None]
) -> None:
    stop_at(2, 1, lambda: train(config(simulated), tmp_path / "run"))
    assert len((tmp_path / "run" / "log.csv").read_text().splitlines()) == 3
    resume(tmp_path / "run")
    assert_same_weights(finished, tmp_path / "run")


def test_a_killed_training_is_resumed_and_ends_with_the_same_weights(
    finished: Path, simulated: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "einthoven", "train"]
    settings = ["--epochs", "3", "--batch-size", "16", "--window", "2.5", "--train-folds", "1-4"]
    process = subprocess.Popen([*command, "--data", str(simulated), "--out", str(tmp_path / "run"), *settings])
    while not (tmp_path / "run" / "checkpoint.pt").exists():
        assert process.poll() is None, "the training ended without a checkpoint"
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    resume(tmp_path / "run")
    assert_same_weights(finished, tmp_path / "run")
    # Seeds, settings and log are those of a run that was never stopped, except the time it took.
    logs = [list(csv.DictReader((folder / "log.csv").open())) for folder in (finished, tmp_path / "run")]
    for uninterrupted, resumed in zip(*logs, strict=True):
        assert uninterrupted["train_loss"] == resumed["train_loss"]


@pytest.mark.parametrize("machines", [1, 2])
def test_two_processes_under_torchrun_agree_with_one(machines: int, simulated: Path, tmp_path: Path) -> None:
    """On one machine, and on two, each with a torchrun of its own."""
    options = [
        "--epochs",
        "1",
        "--batch-size",
        "16",
        "--train-folds",
        "1-2",
        "--model",
        "original-cnn",
        "--validation-folds",
        "9",
    ]
    command = ["-m", "einthoven", "train", "--data", simulated, *options, "--out", tmp_path / "two"]
    shared = ["--nnodes", machines, "--nproc-per-node", 2 // machines]
    address = ["--master-addr", "127.0.0.1", "--master-port", 29517 + machines]
    torchrun = [sys.executable, "-m", "torch.distributed.run", *shared, *address]
    processes = [
        subprocess.Popen(
            [str(word) for word in [*torchrun, "--node-rank", rank, *command]],
            env=os.environ | {"OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"},
        )
        for rank in range(machines)
    ]
    assert [process.wait() for process in processes] == [0] * machines
    folds = {"train_folds": (1, 2), "validation_folds": (9,)}
    settings = {"data": str(simulated), "model": "original-cnn", "epochs": 1, "batch_size": 16, **folds}
    train(TrainConfig.make(settings), tmp_path / "one")
    # original-cnn has no batch statistics, so two halves of a batch give the gradient of the whole.
    for (name, left), right in zip(weights(tmp_path / "two").items(), weights(tmp_path / "one").values(), strict=True):
        torch.testing.assert_close(left, right, rtol=1e-3, atol=1e-5, msg=name)


def test_a_run_is_not_overwritten(finished: Path, simulated: Path) -> None:
    before = (finished / "model.pt").read_bytes()
    with pytest.raises(EinthovenError, match=r"holds a run already.*--resume"):
        train(config(simulated), finished)
    assert (finished / "model.pt").read_bytes() == before


def test_several_tasks_share_their_labels(simulated: Path, tmp_path: Path) -> None:
    run = train(config(simulated, tasks=("superclass", "statements"), epochs=1, train_folds=(1,)), tmp_path / "run")
    assert len(run.labels) == 75
    assert predict(run, Dataset.open(simulated), (10,)).probabilities.shape[1] == 75


def test_resuming_on_changed_data_is_refused(simulated: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(simulated, copy, ignore=shutil.ignore_patterns(".einthoven"))
    train(config(copy, epochs=1), tmp_path / "run")
    table = copy / "ptbxl_database.csv"
    text = table.read_text()
    table.write_text(text.replace("'NORM'", "'IMI'"))
    with pytest.raises(EinthovenError, match="changed since the run"):
        resume(tmp_path / "run")
    table.write_text(text)
    resume(tmp_path / "run")
    next((copy / "records100").rglob("*.dat")).touch()
    with pytest.raises(EinthovenError, match="changed since the run"):
        resume(tmp_path / "run")


def test_a_trained_run_is_not_prepared_again(finished: Path, simulated: Path, tmp_path: Path) -> None:
    import shutil

    teacher = shutil.copytree(finished, tmp_path / "teacher")
    train(config(simulated, epochs=1, teachers=(str(teacher),)), tmp_path / "run")
    before = (tmp_path / "run" / "model.pt").read_bytes()
    shutil.rmtree(teacher)
    resume(tmp_path / "run")
    assert (tmp_path / "run" / "model.pt").read_bytes() == before


def test_validation_that_cannot_choose_is_refused(simulated: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(simulated, copy, ignore=shutil.ignore_patterns(".einthoven"))
    (copy / "ptbxl_database.csv").write_text(
        re.sub(r"\{[^}]*\}", "{'NORM': 100.0}", (copy / "ptbxl_database.csv").read_text())
    )
    with pytest.raises(EinthovenError, match="no label is both present and absent"):
        train(config(copy), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_half_precision_learns_nearly_the_same(simulated: Path, tmp_path: Path) -> None:
    whole, half = (
        train(config(simulated, epochs=1, precision=precision), tmp_path / precision)
        for precision in ("32-true", "bf16-mixed")
    )
    differences = [
        (a - b).abs().max() for a, b in zip(*(weights(run.folder).values() for run in (whole, half)), strict=True)
    ]
    assert 0 < max(differences) < 0.1
    assert all(weight.dtype != torch.bfloat16 for weight in weights(half.folder).values())


def test_a_loss_that_is_not_finite_is_reported(simulated: Path, tmp_path: Path) -> None:
    with pytest.raises(EinthovenError, match="lower learning_rate"):
        train(config(simulated, learning_rate=1e30, schedule="constant"), tmp_path / "run")


@pytest.mark.parametrize("damage", ["", "{}", "[]", '{"config": {"data": "x", "epochs": "many"}, "labels": []}'])
def test_a_damaged_run_is_named(tmp_path: Path, damage: str) -> None:
    (tmp_path / "config.json").write_text(damage)
    with pytest.raises(EinthovenError, match=r"config.json: is damaged|epochs must be int"):
        Run.open(tmp_path)


def test_no_run_at_all(tmp_path: Path) -> None:
    with pytest.raises(EinthovenError, match="holds no run"):
        Run.open(tmp_path / "nothing")


def test_a_damaged_weights_file_is_named(finished: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes((finished / "config.json").read_bytes())
    (tmp_path / "model.pt").write_bytes((finished / "model.pt").read_bytes()[:1000])
    with pytest.raises(EinthovenError, match=r"model.pt: cannot be loaded"):
        Run.open(tmp_path).trained_model()


def test_predictions_average_the_windows(finished: Path, simulated: Path) -> None:
    run, dataset = Run.open(finished), Dataset.open(simulated)
    row = dataset.rows((10,))[:1]
    model = run.trained_model()
    signal = torch.from_numpy(dataset.signals[row].astype(np.float32)) / 1000
    starts = [10, 132, 253, 375, 497, 618, 740]  # a tenth of a second is left out at each end
    with torch.inference_mode():
        expected = torch.stack([model(signal[..., s : s + 250]).sigmoid() for s in starts]).mean(0)
    np.testing.assert_allclose(predict(run, dataset, (10,)).probabilities[:1], expected.numpy(), atol=1e-5)
