"""A new head on earlier weights: what it starts from, what stays frozen, and that 100 records suffice."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from einthoven.batch.sources import find_sources
from einthoven.datasets.dataset import Dataset
from einthoven.datasets.importing import ImportOptions, import_recordings
from einthoven.datasets.label_table import read_table
from einthoven.datasets.mapping import LabelMapping
from einthoven.datasets.reading import ReadOptions
from einthoven.errors import EinthovenError
from einthoven.ptbxl.records import write_record
from einthoven.train import transfer
from einthoven.train.predict import predict
from einthoven.train.run import Run
from einthoven.train.start import train
from einthoven.train.transfer import make_config, open_initial

Einthoven = Callable[..., tuple[int, str, str]]
HEAD = ("network.head.weight", "network.head.bias")


@pytest.fixture(scope="module")
def hundred(simulated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """100 records with a made-up task: whether lead V1 is upside down."""
    folder = tmp_path_factory.mktemp("hundred")
    signals, rng = Dataset.open(simulated).signals, np.random.default_rng(0)
    with (folder / "labels.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(("file", "flipped"))
        for row in range(100):
            signal, flipped = signals[row].copy(), rng.random() < 0.3
            if flipped:
                signal[6] *= -1
            write_record(folder / f"recordings/{row}", signal.T, 100)
            table.writerow((f"{row}.hea", int(flipped)))
    options = ImportOptions("Hundred", LabelMapping(), ReadOptions())
    files = find_sources([str(folder / "recordings")]).files
    import_recordings(folder / "recordings", files, read_table(folder / "labels.csv", {}), folder / "set", options)
    return folder / "set"


def settings(data: Path, **options: object) -> dict[str, object]:
    return {"data": str(data), "tasks": ("labels",), "initial": "edge", **options}


def test_a_hundred_records_teach_a_new_label(hundred: Path, tmp_path: Path) -> None:
    config = make_config(settings(hundred, epochs=12))
    assert (config.model, config.window, config.freeze_epochs, config.keep) == ("s4d-edge", 2.5, 5, "last")
    run = train(config, tmp_path / "run")
    assert run.labels == ("flipped",)
    dataset = Dataset.open(hundred)
    truth = dataset.annotations.labels(run.labels)[dataset.rows((9, 10))]
    assert roc_auc_score(truth, predict(run, dataset, (9, 10)).probabilities) > 0.9


def test_the_backbone_is_frozen_at_first_and_trained_after(hundred: Path, tmp_path: Path) -> None:
    before = open_initial("edge").load("model.pt")
    frozen = train(make_config(settings(hundred, epochs=2, freeze_epochs=2)), tmp_path / "frozen").load("model.pt")
    for name in before.keys() - set(HEAD):
        assert torch.equal(frozen[name], before[name]), name
    then = train(make_config(settings(hundred, epochs=2, freeze_epochs=1)), tmp_path / "then").load("model.pt")
    assert not torch.equal(then["network.blocks.0.mix.weight"], before["network.blocks.0.mix.weight"])
    assert not torch.equal(then["network.norm.running_mean"], before["network.norm.running_mean"])
    assert torch.equal(then["mean"], before["mean"]), "the input is normalized as that of the earlier run"


def test_new_labels_begin_at_their_frequency_and_known_ones_as_they_were(simulated: Path, tmp_path: Path) -> None:
    config = make_config({"data": str(simulated), "initial": "edge", "freeze_epochs": 1})
    run = Run.new(tmp_path / "run", config, ("own", "MI"), {})
    truth = np.zeros((40, 2), bool)
    truth[:10] = True
    model, earlier = run.new_model(), open_initial("edge")
    transfer.load_initial_weights(model, run, truth)
    weights = model.state_dict()
    mi = earlier.labels.index("MI")
    for name in HEAD:
        assert torch.equal(weights[name][1], earlier.load("model.pt")[name][mi])
    assert torch.sigmoid(weights["network.head.bias"][0]) == pytest.approx(0.25)


def test_the_same_tasks_keep_the_recipe_and_the_same_inputs_may_be_stated(simulated: Path) -> None:
    config = make_config({"data": str(simulated), "initial": "default", "epochs": 3})
    assert (config.model, config.window) == ("s4d-eighth", 2.5)
    assert (config.freeze_epochs, config.epochs, config.normalize) == (0, 3, True)
    assert make_config(settings(simulated, freeze_epochs=0, batch_size=8)).batch_size == 8


def test_a_run_on_other_data_may_have_seen_other_folds(hundred: Path, tmp_path: Path) -> None:
    folds = {"train_folds": (1, 2), "validation_folds": (), "epochs": 1, "freeze_epochs": 1}
    first = train(make_config(settings(hundred, **{**folds, "train_folds": (1, 2, 3)})), tmp_path / "first")
    with pytest.raises(EinthovenError, match=r"was trained on folds \[3\]"):
        train(make_config(settings(hundred, **folds, normalize=False) | {"initial": str(first.folder)}), tmp_path / "b")


def test_an_installed_package_says_where_the_weights_are(
    simulated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, "WEIGHTS", tmp_path / "weights")
    monkeypatch.setattr(transfer, "SHIPPED", {"edge": tmp_path / "weights" / "12-s4d-edge"})
    with pytest.raises(EinthovenError, match=r"Get the folder weights/.*--initial weights/12-s4d-edge"):
        make_config(settings(simulated))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"freeze_epochs": 9, "epochs": 3}, "freeze_epochs must be from 0 to epochs"),
        ({"initial": "", "freeze_epochs": 1}, "freeze_epochs needs initial"),
        ({"initial": "nowhere"}, "holds no run"),
    ],
)
def test_wrong_settings_are_refused(options: dict[str, object], sentence: str, tmp_path: Path) -> None:
    with pytest.raises(EinthovenError, match=sentence):
        make_config(settings(tmp_path, **options))


def test_chosen_labels_of_ptb_xl_are_trained_and_evaluated(
    einthoven: Einthoven, simulated: Path, tmp_path: Path
) -> None:
    train_ = ("train", "--data", simulated, "--out", tmp_path / "run", "--train-folds", "1", "--epochs", 1)
    code, _, error = einthoven(*train_, "--labels", "AFIB,XYZ,ABC")
    assert (code, "has no label XYZ, ABC; choose from " in error) == (2, True)
    code, _, error = einthoven(*train_, "--labels", "AFIB, LVH", "--window", 2.5, "--stride", 2.5)
    assert code == 0, error
    assert Run.open(tmp_path / "run").labels == ("AFIB", "LVH")
    code, _, error = einthoven("evaluate", tmp_path / "run", "--resamples", 20)
    assert code == 0, error
    metrics = json.loads((tmp_path / "run/results/metrics.json").read_text())
    assert (metrics["task"], set(metrics["per_label"])) == ("labels", {"AFIB", "LVH"})
    assert einthoven("export", tmp_path / "run", "--out", tmp_path / "bundle")[0] == 0
    arguments = ("evaluate", tmp_path / "bundle", "--data", simulated, "--out", tmp_path / "r", "--resamples", 20)
    assert "AFIB" in einthoven(*arguments)[1]


def test_labels_that_the_initial_run_lacks_get_a_new_head(hundred: Path) -> None:
    options = {"data": str(hundred), "initial": "edge"}
    assert make_config({**options, "labels": ("flipped",)}).freeze_epochs == 5
    assert make_config({**options, "labels": ("flipped", "AFIB")}).freeze_epochs == 0
