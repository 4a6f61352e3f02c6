"""The training loop."""

import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import Tensor
from torch.optim import Adam, AdamW
from torch.optim.lr_scheduler import ConstantLR, LRScheduler, OneCycleLR

from einthoven.errors import EinthovenError
from einthoven.evaluate.scores import macro_auroc
from einthoven.progress import progress
from einthoven.ptbxl.annotations import SUPERCLASSES
from einthoven.ptbxl.dataset import Dataset
from einthoven.ptbxl.remarks import remarks
from einthoven.train.augment import augment, held, mixed
from einthoven.train.batches import Inputs, epoch_steps, moments
from einthoven.train.combined import Combination, superclass_loss
from einthoven.train.config import TrainConfig
from einthoven.train.predict import probabilities_of
from einthoven.train.remarked import Remarked, loss_with_remarks
from einthoven.train.run import Run
from einthoven.train.teachers import same_network, softened

LogRow = dict[str, float]


def train(config: TrainConfig, out: Path, devices: int = 1) -> Run:
    """Train a new run into the folder `out`.

    Raises EinthovenError where a run is there already, or the data set is missing or damaged.
    """
    dataset = Dataset.open(Path(config.data), config.rate)
    labels = tuple(dict.fromkeys(label for task in config.tasks for label in dataset.annotations.task(task)))
    run = Run.new(out, config, labels, _description(dataset, labels))
    training = _Training(_fabric(devices, config.precision), run, dataset)
    if training.fabric.is_global_zero:
        run.write_config()
    training.fit()
    return run


def resume(folder: Path, devices: int = 1) -> Run:
    """Go on with a run that was stopped; it ends as if it had not been.

    Raises EinthovenError where there is no run, or its data set is no longer the one it began with.
    """
    run = Run.open(folder)
    dataset = Dataset.open(Path(run.config.data), run.config.rate)
    if _description(dataset, run.labels) != run.facts["data"]:
        raise EinthovenError(
            f"{run.config.data}: changed since the run {folder} began; restore the data set or train a new run."
        )
    training = _Training(_fabric(devices, run.config.precision), run, dataset)
    if (folder / "checkpoint.pt").exists():
        training.restore()
    for left in folder.glob(".*.part"):  # by the process that was killed
        left.unlink(missing_ok=True)
    training.fit()
    return run


def _description(dataset: Dataset, labels: tuple[str, ...]) -> dict[str, Any]:
    """What config.json says of the data: a resumed run must find the same signals, labels and folds."""
    annotations = dataset.annotations
    stated = annotations.labels(labels).tobytes() + annotations.folds.tobytes()
    return {
        "records": len(annotations.table),
        "simulated": annotations.simulated,
        "signals": dataset.cache.name,
        "labels_and_folds": hashlib.sha256(stated).hexdigest()[:16],
    }


def _fabric(devices: int, precision: str) -> Fabric:
    """One device or several, GPUs where there are any; under torchrun as many as it started."""
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


