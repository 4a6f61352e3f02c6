"""Start or resume a training run."""

import hashlib
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric

from einthoven.datasets.annotations import Annotations
from einthoven.datasets.dataset import Dataset
from einthoven.errors import EinthovenError
from einthoven.terminal import print_escaped
from einthoven.train.config import TrainConfig
from einthoven.train.loop import TrainingLoop
from einthoven.train.run import Run


def train(config: TrainConfig, out: Path, devices: int = 1) -> Run:
    """Train a new run.

    Parameters
    ----------
    config
        All settings.
    out
        Folder of the run. It must not contain a run already.
    devices
        Number of GPUs, or of processes on the CPU.

    Returns
    -------
    Run
        The trained run.

    Raises
    ------
    EinthovenError
        If the folder holds a run already, or the data set is missing or damaged.
    """
    dataset = Dataset.open(Path(config.data), config.rate)
    config = _without_auxiliary_targets(config, dataset)
    labels = _labels(config, dataset.annotations)
    run = Run.new(out, config, labels, _description(dataset, labels))
    loop = TrainingLoop(_fabric(devices, config.precision), run, dataset)
    if loop.fabric.is_global_zero:
        run.write_config()
    loop.fit()
    _leave_group()
    return run


def resume(folder: Path, devices: int = 1) -> Run:
    """Resume a run that was stopped. It ends with the weights of an uninterrupted run; a trained run stays as it is.

    Parameters
    ----------
    folder
        Folder of the run.
    devices
        Number of devices, the same as before.

    Returns
    -------
    Run
        The trained run.

    Raises
    ------
    EinthovenError
        If there is no run, or its data set has changed.
    """
    run = Run.open(folder)
    dataset = Dataset.open(Path(run.config.data), run.config.rate)
    if _description(dataset, run.labels) != run.facts["data"]:
        raise EinthovenError(
            f"changed since the run {folder} began; restore the data set or train a new run.", run.config.data
        )
    state = run.load("checkpoint.pt") if (folder / "checkpoint.pt").exists() else None
    if state is None or len(state["log"]) < run.config.epochs:
        loop = TrainingLoop(_fabric(devices, run.config.precision), run, dataset)
        if state is not None:
            loop.restore(state)
        loop.fit()
        _leave_group()
    for leftover in folder.glob(".*.part"):  # of a process that was killed
        leftover.unlink(missing_ok=True)
    return run


def _labels(config: TrainConfig, annotations: Annotations) -> tuple[str, ...]:
    known = annotations.known_labels()
    if unknown := [label for label in config.labels if label not in known]:
        raise EinthovenError(
            f"has no label {', '.join(unknown)}; choose from {', '.join(sorted(known))}.", annotations.folder
        )
    of_tasks = (label for task in config.tasks for label in annotations.task(task))
    return config.labels or tuple(dict.fromkeys(of_tasks))


def _description(dataset: Dataset, labels: tuple[str, ...]) -> dict[str, Any]:
    """Describe the data for config.json: a resumed run must find the same signals, labels and folds."""
    annotations = dataset.annotations
    stated = annotations.labels(labels).tobytes() + annotations.folds.tobytes()
    identity = {"set": annotations.facts.identity} if annotations.facts.imported else {}
    return identity | {
        "records": len(annotations.table),
        "simulated": annotations.simulated,
        "signals": dataset.cache.name,
        "labels_and_folds": hashlib.sha256(stated).hexdigest()[:16],
    }


def _without_auxiliary_targets(config: TrainConfig, dataset: Dataset) -> TrainConfig:
    """Return the settings without auxiliary targets if the data set has none."""
    if not (config.auxiliary_weight and dataset.annotations.facts.imported):
        return config
    name = dataset.annotations.facts.name
    print_escaped(
        f"{name} has no auxiliary targets (they are PTB-XL's); it trains with auxiliary_weight = 0.", sys.stderr
    )
    return replace(config, auxiliary_weight=0.0)


def _fabric(devices: int, precision: str) -> Fabric:
    """Set up one device or several, GPUs if there are any; under torchrun as many as it started."""
    local = int(os.environ.get("LOCAL_WORLD_SIZE", devices))
    world = int(os.environ.get("WORLD_SIZE", local))
    cuda = torch.cuda.is_available()
    half = precision == "bf16-mixed" or (precision == "auto" and cuda)
    fabric = Fabric(
        accelerator="cuda" if cuda else "cpu",
        devices=local,
        num_nodes=world // local,
        strategy="ddp" if world > 1 else "auto",
        precision="bf16-mixed" if half else "32-true",
    )
    fabric.launch()
    return fabric


def _leave_group() -> None:
    """Leave the group of processes: the first to end would otherwise abort the others, whose threads still use it."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        torch.distributed.barrier()
        torch.distributed.destroy_process_group()
