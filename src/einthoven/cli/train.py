"""`einthoven train` and `einthoven export`: train runs on PTB-XL, and export them as a bundle."""

import os
import sys
from pathlib import Path
from typing import Any

import click

from einthoven.cli.common import FILE, FOLDER, fold_list
from einthoven.terminal import print_escaped


def _label_list(value: str) -> tuple[str, ...]:
    return tuple(filter(None, (label.strip() for label in value.split(","))))


@click.command()
@click.option("--data", metavar="FOLDER", help="Folder of PTB-XL or of an imported set.")
@click.option("--out", type=FOLDER, help="Folder of the new run.")
@click.option(
    "--model",
    "--network",
    "model",
    metavar="NETWORK",
    help="Network, by its name (an unknown name lists them all) or as module:Class.  [default: smigiel-conv]",
)
@click.option("--task", "tasks", multiple=True, help="Task to train. Repeat it for several.  [default: superclass]")
@click.option(
    "--labels",
    type=_label_list,
    metavar="LABELS",
    help="Labels to train, such as AFIB,LVH, instead of those of a task.",
)
@click.option("--config", "file", type=FILE, help="TOML file with any of these settings; options override it.")
@click.option("--resume", "resume_from", type=FOLDER, help="Continue this interrupted run, with its own settings.")
@click.option("--rate", type=int, metavar="100|500", help="Sampling rate in Hz.  [default: 100]")
@click.option("--window", type=float, help="Length of the network's input in s.  [default: 10]")
@click.option("--stride", type=float, help="Step between windows averaged at evaluation, in s.  [default: 1.25]")
@click.option(
    "--edge-margin", type=float, help="Time that these windows omit at each end of a record, in s.  [default: 0.1]"
)
@click.option("--train-folds", type=fold_list, metavar="FOLDS", help="Folds to train on.  [default: 1-8]")
@click.option(
    "--validation-folds",
    type=fold_list,
    metavar="FOLDS",
    help="Folds that select the best epoch and set the thresholds, or none.  [default: 9]",
)
@click.option("--epochs", type=int, help="Number of passes over the training folds.  [default: 15]")
@click.option("--batch-size", type=int, help="Records in one step, over all devices.  [default: 64]")
@click.option("--optimizer", metavar="adamw|adam", help="Optimizer.  [default: adamw]")
@click.option("--schedule", metavar="one-cycle|constant", help="Schedule of the learning rate.  [default: one-cycle]")
@click.option("--learning-rate", type=float, help="Peak learning rate.  [default: 0.005]")
@click.option("--weight-decay", type=float, help="Weight decay of the optimizer.  [default: 0.01]")
@click.option(
    "--augment/--no-augment",
    default=None,
    help="Augment: vary each record as other devices and electrodes would.  [default: no-augment]",
)
@click.option(
    "--ambulance-share",
    type=float,
    metavar="SHARE",
    help="Share of the records that get an ambulance's noise.  [default: 0]",
)
@click.option(
    "--mixup", type=float, metavar="ALPHA", help="Mix pairs of windows by Beta(ALPHA, ALPHA); 0: off.  [default: 0]"
)
@click.option("--teacher", "teachers", multiple=True, metavar="RUN", help="Run to distill from. Repeat it for several.")
@click.option(
    "--distillation-weight", type=float, help="Share of the teachers' predictions in the targets.  [default: 0.7]"
)
@click.option(
    "--auxiliary-weight",
    type=float,
    help="Loss weight of auxiliary targets: report terms, likelihoods, axis, infarct stage, age and sex.  [default: 0]",
)
@click.option(
    "--superclass-weight",
    type=float,
    help="Loss weight of superclasses aggregated with their statements.  [default: 0]",
)
@click.option(
    "--single-label-weight",
    type=float,
    help="Weight, within the superclass loss, of softmax cross-entropy on records with one superclass.  "
    "[default: 0.25]",
)
@click.option(
    "--acute-weight", type=float, help="Loss weight of ACUTE and INJURY among records with an infarct.  [default: 0]"
)
@click.option(
    "--initial",
    metavar="default|edge|RUN",
    help="Shipped weights, or a run, to start from; a label that they lack gets a new output.",
)
@click.option(
    "--freeze-epochs",
    type=int,
    metavar="N",
    help="First train only the last layer for N epochs.  [default: 0; 5 if --initial has none of the labels]",
)
@click.option(
    "--new-labels-only/--all-labels",
    default=None,
    help="Train only the outputs of labels that the initial run lacks.  [default: all-labels]",
)
@click.option(
    "--normalize/--no-normalize",
    default=None,
    help="Normalize by mean and standard deviation of the training folds.  [default: normalize]",
)
@click.option(
    "--precision",
    metavar="bf16-mixed|32-true",
    help="Numerical precision.  [default: bf16-mixed on a GPU, 32-true on a CPU]",
)
@click.option(
    "--keep",
    metavar="best|last",
    help="Epoch whose weights the run keeps; best is by validation macro AUROC.  [default: best]",
)
@click.option("--seed", type=int, help="Seed of the random numbers.  [default: 0]")
@click.option("--devices", type=click.IntRange(1), default=1, show_default=True, help="Number of GPUs or processes.")
def train(out: Path | None, file: Path | None, resume_from: Path | None, devices: int, **settings: Any) -> None:
    """Train a network, and write a run folder.

    The defaults are a good start. Some networks have their own: the defaults below are those of smigiel-conv.

    A run holds config.json, log.csv (one line per epoch), model.pt and checkpoint.pt. If a training is interrupted,
    --resume continues after the last complete epoch.

    \b
    Examples:
      einthoven train --data ptb-xl --out runs/first
      einthoven train --data ptb-xl --out runs/mine --config mine.toml --epochs 30
      einthoven train --data mine --task labels --initial edge --out runs/mine
      einthoven train --data mine --labels AFIB,LVH --initial edge --out runs/two
      einthoven train --resume runs/first
    """
    for name in ("tasks", "teachers"):
        if not settings[name]:
            del settings[name]
    options = {name: value for name, value in settings.items() if value is not None}
    if resume_from and (out or file or options):
        raise click.UsageError("--resume uses the settings of the run; leave all other settings out.")
    if not resume_from and not out:
        raise click.UsageError("Give --out (the folder of the new run) or --resume (an interrupted run).")

    from einthoven.train.start import resume as resume_run
    from einthoven.train.start import train as train_run
    from einthoven.train.transfer import make_config

    try:
        if resume_from:
            run = resume_run(resume_from, devices)
        else:
            assert out is not None
            run = train_run(make_config(options, file), out, devices)
    except KeyboardInterrupt:
        if (place := resume_from or out) and (place / "config.json").exists():
            print_escaped(f"To continue after the last complete epoch: einthoven train --resume {place}", sys.stderr)
        raise
    if os.environ.get("RANK", "0") == "0" and os.environ.get("LOCAL_RANK", "0") == "0":
        print_escaped(f"{run.folder}: trained. Next: einthoven evaluate {run.folder}")


