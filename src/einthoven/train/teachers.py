"""Learning from runs that were trained before: distillation, and weights to begin with."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from einthoven.errors import EinthovenError
from einthoven.networks import registered
from einthoven.train.batches import Inputs
from einthoven.train.predict import probabilities_of
from einthoven.train.run import Run


def softened(
    truth: NDArray[np.bool_], rows: NDArray[np.int64], run: Run, inputs: Inputs, device: torch.device
) -> NDArray[np.float32]:
    """What the network of `run` is to say of each record, (records, labels).

    That is what was stated (`truth`), and of the training records `rows` the mean of that and of what the teachers
    say, by the share `teaching`; after Hinton et al. 2015, arXiv:1503.02531.
    """
    targets = truth.astype(np.float32)
    config = run.config
    if config.teachers:
        taught = np.zeros((len(rows), truth.shape[1]))
        for folder in config.teachers:
            teacher = _checked(folder, run)
            taught += probabilities_of(teacher.trained_model().to(device), inputs, rows, teacher.config)
        targets[rows] = (1 - config.teaching) * targets[rows] + config.teaching * taught / len(config.teachers)
    return targets


def same_network(folder: str, run: Run) -> Run:
    """The run in `folder`, whose weights `run` begins with."""
    other = _checked(folder, run)
    if (other.config.model, other.config.window_samples) != (run.config.model, run.config.window_samples):
        raise EinthovenError(f"{folder}: is another network or window, so its weights do not fit this run.")
    return other


def _checked(folder: str, run: Run) -> Run:
    """The run in `folder`; EinthovenError where `run` cannot learn from it, or must not."""
    other, config = Run.open(Path(folder)), run.config
    features = registered(other.config.model).features
    if other.labels != run.labels or other.config.rate != config.rate or features is not None:
        raise EinthovenError(f"{folder}: has other outputs or inputs, so this run cannot learn from it.")
    if seen := sorted(set(other.config.train_folds) - set(config.train_folds)):
        raise EinthovenError(f"{folder}: was trained on folds {seen}, which this run keeps apart; choose another run.")
    return other
