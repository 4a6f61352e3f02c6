"""`einthoven train` and `einthoven export`: from PTB-XL to a run, from runs to a bundle."""

import os
import sys
from pathlib import Path
from typing import Any

import click

from einthoven.cli.common import FILE, FOLDER, fold_list
from einthoven.terminal import print_escaped


@click.command()
@click.option("--data", help="Folder with PTB-XL.")
@click.option("--model", help="Network; an unknown name lists the known ones. [smigiel-conv]")
@click.option("--task", "tasks", multiple=True, help="Task to learn; several may be given. [default: superclass]")
@click.option("--out", type=FOLDER, help="Folder of the new run.")
@click.option("--config", "file", type=FILE, help="TOML file with any of the settings below; options win over it.")
@click.option("--resume", "resumed", type=FOLDER, help="Resume this run, which was stopped.")
@click.option("--rate", type=int, help="Sampling rate in Hz, 100 or 500. [100]")
@click.option("--window", type=float, help="What the network sees at once, in s. [10]")
@click.option("--stride", type=float, help="Distance of the windows averaged afterwards, in s. [1.25]")
@click.option("--edge-margin", type=float, help="What these windows leave out at each end, in s. [0.1]")
@click.option("--train-folds", callback=fold_list, metavar="FOLDS", help="[1-8]")
@click.option(
    "--validation-folds",
    callback=fold_list,
    metavar="FOLDS",
    help="Selects the best epoch, sets thresholds; or none. [9]",
)
@click.option("--epochs", type=int, help="[15]")
@click.option("--batch-size", type=int, help="[64]")
@click.option("--optimizer", help="adamw or adam. [adamw]")
@click.option("--schedule", help="Of the learning rate: one-cycle or constant. [one-cycle]")
@click.option("--learning-rate", type=float, help="The highest of the schedule. [0.005]")
@click.option("--weight-decay", type=float, help="[0.01]")
@click.option("--augment/--no-augment", default=None, help="Vary records as other recorders would. [no]")
@click.option("--mixup", type=float, help="Mix pairs of windows, with shares from Beta(MIXUP, MIXUP). [0: off]")
@click.option("--teacher", "teachers", multiple=True, help="Run to distill from; several may be given.")
@click.option("--distillation-weight", type=float, help="The teachers' share in the targets. [0.7]")
@click.option(
    "--auxiliary-weight",
    type=float,
    help="Loss weight of auxiliary targets: report terms, likelihoods, axis, stage, age and sex. [0]",
)
@click.option("--superclass-weight", type=float, help="Loss weight of superclasses averaged with their statements. [0]")
@click.option(
    "--single-label-weight",
    type=float,
    help="Weight, within the superclass loss, of softmax cross-entropy on records with one superclass. [0.25]",
)
@click.option("--initial", help="Run of the same network to take the initial weights from.")
@click.option("--normalize/--no-normalize", default=None, help="Scale by the training folds' mean and deviation. [yes]")
@click.option("--precision", help="bf16-mixed or 32-true. [the first on a GPU, the second on a CPU]")
@click.option("--keep", help="Weights of the best epoch by validation macro AUROC, or the last. [best]")
@click.option("--seed", type=int, help="[0]")
@click.option("--devices", type=click.IntRange(1), default=1, show_default=True, help="GPUs, or processes on CPU.")
def train(out: Path | None, file: Path | None, resumed: Path | None, devices: int, **settings: Any) -> None:
    """Train a network on PTB-XL into a run folder.

    The defaults work. A network may have its own defaults (`original-cnn` does). --resume continues a run that
    was stopped at any moment. The run holds config.json, log.csv (one line per epoch), model.pt and checkpoint.pt.
    """
    for name in ("tasks", "teachers"):
        if not settings[name]:
            del settings[name]
    given = {name: value for name, value in settings.items() if value is not None}
    if resumed and (out or file or given):
        raise click.UsageError("--resume takes the run's own settings; give no others with it.")
    if not resumed and not out:
        raise click.UsageError("Give --out, the folder for the new run, or --resume.")

    from einthoven.train.config import TrainConfig
    from einthoven.train.start import resume as resume_run
    from einthoven.train.start import train as train_run

    try:
        if resumed:
            run = resume_run(resumed, devices)
        else:
            assert out is not None
            run = train_run(TrainConfig.make(given, file), out, devices)
    except KeyboardInterrupt:
        if (place := resumed or out) and (place / "config.json").exists():
            print_escaped(f"`einthoven train --resume {place}` continues after the last complete epoch.", sys.stderr)
        raise
    if os.environ.get("RANK", "0") == "0" and os.environ.get("LOCAL_RANK", "0") == "0":
        print_escaped(f"{run.folder}: trained; now `einthoven evaluate {run.folder}`")


@click.command()
@click.argument("runs", nargs=-1, required=True, type=FOLDER, metavar="RUN...")
@click.option("--data", "folder", type=FOLDER, help="Folder with PTB-XL. [default: the one the run was trained on]")
@click.option("--out", type=FOLDER, required=True, help="Folder of the new bundle.")
@click.option("--name", help="What the bundle is called. [default: the name of --out]")
@click.option("--stride", type=float, help="Distance of the windows that are averaged, in s. [the run's]")
def export(runs: tuple[Path, ...], folder: Path | None, out: Path, name: str | None, stride: float | None) -> None:
    """Make a bundle of a run, or of several runs whose logits are averaged.

    A bundle is a folder with model.onnx, card.json and golden.npz: all that is needed to use the model, without
    torch. Calibration and thresholds are fitted on the validation folds; what it is worth on the test fold is
    added by `einthoven evaluate BUNDLE --into-card`.
    """
    from einthoven.ptbxl.dataset import Dataset
    from einthoven.train.export import export as export_runs
    from einthoven.train.run import Run

    trained = [Run.open(run) for run in runs]
    config = trained[0].config
    dataset = Dataset.open(folder or Path(config.data), config.rate)
    bundle = export_runs(trained, dataset, out, name=name or out.name, stride=stride)
    print_escaped(f"{bundle.folder}: exported; now `einthoven evaluate {bundle.folder} --data DIR --out DIR`")
