"""Use earlier runs in training: distillation and initial weights."""

from pathlib import Path

import numpy as np
import torch

from einthoven.arrays import BoolArray, Float32Array, Int64Array
from einthoven.errors import EinthovenError
from einthoven.networks import network_class
from einthoven.train.batches import Inputs
from einthoven.train.predict import probabilities_of
from einthoven.train.run import Run


def distillation_targets(
    truth: BoolArray, rows: Int64Array, run: Run, inputs: Inputs, device: torch.device
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
        What the teachers predict from, and where.

    Returns
    -------
    NDArray
        The targets, (records, labels). Without teachers they are the labels.

    Raises
    ------
    EinthovenError
        If a teacher has other labels or inputs, or was trained on a fold that the student must not see.

    References
    ----------
    Hinton et al. 2015, arXiv:1503.02531.
    """
    targets = truth.astype(np.float32)
    config = run.config
    if config.teachers:
        total = np.zeros((len(rows), truth.shape[1]))
        for folder in config.teachers:
            teacher = _compatible(folder, run)
            total += probabilities_of(teacher.trained_model().to(device), inputs, rows, teacher.config)
        weight = config.distillation_weight
        targets[rows] = (1 - weight) * targets[rows] + weight * total / len(config.teachers)
    return targets


def initial_run(folder: str, run: Run) -> Run:
    """Open the run that gives another run its initial weights.

    Parameters
    ----------
    folder
        Folder of the earlier run.
    run
        The run to train.

    Returns
    -------
    Run
        The earlier run.

    Raises
    ------
    EinthovenError
        If its weights do not fit.
    """
    other = _compatible(folder, run)
    if (other.config.model, other.config.window_samples) != (run.config.model, run.config.window_samples):
        raise EinthovenError("has another network or window, so its weights do not fit this run.", folder)
    return other


def _compatible(folder: str, run: Run) -> Run:
    """Open the run in `folder`; EinthovenError if `run` cannot learn from it, or must not."""
    other, config = Run.open(Path(folder)), run.config
    record_features = network_class(other.config.model).record_features
    if other.labels != run.labels or other.config.rate != config.rate or record_features is not None:
        raise EinthovenError("has other outputs or inputs, so this run cannot learn from it.", folder)
    if seen := sorted(set(other.config.train_folds) - set(config.train_folds)):
        raise EinthovenError(f"was trained on folds {seen}, which this run leaves out; choose another run.", folder)
    return other