class _Training:
    """One run being trained. Every epoch depends on the seed, its number and the state after the last alone."""

    def __init__(self, fabric: Fabric, run: Run, dataset: Dataset) -> None:
        config = run.config
        self.fabric, self.run, self.config = fabric, run, config
        self.inputs = Inputs.of(dataset, config.model)
        self.truth = dataset.annotations.labels(run.labels)
        self.rows, self.validation = dataset.rows(config.train_folds), dataset.rows(config.validation_folds)
        for rows, folds in ((self.rows, config.train_folds), (self.validation, config.validation_folds)):
            if folds and not len(rows):
                raise EinthovenError(f"{config.data}: has no records in the folds {folds}; choose other folds.")
        if config.batch_size < fabric.world_size:
            raise EinthovenError(f"Settings: batch_size must be at least the number of devices, {fabric.world_size}.")
        self.targets = softened(self.truth, self.rows, run, self.inputs, fabric.device)
        positives = self.truth[self.validation].sum(0)
        if config.keep == "best" and not ((positives > 0) & (positives < len(self.validation))).any():
            raise EinthovenError(
                f"{config.data}: in the folds {config.validation_folds} no label is both present and absent, so no "
                "epoch is the best; choose other validation_folds or keep = 'last'."
            )
        if config.remarks:
            self.targets = np.concatenate([self.targets, remarks(dataset.annotations)], axis=1)
        self.superclasses = [k for k, label in enumerate(run.labels) if label in SUPERCLASSES]
        self.combination = Combination(run.labels).to(fabric.device)
        self.steps = len(self.rows) // min(config.batch_size, len(self.rows))

        torch.manual_seed(config.seed)
        self.network = run.new_model()
        self._try_out()
        if config.initial:
            self.network.load_state_dict(same_network(config.initial, run).load("model.pt"))
        if config.standardise:
            mean, std = moments(self.inputs, self.rows)
            self.network.mean.fill_(mean)
            self.network.std.fill_(std)
        extra = self.targets.shape[1] - len(run.labels)
        self.trained = Remarked(self.network, extra) if extra else self.network
        kind = AdamW if config.optimizer == "adamw" else Adam
        optimizer = kind(self._parameter_groups(), config.learning_rate)
        self.schedule: LRScheduler = (
            OneCycleLR(optimizer, config.learning_rate, total_steps=config.epochs * self.steps)
            if config.schedule == "one-cycle"
            else ConstantLR(optimizer, factor=1.0)
        )
        self.log: list[LogRow] = []
        self.best = -1.0
        self.model, self.optimizer = fabric.setup(self.trained, optimizer)

    def _parameter_groups(self) -> list[dict[str, Any]]:
        """The parameters that weight decay acts on, and those that the network spares."""
        spared = self.network.network.undecayed
        groups: dict[bool, list[torch.nn.Parameter]] = {True: [], False: []}
        for name, parameter in self.trained.named_parameters():
            groups[not name.endswith(spared) if spared else True].append(parameter)
        return [
            {"params": parameters, "weight_decay": self.config.weight_decay if decayed else 0.0}
            for decayed, parameters in groups.items()
            if parameters
        ]

    def _try_out(self) -> None:
        """Show the network one window, so that one it cannot take is refused before the run is written."""
        length, device = self.config.window_samples, torch.device("cpu")
        try:
            with torch.inference_mode():
                self.network.eval()(*self.inputs.batch(self.rows[:1], np.zeros(1, np.int64), length, device))
        except RuntimeError as error:
            raise EinthovenError(
                f"The model {self.config.model} cannot take a window of {self.config.window} s; choose a longer one."
            ) from error

    def restore(self) -> None:
        """Go back to the end of the last whole epoch."""
        state = self.run.load("checkpoint.pt")
        was, here = state["processes"], self.fabric.world_size
        if was != here:
            raise EinthovenError(
                f"{self.run.folder}: was trained by {was} processes; resume it with as many, not {here}."
            )
        self.trained.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])  # after setup, so that it lands on the device
        self.schedule.load_state_dict(state["schedule"])
        self.log, self.best = state["log"], state["best"]

    def fit(self) -> None:
        """Train the epochs that are left, saving after each."""
        config, first = self.config, len(self.log)
        total = config.epochs * self.steps
        with progress("loss", "auroc", "speed", shown=self.fabric.is_global_zero) as bar:
            task = bar.add_task("Training", total=total, completed=first * self.steps, loss="", auroc="", speed="")
            for epoch in range(first, config.epochs):
                bar.update(task, description=f"Epoch {epoch + 1}/{config.epochs}")
                began = time.perf_counter()

                def tell(records: int, loss: float, began: float = began) -> None:
                    speed = f"{records / (time.perf_counter() - began):.0f} records/s"
                    bar.update(task, advance=1, loss=f"loss {loss:.3f}", speed=speed)

                loss = self._epoch(epoch, tell)
                if self.fabric.is_global_zero:
                    row = self._finished(epoch, loss, began)
                    bar.console.print(_line(row, config.epochs))
                    bar.update(task, auroc=_auroc(row))
                self.fabric.barrier()

    def _epoch(self, epoch: int, tell: Callable[[int, float], None]) -> float:
        """Train one epoch; the mean loss. `tell` hears after each step of the records so far and its loss."""
        fabric, config = self.fabric, self.config
        torch.manual_seed(_seed_of(config.seed, epoch, fabric.global_rank))
        self.model.train()
        mine = slice(fabric.global_rank, None, fabric.world_size)
        spare = self.inputs.signals.shape[-1] - config.window_samples
        losses = []
        for batch, starts in epoch_steps(self.rows, config.batch_size, spare, config.seed, epoch):
            signal, *features = self._windows(batch[mine], starts[mine])
            wanted = torch.from_numpy(self.targets[batch[mine]]).to(fabric.device)
            if config.mixup:
                signal, wanted = mixed(signal, wanted, config.mixup)
            logits, labels = self.model(signal, *features), len(self.run.labels)
            loss = loss_with_remarks(logits, wanted, labels, config.remarks)
            if config.superclasses:
                combined = self.combination(logits[:, :labels])[:, self.superclasses]
                told = superclass_loss(combined, wanted[:, self.superclasses], config.apart)
                loss = loss + config.superclasses * told
            self.optimizer.zero_grad()
            fabric.backward(loss)
            self.optimizer.step()
            self.schedule.step()
            losses.append(loss.item())
            tell(len(losses) * len(batch), losses[-1])
        mean = float(np.mean(losses))
        if not np.isfinite(mean):
            raise EinthovenError(f"The loss is {mean} in epoch {epoch + 1}; train anew with a lower learning_rate.")
        return mean

    def _windows(self, rows: NDArray[np.int64], starts: NDArray[np.int64]) -> tuple[Tensor, ...]:
        """A window of each of the records `rows`, and their features."""
        config, device = self.config, self.fabric.device
        if not config.augment:
            return self.inputs.batch(rows, starts, config.window_samples, device)
        samples = self.inputs.signals.shape[-1]
        records, *features = self.inputs.batch(rows, np.zeros_like(starts), samples, device)
        records = augment(records, config.rate)
        windows = [record[:, s : s + config.window_samples] for record, s in zip(records, starts, strict=True)]
        return held(torch.stack(windows), config.rate), *features

    def _finished(self, epoch: int, loss: float, began: float) -> LogRow:
        """Validate, log, and save what `resume` needs."""
        config, run = self.config, self.run
        seconds = time.perf_counter() - began
        row: LogRow = {
            "epoch": epoch + 1,
            "train_loss": loss,
            "learning_rate": float(self.schedule.get_last_lr()[0]),
            "seconds": round(seconds, 2),
            "records_per_second": round(self.steps * min(config.batch_size, len(self.rows)) / seconds, 1),
        }
        if len(self.validation):
            row |= self._validate()
        score = row["validation_macro_auroc"] if config.keep == "best" else float(epoch)
        if score > self.best:
            self.best = score
            run.save("model.pt", self.network.state_dict())
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
        config, truth = self.config, self.truth[self.validation]
        p = probabilities_of(self.network, self.inputs, self.validation, config)
        likelihood = np.where(truth, p, 1 - p).clip(1e-7)
        return {
            "validation_loss": float(-np.log(likelihood).mean()),
            "validation_macro_auroc": macro_auroc(truth, p),
        }


def _seed_of(*numbers: int) -> int:
    """One seed out of several numbers, well mixed."""
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])


def _auroc(row: LogRow) -> str:
    value = row.get("validation_macro_auroc")
    return "" if value is None else f"validation AUROC {value:.4f}"


def _line(row: LogRow, epochs: int) -> str:
    return (
        f"epoch {row['epoch']:.0f}/{epochs}  loss {row['train_loss']:.4f}  {_auroc(row)}  "
        f"{row['seconds']:.1f} s  {row['records_per_second']:.0f} records/s"
    )
