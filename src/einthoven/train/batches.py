"""Batches: windows of signals and record features, as a network takes them."""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from einthoven.arrays import Float32Array, Int16Array, Int64Array
from einthoven.datasets.dataset import Dataset
from einthoven.networks import RecordFeatures, network_class
from einthoven.progress import progress
from einthoven.ptbxl.cache import cached_array
from einthoven.ptbxl.records import UNITS_PER_MV
from einthoven.workers import cpu_count

_CHUNK = 64  # records that a worker process takes at a time


@dataclass(frozen=True)
class Inputs:
    """The inputs of a network, read from the memory-mapped signals."""

    signals: Int16Array
    """Signals of shape (records, 12, samples) in uV."""
    record_features: Float32Array | None
    """Record features of shape (records, size), for a network with `record_features`."""

    @classmethod
    def from_dataset(cls, dataset: Dataset, model: str) -> "Inputs":
        """Collect the inputs of a network, and compute record features that are not cached.

        Parameters
        ----------
        dataset
            The records.
        model
            Name of the network.

        Returns
        -------
        Inputs
            Inputs for all records.
        """
        spec = network_class(model).record_features
        if spec is None:
            return cls(dataset.signals, None)
        record_features = cached_array(
            dataset.cache,
            spec.name,
            lambda: _all_features(spec, dataset.cache, len(dataset.signals), dataset.rate),
        )
        return cls(dataset.signals, record_features)

    def batch(self, rows: Int64Array, starts: Int64Array, length: int, device: torch.device) -> tuple[Tensor, ...]:
        """Cut one window from each of several records.

        Parameters
        ----------
        rows, starts
            The records, and the first sample of each window.
        length
            Samples of a window.
        device
            Device for the tensors.

        Returns
        -------
        tuple of Tensor
            float32 (batch, 12, length) in mV and, if the network has record features, (batch, size).
        """
        order = np.argsort(rows, kind="stable")  # in the order of the file; the order of `rows` is restored below
        crops = np.empty((len(rows), self.signals.shape[1], length), np.int16)
        for k in order:
            crops[k] = self.signals[rows[k], :, starts[k] : starts[k] + length]
        signal = torch.from_numpy(crops).to(device).float() / UNITS_PER_MV
        if self.record_features is None:
            return (signal,)
        return signal, torch.from_numpy(self.record_features[rows]).to(device)


def epoch_steps(
    rows: Int64Array, batch_size: int, spare: int, seed: int, epoch: int
) -> Iterator[tuple[Int64Array, Int64Array]]:
    """Draw the batches of one epoch.

    The order depends only on `seed` and `epoch`, so that a resumed run uses the same batches as an uninterrupted run.

    Parameters
    ----------
    rows
        The training records, which are shuffled. Records that fill no batch are left out of this epoch.
    batch_size
        Records of a batch.
    spare
        The last possible first sample of a window.
    seed, epoch
        Determine the order.

    Yields
    ------
    tuple of NDArray
        The records of a batch, and the first sample of each window.
    """
    rng = np.random.default_rng([seed, epoch])
    shuffled = rng.permutation(rows)
    starts = rng.integers(0, spare + 1, len(rows))
    size = min(batch_size, len(rows))
    for k in range(0, len(rows) - size + 1, size):
        yield shuffled[k : k + size], starts[k : k + size]


def moments(inputs: Inputs, rows: Int64Array) -> tuple[float, float]:
    """Compute the mean and the standard deviation over all leads and samples.

    Parameters
    ----------
    inputs, rows
        The records.

    Returns
    -------
    tuple of float
        Mean and standard deviation in mV.
    """
    total = squares = 0.0
    for part in np.array_split(rows, max(1, len(rows) // 256)):
        values = inputs.signals[part].astype(np.float32) / UNITS_PER_MV
        total += values.mean(dtype=np.float64) * len(part)
        squares += np.square(values).mean(dtype=np.float64) * len(part)
    mean = total / len(rows)
    return mean, float(np.sqrt(squares / len(rows) - mean**2))


def _all_features(spec: RecordFeatures, cache: Path, records: int, rate: int) -> Float32Array:
    """Compute the features of all records in worker processes."""
    chunks = [range(k, min(k + _CHUNK, records)) for k in range(0, records, _CHUNK)]
    context = multiprocessing.get_context("spawn")  # a fork would inherit torch's threads
    with ProcessPoolExecutor(min(8, cpu_count()), mp_context=context) as pool, progress() as bar:
        task = bar.add_task(f"Computing {spec.name} once", total=records)
        parts = []
        for chunk in pool.map(partial(_features, spec.compute, cache, rate), chunks):
            parts.append(chunk)
            bar.advance(task, len(chunk))
    return np.concatenate(parts)


def _features(
    compute: Callable[[Float32Array, int], Float32Array], cache: Path, rate: int, rows: range
) -> Float32Array:
    """Compute the features of some records, in a worker process."""
    signals = np.load(cache / "signals.npy", mmap_mode="r")
    return np.stack([compute(signals[row] / np.float32(UNITS_PER_MV), rate) for row in rows])
