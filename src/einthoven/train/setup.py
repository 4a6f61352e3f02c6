"""Set up a training run: data, model, optimizer and learning-rate schedule."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.optim import Adam, AdamW, Optimizer
from torch.optim.lr_scheduler import ConstantLR, LRScheduler, OneCycleLR

from einthoven.arrays import BoolArray, Float32Array, Int64Array
from einthoven.datasets.dataset import Dataset
from einthoven.errors import EinthovenError
from einthoven.networks import InputNormalization
from einthoven.ptbxl.auxiliary_targets import auxiliary_targets
from einthoven.train.batches import Inputs, moments
from einthoven.train.config import TrainConfig
from einthoven.train.run import Run
from einthoven.train.teachers import distillation_targets
from einthoven.train.transfer import load_initial_weights


@dataclass(frozen=True)
class TrainingData:
    """The records of a training run, and their targets."""

    inputs: Inputs
    truth: BoolArray
    """Labels of the records, shape (records, labels)."""
    targets: Float32Array
    """Targets of shape (records, labels + auxiliary targets), with the teachers' share."""
    rows: Int64Array
    """The training records."""
    validation: Int64Array
    """The validation records."""

    @classmethod
    def from_run(cls, dataset: Dataset, run: Run, device: torch.device, *, shown: bool) -> "TrainingData":
        """Collect the data of a run.

        Parameters
        ----------
        dataset
            PTB-XL at the run's sampling rate.
        run
            Run with the folds, labels and teachers.
        device
            Device on which the teachers predict.
        shown
            Whether to show the progress of the teachers, on a terminal.

        Returns
        -------
        TrainingData
            Records and targets.

        Raises
        ------
        EinthovenError
            If a fold is empty or cannot select the best epoch.
        """
        config = run.config
        inputs, truth = Inputs.from_dataset(dataset, config.model), dataset.annotations.labels(run.labels)
        known = dataset.annotations.known(run.labels)
        rows, validation = (
            records[known[records]] for records in map(dataset.rows, (config.train_folds, config.validation_folds))
        )
        for records, folds in ((rows, config.train_folds), (validation, config.validation_folds)):
            if folds and not len(records):
                raise EinthovenError(f"has no records in the folds {folds}; choose other folds.", config.data)
        positives = truth[validation].sum(0)
        if config.keep == "best" and not ((positives > 0) & (positives < len(validation))).any():
            raise EinthovenError(
                f"in the folds {config.validation_folds} no label is both present and absent, so no "
                "epoch is the best; choose other validation_folds or keep = 'last'.",
                config.data,
            )
        targets = distillation_targets(truth, rows, run, inputs, device, shown=shown)
        if config.auxiliary_weight:
            auxiliary = auxiliary_targets(dataset.annotations.table, dataset.annotations.folder)
            targets = np.concatenate([targets, auxiliary], axis=1)
        return cls(inputs, truth, targets, rows, validation)

    @property
    def auxiliary(self) -> int:
        """Number of auxiliary targets."""
        return int(self.targets.shape[1] - self.truth.shape[1])


def new_model(run: Run, data: TrainingData) -> InputNormalization:
    """Create the run's model with its initial weights and its input normalization.

    Parameters
    ----------
    run
        Run with the network, the seed, and the run whose weights to start from, if any.
    data
        Data with the mean and the standard deviation, and the frequency of new labels.

    Returns
    -------
    InputNormalization
        Model on the CPU.

    Raises
    ------
    EinthovenError
        If the network cannot take the window, or the initial weights do not fit.
    """
    config = run.config
    torch.manual_seed(config.seed)
    model = run.new_model()
    _check_window(model, config, data)
    if config.initial:
        load_initial_weights(model, run, data.truth[data.rows])
    if config.normalize and not config.new_labels_only:
        mean, std = moments(data.inputs, data.rows)
        model.mean.fill_(mean)
        model.std.fill_(std)
    return model


def new_optimizer(model: nn.Module, no_weight_decay: tuple[str, ...], config: TrainConfig) -> Optimizer:
    """Create the optimizer.

    Parameters
    ----------
    model
        Everything that is trained.
    no_weight_decay
        Last names of the parameters that are exempt from weight decay.
    config
        Configuration with the kind, the learning rate and the weight decay.

    Returns
    -------
    Optimizer
        Adam or AdamW.
    """
    groups: dict[float, list[nn.Parameter]] = {}
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        exempt = bool(no_weight_decay) and name.endswith(no_weight_decay)
        groups.setdefault(0.0 if exempt else config.weight_decay, []).append(parameter)
    kind = AdamW if config.optimizer == "adamw" else Adam
    parameters: list[dict[str, Any]] = [{"params": group, "weight_decay": decay} for decay, group in groups.items()]
    return kind(parameters, config.learning_rate)


def new_schedule(optimizer: Optimizer, config: TrainConfig, steps: int) -> LRScheduler:
    """Create the learning-rate schedule.

    Parameters
    ----------
    optimizer
        Optimizer whose learning rate changes.
    config
        Configuration with the kind and the epochs.
    steps
        Number of steps in one epoch.

    Returns
    -------
    LRScheduler
        Schedule to step after every batch.
    """
    if config.schedule == "one-cycle":
        return OneCycleLR(optimizer, config.learning_rate, total_steps=config.epochs * steps)
    return ConstantLR(optimizer, factor=1.0)


def _check_window(model: InputNormalization, config: TrainConfig, data: TrainingData) -> None:
    """Raise EinthovenError if the model cannot take the window, before the run is written."""
    windows = data.inputs.batch(data.rows[:1], np.zeros(1, np.int64), config.window_samples, torch.device("cpu"))
    try:
        with torch.inference_mode():
            model.eval()(*windows)
    except RuntimeError as error:
        raise EinthovenError(
            f"The model {config.model} cannot take a window of {config.window} s; choose a longer one."
        ) from error
