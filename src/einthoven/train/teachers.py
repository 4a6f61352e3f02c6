"""Use earlier runs in training: distillation and initial weights."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from einthoven.arrays import BoolArray, Float32Array, Int64Array
from einthoven.errors import EinthovenError
from einthoven.networks import InputNormalization, network_class
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
        The targets, (records, labels). Without teachers they are the labels, and so are those of a label that no
        teacher has.

    Raises
    ------
    EinthovenError
        If a teacher has labels that the student lacks or other inputs, or was trained on a fold that the student must
        not see.

    References
    ----------
    Hinton et al. 2015, arXiv:1503.02531.
    """
    targets = truth.astype(np.float32)
    config = run.config
    if not config.teachers:
        return targets
    total, count = np.zeros((len(rows), truth.shape[1])), np.zeros(truth.shape[1])
    for folder in config.teachers:
        teacher = _compatible(folder, run)
        known = [run.labels.index(label) for label in teacher.labels]
        total[:, known] += probabilities_of(teacher.trained_model().to(device), inputs, rows, teacher.config)
        count[known] += 1
    weight = config.distillation_weight * (count > 0)
    targets[rows] = (1 - weight) * targets[rows] + weight * total / count.clip(min=1)
    return targets


def load_initial_weights(model: InputNormalization, folder: str, run: Run) -> None:
    """Load the weights of an earlier run into a model.

    With `new_labels_only`, all weights but the head's rows of labels that the earlier run lacks are frozen.

    Parameters
    ----------
    model
        The untrained model. Its head keeps its rows of labels that the earlier run lacks.
    folder
        Folder of the earlier run.
    run
        The run to train. It may have more labels.

    Raises
    ------
    EinthovenError
        If the earlier run's weights do not fit.
    """
    other = _compatible(folder, run)
    if (other.config.model, other.config.window_samples) != (run.config.model, run.config.window_samples):
        raise EinthovenError("has another network or window, so its weights do not fit this run.", folder)
    if run.config.new_labels_only and set(run.labels) <= set(other.labels):
        raise EinthovenError("has every label of this run, so new_labels_only leaves nothing to train.", folder)
    earlier = other.load("model.pt")
    known = [run.labels.index(label) for label in other.labels]
    for name, rows in model.network.head.named_parameters(prefix="network.head"):
        head = rows.detach().clone()
        head[known] = earlier[name]
        earlier[name] = head
    model.load_state_dict(earlier)
    if run.config.new_labels_only:
        _freeze(model, known)


def _freeze(model: InputNormalization, known: Sequence[int]) -> None:
    """Freeze all weights, except the head's rows that are not `known`."""

    def without_known(gradient: Tensor) -> Tensor:
        return gradient.index_fill(0, torch.tensor(known, device=gradient.device), 0)

    model.requires_grad_(False)
    for rows in model.network.head.parameters():
        rows.requires_grad_(True)
        rows.register_hook(without_known)  # type: ignore[no-untyped-call]  # torch does not annotate it


def _compatible(folder: str, run: Run) -> Run:
    """Open the run in `folder`; EinthovenError if `run` cannot learn from it, or must not."""
    other, config = Run.open(Path(folder)), run.config
    record_features = network_class(other.config.model).record_features
    if not set(other.labels) <= set(run.labels) or other.config.rate != config.rate or record_features is not None:
        raise EinthovenError("has other outputs or inputs, so this run cannot learn from it.", folder)
    if seen := sorted(set(other.config.train_folds) - set(config.train_folds)):
        raise EinthovenError(f"was trained on folds {seen}, which this run leaves out; choose another run.", folder)
    return other
