"""The training loop."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor

from einthoven.arrays import Int64Array
from einthoven.datasets.dataset import Dataset
from einthoven.errors import EinthovenError
from einthoven.evaluate.array_metrics import macro_auroc
from einthoven.progress import progress
from einthoven.train.ambulance_noise import ambulance_noise
from einthoven.train.augment import augment, mixup, pad_edges
from einthoven.train.batches import epoch_steps
from einthoven.train.objective import AuxiliaryHead, Objective
from einthoven.train.predict import probabilities_of
from einthoven.train.run import Run
from einthoven.train.setup import TrainingData, new_model, new_optimizer, new_schedule

LogRow = dict[str, float]


class TrainingLoop:
    """A run in training. Each epoch depends only on the seed, its number and the state after the previous epoch.

    Parameters
    ----------
    fabric
        The devices and the precision.
    run
        The run, whose folder gets log and weights.
    dataset
        PTB-XL at the run's sampling rate.

    Raises
    ------
    EinthovenError
        If the settings do not fit the devices or the data.
    """

    def __init__(self, fabric: Fabric, run: Run, dataset: Dataset) -> None:
        self.fabric, self.run, self.config = fabric, run, run.config
        if self.config.batch_size < fabric.world_size:
            raise EinthovenError(f"Settings: batch_size must be at least the number of devices, {fabric.world_size}.")
        self.data = data = TrainingData.from_run(dataset, run, fabric.device, shown=fabric.is_global_zero)
        self.steps = len(data.rows) // min(self.config.batch_size, len(data.rows))
        self.model = new_model(run, data)
        self.trained = AuxiliaryHead(self.model, data.auxiliary) if data.auxiliary else self.model
        self.objective = Objective(run.labels, self.config).to(fabric.device)
        optimizer = new_optimizer(self.trained, self.model.network.no_weight_decay, self.config)
        self.schedule = new_schedule(optimizer, self.config, self.steps)
        self.log, self.best = list[LogRow](), -1.0
        self.distributed, self.optimizer = fabric.setup(self.trained, optimizer)

    def restore(self, state: Mapping[str, Any]) -> None:
        """Restore the state after the last complete epoch.

        Parameters
        ----------
        state
            The content of the run's checkpoint.pt.

        Raises
        ------
        EinthovenError
            If it was trained by another number of processes.
        """
        saved_processes, processes = state["processes"], self.fabric.world_size
        if saved_processes != processes:
            raise EinthovenError(
                f"was trained by {saved_processes} processes; resume it with as many, not {processes}.", self.run.folder
            )
        self.trained.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])  # after setup, so that it lands on the device
        self.schedule.load_state_dict(state["schedule"])
        self.log, self.best = state["log"], state["best"]

    def fit(self) -> None:
        """Train the remaining epochs, and save after each.

        Raises
        ------
        EinthovenError
            If the loss is not finite, or a file cannot be written.
        """
        config, first = self.config, len(self.log)
        total = config.epochs * self.steps
        with progress("loss", "auroc", "speed", shown=self.fabric.is_global_zero) as bar:
            task = bar.add_task("Training", total=total, completed=first * self.steps, loss="", auroc="", speed="")
            for epoch in range(first, config.epochs):
                bar.update(task, description=f"Epoch {epoch + 1}/{config.epochs}")
                began = time.perf_counter()

                def on_step(records: int, loss: float, began: float = began) -> None:
                    speed = f"{records / (time.perf_counter() - began):.0f} records/s"
                    bar.update(task, advance=1, loss=f"loss {loss:.3f}", speed=speed)

                loss = self._train_epoch(epoch, on_step)
                if self.fabric.is_global_zero:
                    row = self._end_epoch(epoch, loss, began)
                    bar.console.print(_line(row, config.epochs))
                    bar.update(task, auroc=_auroc(row))
                self.fabric.barrier()

    def _train_epoch(self, epoch: int, on_step: Callable[[int, float], None]) -> float:
        """Train one epoch and return the mean loss. `on_step` gets the records so far and the loss of each step."""
        fabric, config, data = self.fabric, self.config, self.data
        torch.manual_seed(_seed_of(config.seed, epoch, fabric.global_rank))
        frozen = config.new_labels_only or epoch < config.freeze_epochs
        self.distributed.train(not frozen)  # frozen weights: no dropout, fixed batch statistics
        own = slice(fabric.global_rank, None, fabric.world_size)  # this process's share of each batch
        spare = data.inputs.signals.shape[-1] - config.window_samples
        losses = []
        for batch, starts in epoch_steps(data.rows, config.batch_size, spare, config.seed, epoch):
            # batch
            signal, *record_features = self._windows(batch[own], starts[own])
            targets = torch.from_numpy(data.targets[batch[own]]).to(fabric.device)
            if config.mixup:
                signal, targets = mixup(signal, targets, config.mixup)
            # forward
            logits = self.distributed(signal, *record_features)
            loss = self.objective(logits, targets)
            # backward
            self.optimizer.zero_grad()
            fabric.backward(loss)
            if frozen:
                self._drop_backbone_gradients()
            # step
            self.optimizer.step()
            self.schedule.step()
            # log
            losses.append(loss.item())
            on_step(len(losses) * len(batch), losses[-1])
        mean = float(np.mean(losses))
        if not np.isfinite(mean):
            raise EinthovenError(f"The loss is {mean} in epoch {epoch + 1}; train again with a lower learning_rate.")
        return mean

    def _drop_backbone_gradients(self) -> None:
        """Drop the gradients of all but the heads; the optimizer leaves parameters without a gradient unchanged.

        Their gradients are computed nevertheless, because the processes of a distributed training wait for every
        gradient.
        """
        for name, parameter in self.model.network.named_parameters():
            if not name.startswith("head."):
                parameter.grad = None

    def _windows(self, rows: Int64Array, starts: Int64Array) -> tuple[Tensor, ...]:
        """Return a window of each record, changed according to the settings, and the record features."""
        config, inputs, device = self.config, self.data.inputs, self.fabric.device
        if not config.augment and not config.ambulance_share:
            return inputs.batch(rows, starts, config.window_samples, device)
        whole = inputs.signals.shape[-1]
        records, *record_features = inputs.batch(rows, np.zeros_like(starts), whole, device)
        if config.augment:
            records = augment(records, config.rate)
        if config.ambulance_share:
            records = ambulance_noise(records, config.rate, config.ambulance_share)
        cut = [record[:, s : s + config.window_samples] for record, s in zip(records, starts, strict=True)]
        windows = torch.stack(cut)
        return pad_edges(windows, config.rate) if config.augment else windows, *record_features

    def _end_epoch(self, epoch: int, loss: float, began: float) -> LogRow:
        """Validate, log, and save what `resume` needs."""
        config, run = self.config, self.run
        seconds = time.perf_counter() - began
        row: LogRow = {
            "epoch": epoch + 1,
            "train_loss": loss,
            "learning_rate": float(self.schedule.get_last_lr()[0]),
            "seconds": round(seconds, 2),
            "records_per_second": round(self.steps * min(config.batch_size, len(self.data.rows)) / seconds, 1),
        }
        if len(self.data.validation):
            row |= self._validate()
        score = row["validation_macro_auroc"] if config.keep == "best" else float(epoch)
        if score > self.best:
            self.best = score
            run.save("model.pt", self.model.state_dict())
        self.log.append(row)
        run.write_log(self.log)
        run.save(
            "checkpoint.pt",
            {
                "network": self.trained.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "schedule": self.schedule.state_dict(),
                "log": self.log,
                "best": self.best,
                "processes": self.fabric.world_size,
            },
        )
        return row

    def _validate(self) -> LogRow:
        data, truth = self.data, self.data.truth[self.data.validation]
        p = probabilities_of(self.model, data.inputs, data.validation, self.config)
        likelihood = np.where(truth, p, 1 - p).clip(1e-7)
        return {
            "validation_loss": float(-np.log(likelihood).mean()),
            "validation_macro_auroc": macro_auroc(truth, p),
        }


def _seed_of(*numbers: int) -> int:
    """Derive one seed from several numbers."""
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])


def _auroc(row: LogRow) -> str:
    value = row.get("validation_macro_auroc")
    return "" if value is None else f"validation AUROC {value:.4f}"


def _line(row: LogRow, epochs: int) -> str:
    return (
        f"epoch {row['epoch']:.0f}/{epochs}  loss {row['train_loss']:.4f}  {_auroc(row)}  "
        f"{row['seconds']:.1f} s  {row['records_per_second']:.0f} records/s"
    )
