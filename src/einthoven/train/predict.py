"""Predict probabilities with a trained network."""

from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from einthoven.arrays import Float64Array, Int64Array
from einthoven.datasets.dataset import Dataset
from einthoven.evaluate.predictions import Predictions
from einthoven.progress import progress
from einthoven.signal.resampling import window_starts
from einthoven.train.batches import Inputs
from einthoven.train.config import TrainConfig
from einthoven.train.run import Run

_BATCH = 128


def predict(run: Run, dataset: Dataset, folds: tuple[int, ...]) -> Predictions:
    """Predict all records of some folds with a run's network.

    Parameters
    ----------
    run
        A trained run.
    dataset
        PTB-XL at the run's sampling rate.
    folds
        Folds of the records to predict.

    Returns
    -------
    Predictions
        The probabilities of the run's labels.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    rows = dataset.rows(folds)
    inputs = Inputs.from_dataset(dataset, run.config.model)
    model = run.trained_model().to(device)
    with progress() as bar:
        task = bar.add_task("Predicting", total=len(rows))
        probabilities = probabilities_of(
            model,
            inputs,
            rows,
            run.config,
            on_batch=lambda records: bar.update(task, advance=records),
        )
    return Predictions(dataset.annotations.ecg_ids[rows], run.labels, probabilities)


@torch.inference_mode()
def probabilities_of(
    model: nn.Module,
    inputs: Inputs,
    rows: Int64Array,
    config: TrainConfig,
    on_batch: Callable[[int], None] = lambda records: None,
) -> Float64Array:
    """Predict some records with a model: the mean probability over the windows of each record.

    Parameters
    ----------
    model
        Maps windows in mV to logits. It is set to evaluation mode.
    inputs, rows
        The records.
    config
        Configuration with the length, stride and edge margin of the windows.
    on_batch
        Called after each batch with its number of records.

    Returns
    -------
    NDArray
        Probabilities (len(rows), labels).
    """
    model.eval()
    device = next(model.parameters()).device
    window = config.window_samples
    starts = window_starts(inputs.signals.shape[-1], window, config.stride_samples, config.edge_margin_samples)
    probabilities = []
    for part in np.array_split(rows, max(1, -(-len(rows) // _BATCH))):
        windows = [
            model(*inputs.batch(part, np.full(len(part), start), window, device)).double().sigmoid() for start in starts
        ]
        probabilities.append(torch.stack(windows).mean(0).cpu().numpy())
        on_batch(len(part))
    return np.concatenate(probabilities)