@click.command()
@click.argument("runs", nargs=-1, required=True, type=FOLDER, metavar="RUN...")
@click.option(
    "--data",
    "folder",
    type=FOLDER,
    help="Folder of PTB-XL or of an imported set.  [default: the one the run was trained on]",
)
@click.option("--out", type=FOLDER, required=True, help="Folder of the new bundle.")
@click.option("--name", help="Name of the bundle.  [default: the name of --out]")
@click.option("--stride", type=float, help="Step between the windows that are averaged, in s.  [default: the run's]")
def export(runs: tuple[Path, ...], folder: Path | None, out: Path, name: str | None, stride: float | None) -> None:
    """Export a run as a bundle, which interprets without torch.

    A bundle averages the logits of several runs. It is a folder with model.onnx, card.json and golden.npz. The
    validation folds set its calibration and its thresholds. `einthoven evaluate BUNDLE --into-card` adds the figures on
    the test fold.

    \b
    Examples:
      einthoven export runs/first --out bundles/mine
      einthoven interpret ecg.dcm --model bundles/mine
    """
    from einthoven.datasets.dataset import Dataset
    from einthoven.train.export import export as export_runs
    from einthoven.train.run import Run

    trained = [Run.open(run) for run in runs]
    config = trained[0].config
    dataset = Dataset.open(folder or Path(config.data), config.rate)
    bundle = export_runs(trained, dataset, out, name=name or out.name, stride=stride)
    print_escaped(f"{bundle.folder}: exported. Next: einthoven evaluate {bundle.folder} --data FOLDER --out FOLDER")
