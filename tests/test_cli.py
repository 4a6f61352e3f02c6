"""The command line as a user meets it: the main job, and one clear sentence for what went wrong."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields
from html.parser import HTMLParser
from pathlib import Path

import click
import pandas as pd
import pytest

from einthoven import cli
from einthoven.cli.common import fold_list
from einthoven.datasets.annotations import Annotations

Result = tuple[int, str, str]
Einthoven = Callable[..., Result]


@pytest.fixture(scope="module")
def run(simulated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run trained through the command line, and evaluated."""
    folder = tmp_path_factory.mktemp("cli") / "run"
    settings = ["--epochs", "2", "--window", "2.5", "--seed", "3"]
    subprocess.run(
        [sys.executable, "-m", "einthoven", "train", "--data", simulated, "--out", folder, *settings], check=True
    )
    with pytest.MonkeyPatch.context() as context, pytest.raises(SystemExit) as end:
        context.setattr(sys, "argv", ["einthoven", "evaluate", str(folder), "--resamples", "100"])
        cli.main()
    assert end.value.code == 0
    return folder


@pytest.fixture
def _no_plots(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plots take most of the time of an evaluation, and have tests of their own."""
    monkeypatch.setattr("einthoven.evaluate.results.draw_plots", lambda *_: [])


@pytest.fixture
def copy(simulated: Path, tmp_path: Path) -> Path:
    """A copy of the simulated data set to damage."""
    folder = tmp_path / "copy"
    shutil.copytree(simulated, folder, ignore=shutil.ignore_patterns(".einthoven"))
    return folder


def refused(result: Result, *words: object) -> None:
    """Exit code 2 and one sentence that holds all the words, without a traceback."""
    code, out, err = result
    assert code == 2, (out, err)
    assert "Traceback" not in err
    assert err.startswith(("Error: ", "Usage: "))
    assert len(err.strip().splitlines()) == 1 or err.startswith("Usage: ")
    for word in words:
        assert str(word) in err


def test_help_needs_nothing_heavy() -> None:
    code = (
        "import sys, einthoven.cli; print(sorted({'torch', 'pandas', 'numpy', 'sklearn', 'rich'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def commands(command: click.Command, *path: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """A command and all below it, each with its path."""
    yield path, command
    for name, subcommand in getattr(command, "commands", {}).items():
        yield from commands(subcommand, *path, name)


COMMANDS = dict(commands(cli.cli))


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(
    path: tuple[str, ...], width: int, einthoven: Einthoven, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    code, out, _ = einthoven(*path, "--help")
    assert code == 0
    usage, *lines = out.splitlines()
    assert usage.startswith(f"Usage: {' '.join(('einthoven', *path))} ")
    assert "Example" in out or path in [(), ("data", "check")]
    assert "Exit codes:" in out or isinstance(COMMANDS[path], click.Group)
    assert max(map(len, out.splitlines())) <= width
    assert not [line for line in lines if line.endswith("...")], "a summary is too long for the list of commands"
    for option in COMMANDS[path].params:
        if isinstance(option, click.Option):
            assert option.help
            assert option.help[0].isupper()
            assert option.help.endswith((".", "]"))


def test_the_help_of_training_states_its_defaults() -> None:
    from einthoven.train.config import TrainConfig

    defaults = {field.name: field.default for field in fields(TrainConfig)}
    stated = {
        option.name: option.help.rpartition("[default: ")[2][:-1]
        for option in COMMANDS["train",].params
        if option.name in defaults and "[default: " in option.help
    }
    for name in ("train_folds", "validation_folds"):
        assert fold_list(stated.pop(name)) == defaults[name]
    assert stated.pop("tasks") == "superclass"
    assert stated.pop("precision") == "bf16-mixed on a GPU, 32-true on a CPU"
    assert (stated.pop("augment"), stated.pop("normalize")) == ("no-augment", "normalize")
    assert (defaults["augment"], defaults["normalize"]) == (False, True)
    assert stated.pop("new_labels_only") == "all-labels"
    assert not defaults["new_labels_only"]
    assert stated.pop("freeze_epochs").startswith(f"{defaults['freeze_epochs']}; 5 if")
    assert len(stated) == 20
    for name, text in stated.items():
        assert type(defaults[name])(text) == defaults[name]


def test_the_main_job_leaves_its_results(run: Path) -> None:
    results = run / "results"
    metrics = json.loads((results / "metrics.json").read_text())
    assert metrics["task"] == "superclass"
    assert metrics["fold"] == 10
    assert metrics["simulated"] is True
    assert metrics["labels"] == ["NORM", "MI", "STTC", "CD", "HYP"]
    for figures in (metrics, metrics["labelled_only"]):
        for name in ("macro_auroc", "macro_auprc", "macro_f1", "global_accuracy", "exact_match"):
            assert 0 <= figures[name]["low"] <= figures[name]["value"] <= figures[name]["high"] <= 1, name
    predictions = pd.read_csv(results / "predictions.csv")
    assert list(predictions.columns) == ["ecg_id", "label", "probability"]
    assert len(predictions) == metrics["records"] * 5
    assert not predictions.duplicated(["ecg_id", "label"]).any()
    assert {path.name for path in results.glob("*.png")} >= {
        "confusion.png",
        "confusion_single.png",
        "roc.png",
    }
    page = (results / "results.html").read_text()
    HTMLParser().feed(page)
    assert "simulated" in page.lower()


@pytest.mark.usefixtures("_no_plots")
def test_evaluation_repeats_to_the_last_byte(run: Path, einthoven: Einthoven, tmp_path: Path) -> None:
    code, out, _ = einthoven("evaluate", run, "--resamples", 100, "--out", tmp_path / "again")
    assert code == 0
    assert "macro" in out
    for name in ("metrics.json", "predictions.csv"):
        assert (tmp_path / "again" / name).read_bytes() == (run / "results" / name).read_bytes()


def test_comparing_a_run_with_somebody_elses_predictions(
    run: Path, einthoven: Einthoven, tmp_path: Path, simulated: Path
) -> None:
    annotations = Annotations.read(simulated)
    labels = annotations.task("superclass")
    truth = annotations.labels(labels)[annotations.folds == 10]
    perfect = pd.DataFrame(truth.astype(float), index=annotations.table.index[annotations.folds == 10], columns=labels)
    perfect.rename_axis("ecg_id").melt(ignore_index=False, var_name="label", value_name="probability").to_csv(
        tmp_path / "perfect.csv"
    )
    code, out, _ = einthoven("compare", run, tmp_path / "perfect.csv", "--resamples", 100, "--json")
    assert code == 0
    figure = json.loads(out)["macro_auroc"]
    assert figure["b"] == 1
    assert figure["difference"]["value"] == pytest.approx(1 - figure["a"])
    assert figure["difference"]["low"] > 0
    code, out, _ = einthoven("compare", run, run, "--resamples", 20)
    assert code == 0
    assert "+0.000" in out


def test_check_says_what_is_damaged(copy: Path, einthoven: Einthoven) -> None:
    code, out, _ = einthoven("data", "check", copy)
    assert code == 0
    assert "200" in out
    path = next((copy / "records100").rglob("00007_lr.dat"))
    path.write_bytes(path.read_bytes()[:-1])
    code, out, _ = einthoven("data", "check", copy)
    assert code == 2
    assert "00007_lr" in out


def test_a_missing_folder(einthoven: Einthoven, tmp_path: Path) -> None:
    refused(
        einthoven("train", "--data", tmp_path / "none", "--out", tmp_path / "run"),
        tmp_path / "none",
        "einthoven data get",
    )
    assert not (tmp_path / "run").exists()


def test_half_a_download(einthoven: Einthoven, copy: Path, tmp_path: Path) -> None:
    shutil.rmtree(next((copy / "records100").iterdir()))
    refused(einthoven("train", "--data", copy, "--out", tmp_path / "run"), "missing", "einthoven data check")
    shutil.rmtree(copy / "records100")
    refused(einthoven("train", "--data", copy, "--out", tmp_path / "run"), "records100", "einthoven data get")
    (copy / "scp_statements.csv").unlink()
    refused(einthoven("train", "--data", copy, "--out", tmp_path / "run"), "scp_statements.csv", "not found")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(("suffix", "words"), [(".hea", "damaged header"), (".dat", "bytes instead of 24000")])
def test_a_damaged_record(einthoven: Einthoven, copy: Path, tmp_path: Path, suffix: str, words: str) -> None:
    path = next((copy / "records100").rglob(f"00011_lr{suffix}"))
    path.write_bytes(path.read_bytes()[:100])
    refused(einthoven("train", "--data", copy, "--out", tmp_path / "run"), path, words)
    assert not (tmp_path / "run").exists()


def test_an_unknown_statement(einthoven: Einthoven, copy: Path, tmp_path: Path) -> None:
    table = copy / "ptbxl_database.csv"
    table.write_text(table.read_text().replace("'SR'", "'NEWS'"))
    refused(einthoven("train", "--data", copy, "--out", tmp_path / "run"), table, "unknown statement 'NEWS'")


def test_unknown_names(einthoven: Einthoven, simulated: Path, tmp_path: Path, run: Path) -> None:
    out = tmp_path / "new"
    refused(einthoven("train", "--data", simulated, "--out", out, "--model", "resnet"), "'resnet'", "smigiel-conv")
    refused(einthoven("train", "--data", simulated, "--out", out, "--task", "super"), "superclass")
    refused(einthoven("train", "--data", simulated, "--out", out, "--train-folds", "a-b"), "not a list of folds")
    refused(einthoven("compare", run, run, "--task", "super"), "'super'", "superclass")
    refused(einthoven("evaluate", tmp_path / "none"), "no such folder")
    refused(einthoven("evaluate", tmp_path), "holds no run")
    refused(einthoven("evaluate", run, "--fold", "11"), "fold 11")
    refused(einthoven("train", "--resume", run, "--epochs", 3), "--resume")
    refused(einthoven("train", "--data", simulated), "--out")
    refused(einthoven("train", "--data", simulated, "--out", run), run, "--resume")


def test_no_permission(
    einthoven: Einthoven, simulated: Path, tmp_path: Path, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("a file where a folder is needed")
    refused(
        einthoven("train", "--data", simulated, "--out", tmp_path / "file" / "run"),
        tmp_path / "file",
        "folder is needed",
    )
    with monkeypatch.context() as patch:
        patch.setattr("einthoven.train.predict.predict", None)  # refused before the records are predicted
        refused(einthoven("evaluate", run, "--resamples", 2, "--out", tmp_path / "file"), tmp_path / "file")

    def forbidden(self: Path, *args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "write_text", forbidden)
    refused(einthoven("train", "--data", simulated, "--out", tmp_path / "run"), "no permission")


@pytest.mark.usefixtures("_no_plots")
def test_a_full_disk_leaves_the_old_results(einthoven: Einthoven, run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {path.name: path.read_bytes() for path in (run / "results").iterdir()}

    def full(self: Path, *args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device", str(self))

    monkeypatch.setattr("einthoven.evaluate.results.write_page", full)  # after everything else was written
    refused(einthoven("evaluate", run, "--resamples", 2), "the disk is full")
    assert {path.name: path.read_bytes() for path in (run / "results").iterdir()} == before


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--seed", -1), "seed must be at least 0"),
        (("--weight-decay", -1), "weight_decay must be at least 0"),
        (("--window", 0.001), "cannot take a window of 0.001 s"),
        (("--validation-folds", "9-8", "--keep", "last"), "not a list of folds"),
        (("--train-folds", "1,1"), "no fold may occur twice"),
    ],
)
def test_a_refused_training_leaves_no_run(
    einthoven: Einthoven, simulated: Path, tmp_path: Path, options: tuple[object, ...], words: str
) -> None:
    refused(einthoven("train", "--data", simulated, "--out", tmp_path / "run", *options), words)
    assert not (tmp_path / "run").exists()


@pytest.mark.usefixtures("_no_plots")
def test_a_bundle_from_export_to_its_figures_in_the_card(
    einthoven: Einthoven, trained: Path, simulated: Path, tmp_path: Path
) -> None:
    bundle, out = tmp_path / "bundle", tmp_path / "out"
    code, text, _ = einthoven("export", trained, "--out", bundle, "--name", "mine")
    assert code == 0
    assert "einthoven evaluate" in text
    code, text, _ = einthoven("models", bundle)
    assert code == 0
    assert "mine" in text
    assert "–" in text, "not measured yet"
    common = ("--data", simulated, "--out", out, "--resamples", 20)
    code, text, _ = einthoven("evaluate", bundle, *common, "--into-card")
    assert code == 0
    code, text, _ = einthoven("models", bundle, "--json")
    (card,) = json.loads(text)
    metrics = json.loads((out / "metrics.json").read_text())
    assert card["results"]["tasks"]["superclass"]["macro_auroc"] == metrics["macro_auroc"]
    assert card["results"]["tasks"]["mi"]["macro_auroc"] == metrics["tasks"]["mi"]["macro_auroc"]
    code, text, _ = einthoven("models", bundle)
    assert f"{metrics['macro_auroc']['value']:.3f}" in text
    assert "SIMULATED" in text
    code, _, _ = einthoven("evaluate", bundle, *common, "--task", "rhythm", "--task", "mi")
    assert code == 0
    metrics = json.loads((out / "metrics.json").read_text())
    assert {metrics["task"], *metrics["tasks"]} == {"rhythm", "mi"}


def test_what_a_bundle_cannot_do(
    einthoven: Einthoven, exported: Path, trained: Path, run: Path, simulated: Path, tmp_path: Path
) -> None:
    refused(einthoven("evaluate", exported), "--data")
    refused(einthoven("evaluate", "nonesuch", "--data", simulated, "--out", tmp_path), "nonesuch", "shipped")
    refused(einthoven("evaluate", run, "--uncalibrated"), "is a run")
    common = ("--data", simulated, "--out", tmp_path / "out")
    refused(einthoven("evaluate", exported, *common, "--task", "super"), "'super'", "superclass")
    refused(einthoven("evaluate", exported, *common, "--task", "mi", "--into-card"), "all tasks")
    refused(einthoven("evaluate", run, "--task", "rhythm"), "rhythm", "superclass")
    refused(einthoven("export", tmp_path / "none", "--out", tmp_path / "b"), "holds no run")
    refused(einthoven("export", trained, run, "--out", tmp_path / "b"), "export runs that share it")
    assert not (tmp_path / "b").exists()


@pytest.mark.usefixtures("_no_plots")
def test_several_folds_and_a_mark_on_those_trained_on(run: Path, einthoven: Einthoven, tmp_path: Path) -> None:
    code, out, _ = einthoven("evaluate", run, "--fold", "8,10", "--resamples", 2, "--out", tmp_path / "out")
    assert code == 0
    assert json.loads((tmp_path / "out" / "metrics.json").read_text())["fold"] == [8, 10]
    assert "TRAINED ON fold 8" in out
    assert "was trained on fold 8" in (tmp_path / "out" / "results.html").read_text()
    assert json.loads((run / "results" / "metrics.json").read_text())["trained_on"] == []


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="needs root on Linux to mount a small disk")
def test_a_disk_that_is_really_full(einthoven: Einthoven, simulated: Path, tmp_path: Path, monkeypatch) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", disk], check=False).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        out = disk / "run"
        refused(einthoven("train", "--data", simulated, "--epochs", 1, "--out", out), "the disk is full")
        assert {path.name for path in out.iterdir()} <= {"config.json", "log.csv", "SHA256SUMS"}
        shutil.rmtree(out)
        monkeypatch.setenv("EINTHOVEN_CACHE", str(disk))
        refused(einthoven("train", "--data", simulated, "--out", tmp_path / "run"), "the disk is full")
        assert not [path for path in disk.rglob("*") if path.name.endswith(".npy")]
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)  # an exception may still hold a mapped file
