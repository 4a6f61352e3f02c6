"""Distillation: learn from the predictions of earlier runs."""

from pathlib import Path

import numpy as np
import torch

from einthoven.arrays import BoolArray, Float32Array, Int64Array
from einthoven.errors import EinthovenError
from einthoven.networks import network_class
from einthoven.progress import progress
from einthoven.train.batches import Inputs
from einthoven.train.predict import probabilities_of
from einthoven.train.run import Run
from einthoven.train.transfer import refuse_unseen_folds, shared_outputs


def distillation_targets(
    truth: BoolArray, rows: Int64Array, run: Run, inputs: Inputs, device: torch.device, *, shown: bool = True
) -> Float32Array:
    """Mix the labels of the training records with the teachers' mean probabilities.

    Parameters
    ----------
    truth
        The labels, (records, labels).
    rows
        The training records. All other records keep their labels.
    run
        The student, whose config names the teachers and their share, `distillation_weight`.
    inputs, device
        Inputs of the teachers, and the device on which they predict.
    shown
        Whether to show the progress, on a terminal.

    Returns
    -------
    NDArray
        The targets, (records, labels). Without teachers they are the labels, and so are those of a label that no
        teacher has. Labels that only teachers have are left out.

    Raises
    ------
    EinthovenError
        If a teacher has no label of the student or other inputs, or was trained on a fold that the student must not
        see.

    References
    ----------
    Hinton et al. 2015, arXiv:1503.02531.
    """
    targets = truth.astype(np.float32)
    config = run.config
    if not config.teachers:
        return targets
    total, count = np.zeros((len(rows), truth.shape[1])), np.zeros(truth.shape[1])
    with progress(shown=shown) as bar:
        task = bar.add_task("Predicting by teachers", total=len(config.teachers) * len(rows))
        for folder in config.teachers:
            teacher = _compatible(folder, run)
            ours, theirs = shared_outputs(run, teacher)
            probabilities = probabilities_of(
                teacher.trained_model().to(device),
                inputs,
                rows,
                teacher.config,
                on_batch=lambda records: bar.update(task, advance=records),
            )
            total[:, ours] += probabilities[:, theirs]
            count[ours] += 1
    weight = config.distillation_weight * (count > 0)
    targets[rows] = (1 - weight) * targets[rows] + weight * total / count.clip(min=1)
    return targets


def _compatible(folder: str, run: Run) -> Run:
    """Open the run in `folder`; EinthovenError if `run` cannot learn from it, or must not."""
    other, config = Run.open(Path(folder)), run.config
    record_features = network_class(other.config.model).record_features
    if set(other.labels).isdisjoint(run.labels) or other.config.rate != config.rate or record_features is not None:
        raise EinthovenError("has other outputs or inputs, so this run cannot learn from it.", folder)
    refuse_unseen_folds(other, run)
    return other
